"""Plan what comes in: every stream of a year, cut into occasions that sum to the year's receipts exactly."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ledger.demo.apportion import apportion
from ledger.demo.dice import dice, draw_weight
from ledger.demo.movement import Movement, draw_days, event_count, season_days
from ledger.demo.scenario import EARMARKED, STREAMS, ForeignGift, Scenario, Stream, Year
from ledger.demo.units import Unit
from ledger.money import Rate, value_at

_USD_DIGITS: Final = 2


def plan_giving(scenario: Scenario, year: Year, *, seed: int) -> Iterator[Movement]:
    """Give every receipt of a year; together they are ``year.received``."""
    foreign = [_foreign_movement(gift, scenario.units[0]) for gift in year.foreign]
    yield from foreign
    streams = [stream for stream in STREAMS if season_days(stream.seasons, year)]
    rest = year.received - sum(movement.value_minor for movement in foreign)
    totals = apportion(rest, [stream.share for stream in streams], unit=1_000)
    for stream, total in zip(streams, totals, strict=True):
        yield from _stream_movements(stream, total, scenario, year, seed)


def _foreign_movement(gift: ForeignGift, province: Unit) -> Movement:
    rate = Rate(currency="USD", value=Decimal(gift.rate), source=f"VCB.{gift.on}")
    return Movement(
        unit=province.code,
        on=gift.on,
        fund=EARMARKED,
        medium="usd",
        value_minor=value_at(gift.amount_minor, rate, _USD_DIGITS),
        channel="donor-abroad",
        amount_minor=gift.amount_minor,
        rate=rate,
    )


def _stream_movements(stream: Stream, total: int, scenario: Scenario, year: Year, seed: int) -> Iterator[Movement]:
    units = [unit for unit in scenario.units if unit.level == stream.level][:: stream.one_in]
    seasons = season_days(stream.seasons, year)
    chance = dice(seed, scenario.key, year.from_on, stream.level, stream.channel, stream.fund)
    places = []
    for unit in units:
        count = event_count(unit, stream.per, stream.events)
        # Half a year has half the occasions.
        count = max(1, count * len(seasons) // len(stream.seasons))
        days = draw_days(chance, seasons, count, banking=stream.medium == "bank")
        share = unit.weight if stream.per == "book" else unit.weight * 100 // max(1, count)
        places += [(unit.code, on, share * draw_weight(chance)) for on in days]
    parts = apportion(total, [share for _, _, share in places], unit=stream.unit_minor)
    campaign = stream.campaign and stream.campaign.format(year=year.from_on.year)
    for (unit_code, on, _), part in zip(places, parts, strict=True):
        if part:
            yield Movement(
                unit=unit_code,
                on=on,
                fund=stream.fund,
                medium=stream.medium,
                value_minor=part,
                channel=stream.channel,
                campaign=campaign,
            )
