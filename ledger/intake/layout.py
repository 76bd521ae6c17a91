"""Find out how a list is laid out: where its header stands, what each column is for, how its amounts are written.

Everything here is a proposal with its reason, made from a sheet's first rows; a person confirms or changes it, and
rows that contradict it later are faults of those rows, never read another way.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger.intake.cell import Row, is_blank
from ledger.intake.column import ColumnProfile, ThousandsGuess, profile_column
from ledger.intake.header import SINGLE, Recognised, Role, header_key, recognise
from ledger.intake.legacy import LegacyGuess, convert, guess

SAMPLE_SIZE: Final = 5_000
"""Rows that a proposal is made from."""

HEADER_SEARCH_MAX: Final = 40
HEADER_DEPTH_MAX: Final = 3
_NUMBERING_MIN: Final = 3
_MOST: Final = 0.6
_NAMES: Final = frozenset[Role]({"name", "surname"})

Unit = Literal[1, 1_000, 1_000_000]

_MILLIONS: Final = frozenset({"trieu", "1 000 000", "1000000"})
_find_unit: Final = re.compile(r"\b(nghin|ngan|1 000|1000|trieu|1 000 000|1000000) ?(?:dong|d|vnd|vn d)\b").search

MergedRange = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, each as row and column from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProposal:
    """A column and what it seems to be for; ``by`` says whether its header or its content says so."""

    index: int
    header: str
    role: Role
    by: Literal["header", "content"] | None
    legacy: LegacyGuess | None
    thousands: ThousandsGuess


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A list as it seems to be laid out; rows count from 0 within the sheet.

    ``header_row`` is the header's first row, ``None`` where there is none; ``first_row`` the first row of the list.
    ``unit`` is how many đồng an amount of 1 means, by what stands above the list.
    """

    header_row: int | None
    first_row: int
    columns: tuple[ColumnProposal, ...]
    unit: Unit
    score: int

    def column_of(self, role: Role) -> int | None:
        """Return the first column that serves a purpose."""
        return next((column.index for column in self.columns if column.role == role), None)


def _guess_unit(above: Sequence[Row]) -> Unit:
    """Look above the list for amounts in thousands or millions ("ĐVT: nghìn đồng")."""
    told = " ".join(header_key(cell) for row in above for cell in row if isinstance(cell, str))
    found = _find_unit(told)
    if found is None:
        return 1
    return 1_000_000 if found[1] in _MILLIONS else 1_000


@dataclass(frozen=True, slots=True)
class _Header:
    top: int
    depth: int
    score: int
    texts: Mapping[int, str] = field(default_factory=dict)
    found: Mapping[int, Recognised] = field(default_factory=dict)


def propose(
    rows: Sequence[Row], merged: Sequence[MergedRange] = (), thousands: Sequence[ThousandsGuess] = ()
) -> Layout:
    """Propose a layout from a sheet's first rows; ``thousands`` is what each whole column says, where that is known."""
    header = _find_header(rows[: HEADER_SEARCH_MAX + HEADER_DEPTH_MAX], merged)
    first_row = 0 if header is None else header.top + header.depth
    if first_row < len(rows) and _is_numbering(rows[first_row]):
        first_row += 1
    sample = rows[first_row : first_row + SAMPLE_SIZE]
    width = max(map(len, rows), default=0)
    profiles = [profile_column([row[index] if index < len(row) else None for row in sample]) for index in range(width)]
    found = {} if header is None else header.found
    roles: dict[int, Role] = _assign(found, profiles)
    by_header = set(roles)
    roles |= _roles_by_content(profiles, roles)
    columns = tuple(
        ColumnProposal(
            index=index,
            header="" if header is None else header.texts.get(index, ""),
            role=roles.get(index, "other"),
            by="header" if index in by_header else "content" if index in roles else None,
            legacy=guess(profiles[index].words),
            thousands=thousands[index] if index < len(thousands) else ThousandsGuess(),
        )
        for index in range(width)
    )
    return Layout(
        header_row=None if header is None else header.top,
        first_row=first_row,
        columns=columns,
        unit=_guess_unit(rows[:first_row]),
        score=_score(roles, header),
    )


def _score(roles: Mapping[int, Role], header: _Header | None) -> int:
    """Tell layouts of several sheets apart: a list of amounts and names first, then whose headers say more."""
    given = set(roles.values())
    return 100 * ("amount" in given) + 100 * bool(given & _NAMES) + (0 if header is None else header.score)


def _find_header(rows: Sequence[Row], merged: Sequence[MergedRange]) -> _Header | None:
    filled = _fill_merged(rows, merged)
    best: _Header | None = None
    for top in range(min(len(rows), HEADER_SEARCH_MAX)):
        for depth in range(1, min(HEADER_DEPTH_MAX, len(rows) - top) + 1):
            if depth > 1 and not _is_wording(rows[top + depth - 1]):
                break
            header = _read_header(filled, top, depth)
            if len({found.role for found in header.found.values()} - {"other"}) > 1 and (
                best is None or header.score > best.score
            ):
                best = header
    return best


def _fill_merged(rows: Sequence[Row], merged: Sequence[MergedRange]) -> list[Row]:
    """Return the rows with every cell of a merged range saying what its first says."""
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in filled[top : bottom + 1]:
            last = min(right + 1, len(row))
            row[left:last] = [rows[top][left]] * (last - left)
    return filled


def _is_wording(row: Row) -> bool:
    """Tell whether a row holds words alone, as a header's further rows do and a list's own hardly ever."""
    return any(not is_blank(cell) for cell in row) and all(isinstance(cell, str) or cell is None for cell in row)


def _read_header(rows: Sequence[Row], top: int, depth: int) -> _Header:
    texts: dict[int, str] = {}
    found: dict[int, Recognised] = {}
    for index in range(max(len(row) for row in rows[top : top + depth])):
        cells = [row[index] for row in rows[top : top + depth] if index < len(row)]
        words = dict.fromkeys(" ".join(cell.split()) for cell in cells if isinstance(cell, str) and cell.strip())
        texts[index] = " ".join(words)
        recognised = _recognise(texts[index])
        if recognised is not None:
            found[index] = recognised
    best: dict[Role, int] = {}
    for recognised in found.values():
        if recognised.role != "other":
            best[recognised.role] = max(best.get(recognised.role, 0), recognised.weight)
    told = [text for text in texts.values() if text]
    score = sum(best.values()) + len(found) - 2 * (depth - 1) - 2 * (len(told) - len(set(told)))
    return _Header(top, depth, score, texts, found)


def _recognise(text: str) -> Recognised | None:
    """Recognise a header as it stands, or as what it says in one of the old tables."""
    if text.isascii():
        return recognise(text)
    return recognise(text) or recognise(convert(text, "tcvn3")) or recognise(convert(text, "vni"))


def _is_numbering(row: Row) -> bool:
    """Tell whether a row only counts the columns, as printed forms do below their header: A, B, 1, 2 or (1), (2)."""
    marks = [cell.strip(" ()") if isinstance(cell, str) else cell for cell in row if not is_blank(cell)]
    numbers = [
        int(mark) for mark in marks if isinstance(mark, int | float) or (isinstance(mark, str) and mark.isdecimal())
    ]
    letters = [mark for mark in marks if isinstance(mark, str) and len(mark) == 1 and mark.isalpha()]
    return (
        len(marks) >= _NUMBERING_MIN
        and len(numbers) + len(letters) == len(marks)
        and numbers == list(range(1, len(numbers) + 1))
    )


def _assign(found: Mapping[int, Recognised], profiles: Sequence[ColumnProfile]) -> dict[int, Role]:
    """Give each purpose that one column serves to the column with the plainest words for it."""
    roles: dict[int, Role] = {}
    for index, recognised in found.items():
        role, taken = recognised.role, [at for at, other in roles.items() if other == recognised.role]
        if role not in SINGLE or not taken:
            roles[index] = role
        elif role == "name" and taken == [index - 1] and found[index - 1].weight == recognised.weight:
            # One header over two columns: family name and given name.
            roles[index - 1], roles[index] = "surname", "name"
        elif _outdoes(found[taken[0]], profiles[taken[0]], recognised, profiles[index]):
            roles[taken[0]], roles[index] = "other", role
        else:
            roles[index] = "other"
    return _settle_details(roles, found)


def _outdoes(
    first: Recognised, first_profile: ColumnProfile, second: Recognised, second_profile: ColumnProfile
) -> bool:
    if first.weight != second.weight:
        return second.weight > first.weight
    return first.role == "amount" and second_profile.amount_share > first_profile.amount_share


def _settle_details(roles: dict[int, Role], found: Mapping[int, Recognised]) -> dict[int, Role]:
    """Leave an address out of the details where there is a unit, a class or a village."""
    weights = [found[index].weight for index, role in roles.items() if role == "detail"]
    strongest = max(weights, default=0)
    return {
        index: "other" if role == "detail" and found[index].weight < strongest else role
        for index, role in roles.items()
    }


def _roles_by_content(profiles: Sequence[ColumnProfile], roles: Mapping[int, Role]) -> dict[int, Role]:
    """Find by their content what no header names: the amount, the name, the number of the line."""
    free = [index for index in range(len(profiles)) if index not in roles and profiles[index].filled]
    given = set(roles.values())
    made: dict[int, Role] = {}
    if "amount" not in given:
        made |= _best(free, lambda index: profiles[index].amount_share, "amount")
    if "number" not in given:
        made |= _best(
            [index for index in free if index not in made], lambda index: profiles[index].count_share, "number"
        )
    if not given & _NAMES:
        made |= _best([index for index in free if index not in made], lambda index: profiles[index].name_share, "name")
    if not roles:
        made |= _best(
            [index for index in free if index not in made], lambda index: profiles[index].group_share, "detail"
        )
    return made


def _best(indexes: Sequence[int], share: Callable[[int], float], role: Role) -> dict[int, Role]:
    """Return the column whose share is largest, where it is most of the column; the last of equals."""
    best = max(reversed(indexes), key=share, default=None)
    return {} if best is None or share(best) < _MOST else {best: role}
