"""Signed notes and their keys, against the specification, published notes and published signatures."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit.note import (
    COSIGNATURE_V1,
    ED25519,
    NOTE_SIZE_MAX,
    KeyAlgorithmUnknown,
    KeyAmbiguous,
    KeyIdMalformed,
    KeyIdMismatch,
    KeyMalformed,
    KeyNameMalformed,
    KeyNotBase64,
    KeySizeWrong,
    NoKnownSignature,
    NoteBlankLineMissing,
    NoteControlCharacter,
    NoteEndMissing,
    NoteError,
    NoteNotUtf8,
    NoteTextEndMissing,
    NoteTooLarge,
    NoteUnsigned,
    Signature,
    SignatureDuplicated,
    SignatureLineMalformed,
    SignatureNotBase64,
    SignatureTooShort,
    SignatureWrong,
    SignedNote,
    SignerKey,
    TooManySignatures,
    VerifierKey,
    parse_note,
    parse_signer_key,
    parse_verifier_key,
    public_of,
    verify_ed25519,
    verify_note,
)

VECTORS = Path(__file__).parents[2] / "vectors"
PUBLISHED: list[dict[str, Any]] = json.loads((VECTORS / "note" / "notes_and_witness.json").read_text())["notes"]
NOTES = [vector for vector in PUBLISHED if "cosignature_time" not in vector]
WYCHEPROOF = [
    (group["publicKey"]["pk"], vector)
    for group in json.loads((VECTORS / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]
    for vector in group["tests"]
]

KEY = SignerKey("example.com/a", bytes(32))
OTHER = SignerKey("example.com/b", bytes(range(32)))
TEXT = "Sổ quỹ\n\nhai dòng\n"
NOTE = SignedNote(TEXT, (KEY.sign(TEXT), OTHER.sign(TEXT)))
LINE = b"\xe2\x80\x94 example.com/a AAAAAAA=\n"


def test_every_published_signature_is_accepted_or_refused_as_published() -> None:
    results = [
        (verify_ed25519(bytes.fromhex(public), bytes.fromhex(v["sig"]), bytes.fromhex(v["msg"])), v["result"])
        for public, v in WYCHEPROOF
    ]
    assert results.count((True, "valid")) == 88
    assert results.count((False, "invalid")) == 63
    assert len(results) == 151


def test_what_is_no_key_and_no_signature_is_refused_without_another_error() -> None:
    for public, signature in [(b"", b""), (bytes(31), bytes(64)), (bytes(33), bytes(64)), (b"\xff" * 32, bytes(64))]:
        assert not verify_ed25519(public, signature, b"")


@pytest.mark.parametrize("vector", NOTES, ids=lambda vector: vector["origin"].split()[0])
def test_published_notes_are_read_written_and_verified(vector: dict[str, Any]) -> None:
    data = vector["note"].encode()
    note = parse_note(data)
    assert note.encode() == data
    keys = [parse_verifier_key(text) for text in vector["vkeys"]]
    assert [str(key) for key in keys] == vector["vkeys"]
    assert verify_note(note, keys) == note.signatures
    changed = SignedNote(note.text.replace("a", "b", 1), note.signatures)
    with pytest.raises(SignatureWrong):
        verify_note(changed, keys)


def test_four_published_notes_have_signatures_over_the_text_alone() -> None:
    assert len(NOTES) == 4
    assert all(vector["valid"] for vector in PUBLISHED)


def test_a_note_is_its_text_an_empty_line_and_its_signatures() -> None:
    data = NOTE.encode()
    lines = data.decode().split("\n")
    assert data.decode().startswith(TEXT + "\n— example.com/a ")
    assert lines[-2].startswith("— example.com/b ")
    assert parse_note(data) == NOTE


def test_the_text_may_have_empty_lines_and_the_last_one_divides() -> None:
    for text in ("\n", "\n\n", "a\n\n", "a\n\n\nb\n"):
        note = SignedNote(text, (KEY.sign(text),))
        assert parse_note(note.encode()) == note


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NoteEndMissing),
        (b"a\n\n" + LINE[:-1], NoteEndMissing),
        (b"a\n" + LINE, NoteBlankLineMissing),
        (b"\n" + LINE, NoteBlankLineMissing),
        (b"a\n\n", NoteUnsigned),
        (b"a\r\n\n" + LINE, NoteControlCharacter),
        (b"a\t\n\n" + LINE, NoteControlCharacter),
        (b"a\x00\n\n" + LINE, NoteControlCharacter),
        (b"a\x1f\n\n" + LINE, NoteControlCharacter),
        (b"a\n\n" + LINE.replace(b"\n", b"\r\n"), NoteControlCharacter),
        (b"\xff\n\n" + LINE, NoteNotUtf8),
        (b"\xed\xa0\x80\n\n" + LINE, NoteNotUtf8),
        (b"\xc0\x80\n\n" + LINE, NoteNotUtf8),
        (b"a" * NOTE_SIZE_MAX + b"\n\n" + LINE, NoteTooLarge),
        (b"a\n\n" + LINE * 101, TooManySignatures),
        (b"a\n\n" + LINE * 2, SignatureDuplicated),
        (b"a\n\n- example.com/a AAAAAAA=\n", SignatureLineMalformed),
        (b"a\n\n\xe2\x80\x94example.com/a AAAAAAA=\n", SignatureLineMalformed),
        (b"a\n\n\xe2\x80\x94 AAAAAAA=\n", SignatureLineMalformed),
        (b"a\n\nb\n", SignatureLineMalformed),
        (b"a\n\n\xe2\x80\x94  AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a+b AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a\xc2\xa0b AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a\xe3\x80\x80b AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a\xe2\x80\xa8b AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a\xc2\x85b AAAAAAA=\n", KeyNameMalformed),
        (b"a\n\n\xe2\x80\x94 a  AAAAAAA=\n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a AAAAAAA= \n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a AAAAAAA\n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a AAAAAAB=\n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a -AAAAAA=\n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a b c\n", SignatureNotBase64),
        (b"a\n\n\xe2\x80\x94 a \n", SignatureTooShort),
        (b"a\n\n\xe2\x80\x94 a AAAAAA==\n", SignatureTooShort),
    ],
)
def test_each_fault_of_a_note_has_its_error(data: bytes, error: type[NoteError]) -> None:
    with pytest.raises(NoteError) as caught:
        parse_note(data)
    assert caught.type is error
    assert str(caught.value) == error.fact


def test_a_hundred_signatures_are_not_too_many() -> None:
    signatures = tuple(SignerKey(f"k{number}", bytes(32)).sign(TEXT) for number in range(100))
    note = SignedNote(TEXT, signatures)
    assert len(verify_note(parse_note(note.encode()), [SignerKey("k99", bytes(32)).verifier])) == 1
    with pytest.raises(TooManySignatures):
        SignedNote(TEXT, (*signatures, KEY.sign(TEXT)))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NoteTextEndMissing),
        ("a", NoteTextEndMissing),
        ("a\n\n— x AAAAAAA=", NoteTextEndMissing),
        ("a\r\n", NoteControlCharacter),
        ("\ud800\n", NoteNotUtf8),
    ],
)
def test_a_text_that_no_note_may_have_is_neither_signed_nor_written(text: str, error: type[NoteError]) -> None:
    with pytest.raises(error):
        KEY.sign(text)
    with pytest.raises(error):
        SignedNote(text, NOTE.signatures)


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(NoteUnsigned):
        SignedNote(TEXT, ())
    with pytest.raises(SignatureDuplicated):
        SignedNote(TEXT, (KEY.sign(TEXT), KEY.sign(TEXT)))
    with pytest.raises(NoteTooLarge):
        SignedNote("a" * NOTE_SIZE_MAX + "\n", NOTE.signatures).encode()
    with pytest.raises(KeyNameMalformed):
        Signature("a b", bytes(4), b"a")
    with pytest.raises(KeyIdMalformed):
        Signature("a", bytes(3), b"a")
    with pytest.raises(SignatureTooShort):
        Signature("a", bytes(4), b"")


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    assert verify_note(NOTE, [KEY.verifier]) == NOTE.signatures[:1]
    assert verify_note(NOTE, [OTHER.verifier, KEY.verifier, KEY.verifier]) == NOTE.signatures
    same_name = SignerKey(KEY.name, OTHER.seed).verifier
    with pytest.raises(NoKnownSignature):
        verify_note(NOTE, [same_name])
    with pytest.raises(NoKnownSignature):
        verify_note(NOTE, [])


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = Signature(OTHER.name, OTHER.verifier.key_id, bytes(64))
    note = SignedNote(TEXT, (KEY.sign(TEXT), wrong))
    assert verify_note(note, [KEY.verifier]) == note.signatures[:1]
    with pytest.raises(SignatureWrong):
        verify_note(note, [KEY.verifier, OTHER.verifier])
    for size in (1, 63, 65):
        with pytest.raises(SignatureWrong):
            verify_note(SignedNote(TEXT, (Signature(KEY.name, KEY.verifier.key_id, bytes(size)),)), [KEY.verifier])


def test_a_witness_s_key_does_not_verify_a_note() -> None:
    with pytest.raises(KeyAlgorithmUnknown):
        verify_note(NOTE, [VerifierKey("w", COSIGNATURE_V1, bytes(32))])


def test_two_keys_of_one_name_and_id_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VerifierKey, "key_id", bytes(4))
    with pytest.raises(KeyAmbiguous):
        verify_note(NOTE, [VerifierKey("k", ED25519, bytes(32)), VerifierKey("k", ED25519, bytes([1] * 32))])


def test_a_signer_key_is_written_as_go_writes_it() -> None:
    text = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
    key = parse_signer_key(text)
    assert str(key) == text
    assert str(key.verifier) == "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_a_new_signer_key_is_read_as_it_is_written_and_does_not_show_itself() -> None:
    key = SignerKey.generate("example.com/new")
    assert parse_signer_key(str(key)) == key
    assert key != SignerKey.generate("example.com/new")
    assert key.verifier.public == public_of(key.seed)
    assert repr(key) == "SignerKey(name='example.com/new')"


VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", KeyMalformed),
        ("example.com/foo", KeyMalformed),
        ("example.com/foo+530d903a", KeyMalformed),
        (VKEY.replace("530d903a", "530D903A"), KeyIdMalformed),
        (VKEY.replace("530d903a", "0530d903a"), KeyIdMalformed),
        (VKEY.replace("530d903a", "530d903"), KeyIdMalformed),
        (VKEY.replace("530d903a", "530d903b"), KeyIdMismatch),
        (VKEY.replace("foo", "fop"), KeyIdMismatch),
        (VKEY.replace("example.com/foo", ""), KeyNameMalformed),
        (VKEY.replace("foo", "f o"), KeyNameMalformed),
        (VKEY.replace("foo", "f\u2003o"), KeyNameMalformed),
        (VKEY.replace("foo", "f\x00o"), KeyNameMalformed),
        (VKEY.replace("foo", "f\ud800o"), KeyNameMalformed),
        (VKEY + "\n", KeyNotBase64),
        (VKEY + "=", KeyNotBase64),
        (VKEY[:-1], KeyNotBase64),
        ("a+00000000+", KeySizeWrong),
        ("a+00000000+AQ==", KeySizeWrong),
        ("a+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", KeyAlgorithmUnknown),
        ("a+00000000+BgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", KeyAlgorithmUnknown),
    ],
)
def test_each_fault_of_a_verifier_key_has_its_error(text: str, error: type[NoteError]) -> None:
    with pytest.raises(NoteError) as caught:
        parse_verifier_key(text)
    assert caught.type is error


def test_each_fault_of_a_signer_key_has_its_error() -> None:
    text = str(KEY)
    assert parse_signer_key(text) == KEY
    for wrong, error in [
        (str(KEY.verifier), KeyMalformed),
        (text.lower(), KeyMalformed),
        (text.replace("example.com/a", "example.com/b"), KeyIdMismatch),
        (text.replace("+AQ", "+BA"), KeyAlgorithmUnknown),
        (text[:-4], KeySizeWrong),
    ]:
        with pytest.raises(NoteError) as caught:
            parse_signer_key(wrong)
        assert caught.type is error
        assert "AAAA" not in str(caught.value)
    with pytest.raises(KeySizeWrong):
        SignerKey("a", b"")
    with pytest.raises(KeyNameMalformed):
        SignerKey("a+b", bytes(32))
