"""Trust policies: which logs and witnesses count."""

import pytest

from audit.checkpoint import Checkpoint, CheckpointTruncated
from audit.cosignature import CosignatureWrong, CosignerKey
from audit.note import NoKnownSignature, NoteError, Signature, SignatureWrong, SignedNote, SignerKey
from audit.policy import (
    POLICY_SIZE_MAX,
    LogUnknown,
    Policy,
    PolicyControlCharacter,
    PolicyEndMissing,
    PolicyError,
    PolicyGroup,
    PolicyKeyDuplicated,
    PolicyKeyMalformed,
    PolicyKeyRefused,
    PolicyLineMalformed,
    PolicyLog,
    PolicyMemberDuplicated,
    PolicyNameTaken,
    PolicyNameUnknown,
    PolicyThresholdOutOfRange,
    PolicyTooLarge,
    PolicyWitness,
    QuorumDuplicated,
    QuorumMissed,
    QuorumMissing,
    parse_policy,
)

ORIGIN = "example.com/log"
LOG = SignerKey(ORIGIN, bytes(32))
WITNESSES = {
    name: CosignerKey(f"{name}.example", bytes([number] * 32))
    for number, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"), 1)
}
X1, X2 = (str(WITNESSES[name].verifier) for name in ("X1", "X2"))
TEXT = Checkpoint(ORIGIN, 7, bytes(32)).text()

TWO_ORGANISATIONS = "\n".join(
    [
        f"log {LOG.verifier}",
        "",
        *(f"witness {name} {WITNESSES[name].verifier}" for name in ("X1", "X2", "X3")),
        "group X-witnesses 2 X1 X2 X3",
        "",
        *(f"witness {name} {WITNESSES[name].verifier}" for name in ("Y1", "Y2", "Y3")),
        "group Y-witnesses any Y1 Y2 Y3",
        "",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)


def note_of(*witnesses: str, log: SignerKey = LOG, text: str = TEXT) -> SignedNote:
    return SignedNote(text, (log.sign(text), *(WITNESSES[name].cosign(text, 5) for name in witnesses)))


@pytest.mark.parametrize(
    ("witnesses", "is_quorum"),
    [
        (("X1", "X2", "Y1"), True),
        (("X1", "X3", "Y3"), True),
        (("X1", "X2", "X3", "Y1", "Y2", "Y3"), True),
        (("X1", "X2", "X3"), False),
        (("X1", "Y1", "Y2", "Y3"), False),
        ((), False),
    ],
)
def test_a_quorum_of_groups_counts_as_the_specification_s_example_says(
    witnesses: tuple[str, ...], *, is_quorum: bool
) -> None:
    policy = parse_policy(TWO_ORGANISATIONS)
    note = note_of(*witnesses)
    if is_quorum:
        assert policy.check(note) == witnesses
    else:
        with pytest.raises(QuorumMissed) as caught:
            policy.check(note)
        assert caught.value.witnesses == witnesses
        assert caught.value.line is None


def test_a_policy_is_read_into_logs_witnesses_groups_and_a_quorum() -> None:
    policy = parse_policy(
        f"\t# a comment, sổ quỹ\n log  {LOG.verifier}\thttps://log.example/ \n"
        f"#quorum none\nwitness w {X1} http://w/\ngroup g 1 w\nquorum g\n"
    )
    assert policy == Policy(
        logs=(PolicyLog(LOG.verifier, "https://log.example/"),),
        witnesses=(PolicyWitness("w", WITNESSES["X1"].verifier, "http://w/"),),
        groups=(PolicyGroup("g", 1, ("w",)),),
        quorum="g",
    )


@pytest.mark.parametrize("text", [TWO_ORGANISATIONS, "quorum none\n", f"witness w {X1} http://w/\nquorum w\n"])
def test_a_policy_is_written_as_it_would_be_read(text: str) -> None:
    policy = parse_policy(text)
    assert parse_policy(policy.text()) == policy
    assert parse_policy(policy.text().encode()) == policy


def test_a_policy_that_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(PolicyNameUnknown):
        Policy(quorum="w").text()
    with pytest.raises(PolicyLineMalformed):
        Policy(logs=(PolicyLog(LOG.verifier, "a b"),)).text()
    with pytest.raises(PolicyLineMalformed):
        Policy(logs=(PolicyLog(LOG.verifier, ""),)).text()


def test_no_quorum_and_a_single_witness_are_quorums_too() -> None:
    nobody = parse_policy(f"log {LOG.verifier}\nwitness w {X1}\nquorum none\n")
    assert nobody.check(note_of()) == ()
    assert nobody.check(note_of("X1")) == ("w",)
    one = parse_policy(f"log {LOG.verifier}\nwitness w {X1}\nwitness v {X2}\nquorum w\n")
    assert one.check(note_of("X1")) == ("w",)
    with pytest.raises(QuorumMissed):
        one.check(note_of("X2"))


def test_the_log_has_to_be_one_of_the_policy_and_to_have_signed() -> None:
    policy = parse_policy(TWO_ORGANISATIONS)
    other_text = Checkpoint("example.com/other", 7, bytes(32)).text()
    with pytest.raises(LogUnknown):
        policy.check(note_of("X1", "X2", "Y1", text=other_text))
    with pytest.raises(NoKnownSignature):
        policy.check(note_of("X1", "X2", "Y1", log=SignerKey.generate(ORIGIN)))
    wrong = Signature(ORIGIN, LOG.verifier.key_id, bytes(64))
    with pytest.raises(SignatureWrong):
        policy.check(SignedNote(TEXT, (wrong,)))
    with pytest.raises(CheckpointTruncated):
        policy.check(note_of(text="no checkpoint\n"))


def test_a_policy_without_logs_leaves_the_log_to_the_caller() -> None:
    policy = parse_policy(f"witness w {X1}\nquorum w\n")
    assert policy.check(note_of("X1", log=SignerKey.generate("anybody"))) == ("w",)


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_note() -> None:
    key = WITNESSES["X3"].verifier
    note = note_of("X1", "X2", "Y1")
    spoilt = SignedNote(TEXT, (*note.signatures, Signature(key.name, key.key_id, bytes(72))))
    with pytest.raises(CosignatureWrong):
        parse_policy(TWO_ORGANISATIONS).check(spoilt)


def test_names_urls_and_comments_are_opaque_bytes() -> None:
    policy = parse_policy(f"witness \xe9 {X1} \nquorum \xe9\n# \xff\n".encode("latin-1"))
    assert policy.check(note_of("X1")) == ("\udce9",)
    kelvin = parse_policy(f"witness K {X1}\nwitness \u212a {X2}\nquorum \u212a\n".encode())
    with pytest.raises(QuorumMissed):
        kelvin.check(note_of("X1"))
    spaces = parse_policy(f"witness a\u00a0b {X1}\nquorum a\u00a0b\n")
    assert spaces.quorum == "a\u00a0b"


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("", QuorumMissing, None),
        ("\n", QuorumMissing, None),
        (f"log {LOG.verifier}\n", QuorumMissing, None),
        ("quorum none", PolicyEndMissing, None),
        ("quorum none\n" + "#" * POLICY_SIZE_MAX + "\n", PolicyTooLarge, None),
        ("quorum none\r\n", PolicyControlCharacter, 1),
        ("\n# \x0b\nquorum none\n", PolicyControlCharacter, 2),
        ("quorum none\n#\x7f\n", PolicyControlCharacter, 2),
        ("quorum none\nquorum none\n", QuorumDuplicated, 2),
        ("quorum\n", PolicyLineMalformed, 1),
        ("quorum none none\n", PolicyLineMalformed, 1),
        ("Quorum none\n", PolicyLineMalformed, 1),
        ("log\n", PolicyLineMalformed, 1),
        (f"log {LOG.verifier} http://a http://b\n", PolicyLineMalformed, 1),
        ("witness w\n", PolicyLineMalformed, 1),
        (f"witness w {X1} http://a b\n", PolicyLineMalformed, 1),
        ("group g\n", PolicyLineMalformed, 1),
        ("group g all\n", PolicyLineMalformed, 1),
        ("mirror m\n", PolicyLineMalformed, 1),
        ("log a\n", PolicyKeyMalformed, 1),
        (f"log {X1}\n", PolicyKeyRefused, 1),
        (f"witness w {LOG.verifier}\n", PolicyKeyRefused, 1),
        (f"log {LOG.verifier}\nlog {SignerKey('b', LOG.seed).verifier}\n", PolicyKeyDuplicated, 2),
        (f"witness v {X1}\nwitness w {CosignerKey('b', bytes([1] * 32)).verifier}\n", PolicyKeyDuplicated, 2),
        (f"witness w {X1}\nwitness w {X2}\n", PolicyNameTaken, 2),
        (f"witness none {X1}\n", PolicyNameTaken, 1),
        (f"witness w {X1}\ngroup w all w\n", PolicyNameTaken, 2),
        (f"witness w {X1}\ngroup none all w\n", PolicyNameTaken, 2),
        (f"group g any w\nwitness w {X1}\n", PolicyNameUnknown, 1),
        (f"witness w {X1}\ngroup g any g w\n", PolicyNameUnknown, 2),
        (f"witness w {X1}\ngroup g any w none\n", PolicyNameUnknown, 2),
        (f"quorum w\nwitness w {X1}\n", PolicyNameUnknown, 1),
        (f"witness w {X1}\ngroup g any w w\n", PolicyMemberDuplicated, 2),
        (f"witness w {X1}\ngroup g any w\ngroup h any w\n", PolicyMemberDuplicated, 3),
        (f"witness w {X1}\ngroup g any w\ngroup h any g w\n", PolicyMemberDuplicated, 3),
        *(
            (f"witness w {X1}\ngroup g {threshold} w\n", PolicyThresholdOutOfRange, 2)
            for threshold in ("0", "2", "01", "+1", "-1", "ALL", "9" * 5000)
        ),
    ],
)
def test_each_fault_of_a_policy_has_its_error_and_line(text: str, error: type[PolicyError], line: int | None) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    assert caught.type is error
    assert caught.value.line == line
    assert str(caught.value) == (error.fact if line is None else f"line {line}: {error.fact}")


def test_a_key_s_fault_is_the_cause() -> None:
    with pytest.raises(PolicyKeyMalformed) as caught:
        parse_policy("log a+00000000+AQ==\n")
    assert isinstance(caught.value.__cause__, NoteError)


def test_thousands_of_groups_in_each_other_are_counted_in_one_pass() -> None:
    lines = [f"witness g0 {X1}", *(f"group g{number + 1} all g{number}" for number in range(5000)), "quorum g5000", ""]
    assert parse_policy("\n".join(lines)).check(note_of("X1")) == ("g0",)
