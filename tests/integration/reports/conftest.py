"""One province for all tests of a module: reports only read."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.province import Province, build_province


@pytest.fixture(scope="module")
def reader(shared_engine: sa.Engine) -> Iterator[sa.Connection]:
    """The application role's connection in the transaction that the province lives in."""
    with shared_engine.connect() as opened:
        transaction = opened.begin()
        try:
            yield opened
        finally:
            transaction.rollback()


@pytest.fixture(scope="module")
def province(reader: sa.Connection) -> Province:
    """Four books, of which one began in July."""
    return build_province(reader)
