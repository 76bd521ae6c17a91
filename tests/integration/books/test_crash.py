"""PostgreSQL is killed under load, again and again; what it had acknowledged is there, exactly once."""

import os
import select
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa

from api.embedded import EmbeddedServer
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url, upgrade
from tests.database import with_vault
from tests.factories import Ledger, make_ledger, receipt, request
from tests.integration.books.test_concurrency import assert_the_book_holds

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

KILLS = int(os.environ.get("SOQUY_TEST_LONG", "0")) or 10
CLIENTS = 4
ANSWERS_BETWEEN_KILLS = 100
PATIENCE_SECONDS = 60.0
MARCH = date(2024, 3, 1)


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """A server of its own, as `serve` runs it: durable, and started again when it dies."""
    with (
        tempfile.TemporaryDirectory(prefix="soquy-crash-") as home,
        EmbeddedServer.start(Path(home)) as started,
    ):
        upgrade(started.url())
        started.watch()
        yield started


def kill(pid: int | None) -> None:
    """Kill a process and wait until it is gone."""
    assert pid is not None
    descriptor = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        assert select.select([descriptor], [], [], PATIENCE_SECONDS)[0], "it does not die"
    finally:
        os.close(descriptor)


class Load:
    """Clients that post one entry after the other, and send again what was not answered."""

    def __init__(self, ledgers: list[Ledger]) -> None:
        self.ledgers = ledgers
        self.answered: list[tuple[int, str, int, int]] = []
        """Which ledger, under which key, as which seq, for how much."""
        self.resent = 0
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._working: list[Future[None]] = []

    def _work(self, client: int) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            where = number % len(self.ledgers)
            key, value = f"{client}-{number}", client * 100_000 + number
            draft = receipt(value, MARCH + timedelta(days=number % 30))
            while not self._ended.is_set():
                try:
                    posted = self.ledgers[where].post(draft, request=request(key, value))
                except sa.exc.OperationalError:
                    # No answer: it may have been committed or not. Refused connections come back at once,
                    # so wait for the server to be there before asking again.
                    self.resent += 1
                    self._ended.wait(0.01)
                    continue
                with self._changed:
                    self.answered.append((where, key, posted.first_seq, value))
                    self._changed.notify_all()
                break

    def __enter__(self) -> Self:
        self._working = [self._pool.submit(self._work, client) for client in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for working in self._working:
            working.result(PATIENCE_SECONDS)
        self._pool.shutdown()

    def until_more_answers(self, count: int) -> None:
        with self._changed:
            wanted = len(self.answered) + count
            assert self._changed.wait_for(lambda: len(self.answered) >= wanted, PATIENCE_SECONDS), (
                "the load stands still"
            )


def test_nothing_acknowledged_is_lost_or_doubled_by_killing_postgresql(server: EmbeddedServer) -> None:
    """After ten kills -9 under load every acknowledged entry is there exactly once, and the books add up."""
    engine = with_vault(sa.create_engine(driver_url(server.url("soquy_app")), pool_size=CLIENTS))
    try:
        ledgers = [make_ledger(engine), make_ledger(engine)]
        with Load(ledgers) as load:
            for _ in range(KILLS):
                load.until_more_answers(ANSWERS_BETWEEN_KILLS)
                kill(server.pid())
            load.until_more_answers(ANSWERS_BETWEEN_KILLS)
        assert load.resent >= KILLS
        keys = Counter(key for _, key, _, _ in load.answered)
        assert max(keys.values()) == 1
        for where, ledger in enumerate(ledgers):
            assert_the_book_holds(ledger, {seq: value for at, _, seq, value in load.answered if at == where})
            with engine.connect() as conn, conn.begin():
                set_tenant(conn, ledger.book.tenant_id)
                remembered = conn.execute(sa.text("SELECT key FROM soquy.idempotency")).scalars()
                assert sorted(remembered) == sorted(key for at, key, _, _ in load.answered if at == where)
    finally:
        engine.dispose()
