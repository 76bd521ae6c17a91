"""What requests may name in every book."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas.chart import Unit
from api.schemas.field import Out


class FundKindOut(Out):
    """A kind of fund, and the account that keeps its balance."""

    kind: str
    account: str
    is_restricted: Annotated[bool, Field(description="Whether its funds need a purpose")]
    name_vi: str
    name_en: str


class VoucherKindOut(Out):
    """A kind of voucher."""

    kind: str
    moves: Annotated[
        str, Field(description="What its entry moves: `cash in`, `cash out`, `bank in`, `bank out`, `any`")
    ]
    name_vi: str
    name_en: str


class ChartOut(Out):
    """An accounting regime, its source, and the days that it covers."""

    chart: str
    name_vi: str
    name_en: str
    source: str
    valid_from: date
    valid_to: date | None
    is_sample: bool
    fund_kinds: list[FundKindOut]
    voucher_kinds: list[VoucherKindOut]


class ChannelOut(Out):
    """Where money comes from."""

    channel: str
    name_vi: str
    name_en: str


class ChartsOut(Out):
    """What requests may name in every book: regimes with their kinds, channels, units of programs."""

    rows: list[ChartOut]
    channels: list[ChannelOut]
    program_units: list[Unit]
