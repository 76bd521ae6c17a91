"""Judge the rows of a list: what each would become, and everything that is wrong with it, at once.

Rows are taken in the order of the file, page by page; what a row is may depend on those before it, because lists end in
totals and signatures. A row is one of these:

- ``ok`` or ``warning``: a gift, as it will be posted;
- ``fault``: something must be mended in the file, or the row left out by somebody's decision;
- ``total``, ``group``, ``footer``: no gift. A total is held against the rows above it.

Blank rows are none of them and are not kept. What a person may decide about a row is not here: nothing is left out, and
nothing guessed.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from ledger.errors import LedgerError, TextRefused, Value
from ledger.intake.cell import Cell, Row, is_blank
from ledger.intake.header import SINGLE, header_key
from ledger.intake.legacy import convert
from ledger.intake.line import (
    DETAIL_LENGTH_MAX,
    NAME_LENGTH_MAX,
    PAPER_NUMBER_LENGTH_MAX,
    CellRefused,
    Finding,
    Line,
    ListMapping,
    Verdict,
)
from ledger.intake.row_kind import is_counted, is_footer, is_heading_number, is_total, is_words
from ledger.intake.syllable import is_syllable
from ledger.money import AMOUNT_MAX
from ledger.text import clean_text
from ledger.typed import AmountRefused, day_of_serial, parse_amount, parse_day

DIGEST_SIZE: Final = 8

_ANONYMOUS: Final = frozenset({"x", "co", "an danh", "1", "true", "yes", "khong cong khai", "khong neu ten"})
_NAMED: Final = frozenset({"khong", "0", "false", "no", "cong khai", "neu ten"})
_find_words: Final = re.compile(r"[^\W\d_]+").findall


class Judge:
    """Judges the rows of one list, in their order."""

    def __init__(self, mapping: ListMapping, received_on: date | None = None) -> None:
        """Begin a list; ``received_on`` is the day that days in the file are held against."""
        at = {role: index for index, role in enumerate(mapping.roles) if role in SINGLE}
        self._mapping = mapping
        self._received_on = received_on
        self._number, self._amount = at.get("number"), at["amount"]
        self._paper_number, self._paid_on, self._wish = at.get("paper_number"), at.get("paid_on"), at.get("wish")
        self._names = [at[role] for role in ("surname", "name") if role in at]
        self._details = [index for index, role in enumerate(mapping.roles) if role == "detail"]
        self._used = sorted({*at.values(), *self._details})
        self._width = max(self._used) + 1
        self._sum_minor = self._sum_since_total_minor = 0
        self._has_total = False

    def take(self, rows: Sequence[Row], first_row: int) -> list[Line]:
        """Judge a page of rows, of which the first is row ``first_row`` of the sheet, counted from 0."""
        lines = []
        for number, row in enumerate(rows, start=first_row):
            if number >= self._mapping.first_row:
                if len(row) < self._width:
                    row.extend([""] * (self._width - len(row)))
                line = self._judge(row, number + 1)
                if line is not None:
                    lines.append(line)
        return lines

    def _judge(self, row: Row, number: int) -> Line | None:
        amount, label = row[self._amount], self._label(row)
        is_numbered = self._number is not None and is_counted(row[self._number])
        if not is_numbered and is_total(label):
            return self._total(amount, number, label)
        if is_blank(amount):
            if all(map(is_blank, row)):
                return None
            kind = None if is_numbered else self._kind(row, label)
            if kind is not None:
                return _no_gift(row, number, kind, label)
        elif not is_numbered and (self._has_total or not label) and self._is_signed(row):
            return _no_gift(row, number, "footer", label)  # whoever signs does it below any column
        return self._gift(row, number, amount)

    def _label(self, row: Row) -> str:
        """Return the first words of a row, where lists write "Tổng cộng"."""
        for index in self._names if self._number is None else [*self._names, self._number]:
            cell = row[index]
            if isinstance(cell, str) and cell:
                return self._text(index, cell)
        return ""

    def _kind(self, row: Row, label: str) -> Verdict | None:
        """Say what a row without an amount and without a running number is, if it is no gift."""
        if self._has_total or all(is_blank(row[index]) for index in self._used):
            return "footer"
        if self._is_footer(row):
            return "footer"
        if self._number is None or not label or not all(is_blank(row[index]) for index in self._details):
            return None
        return "group" if is_blank(row[self._number]) or is_heading_number(row[self._number]) else None

    def _is_signed(self, row: Row) -> bool:
        """Tell whether a row has words of a list's end, and no amount in its place: who signs, or on which day."""
        amount = row[self._amount]
        is_no_amount = is_words(amount) or (isinstance(amount, str) and is_footer(self._text(self._amount, amount)))
        return is_no_amount and self._is_footer(row)

    def _is_footer(self, row: Row) -> bool:
        return any(
            is_footer(self._text(index, cell)) for index, cell in enumerate(row) if isinstance(cell, str) and cell
        )

    def _total(self, cell: Cell, number: int, label: str) -> Line:
        """Hold a total against what stands above it: all of it, or what came since the last total."""
        self._has_total = True
        line = Line(row=number, verdict="total", name=label[:NAME_LENGTH_MAX])
        try:
            line.amount_minor = self._amount_of(cell)
        except LedgerError:
            line.findings = (Finding(code="total_unreadable", column=self._amount),)
        else:
            if line.amount_minor not in {self._sum_minor, self._sum_since_total_minor}:
                fields: dict[str, Value] = {"total_minor": line.amount_minor, "sum_minor": self._sum_minor}
                line.findings = (Finding(code="total_differs", column=self._amount, fields=fields),)
        self._sum_since_total_minor = 0
        return line

    def _gift(self, row: Row, number: int, cell: Cell) -> Line:
        findings: list[Finding] = []
        name, detail = self._name(row, findings), self._detail(row, findings)
        line = Line(row=number, verdict="ok", name=name, detail=detail)
        try:
            amount = line.amount_minor = self._amount_of(cell)
        except LedgerError as refused:
            findings.append(Finding(code=refused.code, column=self._amount, fields=refused.fields))
        else:
            self._sum_minor += amount
            self._sum_since_total_minor += amount
            said = f"{name.casefold()}\x1f{detail.casefold()}\x1f{amount}"
            line.digest = sha256(said.encode()).digest()[:DIGEST_SIZE]
        if self._paper_number is not None:
            line.paper_number = self._paper_number_of(row[self._paper_number], self._paper_number, findings)
        if self._wish is not None:
            line.is_anonymous = _is_anonymous(row[self._wish], self._wish, findings)
        if self._paid_on is not None:
            self._check_day(row[self._paid_on], self._paid_on, findings)
        if self._number is not None and is_heading_number(row[self._number]) and not is_counted(row[self._number]):
            findings.append(Finding(code="group_amount", column=self._number))
        if findings:
            line.findings = tuple(findings)
            line.verdict = "fault" if any(finding.is_fault for finding in findings) else "warning"
        return line

    def _name(self, row: Row, findings: list[Finding]) -> str:
        parts = []
        for index in self._names:
            cell = row[index]
            if isinstance(cell, str):
                parts.append(self._text(index, cell))
            elif not is_blank(cell):
                findings.append(_not_text(cell, index))
                return ""
        name = " ".join(parts).strip()
        if not name:
            findings.append(Finding(code="name_missing", column=self._names[-1]))
            return ""
        return self._cleaned(name, self._names[-1], findings, length_max=NAME_LENGTH_MAX)

    def _detail(self, row: Row, findings: list[Finding]) -> str:
        parts = []
        for index in self._details:
            cell = row[index]
            if isinstance(cell, str):
                parts.append(self._text(index, cell))
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1:
                parts.append(str(int(cell)))  # a class or a village may be a mere number
            elif not is_blank(cell):
                findings.append(_not_text(cell, index))
        text = ", ".join(filter(None, parts))
        return self._cleaned(text, self._details[0], findings, length_max=DETAIL_LENGTH_MAX) if text else ""

    def _cleaned(self, text: str, index: int, findings: list[Finding], *, length_max: int) -> str:
        if index in self._mapping.legacy and not all(map(is_syllable, _find_words(text))):
            findings.append(Finding(code="legacy_unsure", column=index))
        if text[0] in "=+-@":
            findings.append(Finding(code="formula_like", column=index))
        try:
            return clean_text(text, field="cell", length_max=length_max)
        except TextRefused as refused:
            findings.append(Finding(code=refused.code, column=index, fields=refused.fields))
            return ""

    def _text(self, index: int, text: str) -> str:
        """Return the text of a cell in Unicode, with one space between words."""
        legacy = self._mapping.legacy.get(index)
        return " ".join((text if legacy is None else convert(text, legacy)).split())

    def _amount_of(self, cell: Cell) -> int:
        """Return the đồng of a cell.

        Raises:
            AmountRefused: as ``typed.parse_amount``, of numbers too.
            CellRefused: a cell without a value, a day, a truth value.
        """
        if cell is None or isinstance(cell, str):
            amount = parse_amount(cell or "", thousands=self._mapping.thousands) * self._mapping.unit
            if amount > AMOUNT_MAX:
                raise AmountRefused(reason="too_large", amount_max=AMOUNT_MAX)
            return amount
        if isinstance(cell, bool | dict):
            raise CellRefused(reason=_what(cell))
        worth = cell * self._mapping.unit
        for reason, is_so in (("negative", worth < 0), ("zero", worth == 0), ("decimals", worth != worth // 1)):
            if is_so:
                raise AmountRefused(reason=reason)
        if worth > AMOUNT_MAX:
            raise AmountRefused(reason="too_large", amount_max=AMOUNT_MAX)
        return int(worth)

    def _paper_number_of(self, cell: Cell, index: int, findings: list[Finding]) -> str | None:
        """Return the number of a paper receipt, which spreadsheets like to keep as a number."""
        if is_blank(cell):
            return None
        if isinstance(cell, bool | dict) or (isinstance(cell, float) and cell != cell // 1):
            findings.append(_not_text(cell, index))
            return None
        text = self._text(index, cell) if isinstance(cell, str) else str(int(cell or 0))
        return self._cleaned(text, index, findings, length_max=PAPER_NUMBER_LENGTH_MAX) or None

    def _check_day(self, cell: Cell, index: int, findings: list[Finding]) -> None:
        """Hold the day of a line against the day that the whole list is booked on."""
        try:
            day = _day_of(cell)
        except LedgerError as refused:
            findings.append(Finding(code=refused.code, column=index, fields=refused.fields))
            return
        if day is not None and self._received_on is not None and day != self._received_on:
            findings.append(Finding(code="day_differs", column=index, fields={"day": day.isoformat()}))


def _day_of(cell: Cell) -> date | None:
    if is_blank(cell):
        return None
    if isinstance(cell, dict) and ("on" in cell or "at" in cell):
        return datetime.fromisoformat(str(cell.get("on") or cell.get("at"))).date()
    if isinstance(cell, str):
        return parse_day(cell)
    if isinstance(cell, bool | dict) or cell is None:
        raise CellRefused(reason=_what(cell))
    return day_of_serial(cell)


def _is_anonymous(cell: Cell, index: int, findings: list[Finding]) -> bool:
    """Tell whether a cell asks that the name be left out; where that is unclear, it is."""
    said = header_key(cell) if isinstance(cell, str) else "" if is_blank(cell) else header_key(str(cell))
    if not said or said in _NAMED:
        return False
    if said not in _ANONYMOUS:
        findings.append(Finding(code="wish_unclear", column=index))
    return True


def _no_gift(row: Row, number: int, kind: Verdict, label: str) -> Line:
    text = label or next((cell for cell in row if isinstance(cell, str) and cell.strip()), "")
    return Line(row=number, verdict=kind, name=" ".join(text.split())[:NAME_LENGTH_MAX])


def _not_text(cell: Cell, index: int) -> Finding:
    return Finding(code=CellRefused.code, column=index, fields={"reason": _what(cell)})


def _what(cell: Cell) -> str:
    """Name what a cell holds instead of what it should."""
    if isinstance(cell, dict):
        return str(cell["fault"]) if "fault" in cell else "length_of_time" if "lasts" in cell else "day"
    return "truth_value" if isinstance(cell, bool) else "number"
