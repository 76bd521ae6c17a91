"""What every request passes: an id, limits on its body, security headers, a log line and the metrics.

One ASGI layer, because each costs time on every request.
"""

import asyncio
import re
import secrets
import time
from typing import Any, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import Refusal, refusal, unforeseen
from api.settings import Settings
from audit.canonical import TYPE_ID_PATTERN

REQUEST_ID_HEADER: Final = "X-Request-ID"
CLIENT_GONE: Final = 499
"""Nobody reads this status; the log calls a caller who left before the answer so."""

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OF_ONE_PERSON: Final = ("/desk", "/account", "/sign-in", "/sign-out", "/invitation/")
"""Pages for whoever is signed in: no cache keeps them, so that nothing is left on a shared machine."""

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"

_match_id: Final = re.compile(TYPE_ID_PATTERN).fullmatch
_match_request_id: Final = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch
_log: Final = structlog.get_logger("soquy.request")


class Gate:
    """The layer around the application."""

    def __init__(self, app: ASGIApp, *, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = _request_id(scope)
        scope["soquy.request_id"] = request_id
        status = CLIENT_GONE

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope["path"], request_id)
            await send(message)

        try:
            await self._limited(scope, receive, send_on)
        except ClientDisconnect:
            pass  # the caller left before all was said: nothing was begun, nobody waits for an answer
        except Exception as error:
            if status != CLIENT_GONE:
                raise  # half an answer is on its way; the server breaks the connection off
            await unforeseen(Request(scope), error)(scope, receive, send_on)
        finally:
            self._tell(scope, status, time.perf_counter() - begun)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a body that says it is too large before reading it, and one that turns out so while reading it."""
        size_max = self._settings.body_size_max
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and int(announced) > size_max:
            await refusal(Request(scope), "body_too_large", {"size_max": size_max})(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self._settings.body_seconds_max
        size = 0
        is_whole = False

        async def receive_some() -> Message:
            nonlocal size, is_whole
            if is_whole:
                return await receive()  # waits for the caller to leave, however long the answer takes
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Refusal("body_too_slow", seconds_max=self._settings.body_seconds_max) from None
            size += len(message.get("body", b""))
            is_whole = message["type"] != "http.request" or not message.get("more_body", False)
            if size > size_max:
                raise Refusal("body_too_large", size_max=size_max)
            return message

        await self._app(scope, receive_some, send)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "none"
        self._metrics.count(method=scope["method"], route=route, status=status, seconds=seconds)
        facts: dict[str, Any] = {}
        if codes := scope.get("soquy.codes"):
            facts["codes"] = codes
        # Only what has an id's form: anything else in a path is what somebody typed.
        ids = {
            name: value
            for name, value in scope.get("path_params", {}).items()
            if name.endswith("_id") and _match_id(str(value))
        }
        _log.info(
            "request",
            request_id=scope["soquy.request_id"],
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            **ids,
            **facts,
        )


def _request_id(scope: Scope) -> str:
    """Take the proxy's id where it has the form of one, or make one."""
    given = dict(scope["headers"]).get(REQUEST_ID_HEADER.lower().encode(), b"").decode("latin-1")
    return given if _match_request_id(given) else secrets.token_hex(8)


def _add_headers(message: Message, path: str, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers[REQUEST_ID_HEADER] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/v1/"):
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Security-Policy", API_POLICY)
    elif path.startswith(_OF_ONE_PERSON):
        headers["Cache-Control"] = "no-store"
