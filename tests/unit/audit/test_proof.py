"""Offline proofs: a leaf, its way to the root, and the checkpoint."""

import pytest

from audit.checkpoint import Checkpoint, OriginMismatch, SizeMalformed
from audit.line import format_base64
from audit.merkle import IndexOutOfRange, ProofLengthWrong, RootMismatch, leaf_hash, root_of
from audit.note import NoKnownSignature, NoteEndMissing, NoteUnsigned, SignedNote, SignerKey
from audit.proof import (
    PROOF_SIZE_MAX,
    Proof,
    ProofBlankLineMissing,
    ProofError,
    ProofExtraNotBase64,
    ProofHashNotBase64,
    ProofHashSizeWrong,
    ProofIndexMalformed,
    ProofIndexMissing,
    ProofIndexTooLarge,
    ProofNotAscii,
    ProofTitleUnknown,
    ProofTooLarge,
    ProofTooManyHashes,
    parse_proof,
)

ORIGIN = "example.com/sổ"
KEY = SignerKey(ORIGIN, bytes(32))
LEAVES = [b"a", b"b", b"c"]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
TEXT = Checkpoint(ORIGIN, 3, root_of(HASHES)).text()
CHECKPOINT = SignedNote(TEXT, (KEY.sign(TEXT),)).encode()
PROOF = Proof(1, (HASHES[0], HASHES[2]), CHECKPOINT)
TITLE = "c2sp.org/tlog-proof@v1\n"
HASH = format_base64(bytes(32)) + "\n"


def test_a_proof_is_title_extra_index_hashes_and_the_checkpoint() -> None:
    way = "".join(format_base64(each) + "\n" for each in PROOF.hashes)
    assert PROOF.encode() == f"{TITLE}index 1\n{way}\n".encode() + CHECKPOINT
    with_extra = Proof(1, PROOF.hashes, CHECKPOINT, b"more")
    assert with_extra.encode() == f"{TITLE}extra bW9yZQ==\nindex 1\n{way}\n".encode() + CHECKPOINT


@pytest.mark.parametrize("extra", [None, b"", b"\x00\xff"])
@pytest.mark.parametrize("hashes", [(), PROOF.hashes, (bytes(32),) * 63])
def test_a_proof_is_read_as_it_is_written(extra: bytes | None, hashes: tuple[bytes, ...]) -> None:
    proof = Proof(2**63 - 2, hashes, CHECKPOINT, extra)
    assert parse_proof(proof.encode()) == proof


def test_a_proof_shows_the_checkpoint_that_covers_the_leaf() -> None:
    checkpoint = parse_proof(PROOF.encode()).verify(b"b", origin=ORIGIN, keys=[KEY.verifier])
    assert checkpoint == Checkpoint(ORIGIN, 3, root_of(HASHES))


def test_a_proof_shows_nothing_else() -> None:
    keys = [KEY.verifier]
    with pytest.raises(RootMismatch):
        PROOF.verify(b"a", origin=ORIGIN, keys=keys)
    with pytest.raises(ProofLengthWrong):
        Proof(1, PROOF.hashes[:1], CHECKPOINT).verify(b"b", origin=ORIGIN, keys=keys)
    with pytest.raises(IndexOutOfRange):
        Proof(3, PROOF.hashes, CHECKPOINT).verify(b"b", origin=ORIGIN, keys=keys)
    with pytest.raises(OriginMismatch):
        PROOF.verify(b"b", origin="example.com", keys=keys)
    with pytest.raises(NoKnownSignature):
        PROOF.verify(b"b", origin=ORIGIN, keys=[SignerKey.generate(ORIGIN).verifier])


@pytest.mark.parametrize(
    ("head", "error"),
    [
        ("", ProofTitleUnknown),
        ("c2sp.org/tlog-proof@v1", ProofTitleUnknown),
        ("c2sp.org/tlog-proof@v2\nindex 1\n\n", ProofTitleUnknown),
        ("c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\n", ProofTitleUnknown),
        ("\n" + TITLE, ProofTitleUnknown),
        (TITLE + "\n", ProofIndexMissing),
        (TITLE + HASH + "\n", ProofIndexMissing),
        (TITLE + "index\n\n", ProofIndexMissing),
        (TITLE + "Index 1\n\n", ProofIndexMissing),
        (TITLE + "extra bW9yZQ==\n\n", ProofIndexMissing),
        (TITLE + "extra bW9yZQ==\nextra bW9yZQ==\nindex 1\n\n", ProofIndexMissing),
        (TITLE + "extra\nindex 1\n\n", ProofIndexMissing),
        (TITLE + "extra bW9yZQ=\nindex 1\n\n", ProofExtraNotBase64),
        (TITLE + "extra bW9yZR==\nindex 1\n\n", ProofExtraNotBase64),
        (TITLE + "extra  bW9yZQ==\nindex 1\n\n", ProofExtraNotBase64),
        (TITLE + "index \n\n", ProofIndexMalformed),
        (TITLE + "index 01\n\n", ProofIndexMalformed),
        (TITLE + "index +1\n\n", ProofIndexMalformed),
        (TITLE + "index -1\n\n", ProofIndexMalformed),
        (TITLE + "index 1\r\n\n", ProofIndexMalformed),
        (TITLE + "index 9223372036854775807\n\n", ProofIndexTooLarge),
        (TITLE + f"index {'9' * 5000}\n\n", ProofIndexTooLarge),
        (TITLE + "index 1\n" + HASH[:-2] + "\n\n", ProofHashNotBase64),
        (TITLE + "index 1\n" + " " + HASH + "\n", ProofHashNotBase64),
        (TITLE + "index 1\nindex 1\n\n", ProofHashNotBase64),
        (TITLE + "index 1\nAAAA\n\n", ProofHashSizeWrong),
        (TITLE + "index 1\n" + HASH * 64 + "\n", ProofTooManyHashes),
        (TITLE + "index ١\n\n", ProofNotAscii),
        (TITLE + "extra " + "A" * PROOF_SIZE_MAX + "\nindex 1\n\n", ProofTooLarge),
    ],
)
def test_each_fault_of_a_proof_has_its_error(head: str, error: type[ProofError]) -> None:
    with pytest.raises(ProofError) as caught:
        parse_proof(head.encode() + CHECKPOINT)
    assert caught.type is error
    assert str(caught.value) == error.fact


def test_a_proof_without_its_checkpoint_is_refused() -> None:
    with pytest.raises(ProofBlankLineMissing):
        parse_proof((TITLE + "index 1\n").encode())
    with pytest.raises(NoteEndMissing):
        parse_proof((TITLE + "index 1\n\n").encode())
    with pytest.raises(NoteUnsigned):
        parse_proof((TITLE + "index 1\n\no\n1\n\n").encode())
    with pytest.raises(SizeMalformed):
        parse_proof((TITLE + "index 1\n\n").encode() + CHECKPOINT.replace(b"\n3\n", b"\n03\n"))


def test_what_could_not_be_read_again_is_not_made() -> None:
    with pytest.raises(ProofIndexMalformed):
        Proof(-1, (), CHECKPOINT)
    with pytest.raises(ProofTooManyHashes):
        Proof(0, (bytes(32),) * 64, CHECKPOINT)
    with pytest.raises(ProofHashSizeWrong):
        Proof(0, (bytes(31),), CHECKPOINT)
    with pytest.raises(ProofTooLarge):
        Proof(0, (), CHECKPOINT, bytes(PROOF_SIZE_MAX)).encode()
