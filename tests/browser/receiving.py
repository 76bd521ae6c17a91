"""A commune's desk in a browser: people who receive, signed in, and keys that are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Page, ViewportSize
from pytest_postgresql.executors import NoopExecutor
from sqlalchemy import Engine

from api.database import make_engine
from api.job_kinds import KINDS
from api.job_worker import JobWorker
from api.prepared import make_partitions
from api.settings import Settings
from ledger import typeid
from ledger.access.role import Role
from ledger.books.model import Book
from tests.browser.accessibility import DESK
from tests.browser.conftest import serve
from tests.database import DatabaseServer, own_database, with_vault
from tests.integration.api.conftest import furnish
from tests.people_who_sign_in import make_person, secret_of
from web.__main__ import create_app

KEY_SECONDS: Final = 0.28
"""One key of somebody who types 40 words a minute (Card, Moran, Newell: the keystroke-level model)."""

THOUGHT_SECONDS: Final = 1.35
"""One thought before a field or a button, of the same model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune's desk that is served, by its address."""

    site: str
    engine: Engine
    book: Book
    secrets: dict[Role, str] = field(default_factory=dict)

    def path(self, *more: str) -> str:
        """Return the address of a page of the desk."""
        return "/".join([self.site, "desk", typeid.encode(typeid.ASSOCIATION, self.book.association_id), *more])

    def visit(
        self,
        browser: Browser,
        role: Role = "chief_accountant",
        size: ViewportSize = DESK,
        *,
        language: Literal["vi", "en"] = "vi",
        **more: Any,
    ) -> Page:
        """Open a browser in which somebody of a role is signed in; more is playwright's."""
        context = browser.new_context(viewport=size, **more)
        context.set_default_timeout(10_000)
        if role not in self.secrets:
            with self.engine.begin() as conn:
                person = make_person(conn, self.book, role)
            self.secrets[role] = secret_of(self.engine, person)
        context.add_cookies(
            [
                {"name": "soquy_session", "value": self.secrets[role], "url": self.site},
                {"name": "soquy_language", "value": language, "url": self.site},
            ]
        )
        return context.new_page()


@contextmanager
def commune(noproc: NoopExecutor, server: DatabaseServer, name: str) -> Iterator[Commune]:
    """Serve a commune's desk on a database of its own."""
    with own_database(noproc, name):
        make_partitions(server.url(name))
        settings = Settings(connection_count_max=8)
        engine = with_vault(make_engine(server.app_url(name), settings))
        _, book, _, _ = furnish(engine)
        worker = JobWorker(engine, KINDS, count=1)
        worker.start()
        with serve(create_app(settings, engine)) as site:
            yield Commune(site=site, engine=engine, book=book)
        worker.stop()
        engine.dispose()


@dataclass(slots=True)
class Typist:
    """Somebody at the keyboard, without a mouse; ``keys`` counts what was pressed."""

    page: Page
    keys: int = 0
    thoughts: int = 0

    def type(self, text: str) -> None:
        """Type a text, a key a letter."""
        self.thoughts += 1
        self.keys += len(text)
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def seconds(self) -> float:
        """Return how long an ordinary typist needs for what was pressed."""
        return self.keys * KEY_SECONDS + self.thoughts * THOUGHT_SECONDS

    def focused(self) -> str:
        """Return what has the focus, by its name or what stands on it."""
        script = "(e => e.name && e.tagName !== 'BUTTON' ? e.name : e.textContent.trim())(document.activeElement)"
        return str(self.page.evaluate(script))
