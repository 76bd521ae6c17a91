"""Checkpoints: what a log says about itself."""

from pathlib import Path

import pytest

from audit.checkpoint import (
    Checkpoint,
    CheckpointEndMissing,
    CheckpointError,
    CheckpointTruncated,
    ExtensionMalformed,
    OriginMalformed,
    OriginMismatch,
    RootNotBase64,
    RootSizeWrong,
    SizeMalformed,
    SizeTooLarge,
    open_checkpoint,
    parse_checkpoint,
)
from audit.note import NoKnownSignature, NoteEndMissing, SignatureWrong, SignedNote, SignerKey, parse_verifier_key

LOG = Path(__file__).parents[2] / "vectors" / "tessera" / "log"
PUBLISHED_KEY = parse_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
KEY = SignerKey("example.com/log", bytes(32))


def signed(text: str, key: SignerKey = KEY) -> bytes:
    return SignedNote(text, (key.sign(text),)).encode()


@pytest.mark.parametrize("size", range(16))
def test_published_checkpoints_are_opened_and_written_again(size: int) -> None:
    data = (LOG / f"checkpoint.{size}").read_bytes()
    checkpoint, note = open_checkpoint(data, origin="example.com/log/testdata", keys=[PUBLISHED_KEY])
    assert (checkpoint.origin, checkpoint.size, checkpoint.extensions) == ("example.com/log/testdata", size, ())
    assert checkpoint.text() == note.text
    assert note.encode() == data


def test_a_checkpoint_is_origin_size_root_and_extensions() -> None:
    checkpoint = Checkpoint("sổ quỹ + 1", 2**63 - 1, bytes(32), ("ext", " "))
    assert checkpoint.text() == f"sổ quỹ + 1\n9223372036854775807\n{ROOT}\next\n \n"
    assert parse_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", CheckpointEndMissing),
        (f"o\n1\n{ROOT}", CheckpointEndMissing),
        ("\n", CheckpointTruncated),
        ("o\n1\n", CheckpointTruncated),
        (f"\n1\n{ROOT}\n", OriginMalformed),
        (f"a\tb\n1\n{ROOT}\n", OriginMalformed),
        (f"\ud800\n1\n{ROOT}\n", OriginMalformed),
        (f"o\n\n{ROOT}\n", SizeMalformed),
        (f"o\n01\n{ROOT}\n", SizeMalformed),
        (f"o\n00\n{ROOT}\n", SizeMalformed),
        (f"o\n+1\n{ROOT}\n", SizeMalformed),
        (f"o\n-1\n{ROOT}\n", SizeMalformed),
        (f"o\n1 \n{ROOT}\n", SizeMalformed),
        (f"o\n1\r\n{ROOT}\n", SizeMalformed),
        (f"o\n١\n{ROOT}\n", SizeMalformed),
        (f"o\n9223372036854775808\n{ROOT}\n", SizeTooLarge),
        (f"o\n{'9' * 5000}\n{ROOT}\n", SizeTooLarge),
        (f"o\n1\n{ROOT[:-1]}\n", RootNotBase64),
        (f"o\n1\n{ROOT[:-2]}B=\n", RootNotBase64),
        (f"o\n1\n{ROOT} \n", RootNotBase64),
        (f"o\n1\n{'_' + ROOT[1:]}\n", RootNotBase64),
        ("o\n1\n\n", RootSizeWrong),
        ("o\n1\nAAAA\n", RootSizeWrong),
        (f"o\n1\n{ROOT}\n\n", ExtensionMalformed),
        (f"o\n1\n{ROOT}\na\n\nb\n", ExtensionMalformed),
        (f"o\n1\n{ROOT}\na\r\n", ExtensionMalformed),
    ],
)
def test_each_fault_of_a_checkpoint_has_its_error(text: str, error: type[CheckpointError]) -> None:
    with pytest.raises(CheckpointError) as caught:
        parse_checkpoint(text)
    assert caught.type is error
    assert str(caught.value) == error.fact


def test_what_could_not_be_read_again_is_not_made() -> None:
    with pytest.raises(SizeMalformed):
        Checkpoint("o", -1, bytes(32))
    with pytest.raises(SizeTooLarge):
        Checkpoint("o", 2**63, bytes(32))
    with pytest.raises(OriginMalformed):
        Checkpoint("a\nb", 1, bytes(32))
    with pytest.raises(ExtensionMalformed):
        Checkpoint("o", 1, bytes(32), ("a\nb",))


def test_a_checkpoint_is_opened_by_the_log_s_key_and_origin_only() -> None:
    text = Checkpoint("example.com/log", 1, bytes(32)).text()
    keys = [KEY.verifier]
    assert open_checkpoint(signed(text), origin="example.com/log", keys=keys)[0].size == 1
    with pytest.raises(OriginMismatch):
        open_checkpoint(signed(text), origin="example.com/log2", keys=keys)
    with pytest.raises(NoKnownSignature):
        open_checkpoint(signed(text), origin="example.com/log", keys=[SignerKey.generate("x").verifier])
    with pytest.raises(SignatureWrong):
        open_checkpoint(signed(text).replace(b"\n1\n", b"\n2\n"), origin="example.com/log", keys=keys)
    with pytest.raises(NoteEndMissing):
        open_checkpoint(signed(text)[:-1], origin="example.com/log", keys=keys)


def test_a_signature_over_something_else_does_not_make_a_checkpoint() -> None:
    with pytest.raises(CheckpointTruncated):
        open_checkpoint(signed("example.com/log\n"), origin="example.com/log", keys=[KEY.verifier])
