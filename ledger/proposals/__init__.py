"""Proposed entries: what a voucher says before it is executed, and who consents to it."""
