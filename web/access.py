"""Who may see a page: the pages' twin of ``Needs`` and ``NeedsIn``, for people who signed in.

A route declares the right it needs, and gets a ``Visit``::

    @router.get("/desk/{association_id}/gifts")
    def gifts(visit: Annotated[Visit, Depends(NeedsPageIn("collect"))]) -> Response:
        found = visit.read(lambda session: list_gifts(session.conn, session.book))

Who is not signed in is sent to sign in and comes back; who has no right there is told so; an association out of reach
is one that does not exist. ``refusal`` makes pages of these.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Path, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from api import database
from api.auth import Access, Right, Session
from api.database import DatabaseProblem
from api.sign_in.session import touch
from api.visit import Place, SessionOver, SignedIn, Visitor, visit
from ledger import typeid
from ledger.errors import AssociationNotFound, IdMalformed, LedgerError
from web.cookie import caller_of

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page works through: who is signed in, where they are, and the right that the page declares.

    ``here`` is the association of the path, with the visitor's roles and rights there; ``None`` on pages of no
    association.
    """

    access: Access
    caller: SignedIn
    visitor: Visitor
    here: Place | None

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Ask questions of one state of the database; whether the visitor may is asked again in its transaction."""
        return self.access.read(work)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Change something, in one transaction that is repeated where that is safe."""
        return self.access.write(work)

    @property
    def place(self) -> Place:
        """The association that the path names."""
        if self.here is None:
            raise AssociationNotFound
        return self.here


class NeedsPage:
    """Declare the right that a page needs somewhere, or ``None`` where being signed in is enough."""

    def __init__(self, right: Right | None) -> None:
        self.right = right

    async def __call__(self, request: Request) -> Visit:
        """Ask who is signed in."""
        return await run_in_threadpool(self.visit, request, None)

    def visit(self, request: Request, association_id: UUID | None) -> Visit:
        """Ask who is signed in and, where an association is named, what they may do there."""
        caller = caller_of(request)
        if caller is None:
            raise SessionOver
        engine: Engine = request.app.state.engine
        _, visitor, here = database.run(
            engine, lambda conn: visit(conn, caller, self.right, association_id), read_only=True
        )
        if here is not None and all(place.association_id != here.association_id for place in visitor.places):
            visitor = replace(visitor, places=(*visitor.places, here))
        if visitor.is_stale:
            _keep(engine, caller)
        access = Access(engine=engine, caller=caller, right=self.right, association_id=association_id)
        return Visit(access=access, caller=caller, visitor=visitor, here=here)


class NeedsPageIn(NeedsPage):
    """Declare the right that a page needs in the association that its path names."""

    async def __call__(  # type: ignore[override] # FastAPI reads the path's parameter from the signature
        self, request: Request, association_id: Annotated[str, Path(max_length=40)]
    ) -> Visit:
        """Ask who is signed in, and what they may do there."""
        try:
            uuid = typeid.decode(typeid.ASSOCIATION, association_id)
        except IdMalformed:
            raise AssociationNotFound from None
        return await run_in_threadpool(self.visit, request, uuid)


def visit_to(request: Request) -> Visit | None:
    """Return whose visit a request is, for a page that refuses it: there they may be anywhere, and do nothing."""
    match = re.match(r"/desk/(as_\w+)", request.url.path)
    for name in (match and match[1], None):
        with suppress(LedgerError, DatabaseProblem):
            return NeedsPage(None).visit(request, None if name is None else typeid.decode(typeid.ASSOCIATION, name))
    return None


def _keep(engine: Engine, caller: SignedIn) -> None:
    database.run(engine, lambda conn: touch(conn, caller))
