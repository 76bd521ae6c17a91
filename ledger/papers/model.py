"""What papers are made of: facts as the books have them. Wording, form and language are the template's.

Each paper gives its ``members``: the JSON that a template reads, with amounts in words beside them. Strings in it that
a person typed are placed as text; a template never reads them as markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from ledger.books.leaf import decimal_text
from ledger.books.model import VoucherNumber
from ledger.money import VND, Rate
from ledger.qr import qr_svg
from ledger.words import STANDARD, Spelling, amount_words

Members = dict[str, Any]

Medium = Literal["cash", "bank", "goods"]
PosterSize = Literal["a4", "a3"]
NoticeKind = Literal["sample", "reversed", "erased", "corrected", "engine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name in Vietnamese and, where there is one, in English."""

    vi: str
    en: str | None = None

    def members(self) -> Members:
        """Return it as templates read it."""
        return {"vi": self.vi, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount as it was given, in minor units of its currency."""

    minor: int
    currency: str = VND
    digits: int = 0

    def members(self, spelling: Spelling) -> Members:
        """Return it as templates read it, in figures and in words."""
        return {
            "minor": self.minor,
            "currency": self.currency,
            "digits": self.digits,
            "words": amount_words(self.minor, self.currency, self.digits, "vi", spelling),
            "english": amount_words(self.minor, self.currency, self.digits, "en"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a reader has to know first. ``voucher`` and ``on`` say which and when, where there is one.

    ``sample``: no real money; ``reversed``: taken back by a voucher; ``erased``, ``corrected``, ``engine``: a reprint
    that is not as first printed, because a person's data was erased, a name was put right, or the typesetter is newer.
    """

    kind: NoticeKind
    voucher: VoucherNumber | None = None
    on: date | None = None

    def members(self) -> Members:
        """Return it as templates read it."""
        return {
            "kind": self.kind,
            "voucher": None if self.voucher is None else number_text(self.voucher),
            "on": None if self.on is None else _day(self.on),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Who hands the paper out, and the association above it."""

    name: Named
    above: str | None = None

    def members(self) -> Members:
        """Return it as templates read it."""
        return {"name": self.name.vi, "english": self.name.en, "above": self.above}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One side of an entry: the account and its sum in đồng."""

    account: str
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The entry that a paper tells of; what every paper but a poster has.

    ``page_url`` is the entry's public page, ``amount`` what came in, ``value_minor`` what it was booked at.
    """

    unit: Unit
    voucher: VoucherNumber
    dated: date
    seq: int
    entry_id: str
    fund: Named
    campaign: Named | None
    channel: Named | None
    medium: Medium | None
    amount: Amount
    value_minor: int
    rate: Rate | None
    gift_count: int
    document_count: int
    reason: str | None
    is_reason_erased: bool
    page_url: str | None
    notices: Sequence[Notice] = ()
    spelling: Spelling = STANDARD

    def members(self) -> Members:
        """Return it as templates read it."""
        return {
            "unit": self.unit.members(),
            "voucher_kind": self.voucher.kind,
            "number": number_text(self.voucher),
            "dated": _day(self.dated),
            "seq": self.seq,
            "entry_id": self.entry_id,
            "fund": self.fund.members(),
            "campaign": None if self.campaign is None else self.campaign.members(),
            "channel": None if self.channel is None else self.channel.members(),
            "medium": self.medium,
            "amount": self.amount.members(self.spelling),
            "value_minor": self.value_minor,
            "rate": None if self.rate is None else _rate(self.rate),
            "gift_count": self.gift_count,
            "document_count": self.document_count,
            "reason": self.reason,
            "is_reason_erased": self.is_reason_erased,
            "page_url": self.page_url,
            "notices": [each.members() for each in self.notices],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher to be signed; ``payer`` is ``None`` where many gave, whom a list names, or nobody was named."""

    template: ClassVar[str] = "voucher"

    booking: Booking
    debits: Sequence[Sums]
    credits: Sequence[Sums]
    payer: str | None
    is_payer_erased: bool
    address: str | None

    def members(self) -> Members:
        """Return it as its template reads it."""
        page_url = self.booking.page_url
        return {
            **self.booking.members(),
            "debits": [[each.account, each.value_minor] for each in self.debits],
            "credits": [[each.account, each.value_minor] for each in self.credits],
            "payer": self.payer,
            "is_payer_erased": self.is_payer_erased,
            "address": self.address,
            "page_qr": None if page_url is None else qr_svg(page_url, title=page_url),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A line of the list; ``name`` is ``None`` where it was erased, or never given."""

    line: int
    name: str | None
    is_erased: bool
    detail: str | None
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftList:
    """The list of contributions that belongs to a voucher, or one volume of it.

    ``brought_count`` and ``brought_minor`` are what earlier volumes list.
    """

    template: ClassVar[str] = "list"

    booking: Booking
    rows: Sequence[ListRow]
    volume: int = 1
    volume_count: int = 1
    brought_count: int = 0
    brought_minor: int = 0

    def members(self) -> Members:
        """Return it as its template reads it."""
        return {
            **self.booking.members(),
            "rows": [[each.line, each.name, each.is_erased, each.detail, each.minor] for each in self.rows],
            "volume": self.volume,
            "volume_count": self.volume_count,
            "brought_count": self.brought_count,
            "brought_minor": self.brought_minor,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One donor's contribution as their receipt has it; ``name`` is ``None`` where it was erased, or never given.

    ``leaf_id`` is the gift's event in the public log. ``code`` and the address that checks it are ``None`` where they
    were erased.
    """

    line: int
    leaf_id: str
    code: str | None
    check_url: str | None
    name: str | None
    is_erased: bool
    detail: str | None
    earmark: str | None
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Donors' receipts of one entry: one alone on A5, or two on each A4 to cut apart.

    ``check_page`` is the address that a reader types, ``log_key`` the name and hash of the key that signs the log.
    """

    booking: Booking
    gifts: Sequence[Gift]
    check_page: str
    log_key: str | None
    is_sheet: bool

    @property
    def template(self) -> str:
        """Which template lays it out."""
        return "receipts" if self.is_sheet else "receipt"

    def members(self) -> Members:
        """Return it as its template reads it."""
        spelling = self.booking.spelling
        return {
            **self.booking.members(),
            "gifts": [
                {
                    "line": each.line,
                    "leaf_id": each.leaf_id,
                    "code": each.code,
                    "qr": None if each.check_url is None else qr_svg(each.check_url, title=each.check_url),
                    "name": each.name,
                    "is_erased": each.is_erased,
                    "detail": each.detail,
                    "earmark": each.earmark,
                    "amount": each.amount.members(spelling),
                }
                for each in self.gifts
            ],
            "check_page": self.check_page,
            "log_key": self.log_key,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """A campaign's poster. ``pay_code`` is the VietQR text; ``amount`` in đồng where the code asks for one."""

    template: ClassVar[str] = "poster"

    unit: Unit
    campaign: Named
    dated: date
    bank: str
    account: str
    holder: str
    pay_text: str
    pay_code: str
    amount: int | None
    page_url: str | None
    size: PosterSize = "a4"
    notices: Sequence[Notice] = ()

    def members(self) -> Members:
        """Return it as its template reads it."""
        return {
            "unit": self.unit.members(),
            "campaign": self.campaign.members(),
            "dated": _day(self.dated),
            "bank": self.bank,
            "account": self.account,
            "holder": self.holder,
            "pay_text": self.pay_text,
            "pay_qr": qr_svg(self.pay_code, title=self.pay_text),
            "amount": None if self.amount is None else Amount(minor=self.amount).members(STANDARD),
            "page_url": self.page_url,
            "page_qr": None if self.page_url is None else qr_svg(self.page_url, title=self.page_url),
            "size": self.size,
            "notices": [each.members() for each in self.notices],
        }


EntryPaper = Voucher | GiftList | Receipts
"""A paper of an entry."""

Paper = EntryPaper | Poster


def number_text(voucher: VoucherNumber) -> str:
    """Return a voucher's number as pages and papers show it."""
    return f"{voucher.kind}/{voucher.fiscal_year}/{voucher.number}"


def _rate(rate: Rate) -> Members:
    return {"currency": rate.currency, "value": decimal_text(rate), "source": rate.source}


def _day(day: date) -> list[int]:
    return [day.year, day.month, day.day]
