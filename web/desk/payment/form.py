"""A payment as it is typed: out of which money, of which fund, for what, to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from api.auth import Session
from ledger.books.model import DESCRIPTION_LENGTH_MAX, QUANTITY_MAX, EntryDraft, Line
from ledger.calendar import today
from ledger.giving.choice import AccountChoice, Choice, Choices, find_choices
from ledger.money import VND
from ledger.proposals.model import PAYEE_LENGTH_MAX, Proposal
from ledger.reports.balance import account_balance
from web.form import Form
from web.reading import Reading

VOUCHERS: Final[Mapping[str, str]] = {"cash": "PC", "bank": "BN"}

_PROGRAMS: Final = text("""\
SELECT program, name_vi, name_en FROM soquy.program
WHERE tenant_id = :tenant_id AND coalesce(closed_on, :on) >= :on ORDER BY opened_on DESC, program LIMIT 500""")
_FUNDS: Final = text("""\
SELECT fund, balance_account FROM soquy.fund
WHERE tenant_id = :tenant_id AND book_id = :book_id AND closed_on IS NULL ORDER BY fund LIMIT 500""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What may be chosen: đồng accounts of cash and bank, funds with their balance accounts, programs."""

    choices: Choices
    accounts: tuple[AccountChoice, ...]
    balance_accounts: Mapping[str, str]
    programs: Sequence[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A payment that was understood; ``held_minor`` is what the chosen account has of the fund that day."""

    proposal: Proposal
    account: str
    fund: str
    program: str | None
    quantity: int | None
    amount_minor: int
    voucher: str
    held_minor: int

    @property
    def is_short(self) -> bool:
        """Tell whether there is less than is to be paid."""
        return self.held_minor < self.amount_minor


def find_purse(session: Session) -> Purse:
    """Return what a payment may be made of now."""
    asked = {"tenant_id": session.tenant_id, "book_id": session.book.book_id, "on": today()}
    choices = find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)
    programs = session.conn.execute(_PROGRAMS, asked).all()
    return Purse(
        choices=choices,
        accounts=tuple(each for each in choices.accounts if each.medium in VOUCHERS and each.currency == VND),
        balance_accounts={row.fund: row.balance_account for row in session.conn.execute(_FUNDS, asked)},
        programs=[Choice(code=row.program, name_vi=row.name_vi, name_en=row.name_en) for row in programs],
    )


def read_payment(session: Session, form: Form, purse: Purse) -> Typed:
    """Understand what was typed.

    Raises:
        FormRefused: with every fault.
    """
    with Reading(form) as read:
        amount_minor = read.amount("amount")
        payee = read.text("payee", length_max=PAYEE_LENGTH_MAX)
        description = read.text("description", length_max=DESCRIPTION_LENGTH_MAX, multiline=True)
        account = read.choice("account", [each.code for each in purse.accounts])
        fund = read.choice("fund", [each.code for each in purse.choices.funds])
        program = read.optional_choice("program", [each.code for each in purse.programs])
        quantity = read.optional_integer("quantity", low=1, high=QUANTITY_MAX) if program else None
        issued_on = read.day("issued_on")
    chosen = next(each for each in purse.accounts if each.code == account)
    voucher = VOUCHERS[chosen.medium]
    spent = Line(
        account=purse.balance_accounts[fund], fund=fund, value_minor=amount_minor, program=program, quantity=quantity
    )
    paid = Line(account=account, fund=fund, value_minor=-amount_minor)
    draft = EntryDraft(entry_on=issued_on, voucher=voucher, lines=(spent, paid), description=description)
    return Typed(
        proposal=Proposal(draft=draft, payee=payee),
        account=account,
        fund=fund,
        program=program,
        quantity=quantity,
        amount_minor=amount_minor,
        voucher=voucher,
        held_minor=account_balance(session.conn, session.book, account, as_of=issued_on, fund=fund),
    )
