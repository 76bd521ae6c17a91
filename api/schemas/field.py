"""Fields of requests and answers: strict where they come in, TypeIDs and voucher texts where they go out.

Integers are integers: no ``1.0``, no ``1e3``, no ``"5"``. Days are ``2025-03-05`` and nothing else that a date parser
would take. Typed text becomes NFC, and characters that don't show are refused with their place.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WrapValidator
from pydantic_core import PydanticCustomError

from ledger import typeid
from ledger.books.model import VoucherNumber
from ledger.errors import IdMalformed, TextRefused
from ledger.money import AMOUNT_MAX
from ledger.text import clean_text

_match_day: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch

ACCOUNT_PATTERN: Final = r"^[0-9]{3,5}[A-Z0-9]{0,8}$"
CODE_PATTERN: Final = r"^[A-Z0-9][A-Z0-9-]{0,19}$"
CHANNEL_PATTERN: Final = r"^[a-z][a-z0-9-]{0,39}$"
VOUCHER_KIND_PATTERN: Final = r"^[A-Z]{2}$"
VOUCHER_PATTERN: Final = r"^[A-Z]{2}(/[0-9]{4}/[1-9][0-9]{0,8})?$"
CURRENCY_PATTERN: Final = r"^[A-Z]{3}$"


class In(BaseModel):
    """What comes in: strict, and nothing beyond what is asked."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Out(BaseModel):
    """What goes out, read from the ledger's own values."""

    model_config = ConfigDict(from_attributes=True)


class KnownOut(Out):
    """A report as known at a size of the log."""

    as_known_at: Annotated[int | None, Field(description="The size of the log asked for; null for now")] = None


def _day(value: Any, handler: Callable[[Any], date]) -> date:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, date) and (not isinstance(value, str) or _match_day(value) is None):
        raise PydanticCustomError("soquy.day_malformed", "a day is year-month-day")
    return handler(value)


Day = Annotated[date, Field(strict=False), WrapValidator(_day), Field(examples=["2025-03-05"])]
Instant = Annotated[AwareDatetime, Field(examples=["2026-12-31T23:59:59+07:00"])]

Amount = Annotated[int, Field(strict=True, ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
Account = Annotated[str, Field(pattern=ACCOUNT_PATTERN, examples=["1111"])]
FundCode = Annotated[str, Field(pattern=CODE_PATTERN, examples=["QC"])]
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Channel = Annotated[str, Field(pattern=CHANNEL_PATTERN, examples=["household"])]
Currency = Annotated[str, Field(pattern=CURRENCY_PATTERN, examples=["USD"])]


def _typed(field_length_max: int, *, multiline: bool = False) -> AfterValidator:
    def check(value: str) -> str:
        try:
            return clean_text(value, field="text", length_max=field_length_max, multiline=multiline)
        except TextRefused as error:
            context = {name: given for name, given in error.fields.items() if name != "field"}
            raise PydanticCustomError("soquy.text_refused", "the text is not taken", context) from None

    return AfterValidator(check)


Name = Annotated[str, Field(min_length=1, max_length=1_000), _typed(200)]
Purpose = Annotated[str, Field(min_length=1, max_length=4_000), _typed(1_000)]
Description = Annotated[str, Field(min_length=1, max_length=2_000), _typed(500)]
Label = Annotated[str, Field(min_length=1, max_length=400), _typed(100)]


def _id_text(prefix: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            typeid.decode(prefix, value)
        except IdMalformed:
            raise PydanticCustomError("soquy.id_malformed", "no id of this kind", {"prefix": prefix}) from None
        return value

    return AfterValidator(check)


def _id_pattern(prefix: str) -> str:
    return rf"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"


AssociationIdIn = Annotated[
    str, _id_text(typeid.ASSOCIATION), Field(examples=["as_01h455vb4pex5vsknk084sn02q"], max_length=40)
]
UserIdIn = Annotated[str, _id_text(typeid.USER), Field(examples=["us_01h455vb4pex5vsknk084sn04t"], max_length=40)]
PersonIdIn = Annotated[str, _id_text(typeid.PERSON), Field(examples=["pe_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]
DocumentIdIn = Annotated[
    str, _id_text(typeid.DOCUMENT), Field(examples=["dc_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]
EventIdIn = Annotated[str, _id_text(typeid.EVENT), Field(examples=["ev_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]
EntryIdIn = Annotated[str, _id_text(typeid.ENTRY), Field(examples=["en_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]

PledgeIdIn = Annotated[str, _id_text(typeid.PLEDGE), Field(examples=["pl_01h455vb4pex5vsknk084sn04t"], max_length=40)]
ApprovalIdIn = Annotated[
    str, _id_text(typeid.APPROVAL), Field(examples=["ap_01h455vb4pex5vsknk084sn04t"], max_length=40)
]
ProposalIdIn = Annotated[
    str, _id_text(typeid.PROPOSAL), Field(examples=["po_01h455vb4pex5vsknk084sn04t"], max_length=40)
]
FileIdIn = Annotated[str, _id_text(typeid.INTAKE), Field(examples=["in_01h455vb4pex5vsknk084sn04t"], max_length=40)]


def _id_out(prefix: str) -> BeforeValidator:
    return BeforeValidator(lambda value: typeid.encode(prefix, value) if isinstance(value, UUID) else value)


AssociationId = Annotated[str, _id_out(typeid.ASSOCIATION), Field(pattern=_id_pattern(typeid.ASSOCIATION))]
EntryId = Annotated[str, _id_out(typeid.ENTRY), Field(pattern=_id_pattern(typeid.ENTRY))]
UserId = Annotated[str, _id_out(typeid.USER), Field(pattern=_id_pattern(typeid.USER))]
GrantId = Annotated[str, _id_out(typeid.GRANT), Field(pattern=_id_pattern(typeid.GRANT))]
InvitationId = Annotated[str, _id_out(typeid.INVITATION), Field(pattern=_id_pattern(typeid.INVITATION))]
PersonId = Annotated[str, _id_out(typeid.PERSON), Field(pattern=_id_pattern(typeid.PERSON))]
DocumentId = Annotated[str, _id_out(typeid.DOCUMENT), Field(pattern=_id_pattern(typeid.DOCUMENT))]
EventId = Annotated[str, _id_out(typeid.EVENT), Field(pattern=_id_pattern(typeid.EVENT))]
ApprovalId = Annotated[str, _id_out(typeid.APPROVAL), Field(pattern=_id_pattern(typeid.APPROVAL))]
ProposalId = Annotated[str, _id_out(typeid.PROPOSAL), Field(pattern=_id_pattern(typeid.PROPOSAL))]
TokenId = Annotated[str, _id_out(typeid.TOKEN), Field(pattern=_id_pattern(typeid.TOKEN))]
AwardId = Annotated[str, _id_out(typeid.AWARD), Field(pattern=_id_pattern(typeid.AWARD))]
AwardListId = Annotated[str, _id_out(typeid.AWARD_LIST), Field(pattern=_id_pattern(typeid.AWARD_LIST))]
RoundId = Annotated[str, _id_out(typeid.ROUND), Field(pattern=_id_pattern(typeid.ROUND))]
BlockId = Annotated[str, _id_out(typeid.BLOCK), Field(pattern=_id_pattern(typeid.BLOCK))]
ContributionId = Annotated[str, _id_out(typeid.CONTRIBUTION), Field(pattern=_id_pattern(typeid.CONTRIBUTION))]
DraftId = Annotated[str, _id_out(typeid.DRAFT), Field(pattern=_id_pattern(typeid.DRAFT))]
GoodsId = Annotated[str, _id_out(typeid.GOODS), Field(pattern=_id_pattern(typeid.GOODS))]
PledgeId = Annotated[str, _id_out(typeid.PLEDGE), Field(pattern=_id_pattern(typeid.PLEDGE))]


def voucher_text(voucher: VoucherNumber) -> str:
    """Write a voucher as the API names it: ``PT/2025/17``."""
    return f"{voucher.kind}/{voucher.fiscal_year}/{voucher.number}"


Voucher = Annotated[
    str,
    BeforeValidator(lambda value: voucher_text(value) if isinstance(value, VoucherNumber) else value),
    Field(pattern=r"^[A-Z]{2}/[0-9]{4}/[1-9][0-9]*$", examples=["PT/2025/17"]),
]
Cursor = Annotated[str, BeforeValidator(str), Field(examples=["2025-03-05.17.1"])]
