"""What every page shares: templates in two languages, links that keep the language, static files, headers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ledger import typeid
from web import translation, wording
from web.chart import bar_width
from web.desk.navigation import Visit, navigation
from web.language import COOKIE, COOKIE_SECONDS
from web.translation import LANGUAGES, Language

Kind = Literal["public", "desk"]

_FOLDER: Final = Path(__file__).resolve().parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of a public page: nothing runs in it."""

DESK_HEADERS: Final = {
    **HEADERS,
    "Content-Security-Policy": f"{_POLICY}; script-src 'self'; connect-src 'self'",
    # Whoever sits at an office's computer next must not page back into it.
    "Cache-Control": "no-store",
}
"""Of a page for those who record: our own scripts make it quicker, and it is kept nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file as it is sent."""

    body: bytes
    media_type: str


def read_static() -> dict[str, StaticFile]:
    """Return the files of ``web/static`` by name."""
    return {
        path.name: StaticFile(body=path.read_bytes(), media_type=_TYPES[path.suffix])
        for path in sorted((_FOLDER / "static").iterdir())
        if path.suffix in _TYPES
    }


def _version(files: Mapping[str, StaticFile]) -> str:
    """Return what names this state of all files together, so that a script's imports need no names of their own."""
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(f"{name}\n{len(file.body)}\n".encode() + file.body)
    return digest.hexdigest()[:16]


STATIC: Final = read_static()
STATIC_VERSION: Final = _version(STATIC)
"""Part of every file's address, so that it may be kept for ever."""

_SPOKEN: Final = (
    "count",
    "money",
    "short_money",
    "foreign_money",
    "decimal_number",
    "day",
    "moment",
    "month",
    "short_month",
    "qualified",
)


def static_path(name: str) -> str:
    """Return the address of a static file.

    Raises:
        KeyError: there is no such file.
    """
    STATIC[name]
    return f"/static/{STATIC_VERSION}/{name}"


def link(language: Language, path: str, **query: object) -> str:
    """Return an address that keeps the language; what is ``None`` or false is left out."""
    kept = {name: value for name, value in query.items() if value is not None and value is not False}
    if language == "en":
        kept["lang"] = "en"
    return f"{path}?{urlencode(kept)}" if kept else path


def association_path(association_id: UUID, *more: object) -> str:
    """Return the path of an association's public page, or of one below it."""
    return "/".join(["/a", typeid.encode(typeid.ASSOCIATION, association_id), *map(str, more)])


def entry_path(association_id: UUID, seq: int) -> str:
    """Return the path of an entry's page."""
    return f"/e/{typeid.encode(typeid.ASSOCIATION, association_id)}/{seq}"


def desk_path(association_id: UUID, *more: object) -> str:
    """Return the path of an association's desk, or of a page of it."""
    return "/".join(["/desk", typeid.encode(typeid.ASSOCIATION, association_id), *map(str, more)])


def _environment(language: Language) -> Environment:
    """Return the templates of one language: macros speak it too, without being handed a language."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=partial(translation.spoken, language),
    )
    made.policies["ext.i18n.trimmed"] = True
    made.newstyle_gettext = True  # type: ignore[attr-defined] # the extension put it there
    made.globals |= {
        "_": partial(translation.gettext, language),
        "_n": partial(translation.ngettext, language),
        # What {% trans %} calls: the text is markup of ours, its variables are escaped.
        "gettext": partial(_markup, language),
        "ngettext": partial(_markup_of_number, language),
        "language": language,
        "pick": partial(wording.pick, language),
        "said": partial(translation.said, language),
        "link": partial(link, language),
        "association_path": association_path,
        "entry_path": entry_path,
        "desk_path": desk_path,
        "static": static_path,
        "typeid": typeid.encode,
        "bar_width": bar_width,
        "wording": wording,
        **{name: partial(getattr(wording, name), language) for name in _SPOKEN},
    }
    return made


def _markup(language: Language, text: str, **variables: object) -> Markup:
    return Markup(translation.gettext(language, text, **_escaped(language, variables)))  # noqa: S704 - our own text


def _markup_of_number(language: Language, text: str, _: str, number: int, **variables: object) -> Markup:
    told = translation.ngettext(language, text, number, **_escaped(language, variables))
    return Markup(told)  # noqa: S704 - our own text


def _escaped(language: Language, variables: Mapping[str, object]) -> dict[str, object]:
    return {name: escape(translation.spoken(language, value)) for name, value in variables.items()}


_TEMPLATES: Final = {language: _environment(language) for language in LANGUAGES}


def render(
    template: str,
    language: Language,
    here: str,
    query: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    kind: Kind = "public",
    visit: Visit | None = None,
    **more: object,
) -> HTMLResponse:
    """Return a page; ``here`` and ``query`` are its own address, which its links vary.

    A page for somebody who signed in is given their ``visit``: who they are, and whose desk they sit at. It may run our
    scripts, and no browser keeps it; so may one of ``kind="desk"`` before anybody signed in.
    """
    query = query or {}
    other: Language = "en" if language == "vi" else "vi"
    is_desk = kind == "desk" or visit is not None
    context = {
        "here": here,
        "query": query,
        "other_language": other,
        # The desk remembers its language, so there the way back to Vietnamese has to be said.
        "other_link": f"{here}?{urlencode({**query, 'lang': other})}" if is_desk else link(other, here, **query),
        "visitor": visit.visitor if visit else None,
        "desk": navigation(visit.here if visit else None, here),
        **more,
    }
    body = _TEMPLATES[language].get_template(template).render(context)
    headers = {**(DESK_HEADERS if is_desk else HEADERS), "Content-Language": language}
    answer = HTMLResponse(body, status_code=status, headers=headers)
    if is_desk:
        answer.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer
