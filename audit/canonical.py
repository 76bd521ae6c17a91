"""Define the bytes of a leaf: the one place where what the log hashes is written and read.

A leaf is one event, as canonical JSON (``audit.jcs``: the subset of RFC 8785 without floats), at most 65,535 bytes.
Its members, in the order in which they are written (``null`` only where it is said)::

    actor        {"commitment": COMMITMENT or null where nobody acted, "role": NAME}
    association  TypeID of the association whose event it is: as_…; null for an event of the service itself
    book_seq     the event's number in its book, 1, 2, 3 … without a gap; null for an event that has none
    corrects     TypeID of the event that this one reverses or adjusts; the member is absent where there is none
    documents    [{"commitment": COMMITMENT, "kind": NAME}, …], in the order in which they were attached
    entry_on     the accounting date, 2023-09-05, or null
    event_id     TypeID of the event itself: en_… for an entry
    payload      {NAME: VALUE, …}: what happened, by type; objects and arrays at most four deep, itself counted
    private      {NAME: COMMITMENT, …}: values that only the vault holds
    recorded_at  when it was recorded, in UTC: 2023-09-05T03:04:05.123456Z, always with six digits
    type         NAME, or NAMEs joined by dots: entry, voucher.voided
    v            1

    NAME         [a-z][a-z0-9_]*, 40 characters at most, none of true, false, null
    COMMITMENT   64 lowercase hexadecimal digits (``audit.commitment``)
    VALUE        integer of at most ±(2^53 - 1), true, false, null, CODE, array or object of such
    CODE         [A-Za-z0-9._:/+-]*, 128 characters at most: codes, ids, dates, decimals

For example (one line; broken here)::

    {"actor":{"commitment":"9f2c6c1b0a4e5d7783e1c5b2a9d4f60718293a4b5c6d7e8f9a0b1c2d3e4f5061","role":"treasurer"},
    "association":"as_01h455vb4pex5vsknk084sn02q","book_seq":17,"documents":[],"entry_on":"2023-09-05",
    "event_id":"en_01h9hsy4k1fz8tq3v2w5n7c9ar","payload":{"kind":"ordinary","lines":[["1111","QC",500000],
    ["35381","QC",-500000,{"campaign":"KH2023","channel":"household","quantity":3}]],"rate":null,
    "voucher":["PT",2023,17]},"private":{},"recorded_at":"2023-09-05T03:04:05.123456Z","type":"entry","v":1}

Three things follow from the layout:

- No person and no typed text. Every string is a code or an id: no space and no letter outside ASCII gets in, so a
  name, a note or a description that strays into a payload is refused instead of published for ever. This stops
  accidents, not intent: ``Nguyen-Van-A`` is spelled like a code.
- One spelling. Commitments are hexadecimal and not base64 because base64 has several spellings of the same bytes
  (padding, alphabet, spare bits of the last character) and every checksum tool prints hexadecimal. An absent member
  is absent (``corrects``) or ``null`` (the others), never either.
- One regular expression is the whole grammar. ``encode`` writes a leaf and matches it once, which takes half as
  long as writing it; a walk in Python would take seven times as long. Only what does not match is walked, to say
  what is wrong.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from audit import jcs
from audit.jcs import CanonicalError, Json, NotCanonical

LEAF_VERSION: Final = 1

LEAF_SIZE_MAX: Final = 65_535
"""In bytes: an entry bundle writes each leaf's length in sixteen bits (C2SP tlog-tiles)."""

TYPE_ID_PATTERN: Final = r"[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}"
NAME_PATTERN: Final = r"(?!(?:true|false|null)\b)[a-z][a-z0-9_]{0,39}"
COMMITMENT_PATTERN: Final = r"[0-9a-f]{64}"

_ASSOCIATION_PATTERN: Final = r"as_[0-7][0-9a-hjkmnp-tv-z]{25}"
_TYPE_PATTERN: Final = rf"{NAME_PATTERN}(?:\.{NAME_PATTERN}){{0,3}}"
_CODE_PATTERN: Final = r"[A-Za-z0-9._:/+-]{0,128}"
_DAY_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT_PATTERN: Final = _DAY_PATTERN + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"


class LeafTooLarge(CanonicalError):
    """The log's tiles could not carry it."""

    code = "leaf_too_large"
    fact = f"is larger than {LEAF_SIZE_MAX:,} bytes"


class LeafVersionUnknown(CanonicalError):
    """A reader that guesses at a later layout would vouch for what it does not know."""

    code = "leaf_version_unknown"
    fact = f"is not {LEAF_VERSION}, the only version known here"


class LeafFieldMissing(CanonicalError):
    """``where`` names the field."""

    code = "leaf_field_missing"
    fact = "is missing"


class LeafFieldUnknown(CanonicalError):
    """``where`` names the field."""

    code = "leaf_field_unknown"
    fact = "is no field of a leaf"


class LeafFieldMalformed(CanonicalError):
    """Another type, or another spelling, than the layout gives."""

    code = "leaf_field_malformed"
    fact = "has not the form that the field asks for"


class LeafNameRefused(CanonicalError):
    """Keys of ``payload`` and ``private`` are names that the program chose, never data."""

    code = "leaf_name_refused"
    fact = "is a key that is not a NAME"


class LeafTextRefused(CanonicalError):
    """Too long, or a character that codes do not have."""

    code = "leaf_text_refused"
    fact = "is a string that is not a CODE: typed text has no place in a leaf"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafActor:
    """Who acted: the role, and a commitment to the person (none where no person acted)."""

    role: str
    commitment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafDocument:
    """A document that the event rests on: its kind, and a commitment to its bytes."""

    kind: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One event as the log keeps it; the module's docstring gives each field's form."""

    type: str
    event_id: str
    association: str | None
    recorded_at: datetime
    actor: LeafActor
    payload: Mapping[str, Json]
    book_seq: int | None = None
    entry_on: date | None = None
    documents: Sequence[LeafDocument] = ()
    private: Mapping[str, str] = field(default_factory=dict)
    corrects: str | None = None
    v: int = LEAF_VERSION


def encode(leaf: Leaf) -> bytes:
    """Return the bytes of a leaf.

    Mappings must be ``dict`` and sequences ``list`` or ``tuple``. An aware ``recorded_at`` of any zone is written in
    UTC.

    Raises:
        CanonicalError: a subclass of here or of ``audit.jcs``, for what a leaf may not hold.
    """
    members = _members(leaf)
    text: str | None
    try:
        text = jcs.write(members)
    except (TypeError, ValueError, RecursionError):
        text = None
    if text is None or _match_leaf(text) is None:
        _check(members)  # says what is wrong, or finds nothing but an integer of sixteen digits
        text = jcs.write(members)
    data = text.encode()
    if len(data) > LEAF_SIZE_MAX:
        raise LeafTooLarge
    return data


def decode(data: bytes) -> Leaf:
    """Return the leaf of which these are the bytes: ``encode(decode(data)) == data``, always.

    Of several faults the first in this order is reported: size, what ``audit.jcs`` refuses, fields, spelling.

    Raises:
        CanonicalError: a subclass of here or of ``audit.jcs``.
    """
    if len(data) > LEAF_SIZE_MAX:
        raise LeafTooLarge
    members: Any = jcs.parse(data)
    text = data.decode()
    if _match_leaf(text) is None:
        _check(members)
    leaf = _leaf(members)
    if jcs.write(members) != text:
        raise NotCanonical
    return leaf


def decode_members(data: bytes) -> dict[str, Any]:
    """Return a leaf's members as JSON has them: of the same bytes as ``decode``, in half of its time.

    Raises:
        CanonicalError: as ``decode`` does, for exactly the same bytes.
    """
    # What matches is ASCII, no deeper than it may be and without numbers that need a closer look; a key that is there
    # twice, or out of order, is written in another way.
    if len(data) <= LEAF_SIZE_MAX and data.isascii():
        text = data.decode("ascii")
        if _match_leaf(text) is not None:
            members: dict[str, Any] = json.loads(text)
            if jcs.write(members) == text and _is_dated(members):
                return members
    return _members(decode(data))


def _is_dated(members: dict[str, Any]) -> bool:
    try:
        datetime.fromisoformat(members["recorded_at"])
        if members["entry_on"] is not None:
            date.fromisoformat(members["entry_on"])
    except ValueError:
        return False
    return True


def _members(leaf: Leaf) -> dict[str, Any]:
    members = {
        "actor": {"commitment": leaf.actor.commitment, "role": leaf.actor.role},
        "association": leaf.association,
        "book_seq": leaf.book_seq,
        "documents": [{"commitment": document.commitment, "kind": document.kind} for document in leaf.documents],
        "entry_on": leaf.entry_on and leaf.entry_on.isoformat(),
        "event_id": leaf.event_id,
        "payload": leaf.payload,
        "private": leaf.private,
        "recorded_at": _instant_text(leaf.recorded_at),
        "type": leaf.type,
        "v": leaf.v,
    }
    if leaf.corrects is not None:
        members["corrects"] = leaf.corrects
    return members


def _leaf(members: dict[str, Any]) -> Leaf:
    """Build the leaf of members whose types and forms are already known to be right."""
    return Leaf(
        type=members["type"],
        event_id=members["event_id"],
        association=members["association"],
        recorded_at=_instant(members["recorded_at"]),
        actor=LeafActor(**members["actor"]),
        payload=members["payload"],
        book_seq=members["book_seq"],
        entry_on=None if members["entry_on"] is None else _day(members["entry_on"]),
        documents=tuple(LeafDocument(**document) for document in members["documents"]),
        private=members["private"],
        corrects=members.get("corrects"),
        v=members["v"],
    )


def _instant_text(instant: datetime) -> str:
    if instant.tzinfo is not UTC:
        if instant.utcoffset() is None:
            raise LeafFieldMalformed("$.recorded_at")
        instant = instant.astimezone(UTC)
    return _utc_text(instant)


# The leaves of a batch share their instant. Not for other zones: in the hour that a clock is set back, two different
# instants of one zone are equal to a cache.
@lru_cache(maxsize=16)
def _utc_text(instant: datetime) -> str:
    return instant.isoformat("T", "microseconds").removesuffix("+00:00") + "Z"


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise LeafFieldMalformed("$.recorded_at") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise LeafFieldMalformed("$.entry_on") from None


def _array_pattern(item: str) -> str:
    return rf"\[(?:(?:{item})(?:,(?!\])|(?=\])))*\]"


def _object_pattern(member: str) -> str:
    return rf'\{{(?:"{NAME_PATTERN}":(?:{member})(?:,(?=")|(?=\}})))*\}}'


def _leaf_pattern() -> str:
    """Build the grammar of a leaf; it leaves out integers of sixteen digits, whose limit a pattern cannot say."""
    scalar = rf'"{_CODE_PATTERN}"|-?[1-9][0-9]{{0,14}}|0|true|false|null'
    value = scalar
    for _ in range(jcs.DEPTH_MAX - 2):
        value = f"{scalar}|{_array_pattern(value)}|{_object_pattern(value)}"
    commitment = f'"{COMMITMENT_PATTERN}"'
    document = rf'\{{"commitment":{commitment},"kind":"{NAME_PATTERN}"\}}'
    return (
        rf'\{{"actor":\{{"commitment":(?:null|{commitment}),"role":"{NAME_PATTERN}"\}}'
        rf',"association":(?:null|"{_ASSOCIATION_PATTERN}")'
        r',"book_seq":(?:null|[1-9][0-9]{0,14})'
        rf'(?:,"corrects":"{TYPE_ID_PATTERN}")?'
        rf',"documents":{_array_pattern(document)}'
        rf',"entry_on":(?:null|"{_DAY_PATTERN}")'
        rf',"event_id":"{TYPE_ID_PATTERN}"'
        rf',"payload":{_object_pattern(value)}'
        rf',"private":{_object_pattern(commitment)}'
        rf',"recorded_at":"{_INSTANT_PATTERN}"'
        rf',"type":"{_TYPE_PATTERN}"'
        rf',"v":{LEAF_VERSION}\}}'
    )


_match_leaf: Final = re.compile(_leaf_pattern()).fullmatch

_OPTIONAL: Final = frozenset({"corrects"})
_REQUIRED: Final = frozenset(each.name for each in fields(Leaf)) - _OPTIONAL


def _check(value: object) -> None:
    """Say what keeps a value from being a leaf's members; accept exactly what a leaf may hold."""
    jcs.check(value)
    members = _object(value, "$", required=_REQUIRED, optional=_OPTIONAL)
    if type(members["v"]) is not int or members["v"] != LEAF_VERSION:
        raise LeafVersionUnknown("$.v")
    _check_actor(members["actor"])
    if members["association"] is not None:
        _check_form(members["association"], _ASSOCIATION_PATTERN, "$.association")
    seq = members["book_seq"]
    if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool) or seq < 1):
        raise LeafFieldMalformed("$.book_seq")
    if "corrects" in members:
        _check_form(members["corrects"], TYPE_ID_PATTERN, "$.corrects")
    _check_documents(members["documents"])
    if members["entry_on"] is not None:
        _check_form(members["entry_on"], _DAY_PATTERN, "$.entry_on")
    _check_form(members["event_id"], TYPE_ID_PATTERN, "$.event_id")
    _check_codes(_named(members["payload"], "$.payload"), "$.payload")
    for name, commitment in _named(members["private"], "$.private").items():
        _check_form(commitment, COMMITMENT_PATTERN, f"$.private.{name}")
    _check_form(members["recorded_at"], _INSTANT_PATTERN, "$.recorded_at")
    _check_form(members["type"], _TYPE_PATTERN, "$.type")


def _check_actor(value: object) -> None:
    actor = _object(value, "$.actor", required=frozenset({"commitment", "role"}))
    if actor["commitment"] is not None:
        _check_form(actor["commitment"], COMMITMENT_PATTERN, "$.actor.commitment")
    _check_form(actor["role"], NAME_PATTERN, "$.actor.role")


def _check_documents(value: object) -> None:
    if not isinstance(value, list):
        raise LeafFieldMalformed("$.documents")
    for index, item in enumerate(value):
        where = f"$.documents[{index}]"
        document = _object(item, where, required=frozenset({"commitment", "kind"}))
        _check_form(document["commitment"], COMMITMENT_PATTERN, f"{where}.commitment")
        _check_form(document["kind"], NAME_PATTERN, f"{where}.kind")


def _check_codes(value: object, where: str) -> None:
    if isinstance(value, str) and not re.fullmatch(_CODE_PATTERN, value):
        raise LeafTextRefused(where)
    if isinstance(value, dict):
        for name, member in _named(value, where).items():
            _check_codes(member, f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_codes(item, f"{where}[{index}]")


def _check_form(value: object, pattern: str, where: str) -> None:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise LeafFieldMalformed(where)


def _object(
    value: object, where: str, *, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, object]:
    if not isinstance(value, dict):
        raise LeafFieldMalformed(where)
    for name in sorted(value.keys() - required - optional):
        raise LeafFieldUnknown(f"{where}.{name}")
    for name in sorted(required - value.keys()):
        raise LeafFieldMissing(f"{where}.{name}")
    return value


def _named(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise LeafFieldMalformed(where)
    for name in value:
        if not re.fullmatch(NAME_PATTERN, name):
            raise LeafNameRefused(f"{where}.{name}")
    return value
