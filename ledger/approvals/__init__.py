"""Consent: one mechanism for everything that needs two people."""
