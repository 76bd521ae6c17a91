"""A list as it is typed: what its draft keeps word for word, and what is counted of it before it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.calendar import today
from ledger.errors import Fault
from ledger.giving.choice import Choices
from ledger.giving.draft_body import Body
from ledger.money import VND
from ledger.people.order import search_key
from ledger.typed import AmountRefused, parse_amount
from web.form import Form, FormFault
from web.translation import _

LIST: Final = "lines"
ROW_COUNT_MAX: Final = 2_000
ROW_COUNT_LEAST: Final = 12
ROW_COUNT_MORE: Final = 10

HEAD: Final = (
    *("received_on", "account", "fund", "channel", "campaign", "earmark", "description"),
    *("declared_count", "declared_total"),
)
LINE: Final = ("donor", "detail", "amount", "wish", "number", "person")
TYPED: Final = ("donor", "detail", "amount", "number")
"""What begins a line: a wish is chosen from the start."""

SALARY: Final = "salary-day"
DRIVE_CHANNEL: Final = "household"

_FIELDS: Final[Mapping[str, str | None]] = {"lines": None, "medium": "account", "entry_on": "received_on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A list as it was counted; ``unread_count`` are lines whose amount is missing or has no one meaning."""

    count: int
    sum_minor: int
    unread_count: int
    declared_count: int | None
    declared_minor: int | None

    @property
    def count_left(self) -> int | None:
        """How many are still to come; below zero where there are too many."""
        return None if self.declared_count is None else self.declared_count - self.count

    @property
    def left_minor(self) -> int | None:
        """What is still to come; below zero where it is too much."""
        return None if self.declared_minor is None else self.declared_minor - self.sum_minor

    @property
    def is_even(self) -> bool:
        """Tell whether the list is what was declared."""
        return self.count_left == 0 and self.left_minor == 0 and not self.unread_count


def columns(*, is_salary: bool, has_paper: bool, suggest: str | None = None) -> tuple[Mapping[str, object], ...]:
    """Return the columns of the list, as ``parts/grid.html`` draws them; ``suggest`` is asked for names."""
    wishes = (("named", _("Nêu tên")), ("anonymous", _("Không nêu")))
    told: list[Mapping[str, object]] = [
        {
            "name": "donor",
            "label": _("Họ và tên"),
            "kind": "text",
            "width": 30,
            "length_max": 200,
            "suggest": suggest,
            "suggest_label": _("Tên gợi ý"),
        },
        {
            "name": "detail",
            "label": _("Phòng, ban, tổ") if is_salary else _("Thôn, xóm, tổ"),
            "kind": "text",
            "width": 20,
            "length_max": 300,
        },
        {"name": "amount", "label": _("Số tiền (đ)"), "kind": "amount", "width": 20},
        {"name": "wish", "label": _("Nguyện vọng"), "kind": "select", "width": 10, "options": wishes},
    ]
    if has_paper:
        told.append({"name": "number", "label": _("Số biên lai"), "kind": "text", "width": 10, "length_max": 20})
    # Who of the register was chosen for a line: beside it, as nobody types an id.
    told.append({"name": "person", "label": "", "kind": "hidden"})
    return tuple(told)


def fresh_form(choices: Choices, *, is_salary: bool) -> Form:
    """Return a form to begin a list with: today, and what there is no choice of or was chosen last."""
    medium = "bank" if is_salary else "cash"
    accounts = [each.code for each in choices.accounts if each.medium == medium and each.currency == VND]
    values: dict[str, object] = {"received_on": today(), "channel": SALARY if is_salary else DRIVE_CHANNEL}
    last = choices.last
    values["account"] = last.account if last is not None and last.account in accounts else next(iter(accounts), None)
    funds = [each.code for each in choices.funds]
    values["fund"] = last.fund if last is not None and last.fund in funds else funds[0] if len(funds) == 1 else None
    return Form.showing(values)


def rows_of(form: Form) -> tuple[int, ...]:
    """Return the numbers of the lines in which anything was typed."""
    return tuple(number for number in form.rows(LIST) if any(_cell(form, number, name).strip() for name in TYPED))


def body_of(form: Form, choices: Choices) -> dict[str, Any]:
    """Return what a draft keeps of a form: every field as it was typed, and the lines that were begun."""
    account = choices.account(form.value("account"))
    body: dict[str, Any] = {name: form.value(name) or None for name in HEAD}
    body |= {"medium": None if account is None else account.medium}
    body |= {"currency": VND if account is None else account.currency}
    series = form.value("series").strip() or None
    body["lines"] = [
        {name: _cell(form, number, name) or None for name in LINE} | {"series": series} for number in rows_of(form)
    ]
    return body


def form_of(body: Body) -> Form:
    """Return the form that shows a draft as it was typed; its lines are numbered from 0."""
    lines = body.get("lines", [])
    values: dict[str, object] = {name: body.get(name) for name in HEAD}
    values["series"] = next((line["series"] for line in lines if line.get("series")), None)
    for number, line in enumerate(lines):
        values |= {f"{LIST}.{number}.{name}": line.get(name) for name in LINE}
    return Form.showing(values)


def form_faults(faults: Sequence[Fault], rows: Sequence[int]) -> list[FormFault]:
    """Tell faults of a draft at the fields of its form; ``rows`` are the numbers of its lines, in their order."""
    return [FormFault(name=_name(fault, rows), code=fault.code, fields=fault.fields) for fault in faults]


def _name(fault: Fault, rows: Sequence[int]) -> str | None:
    if fault.line is not None:
        return f"{LIST}.{rows[fault.line]}.{fault.field or 'donor'}"
    return None if fault.field is None else _FIELDS.get(fault.field, fault.field)


def tally_of(body: Body) -> Tally:
    """Count a list as it was typed."""
    amounts = [amount_of(line.get("amount")) for line in body.get("lines", [])]
    read = [amount for amount in amounts if amount is not None]
    return Tally(
        count=len(amounts),
        sum_minor=sum(read),
        unread_count=len(amounts) - len(read),
        declared_count=_count(body.get("declared_count")),
        declared_minor=amount_of(body.get("declared_total")),
    )


def twins_of(body: Body) -> dict[int, int]:
    """Return, for each line that says the same as one before it, the place of the first."""
    first: dict[tuple[object, ...], int] = {}
    found = {}
    for place, line in enumerate(body.get("lines", [])):
        said = (
            search_key(line.get("donor") or ""),
            search_key(line.get("detail") or ""),
            amount_of(line.get("amount")),
        )
        if first.setdefault(said, place) != place:
            found[place] = first[said]
    return found


def _cell(form: Form, number: int, name: str) -> str:
    return form.value(f"{LIST}.{number}.{name}")


def amount_of(written: str | None) -> int | None:
    """Return the đồng of a text; ``None`` where it is none, or could be two amounts."""
    try:
        return parse_amount(written or "")
    except AmountRefused:
        return None


def _count(written: str | None) -> int | None:
    digits = (written or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < len(str(ROW_COUNT_MAX)) + 2 else None
