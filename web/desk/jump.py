"""Jump anywhere: type a few letters of a page, a voucher's number, an association, and go there.

What is typed may be somebody's name, so it travels in a body and never in an address.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy import text

from api.auth import Session
from ledger.people.order import search_key
from ledger.reports.journal import voucher_of
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters
from web import wording
from web.access import NeedsPageIn, Visit
from web.desk.finding import HIT_COUNT_MAX, Asked, Hit, Source
from web.desk.giving.finding import GIFTS, RECEIPTS
from web.desk.navigation import ITEMS, Place, doors, home_path, may
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.site import desk_path, entry_path, render
from web.translation import Language, Message, _, said

LENGTH_MAX: Final = 100
MayEnter = Annotated[Visit, Depends(NeedsPageIn(None))]

_match_voucher: Final = re.compile(r"(?:([a-z]{2})[ /.-]*)?(?:([0-9]{4})[ /.-]+)?([0-9]{1,9})").fullmatch

_ENTRIES: Final = text("""\
SELECT e.seq, e.entry_on, e.voucher_kind, e.fiscal_year, e.voucher_number
FROM soquy.entry AS e
WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id AND (
    e.voucher_number = :number AND (CAST(:kind AS text) IS NULL OR e.voucher_kind = :kind)
        AND (CAST(:year AS integer) IS NULL OR e.fiscal_year = :year)
    OR e.seq = :number AND CAST(:kind AS text) IS NULL AND CAST(:year AS integer) IS NULL)
ORDER BY e.seq DESC
LIMIT :count_max""")

_BELOW: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT a.association_id, a.name_vi, a.name_en, a.level
FROM scope
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = scope.association_id
""")  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was found of a kind."""

    title: Message
    hits: Sequence[Hit]


def make_router() -> APIRouter:
    """Return the routes of the search; the application's engine reads."""
    router = APIRouter(prefix="/desk/{association_id}", include_in_schema=False)

    @router.get("/jump")
    def show(visit: MayEnter, language: Spoken) -> Response:
        return _page(visit, language, Form(), ())

    @router.post("/jump")
    def search(visit: MayEnter, form: FormBody, language: Spoken) -> Response:
        typed = form.value("q").strip()[:LENGTH_MAX]
        found = visit.read(lambda session: find(session, visit.place, language, typed)) if typed else ()
        return _page(visit, language, form, found)

    return router


def find(session: Session, place: Place, language: Language, typed: str) -> tuple[Group, ...]:
    """Return what was found, by kind."""
    asked = Asked(session=session, place=place, language=language, typed=typed, key=search_key(typed))
    groups = (Group(title=source.title, hits=source.find(asked)) for source in SOURCES if may(place, source.right))
    return tuple(group for group in groups if group.hits)


def _page(visit: Visit, language: Language, form: Form, found: Sequence[Group]) -> Response:
    here = desk_path(visit.place.association_id, "jump")
    return render("desk/jump.html", language, here, visit=visit, form=form, groups=found)


def _pages(asked: Asked) -> list[Hit]:
    home = home_path(asked.place)
    known = [(each.path, each.name, Message("")) for each in ITEMS if may(asked.place, each.right)]
    known += [(door.path, door.name, door.hint) for door in doors(asked.place)]
    hits = {
        path: Hit(name=name, path=f"{home}/{path}".rstrip("/"), hint=hint)
        for path, name, hint in known
        if asked.key in search_key(said(asked.language, name))
    }
    return list(hits.values())[:HIT_COUNT_MAX]


def _entries(asked: Asked) -> list[Hit]:
    found = _match_voucher(asked.key)
    if found is None:
        return []
    book = asked.session.book
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "kind": found[1] and found[1].upper(),
        "year": found[2] and int(found[2]),
        "number": int(found[3]),
        "count_max": HIT_COUNT_MAX,
    }
    return [
        Hit(
            name=_("Bút toán số %(seq)s", seq=wording.count(asked.language, row.seq))
            if (voucher := voucher_of(row)) is None
            else f"{voucher.kind}/{voucher.fiscal_year}/{voucher.number}",
            path=entry_path(book.association_id, row.seq),
            hint=wording.day(asked.language, row.entry_on),
        )
        for row in asked.session.conn.execute(_ENTRIES, parameters)
    ]


def _associations(asked: Asked) -> list[Hit]:
    """Find those whose desk this one's people may sit at: their own book's, and the books below where they reach."""
    session = asked.session
    scope = Scope(
        tenant_id=session.tenant_id,
        association_id=asked.place.association_id,
        reaches_below=session.reaches_below,
    )
    rows = session.conn.execute(_BELOW, scope_parameters(session.conn, scope))
    found = [row for row in rows if asked.key in search_key(f"{row.name_vi} {row.name_en or ''}")]
    found.sort(key=lambda row: (len(row.name_vi), row.name_vi))
    return [
        Hit(
            name=wording.pick(asked.language, row.name_vi, row.name_en),
            path=desk_path(row.association_id),
            hint=wording.LEVELS[row.level],
        )
        for row in found[:HIT_COUNT_MAX]
    ]


SOURCES: Final[tuple[Source, ...]] = (
    Source(title=_("Trang"), right=None, find=_pages),
    Source(title=_("Chứng từ, bút toán"), right="read", find=_entries),
    RECEIPTS,
    GIFTS,
    Source(title=_("Hội"), right="read", find=_associations),
)
"""In the order they are shown. Each room adds its own."""
