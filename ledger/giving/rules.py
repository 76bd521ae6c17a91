"""Find every fault of a collection before the database does, so that all can be told at once.

Pure: a collection and facts in, faults out. ``Fault.line`` counts gifts from 0; a fault without one is the
collection's. What is wrong with the entry that it becomes is found by the rules of the books
(``ledger/books/rules.py``) and told here in the collection's own fields.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ledger.books.model import BookFacts, EntryDraft, Line
from ledger.books.rules import faults as posting_faults
from ledger.errors import Fault, TextRefused, Value
from ledger.giving.model import (
    DETAIL_LENGTH_MAX,
    GIFT_COUNT_MAX,
    NAME_LENGTH_MAX,
    REASON_LENGTH_MAX,
    VOUCHER_KINDS,
    Collection,
    Gift,
)
from ledger.money import AMOUNT_MAX, VND, value_at
from ledger.text import clean_text

FAULT_COUNT_MAX: Final = 1_000

NAMELESS_CHANNELS: Final = frozenset({"interest"})
"""Where nobody gives: a bank's interest."""

GOODS_ACCOUNTS: Final = ("152", "153")

IN_KIND: Final = "35385"
"""The balance account of funds in kind: goods are no money that another fund could spend."""

match_code: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}").fullmatch

_FIELDS: Final = {"entry_on": "received_on", "value_minor": "gifts", "amount_minor": "gifts", "lines": "gifts"}


def clean_donor(gift: Gift) -> tuple[str, str | None] | None:
    """Return a giver's name and detail as they are kept; ``None`` where there is none.

    Raises:
        TextRefused: carries the field.
    """
    return None if gift.donor is None else clean_giver(gift.donor, gift.detail)


def clean_giver(donor: str, detail: str | None) -> tuple[str, str | None]:
    """Return a name and what tells two of that name apart, as they are kept; a blank detail is none.

    Raises:
        TextRefused: carries the field.
    """
    name = clean_text(donor, field="donor", length_max=NAME_LENGTH_MAX)
    has_detail = detail is not None and bool(detail.strip())
    return name, clean_text(detail or "", field="detail", length_max=DETAIL_LENGTH_MAX) if has_detail else None


def gift_faults(collection: Collection) -> list[Fault]:
    """Return what is wrong with the gifts as they stand, up to ``FAULT_COUNT_MAX`` faults."""
    gifts = collection.gifts
    if not 1 <= len(gifts) <= GIFT_COUNT_MAX:
        fields: dict[str, Value] = {"count": len(gifts), "count_max": GIFT_COUNT_MAX}
        return [Fault(code="gift_count", field="gifts", fields=fields)]
    found: list[Fault] = []
    papers: set[tuple[str, int]] = set()
    is_nameless = collection.channel in NAMELESS_CHANNELS
    for index, gift in enumerate(gifts):
        found.extend(_gift_faults(index, gift, is_nameless=is_nameless))
        if gift.paper is not None:
            slip = gift.paper.series, gift.paper.number
            if slip in papers:
                found.append(
                    Fault(code="paper_twice", line=index, field="paper", fields={"series": slip[0], "number": slip[1]})
                )
            papers.add(slip)
        if len(found) >= FAULT_COUNT_MAX:
            return found[:FAULT_COUNT_MAX]
    return [*found, *_declared_faults(collection)]


def _gift_faults(index: int, gift: Gift, *, is_nameless: bool) -> Iterator[Fault]:
    if gift.amount_minor <= 0:
        yield Fault(code="gift_amount", line=index, field="amount_minor")
    elif gift.amount_minor > AMOUNT_MAX:
        yield Fault(code="amount_too_large", line=index, field="amount_minor", fields={"amount_max": AMOUNT_MAX})
    if gift.donor is None:
        if not is_nameless and gift.wish != "anonymous":
            yield Fault(code="donor_missing", line=index, field="donor")
        return
    try:
        clean_donor(gift)
    except TextRefused as refused:
        more = {name: value for name, value in refused.fields.items() if name != "field"}
        yield Fault(code="text_refused", line=index, field=str(refused.fields["field"]), fields=more)


def _declared_faults(collection: Collection) -> Iterator[Fault]:
    """Compare with what was declared; the bank's line is a fact that no reason explains away."""
    declared = collection.declared
    if declared is None:
        return
    count, total_minor = len(collection.gifts), collection.total_minor
    if (count, total_minor) == (declared.count, declared.total_minor):
        return
    fields: dict[str, Value] = {
        "count": count,
        "declared_count": declared.count,
        "total_minor": total_minor,
        "declared_minor": declared.total_minor,
        "difference_minor": total_minor - declared.total_minor,
    }
    if collection.medium == "bank" and total_minor != declared.total_minor:
        yield Fault(code="wire_differs", field="declared", fields=fields)
    elif collection.difference_reason is None:
        yield Fault(code="declared_differs", field="declared", fields=fields)
    else:
        try:
            clean_text(collection.difference_reason, field="difference_reason", length_max=REASON_LENGTH_MAX)
        except TextRefused as refused:
            more = {name: value for name, value in refused.fields.items() if name != "field"}
            yield Fault(code="text_refused", field="difference_reason", fields=more)


def entry_draft(collection: Collection, facts: BookFacts) -> EntryDraft:
    """Return the entry that a collection becomes: where it is now, and the fund's balance.

    What a faulty one lacks is put there for the rules to find the rest.
    """
    fund = facts.funds.get(collection.fund)
    is_foreign = collection.currency != VND
    value_minor, amount_minor = _value(collection, facts), max(collection.total_minor, 1)
    currency = collection.currency
    return EntryDraft(
        entry_on=collection.received_on,
        lines=(
            Line(
                account=collection.account,
                fund=collection.fund,
                value_minor=value_minor,
                currency=currency,
                amount_minor=amount_minor if is_foreign else None,
            ),
            Line(
                account="" if fund is None else fund.balance_account,
                fund=collection.fund,
                value_minor=-value_minor,
                currency=currency,
                amount_minor=-amount_minor if is_foreign else None,
                channel=collection.channel,
                campaign=collection.campaign,
            ),
        ),
        voucher=collection.voucher or VOUCHER_KINDS[collection.medium],
        description=collection.description,
        rate=collection.rate,
    )


def _value(collection: Collection, facts: BookFacts) -> int:
    total_minor, rate = max(collection.total_minor, 1), collection.rate
    digits = facts.minor_digits.get(collection.currency)
    if collection.currency == VND or digits is None or rate is None or not rate.value.is_finite() or rate.value <= 0:
        return total_minor
    return value_at(total_minor, rate, digits)


def collection_faults(collection: Collection, draft: EntryDraft, facts: BookFacts) -> list[Fault]:
    """Return what is wrong with the entry that a collection becomes, in the collection's fields."""
    found = []
    if collection.medium == "goods" and not collection.account.startswith(GOODS_ACCOUNTS):
        found.append(Fault(code="goods_account", field="account", fields={"account": collection.account}))
    fund = facts.funds.get(collection.fund)
    if collection.medium == "goods" and fund is not None and fund.balance_account != IN_KIND:
        found.append(Fault(code="goods_fund", field="fund", fields={"fund": collection.fund}))
    if collection.currency == VND and collection.rate is not None:
        found.append(Fault(code="rate_unneeded", field="rate"))
    return in_own_fields([*found, *posting_faults([draft], facts)], collection)


def in_own_fields(faults: Sequence[Fault], collection: Collection) -> list[Fault]:
    """Tell faults of an entry as a collection's: each once, and none of what the caller did not write."""
    told: dict[tuple[str, str | None], Fault] = {}
    for fault in faults:
        if fault.line == 1 and fault.field == "account":
            continue  # the balance's account follows from the fund
        code, field = fault.code, _FIELDS.get(fault.field or "", fault.field)
        if code == "voucher_kind_moves" and collection.voucher is None:
            code, field = "medium_account", "account"
        fields = {**fault.fields, "medium": collection.medium, "account": collection.account}
        more = fields if code == "medium_account" else fault.fields
        told.setdefault((code, field), Fault(code=code, field=field, fields=more))
    return list(told.values())
