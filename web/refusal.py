"""Tell a person who followed a wrong address so in a page; programs, and the API's own paths, keep its answers."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.app import PUBLIC_PATHS
from web.site import render
from web.translation import Language

Handler = Callable[[Request, Any], Response | Awaitable[Response]]

_API_PREFIX: Final = "/v1"
_UNPROCESSABLE: Final = 422


def install(app: FastAPI) -> None:
    """Answer a browser's wrong address with a page, and everything else as the application did before."""
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind]))


def _page_or(answer_otherwise: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else _UNPROCESSABLE
        if _is_address_of_page(request) and _prefers_html(request.headers.get("accept", "")):
            language: Language = "en" if request.query_params.get("lang") == "en" else "vi"
            page = render("missing.html", language, "/", status=status)
            page.headers["Vary"] = "Accept"
            return page
        answered = answer_otherwise(request, error)
        return await answered if isawaitable(answered) else answered

    return answer


def _is_address_of_page(request: Request) -> bool:
    path = request.url.path
    is_api = path == _API_PREFIX or path.startswith(f"{_API_PREFIX}/") or path in PUBLIC_PATHS
    return request.method == "GET" and not is_api


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
