"""Sign in and out: who proves who they are gets a cookie, whoever leaves loses it.

What is told of a wrong password is told of an unknown address too, in as much time.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Engine

from api.database import run
from api.sign_in import session as sessions
from api.sign_in.password import find_candidate
from ledger.access.user import email_key
from web.cookie import HOME, caller_of, give_secret, is_private, own_path, take_secret
from web.language import Spoken
from web.site import render
from web.translation import Language

SEE_OTHER: Final = 303

_UNPROCESSABLE: Final = 422

Next = Annotated[str | None, Query(alias="next")]


def make_router(engine: Engine) -> APIRouter:
    """Return the routes of signing in and out."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    def form(request: Request, language: Spoken, onward: Next = None) -> Response:
        return _form(request, language, onward)

    @router.post("/sign-in")
    def sign_in(
        request: Request,
        language: Spoken,
        email: Annotated[str, Form(max_length=1_000)] = "",
        password: Annotated[str, Form(max_length=1_000)] = "",
        onward: Annotated[str | None, Form(alias="next")] = None,
    ) -> Response:
        if not is_private(request):
            return _form(request, language, onward)
        candidate = run(engine, lambda conn: find_candidate(conn, email_key(email.strip())), read_only=True)
        tag = candidate.cost.tag(password)
        user_id = candidate.user_id
        begun = None
        if user_id is not None:
            begun = run(engine, lambda conn: sessions.begin(conn, user_id, tag, client=""))
        if begun is None:
            return _form(request, language, onward, email=email, is_refused=True)
        response = RedirectResponse(own_path(onward), SEE_OTHER)
        give_secret(request, response, begun.secret)
        return response

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        caller = caller_of(request)
        if caller is not None:
            run(engine, lambda conn: sessions.end(conn, caller))
        response = RedirectResponse("/", SEE_OTHER)
        take_secret(request, response)
        return response

    return router


def _form(
    request: Request, language: Language, onward: str | None, *, email: str = "", is_refused: bool = False
) -> Response:
    return render(
        "sign_in.html",
        language,
        "/sign-in",
        {"next": None if onward is None else own_path(onward)},
        kind="desk",
        status=_UNPROCESSABLE if is_refused else 200,
        email=email,
        onward=HOME if onward is None else own_path(onward),
        is_refused=is_refused,
        is_private=is_private(request),
    )
