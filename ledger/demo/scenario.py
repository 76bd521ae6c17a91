"""What happens in a year of learning promotion: the streams of money in and the outlays.

Both provinces share these tables; only the totals, seasons and shares that were published differ. Every share, price
and day here is a sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from ledger.calendar import month_end
from ledger.demo.units import Level, Unit

Medium = Literal["cash", "bank", "goods", "usd"]
Per = Literal["book", "chapter", "committee"]

PRICE_STEP: Final = 10_000
SMALL_MIN: Final = 50_000
SMALL_MAX: Final = 500_000
SCHOLARSHIP_MIN: Final = 1_000_000
SCHOLARSHIP_MAX: Final = 5_000_000

GENERAL: Final = "QKH"
EARMARKED: Final = "HB"
TET: Final = "TET"
EQUIPMENT: Final = "TBTH"
GOODS: Final = "HV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Days that come back every year, from month and day to month and day."""

    first: tuple[int, int]
    last: tuple[int, int]

    def days(self, year: int, tet_on: date) -> tuple[date, date]:
        """Return the season's first and last day in a year."""
        del tet_on
        return date(year, *self.first), date(year, *self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeTet:
    """Days counted back from the lunar new year."""

    first: int
    last: int

    def days(self, year: int, tet_on: date) -> tuple[date, date]:
        """Return the first and last day before the new year of that year."""
        del year
        return tet_on - timedelta(days=self.first), tet_on - timedelta(days=self.last)


AnySeason = Season | BeforeTet

YEAR: Final = (Season(first=(1, 3), last=(12, 29)),)
SALARY: Final = (Season(first=(9, 5), last=(10, 31)),)
PRIZES: Final = (Season(first=(8, 15), last=(9, 30)),)
SPRING_AND_AUTUMN: Final = (Season(first=(2, 15), last=(4, 15)), Season(first=(9, 2), last=(10, 20)))
QUARTER_ENDS: Final = tuple(Season(first=day, last=day) for day in ((3, 31), (6, 30), (9, 30), (12, 31)))
MONTH_ENDS: Final = tuple(
    Season(first=(month, month_end(date(2023, month, 1)).day), last=(month, month_end(date(2023, month, 1)).day))
    for month in range(1, 13)
)
TET_GIVING: Final = (BeforeTet(first=20, last=9),)
TET_PAYING: Final = (BeforeTet(first=8, last=2),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Money that comes to the associations of a level through a channel; ``share`` is in ‰ or so of all that comes.

    ``{year}`` in the campaign stands for the year. ``one_in`` lets only every n-th association have it.
    """

    level: Level
    channel: str
    share: int
    events: int
    fund: str = GENERAL
    campaign: str | None = None
    per: Per = "book"
    seasons: tuple[AnySeason, ...] = YEAR
    medium: Medium = "bank"
    unit_minor: int = 1_000
    one_in: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlay:
    """Money that associations of a level spend on a program; ``share`` is the program's awards at this level.

    An entry is an occasion: a village's prize day, one round of scholarships.
    """

    level: Level
    program: str
    share: int
    events: int
    price: int
    price_min: int = SMALL_MIN
    price_max: int = SMALL_MAX
    fund: str = GENERAL
    per: Per = "book"
    seasons: tuple[AnySeason, ...] = YEAR
    medium: Medium = "cash"
    one_in: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignGift:
    """A gift in US dollars to the province's earmarked fund; ``rate`` is đồng for one dollar."""

    on: date
    amount_minor: int
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year, or the first months of one, with the totals its books reach exactly."""

    from_on: date
    to_on: date
    tet_on: date
    received: int
    spent: int
    awards: int
    outlays: tuple[Outlay, ...]
    schools: int = 0
    schools_spent: int = 0
    foreign: tuple[ForeignGift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A province's demo; ``province_closing`` fixes what the province's own association has at the end."""

    key: str
    place: str
    tenant: str
    units: tuple[Unit, ...]
    years: tuple[Year, ...]
    opening: int
    province_closing: int | None = None

    @property
    def opens_on(self) -> date:
        """The first day of the books: the last of the year before, so that they open with a balance."""
        return self.years[0].from_on - timedelta(days=1)

    @property
    def ends_on(self) -> date:
        """The last day that has movements."""
        return self.years[-1].to_on


STREAMS: Final = (
    Stream(level="province", channel="salary-day", share=450, events=64, campaign="ML{year}", seasons=SALARY),
    Stream(level="province", channel="business", share=220, events=18, fund=EARMARKED, unit_minor=500_000),
    Stream(level="province", channel="business", share=130, events=14, fund=EQUIPMENT, campaign="TB{year}",
           seasons=(Season(first=(2, 1), last=(6, 15)),), unit_minor=1_000_000),
    Stream(level="province", channel="organisation", share=150, events=20, unit_minor=500_000),
    Stream(level="province", channel="donor-home", share=120, events=24, unit_minor=100_000),
    Stream(level="province", channel="interest", share=50, events=12, seasons=MONTH_ENDS, unit_minor=1),
    Stream(level="province", channel="membership", share=10, events=4),
    Stream(level="province", channel="goods", share=50, events=6, fund=GOODS, medium="goods", unit_minor=10_000,
           seasons=(Season(first=(2, 1), last=(8, 10)),)),
    Stream(level="province", channel="business", share=60, events=10, fund=TET, campaign="TET{year}",
           seasons=TET_GIVING, unit_minor=1_000_000),
    Stream(level="district", channel="salary-day", share=1_300, events=45, campaign="ML{year}", seasons=SALARY),
    Stream(level="district", channel="business", share=330, events=15, unit_minor=500_000),
    Stream(level="district", channel="organisation", share=210, events=12, unit_minor=100_000),
    Stream(level="district", channel="donor-home", share=130, events=10, unit_minor=100_000),
    Stream(level="district", channel="interest", share=40, events=4, seasons=QUARTER_ENDS, unit_minor=1),
    Stream(level="district", channel="membership", share=20, events=2),
    Stream(level="district", channel="business", share=230, events=7, fund=EQUIPMENT, campaign="TB{year}",
           seasons=(Season(first=(2, 1), last=(6, 15)),), unit_minor=1_000_000),
    Stream(level="district", channel="organisation", share=90, events=10, fund=TET, campaign="TET{year}",
           seasons=TET_GIVING, unit_minor=100_000),
    Stream(level="district", channel="goods", share=40, events=3, fund=GOODS, medium="goods", unit_minor=10_000,
           seasons=(Season(first=(2, 1), last=(8, 10)),)),
    Stream(level="commune", channel="household", share=3_700, events=2, per="chapter", campaign="KH{year}",
           seasons=SPRING_AND_AUTUMN, medium="cash"),
    Stream(level="commune", channel="membership", share=400, events=1, per="chapter", medium="cash",
           seasons=(Season(first=(3, 1), last=(5, 31)),)),
    Stream(level="commune", channel="salary-day", share=350, events=4, campaign="ML{year}", seasons=SALARY),
    Stream(level="commune", channel="business", share=600, events=5, unit_minor=100_000),
    Stream(level="commune", channel="organisation", share=380, events=4, unit_minor=100_000),
    Stream(level="commune", channel="donor-home", share=550, events=7, medium="cash", unit_minor=50_000),
    Stream(level="commune", channel="interest", share=25, events=4, seasons=QUARTER_ENDS, unit_minor=1),
    Stream(level="commune", channel="donor-home", share=180, events=4, fund=TET, campaign="TET{year}", medium="cash",
           seasons=TET_GIVING, unit_minor=50_000),
    Stream(level="commune", channel="business", share=130, events=2, fund=TET, campaign="TET{year}",
           seasons=TET_GIVING, unit_minor=100_000),
    Stream(level="commune", channel="goods", share=45, events=2, fund=GOODS, medium="goods", unit_minor=10_000,
           one_in=5, seasons=(Season(first=(2, 1), last=(8, 10)),)),
)  # fmt: skip
"""Shares of what is received, in about 1/10,000."""


def unit_funds(unit: Unit) -> tuple[str, ...]:
    """Return the funds of an association, by its level."""
    return {
        "province": (GENERAL, EARMARKED, TET, EQUIPMENT, GOODS),
        "district": (GENERAL, TET, EQUIPMENT, GOODS),
        "commune": (GENERAL, TET, GOODS),
    }[unit.level]


FUNDS: Final[Mapping[str, tuple[str, str, str, str | None]]] = {
    GENERAL: ("general", "Quỹ khuyến học", "Learning promotion fund", None),
    EARMARKED: ("earmarked", "Quỹ học bổng tài trợ", "Sponsored scholarship fund", "Học bổng cho học sinh, sinh viên"),
    TET: ("tet", "Quỹ Tết cho học sinh nghèo", "Tet fund for poor pupils", "Quà Tết cho học sinh hoàn cảnh khó khăn"),
    EQUIPMENT: ("equipment", "Quỹ thiết bị trường học", "School equipment fund", "Trang thiết bị cho trường học"),
    GOODS: ("in-kind", "Quỹ hiện vật", "Fund in kind", "Sách vở, đồ dùng học tập"),
}
"""Kind, names and purpose of each fund."""

CAMPAIGNS: Final = {
    "ML{year}": ("Ủng hộ một ngày lương {year}", "One day's salary {year}"),
    "TET{year}": ("Tết cho học sinh nghèo {year}", "Tet for poor pupils {year}"),
    "KH{year}": ("Mỗi gia đình một phần quà khuyến học {year}", "A gift from every family {year}"),
    "TB{year}": ("Thiết bị cho trường học {year}", "Equipment for schools {year}"),
}

OPEN_CAMPAIGN: Final = "MAU"
OPEN_CAMPAIGN_NAMES: Final = ("Đợt vận động mẫu, còn mở", "Sample campaign, still open")
"""For whoever tries to record something today: the campaigns of past years are over."""

EARMARK: Final = "TRUONG-MAU-1"
EARMARK_NAMES: Final = ("Học bổng cho học sinh Trường Mẫu số 1", "Scholarships for pupils of Sample School No. 1")

PROGRAMS: Final = {
    "HB": ("award", "Học bổng", "Scholarships"),
    "KT": ("award", "Khen thưởng học sinh, giáo viên", "Prizes for pupils and teachers"),
    "TET": ("award", "Tết ấm – Xuân yêu thương", "Tet gifts"),
    "TC": ("award", "Trợ cấp học sinh khó khăn", "Aid for pupils in need"),
    "QT": ("award", "Tặng quà, đồ dùng học tập", "Gifts and notebooks"),
    "NL": ("award", "Khuyến khích người lớn học tập", "Encouragement of adult learners"),
    "TB": ("school", "Thiết bị trường học", "School equipment"),
}
"""Unit, Vietnamese and English name."""
