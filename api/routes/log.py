"""The public log over HTTP, as https://c2sp.org/tlog-tiles lays it out, and receipts of leaves.

Files are served as they lie in the folder, so a web server or a cache in front may serve them instead. Everything but
the checkpoint is for ever.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api import database
from api.auth import Access, NeedsIn, Session
from api.problems import Refusal
from api.receipt import public_log, receipt_file
from api.routes.answer import BAD, NO_SUCH
from audit.receipt import Opening, Receipt, find_receipt
from audit.tiles import TileError, parse_path
from ledger import typeid
from ledger.associations.reach import home_of
from ledger.errors import AssociationNotFound, EntryNotFound, IdMalformed
from ledger.people.opening import open_for_receipt
from ledger.tenancy import set_tenant

router = APIRouter(tags=["log"])

# Anybody's page may read the log; it is the same for everybody.
_PUBLIC: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_FOR_EVER: Final = {**_PUBLIC, "Cache-Control": "public, max-age=31536000, immutable"}
_FRESH: Final = {**_PUBLIC, "Cache-Control": "public, max-age=2"}
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"

EventId = Annotated[str, Path(description="The id of the entry or event", examples=["en_01h455vb4pex5vsknk084sn02q"])]
AssociationId = Annotated[str, Path(description="The association's id", examples=["as_01h455vb4pex5vsknk084sn02q"])]


@router.get("/log/checkpoint", summary="The newest checkpoint", response_class=Response, responses=NO_SUCH)
def get_checkpoint(request: Request) -> Response:
    """Return the signed size and root of the log (c2sp.org/tlog-checkpoint), with witnesses' cosignatures."""
    data = public_log(request.app).folder.checkpoint()
    if data is None:
        raise Refusal("not_found")
    return Response(data, headers=_FRESH, media_type=_TEXT)


@router.get("/log/policy", summary="Whose signatures count", response_class=Response, responses=NO_SUCH)
def get_policy(request: Request) -> Response:
    """Return the log's keys and its witnesses (c2sp.org/tlog-policy); compare the keys with another source."""
    log = public_log(request.app)
    with log.engine.connect() as conn:
        state = log.state(conn)
    return Response(log.public_policy(state.origin).text(), headers=_FRESH, media_type=_TEXT)


@router.get("/log/tile/{path:path}", summary="A tile or entry bundle", response_class=Response, responses=NO_SUCH)
def get_tile(request: Request, path: str) -> Response:
    """Return hashes (`0/x001/234`, `0/000.p/17`) or leaves (`entries/x001/234`) as c2sp.org/tlog-tiles does."""
    try:
        name = parse_path(f"tile/{path}").path
    except TileError:
        raise Refusal("not_found") from None
    data = public_log(request.app).folder.read(name)
    if data is None:
        raise Refusal("not_found")
    return Response(data, headers=_FOR_EVER, media_type=_BYTES)


@router.get(
    "/log/receipt/{association_id}/{event_id}",
    summary="The public receipt of a leaf",
    response_class=Response,
    responses=NO_SUCH,
)
def get_public_receipt(request: Request, association_id: AssociationId, event_id: EventId) -> Response:
    """Return a leaf and its proof (`*.receipt.json`), with nothing private opened."""
    association, event = _ids(association_id, event_id)

    def work(conn: Connection) -> Receipt | None:
        home = home_of(conn, association)
        if home is None:
            raise AssociationNotFound(association=association_id)
        set_tenant(conn, home)
        return find_receipt(conn, home, association, event)

    found = database.run(request.app.state.engine, work, read_only=True)
    return _receipt_reply(request, event_id, found, ())


@router.get(
    "/v1/associations/{association_id}/events/{event_id}/receipt",
    summary="The receipt of a leaf, with what the caller may read",
    response_class=Response,
    responses={**BAD, **NO_SUCH},
)
def get_receipt(request: Request, access: Annotated[Access, Depends(NeedsIn("read"))], event_id: EventId) -> Response:
    """Return a leaf, its proof once a checkpoint covers it, and its private values with the salts that open them."""
    _, event = _ids(None, event_id)

    def work(session: Session) -> tuple[Receipt | None, tuple[Opening, ...]]:
        found = find_receipt(session.conn, session.tenant_id, session.book.association_id, event)
        if found is None:
            return None, ()
        # Written down by the database in the same call, so this is no mere reading.
        opened = open_for_receipt(session.conn, session.tenant_id, event, principal_id=session.actor.principal_id)
        return found, tuple(Opening(field=each.field, value=each.value, salt=each.salt) for each in opened)

    found, openings = access.write(work)
    return _receipt_reply(request, event_id, found, openings)


def _ids(association_id: str | None, event_id: str) -> tuple[UUID, UUID]:
    try:
        association = UUID(int=0) if association_id is None else typeid.decode(typeid.ASSOCIATION, association_id)
    except IdMalformed:
        raise AssociationNotFound from None
    for kind in (typeid.ENTRY, typeid.EVENT):
        try:
            return association, typeid.decode(kind, event_id)
        except IdMalformed:
            continue
    raise EntryNotFound(entry=typeid.shown(event_id))


def _receipt_reply(request: Request, event_id: str, found: Receipt | None, openings: tuple[Opening, ...]) -> Response:
    if found is None:
        raise EntryNotFound(entry=event_id)
    return receipt_file(request.app, found, openings, name=event_id)
