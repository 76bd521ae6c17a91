"""Scans and files that events rest on."""
