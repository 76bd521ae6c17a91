"""The books: no HTTP, no framework, all money through ``books.posting``."""
