"""All requests of a book, the newest first, in every state."""

from typing import Final, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.auth import Session
from ledger import typeid
from ledger.approvals.model import Action, Approval, State
from ledger.approvals.queries import approvals
from ledger.errors import IdMalformed
from ledger.reports.page import Page
from web.desk.approval.show import Card, MayRead, cards_of, decider_of, path, show
from web.form import Form
from web.language import Spoken

PAGE_SIZE: Final = 50


def make_router() -> APIRouter:
    """Return the route of the history."""
    router = APIRouter(prefix="/desk/{association_id}/approvals", include_in_schema=False)

    @router.get("/all")
    def history(visit: MayRead, request: Request, language: Spoken) -> Response:
        asked = request.query_params
        state: State | None = next((each for each in get_args(State) if each == asked.get("state")), None)
        action: Action | None = next((each for each in get_args(Action) if each == asked.get("action")), None)
        after = _position(asked.get("after"))

        def look(session: Session) -> tuple[Page[Approval, UUID], tuple[Card, ...]]:
            page = approvals(session.conn, session.book, state=state, action=action, after=after, page_size=PAGE_SIZE)
            return page, cards_of(session, decider_of(session), page.rows)

        page, cards = visit.write(look)
        following = None if page.next_cursor is None else typeid.encode(typeid.APPROVAL, page.next_cursor)
        return show(
            "history.html",
            visit,
            language,
            path(visit, "all"),
            form=Form.showing({"state": state or "", "action": action or ""}),
            cards=cards,
            state=state,
            action=action,
            following=following,
            is_filtered=state is not None or action is not None,
        )

    return router


def _position(text: str | None) -> UUID | None:
    """Return where a page begins; from the start, where the address says something else."""
    try:
        return None if text is None else typeid.decode(typeid.APPROVAL, text)
    except IdMalformed:
        return None
