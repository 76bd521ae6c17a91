"""Decide by a file which logs and witnesses are trusted: https://c2sp.org/tlog-policy.

A policy is lines of items, separated by spaces and tabs; lines of nothing else, and those that begin with ``#``, are
passed over. ``<…>`` stands for an item, ``[…]`` for one that may be absent::

    log <verifier key> [<url>]                 a log; the key's name is the log's origin
    witness <name> <verifier key> [<url>]      a witness, and its name in this file
    group <name> <k> <name>…                   counts as a witness when k of its members do
    group <name> any <name>…                   the same with k = 1
    group <name> all <name>…                   the same with k = all of them
    quorum <name>                              the witness or group that has to count; none: no cosignature is asked for

Names are defined on a line before the one that uses them, and once; ``none`` is taken. Each is a member at most once
in the whole file, so that no witness counts twice. No two logs and no two witnesses have one public key. There is one
quorum line. Control characters other than tab and newline are refused; bytes above 0x7e need not be UTF-8.

Logs have keys of algorithm 0x01, witnesses of 0x04 (``audit.note``, ``audit.cosignature``). 1,000,000 bytes are the
most that is read.
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from audit.checkpoint import parse_checkpoint
from audit.cosignature import CosignatureMissing, verify_cosignature
from audit.line import parse_decimal
from audit.note import COSIGNATURE_V1, ED25519, NoteError, SignedNote, VerifierKey, parse_verifier_key, verify_note

POLICY_SIZE_MAX: Final = 1_000_000
"""In characters or bytes, as it was given."""

NO_QUORUM: Final = "none"
"""The name that asks for no cosignature; no witness and no group may have it."""

_search_control: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]").search
_find_items: Final = re.compile(r"[^ \t]+").findall


class PolicyError(ValueError):
    """Refuse a policy's text, or a checkpoint by it; ``line`` counts from 1, where there is one."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, line: int | None = None) -> None:
        super().__init__(self.fact if line is None else f"line {line}: {self.fact}")
        self.line = line


class PolicyTooLarge(PolicyError):
    """Nobody trusts so many."""

    code = "policy_too_large"
    fact = f"a policy has more than {POLICY_SIZE_MAX:,} characters"


class PolicyControlCharacter(PolicyError):
    """A carriage return is one."""

    code = "policy_control_character"
    fact = "a policy has a control character other than tab and newline"


class PolicyEndMissing(PolicyError):
    """A policy that was cut off could lack more than its last newline."""

    code = "policy_end_missing"
    fact = "a policy does not end in a newline"


class PolicyLineMalformed(PolicyError):
    """Not one of the lines that the module's docstring gives."""

    code = "policy_line_malformed"
    fact = "the line has another first word, or other items, than a policy knows"


class PolicyKeyMalformed(PolicyError):
    """The cause says what is wrong with it."""

    code = "policy_key_malformed"
    fact = "the verifier key is none"


class PolicyKeyRefused(PolicyError):
    """Logs and witnesses sign different messages."""

    code = "policy_key_algorithm"
    fact = "the verifier key's algorithm is not the one of a log, or of a witness"


class PolicyKeyDuplicated(PolicyError):
    """Under two names it would count twice."""

    code = "policy_key_duplicated"
    fact = "two logs, or two witnesses, have one public key"


class PolicyNameTaken(PolicyError):
    """Witnesses and groups share their names."""

    code = "policy_name_taken"
    fact = "the name is defined before, or it is none"


class PolicyNameUnknown(PolicyError):
    """Also one that is only defined on a later line."""

    code = "policy_name_unknown"
    fact = "no witness and no group of this name is defined before"


class PolicyMemberDuplicated(PolicyError):
    """A witness could count in two ways."""

    code = "policy_member_duplicated"
    fact = "a witness or group is a member twice"


class PolicyThresholdOutOfRange(PolicyError):
    """Neither none of the members nor more than there are."""

    code = "policy_threshold_out_of_range"
    fact = "a group's threshold is not any, all or a number between 1 and its members"


class QuorumDuplicated(PolicyError):
    """It would have to be said which one counts."""

    code = "policy_quorum_duplicated"
    fact = "a policy has two quorum lines"


class QuorumMissing(PolicyError):
    """``quorum none`` says that no cosignature is asked for."""

    code = "policy_quorum_missing"
    fact = "a policy has no quorum line"


class LogUnknown(PolicyError):
    """By its origin."""

    code = "policy_log_unknown"
    fact = "the checkpoint is of a log that the policy does not have"


class QuorumMissed(PolicyError):
    """``witnesses`` are those that did cosign."""

    code = "policy_quorum_missed"
    fact = "the checkpoint has not the cosignatures that the policy's quorum asks for"

    def __init__(self, witnesses: tuple[str, ...]) -> None:
        super().__init__()
        self.witnesses = witnesses


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A trusted log; its key's name is its origin."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A trusted witness, and its name in the policy."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """A group, which counts when ``threshold`` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who is trusted; ``parse_policy`` makes a right one."""

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NO_QUORUM

    def text(self) -> str:
        """Return the policy as a file: ``parse_policy(policy.text()) == policy``.

        Raises:
            PolicyError: it is no right one.
        """
        lines = [
            *(_join("log", str(log.key), log.url) for log in self.logs),
            *(_join("witness", witness.name, str(witness.key), witness.url) for witness in self.witnesses),
            *(_join("group", group.name, str(group.threshold), *group.members) for group in self.groups),
            _join("quorum", self.quorum),
        ]
        text = "\n".join([*lines, ""])
        if parse_policy(text) != self:
            raise PolicyLineMalformed
        return text

    def check(self, note: SignedNote) -> tuple[str, ...]:
        """Return the names of the witnesses that cosigned a checkpoint, in this file's order, if they are a quorum.

        Where the policy has logs, the checkpoint has to be signed by the one that its origin names; a policy without
        logs leaves that to the caller.

        Raises:
            PolicyError: ``LogUnknown`` or ``QuorumMissed``.
            NoteError, CosignatureError: the log did not sign, or what stands there as its or a witness's signature is
                none: a note with a wrong signature of a known key is refused as a whole.
            CheckpointError: the note is no checkpoint.
        """
        origin = parse_checkpoint(note.text).origin
        if self.logs:
            keys = [log.key for log in self.logs if log.key.name == origin]
            if not keys:
                raise LogUnknown
            verify_note(note, keys)
        cosigned = tuple(witness.name for witness in self.witnesses if _has_cosigned(note, witness.key))
        counting = {NO_QUORUM, *cosigned}
        # A group's members are defined before it, so that one pass is enough.
        for group in self.groups:
            if sum(member in counting for member in group.members) >= group.threshold:
                counting.add(group.name)
        if self.quorum not in counting:
            raise QuorumMissed(cosigned)
        return cosigned


def _has_cosigned(note: SignedNote, key: VerifierKey) -> bool:
    try:
        verify_cosignature(note, key)
    except CosignatureMissing:
        return False
    return True


def _join(*items: str | None) -> str:
    return " ".join(item for item in items if item is not None)


def parse_policy(text: str | bytes) -> Policy:
    """Return the policy of a file.

    Raises:
        PolicyError: the first fault from top to bottom; its ``line`` says where.
    """
    if len(text) > POLICY_SIZE_MAX:
        raise PolicyTooLarge
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if text and not text.endswith("\n"):
        raise PolicyEndMissing
    parser = _Parser()
    for number, line in enumerate(text.split("\n"), 1):
        if _search_control(line):
            raise PolicyControlCharacter(number)
        items = _find_items(line)
        if items and not items[0].startswith("#"):
            parser.line = number
            parser.read(items)
    if parser.quorum is None:
        raise QuorumMissing
    return Policy(
        logs=tuple(parser.logs),
        witnesses=tuple(parser.witnesses),
        groups=tuple(parser.groups),
        quorum=parser.quorum,
    )


@dataclass(slots=True)
class _Parser:
    """What the lines so far have defined."""

    line: int = 0
    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, items: list[str]) -> None:
        match items:
            case ["log", key, *url] if len(url) <= 1:
                self._add_log(key, *url)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._add_witness(name, key, *url)
            case ["group", name, threshold, *members] if members:
                self._add_group(name, threshold, tuple(members))
            case ["quorum", name]:
                self._set_quorum(name)
            case _:
                raise PolicyLineMalformed(self.line)

    def _add_log(self, key_text: str, url: str | None = None) -> None:
        key = self._key(key_text, ED25519)
        if any(log.key.public == key.public for log in self.logs):
            raise PolicyKeyDuplicated(self.line)
        self.logs.append(PolicyLog(key, url))

    def _add_witness(self, name: str, key_text: str, url: str | None = None) -> None:
        key = self._key(key_text, COSIGNATURE_V1)
        if any(witness.key.public == key.public for witness in self.witnesses):
            raise PolicyKeyDuplicated(self.line)
        self._define(name)
        self.witnesses.append(PolicyWitness(name, key, url))

    def _add_group(self, name: str, threshold_text: str, members: tuple[str, ...]) -> None:
        if not self.names.issuperset(members):
            raise PolicyNameUnknown(self.line)
        if not self.members.isdisjoint(members) or len(set(members)) != len(members):
            raise PolicyMemberDuplicated(self.line)
        threshold = {"any": 1, "all": len(members)}.get(threshold_text, parse_decimal(threshold_text))
        if threshold is None or not 1 <= threshold <= len(members):
            raise PolicyThresholdOutOfRange(self.line)
        self._define(name)
        self.members.update(members)
        self.groups.append(PolicyGroup(name, threshold, members))

    def _set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise QuorumDuplicated(self.line)
        if name not in self.names | {NO_QUORUM}:
            raise PolicyNameUnknown(self.line)
        self.quorum = name

    def _define(self, name: str) -> None:
        if name in self.names | {NO_QUORUM}:
            raise PolicyNameTaken(self.line)
        self.names.add(name)

    def _key(self, text: str, algorithm: int) -> VerifierKey:
        try:
            key = parse_verifier_key(text)
        except NoteError as fault:
            raise PolicyKeyMalformed(self.line) from fault
        if key.algorithm != algorithm:
            raise PolicyKeyRefused(self.line)
        return key
