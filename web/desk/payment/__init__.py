"""Paying at the desk: proposed, approved by two people, then done by whose hands the money goes through."""
