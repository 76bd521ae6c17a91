"""The associations of the demo: one for each place in the table of administrative units, and the sample ones."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

from ledger.demo.apportion import apportion
from ledger.demo.dice import dice, draw_weight

Level = Literal["province", "district", "commune"]

_TYPES: Final = {
    "tỉnh": "Province",
    "thành phố": "City",
    "thị xã": "Town",
    "thị trấn": "Township",
    "huyện": "District",
    "phường": "Ward",
    "xã": "Commune",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An association to be founded; ``weight`` is its share beside others of its level.

    ``chapters`` and ``committees`` keep no books: they are where a commune's money comes from and goes to.
    """

    code: str
    parent_code: str | None
    level: Level
    name_vi: str
    name_en: str
    weight: int
    is_sample: bool = False
    chapters: int = 0
    committees: int = 0


def read_units(
    province_code: str, *, seed: int, chapters: int, committees: int, samples: dict[str, int]
) -> tuple[Unit, ...]:
    """Return a province's units, parents first, with ``samples`` more below the districts that it names."""
    places = list(_places(province_code))
    base = [place for place in places if place[0] == "commune"]
    named = [(code, parent, *_names(name)) for _, code, name, parent in base]
    sample_parents = [parent for parent, count in samples.items() for _ in range(count)]
    for number, parent in enumerate(sample_parents, start=1):
        name_en = f"Learning Promotion Association of Sample Unit {number:02}"
        named.append((f"{province_code}-M{number:02}", parent, f"Hội Khuyến học đơn vị mẫu số {number:02}", name_en))
    weights = [draw_weight(dice(seed, "weight", code)) for code, *_ in named]
    chapter_counts = apportion(chapters, weights)
    committee_counts = apportion(committees, weights)
    higher = [
        _higher_unit(level, code, name, parent or None, seed)
        for level, code, name, parent in places
        if level != "commune"
    ]
    communes = [
        Unit(
            code=code,
            parent_code=parent,
            level="commune",
            name_vi=name_vi,
            name_en=name_en,
            weight=weights[index],
            is_sample=index >= len(base),
            chapters=chapter_counts[index],
            committees=committee_counts[index],
        )
        for index, (code, parent, name_vi, name_en) in enumerate(named)
    ]
    return (*higher, *communes)


def _higher_unit(level: str, code: str, name: str, parent: str | None, seed: int) -> Unit:
    name_vi, name_en = _names(name)
    return Unit(
        code=code,
        parent_code=parent,
        level="province" if level == "province" else "district",
        name_vi=name_vi,
        name_en=name_en,
        weight=draw_weight(dice(seed, "weight", code)),
    )


def _places(province_code: str) -> Iterator[tuple[str, str, str, str]]:
    """Give level, code, name and parent of every place of a province, the highest first."""
    with (files("ledger.demo") / "data" / "admin_units.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    districts = {row["code"] for row in rows if row["level"] == "district" and row["parent_code"] == province_code}
    for level, codes in (("province", {province_code}), ("district", districts)):
        for row in rows:
            if row["level"] == level and row["code"] in codes:
                yield level, row["code"], row["name_vi"], row["parent_code"]
    for row in rows:
        if row["level"] == "commune" and row["parent_code"] in districts:
            yield "commune", row["code"], row["name_vi"], row["parent_code"]


def _names(place: str) -> tuple[str, str]:
    """Return the Vietnamese and the English name of the association of a place: its type is no part of the latter."""
    for kind, kind_en in _TYPES.items():
        if place.lower().startswith(kind + " "):
            name = place[len(kind) + 1 :]
            return f"Hội Khuyến học {kind} {name}", f"Learning Promotion Association of {name} {kind_en}"
    raise ValueError(f"a place without a known type: {place}")
