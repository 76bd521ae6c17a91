"""Keep the English of the pages: ``python -m web.catalogue`` finds every text and mends ``web/locale/en/*.po``.

A room of the pages has a file of its own, so that builders of different rooms don't meet in one: texts of
``web/desk/people/`` and ``web/templates/desk/people/`` stand in ``people.po``, those of ``web/receipt.py`` and
``web/templates/receipt.html`` in ``receipt.po`` once there is such a file, what is around every page in ``shell.po``,
everything else in ``public.po``. A text that has a place keeps it, wherever else it is used.

The command adds what is new, without English, takes away what is used no more, and ends with status 1 if anything
lacks its English. ``faults`` says what is wrong; a test asks it.
"""

import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from web.translation import LOCALE, text_of, told_forms

ROOT: Final = LOCALE.parent.parent
ENGLISH: Final = LOCALE / "en"

_KEYWORDS: Final[Mapping[str, tuple[int, ...] | None]] = {"_": None, "_n": (1, 1), "gettext": None, "ngettext": (1, 2)}
_JINJA: Final = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
_HEADER: Final = """\
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

_OF_SHELL: Final = frozenset(
    {"base", "form", "home", "jump", "navigation", "parts", "places", "reading", "style", "style_grid"}
)

_find_placeholders: Final = re.compile(r"%(?:\((\w+)\)s|(.?))").findall
_find_of_scripts: Final = re.compile(r"\{\w+\}").findall  # of words.js


@dataclass(slots=True)
class Found:
    """A text in the sources: whether its English has a plural, and the files that say it."""

    has_plural: bool
    places: list[str] = field(default_factory=list)


def find_texts() -> dict[str, Found]:
    """Return every text of the pages, in the order of the files."""
    found: dict[str, Found] = {}
    for path in _sources():
        place = path.relative_to(ROOT).as_posix()
        for text in _texts_of(path):
            each = found.setdefault(text[0], Found(has_plural=False))
            each.has_plural = each.has_plural or len(text) > 1
            if place not in each.places:
                each.places.append(place)
    return found


def _sources() -> Iterator[Path]:
    web = LOCALE.parent
    yield from sorted(path for path in web.rglob("*.py") if path.name not in {"catalogue.py", "translation.py"})
    yield from sorted((web / "templates").rglob("*.html"))


def _texts_of(path: Path) -> Iterator[tuple[str, ...]]:
    is_template = path.suffix == ".html"
    method = "jinja2.ext:babel_extract" if is_template else "python"
    with path.open("rb") as file:
        for _, text, _, _ in extract(method, file, keywords=_KEYWORDS, options=_JINJA if is_template else {}):
            yield (text,) if isinstance(text, str) else tuple(text)


def room_of(place: str, rooms: set[str]) -> str:
    """Return the file that a text belongs to, by the first source that says it."""
    parts = Path(place).with_suffix("").parts
    in_desk = "desk" in parts[:-1]
    name = parts[parts.index("desk") + 1] if in_desk else parts[2] if parts[1] == "templates" else parts[1]
    if name.partition("_")[0] in _OF_SHELL:
        return "shell"
    return name if in_desk or name in rooms else "public"


def read_rooms(folder: Path = ENGLISH) -> dict[str, Catalog]:
    """Return the files of English texts by room."""
    rooms = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            rooms[path.stem] = read_po(file, locale="en")
    return rooms


def updated(found: Mapping[str, Found], rooms: Mapping[str, Catalog]) -> dict[str, Catalog]:
    """Return the files as they should be: each text once, with the English it has, none that is used no more."""
    homes: dict[str, str] = {}
    english: dict[str, tuple[str, ...]] = {}
    for room in sorted(rooms, key=lambda name: (name not in {"public", "shell"}, name)):
        for entry in rooms[room]:
            text = text_of(entry)
            if text in found and not entry.fuzzy:
                homes.setdefault(text, room)
                if told_forms(entry):
                    english.setdefault(text, told_forms(entry))
    made: dict[str, Catalog] = {}
    for text, each in found.items():
        room = homes.get(text) or room_of(each.places[0], set(rooms))
        forms = english.get(text, ("",))
        # Without line numbers, which would change with every line above.
        made.setdefault(room, Catalog(locale="en")).add(
            (text, text) if each.has_plural else text,
            (forms[0], forms[-1]) if each.has_plural else forms[-1],
            locations=[(place, 0) for place in each.places],
        )
    return made


def written(catalog: Catalog) -> str:
    """Return a file's text."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, include_lineno=False)
    return _HEADER + body.getvalue().decode()


def update(folder: Path = ENGLISH) -> None:
    """Write the files."""
    made = updated(find_texts(), read_rooms(folder))
    for room, catalog in made.items():
        (folder / f"{room}.po").write_text(written(catalog), encoding="utf-8")
    for path in folder.glob("*.po"):
        if path.stem not in made:
            path.unlink()


def faults(folder: Path = ENGLISH) -> list[str]:
    """Return what is wrong with the English texts, a line each."""
    found = find_texts()
    told: dict[str, tuple[str, ...]] = {}
    wrong = []
    for room, catalog in read_rooms(folder).items():
        for entry in catalog:
            text, forms = text_of(entry), told_forms(entry)
            if not text:
                continue
            wrong += [f"{room}.po: {fault}: {text}" for fault in _entry_faults(text, forms, found.get(text))]
            if entry.fuzzy:
                wrong.append(f"{room}.po: fuzzy: {text}")
            if told.setdefault(text, forms) != forms:
                wrong.append(f"{room}.po: said otherwise in another file: {text}")
    return wrong + [f"{each.places[0]}: not in any file: {text}" for text, each in found.items() if text not in told]


def _entry_faults(text: str, forms: tuple[str, ...], found: Found | None) -> Iterator[str]:
    if found is None:
        yield "used no more"
    elif not forms:
        yield "has no English"
    elif found.has_plural != (len(forms) > 1):
        yield "has a plural in one place only"
    else:
        wanted = placeholders(text)
        for form in forms:
            # "One leaf" needs no number.
            free = {"num"} if found.has_plural and form is forms[0] else set()
            if differing := (placeholders(form) ^ wanted) - free:
                yield f"variables {sorted(differing)} differ"


def placeholders(text: str) -> set[str]:
    """Return the variables of a text; a percent sign that is none is one called by what follows it."""
    found = {name or f"%{other}" for name, other in _find_placeholders(text) if name or other != "%"}
    return found | set(_find_of_scripts(text))


def main() -> int:
    """Bring the files up to date; print what still lacks its English."""
    update()
    wrong = faults()
    sys.stdout.write("".join(f"{fault}\n" for fault in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
