"""How to pay into a campaign: the transfer that its code asks for, and the poster that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.banking.account import BankAccount
from ledger.banking.bank import bank_name
from ledger.banking.vietqr import Transfer, encode, transfer_text
from ledger.books.model import Book
from ledger.papers.imprint import Imprint
from ledger.papers.model import Named, Notice, Poster, PosterSize, Unit
from ledger.papers.typesetting import VERSION, data_of, typesetter
from ledger.reports.campaign import CampaignStanding

REMEMBERED_COUNT: Final = 64
"""Posters in memory, of 60 kB each: anybody may ask for one, and most ask for the same."""

_THANKS: Final = "UNG HO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What somebody pays by: the account with its bank's name, what the transfer says, and the code of all of it."""

    shown: BankAccount
    bank: str
    text: str
    amount: int | None
    code: str


def payment_of(shown: BankAccount, campaign: str, amount: int | None = None) -> Payment:
    """Return how to pay into an account for a campaign; its code comes first in the text, to be recognised by.

    Raises:
        VietQrError: an amount that no code can carry.
    """
    said = transfer_text(campaign, _THANKS)
    transfer = Transfer(bank_bin=shown.bank_bin, account=shown.number, amount=amount, text=said)
    return Payment(shown=shown, bank=bank_name(shown.bank_bin), text=said, amount=amount, code=encode(transfer))


def poster_pdf(
    book: Book,
    unit: Unit,
    standing: CampaignStanding,
    payment: Payment,
    imprint: Imprint,
    *,
    size: PosterSize = "a4",
    notices: Sequence[Notice] = (),
) -> bytes:
    """Return a campaign's poster as PDF."""
    poster = Poster(
        unit=unit,
        campaign=Named(vi=standing.name_vi, en=standing.name_en),
        dated=standing.opened_on,
        bank=payment.bank,
        account=payment.shown.number,
        holder=payment.shown.holder,
        pay_text=payment.text,
        pay_code=payment.code,
        amount=payment.amount,
        page_url=imprint.campaign_url(book, standing.campaign),
        size=size,
        notices=notices,
    )
    return _set(data_of(poster))


@lru_cache(REMEMBERED_COUNT)
def _set(data: bytes) -> bytes:
    return typesetter().set_members(Poster.template, data, version=VERSION)
