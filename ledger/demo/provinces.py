"""The two demo provinces: totals that were published, and samples for what was not.

Hà Nam 2023 is real in what it received, spent and awarded. Quảng Bình's opening balance and receipts were not
published; they are chosen so that the published closing balance comes out.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from ledger.demo.scenario import (
    EARMARKED,
    GOODS,
    PRIZES,
    SCHOLARSHIP_MAX,
    SCHOLARSHIP_MIN,
    TET,
    TET_PAYING,
    ForeignGift,
    Outlay,
    Scenario,
    Season,
    Year,
)
from ledger.demo.units import read_units

PROVINCES: Final = ("ha-nam", "quang-binh")

_HA_NAM: Final = "Hà Nam"
_QUANG_BINH: Final = "Quảng Bình"
_TENANT: Final = "{place} (dữ liệu mẫu)"

TENANTS: Final = {_TENANT.format(place=place): place for place in (_HA_NAM, _QUANG_BINH)}
"""The names of tenants that hold a demo, and the places they are samples of."""

_SCHOLARSHIPS: Final = (Season(first=(4, 10), last=(6, 25)), Season(first=(9, 20), last=(12, 10)))
_GIFTS: Final = (Season(first=(5, 25), last=(6, 15)), Season(first=(9, 10), last=(9, 30)))
_SCHOOL_YEAR_END: Final = Season(first=(5, 20), last=(6, 15))
_AID: Final = (Season(first=(1, 5), last=(6, 25)), Season(first=(7, 1), last=(12, 20)))


def scenario(province: str, *, seed: int) -> Scenario:
    """Return a province's scenario.

    Raises:
        ValueError: not one of ``PROVINCES``.
    """
    if province == "ha-nam":
        return _ha_nam(seed)
    if province == "quang-binh":
        return _quang_binh(seed)
    raise ValueError(f"{province!r} is none of {', '.join(PROVINCES)}")


def _ha_nam(seed: int) -> Scenario:
    units = read_units(
        "35", seed=seed, chapters=1_127, committees=2_150, samples={"347": 7, "349": 1, "350": 1, "352": 2}
    )
    shares = {
        "HB": (1_150, 850, 1_300),
        "KT": (1_800, 4_600, 26_400),
        "TET": (800, 1_300, 7_600),
        "TC": (150, 250, 2_300),
        "QT": (300, 600, 5_200),
        "NL": (100, 200, 1_800),
    }
    year = Year(
        from_on=date(2023, 1, 1),
        to_on=date(2023, 12, 31),
        tet_on=date(2023, 1, 22),
        received=64_700_000_000,
        spent=24_000_000_000,
        awards=55_398,
        outlays=_outlays(shares),
        schools=39,
        schools_spent=2_940_000_000,
        foreign=(
            ForeignGift(on=date(2023, 4, 18), amount_minor=15_000_00, rate=23_480),
            ForeignGift(on=date(2023, 10, 24), amount_minor=12_000_00, rate=24_350),
        ),
    )
    return Scenario(
        key="ha-nam",
        place=_HA_NAM,
        tenant=_TENANT.format(place=_HA_NAM),
        units=units,
        years=(year,),
        opening=31_400_000_000,
    )


def _quang_binh(seed: int) -> Scenario:
    units = read_units("44", seed=seed, chapters=870, committees=1_015, samples={})
    whole_shares = {
        "HB": (700, 600, 1_200),
        "KT": (5_000, 14_000, 108_000),
        "TET": (900, 1_800, 12_000),
        "TC": (200, 400, 3_000),
        "QT": (700, 1_500, 15_000),
        "NL": (200, 400, 3_400),
    }
    half_shares = {
        "HB": (900, 800, 1_300),
        "KT": (400, 900, 3_900),
        "TET": (800, 1_500, 7_600),
        "TC": (100, 200, 1_300),
        "QT": (100, 200, 1_500),
        "NL": (30, 60, 300),
    }
    return Scenario(
        key="quang-binh",
        place=_QUANG_BINH,
        tenant=_TENANT.format(place=_QUANG_BINH),
        units=units,
        years=(
            Year(
                from_on=date(2024, 1, 1),
                to_on=date(2024, 12, 31),
                tet_on=date(2024, 2, 10),
                received=41_000_000_000,
                spent=34_000_000_000,
                awards=169_000,
                outlays=_outlays(whole_shares),
                foreign=(ForeignGift(on=date(2024, 5, 14), amount_minor=10_000_00, rate=25_150),),
            ),
            Year(
                from_on=date(2025, 1, 1),
                to_on=date(2025, 6, 30),
                tet_on=date(2025, 1, 29),
                received=15_000_000_000,
                spent=13_000_000_000,
                awards=21_894,
                outlays=_outlays(half_shares),
                foreign=(ForeignGift(on=date(2025, 3, 11), amount_minor=6_000_00, rate=25_480),),
            ),
        ),
        opening=40_000_000_000,
        province_closing=5_000_000_000,
    )


def _outlays(shares: Mapping[str, tuple[int, int, int]]) -> tuple[Outlay, ...]:
    """Return the outlays of a year from each program's awards at province, district and commune."""
    hb, kt, tet, tc, qt, nl = (shares[program] for program in ("HB", "KT", "TET", "TC", "QT", "NL"))
    low, high = SCHOLARSHIP_MIN, SCHOLARSHIP_MAX
    prizes = (*PRIZES, PRIZES[0], _SCHOOL_YEAR_END)
    return (
        Outlay(level="province", program="HB", share=hb[0], events=60, price=2_000_000, fund=EARMARKED, medium="bank",
               price_min=low, price_max=high, seasons=_SCHOLARSHIPS),
        Outlay(level="district", program="HB", share=hb[1], events=24, price=1_700_000, medium="bank",
               price_min=low, price_max=high, seasons=_SCHOLARSHIPS),
        Outlay(level="commune", program="HB", share=hb[2], events=5, price=1_300_000,
               price_min=low, price_max=high, seasons=_SCHOLARSHIPS),
        Outlay(level="province", program="KT", share=kt[0], events=40, price=400_000, seasons=prizes, medium="bank"),
        Outlay(level="district", program="KT", share=kt[1], events=36, price=300_000, seasons=prizes),
        Outlay(level="commune", program="KT", share=kt[2] * 3 // 5, events=1, per="chapter", price=220_000,
               seasons=prizes),
        Outlay(level="commune", program="KT", share=kt[2] * 2 // 5, events=1, per="committee", price=260_000,
               seasons=prizes),
        Outlay(level="province", program="TET", share=tet[0], events=8, price=450_000, fund=TET, seasons=TET_PAYING),
        Outlay(level="district", program="TET", share=tet[1], events=6, price=400_000, fund=TET, seasons=TET_PAYING),
        Outlay(level="commune", program="TET", share=tet[2], events=5, price=320_000, fund=TET, seasons=TET_PAYING),
        Outlay(level="province", program="TC", share=tc[0], events=12, price=480_000, seasons=_AID),
        Outlay(level="district", program="TC", share=tc[1], events=8, price=450_000, seasons=_AID),
        Outlay(level="commune", program="TC", share=tc[2], events=8, price=420_000, seasons=_AID),
        Outlay(level="province", program="QT", share=qt[0], events=4, price=250_000, fund=GOODS, medium="goods",
               seasons=(Season(first=(6, 10), last=(6, 28)), Season(first=(8, 20), last=(9, 6)))),
        Outlay(level="district", program="QT", share=qt[1], events=4, price=200_000, fund=GOODS, medium="goods",
               seasons=(Season(first=(6, 10), last=(6, 28)), Season(first=(8, 20), last=(9, 6)))),
        Outlay(level="commune", program="QT", share=qt[2] * 9 // 10, events=4, price=110_000, seasons=_GIFTS),
        Outlay(level="commune", program="QT", share=qt[2] // 10, events=3, price=130_000, fund=GOODS, medium="goods",
               one_in=5, seasons=(Season(first=(6, 10), last=(6, 28)), Season(first=(8, 20), last=(9, 6)))),
        Outlay(level="province", program="NL", share=nl[0], events=3, price=400_000, medium="bank", seasons=_AID),
        Outlay(level="district", program="NL", share=nl[1], events=3, price=300_000, seasons=_AID),
        Outlay(level="commune", program="NL", share=nl[2], events=4, price=200_000, seasons=_AID),
    )  # fmt: skip
