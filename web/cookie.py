"""The cookie that holds a session's secret, and what no browser may be asked to do from another site.

Over https it is ``__Host-soquy_session``: a browser takes it only with ``Secure``, for this host alone and for every
path, so no neighbouring host or plain connection can plant one. On the machine itself, without https, it has a plain
name. Anywhere else, without https, nobody signs in: the password would travel in the open.
"""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from api.problems import Refusal
from api.visit import SignedIn

_NAME: Final = "soquy_session"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRET_SIZE: Final = 43
_OWN_PATH_LENGTH_MAX: Final = 1_000

HOME: Final = "/desk"


def cookie_name(request: Request) -> str:
    """Return the name that this connection allows."""
    return f"__Host-{_NAME}" if request.url.scheme == "https" else _NAME


def is_private(request: Request) -> bool:
    """Tell whether what is typed here cannot be read on its way."""
    return request.url.scheme == "https" or request.url.hostname in _LOOPBACK


def read_secret(request: Request) -> str | None:
    """Return the secret that the browser sent, if it has the size of one."""
    secret = request.cookies.get(cookie_name(request))
    return secret if secret is not None and len(secret) == _SECRET_SIZE else None


def caller_of(request: Request) -> SignedIn | None:
    """Return who the browser says it is; whether they are signed in, the database says."""
    secret = read_secret(request)
    return None if secret is None else SignedIn.of(secret)


def give_secret(request: Request, response: Response, secret: str) -> None:
    """Let the browser hold a secret until it is closed."""
    response.set_cookie(
        cookie_name(request), secret, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def take_secret(request: Request, response: Response) -> None:
    """Let the browser forget its secret."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
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
