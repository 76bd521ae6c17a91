"""Which language a person who signs in or records is answered in: the one asked for, or the one they had last.

Public pages carry their language in their address, so that what is shared and kept is one thing. The desk's pages
remember it in a cookie, so that no form and no redirect has to.
"""

from typing import Annotated, Final

from fastapi import Depends, Request

from web.translation import LANGUAGES, Language

COOKIE: Final = "soquy_language"
COOKIE_SECONDS: Final = 365 * 86_400


def spoken(request: Request) -> Language:
    """Return the language of the address, else of the cookie, else Vietnamese."""
    asked = request.query_params.get("lang"), request.cookies.get(COOKIE)
    return next((language for value in asked for language in LANGUAGES if value == language), "vi")


Spoken = Annotated[Language, Depends(spoken)]
"""What a route of the desk takes as its language."""
