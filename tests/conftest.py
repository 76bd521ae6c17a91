"""Fixtures every test may ask for; those of the database live in tests/database.py."""

pytest_plugins = ["tests.database", "tests.demo_province", "tests.office"]
