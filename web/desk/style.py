"""Show every part that pages are made of, in every state: what a builder looks up and a test looks at.

It reads no database and holds only invented words, so it needs no sign-in.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import render
from web.translation import Language, Message, _

PATH: Final = "/style"

FUNDS: Final[tuple[tuple[str, Message], ...]] = (
    ("QC", _("Quỹ chung")),
    ("HB", _("Quỹ học bổng")),
    ("TET", _("Quỹ Tết cho học sinh nghèo")),
)
_WISHES: Final = ("named", "anonymous")
_MEDIA: Final = ("cash", "bank")

SAMPLE: Final = {
    "name": "Nguyễn Văn Mẫu",
    "amount": 1_500_000,
    "received": "5/9/2026",
    "fund": "HB",
    "medium": "cash",
    "wish": ("named",),
    "note": "Ủng hộ học sinh vùng lũ",
}
_WRONG: Final = {"name": " ", "amount": "1tr5", "received": "31/2/2026", "fund": "XX", "count": "x"}


LIST: Final = {
    "count": 3,
    "total": 170_000,
    "gift.0.name": "Nguyễn Văn Mẫu",
    "gift.0.amount": 50_000,
    "gift.1.name": "Trần Thị Thử",
    "gift.1.amount": 100_000,
}
COLUMNS: Final[tuple[Mapping[str, object], ...]] = (
    {"name": "name", "label": _("Người ủng hộ"), "kind": "text", "width": 30, "length_max": 200},
    {"name": "amount", "label": _("Số tiền (đ)"), "kind": "amount", "width": 20},
    {
        "name": "wish",
        "label": _("Nguyện vọng"),
        "kind": "select",
        "width": 10,
        "options": (("named", _("Được nêu tên")), ("anonymous", _("Không nêu tên"))),
    },
    {"name": "note", "label": _("Lời nhắn"), "kind": "text", "width": 20, "length_max": 100},
)


def make_router() -> APIRouter:
    """Return the routes of the style page."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def style(language: Spoken) -> Response:
        return _page(language, Form.showing(SAMPLE))

    @router.get(f"{PATH}/wrong")
    def wrong(language: Spoken) -> Response:
        return _read_or_show(language, Form.showing(_WRONG))

    @router.get(f"{PATH}/confirm")
    def confirm(language: Spoken) -> Response:
        return render("desk/style_confirm.html", language, f"{PATH}/confirm", kind="desk", form=Form())

    @router.get(f"{PATH}/grid")
    def grid(language: Spoken) -> Response:
        return _grid(language, Form.showing(LIST))

    @router.post(f"{PATH}/grid")
    def read_grid(form: FormBody, language: Spoken) -> Response:
        if form.value("more"):
            return _grid(language, form, least=len(form.rows("gift")) + 5)
        try:
            _read_list(form)
        except FormRefused as error:
            return _grid(language, form.refused(error), status=422)
        return _grid(language, form, is_taken=True)

    @router.post(f"{PATH}/save")
    def save(form: FormBody) -> dict[str, int]:
        version = form.value("version")
        return {"version": int(version) + 1 if version.isdecimal() else 1}

    @router.post(PATH)
    def read(form: FormBody, language: Spoken) -> Response:
        return _read_or_show(language, form)

    return router


def _read(form: Form) -> None:
    """Read the sample form as a page would."""
    with Reading(form) as read:
        read.text("name", length_max=200)
        read.amount("amount")
        read.day("received")
        read.choice("fund", [code for code, _name in FUNDS])
        read.choice("medium", _MEDIA)
        read.choices("wish", _WISHES)
        read.optional_text("note", length_max=500, multiline=True)
        read.optional_integer("count", low=1, high=200)
        read.agreed("sure")


def _read_list(form: Form) -> None:
    """Read the sample list as a page would; a row is begun by what is typed, not by what is chosen."""
    with Reading(form) as read:
        read.integer("count", low=1, high=2_000)
        read.amount("total")
        for row in read.rows("gift", ("name", "amount", "note")):
            row.text("name", length_max=200)
            row.amount("amount")
            row.choice("wish", _WISHES)
            row.optional_text("note", length_max=100)


def _grid(language: Language, form: Form, *, status: int = 200, least: int = 5, is_taken: bool = False) -> Response:
    return render(
        "desk/style_grid.html",
        language,
        f"{PATH}/grid",
        kind="desk",
        status=status,
        form=form,
        columns=COLUMNS,
        least=least,
        is_taken=is_taken,
    )


def _read_or_show(language: Language, form: Form) -> Response:
    try:
        _read(form)
    except FormRefused as error:
        return _page(language, form.refused(error), status=422)
    return _page(language, form, is_taken=True)


def _page(language: Language, form: Form, *, status: int = 200, is_taken: bool = False) -> Response:
    return render(
        "desk/style.html", language, PATH, kind="desk", status=status, form=form, funds=FUNDS, is_taken=is_taken
    )
