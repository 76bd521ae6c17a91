"""Put the application together: routes, errors, limits, documentation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from sqlalchemy import Engine

from api import database, docs, health, problems
from api.backup import last_backup_at
from api.body import BODIES
from api.limit import Limiter
from api.metrics import CONTENT_TYPE, Metrics, pending_count
from api.middleware import Gate
from api.routes import (
    approval,
    association,
    award,
    banking,
    chart,
    contribution,
    document,
    draft,
    entry,
    goods,
    intake,
    job,
    log,
    member,
    own_document,
    paper,
    person,
    pledge,
    proposal,
    public,
    receipt_block,
    reference,
    report,
    restatement,
    token,
    voucher,
    waiting,
)
from api.schemas.problem import Problem
from api.settings import Settings
from ledger.jobs.queue import job_figures
from migrations.migrate import newest_revision

VERSION: Final = "1"

PUBLIC_PATHS: Final = frozenset(
    {
        "/docs",
        "/healthz",
        "/log/checkpoint",
        "/log/policy",
        "/log/receipt/{association_id}/{event_id}",
        "/log/tile/{path:path}",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/v1/public/trial-balances",
    }
)
"""What needs no token; every other route of the API declares the right it needs."""

DESCRIPTION: Final = """\
The books of associations for learning promotion: a double-entry fund ledger in which entries are only ever added.

**Tokens.** Send `Authorization: Bearer sq_…`. A token has rights (`read`, `collect`, `people`, `post`, `approve`,
`lock`, `chart`, `found`, `member`, `token`, `inspect`) and reaches the associations it names and, where it says so, all
below them. What lies out of reach does not exist. People sign in on the pages; a page's cookie opens nothing here.

**Idempotency-Key.** Every request that changes something carries one: a code of your own. Sent again with the same
content it gives the first result again, with `Idempotent-Replay: true`; with other content it is refused (409). After
a lost connection or a 503, send the same request with the same key.

**Amounts** are integers in đồng (or minor units of the currency named), debit positive and credit negative, within
±(2⁵³ − 1). No decimals, no `1e3`, no texts.

**Days** are `2025-03-05`, in Việt Nam; instants are UTC.

**Refusals** are RFC 9457 problems, in Vietnamese with English beside it. Programs decide by `code`, which is stable;
`errors` lists every fault at once, with a JSON pointer to each.

**As known at.** Reports answer for now, or with `as_known_at=K` as they did when the public log had K leaves: the same
years later. `/restatement` tells what changed between two sizes.

**Pages.** Lists give a `next_cursor`; pass it as `cursor` for the next page. Reports also come as CSV with all rows
(`Accept: text/csv` or `?format=csv`), streamed.
"""

TAGS: Final = [
    {"name": "associations", "description": "Legal entities, each with a book."},
    {"name": "chart", "description": "What a book is made of: accounts, funds, campaigns, programs."},
    {"name": "entries", "description": "Post, reverse and read entries."},
    {
        "name": "giving",
        "description": "What was given, and what is kept beside it: drafts, pledges, paper receipts, goods.",
    },
    {"name": "approvals", "description": "What needs the consent of others: asked, granted, denied; and whose it is."},
    {
        "name": "proposals",
        "description": "Payments and adjustments: proposed, approved, then executed.",
    },
    {"name": "awards", "description": "What programs may spend, rounds, and lists of who is given what, each once."},
    {"name": "vouchers and months", "description": "Papers numbered before they are executed; months that are locked."},
    {
        "name": "reports",
        "description": "The books and statements of Circular 24/2024, on any day, as known at any time.",
    },
    {"name": "tokens", "description": "What programs may do."},
    {"name": "members", "description": "What people may do: roles in an association, and invitations to them."},
    {
        "name": "papers",
        "description": "Vouchers, lists of gifts and receipts as PDF; a reprint is the first print to the byte.",
    },
    {"name": "people", "description": "Registers of givers and guardians, and what they agreed to."},
    {"name": "documents", "description": "Scans, kept encrypted and attached to what rests on them."},
    {"name": "files", "description": "Lists in spreadsheets: read, checked row by row, posted, taken back."},
    {"name": "jobs", "description": "Long work that goes on after its request."},
    {
        "name": "log",
        "description": "The public log: checkpoint, tiles, receipts. No token is needed for what is public.",
    },
    {"name": "public", "description": "What needs no token: figures that the published log bears out."},
    {"name": "service", "description": "Whether it works."},
]


def create_app(settings: Settings, engine: Engine) -> FastAPI:
    """Make the API on an engine of the application role; ``web`` puts its pages on top."""
    app = FastAPI(
        title="Sổ Quỹ",
        version=VERSION,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.limiter = Limiter()
    app.state.revision = newest_revision()
    for module in (
        association,
        reference,
        chart,
        banking,
        entry,
        contribution,
        draft,
        pledge,
        receipt_block,
        goods,
        approval,
        proposal,
        award,
        voucher,
        report,
        restatement,
        token,
        member,
        person,
        document,
        own_document,
        job,
        waiting,
        paper,
        intake,
        log,
        public,
    ):
        app.include_router(module.router)
    _add_service_routes(app)
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign] # the way that FastAPI documents
    app.add_middleware(Gate, settings=settings, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # More threads than connections would only wait for one another.
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.settings.connection_count_max
    yield


def _add_service_routes(app: FastAPI) -> None:
    @app.get("/healthz", tags=["service"], summary="Is the process alive?")
    async def get_healthz() -> dict[str, str]:
        """Answer without asking the database."""
        return {"status": "ok"}

    @app.get(
        "/readyz",
        tags=["service"],
        summary="Can it do its work?",
        responses={503: {"description": "No; `missing` says what"}},
    )
    def get_readyz(request: Request) -> Response:
        """Ask whether the database answers, has this program's schema, and has room for this year's postings."""
        try:
            lacking = database.run(
                request.app.state.engine, lambda conn: health.missing(conn, revision=request.app.state.revision)
            )
        except Exception:  # noqa: BLE001 - whatever it was, the service is not ready
            lacking = ["database"]
        return JSONResponse({"status": "unready" if lacking else "ok", "missing": lacking}, 503 if lacking else 200)

    @app.get("/docs", include_in_schema=False)
    def get_docs() -> Response:
        return Response(docs.render(app.openapi()), headers=docs.HEADERS, media_type="text/html; charset=utf-8")

    @app.get("/metrics", tags=["service"], summary="Figures for Prometheus", response_class=Response)
    def get_metrics(request: Request) -> Response:
        """Give counts and times of requests by route, how many leaves wait to be numbered, and how jobs go."""
        try:
            pending, jobs = database.run(
                request.app.state.engine, lambda conn: (pending_count(conn), job_figures(conn))
            )
        except Exception:  # noqa: BLE001 - the other figures are still worth having
            pending, jobs = None, None
        last = last_backup_at(request.app.state.settings.home)
        return Response(request.app.state.metrics.render(pending, last, jobs), media_type=CONTENT_TYPE)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API; bodies are read by ``api.body``, so their schemas are added here."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    models: list[type[BaseModel]] = [*sorted(BODIES.values(), key=lambda model: model.__name__), Problem]
    _, extra = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas = document["components"]["schemas"]
    schemas.update(extra["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            refusal = operation["responses"].get("422")
            if refusal and "application/json" in refusal.get("content", {}):
                refusal["content"] = {problems.PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    app.openapi_schema = document
    return document
