"""Consent at the desk: what waits for somebody, what was said, and whose consent is asked."""
