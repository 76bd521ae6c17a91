"""Show what one entry received: a list and its voucher."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from api.auth import Session
from ledger import typeid
from ledger.errors import EntryNotFound, IdMalformed
from ledger.giving.queries import Contribution, contributions_of
from ledger.reports.page import Page
from web import figures
from web.access import NeedsPageIn, Visit
from web.desk.giving.show import may_post, may_see_names, nameless, show
from web.language import Spoken
from web.site import desk_path
from web.translation import Language, _

PAGE_SIZE: Final = 200

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
EntryText = Annotated[str, Path(max_length=40)]
After = Annotated[int, Query(ge=0, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page of an entry's list; ``first`` is its first line."""

    page: Page[Contribution, int]
    first: Contribution
    digits: Mapping[str, int]
    channel_names: Mapping[str, tuple[str, str | None]]


def make_router() -> APIRouter:
    """Return the routes of lists."""
    router = APIRouter(prefix="/desk/{association_id}/lists/{entry_id}", include_in_schema=False)

    @router.get("")
    def one(visit: MayRead, entry_id: EntryText, language: Spoken, after: After = 0) -> Response:
        return _page(visit, language, entry_id, "list.html", after)

    @router.get("/done")
    def done(visit: MayRead, entry_id: EntryText, language: Spoken) -> Response:
        return _page(visit, language, entry_id, "list_done.html", 0, "done")

    return router


def _look(session: Session, entry_id: UUID, after: int) -> Shown:
    conn, book = session.conn, session.book
    page = contributions_of(conn, book, entry_id, after_line=after, page_size=PAGE_SIZE)
    if not page.rows:
        raise EntryNotFound
    if not may_see_names(session.rights):
        page = replace(page, rows=tuple(nameless(row) for row in page.rows))
    return Shown(
        page=page,
        first=page.rows[0],
        digits=figures.minor_digits(conn),
        channel_names=figures.dimension_names(conn, book.tenant_id)["channel"],
    )


def _page(visit: Visit, language: Language, entry_text: str, template: str, after: int, *below: str) -> Response:
    try:
        entry_id = typeid.decode(typeid.ENTRY, entry_text)
    except IdMalformed:
        raise EntryNotFound from None
    shown = visit.read(lambda session: _look(session, entry_id, after))
    base = desk_path(visit.place.association_id, "lists", entry_text)
    following = shown.page.next_cursor
    return show(
        template,
        visit,
        language,
        "/".join([base, *below]),
        shown.digits,
        shown=shown,
        first=shown.first,
        rows=shown.page.rows,
        base=base,
        next_link=None if following is None else f"{base}?after={following}",
        has_names=may_see_names(visit.place.rights),
        is_poster=may_post(visit.place.rights),
        steps=[(desk_path(visit.place.association_id, "contributions"), _("Các khoản ủng hộ").said(language))],
    )
