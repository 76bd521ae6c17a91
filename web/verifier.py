"""Serve the one file that checks a receipt in a browser, and needs no server once it is saved.

The file carries its own policy, which lets nothing load and nothing be sent, and only its own style and script run.
The header repeats that policy, so that both stay one, and adds what a file cannot say of itself.
"""

import re
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

PATH: Final = "/verify.html"

FILE: Final = Path(__file__).resolve().parent / "static" / "verify.html"

_find_policy: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">').search


class PolicyMissing(ValueError):
    """A page without its promise is not served."""


def make_router() -> APIRouter:
    """Return the route of the verifier; it reads no database.

    Raises:
        PolicyMissing: the file does not carry its policy.
    """
    body = FILE.read_bytes()
    found = _find_policy(body.decode())
    if found is None:
        raise PolicyMissing(f"{FILE.name} has no Content-Security-Policy")
    headers = {
        # Browsers ignore frame-ancestors in a file, and a framed page could be dressed up as another's.
        "Content-Security-Policy": f"{found[1]}; frame-ancestors 'none'",
        "Cache-Control": "no-cache",
        "Content-Language": "vi, en",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def verifier(*, download: bool = False) -> HTMLResponse:
        kept = {"Content-Disposition": 'attachment; filename="soquy-verify.html"'} if download else {}
        return HTMLResponse(body, headers={**headers, **kept})

    return router
