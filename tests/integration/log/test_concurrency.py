"""Eight write while two publishers compete: every committed entry gets one place in the log, and only ever that one."""

import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pytest
import sqlalchemy as sa

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.cosignature import CosignerKey
from audit.cosigning import WitnessCosigner
from audit.merkle import HASH_SIZE, Frontier, leaf_hash, verify_consistency
from audit.policy import Policy, PolicyWitness
from audit.publisher import Publisher, PublisherBusy, wait_until_published
from audit.sequencer import number_leaves
from audit.tiles import Tile, TileHashes
from ledger.books.chart import open_fund
from ledger.books.commands import issue_voucher, void_voucher
from ledger.books.model import Book
from ledger.books.posting import post
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, Ledger, make_book, receipt
from tests.public_log import ORIGIN, PublicLog
from tests.unit.audit.witness_stub import StubWitness

DAY: Final = date(2024, 3, 1)
WRITERS: Final = 8
SECONDS: Final = float(os.environ.get("SOQUY_TEST_SECONDS", "20"))


@dataclass(kw_only=True)
class Writer:
    """One client with its own chance; ``committed`` are the ids of entries that it was told of."""

    number: int
    engine: sa.Engine
    shared: Sequence[Book]
    own: Book
    committed: list[uuid.UUID] = field(default_factory=list)
    events_count: int = 0

    def write(self, is_over: Callable[[], bool]) -> None:
        """Write until it is over, and at least once."""
        chance = random.Random(self.number)
        turn = 0
        while turn == 0 or not is_over():
            turn += 1
            if self.number == WRITERS - 1:
                self._keep_house(chance.choice(self.shared), turn)
            else:
                self._post(chance)

    def _post(self, chance: random.Random) -> None:
        """Post to one book, or to both shared ones at once; one transaction in ten is rolled back."""
        books = [self.own] if chance.random() < 0.3 else list(self.shared[: chance.choice((1, 1, 2))])
        changes_mind = chance.random() < 0.1
        posted: list[uuid.UUID] = []
        try:
            with self.engine.begin() as conn:
                set_tenant(conn, books[0].tenant_id)
                for book in books:
                    drafts = [receipt(chance.randrange(1, 1_000), DAY) for _ in range(chance.choice((1, 1, 2, 9)))]
                    posted += [entry.entry_id for entry in post(conn, book, drafts, actor=ACTOR).entries]
                if changes_mind:
                    raise ChangedItsMind  # noqa: TRY301 - leaving the transaction by an error is what is tried
        except ChangedItsMind:
            return
        self.committed += posted

    def _keep_house(self, book: Book, turn: int) -> None:
        """Open a fund, issue a voucher, and let an entry execute it or void it."""
        with self.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            open_fund(conn, book, fund=f"Q{turn}", kind="general", name_vi=f"Quỹ {turn}", opened_on=DAY, actor=ACTOR)
            voucher = issue_voucher(conn, book, "PT", issued_on=DAY, actor=ACTOR)
        with self.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            if turn % 2:
                (entry,) = post(conn, book, [receipt(1_000, DAY, voucher=voucher)], actor=ACTOR).entries
                self.committed.append(entry.entry_id)
            else:
                void_voucher(conn, book, voucher, reason="In hỏng", actor=ACTOR)
        self.events_count += 2 if turn % 2 else 3


@dataclass(kw_only=True)
class Competition:
    """Two publishers of one folder; the first holds still once until the second has had to stand back."""

    log: PublicLog
    witness: StubWitness
    seen: list[Checkpoint] = field(default_factory=list)
    stood_back: threading.Event = field(default_factory=threading.Event)

    def publisher(self, *, is_first: bool) -> Publisher:
        """Return a publisher with connections, folders and a memory of the witness of its own."""

        def watch(step: str) -> None:
            if is_first and step == "staged":
                assert self.stood_back.wait(60)

        policy = Policy(witnesses=(PolicyWitness("w", self.witness.key.verifier, "http://w"),), quorum="w")
        cosigner = WitnessCosigner(policy, self.witness.post)
        return PublicLog(engine=self.log.engine, home=self.log.home, watch=watch, witnesses=cosigner).publisher

    def publish(self, is_over: Callable[[], bool], *, is_first: bool) -> None:
        """Publish, and number in between, as the service does, but without a pause."""
        publisher = self.publisher(is_first=is_first)
        while not is_over():
            try:
                publisher.publish()
            except PublisherBusy:
                if not is_first:
                    self.stood_back.set()
            with self.log.engine.begin() as conn:
                number_leaves(conn, 50)

    def look(self, is_over: Callable[[], bool]) -> None:
        """Collect every checkpoint that a reader of the folder gets to see."""
        keys = self.log.keyring().verifiers()
        last = None
        while not is_over():
            data = self.log.folder.checkpoint()
            if data is not None and data != last:
                self.seen.append(open_checkpoint(data, origin=ORIGIN, keys=keys)[0])
                last = data


@pytest.mark.slow
def test_eight_writers_and_two_publishers(public_log: PublicLog, ledger: Ledger) -> None:
    """No gap and no leaf twice, each book in its order, and every checkpoint ever seen is of one log."""
    with ledger.transaction() as conn:
        shared = [ledger.book, make_book(conn, tenant_id=ledger.book.tenant_id)]
    with ledger.engine.begin() as conn:
        own = [make_book(conn) for _ in range(WRITERS)]
    writers = [Writer(number=number, engine=ledger.engine, shared=shared, own=own[number]) for number in range(WRITERS)]
    witness = StubWitness(
        CosignerKey("witness.test/w", bytes(32)), {ORIGIN: public_log.keyring().signers()[0].verifier}
    )
    competition = Competition(log=public_log, witness=witness)
    deadline = time.monotonic() + SECONDS
    is_written = threading.Event()

    with ThreadPoolExecutor(WRITERS + 3) as pool:
        publishing = [
            pool.submit(competition.publish, is_written.is_set, is_first=True),
            pool.submit(competition.publish, is_written.is_set, is_first=False),
            pool.submit(competition.look, is_written.is_set),
        ]
        writing = [pool.submit(writer.write, lambda: time.monotonic() > deadline) for writer in writers]
        try:
            for each in writing:
                each.result()
        finally:
            is_written.set()
        for each in publishing:
            each.result()

    wait_until_published(competition.publisher(is_first=False))
    committed = [entry_id for writer in writers for entry_id in writer.committed]
    assert len(committed) > WRITERS
    assert competition.stood_back.is_set()
    assert_every_leaf_has_one_place(public_log, committed, writers[-1].events_count)
    assert_all_is_one_log(public_log, [*competition.seen, *recorded(public_log)])
    assert witness.seen[ORIGIN] == public_log.checkpoint()


def ask(public_log: PublicLog, statement: str) -> list[tuple[Any, ...]]:
    """Ask as the role that publishes, which sees every tenant's leaves."""
    with public_log.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(sa.text(statement))]


def assert_every_leaf_has_one_place(public_log: PublicLog, committed: list[uuid.UUID], events_count: int) -> None:
    """Compare what clients were told, what the database holds, and what is numbered."""
    assert ask(public_log, "SELECT * FROM soquy.audit_pending") == []
    leaves = ask(public_log, "SELECT leaf_index, event_id, book_id, book_seq FROM soquy.log_leaf ORDER BY leaf_index")
    assert [row[0] for row in leaves] == list(range(len(leaves)))
    events = [row[1] for row in leaves]
    assert len(set(events)) == len(events)
    held = ask(public_log, "SELECT event_id, type FROM soquy.audit_entry")
    assert sorted(events) == sorted(row[0] for row in held)
    assert sorted(row[0] for row in held if row[1] == "entry") == sorted(committed)
    # Ten books were founded with two funds each, in ten transactions of nine tenants.
    assert len(leaves) == len(committed) + 10 * 3 + events_count
    books: dict[int, list[int]] = {}
    for _, _, book_id, book_seq in leaves:
        if book_seq is not None:
            books.setdefault(book_id, []).append(book_seq)
    assert len(books) >= 2
    for order in books.values():
        assert order == list(range(1, len(order) + 1))


def recorded(public_log: PublicLog) -> list[Checkpoint]:
    """Return every checkpoint that the database says was published."""
    keys = public_log.keyring().verifiers()
    notes = ask(public_log, "SELECT note FROM soquy.log_checkpoint ORDER BY size, published_at")
    return [open_checkpoint(bytes(note), origin=ORIGIN, keys=keys)[0] for (note,) in notes]


def assert_all_is_one_log(public_log: PublicLog, found: list[Checkpoint]) -> None:
    """Compute the root at each published size from the published leaves, and prove each checkpoint from each before."""
    hashes = [leaf_hash(leaf) for leaf in public_log.leaves()]
    numbered = ask(public_log, "SELECT leaf_hash FROM soquy.log_leaf ORDER BY leaf_index")
    assert hashes == [bytes(row[0]) for row in numbered]
    checkpoints = sorted(set(found), key=lambda each: each.size)
    assert len(checkpoints) >= 2
    assert len({each.size for each in checkpoints}) == len(checkpoints)
    assert checkpoints[-1] == public_log.checkpoint()
    frontier = Frontier()
    for each in checkpoints:
        frontier.append(hashes[frontier.size : each.size])
        assert frontier.root() == each.root
    for new in checkpoints:
        tree = TileHashes(lambda tile: published_then(public_log, tile), new.size)
        for old in (each for each in checkpoints if each.size <= new.size):
            proof = tree.consistency_proof(old.size)
            verify_consistency(old_size=old.size, old_root=old.root, size=new.size, root=new.root, proof=proof)


def published_then(public_log: PublicLog, tile: Tile) -> bytes:
    """Read a tile as it was for an older tree: the beginning of what it has grown to since."""
    folder = public_log.folder.path / Tile(tile.level, tile.index).path
    partial = folder.with_name(f"{folder.name}.p")
    largest = folder if folder.is_file() else max(partial.iterdir(), key=lambda each: int(each.name))
    return largest.read_bytes()[: tile.width * HASH_SIZE]
