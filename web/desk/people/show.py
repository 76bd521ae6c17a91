"""What the pages of people share: who may see them, where they are, and how one goes on from them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path
from fastapi.responses import RedirectResponse

from ledger import typeid
from ledger.errors import IdMalformed
from ledger.people.register import PersonNotFound
from web.access import NeedsPageIn, Visit
from web.site import desk_path

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
PAGE_SIZE: Final = 50

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
PersonPath = Annotated[str, Path(max_length=40)]


def path(visit: Visit, *more: object) -> str:
    """Return the path of the register, or of a page below it."""
    return desk_path(visit.place.association_id, "people", *more)


def done(visit: Visit, named: str, what: str) -> RedirectResponse:
    """Go on to a person's page, which says what was done."""
    return RedirectResponse(f"{path(visit, named)}?done={what}", SEE_OTHER)


def person_uuid(person_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        PersonNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.PERSON, person_id)
    except IdMalformed:
        raise PersonNotFound(person=typeid.shown(person_id)) from None
