"""Answer people with pages where the application refuses: a wrong address, no right, nobody signed in.

Programs, and the API's own paths, keep its answers.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from api.app import PUBLIC_PATHS
from api.auth import RightMissing
from api.database import DatabaseProblem, run
from api.limit import Limit, address_of
from api.messages import Text, text_for
from api.problems import Refusal, status_of
from api.sign_in import access_log
from api.visit import SecondFactorNeeded, SessionOver, visit
from ledger.errors import AssociationNotFound, LedgerError, Value
from web.access import visit_to
from web.cookie import HOME, caller_of, own_path
from web.form import FormRefused
from web.kept import keep_form
from web.language import spoken
from web.sign_in_page import Going, code_page, sign_in_page
from web.site import Kind, render
from web.translation import LANGUAGES, Language

Handler = Callable[[Request, Any], Response | Awaitable[Response]]

_API_PREFIX: Final = "/v1"
NOTED: Final = Limit(name="page_refused", burst=5, seconds=60)

_READING: Final = frozenset({"GET", "HEAD"})
_SEE_OTHER: Final = 303
_UNAUTHORIZED: Final = 401
_UNPROCESSABLE: Final = 422


def install(app: FastAPI) -> None:
    """Answer a browser with pages, and everything else as the application did before."""
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind]))
    app.add_exception_handler(SessionOver, _sign_in)
    app.add_exception_handler(SecondFactorNeeded, _prove)
    for refused in (LedgerError, DatabaseProblem):
        if refused in app.exception_handlers:
            app.add_exception_handler(refused, _told_or(app.exception_handlers[refused]))
    app.state.refusal_page = _unframed
    if LedgerError in app.exception_handlers:
        app.add_exception_handler(FormRefused, _unread(app.exception_handlers[LedgerError]))


def _unread(tell: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Refuse a form that its page could not have sent, and so has nothing to show again: one without its key."""

    async def answer(request: Request, _error: Exception) -> Response:
        told = tell(request, Refusal("form_malformed"))
        return await told if isawaitable(told) else told

    return answer


async def _sign_in(request: Request, _error: Exception) -> Response:
    """Send whoever is not signed in to sign in, and back again; a form that was sent waits for it."""
    request.scope["soquy.codes"] = [SessionOver.code]
    if request.method in _READING:
        query = {"next": _here(request)}
        if request.query_params.get("lang") in LANGUAGES:
            query["lang"] = request.query_params["lang"]
        return RedirectResponse(f"/sign-in?{urlencode(query)}", _SEE_OTHER)
    going = Going(path=_here(request), kept=await keep_form(request))
    return sign_in_page(request, spoken(request), going, status=_UNAUTHORIZED, is_over=True)


async def _prove(request: Request, _error: Exception) -> Response:
    """Send whoever signed in with a password alone to their authenticator, and back again."""
    request.scope["soquy.codes"] = [SecondFactorNeeded.code]
    if request.method in _READING:
        return RedirectResponse(f"/sign-in/code?{urlencode({'next': _here(request)})}", _SEE_OTHER)
    going = Going(path=_here(request), kept=await keep_form(request))
    return code_page(spoken(request), going, status=_UNAUTHORIZED)


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return own_path(request.url.path + query)


def _told_or(answer_otherwise: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Tell a refusal in a page, in the words of the API's problems."""

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, LedgerError | DatabaseProblem) or not _is_page(request):
            answered = answer_otherwise(request, error)
            return await answered if isawaitable(answered) else answered
        language = spoken(request)
        request.scope["soquy.codes"] = [error.code]
        if isinstance(error, AssociationNotFound | RightMissing):
            await run_in_threadpool(_note, request)
        if isinstance(error, AssociationNotFound):
            return await _framed(request, language, "missing.html", 404)
        fields = error.fields if isinstance(error, LedgerError) else {}
        told = text_for(error.code, fields)
        return await _framed(request, language, "refused.html", status_of(error.code), told=told)

    return answer


async def _framed(
    request: Request, language: Language, template: str, status: int, told: Text | None = None
) -> Response:
    """Show it in the frame of whoever asks: the desk's to those who sit there, the public's to everybody else."""
    visit = await run_in_threadpool(visit_to, request) if _is_own(request) else None
    here = request.url.path if visit is not None and request.method in _READING else HOME if visit else "/"
    return render(template, language, here, status=status, visit=visit, onward=HOME, told=told)


def _is_own(request: Request) -> bool:
    return request.url.path.split("/")[1] in {"desk", "account"}


def _unframed(request: Request, code: str, fields: Mapping[str, Value]) -> Response | None:
    """Tell in a page what was refused before anybody was asked who they are, or while something is broken."""
    if not _is_page(request):
        return None
    kind: Kind = "desk" if _is_own(request) else "public"
    request.scope["soquy.codes"] = [code]
    told = text_for(code, fields)
    return render("refused.html", spoken(request), "/", status=status_of(code), kind=kind, told=told, onward=HOME)


def _note(request: Request) -> None:
    """Write down that somebody who is signed in asked for what they may not see; not every time, if they go on."""
    caller = caller_of(request)
    if caller is None or request.app.state.limiter.take(NOTED, caller.secret_hash):
        return

    def work(conn: Connection) -> None:
        _session, visitor, _place = visit(conn, caller, None, None)
        access_log.note(conn, "page_refused", user_id=visitor.user_id, address=address_of(request))

    with contextlib.suppress(LedgerError, DatabaseProblem):
        run(request.app.state.engine, work)


def _page_or(answer_otherwise: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else _UNPROCESSABLE
        if _is_page(request):
            page = await _framed(request, spoken(request), "missing.html", status)
            page.headers.update(getattr(error, "headers", None) or {})  # which methods there are, of a 405
            page.headers["Vary"] = "Accept"
            return page
        answered = answer_otherwise(request, error)
        return await answered if isawaitable(answered) else answered

    return answer


def _is_page(request: Request) -> bool:
    """Tell whether a browser asks for what people read."""
    path = request.url.path
    is_api = path == _API_PREFIX or path.startswith(f"{_API_PREFIX}/") or path in PUBLIC_PATHS
    return not is_api and _prefers_html(request.headers.get("accept", ""))


def _prefers_html(accept: str) -> bool:
    """Say whether HTML is named, and nothing of JSON before it (RFC 9110 § 12.5.1); ``*/*`` names nothing."""
    html, json = 0.0, 0.0
    for part in accept.lower().split(","):
        kind, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if kind.strip() == "text/html":
            html = weight
        elif kind.strip() in {"application/json", "application/problem+json"}:
            json = max(json, weight)
    return html > 0 and html >= json


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
