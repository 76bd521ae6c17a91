"""Cosignatures: what a witness says about a log, and when."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import Checkpoint
from audit.cosignature import (
    CosignatureError,
    CosignatureMissing,
    CosignatureSizeWrong,
    CosignatureTimeOutOfRange,
    CosignatureWrong,
    CosignerKey,
    CosignerKeyRefused,
    verify_cosignature,
)
from audit.note import (
    KeyNameMalformed,
    KeySizeWrong,
    NoteTextEndMissing,
    Signature,
    SignedNote,
    SignerKey,
    VerifierKey,
    parse_note,
    parse_verifier_key,
    verify_ed25519,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "note" / "notes_and_witness.json"
PUBLISHED: list[dict[str, Any]] = [
    vector for vector in json.loads(VECTORS.read_text())["notes"] if "cosignature_time" in vector
]

WITNESS = CosignerKey("witness.example", bytes(range(32)))
TEXT = Checkpoint("example.com/log", 7, bytes(32)).text()


def note_with(signature: bytes) -> SignedNote:
    return SignedNote(TEXT, (Signature(WITNESS.name, WITNESS.verifier.key_id, signature),))


def test_two_published_notes_have_cosignatures() -> None:
    assert len(PUBLISHED) == 2


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector["vkeys"][0].partition("+")[0])
def test_published_cosignatures_are_verified(vector: dict[str, Any]) -> None:
    note = parse_note(vector["note"].encode())
    assert note.encode() == vector["note"].encode()
    key = parse_verifier_key(vector["vkeys"][0])
    assert verify_cosignature(note, key) == vector["cosignature_time"]
    with pytest.raises(CosignatureWrong):
        verify_cosignature(SignedNote(note.text.replace("300", "301"), note.signatures), key)


@pytest.mark.parametrize("time", [0, 1_700_000_000, 2**63 - 1])
def test_a_cosignature_tells_its_time(time: int) -> None:
    signature = WITNESS.cosign(TEXT, time)
    note = SignedNote(TEXT, (SignerKey.generate("example.com/log").sign(TEXT), signature))
    assert verify_cosignature(parse_note(note.encode()), WITNESS.verifier) == time


def test_the_signed_message_is_a_header_the_time_and_the_text() -> None:
    signature = WITNESS.cosign(TEXT, 1679315147).signature
    assert signature[:8] == (1679315147).to_bytes(8, "big")
    message = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    assert verify_ed25519(WITNESS.verifier.public, signature[8:], message)


def test_each_fault_of_a_cosignature_has_its_error() -> None:
    right = WITNESS.cosign(TEXT, 5).signature
    beyond = (2**63).to_bytes(8, "big") + right[8:]
    later = (6).to_bytes(8, "big") + right[8:]
    faults: list[tuple[bytes, type[CosignatureError]]] = [
        (right[:-1], CosignatureSizeWrong),
        (right + b"\x00", CosignatureSizeWrong),
        (b"\x00", CosignatureSizeWrong),
        (beyond, CosignatureTimeOutOfRange),
        (later, CosignatureWrong),
        (right[:-1] + b"\xff", CosignatureWrong),
    ]
    for signature, error in faults:
        with pytest.raises(CosignatureError) as caught:
            verify_cosignature(note_with(signature), WITNESS.verifier)
        assert caught.type is error
        assert str(caught.value) == error.fact


def test_other_witnesses_and_other_kinds_of_keys_do_not_count() -> None:
    note = SignedNote(TEXT, (WITNESS.cosign(TEXT, 5),))
    with pytest.raises(CosignatureMissing):
        verify_cosignature(note, CosignerKey(WITNESS.name, bytes(32)).verifier)
    with pytest.raises(CosignatureMissing):
        verify_cosignature(note, CosignerKey("other.example", WITNESS.seed).verifier)
    with pytest.raises(CosignerKeyRefused):
        verify_cosignature(note, SignerKey(WITNESS.name, WITNESS.seed).verifier)


def test_a_log_s_signature_does_not_pass_for_a_cosignature() -> None:
    log_signature = SignerKey(WITNESS.name, WITNESS.seed).sign(TEXT).signature
    with pytest.raises(CosignatureWrong):
        verify_cosignature(note_with(bytes(8) + log_signature), WITNESS.verifier)


def test_a_witness_signs_only_what_can_be_written() -> None:
    for time in (-1, 2**63):
        with pytest.raises(CosignatureTimeOutOfRange):
            WITNESS.cosign(TEXT, time)
    with pytest.raises(NoteTextEndMissing):
        WITNESS.cosign("text", 5)


def test_a_witness_s_key_has_a_name_and_a_seed_that_it_does_not_show() -> None:
    key = CosignerKey.generate("w")
    assert key != CosignerKey.generate("w")
    assert repr(key) == "CosignerKey(name='w')"
    assert key.verifier == VerifierKey("w", 4, key.verifier.public)
    with pytest.raises(KeySizeWrong):
        CosignerKey("w", bytes(31))
    with pytest.raises(KeyNameMalformed):
        CosignerKey("", bytes(32))
