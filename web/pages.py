"""The public pages' routes: ``mount`` adds them to an application.

They read with the application's role, in the tenant of the association asked for, and need no sign-in.
"""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Path, Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, Engine

from api.database import run
from api.limit import Limiter
from ledger.errors import AssociationNotFound, EntryNotFound, IdMalformed
from ledger.money import AMOUNT_MAX
from ledger.reports.overview import Overview
from ledger.reports.page import CursorMalformed
from web import account, authenticator, campaign, invitation, receipt, refusal, sign_in, verifier
from web.cookie import check_origin
from web.desk import document, home, job, jobs, jump, member, own_document, paper, style
from web.desk.approval import router as approval
from web.desk.giving import router as giving
from web.desk.intake import router as intake
from web.desk.payment import pages as payment
from web.desk.people import router as people
from web.memory import Memory
from web.site import STATIC, STATIC_VERSION, render
from web.translation import Language
from web.views import Asked, association_page, entry_page, front_page, lines_page

Question = Annotated[Asked, Query()]
Seq = Annotated[int, Path(ge=1, le=AMOUNT_MAX)]

PUBLIC_PAGES: Final = frozenset(
    {
        "/",
        "/en",
        "/a/{association_id}",
        "/a/{association_id}/lines",
        "/e/{association_id}/{seq}",
        "/static/{version}/{name}",
        "/r",
        "/r/{code}",
        "/r/{code}/receipt.json",
        "/c/{association_id}/{campaign}",
        "/c/{association_id}/{campaign}/poster.pdf",
        "/verify.html",
        "/style",
        "/style/confirm",
        "/style/grid",
        "/style/save",
        "/style/wrong",
        "/sign-in",
        "/sign-in/pin",
        "/sign-in/code",
        "/sign-out",
        "/invitation/{secret}",
    }
)
"""What anybody may ask for; every other page declares what it needs of whoever signed in (``web/access.py``)."""

_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def mount(app: FastAPI, engine: Engine) -> None:
    """Add the pages and their static files to an application, which has its own answers to errors by now."""
    app.state.engine = engine
    if not hasattr(app.state, "limiter"):
        app.state.limiter = Limiter()
    own_site_only = [Depends(check_origin)]
    app.include_router(make_router(engine))
    app.include_router(verifier.make_router())
    app.include_router(campaign.make_router(engine))
    routers = [
        receipt.make_router(engine),
        sign_in.make_router(),
        account.make_router(),
        authenticator.make_router(),
        invitation.make_router(),
        style.make_router(),
        home.make_router(),
        jump.make_router(),
        member.make_router(),
        people.make_router(),
        jobs.make_router(),
        job.make_router(),
        document.make_router(),
        own_document.make_router(),
        giving.make_router(),
        approval.make_router(),
        payment.make_router(),
        paper.make_router(),
        intake.make_router(),
    ]
    for router in routers:
        app.include_router(router, dependencies=own_site_only)
    refusal.install(app)


def make_router(engine: Engine) -> APIRouter:
    """Return the pages' routes, reading through an engine of the application role."""
    router = APIRouter(include_in_schema=False)
    memory: Memory[Overview] = Memory()

    def answer(language: Language, work: Callable[[Connection], Response]) -> Response:
        try:
            return run(engine, work, read_only=True)
        except (AssociationNotFound, EntryNotFound, IdMalformed, CursorMalformed):
            return render("missing.html", language, "/", status=404)

    @router.get("/")
    def front(asked: Question) -> Response:
        return answer(asked.lang, lambda conn: front_page(conn, memory, asked))

    @router.get("/en")
    def english() -> Response:
        return RedirectResponse("/?lang=en", status_code=308)

    @router.get("/a/{association_id}")
    def association(association_id: str, asked: Question) -> Response:
        return answer(asked.lang, lambda conn: association_page(conn, memory, asked, association_id))

    @router.get("/a/{association_id}/lines")
    def lines(association_id: str, asked: Question) -> Response:
        return answer(asked.lang, lambda conn: lines_page(conn, memory, asked, association_id))

    @router.get("/e/{association_id}/{seq}")
    def entry(association_id: str, seq: Seq, asked: Question) -> Response:
        return answer(asked.lang, lambda conn: entry_page(conn, asked, association_id, seq))

    @router.get("/static/{version}/{name}")
    async def static(version: str, name: str) -> Response:
        found = STATIC.get(name)
        if found is None:
            return Response(status_code=404)
        # A page from before an update still finds its files, but keeps them for itself alone.
        kept = _KEPT if version == STATIC_VERSION else {"Cache-Control": "no-store"}
        return Response(found.body, media_type=found.media_type, headers={**kept, "X-Content-Type-Options": "nosniff"})

    return router
