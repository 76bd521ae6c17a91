"""Read one gift from its form, and show a gift in one."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ledger import typeid
from ledger.calendar import today
from ledger.giving.choice import AccountChoice, Choices
from ledger.giving.model import (
    DETAIL_LENGTH_MAX,
    NAME_LENGTH_MAX,
    Collection,
    Gift,
    Paper,
)
from ledger.giving.pledge import Pledge
from ledger.giving.queries import Contribution
from ledger.giving.rules import NAMELESS_CHANNELS
from ledger.money import AMOUNT_MAX, VND, Rate, grouped
from web.desk import scan
from web.form import Form
from web.reading import Reading
from web.translation import _

DESCRIPTION_LENGTH_MAX: Final = 500
PAPER_NUMBER_MAX: Final = 999_999_999

KEPT: Final = ("on", "channel", "account", "fund", "campaign", "earmark", "currency", "rate", "rate_source", "series")
"""What the next gift begins with: an envelope of the same heap differs in giver and amount alone."""

# Those that come every day first; the codes are the reference table's.
CHANNEL_ORDER: Final = (
    *("household", "donor-home", "business", "organisation", "salary-day", "membership", "donor-abroad"),
    *("interest", "goods"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A gift as its form says it, and the account it is in."""

    collection: Collection
    account: AccountChoice

    @property
    def gift(self) -> Gift:
        """The one gift."""
        return self.collection.gifts[0]


def fresh_form(choices: Choices, like: Contribution | None = None) -> Form:
    """Return a form to begin with: today, and what the same person chose last, or what there is no choice of."""
    values: dict[str, object] = {"on": today(), scan.KIND: "receipt"}
    last = choices.last
    if last is not None and last.channel in NAMELESS_CHANNELS:
        last = None  # the month's interest says nothing of the next giver
    codes = {"channel": [each.code for each in choices.channels], "fund": [each.code for each in choices.funds]}
    codes |= {"account": [each.code for each in choices.accounts if each.medium != "goods"]}
    codes |= {"campaign": [each.code for each in choices.campaigns]}
    for name in ("channel", "fund", "account", "campaign"):
        chosen = getattr(like or last, name, None)
        if chosen in codes[name] or (chosen is not None and name == "account" and choices.account(chosen)):
            values[name] = chosen
        elif name != "campaign" and len(codes[name]) == 1:
            (values[name],) = codes[name]
    if like is not None:
        values |= {"on": like.entry_on, "earmark": like.earmark}
        values |= {"series": None if like.paper is None else like.paper.series}
    values.setdefault("channel", "household")
    cash = next((each.code for each in choices.accounts if each.medium == "cash" and each.currency == VND), None)
    values.setdefault("account", cash)
    return Form.showing(values)


def with_pledge(form: Form, pledge: Pledge) -> Form:
    """Return a form that begins with what was promised, as far as it has not come yet."""
    found = {"donor": pledge.name, "detail": pledge.detail, "fund": pledge.fund, "campaign": pledge.campaign}
    if pledge.currency == VND and pledge.left_minor:
        found["amount"] = grouped(pledge.left_minor)
    found["pledge"] = typeid.encode(typeid.PLEDGE, pledge.pledge_id)
    return Form(values={**form.values, **{name: (value,) for name, value in found.items() if value is not None}})


def read_gift(form: Form, choices: Choices) -> Entered:
    """Return the gift that a form says.

    Raises:
        FormRefused: with every fault that the form alone shows.
    """
    with Reading(form) as read:
        account_code = read.choice("account", [each.code for each in choices.accounts])
        account = choices.account(account_code)
        amount_minor = _amount(read, account)
        collection = Collection(
            received_on=read.day("on"),
            medium="cash" if account is None else account.medium,
            account=account_code,
            fund=read.choice("fund", [each.code for each in choices.funds]),
            channel=read.choice("channel", [each.code for each in choices.channels]),
            campaign=read.optional_choice("campaign", [each.code for each in choices.campaigns]),
            earmark=read.optional_choice("earmark", [each.code for each in choices.earmarks]),
            currency=VND if account is None else account.currency,
            rate=_rate(read, account),
            description=read.optional_text("description", length_max=DESCRIPTION_LENGTH_MAX),
            gifts=(
                Gift(
                    donor=read.optional_text("donor", length_max=NAME_LENGTH_MAX),
                    detail=read.optional_text("detail", length_max=DETAIL_LENGTH_MAX),
                    amount_minor=amount_minor,
                    person_id=read.optional_typeid("person", typeid.PERSON),
                    wish="anonymous" if read.flag("anonymous") else "named",
                    pledge_id=read.optional_typeid("pledge", typeid.PLEDGE),
                    paper=_paper(read),
                ),
            ),
        )
    # Without an account there was a fault, so the block has raised.
    return Entered(collection=collection, account=account)  # type: ignore[arg-type]


def _amount(read: Reading, account: AccountChoice | None) -> int:
    if account is None or account.currency == VND:
        return read.amount("amount")
    number = read.decimal("amount")
    minor = number.scaleb(account.minor_digits)
    if minor != int(minor):
        digits = account.minor_digits
        read.fault(
            "amount",
            _("%(label)s: %(currency)s có tối đa %(digits)s chữ số lẻ.", currency=account.currency, digits=digits),
        )
    elif not 0 < minor <= AMOUNT_MAX:
        read.fault("amount", _("%(label)s: gõ số lớn hơn 0."))
    return int(minor)


def _rate(read: Reading, account: AccountChoice | None) -> Rate | None:
    """Return the rate of a foreign account; what stands in the fields of another is not looked at."""
    if account is None or account.currency == VND:
        return None
    value = read.decimal("rate")
    if value <= 0:
        read.fault("rate", _("%(label)s: gõ số lớn hơn 0."))
    return Rate(currency=account.currency, value=max(value, Decimal(1)), source=read.text("rate_source", length_max=40))


def _paper(read: Reading) -> Paper | None:
    if read.is_blank("paper_number"):
        return None
    number = read.integer("paper_number", low=1, high=PAPER_NUMBER_MAX)
    return Paper(series=read.text("series", length_max=20), number=number)
