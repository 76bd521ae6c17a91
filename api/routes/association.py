"""Found associations, and list those within a token's reach."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Access, Needs, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.parameters import PAGE_SIZE_DEFAULT, PageSize
from api.problems import Refusal
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, UNFIT
from api.schemas.chart import ASSOCIATION_EXAMPLE, AssociationIn, AssociationOut, AssociationRowOut, AssociationsOut
from ledger import typeid
from ledger.associations.commands import found_association, found_tenant
from ledger.associations.queries import find_book, list_subtree
from ledger.associations.reach import everything, home_of, reached
from ledger.books.model import Book
from ledger.errors import AssociationNotFound
from ledger.tenancy import set_tenant

router = APIRouter(prefix="/v1/associations", tags=["associations"])

Cursor = Annotated[str | None, Query(max_length=60, description="`next_cursor` of the page before")]


@router.get("", summary="Associations within reach", response_model=AssociationsOut, responses={**BAD, **UNFIT})
def get_associations(
    access: Annotated[Access, Depends(Needs("read"))], cursor: Cursor = None, page_size: PageSize = PAGE_SIZE_DEFAULT
) -> Response:
    """List what the token reaches, each tree level by level. Storage homes are not told."""

    def work(session: Session) -> AssociationsOut:
        if session.is_server:
            found = everything(session.conn)
        else:
            found = reached(session.conn, session.association_ids, reaches_below=session.reaches_below)
        rows = [AssociationRowOut.model_validate(each) for each in found]
        start = 0 if cursor is None else next((n for n, row in enumerate(rows, 1) if row.id == cursor), len(rows))
        shown = rows[start : start + page_size]
        return AssociationsOut(rows=shown, next_cursor=shown[-1].id if start + page_size < len(rows) else None)

    return json_reply(access.read(work))


@router.post(
    "",
    status_code=201,
    summary="Found an association",
    response_model=AssociationOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(AssociationIn, ASSOCIATION_EXAMPLE),
)
def post_association(
    access: Annotated[Access, Depends(Needs("found"))], key: IdempotencyKey, body: JsonBytes
) -> Response:
    """Found an association under one within reach, or, with a token of the server itself, one that begins a tree.

    Its book opens with the accounts of the chart named.
    """
    asked = parse(AssociationIn, body)

    def work(session: Session) -> tuple[AssociationOut, bool]:
        result, is_replay = once(session, key.of(asked), lambda: _found(session, access, asked))
        return _association(session, UUID(result["association_id"])), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


def _found(session: Session, access: Access, asked: AssociationIn) -> dict[str, object]:
    parent: Book | None = None
    if asked.parent is None:
        if not session.is_server:
            raise Refusal("founding_refused")
        tenant_id = found_tenant(session.conn, asked.name_vi)
    else:
        parent = _within(session, access, typeid.decode(typeid.ASSOCIATION, asked.parent))
        tenant_id = parent.tenant_id
    set_tenant(session.conn, tenant_id)
    book = found_association(
        session.conn,
        tenant_id=tenant_id,
        parent=parent,
        name_vi=asked.name_vi,
        name_en=asked.name_en,
        kind=asked.kind,
        level=asked.level,
        unit_code=asked.unit_code,
        founded_on=asked.founded_on,
        books_open_on=asked.books_open_on,
        chart=asked.chart,
        is_sample=asked.is_sample,
        actor=session.actor,
    )
    return {"association_id": str(book.association_id)}


def _within(session: Session, access: Access, association_id: UUID) -> Book:
    """Return the book of an association that the token reaches from above: what is founded under it must be in reach.

    Raises:
        AssociationNotFound: it is not.
    """
    if not (session.reaches_below or session.is_server):
        raise Refusal("reach_below_missing")
    return access.again(session.conn, association_id).book


def _association(session: Session, association_id: UUID) -> AssociationOut:
    home = home_of(session.conn, association_id)
    if home is None:
        raise AssociationNotFound
    set_tenant(session.conn, home)
    return AssociationOut.model_validate(list_subtree(session.conn, association_id, depth_max=0)[0])


@router.get("/{association_id}", summary="One association", response_model=AssociationOut, responses={**BAD, **UNFIT})
def get_association(access: Annotated[Access, Depends(NeedsIn("read"))]) -> Response:
    """Return an association and the state of its book."""

    def work(session: Session) -> AssociationOut:
        book = find_book(session.conn, session.book.association_id)
        return AssociationOut.model_validate(list_subtree(session.conn, book.association_id, depth_max=0)[0])

    return json_reply(access.read(work))
