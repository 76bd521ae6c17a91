"""Read what a draft says: the one place where typed fields become a collection.

A body is the form as it was typed: texts, or ``null`` for what was left empty. Pure::

    {"received_on": "5/9/2025", "medium": "cash", "account": "1111", "fund": "QC", "channel": "household",
     "campaign": …, "earmark": …, "currency": "VND", "rate": …, "rate_source": …, "description": …,
     "declared_count": "37", "declared_total": "18.500.000", "document": "dc_…", "document_kind": "receipt",
     "lines": [{"donor": "…", "detail": …, "amount": "500.000", "wish": "named", "series": …, "number": …,
                "person": "pe_…", "pledge": "pl_…"}, …]}

Lines in which nothing was typed are passed over, as a grid has some at its end; ``Fault.line`` counts all of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, cast
from uuid import UUID

from ledger import typeid
from ledger.documents.kind import KINDS, OTHER
from ledger.errors import Fault, FieldRefused, LedgerError, Value
from ledger.giving.errors import DraftRefused
from ledger.giving.model import Collection, Declared, Gift, Medium, Paper, Source, Wish
from ledger.money import AMOUNT_MAX, VND, Rate
from ledger.typed import AmountRefused, parse_amount, parse_day

Body: TypeAlias = Mapping[str, Any]
Result = TypeVar("Result")

FIELDS: Final = (
    "received_on",
    "medium",
    "account",
    "fund",
    "channel",
    "campaign",
    "earmark",
    "currency",
    "rate",
    "rate_source",
    "description",
    "declared_count",
    "declared_total",
    "document",
    "document_kind",
)
LINE_FIELDS: Final = ("donor", "detail", "amount", "wish", "series", "number", "person", "pledge")
"""What a body and a line of it may hold, each a text or null."""

FIELD_LENGTH_MAX: Final = 2_000

_MEDIA: Final = frozenset({"cash", "bank"})
_match_count: Final = re.compile(r"[1-9][0-9]{0,5}").fullmatch
_match_number: Final = re.compile(r"0*[1-9][0-9]{0,8}").fullmatch
_match_foreign: Final = re.compile(
    r"(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?:(?:,[0-9]{3}){1,4}|(?:\.[0-9]{3}){1,4}))(?:(?P<mark>[.,])(?P<part>[0-9]{1,4}))?"
).fullmatch
_GROUP_SIZE: Final = 3
_match_rate: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,8})?").fullmatch


def line_count(body: Body) -> int:
    """Return how many lines a body has; refuse what is no body.

    Raises:
        FieldRefused: another member, another type, or a text of more than two thousand characters.
    """
    lines = body.get("lines", [])
    if not isinstance(lines, list) or not _is_form(body, (*FIELDS, "lines")):
        raise FieldRefused(field="body", rule="draft_body_form")
    if not all(isinstance(line, dict) and _is_form(line, LINE_FIELDS) for line in lines):
        raise FieldRefused(field="lines", rule="draft_body_form")
    return len(lines)


def _is_form(form: Mapping[str, Any], names: Sequence[str]) -> bool:
    return all(
        name in names
        and (name == "lines" or value is None or (isinstance(value, str) and len(value) <= FIELD_LENGTH_MAX))
        for name, value in form.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A document that is attached to the entry when it is posted, and which kind of paper it is."""

    document_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a body means; ``lines`` has the place in the form of each gift."""

    collection: Collection
    lines: tuple[int, ...]
    scan: Scan | None = None

    def placed(self, faults: Sequence[Fault]) -> list[Fault]:
        """Tell faults of the collection in the fields and lines of the form."""
        return [
            replace(
                fault,
                line=None if fault.line is None else self.lines[fault.line],
                field=_FORM_FIELDS.get(fault.field or "", fault.field),
            )
            for fault in faults
        ]


_FORM_FIELDS: Final = {"amount_minor": "amount", "paper": "number", "gifts": "lines", "declared": "declared_total"}


def currency_of(body: Body) -> str:
    """Return the currency that a body names, đồng where it names none."""
    return _given(body, "currency") or VND


def read_body(
    body: Body, *, is_drive: bool, minor_digits: int | None = None, difference_reason: str | None = None
) -> Read:
    """Return the collection that a body means; ``minor_digits`` are those of its currency, where that is not đồng.

    Raises:
        DraftRefused: what can't be read, in the fields and lines of the form; what is read and wrong is for
            ``receive`` to find.
    """
    currency = currency_of(body)
    parse_money = parse_amount if currency == VND else partial(parse_foreign, minor_digits=minor_digits or 0)
    reader = _Reader(parse_money)
    gifts = tuple(reader.gifts(body))
    received_on = reader.read("received_on", parse_day, _given(body, "received_on")) or date.min
    medium = _given(body, "medium")
    if medium not in _MEDIA:
        reader.fault("medium_missing", "medium")
    for name in ("account", "fund", "channel"):
        if _given(body, name) is None:
            reader.fault("field_missing", name)
    declared = reader.declared(body, is_drive=is_drive)
    rate = reader.rate(body, currency)
    scan = reader.scan(body)
    if reader.faults:
        raise DraftRefused(reader.faults)
    collection = Collection(
        received_on=received_on,
        medium=cast("Medium", medium),
        account=_given(body, "account") or "",
        fund=_given(body, "fund") or "",
        channel=_given(body, "channel") or "",
        campaign=_given(body, "campaign"),
        earmark=_given(body, "earmark"),
        currency=currency,
        rate=rate,
        description=_given(body, "description"),
        declared=declared,
        difference_reason=difference_reason,
        source=Source(kind="drive" if is_drive else "hand"),
        gifts=gifts,
    )
    return Read(collection=collection, lines=tuple(reader.lines), scan=scan)


def parse_foreign(typed: str, *, minor_digits: int) -> int:
    """Return a foreign amount in minor units: ``1,250.50`` and ``1.250,50``, with all of its decimals or none.

    Raises:
        AmountRefused: anything else, and what could be two amounts, as ``1.250`` of a currency with cents.
    """
    found = _match_foreign(typed.strip())
    if found is None:
        raise AmountRefused(reason="unreadable" if typed.strip() else "blank")
    whole, mark, part = found["whole"], found["mark"], found["part"] or ""
    others = set(whole) - set("0123456789")
    if mark and (mark in others or len(part) != minor_digits):
        raise AmountRefused(reason="decimals" if mark not in others and len(part) != _GROUP_SIZE else "grouping")
    if others and not mark and minor_digits:
        raise AmountRefused(reason="ambiguous_foreign")
    amount = int("".join(filter(str.isdigit, whole)) + part.ljust(minor_digits, "0"))
    if amount == 0:
        raise AmountRefused(reason="zero")
    if amount > AMOUNT_MAX:
        raise AmountRefused(reason="too_large", amount_max=AMOUNT_MAX)
    return amount


def _given(form: Mapping[str, Any], name: str) -> str | None:
    """Return what was typed into a field; blanks are nothing."""
    value = form.get(name)
    return value.strip() or None if isinstance(value, str) else None


class _Reader:
    """Reads typed fields and gathers what it can't."""

    def __init__(self, parse_money: Callable[[str], int]) -> None:
        self.faults: list[Fault] = []
        self.lines: list[int] = []
        self._parse_money = parse_money

    def fault(self, code: str, field: str, line: int | None = None, **fields: Value) -> None:
        self.faults.append(Fault(code=code, field=field, line=line, fields=fields))

    def read(
        self, field: str, parse: Callable[[str], Result], typed: str | None, line: int | None = None
    ) -> Result | None:
        """Return what a text means; ``None`` where it means nothing, which is a fault."""
        try:
            return parse(typed or "")
        except LedgerError as refused:
            more = {name: value for name, value in refused.fields.items() if name != "field"}
            self.fault(refused.code, field, line, **more)
            return None

    def gifts(self, body: Body) -> Iterator[Gift]:
        typed = [
            (index, line)
            for index, line in enumerate(body.get("lines", []))
            if any(_given(line, name) for name in ("donor", "detail", "amount", "number"))
        ]
        if not typed:
            self.fault("lines_empty", "lines")
        for index, line in typed:
            self.lines.append(index)
            amount_minor = self.read("amount", self._parse_money, _given(line, "amount"), index)
            wish = _given(line, "wish") or "named"
            if wish not in {"named", "anonymous"}:
                self.fault("choice_refused", "wish", index, expected="named, anonymous")
            yield Gift(
                donor=_given(line, "donor"),
                detail=_given(line, "detail"),
                amount_minor=amount_minor or 1,
                wish=cast("Wish", wish),
                paper=self._paper(line, index),
                person_id=self._id(line, "person", typeid.PERSON, index),
                pledge_id=self._id(line, "pledge", typeid.PLEDGE, index),
            )

    def _paper(self, line: Mapping[str, Any], index: int) -> Paper | None:
        series, number = _given(line, "series"), _given(line, "number")
        if number is None:
            return None
        if series is None or not _match_number(number):
            self.fault("paper_unreadable", "number", index)
            return None
        return Paper(series=series.upper(), number=int(number))

    def _id(self, form: Mapping[str, Any], name: str, prefix: str, index: int | None = None) -> UUID | None:
        typed = _given(form, name)
        return None if typed is None else self.read(name, lambda value: typeid.decode(prefix, value), typed, index)

    def scan(self, body: Body) -> Scan | None:
        """Read which document goes with the gifts, and what it is."""
        document_id = self._id(body, "document", typeid.DOCUMENT)
        kind = _given(body, "document_kind") or OTHER
        if document_id is not None and kind not in KINDS:
            self.fault("choice_refused", "document_kind", expected=", ".join(KINDS))
        return None if document_id is None else Scan(document_id=document_id, kind=kind)

    def declared(self, body: Body, *, is_drive: bool) -> Declared | None:
        """Read what was counted before; a drive has both, anything else both or neither."""
        count, total = _given(body, "declared_count"), _given(body, "declared_total")
        if count is None and total is None and not is_drive:
            return None
        if count is None or not _match_count(count):
            self.fault("declared_missing", "declared_count")
            return None
        total_minor = self.read("declared_total", self._parse_money, total)
        return None if total_minor is None else Declared(count=int(count), total_minor=total_minor)

    def rate(self, body: Body, currency: str) -> Rate | None:
        """Read the rate of a foreign currency: đồng for one unit of it, a comma or a point before decimals."""
        typed, source = _given(body, "rate"), _given(body, "rate_source")
        if currency == VND and typed is None:
            return None
        written = (typed or "").replace(",", ".")
        if not _match_rate(written):
            self.fault("rate_unreadable", "rate")
            return None
        return Rate(currency=currency, value=Decimal(written), source=source or "")
