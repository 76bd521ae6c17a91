r"""Write and compare published trial balances: what every account of every fund has moved, as known at a log size.

Lines of ASCII JSON in exactly this spelling (``\n`` at each line's end), in ascending order of association, account and
fund as text::

    {"format":"soquy-trial-balances","v":1,"origin":"ORIGIN","size":K}
    {"association":"as_…","account":"1111","fund":"QC","debit_minor":N,"credit_minor":N}
    {"end":true,"rows":N}

Sums are those of all entries among the first K leaves, whatever their day, in đồng; a row stands for every account and
fund of an association that was ever posted to. Since the spelling is fixed, an auditor writes the file anew from the
leaves and compares lines.
"""

import json
from collections.abc import Mapping
from typing import IO, Any, Final, TypeAlias

from audit.checkpoint import Checkpoint
from audit.finding import Tampered, Unusable
from audit.line import NUMBER_MAX

FORMAT: Final = "soquy-trial-balances"
LINE_SIZE_MAX: Final = 4096
"""In bytes."""

Place: TypeAlias = tuple[str, str, str]
"""Association, account, fund."""

Sums: TypeAlias = dict[Place, list[int]]
"""Debit and credit in đồng of each place."""

_FIGURES: Final = ("debit_minor", "credit_minor")
_write: Final = json.JSONEncoder(separators=(",", ":")).encode


def header_line(origin: str, size: int) -> bytes:
    """Return the first line."""
    return _line({"format": FORMAT, "v": 1, "origin": origin, "size": size})


def row_line(place: Place, debit_minor: int, credit_minor: int) -> bytes:
    """Return the line of one account and fund of an association."""
    association, account, fund = place
    row = {"association": association, "account": account, "fund": fund}
    return _line({**row, "debit_minor": debit_minor, "credit_minor": credit_minor})


def end_line(row_count: int) -> bytes:
    """Return the last line."""
    return _line({"end": True, "rows": row_count})


def _line(members: Mapping[str, str | int]) -> bytes:
    return f"{_write(members)}\n".encode("ascii")


def read_header(file: IO[bytes], checkpoint: Checkpoint, where: str) -> int:
    """Read the first line and return the size up to which the balances are known.

    Raises:
        Tampered: it is another log's, or of more leaves than the checkpoint has.
        Unusable: it is no file of trial balances, or of a later version.
    """
    line = file.readline(LINE_SIZE_MAX)
    header = _parse(line)
    if header is None or header.get("format") != FORMAT or header.get("v") != 1:
        raise Unusable("balances_format_unknown", where)
    size = header.get("size")
    if type(size) is not int or not 0 <= size <= NUMBER_MAX or line != header_line(str(header.get("origin")), size):
        raise Tampered("balances_line_malformed", f"{where} line 1")
    if header["origin"] != checkpoint.origin:
        raise Tampered("balances_origin", where, found=ascii(header["origin"])[1:-1], expected=checkpoint.origin)
    return size


def compare(file: IO[bytes], sums: Sums, where: str) -> int:
    """Compare the lines after the first with sums replayed from leaves; return how many rows agree.

    Raises:
        Tampered: names the first figure that differs, row that is missing or too many, or line that is none.
    """
    number = 1
    for number, place in enumerate(sorted(sums), 2):
        debit_minor, credit_minor = sums[place]
        expected = row_line(place, debit_minor, credit_minor)
        found = file.readline(LINE_SIZE_MAX)
        if found != expected:
            _refuse(found, place, (debit_minor, credit_minor), f"{where} line {number}")
    found = file.readline(LINE_SIZE_MAX)
    if found != end_line(len(sums)):
        extra = _place(_parse(found))
        if extra is not None:
            raise Tampered("balances_row_unexpected", f"{where} line {number + 1}", row=" ".join(extra))
        raise Tampered("balances_end", f"{where} line {number + 1}", rows=len(sums))
    if file.read(1):
        raise Tampered("balances_end", f"{where} line {number + 2}", rows=len(sums))
    return len(sums)


def _refuse(found: bytes, place: Place, figures: tuple[int, int], where: str) -> None:
    row = _parse(found)
    found_place = _place(row)
    if row is None or found_place is None:
        if row is not None and row.get("end") is True:
            raise Tampered("balances_row_missing", where, row=" ".join(place))
        raise Tampered("balances_line_malformed", where)
    if found_place != place:
        code = "balances_row_missing" if found_place > place else "balances_row_unexpected"
        raise Tampered(code, where, row=" ".join(min(place, found_place)))
    for name, expected in zip(_FIGURES, figures, strict=True):
        published = row.get(name)
        if published != expected or type(published) is not int:
            shown = published if type(published) is int else ascii(published)[:40]
            raise Tampered(
                "balances_figure", where, row=" ".join(place), figure=name, published=shown, replayed=expected
            )
    raise Tampered("balances_line_malformed", where)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def _place(row: dict[str, Any] | None) -> Place | None:
    if row is None:
        return None
    names = [row.get(name) for name in ("association", "account", "fund")]
    if not all(isinstance(name, str) and name.isascii() and name.isprintable() for name in names):
        return None
    return (str(names[0]), str(names[1]), str(names[2]))
