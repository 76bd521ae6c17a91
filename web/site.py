"""What every page shares: templates in two languages, links that keep the language, static files, headers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ledger import typeid
from web import wording
from web.chart import bar_width
from web.wording import Language

_FOLDER: Final = Path(__file__).resolve().parent
_TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file as it is sent; ``version`` is part of its address, so it may be kept for ever."""

    body: bytes
    media_type: str
    version: str


def read_static() -> dict[str, StaticFile]:
    """Return the files of ``web/static`` by name."""
    files = {}
    for path in sorted((_FOLDER / "static").iterdir()):
        if path.suffix in _TYPES:
            body = path.read_bytes()
            version = hashlib.sha256(body).hexdigest()[:16]
            files[path.name] = StaticFile(body=body, media_type=_TYPES[path.suffix], version=version)
    return files


STATIC: Final = read_static()

_TEMPLATES: Final = Environment(
    loader=PackageLoader("web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
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


def link(language: Language, path: str, **query: object) -> str:
    """Return an address that keeps the language; what is ``None`` or false is left out."""
    kept = {name: value for name, value in query.items() if value is not None and value is not False}
    if language == "en":
        kept["lang"] = "en"
    return f"{path}?{urlencode(kept)}" if kept else path


def association_path(association_id: UUID, *more: object) -> str:
    """Return the path of an association's page, or of one below it."""
    return "/".join(["/a", typeid.encode(typeid.ASSOCIATION, association_id), *map(str, more)])


def entry_path(association_id: UUID, seq: int) -> str:
    """Return the path of an entry's page."""
    return f"/e/{typeid.encode(typeid.ASSOCIATION, association_id)}/{seq}"


def render(
    template: str,
    language: Language,
    here: str,
    query: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    **more: object,
) -> HTMLResponse:
    """Return a page; ``here`` and ``query`` are its own address, which its links vary."""
    query = query or {}
    other: Language = "en" if language == "vi" else "vi"
    context = {
        "language": language,
        "t": partial(wording.pick, language),
        "link": partial(link, language),
        "association_path": association_path,
        "entry_path": entry_path,
        "typeid": typeid.encode,
        "bar_width": bar_width,
        "wording": wording,
        "here": here,
        "query": query,
        "other_language": other,
        "other_link": link(other, here, **query),
        "css": f"/static/soquy.css?v={STATIC['soquy.css'].version}",
        "icon": f"/static/icon.svg?v={STATIC['icon.svg'].version}",
        **{name: partial(getattr(wording, name), language) for name in _SPOKEN},
        **more,
    }
    body = _TEMPLATES.get_template(template).render(context)
    return HTMLResponse(body, status_code=status, headers={**HEADERS, "Content-Language": language})
