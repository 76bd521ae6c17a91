"""Declare what the leaf of each type of event carries: version 1 of every payload.

``audit/canonical.py`` says what a leaf is made of; this says what its ``payload`` means. A payload has exactly the
members given here, ``null`` where it is said. Whoever changes one makes a new version of leaves, because leaves that
are published keep their meaning for ever (``tests/vectors/leaf`` holds one of each type, frozen)::

    type                payload
    account.closed      {"account": ACCOUNT, "closed_on": DAY}
    account.opened      {"account": ACCOUNT, "currency": CURRENCY, "opened_on": DAY, "parent": ACCOUNT}
    approval.asked      {"action": ACTION, "amount_minor": 0, 1 …, "expires_on": DAY, "ordered": BOOLEAN,
                         "roles": [ROLE, …], "subject": its id}
    approval.denied     {"approval": ap_…, "role": ROLE, "step": 1, 2 …}
    approval.granted    {"approval": ap_…, "role": ROLE, "step": 1, 2 …}
    approval.policy_set {"action": ACTION, "days": 1, 2 …, "from_minor": 0, 1 …, "ordered": BOOLEAN, "roles": [ROLE, …]}
    approval.withdrawn  {"approval": ap_…}
    association.closed  {"closed_on": DAY}
    association.founded {"books_open_on": DAY, "chart": CHART, "founded_on": DAY, "is_sample": BOOLEAN, "kind": KIND,
                         "level": LEVEL, "parent": as_… or null, "unit_code": UNIT_CODE or null}
    award.listed        {"line": 1, 2 …, "list": al_…, "of": 1, 2 …}
    bank_account.set    {"account": ACCOUNT, "bank": BIN or null, "number": NUMBER or null, "version": 1, 2, 3 …}
    block.closed        {"block": bl_…, "missing": 0, 1 …, "returned": 0, 1 …, "returned_from": 1, 2 … or null,
                         "used": 0, 1 …, "voided": 0, 1 …}
    block.issued        {"first": 1, 2 …, "issued_on": DAY, "last": 1, 2 …, "series": CODE}
    block.number_voided {"block": bl_…, "number": 1, 2 …}
    campaign.opened     {"campaign": CODE, "closed_on": DAY or null, "opened_on": DAY}
    collection.recorded {"declared_lines": 1, 2 … or null, "declared_minor": 1, 2 … or null, "entry": en_…,
                         "file": in_… or null, "lines": 1, 2 …, "source": "hand" | "drive" | "file"}
    consent.given       {}
    consent.withdrawn   {}
    contribution.donor_corrected {"contribution": ct_…}
    contribution.pledge_corrected {"contribution": ct_…}
    contribution.recorded {"earmark": CODE or null, "entry": en_…, "line": 1, 2 …, "of": 1, 2 …,
                         "paper": [CODE of its series, number] or null, "wish": "named" | "anonymous"}
    document.attached   {"event": en_… or ev_…}
    document.disowned   {"attached": ev_…}
    earmark.opened      {"closed_on": DAY or null, "earmark": CODE, "fund": CODE, "opened_on": DAY}
    entry               {"kind": "opening" | "ordinary" | "adjustment" | "reversal", "lines": [LINE, LINE, …],
                         "rate": [CURRENCY, DECIMAL, SOURCE] or null, "voucher": VOUCHER or null}
    entry.proposed      {"corrects": en_… or null, "kind": "ordinary" | "adjustment", "lines": [LINE, LINE, …],
                         "list": al_… or null, "rate": [CURRENCY, DECIMAL, SOURCE] or null, "voucher": VOUCHER}
    fund.closed         {"closed_on": DAY, "fund": CODE}
    fund.opened         {"account": ACCOUNT, "fund": CODE, "kind": KIND, "opened_on": DAY}
    goods.handed_over   {"entry": en_… or null, "goods": gd_…, "handed_on": DAY, "program": CODE, "quantity": 1, 2 …}
    goods.handover_undone {"handover": ev_…}
    goods.received      {"campaign": CODE or null, "entry": en_… or null, "quantity": 1, 2 …, "received_on": DAY,
                         "unit": KIND}
    goods.withdrawn     {"goods": gd_…}
    intake.posted       {"entry": en_…, "file": in_…, "rows": 1, 2 …, "total": 1, 2 …}
    intake.reversed     {"entry": en_…, "file": in_…}
    log.key_added       {"key": VERIFIER KEY}
    log.key_retired     {"key": VERIFIER KEY}
    log.recovered       {"first": SIZE, "size": SIZE, "values_lost": 0, 1, 2 …}
    log.succeeded       {"agreed_size": SIZE, "origin": ORIGIN, "root": 64 hexadecimal digits, "size": SIZE}
    month.locked        {"last_seq": 0, 1, 2 …, "locked_through": DAY}
    person.erased       {"basis": "decision", "people": [HANDLE, …]}
    pledge.cancelled    {"pledge": pl_…}
    pledge.recorded     {"campaign": CODE or null, "due_on": DAY, "fund": CODE, "pledged_on": DAY}
    program.opened      {"closed_on": DAY or null, "opened_on": DAY, "program": CODE, "unit": UNIT}
    program.planned     {"budget_minor": 0, 1 …, "category": CATEGORY, "fund": CODE, "program": CODE,
                         "version": 1, 2 …, "year": YEAR}
    role.exception_ended {"exception": ev_…}
    role.exception_made {"roles": [ROLE, ROLE], "until": DAY}
    role.granted        {"grant": gr_…, "role": ROLE}
    role.revoked        {"grant": gr_…}
    round.collected     {"collected": 1, 2 …, "list": al_…, "proxy": 0, 1 …, "total_minor": 1, 2 …}
    round.decided       {"decided_on": DAY, "list": al_…}
    round.list_withdrawn {"list": al_…}
    round.listed        {"awards": 1, 2 …, "round": rd_…, "total_minor": 1, 2 …, "version": 1, 2 …}
    round.opened        {"collect_by": DAY, "fund": CODE, "period": CODE, "program": CODE, "year": YEAR}
    token.created       {"associations": [as_…, …], "expires_at": INSTANT, "reaches_below": BOOLEAN,
                         "rights": [RIGHT, …], "token": tk_…}
    token.revoked       {"token": tk_…}
    value.erased        {"basis": "retention" | "decision", "values": [[en_… or ev_…, NAME, …], …]}
    voucher.issued      {"issued_on": DAY, "voucher": VOUCHER}
    voucher.voided      {"voucher": VOUCHER}

    ACTION     payment, round, release, adjustment, exception
    ACCOUNT    [0-9]{3,5}[A-Z0-9]{0,8}                    BIN        [0-9]{6}
    CODE       [A-Z0-9][A-Z0-9-]{0,19}                    NUMBER     [0-9A-Za-z]{1,19}, of an account at a bank
    CURRENCY   [A-Z]{3}                                   DAY        2023-09-05, a day that exists
    DECIMAL    24650.5: no exponent, no zeros at its end  INSTANT    2025-01-31T00:00:00.123456+00:00, in UTC; the
    KIND       [a-z][a-z0-9-]{0,39}                                  fraction is absent where it is zero
    HANDLE     32 hexadecimal digits of chance, that are in no other leaf
    LEVEL      nation, province, district, commune, chapter
    LINE       [ACCOUNT, CODE of the fund, value in đồng] or with a fourth member (``ledger/books/leaf.py``)
    RIGHT      read, collect, people, propose, approve, pay, post, lock, chart, found, member, token, inspect; in the
               order of their letters
    ROLE       chief_accountant, accountant, cashier, collector, account_holder, inspector, administrator; two that one
               person may hold in the order of their letters
    SOURCE     [A-Za-z0-9._-]{1,40}                       UNIT       award, school, piece
    UNIT_CODE  [0-9A-Za-z.-]{1,20}                        VOUCHER    [CODE of its kind, fiscal year, number]
    CHART      [A-Z0-9][A-Z0-9-]{0,19}                    YEAR       2000 to 2999
    CATEGORY   scholarship, award, tet, aid, equipment, training

The rest of a leaf follows its type. ``book_seq``, ``entry_on`` and an id of ``en_…`` belong to entries, ``corrects`` to
the reversals and adjustments among them; the others have ``ev_…``. Entries may have ``documents``, a document attached
is one, a consent on paper may have one. What was agreed to, by whom, and which consent is withdrawn is sealed: two
leaves of a person have nothing in common. A leaf of tokens or of the log itself has no ``association``, nor has one of
values erased that belong to none. A VERIFIER KEY is one of ``audit/note.py``. A voucher that has no leaf of its own was
issued with the entry that names it, on its day; accounts without one came with the book, as the chart has them. So
codes, days and ties of everything in the books can be read from leaves alone.

Of a contribution, line so many of the list that an entry's credit is made of, neither amount nor giver is in its leaf:
``private`` commits to both, and to the pledge that it fulfils, because a pledge's id in several leaves would tie one
person's gifts together. Its actor has a role and no commitment: the entry, recorded at the same instant, commits to who
acted. An award of a list is told in the same way: ``private`` commits to how much it is and to whom, the list's leaf to
who laid it. Ids of contributions, pledges, blocks, goods, approvals, proposals, rounds and lists are ``ct_…``,
``pl_…``, ``bl_…``, ``gd_…``, ``ap_…``, ``po_…``, ``rd_…`` and ``al_…`` with the uuid of the event that began them. How
much was promised, what goods are, and a decision's number are private too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final

from audit.canonical import NAME_PATTERN, Leaf
from audit.jcs import Json
from ledger.money import AMOUNT_MAX

Form = Callable[[Any], bool]


class LayoutError(ValueError):
    """A leaf that is canonical, and yet not what its type declares; ``where`` names the first member that is wrong."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} {self.fact}")
        self.where = where


class EventTypeUnknown(LayoutError):
    """No reader could tell what it means."""

    code = "event_type_unknown"
    fact = "is no type of event of this version"


class MemberMismatched(LayoutError):
    """A member more or less, or of another form."""

    code = "event_member_mismatched"
    fact = "is not what its type declares"


def check_layout(leaf: Leaf) -> None:
    """Refuse a leaf that is not laid out as its type and version declare.

    Raises:
        EventTypeUnknown: no such type in the leaf's version.
        MemberMismatched: carries where.
    """
    layout = LAYOUTS.get(leaf.v, {}).get(leaf.type)
    if layout is None:
        raise EventTypeUnknown("$.type")
    is_entry = leaf.type == "entry"
    prefix = "en_" if is_entry else "ev_"
    for where, holds in (
        ("$.event_id", leaf.event_id.startswith(prefix)),
        ("$.book_seq", (leaf.book_seq is not None) == is_entry),
        ("$.entry_on", (leaf.entry_on is not None) == is_entry),
        (
            "$.association",
            leaf.type == "value.erased" or (leaf.association is None) == leaf.type.startswith(("token.", "log.")),
        ),
    ):
        if not holds:
            raise MemberMismatched(where)
    for name in sorted(layout.keys() ^ leaf.payload.keys()):
        raise MemberMismatched(f"$.payload.{name}")
    for name, form in layout.items():
        if not form(leaf.payload[name]):
            raise MemberMismatched(f"$.payload.{name}")
    if len(leaf.documents) not in _DOCUMENTS.get(leaf.type, (0,)):
        raise MemberMismatched("$.documents")
    if (leaf.corrects is not None) != (is_entry and leaf.payload["kind"] in {"adjustment", "reversal"}):
        raise MemberMismatched("$.corrects")


def _text(pattern: str) -> Form:
    match = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and match(value) is not None


def _or_null(form: Form) -> Form:
    return lambda value: value is None or form(value)


def _integer(least: int, most: int = AMOUNT_MAX) -> Form:
    return lambda value: type(value) is int and least <= value <= most


def _row(*forms: Form) -> Form:
    return lambda value: (
        isinstance(value, list | tuple)
        and len(value) == len(forms)
        and all(form(item) for form, item in zip(forms, value, strict=True))
    )


def _rows(form: Form, least: int) -> Form:
    return lambda value: isinstance(value, list | tuple) and len(value) >= least and all(form(item) for item in value)


def _boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _day(value: Json) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _instant(value: Json) -> bool:
    try:
        return (
            isinstance(value, str) and value.endswith("+00:00") and datetime.fromisoformat(value).isoformat() == value
        )
    except ValueError:
        return False


def _more(value: Json) -> bool:
    """Tell whether a line's fourth member is one: some of its names, an amount with its currency or neither."""
    return (
        isinstance(value, dict)
        and len(value) > 0
        and ("currency" in value) == ("amount_minor" in value)
        and all(name in _MORE and _MORE[name](member) for name, member in value.items())
    )


def _erased(value: Json) -> bool:
    """Tell whether it is an event's id and the names of its fields."""
    return (
        isinstance(value, list | tuple)
        and len(value) >= 2  # noqa: PLR2004 - an id and a name at least
        and _ENTRY_OR_EVENT(value[0])
        and all(_text(NAME_PATTERN)(name) for name in value[1:])
    )


def _rights(value: Json) -> bool:
    return _rows(_RIGHT, 1)(value) and list(value) == sorted(value)  # type: ignore[arg-type, type-var]


def _pair_in_order(value: Json) -> bool:
    return _PAIR(value) and value[0] < value[1]  # type: ignore[index, operator]


_ACCOUNT: Final = _text(r"[0-9]{3,5}[A-Z0-9]{0,8}")
_CODE: Final = _text(r"[A-Z0-9][A-Z0-9-]{0,19}")
_CURRENCY: Final = _text(r"[A-Z]{3}")
_KIND: Final = _text(r"[a-z][a-z0-9-]{0,39}")
_ASSOCIATION: Final = _text(r"as_[0-7][0-9a-hjkmnp-tv-z]{25}")
_RIGHT: Final = _text("read|collect|people|propose|approve|pay|post|lock|chart|found|member|token|inspect")
_ROLE: Final = _text("chief_accountant|accountant|cashier|collector|account_holder|inspector|administrator")
_PAIR: Final = _row(_ROLE, _ROLE)
_ACTION: Final = _text("payment|round|release|adjustment|exception")
_APPROVAL: Final = _text(r"ap_[0-7][0-9a-hjkmnp-tv-z]{25}")
_GRANT: Final = _text(r"gr_[0-7][0-9a-hjkmnp-tv-z]{25}")

_ENTRY_OR_EVENT: Final = _text(r"(?:en|ev)_[0-7][0-9a-hjkmnp-tv-z]{25}")
_TOKEN: Final = _text(r"tk_[0-7][0-9a-hjkmnp-tv-z]{25}")
_KEY: Final = _text(r"[A-Za-z0-9._:/-]{1,64}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
_ENTRY: Final = _text(r"en_[0-7][0-9a-hjkmnp-tv-z]{25}")
_EVENT: Final = _text(r"ev_[0-7][0-9a-hjkmnp-tv-z]{25}")
_BLOCK: Final = _text(r"bl_[0-7][0-9a-hjkmnp-tv-z]{25}")
_CONTRIBUTION: Final = _text(r"ct_[0-7][0-9a-hjkmnp-tv-z]{25}")
_FILE: Final = _text(r"in_[0-7][0-9a-hjkmnp-tv-z]{25}")
_GOODS: Final = _text(r"gd_[0-7][0-9a-hjkmnp-tv-z]{25}")
_LIST: Final = _text(r"al_[0-7][0-9a-hjkmnp-tv-z]{25}")
_ROUND: Final = _text(r"rd_[0-7][0-9a-hjkmnp-tv-z]{25}")
_PLEDGE: Final = _text(r"pl_[0-7][0-9a-hjkmnp-tv-z]{25}")
_DECIMAL: Final = _text(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_RATE: Final = _row(_CURRENCY, _DECIMAL, _text(r"[A-Za-z0-9._-]{1,40}"))
_VALUE: Final = _integer(-AMOUNT_MAX)
_VOUCHER: Final = _row(_CODE, _integer(1900, 2999), _integer(1))
_MORE: Final[Mapping[str, Form]] = {
    "channel": _KIND,
    "campaign": _CODE,
    "program": _CODE,
    "quantity": _VALUE,
    "currency": _CURRENCY,
    "amount_minor": _VALUE,
}
_DOCUMENTS: Final[Mapping[str, Sequence[int]]] = {
    "consent.given": (0, 1),
    "document.attached": (1,),
    "entry": range(100),
    "intake.posted": (1,),
    "round.collected": (0, 1),
    "round.decided": (0, 1),
}
"""How many documents a leaf commits to; where it is not said, none."""

_LINE: Final[Form] = lambda value: (  # noqa: E731 - a form like the others
    _row(_ACCOUNT, _CODE, _VALUE)(value) or _row(_ACCOUNT, _CODE, _VALUE, _more)(value)
)

LAYOUTS: Final[Mapping[int, Mapping[str, Mapping[str, Form]]]] = {
    1: {
        "account.closed": {"account": _ACCOUNT, "closed_on": _day},
        "account.opened": {"account": _ACCOUNT, "currency": _CURRENCY, "opened_on": _day, "parent": _ACCOUNT},
        "approval.asked": {
            "action": _ACTION,
            "amount_minor": _integer(0),
            "expires_on": _day,
            "ordered": _boolean,
            "roles": _rows(_ROLE, 1),
            "subject": _text(r"(?:po|al|ex)_[0-7][0-9a-hjkmnp-tv-z]{25}"),
        },
        "approval.denied": {"approval": _APPROVAL, "role": _ROLE, "step": _integer(1)},
        "approval.granted": {"approval": _APPROVAL, "role": _ROLE, "step": _integer(1)},
        "approval.policy_set": {
            "action": _ACTION,
            "days": _integer(1),
            "from_minor": _integer(0),
            "ordered": _boolean,
            "roles": _rows(_ROLE, 1),
        },
        "approval.withdrawn": {"approval": _APPROVAL},
        "association.closed": {"closed_on": _day},
        "association.founded": {
            "books_open_on": _day,
            "chart": _CODE,
            "founded_on": _day,
            "is_sample": _boolean,
            "kind": _KIND,
            "level": _text("nation|province|district|commune|chapter"),
            "parent": _or_null(_ASSOCIATION),
            "unit_code": _or_null(_text(r"[0-9A-Za-z.-]{1,20}")),
        },
        "award.listed": {"line": _integer(1), "list": _LIST, "of": _integer(1)},
        "bank_account.set": {
            "account": _ACCOUNT,
            "bank": _or_null(_text(r"[0-9]{6}")),
            "number": _or_null(_text(r"[0-9A-Za-z]{1,19}")),
            "version": _integer(1),
        },
        "block.closed": {
            "block": _BLOCK,
            "missing": _integer(0),
            "returned": _integer(0),
            "returned_from": _or_null(_integer(1)),
            "used": _integer(0),
            "voided": _integer(0),
        },
        "block.issued": {"first": _integer(1), "issued_on": _day, "last": _integer(1), "series": _CODE},
        "block.number_voided": {"block": _BLOCK, "number": _integer(1)},
        "campaign.opened": {"campaign": _CODE, "closed_on": _or_null(_day), "opened_on": _day},
        "collection.recorded": {
            "declared_lines": _or_null(_integer(1)),
            "declared_minor": _or_null(_integer(1)),
            "entry": _ENTRY,
            "file": _or_null(_FILE),
            "lines": _integer(1),
            "source": _text("hand|drive|file"),
        },
        "consent.given": {},
        "consent.withdrawn": {},
        "contribution.donor_corrected": {"contribution": _CONTRIBUTION},
        "contribution.pledge_corrected": {"contribution": _CONTRIBUTION},
        "contribution.recorded": {
            "earmark": _or_null(_CODE),
            "entry": _ENTRY,
            "line": _integer(1),
            "of": _integer(1),
            "paper": _or_null(_row(_CODE, _integer(1))),
            "wish": _text("named|anonymous"),
        },
        "document.attached": {"event": _ENTRY_OR_EVENT},
        "document.disowned": {"attached": _EVENT},
        "earmark.opened": {"closed_on": _or_null(_day), "earmark": _CODE, "fund": _CODE, "opened_on": _day},
        "entry": {
            "kind": _text("opening|ordinary|adjustment|reversal"),
            "lines": _rows(_LINE, 2),
            "rate": _or_null(_RATE),
            "voucher": _or_null(_VOUCHER),
        },
        "entry.proposed": {
            "corrects": _or_null(_ENTRY),
            "kind": _text("ordinary|adjustment"),
            "lines": _rows(_LINE, 2),
            "list": _or_null(_LIST),
            "rate": _or_null(_RATE),
            "voucher": _VOUCHER,
        },
        "fund.closed": {"closed_on": _day, "fund": _CODE},
        "fund.opened": {"account": _ACCOUNT, "fund": _CODE, "kind": _KIND, "opened_on": _day},
        "goods.handed_over": {
            "entry": _or_null(_ENTRY),
            "goods": _GOODS,
            "handed_on": _day,
            "program": _CODE,
            "quantity": _integer(1),
        },
        "goods.handover_undone": {"handover": _EVENT},
        "goods.received": {
            "campaign": _or_null(_CODE),
            "entry": _or_null(_ENTRY),
            "quantity": _integer(1),
            "received_on": _day,
            "unit": _KIND,
        },
        "goods.withdrawn": {"goods": _GOODS},
        "intake.posted": {"entry": _ENTRY, "file": _FILE, "rows": _integer(1), "total": _integer(1)},
        "intake.reversed": {"entry": _ENTRY, "file": _FILE},
        "log.key_added": {"key": _KEY},
        "log.key_retired": {"key": _KEY},
        "log.recovered": {"first": _integer(0), "size": _integer(0), "values_lost": _integer(0)},
        "log.succeeded": {
            "agreed_size": _integer(0),
            "origin": _text(r"[A-Za-z0-9._:/-]{1,64}"),
            "root": _text(r"[0-9a-f]{64}"),
            "size": _integer(0),
        },
        "month.locked": {"last_seq": _integer(0), "locked_through": _day},
        "person.erased": {"basis": _text("decision"), "people": _rows(_text(r"[0-9a-f]{32}"), 1)},
        "pledge.cancelled": {"pledge": _PLEDGE},
        "pledge.recorded": {"campaign": _or_null(_CODE), "due_on": _day, "fund": _CODE, "pledged_on": _day},
        "program.opened": {
            "closed_on": _or_null(_day),
            "opened_on": _day,
            "program": _CODE,
            "unit": _text("award|school|piece"),
        },
        "program.planned": {
            "budget_minor": _integer(0),
            "category": _text("scholarship|award|tet|aid|equipment|training"),
            "fund": _CODE,
            "program": _CODE,
            "version": _integer(1),
            "year": _integer(2000, 2999),
        },
        "role.exception_ended": {"exception": _EVENT},
        "role.exception_made": {"roles": _pair_in_order, "until": _day},
        "role.granted": {"grant": _GRANT, "role": _ROLE},
        "role.revoked": {"grant": _GRANT},
        "round.collected": {
            "collected": _integer(1),
            "list": _LIST,
            "proxy": _integer(0),
            "total_minor": _integer(1),
        },
        "round.decided": {"decided_on": _day, "list": _LIST},
        "round.list_withdrawn": {"list": _LIST},
        "round.listed": {"awards": _integer(1), "round": _ROUND, "total_minor": _integer(1), "version": _integer(1)},
        "round.opened": {
            "collect_by": _day,
            "fund": _CODE,
            "period": _CODE,
            "program": _CODE,
            "year": _integer(2000, 2999),
        },
        "token.created": {
            "associations": _rows(_ASSOCIATION, 0),
            "expires_at": _instant,
            "reaches_below": _boolean,
            "rights": _rights,
            "token": _TOKEN,
        },
        "token.revoked": {"token": _TOKEN},
        "value.erased": {"basis": _text("retention|decision"), "values": _rows(_erased, 1)},
        "voucher.issued": {"issued_on": _day, "voucher": _VOUCHER},
        "voucher.voided": {"voucher": _VOUCHER},
    },
}
"""Version of leaves → type → member of the payload → what it must be."""
