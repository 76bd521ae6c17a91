"""Every text of the pages has its English, and none is left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from web import catalogue, site
from web.catalogue import ENGLISH, Found, faults, placeholders, read_rooms, room_of, updated, written

HEAD = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def test_every_text_of_the_pages_has_its_english() -> None:
    assert faults() == []


def test_the_files_are_as_the_command_writes_them() -> None:
    made = updated(catalogue.find_texts(), read_rooms())
    assert {path.stem: path.read_text(encoding="utf-8") for path in ENGLISH.glob("*.po")} == {
        room: written(catalog) for room, catalog in made.items()
    }


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Found]:
    found = {
        "Còn %(amount)s": Found(has_plural=False, places=["web/desk/people.py"]),
        "%(num)s dòng": Found(has_plural=True, places=["web/views.py"]),
    }
    monkeypatch.setattr(catalogue, "find_texts", lambda: found)
    return found


def told(folder: Path, body: str) -> list[str]:
    folder.joinpath("public.po").write_text(HEAD + body, encoding="utf-8")
    return faults(folder)


REST = 'msgid "%(num)s dòng"\nmsgid_plural "%(num)s dòng"\nmsgstr[0] "One row"\nmsgstr[1] "%(num)s rows"\n'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('msgid "Còn %(amount)s"\nmsgstr ""\n', "public.po: has no English: Còn %(amount)s"),
        ('msgid "Còn %(amount)s"\nmsgstr "Left"\n', "public.po: variables ['amount'] differ: Còn %(amount)s"),
        (
            'msgid "Còn %(amount)s"\nmsgstr "%(amount)s, 5 % off"\n',
            "public.po: variables ['% '] differ: Còn %(amount)s",
        ),
        ('#, fuzzy\nmsgid "Còn %(amount)s"\nmsgstr "%(amount)s left"\n', "public.po: fuzzy: Còn %(amount)s"),
        ("", "web/desk/people.py: not in any file: Còn %(amount)s"),
        (
            'msgid "Còn %(amount)s"\nmsgstr "%(amount)s left"\n\nmsgid "Hết"\nmsgstr "None"\n',
            "public.po: used no more: Hết",
        ),
    ],
)
def test_a_wrong_file_is_told_of(texts: dict[str, Found], tmp_path: Path, body: str, fault: str) -> None:
    assert told(tmp_path, f"{body}\n{REST}") == [fault]


def test_a_plural_lacks_neither_form_nor_number(texts: dict[str, Found], tmp_path: Path) -> None:
    body = 'msgid "Còn %(amount)s"\nmsgstr "%(amount)s left"\n\n'
    assert told(tmp_path, body + REST) == []
    assert told(tmp_path, body + REST.replace("%(num)s rows", "")) == ["public.po: has no English: %(num)s dòng"]
    assert told(tmp_path, body + REST.replace("%(num)s rows", "rows")) == [
        "public.po: variables ['num'] differ: %(num)s dòng"
    ]


def test_a_room_has_its_own_file_and_a_text_keeps_its_place() -> None:
    assert room_of("web/desk/people.py", set()) == "people"
    assert room_of("web/templates/desk/people/edit.html", set()) == "people"
    assert room_of("web/templates/parts/form.html", set()) == "shell"
    assert room_of("web/receipt.py", {"receipt"}) == "receipt"
    assert room_of("web/templates/receipt.html", set()) == "public"


def test_updating_keeps_the_english_there_is(texts: dict[str, Found], tmp_path: Path) -> None:
    told(tmp_path, 'msgid "Còn %(amount)s"\nmsgstr "%(amount)s left"\n\nmsgid "Hết"\nmsgstr "None"\n')
    made = updated(texts, read_rooms(tmp_path))
    assert {room: [(each.id, each.string) for each in catalog if each.id] for room, catalog in made.items()} == {
        "public": [
            ("Còn %(amount)s", "%(amount)s left"),
            (("%(num)s dòng", "%(num)s dòng"), ("", "")),
        ]
    }


def test_placeholders_are_found_and_a_doubled_percent_sign_is_none() -> None:
    assert placeholders("%(a)s trong %(b)s, 5 %%, {count} dòng") == {"a", "b", "{count}"}


MARKED = re.compile(r"(?=\w{2})\w*[À-ÖØ-öø-ỹđĐ]\w*")  # a word, not "đ" or "×"
BRAND = "Sổ Quỹ"
WEB = Path(catalogue.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(WEB.rglob("*.py"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_in_vietnamese_alone(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    # Where the two languages put a sentence together otherwise, the template does it for each.
    told_apart = re.sub(r'{%- *if language == "vi" *%}.*?{%- *endif *%}\n</p>', "", source, flags=re.DOTALL)
    tree = site._TEMPLATES["vi"].parse(told_apart)
    said = [data.data for data in tree.find_all(nodes.TemplateData)]
    assert [text.strip() for text in said if MARKED.search(text.replace(BRAND, "").replace("Khuyến học", ""))] == []


def loose_texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give every Vietnamese string that is neither marked to be said nor a docstring."""
    marked = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "_n"}
        for argument in call.args
    }
    docs = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and id(each) not in marked | docs and MARKED.search(str(each.value)):
            yield each.lineno, str(each.value)


ALLOWED = {
    "command.py",  # speaks on a terminal, before it is known that there are pages
    "published_words.py",  # looks up what a file says in English
    "style.py",  # invented names
    "wording.py",  # takes the associations' own names apart
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_says_nothing_in_vietnamese_alone(path: Path) -> None:
    if path.name not in ALLOWED:
        assert list(loose_texts(ast.parse(path.read_text(encoding="utf-8")))) == []
