"""The cookies that hold secrets, and what no browser may be asked to do from another site.

- ``soquy_session``: the session, gone when the browser is closed.
- ``soquy_browser``: a secret of the browser, by which it is known as one in which somebody signed in before.
- ``soquy_device``: the secret of a remembered device, which a PIN opens.

Over https their names begin with ``__Host-``: a browser takes such a cookie only with ``Secure``, for this host alone
and for every path, so no neighbouring host or plain connection can plant one. On the machine itself, without https,
they have plain names. Anywhere else, without https, nobody signs in: the password would travel in the open.
"""

from datetime import timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from api.problems import Refusal
from api.visit import SignedIn

Kind = Literal["session", "browser", "device"]

HOME: Final = "/desk"

_KEPT: Final = timedelta(days=400)
"""The longest that browsers keep a cookie."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRET_SIZE: Final = 43
_OWN_PATH_LENGTH_MAX: Final = 1_000


def cookie_name(request: Request, kind: Kind) -> str:
    """Return the name that this connection allows."""
    return f"__Host-soquy_{kind}" if request.url.scheme == "https" else f"soquy_{kind}"


def is_private(request: Request) -> bool:
    """Tell whether what is typed here cannot be read on its way."""
    return request.url.scheme == "https" or request.url.hostname in _LOOPBACK


def read_secret(request: Request, kind: Kind) -> str | None:
    """Return the secret that the browser sent, if it has the size of one."""
    secret = request.cookies.get(cookie_name(request, kind))
    return secret if secret is not None and len(secret) == _SECRET_SIZE else None


def caller_of(request: Request) -> SignedIn | None:
    """Return who the browser says it is; whether they are signed in, the database says."""
    secret = read_secret(request, "session")
    return None if secret is None else SignedIn.of(secret)


def give_secret(request: Request, response: Response, kind: Kind, secret: str) -> None:
    """Let the browser hold a secret: a session's until it is closed, another as long as it keeps cookies."""
    response.set_cookie(
        cookie_name(request, kind),
        secret,
        max_age=None if kind == "session" else int(_KEPT.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_secret(request: Request, response: Response, kind: Kind) -> None:
    """Let the browser forget a secret."""
    response.delete_cookie(
        cookie_name(request, kind), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


async def check_origin(request: Request) -> None:
    """Refuse what another site makes a browser do; the algorithm of Go 1.25's ``http.CrossOriginProtection``.

    A browser says where a request comes from (``Sec-Fetch-Site``), or at least which origin sent it; what says neither
    is no browser, and has no cookie that it did not get itself.

    Raises:
        Refusal: ``cross_origin_refused``.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in {"same-origin", "none"}:
            return
    else:
        origin = request.headers.get("origin")
        if origin is None or urlsplit(origin).netloc == request.headers.get("host"):
            return
    raise Refusal("cross_origin_refused")


def own_path(value: str | None) -> str:
    r"""Return where to go on after signing in: a path of this site, or the desk where it is anything else.

    Browsers read a backslash as a slash and skip white space, so ``/\evil.example`` would lead away; none of that is
    in an address that this program made.
    """
    if value is None or len(value) > _OWN_PATH_LENGTH_MAX or not value.startswith("/") or value.startswith("//"):
        return HOME
    if "\\" in value or not value.isascii() or not value.isprintable() or " " in value:
        return HOME
    return HOME if value.startswith(("/sign-", "/v1/")) else value
