"""Show every part that pages are made of, in every state: what a builder looks up and a test looks at.

It reads no database and holds only invented words, so it needs no sign-in.
"""

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


def make_router() -> APIRouter:
    """Return the routes of the style page."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def style(language: Spoken) -> Response:
        return _page(language, Form.showing(SAMPLE))

    @router.get(f"{PATH}/wrong")
    def wrong(language: Spoken) -> Response:
        return _read_or_show(language, Form.showing(_WRONG))

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
