r"""Write and read the part of RFC 8785 (JSON Canonicalization Scheme) that evidence is written in.

The part is: objects with ASCII keys, arrays, strings, integers of at most ±(2⁵³ − 1), ``true``, ``false`` and
``null``, nested at most ``DEPTH_MAX`` deep. On it the scheme is no more than this: keys in ascending order, no
space between tokens, UTF-8, and a string escapes only ``"``, ``\`` and the control characters below U+0020.
``json`` of the standard library writes exactly those bytes there, in a fraction of the time of a complete
implementation. The complete scheme's hard halves, the shortest spelling of floats (section 3.2.2.3) and the order
of keys by UTF-16 unit (section 3.2.3), are left out because the part has no float and no key in which they differ.

``decode`` accepts one spelling of a value and refuses every other: ``encode(decode(data)) == data``, always.

Of several faults the first in this order is reported: byte order mark, UTF-8, then as met while reading JSON
grammar, numbers and keys that are there twice, then from the outside inwards keys outside ASCII, nesting and
surrogates, and last the spelling.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Never, TypeAlias

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None

INTEGER_MAX: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785, section 3.2.2.3 and appendix D)."""

DEPTH_MAX: Final = 5
"""How many objects and arrays may stand inside one another: a leaf, and four levels of its payload."""

_WHERE_LENGTH_MAX: Final = 120


class CanonicalError(ValueError):
    """Refuse a value or bytes that have no place in the canonical form.

    ``code`` is stable. ``where`` is the path of the value (``$.payload.lines[0]``), never the value itself, which
    may be what a person typed.
    """

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, where: str = "$") -> None:
        self.where = ascii(where)[1:-1][:_WHERE_LENGTH_MAX]
        super().__init__(f"{self.where}: {self.fact}")


class ByteOrderMark(CanonicalError):
    """U+FEFF in front would be a second spelling, and RFC 8259, section 8.1 forbids writing it."""

    code = "json_byte_order_mark"
    fact = "starts with a byte order mark"


class NotUtf8(CanonicalError):
    """Nothing else is UTF-8 either: no overlong form, no encoded surrogate."""

    code = "json_not_utf8"
    fact = "is not UTF-8"


class NotJson(CanonicalError):
    """RFC 8259 as it stands: no comment, no trailing comma, no bare control character."""

    code = "json_malformed"
    fact = "is not JSON"


class DuplicateKey(CanonicalError):
    """Readers disagree on which of the two counts; ``where`` is the key."""

    code = "json_duplicate_key"
    fact = "is there twice in one object"


class KeyNotText(CanonicalError):
    """``json`` would silently write a number or ``None`` as a key; only met when writing."""

    code = "json_key_not_text"
    fact = "has a key that is not a string"


class KeyNotAscii(CanonicalError):
    """Beyond ASCII the scheme's order of keys and Python's part."""

    code = "json_key_not_ascii"
    fact = "has a key outside ASCII"


class NumberNotInteger(CanonicalError):
    """``1.0`` and ``1e3`` too: what looks like a float is one to some reader."""

    code = "json_number_not_integer"
    fact = "is a number written with a fraction or an exponent"


class NumberNotFinite(CanonicalError):
    """``NaN`` and ``Infinity`` are not JSON, though Python's reader takes them."""

    code = "json_number_not_finite"
    fact = "is not a number or is infinite"


class IntegerOutOfRange(CanonicalError):
    """Readers that keep numbers as doubles would round it, and hash something else."""

    code = "json_integer_out_of_range"
    fact = "is an integer beyond ±(2^53 - 1)"


class LoneSurrogate(CanonicalError):
    """It has no UTF-8, so it could be read but never written."""

    code = "json_lone_surrogate"
    fact = "holds half of a surrogate pair"


class NestedTooDeep(CanonicalError):
    """A limit on what a reader has to follow."""

    code = "json_nested_too_deep"
    fact = "is nested too deep"


class TypeUnsupported(CanonicalError):
    """Dates, decimals and bytes have no spelling of their own; only met when writing."""

    code = "json_type_unsupported"
    fact = "is neither object, array, string, integer, boolean nor null"


class NotCanonical(CanonicalError):
    """Space, order of keys, needless escapes, ``-0``: the same value, other bytes."""

    code = "json_not_canonical"
    fact = "is spelled in another way than the canonical one"


write: Final = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,  # a circle runs into the recursion limit, and ``check`` then calls it too deep
    allow_nan=False,
    sort_keys=True,
    separators=(",", ":"),
).encode
"""Write a value without looking at it: canonical only for a value that ``check`` accepts."""


def encode(value: Json) -> bytes:
    """Return the one spelling of a value.

    Raises:
        CanonicalError: one of the subclasses above, for a value outside the part.
    """
    check(value)
    return write(value).encode()


def decode(data: bytes) -> Json:
    """Return the value of canonical bytes.

    Raises:
        CanonicalError: one of the subclasses above.
    """
    value = parse(data)
    check(value)
    if write(value).encode() != data:
        raise NotCanonical
    return value


def parse(data: bytes) -> Json:
    """Read bytes in any spelling; refuse what no spelling could save.

    What remains to be seen is for ``check`` (nesting, surrogates), and the spelling for whoever writes it again.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise ByteOrderMark
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise NotUtf8 from None
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError:
        raise NotJson from None
    except RecursionError:
        raise NestedTooDeep from None
    return value


def check(value: object, where: str = "$", depth: int = DEPTH_MAX) -> None:
    """Refuse a value outside the part, naming the first place that is."""
    if isinstance(value, dict | list | tuple):
        if depth == 0:
            raise NestedTooDeep(where)
        _check_container(value, where, depth - 1)
    elif isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise IntegerOutOfRange(where)
    elif isinstance(value, float):
        raise NumberNotInteger(where) if math.isfinite(value) else NumberNotFinite(where)
    elif value is not None:
        raise TypeUnsupported(where)


def _check_container(value: dict[object, object] | Sequence[object], where: str, depth: int) -> None:
    if isinstance(value, dict):
        _check_keys(value, where)
        for key, member in value.items():
            check(member, f"{where}.{key}", depth)
    else:
        for index, item in enumerate(value):
            check(item, f"{where}[{index}]", depth)


def _check_keys(value: dict[object, object], where: str) -> None:
    for key in value:
        if not isinstance(key, str):
            raise KeyNotText(where)
        if not key.isascii():
            raise KeyNotAscii(f"{where}.{key}")


def _check_text(value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise LoneSurrogate(where) from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        raise DuplicateKey(next(key for key in keys if keys.count(key) > 1))
    return members


def _integer(digits: str) -> int:
    # By length first: Python refuses thousands of digits with an error of its own.
    if len(digits) > len(str(-INTEGER_MAX)) or abs(value := int(digits)) > INTEGER_MAX:
        raise IntegerOutOfRange
    return value


def _refuse_float(_: str) -> Never:
    raise NumberNotInteger


def _refuse_constant(_: str) -> Never:
    raise NumberNotFinite


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_refuse_float,
    parse_constant=_refuse_constant,
)
