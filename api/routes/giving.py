"""What routes of pledges, receipt books, goods and drafts share: ids in paths, places in lists, changes done once."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from api.auth import Access, NeedsIn, Session
from api.idempotency import once, replayed
from api.reply import json_reply
from ledger import typeid
from ledger.books.model import Request
from ledger.errors import IdMalformed, LedgerError
from ledger.reports.page import CursorMalformed

Collect = Annotated[Access, Depends(NeedsIn("collect"))]
Read = Annotated[Access, Depends(NeedsIn("read"))]
Post = Annotated[Access, Depends(NeedsIn("post"))]
CursorAsked = Annotated[str | None, Query(max_length=60, description="`next_cursor` of the page before")]

Found = TypeVar("Found")


def path_id(prefix: str, value: str, not_found: type[LedgerError]) -> UUID:
    """Return the id that a path names; one that is none is not found."""
    try:
        return typeid.decode(prefix, value)
    except IdMalformed:
        raise not_found from None


def place_after(cursor: str | None, prefix: str) -> tuple[date, UUID] | None:
    """Return the place that a cursor names: a day, and an id.

    Raises:
        CursorMalformed: not what ``cursor_of`` gives.
    """
    if cursor is None:
        return None
    day, _, public_id = cursor.partition(".")
    try:
        return date.fromisoformat(day), typeid.decode(prefix, public_id)
    except (ValueError, IdMalformed):
        raise CursorMalformed(cursor=cursor[:40]) from None


def cursor_of(place: tuple[date, UUID] | None, prefix: str) -> str | None:
    """Write a place in a list."""
    return None if place is None else f"{place[0].isoformat()}.{typeid.encode(prefix, place[1])}"


def change_once(
    access: Access,
    request: Request,
    change: Callable[[Session], Mapping[str, Any]],
    answer: Callable[[Session, Mapping[str, Any]], BaseModel],
    *,
    status: int = 200,
) -> Response:
    """Change something once, and answer with what is there then; ``change`` returns the ids that ``answer`` needs."""

    def work(session: Session) -> tuple[BaseModel, bool]:
        result, is_replay = once(session, request, lambda: change(session))
        return answer(session, result), is_replay

    made, is_replay = access.write(work)
    return json_reply(made, status, replayed(is_replay=is_replay))
