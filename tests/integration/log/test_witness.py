"""Witnesses on the loopback cosign what is published; what they have seen stops a log that is not the one they know."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from socket import socket
from typing import Final

import pytest
import sqlalchemy as sa

from audit import witness as witness_module
from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.cosignature import CosignerKey
from audit.cosigning import TRIES_MAX, WitnessCosigner
from audit.note import SignedNote, parse_note
from audit.policy import Policy, QuorumMissed, parse_policy
from audit.publisher import WitnessAhead
from audit.sequencer import log_state
from audit.tiles import TILE_WIDTH, TileHashes
from audit.witness import SIZE_CONTENT_TYPE, Answer
from tests.factories import Ledger, receipt
from tests.public_log import ORIGIN, PublicLog
from tests.unit.audit.witness_stub import TIME, StubWitness, serve

DAY: Final = date(2024, 3, 1)
_LEAVES: Final = sa.text("SELECT leaf_hash FROM soquy.log_leaf WHERE leaf_index < :size ORDER BY leaf_index")
BROKEN: Final = Answer(503, "text/plain", b"later\n")


@dataclass
class Standing:
    """A witness that stands on the loopback; ``answer`` is given instead of its own, if there is one."""

    stub: StubWitness
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    answer: Answer | None = None
    url: str = ""

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve(self._post, self.requests) as self.url:
            yield

    def _post(self, url: str, body: bytes) -> Answer:
        return self.answer or self.stub.post(url, body)

    def sizes_asked(self) -> list[str]:
        """The first lines of what it was sent."""
        return [body.decode().split("\n")[0] for _, body in self.requests]


@pytest.fixture
def standing(public_log: PublicLog) -> Iterator[list[Standing]]:
    """Three witnesses that know the log's key."""
    logs = {ORIGIN: public_log.keyring().signers()[0].verifier}
    found = [
        Standing(StubWitness(CosignerKey(f"witness.test/w{number}", bytes([number] * 32)), logs))
        for number in (1, 2, 3)
    ]
    with ExitStack() as stack:
        for each in found:
            stack.enter_context(each.serving())
        yield found


def policy_of(standing: list[Standing], quorum: str) -> Policy:
    """Make the policy of a file: two of all, ``all`` or ``none``."""
    names = [f"w{number}" for number in range(1, len(standing) + 1)]
    lines = [
        *(f"witness {name} {each.stub.key.verifier} {each.url}" for name, each in zip(names, standing, strict=True)),
        *([] if quorum == "none" else [f"group g {quorum} {' '.join(names)}"]),
        f"quorum {'none' if quorum == 'none' else 'g'}",
        "",
    ]
    return parse_policy("\n".join(lines))


def ask(public_log: PublicLog, standing: list[Standing], quorum: str) -> WitnessCosigner:
    """Let the log ask these witnesses, as a process that has just started."""
    cosigner = WitnessCosigner(policy_of(standing, quorum))
    public_log.witnesses = cosigner
    return cosigner


def published_note(public_log: PublicLog) -> SignedNote:
    return parse_note(public_log.folder.checkpoint() or b"")


def tree_of(public_log: PublicLog, size: int) -> TileHashes:
    """Return the hashes of the log as it was at a size, from the database."""
    with public_log.engine.connect() as conn:
        leaves = [bytes(row[0]) for row in conn.execute(_LEAVES, {"size": size})]
    assert len(leaves) == size < TILE_WIDTH
    return TileHashes(lambda _tile: b"".join(leaves), size)


def post(ledger: Ledger, count: int = 1) -> None:
    ledger.post(*(receipt(1_000, DAY) for _ in range(count)))


def test_a_published_checkpoint_carries_the_cosignatures_of_a_quorum(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    cosigner = ask(public_log, standing, "2")
    standing[2].answer = BROKEN
    published = public_log.publisher.publish()
    note = published_note(public_log)
    assert cosigner.policy.check(note) == ("w1", "w2")
    assert cosigner.failures == {"w3": "witness_status_unexpected"}
    assert len(note.signatures) == 3
    assert public_log.checkpoint() == published.checkpoint
    assert published.checkpoint in standing[0].stub.seen.values()
    with public_log.engine.connect() as conn:
        state = log_state(conn)
    assert state is not None
    assert state.note == public_log.folder.checkpoint()


def test_without_a_quorum_the_last_checkpoint_stays_and_the_books_go_on(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    cosigner = ask(public_log, standing, "2")
    public_log.publisher.publish()
    before, old = public_log.folder.checkpoint(), public_log.checkpoint()
    standing[0].answer = BROKEN
    standing[2].answer = Answer(200, "text/plain", b"\xff")
    for _ in range(2):
        post(ledger, 10)
        with pytest.raises(QuorumMissed) as missed:
            public_log.publisher.publish()
        assert missed.value.witnesses == ("w2",)
        assert cosigner.failures == {"w1": "witness_status_unexpected", "w3": "witness_answer_malformed"}
        assert public_log.folder.checkpoint() == before
    standing[0].answer = None
    post(ledger)
    assert public_log.publisher.publish().is_new
    assert cosigner.policy.check(published_note(public_log)) == ("w1", "w2")
    public_log.goes_on_from(old)
    assert len(public_log.leaves()) == old.size + 21


def test_a_witness_that_is_behind_is_brought_up_with_a_proof(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    """It saw the log before, but whoever publishes now has only just started and does not know how far."""
    first, second, _ = standing
    ask(public_log, standing[:1], "all")
    public_log.publisher.publish()
    old = public_log.checkpoint()
    post(ledger, 600)
    ask(public_log, standing[:2], "all")
    public_log.publisher.publish()
    assert first.sizes_asked() == ["old 0", "old 0", f"old {old.size}"]
    assert second.sizes_asked() == ["old 0"]
    proof = first.requests[-1][1].decode().partition("\n\n")[0].split("\n")[1:]
    assert len(proof) > 1
    post(ledger)
    public_log.publisher.publish()
    assert first.sizes_asked()[3:] == second.sizes_asked()[1:] == ["old 603"]


def test_what_a_witness_is_sent_proves_that_the_log_only_grew(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    """The proofs come from the database's rows while the tree grows through tiles; the stub verifies each of them."""
    ask(public_log, standing[:1], "all")
    for count in (1, 252, 1, 1, 255, 300):
        post(ledger, count)
        public_log.publisher.publish()
        assert standing[0].stub.seen[ORIGIN] == public_log.checkpoint()
    assert standing[0].sizes_asked() == ["old 0", "old 4", "old 256", "old 257", "old 258", "old 513"]


@pytest.mark.parametrize("quorum", ["none", "1"])
@pytest.mark.parametrize("ahead_by", [1_000, 0, -1])
def test_a_witness_that_saw_another_log_stops_publishing_but_not_the_books(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing], quorum: str, ahead_by: int
) -> None:
    """It is ahead, it knows another root of this size, or of a smaller one: whoever is wrong, nothing is published."""
    ask(public_log, standing, quorum)
    size = 3 + ahead_by
    standing[1].stub.seen[ORIGIN] = Checkpoint(ORIGIN, size, b"\x01" * 32)
    for _ in range(2):
        with pytest.raises(WitnessAhead) as stopped:
            public_log.publisher.publish()
        assert stopped.value.witness == "w2"
        assert public_log.folder.checkpoint() is None
    post(ledger)
    with public_log.engine.connect() as conn:
        state = log_state(conn)
    assert state is not None
    assert (state.published_size, state.held_because) == (None, None)
    del standing[1].stub.seen[ORIGIN]
    assert public_log.publisher.publish().is_new
    assert len(public_log.leaves()) == 4


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN,
        Answer(404, "text/plain", b"unknown log\n"),
        Answer(200, "text/plain", b""),
        Answer(200, "text/plain", b"garbage\n"),
        Answer(200, "text/html", b"<html>" * 100_000),
        Answer(200, "text/plain", b"\xe2\x80\x94 witness.test/w1 AAAAAAAA\n"),
        Answer(409, SIZE_CONTENT_TYPE, b"many\n"),
    ],
)
def test_what_a_witness_answers_instead_is_not_waited_for_without_a_quorum(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing], answer: Answer
) -> None:
    cosigner = ask(public_log, standing, "none")
    standing[0].answer = answer
    assert public_log.publisher.publish().is_new
    assert list(cosigner.failures) == ["w1"]
    assert cosigner.policy.check(published_note(public_log)) == ("w2", "w3")


def test_a_cosignature_over_something_else_is_not_published(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    cosigner = ask(public_log, standing, "none")
    other = standing[0].stub.key.cosign(Checkpoint(ORIGIN, 3, b"\x01" * 32).text(), TIME)
    standing[0].answer = Answer(200, "text/plain", f"{other}\n".encode())
    public_log.publisher.publish()
    assert cosigner.failures == {"w1": "witness_cosignature_wrong"}
    assert cosigner.policy.check(published_note(public_log)) == ("w2", "w3")


def test_silent_witnesses_are_not_waited_for_without_a_quorum(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One takes connections and never says a word; nobody listens at the other's port."""
    monkeypatch.setattr(witness_module, "TIMEOUT_SECONDS", 0.2)
    with socket() as silent, socket() as closed:
        for each in (silent, closed):
            each.bind(("127.0.0.1", 0))
        silent.listen()
        standing[0].url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        standing[1].url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        cosigner = ask(public_log, standing, "none")
        assert public_log.publisher.publish().is_new
    assert cosigner.failures == {"w1": "witness_unreachable", "w2": "witness_unreachable"}
    assert cosigner.policy.check(published_note(public_log)) == ("w3",)


def test_the_same_tree_is_cosigned_again_when_a_key_is_new(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    cosigner = ask(public_log, standing, "all")
    public_log.publisher.publish()
    assert not public_log.publisher.publish().is_new
    public_log.keyring().make()
    assert public_log.publisher.publish().is_new
    note = published_note(public_log)
    assert len(note.signatures) == 5
    assert cosigner.policy.check(note) == ("w1", "w2", "w3")
    assert [each.sizes_asked() for each in standing] == [["old 0", "old 3"]] * 3


def test_a_log_smaller_than_what_a_witness_is_remembered_to_have_seen_is_stopped(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    """Database and folder were put back while the publisher ran on: what it remembers must not hide the witness."""
    cosigner = ask(public_log, standing, "none")
    post(ledger, 20)
    public_log.publisher.publish()
    ahead = public_log.checkpoint()
    tree = tree_of(public_log, ahead.size - 5)
    smaller = Checkpoint(ORIGIN, tree.size, tree.root())
    signer = public_log.keyring().signers()[0]
    with pytest.raises(WitnessAhead):
        cosigner.cosign(smaller, SignedNote(smaller.text(), (signer.sign(smaller.text()),)), tree)
    assert standing[0].stub.seen[ORIGIN] == ahead


def test_another_log_of_the_same_publisher_is_cosigned_from_its_beginning(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    """A successor begins at 0, and its witnesses do not know it yet, whatever they saw of the log before it."""
    cosigner = ask(public_log, standing, "all")
    post(ledger, 20)
    public_log.publisher.publish()
    successor = public_log.keyring("successor.test/log")
    successor.make()
    (key,) = successor.signers()
    for each in standing:
        each.stub.logs["successor.test/log"] = key.verifier
    for size in (5, 23):
        tree = tree_of(public_log, size)
        text = Checkpoint("successor.test/log", size, tree.root()).text()
        note = SignedNote(text, (key.sign(text),))
        assert len(cosigner.cosign(parse_checkpoint(text), note, tree)) == 3


def test_a_witness_that_moves_on_while_it_is_asked_is_ahead_as_well(
    public_log: PublicLog, ledger: Ledger, standing: list[Standing]
) -> None:
    ask(public_log, standing[:1], "none")
    sizes = iter([*(1 + number % 2 for number in range(TRIES_MAX)), 1_000])

    def moving(_url: str, _body: bytes) -> Answer:
        return Answer(409, SIZE_CONTENT_TYPE, f"{next(sizes)}\n".encode())

    with serve(moving, []) as url:
        standing[0].url = url
        ask(public_log, standing[:1], "none")
        with pytest.raises(WitnessAhead):
            public_log.publisher.publish()
    assert public_log.folder.checkpoint() is None
