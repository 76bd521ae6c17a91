"""The demo's province with people who sign in, in a database of its own: the demo's other tests only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from pytest_postgresql.executors import NoopExecutor

from api.database import make_engine
from api.settings import Settings
from ledger.access.role import Role
from ledger.books.model import Book
from ledger.tenancy import set_tenant
from tests.database import DatabaseServer, own_database, with_vault
from tests.demo_province import Demo
from tests.people_who_sign_in import Person, give, make_person
from web.__main__ import create_app


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The application on the demo's books: the province's, and those below it in the order of their ids."""

    app: FastAPI
    engine: sa.Engine
    province: Book
    communes: tuple[Book, ...]

    def person(self, *roles: Role, book: Book | None = None, name: str = "Nguyễn Văn Mẫu") -> Person:
        """Make somebody with roles in the province, or in another association."""
        with self.engine.begin() as conn:
            return make_person(conn, book or self.province, *roles, name=name)

    def give(self, person: Person, book: Book, *roles: Role) -> None:
        """Give somebody roles in another association too."""
        with self.engine.begin() as conn:
            give(conn, book, person.user_id, *roles)


@pytest.fixture(scope="session")
def office(demo: Demo, postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Office]:
    """One office for all tests of the desk."""
    with open_office(demo, postgresql_noproc, database_server, "soquy_office") as opened:
        yield opened


@contextmanager
def open_office(
    demo: Demo, postgresql_noproc: NoopExecutor, database_server: DatabaseServer, name: str
) -> Iterator[Office]:
    """Keep an office on a copy of the demo as long as the block lasts."""
    demo.engine.dispose()  # a database that is copied has no visitors
    demo.admin.dispose()
    with own_database(postgresql_noproc, name, template=demo.engine.url.database):
        settings = Settings(connection_count_max=8)
        engine = with_vault(make_engine(database_server.app_url(name), settings))
        with engine.begin() as conn:
            set_tenant(conn, demo.built.tenant_id)
            rows = conn.execute(
                sa.text("""\
                    SELECT b.tenant_id, b.book_id, b.association_id FROM soquy.book AS b
                    JOIN soquy.association AS a USING (tenant_id, association_id)
                    ORDER BY a.level <> 'province', a.level <> 'commune', b.book_id LIMIT 30""")
            ).all()
        province, *communes = (Book(**row._mapping) for row in rows)
        yield Office(app=create_app(settings, engine), engine=engine, province=province, communes=tuple(communes))
        engine.dispose()
