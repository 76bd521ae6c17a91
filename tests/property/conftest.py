"""Property tests of the books commit, each example to a book of its own."""

from tests.factories import committed_engine, committed_ledger

__all__ = ["committed_engine", "committed_ledger"]
