"""Published figures beside what the books say, and which of the books' figures are samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection

from ledger.demo.presence import demo_place
from ledger.demo.published import PublishedFigure, figures_of
from ledger.reports.overview import Overview
from web.figures import Place
from web.published_words import note_words, source_words
from web.translation import Message, _

Term = Literal["opening", "received", "used", "closing"]

_TERMS: Final[Mapping[str, Term]] = {
    "raised_all_levels": "received",
    "disbursed": "used",
    "fund_three_levels": "closing",
}

MEASURES: Final[Mapping[str, Message]] = {
    "raised_all_levels": _("Vận động được ở các cấp"),
    "disbursed": _("Đã chi cho học bổng, khen thưởng, thiết bị"),
    "fund_three_levels": _("Quỹ của ba cấp hội"),
    "mobilised_by_province_association": _("Quỹ riêng của tỉnh hội"),
    "awards": _("Số suất đã trao"),
    "schools_equipped": _("Trường được trang bị thiết bị"),
    "base_associations": _("Hội cơ sở"),
    "units_under_province": _("Đơn vị trực thuộc tỉnh hội"),
    "chapters": _("Số chi hội"),
    "committees": _("Ban khuyến học"),
    "members": _("Hội viên"),
}
"""What is shown of the published figures, in this order; the rest are indicators of other pages."""

_OUTSIDE: Final[Mapping[str, Message]] = {
    "chapters": _("không mở sổ"),
    "committees": _("không mở sổ"),
    "units_under_province": _("không đối chiếu"),  # the source names no level for them
}
_NOT_OF_BOOKS: Final = _("ngoài sổ quỹ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure was published; ``url`` is empty where it stands nowhere online."""

    name: Message | str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A published figure and what the books have for it; where that is ``None``, ``outside`` says why."""

    name: Message
    figure: PublishedFigure
    booked: int | None
    outside: Message
    note: Message | str | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a page says about where its figures come from."""

    is_demo: bool
    terms: Mapping[str, PublishedFigure]
    comparisons: tuple[Comparison, ...]

    @property
    def only_source(self) -> Source | None:
        """The source that all comparisons share."""
        sources = {each.source for each in self.comparisons}
        return sources.pop() if len(sources) == 1 else None


def disclose(conn: Connection, place: Place, year: int, told: Overview) -> Disclosure:
    """Return what was published for a demo's province and year; real books stand for themselves."""
    demo = demo_place(conn, place.book.tenant_id)
    if demo is None or place.above:
        return Disclosure(is_demo=demo is not None, terms={}, comparisons=())
    figures = figures_of(demo, year)
    return Disclosure(
        is_demo=True,
        terms={term: figures[measure] for measure, term in _TERMS.items() if measure in figures},
        comparisons=tuple(
            _compare(measure, name, figures[measure], _booked(measure, place, told))
            for measure, name in MEASURES.items()
            if measure in figures
        ),
    )


def _compare(measure: str, name: Message, figure: PublishedFigure, booked: int | None) -> Comparison:
    return Comparison(
        name=name,
        figure=figure,
        booked=booked,
        outside=_OUTSIDE.get(measure, _NOT_OF_BOOKS),
        note=note_words(figure.note),
        source=Source(name=source_words(figure.source), url=figure.url),
    )


def _booked(measure: str, place: Place, told: Overview) -> int | None:
    if measure in _TERMS:
        return int(getattr(told.totals, f"{_TERMS[measure]}_minor"))
    if measure == "mobilised_by_province_association":
        return next(
            each.totals.closing_minor for each in told.associations if each.association_id == place.book.association_id
        )
    if measure in {"awards", "schools_equipped"}:
        unit = "award" if measure == "awards" else "school"
        return sum(used.quantity for used in told.programs if used.unit == unit)
    if measure == "base_associations":
        return sum(each.level == "commune" for each in told.associations)
    return None
