"""The log is numbered and published so that nobody, no crash and no second process makes it say two things."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from audit import canonical
from audit.checkpoint import Checkpoint
from audit.folder import PublishedDiffers
from audit.note import SignedNote, parse_note
from audit.publisher import STEPS, KeyMissing, LogHeld, PublisherBusy, wait_until_published
from audit.sequencer import log_state, number_leaves
from ledger.books.posting import post
from ledger.errors import RuleRefused
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, Ledger, make_book, receipt
from tests.public_log import ORIGIN, PublicLog

DAY: Final = date(2024, 3, 1)


def test_what_was_posted_is_published_leaf_by_leaf(public_log: PublicLog, ledger: Ledger) -> None:
    ledger.post(*(receipt(1_000 + number, DAY) for number in range(600)))
    published = public_log.publisher.publish()
    leaves = [canonical.decode(leaf) for leaf in public_log.leaves()]
    assert published.is_new
    assert published.disclosed_size == len(leaves) == 603
    assert [leaf.type for leaf in leaves[:3]] == ["association.founded", "fund.opened", "fund.opened"]
    assert [leaf.book_seq for leaf in leaves[3:]] == list(range(1, 601))


def test_publishing_again_without_news_changes_nothing(public_log: PublicLog, ledger: Ledger) -> None:
    public_log.publisher.publish()
    before = {path: path.stat().st_mtime_ns for path in public_log.home.rglob("*") if path.is_file()}
    assert not public_log.publisher.publish().is_new
    assert {path: path.stat().st_mtime_ns for path in public_log.home.rglob("*") if path.is_file()} == before


def test_an_empty_log_publishes_nothing(public_log: PublicLog) -> None:
    assert public_log.publisher.publish().checkpoint is None
    assert public_log.folder.checkpoint() is None


def test_every_checkpoint_goes_on_from_every_earlier_one(public_log: PublicLog, ledger: Ledger) -> None:
    seen: list[Checkpoint] = []
    for count in (1, 250, 2, 1, 255, 300, 1):
        ledger.post(*(receipt(1_000, DAY) for _ in range(count)))
        public_log.publisher.publish()
        for old in seen:
            public_log.goes_on_from(old)
        seen.append(public_log.checkpoint())
    public_log.leaves()
    partial = [path for path in public_log.folder.path.rglob("*.p/*") if path.is_file()]
    full = {path.parent for path in partial if Path(str(path.parent).removesuffix(".p")).is_file()}
    assert full == set(), "partial forms of full tiles are pruned"


def test_a_book_keeps_its_order_when_later_transactions_commit_first(public_log: PublicLog, ledger: Ledger) -> None:
    with ledger.engine.begin() as other:
        book = make_book(other)
    with ledger.engine.connect() as slow, slow.begin() as transaction:
        set_tenant(slow, ledger.book.tenant_id)
        post(slow, ledger.book, [receipt(1_000, DAY)], actor=ACTOR)
        with ledger.engine.begin() as quick:
            set_tenant(quick, book.tenant_id)
            post(quick, book, [receipt(2_000, DAY)], actor=ACTOR)
        public_log.publisher.publish()
        transaction.commit()
    ledger.post(receipt(3_000, DAY))
    public_log.publisher.publish()
    entries = [leaf for leaf in map(canonical.decode, public_log.leaves()) if leaf.type == "entry"]
    assert [(leaf.payload["lines"][0][2], leaf.book_seq) for leaf in entries] == [(2_000, 1), (1_000, 1), (3_000, 2)]  # type: ignore[index]


def test_leaves_stay_private_until_they_are_due(public_log: PublicLog, ledger: Ledger) -> None:
    public_log.lag = timedelta(days=1)
    ledger.post(*(receipt(1_000, DAY) for _ in range(300)))
    published = public_log.publisher.publish()
    assert published.disclosed_size == 0
    assert not list(public_log.folder.path.glob("tile/entries/*"))
    assert public_log.folder.read("tile/0/000") is not None
    held = [path for path in public_log.held.path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in held) == ["000", "47"]
    assert {path.stat().st_mode & 0o077 for path in held} == {0}
    public_log.lag = timedelta(microseconds=1)
    assert public_log.publisher.publish().disclosed_size == 303
    public_log.leaves()
    assert not (public_log.held.path / "tile/entries/000").exists()


def test_a_second_publisher_stands_back(public_log: PublicLog, ledger: Ledger) -> None:
    started, go_on = threading.Event(), threading.Event()

    def watch(step: str) -> None:
        if step == "staged":
            started.set()
            assert go_on.wait(60)

    public_log.watch = watch
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(public_log.publisher.publish)
        assert started.wait(60)
        with pytest.raises(PublisherBusy):
            PublicLog(engine=public_log.engine, home=public_log.home).publisher.publish()
        go_on.set()
        assert first.result().is_new


def test_a_file_that_was_changed_is_not_written_over(public_log: PublicLog, ledger: Ledger) -> None:
    public_log.publisher.publish()
    tile = public_log.folder.path / f"tile/0/000.p/{public_log.checkpoint().size}"
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    (public_log.folder.path / "checkpoint").unlink()  # so that every file is looked at again
    with pytest.raises(PublishedDiffers, match="tile/0/000"):
        public_log.publisher.publish()
    assert public_log.folder.checkpoint() is None


def test_files_that_were_lost_are_written_again_with_the_same_bytes(public_log: PublicLog, ledger: Ledger) -> None:
    ledger.post(*(receipt(1_000, DAY) for _ in range(600)))
    public_log.publisher.publish()
    root = public_log.checkpoint().root
    public_log.folder.path.rename(public_log.home / "lost")
    public_log.publisher.publish()
    assert public_log.checkpoint().root == root
    old, new = public_log.home / "lost", public_log.folder.path
    names = [path.relative_to(old) for path in old.glob("tile/**/*") if path.is_file()]
    assert names
    assert all((old / name).read_bytes() == (new / name).read_bytes() for name in names)


def test_a_database_behind_the_published_log_is_held(
    public_log: PublicLog, ledger: Ledger, superuser: sa.Engine
) -> None:
    """A backup was restored: what it posts would fork the log, so it posts nothing."""
    public_log.publisher.publish()
    checkpoint = public_log.checkpoint()
    ahead = Checkpoint(ORIGIN, checkpoint.size + 1, b"\x01" * 32)
    signer = public_log.keyring().signers()[0]
    public_log.folder.write_checkpoint(SignedNote(ahead.text(), (signer.sign(ahead.text()),)).encode())
    with pytest.raises(LogHeld, match="recover"):
        public_log.publisher.publish()
    with pytest.raises(RuleRefused, match="log_held"):
        ledger.post(receipt(1_000, DAY))
    with pytest.raises(sa.exc.DBAPIError, match="published log"), public_log.engine.begin() as conn:
        number_leaves(conn)


def test_another_root_of_the_published_size_is_a_fork(public_log: PublicLog, ledger: Ledger) -> None:
    public_log.publisher.publish()
    size = public_log.checkpoint().size
    other = Checkpoint(ORIGIN, size, b"\x02" * 32)
    signer = public_log.keyring().signers()[0]
    public_log.folder.write_checkpoint(SignedNote(other.text(), (signer.sign(other.text()),)).encode())
    with pytest.raises(LogHeld):
        public_log.publisher.publish()
    with public_log.engine.connect() as conn:
        state = log_state(conn)
    assert state is not None
    assert state.held_because == "forked"


def test_a_clock_set_back_publishes_nothing(public_log: PublicLog, ledger: Ledger, superuser: sa.Engine) -> None:
    public_log.publisher.publish()
    before = public_log.checkpoint()
    with superuser.begin() as conn:
        conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
        conn.execute(sa.text("ALTER TABLE soquy.log_tree DISABLE TRIGGER ALL"))
        conn.execute(sa.text("UPDATE soquy.log_tree SET staged_at = staged_at + interval '1 hour'"))
        conn.execute(sa.text("ALTER TABLE soquy.log_tree ENABLE TRIGGER ALL"))
        for trigger in ("log_tree_check", "log_tree_append_only", "log_tree_no_truncate"):
            conn.execute(sa.text(f"ALTER TABLE soquy.log_tree ENABLE ALWAYS TRIGGER {trigger}"))
    ledger.post(receipt(1_000, DAY))
    with pytest.raises(sa.exc.DBAPIError, match="later than every one before"):
        public_log.publisher.publish()
    assert public_log.checkpoint() == before


def test_two_keys_sign_while_one_replaces_the_other(public_log: PublicLog, ledger: Ledger) -> None:
    public_log.publisher.publish()
    (old,) = public_log.keyring().signers()
    new = public_log.keyring().make()
    public_log.publisher.publish()
    note = parse_note(public_log.folder.checkpoint() or b"")
    assert {signature.key_id for signature in note.signatures} == {old.verifier.key_id, new.key_id}
    public_log.keyring().retire(old.verifier.key_id.hex())
    ledger.post(receipt(1_000, DAY))
    public_log.publisher.publish()
    note = parse_note(public_log.folder.checkpoint() or b"")
    assert {signature.key_id for signature in note.signatures} == {new.key_id}


def test_without_a_key_nothing_is_published(public_log: PublicLog, ledger: Ledger) -> None:
    for path in (public_log.home / "keys").iterdir():
        path.unlink()
    with pytest.raises(KeyMissing):
        public_log.publisher.publish()
    assert public_log.folder.checkpoint() is None


CRASHING = """\
import os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from datetime import timedelta
from migrations.migrate import driver_url
from audit.publisher import wait_until_published
from tests.public_log import PublicLog

url, home, step, lag = sys.argv[1:]

def watch(done):
    if done == step:
        os.kill(os.getpid(), signal.SIGKILL)

engine = sa.create_engine(driver_url(url))
log = PublicLog(engine=engine, home=Path(home), watch=watch, lag=timedelta(seconds=float(lag)))
wait_until_published(log.publisher)
"""


@pytest.mark.parametrize("lag", ["0", "86400"])
def test_kill_9_after_any_step_loses_nothing_and_forks_nothing(
    public_log: PublicLog, ledger: Ledger, log_url: str, lag: str
) -> None:
    """After each step in turn the publisher is killed; what comes next is consistent with all that was published."""
    seen: list[Checkpoint] = []
    for round_number, step in enumerate(STEPS):
        ledger.post(*(receipt(1_000, DAY) for _ in range(40 + round_number)))
        dead = subprocess.run(
            [sys.executable, "-c", CRASHING, log_url, str(public_log.home), step, lag],
            check=False,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert dead.returncode == -signal.SIGKILL, dead.stderr
        if public_log.folder.checkpoint() is not None:
            seen.append(public_log.checkpoint())
            for old in seen:
                public_log.goes_on_from(old)
    public_log.lag = timedelta(0)
    wait_until_published(public_log.publisher)  # the server may still be ending the session that was killed
    for old in seen:
        public_log.goes_on_from(old)
    leaves = [canonical.decode(leaf) for leaf in public_log.leaves()]
    assert [leaf.book_seq for leaf in leaves if leaf.type == "entry"] == list(
        range(1, sum(40 + number for number in range(len(STEPS))) + 1)
    )
