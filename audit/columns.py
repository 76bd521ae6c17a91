"""Send the columns of a batch as statement parameters, one PostgreSQL array literal a column.

The driver's own adaptation of lists costs three times as much per element, and picks another array type whenever the
integers of a batch outgrow a size, so that one statement would be prepared several times. Bytes travel as one value
to be cut up in the server: as an array's elements, escaped and parsed, they take five times as long.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate


def plain_array(values: Iterable[object]) -> str:
    """Return the literal of numbers, dates, uuids or booleans: whatever prints without comma, quote or brace."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def text_array(values: Iterable[str | None]) -> str:
    """Return the literal of any texts."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def packed_bytes(values: Sequence[bytes]) -> tuple[bytes, str, str]:
    """Return all values as one, and the literals of where each starts (counted from 1) and how long it is."""
    sizes = [len(value) for value in values]
    return b"".join(values), plain_array(accumulate(sizes[:-1], initial=1)) if sizes else "{}", plain_array(sizes)


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
