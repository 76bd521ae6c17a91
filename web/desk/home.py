"""The desk: what waits, where to begin, and how the book stands."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from ledger.people.order import search_key, sort_key
from web import figures
from web.access import NeedsPage, NeedsPageIn, Visit
from web.desk.approval.waiting import find_to_approve
from web.desk.navigation import doors, home_path
from web.desk.payment.waiting import find_to_pay
from web.desk.standing import Standing, find_standing
from web.desk.task import Finder, Task
from web.desk.waiting import find_waiting
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.site import render
from web.translation import Language

PATH: Final = "/desk"
SEE_OTHER: Final = 303

PLACE_COUNT_SHOWN: Final = 12
"""More places than these are looked for by name."""

FINDERS: Final[tuple[Finder, ...]] = (find_to_approve, find_to_pay, find_waiting)
"""Of what waits, in the order it is shown."""

SignedIn = Annotated[Visit, Depends(NeedsPage(None))]
MayEnter = Annotated[Visit, Depends(NeedsPageIn(None))]


def make_router() -> APIRouter:
    """Return the desk's routes; the application's engine reads."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def places(visit: SignedIn, language: Spoken) -> Response:
        if len(visit.visitor.places) == 1:
            return RedirectResponse(home_path(visit.visitor.places[0]), SEE_OTHER)
        return _places(visit, language, Form())

    @router.post(PATH)
    def look_for_place(visit: SignedIn, form: FormBody, language: Spoken) -> Response:
        return _places(visit, language, form)

    inside = APIRouter(prefix="/desk/{association_id}", include_in_schema=False)

    @inside.get("")
    def desk(visit: MayEnter, language: Spoken) -> Response:
        tasks, standing, names = visit.read(_desk)
        return render(
            "desk/home.html",
            language,
            home_path(visit.place),
            visit=visit,
            place=visit.place,
            tasks=tasks,
            doors=doors(visit.place),
            standing=standing,
            names=names,
        )

    router.include_router(inside)
    return router


def _desk(session: Session) -> tuple[tuple[Task, ...], Standing | None, dict[str, dict[str, tuple[str, str | None]]]]:
    tasks = tuple(task for find in FINDERS for task in find(session) if task.count)
    if "read" not in session.rights:
        return tasks, None, {}
    standing = find_standing(session.conn, session.book)
    return tasks, standing, figures.dimension_names(session.conn, session.tenant_id)


def _places(visit: Visit, language: Language, form: Form) -> Response:
    key = search_key(form.value("q"))
    places = sorted(visit.visitor.places, key=lambda each: sort_key(each.name_vi))
    found = [each for each in places if key in search_key(f"{each.name_vi} {each.name_en or ''}")]
    return render(
        "desk/places.html",
        language,
        PATH,
        visit=visit,
        form=form,
        found=found[:PLACE_COUNT_SHOWN],
        found_count=len(found),
        has_search=len(places) > PLACE_COUNT_SHOWN,
    )
