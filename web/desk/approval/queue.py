"""What waits for somebody: choose, look at the choice once more, and agree to all of it at once.

A page agrees to one request or to a hundred by the same form. What cannot be granted any more is told at its place,
nothing is decided then, and the rest may be sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from api.messages import text_for
from api.visit import SecondFactorNeeded
from ledger import typeid
from ledger.approvals.commands import grant_all
from ledger.approvals.errors import DecisionsRefused, NotAsked
from ledger.approvals.model import DECISION_COUNT_MAX
from ledger.approvals.queries import count_expired, count_waiting_for, known_approvals, waiting_for
from ledger.errors import IdMalformed
from web.access import Visit
from web.desk.approval.show import (
    SEE_OTHER,
    UNPROCESSABLE,
    Card,
    Decider,
    MayApprove,
    MayRead,
    cards_of,
    decider_of,
    path,
    show,
)
from web.desk.approval.subject import find_subjects
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.translation import Language, Message, _, _n

CHOSEN: Final = "approval"
NONE_CHOSEN: Final = _("Chọn ít nhất một mục để duyệt.")
TOO_MANY: Final = _n("Mỗi lần duyệt được tối đa %(num)s mục.", DECISION_COUNT_MAX)
BLOCKED: Final = _("Chưa duyệt được: xem cảnh báo ở mục này.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits, the first of it as cards."""

    who: Decider
    cards: Sequence[Card]
    count: int
    expired_count: int


class Blocked(Exception):
    """Something keeps requests from being granted; ``ids`` are theirs."""

    def __init__(self, ids: frozenset[UUID]) -> None:
        super().__init__(len(ids))
        self.ids = ids


def make_router() -> APIRouter:
    """Return the routes of the queue."""
    router = APIRouter(prefix="/desk/{association_id}/approvals", include_in_schema=False)

    @router.get("")
    def queue(visit: MayRead, language: Spoken, done: int = 0, every: int = 0) -> Response:
        if "approve" not in visit.place.rights:
            return RedirectResponse(path(visit, "all"), SEE_OTHER)
        return _queue(visit, language, Form(), done=done, is_every=bool(every))

    @router.post("/check")
    def check(visit: MayApprove, form: FormBody, language: Spoken) -> Response:
        chosen = _chosen(form)
        if not chosen or len(chosen) > DECISION_COUNT_MAX:
            return _again(visit, language, form, chosen)
        return _check(visit, language, chosen, Form(), {})

    @router.post("/grant")
    def grant(visit: MayApprove, form: FormBody, language: Spoken) -> Response:
        return _grant(visit, language, form)

    return router


def _chosen(form: Form) -> tuple[UUID, ...]:
    """Return what was chosen, each once; what is no id was never offered."""
    found: dict[UUID, None] = {}
    for each in form.values.get(CHOSEN, ()):
        try:
            found[typeid.decode(typeid.APPROVAL, each)] = None
        except IdMalformed:
            continue
    return tuple(found)


def _look(session: Session) -> Waiting:
    who = decider_of(session)
    conn, book = session.conn, session.book
    asked = waiting_for(conn, book, who.user_id, who.roles, row_limit=DECISION_COUNT_MAX)
    return Waiting(
        who=who,
        cards=cards_of(session, who, asked),
        count=count_waiting_for(conn, book, who.user_id, who.roles),
        expired_count=count_expired(conn, book),
    )


def _queue(visit: Visit, language: Language, form: Form, *, done: int = 0, is_every: bool = False) -> Response:
    waiting = visit.write(_look)
    return show(
        "queue.html",
        visit,
        language,
        path(visit),
        status=UNPROCESSABLE if form.faults else 200,
        form=form,
        waiting=waiting,
        is_every=is_every,
        news=_n("Đã duyệt %(num)s mục.", done) if 0 < done <= DECISION_COUNT_MAX else None,
    )


def _again(visit: Visit, language: Language, form: Form, chosen: Sequence[UUID]) -> Response:
    return _queue(visit, language, form.refused(_fault(TOO_MANY if chosen else NONE_CHOSEN)))


def _fault(message: Message) -> FormRefused:
    return FormRefused([FormFault(name=None, message=message)])


def _check(
    visit: Visit, language: Language, chosen: Sequence[UUID], form: Form, refusals: Mapping[UUID, Message | str]
) -> Response:
    """Show once more what was chosen, and at its place why something of it cannot be granted."""

    def look(session: Session) -> tuple[Card, ...]:
        found = known_approvals(session.conn, session.book, chosen)
        return cards_of(session, decider_of(session), [found[each] for each in chosen if each in found])

    cards = visit.write(look)
    can = [card for card in cards if card.step is not None and not card.subject.is_blocked]
    cannot = [(card, refusals.get(card.asked.approval_id)) for card in cards if card not in can]
    return show(
        "check.html",
        visit,
        language,
        path(visit),
        status=UNPROCESSABLE if refusals or form.faults or not can else 200,
        form=form,
        can=can,
        cannot=cannot,
        is_refused=bool(refusals),
        total_minor=sum(card.asked.amount_minor for card in can),
    )


def _grant(visit: Visit, language: Language, form: Form) -> Response:
    chosen = _chosen(form)
    if not chosen or len(chosen) > DECISION_COUNT_MAX:
        return _again(visit, language, form, chosen)

    def work(session: Session) -> int:
        def do() -> Mapping[str, object]:
            found = known_approvals(session.conn, session.book, chosen)
            subjects = find_subjects(session, [each for each in found.values() if each.state == "asked"])
            blocked = frozenset(each for each, subject in subjects.items() if subject.is_blocked)
            if blocked:
                raise Blocked(blocked)
            grant_all(session.conn, session.book, chosen, actor=session.actor, counting=session.counting)
            return {"count": len(chosen)}

        result, _ = once(session, form.request("grant"), do)
        return int(result["count"])

    try:
        count = visit.write(work)
    except Blocked as error:
        return _check(visit, language, chosen, Form(), dict.fromkeys(error.ids, BLOCKED))
    except DecisionsRefused as error:
        if any(isinstance(each, NotAsked) and each.fields["reason"] == "proof" for each in error.errors):
            raise SecondFactorNeeded(right="approve") from error
        told = {chosen[fault.entry or 0]: _told(language, fault.code, fault.fields) for fault in error.faults}
        return _check(visit, language, chosen, Form(), told)
    except FormRefused as error:
        return _check(visit, language, chosen, form.refused(error), {})
    return RedirectResponse(f"{path(visit)}?done={count}", SEE_OTHER)


def _told(language: Language, code: str, fields: Mapping[str, str | int | bool | None]) -> str:
    text = text_for(code, fields)
    return f"{text.title}. {text.detail}" if language == "vi" else f"{text.title_en}. {text.detail_en}"
