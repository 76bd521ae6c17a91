"""Tests of the books that commit, do so to books of their own; the others are rolled back."""

import pytest
import sqlalchemy as sa

from tests.factories import committed_engine, committed_ledger
from tests.integration.books.plain_sql import Scene, make_scene

__all__ = ["committed_engine", "committed_ledger"]


@pytest.fixture
def scene(connection: sa.Connection) -> Scene:
    """A taken book with one entry, and two neighbours, all of it rolled back after the test."""
    return make_scene(connection)
