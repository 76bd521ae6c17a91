"""Whose consent is asked: what holds, in words, and what an association decides instead."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.approvals.errors import PolicyRefused
from ledger.approvals.model import APPROVERS, DAYS_MAX, Action, Policy, Terms
from ledger.approvals.policy import floors, policies, set_policy
from web.access import Visit
from web.desk.approval.show import SEE_OTHER, UNPROCESSABLE, MayChart, MayRead, path, show
from web.desk.approval.words import DONE
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language, Message

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
STEPS: Final = tuple(f"step_{step}" for step, _ in enumerate(APPROVERS, start=1))
"""As many as there are roles that approve; who asks one of them twice uses the API."""

FIELDS: Final[Mapping[str, str]] = {"roles": STEPS[0], "law": STEPS[0], "days": "days", "amount": "from_minor"}
"""Why a policy is refused → the field of the form."""

Found = tuple[Sequence[Policy], Mapping[Action, tuple[str, ...]]]


def make_router() -> APIRouter:
    """Return the routes of policies."""
    router = APIRouter(prefix="/desk/{association_id}/approvals/policies", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, language: Spoken, done: str | None = None) -> Response:
        form = Form.showing({"from_minor": 0, "is_ordered": True, "days": 30})
        return _page(visit, language, form, news=DONE.get(done or ""))

    @router.post("")
    def decided(visit: MayChart, form: FormBody, language: Spoken) -> Response:
        try:
            visit.write(lambda session: _set(session, form))
        except PolicyRefused as error:
            fields = {**error.fields, "field": FIELDS[str(error.fields["reason"])]}
            return _page(visit, language, form.refused(PolicyRefused(**fields)))
        except FormRefused as error:
            return _page(visit, language, form.refused(error))
        return RedirectResponse(f"{path(visit, 'policies')}?done=policy", SEE_OTHER)

    return router


def _page(visit: Visit, language: Language, form: Form, *, news: Message | None = None) -> Response:
    def look(session: Session) -> Found:
        return policies(session.conn, session.book), floors(session.conn)

    found, asked_by_law = visit.read(look)
    return show(
        "policies.html",
        visit,
        language,
        path(visit, "policies"),
        status=UNPROCESSABLE if form.faults else 200,
        form=form,
        news=news,
        by_action=[(action, [each for each in found if each.action == action]) for action in ACTIONS],
        floors=asked_by_law,
        approvers=APPROVERS,
        steps_of_form=STEPS,
        days_max=DAYS_MAX,
    )


def _set(session: Session, form: Form) -> None:
    with Reading(form) as read:
        action = read.choice("action", ACTIONS)
        from_minor = read.amount("from_minor", is_zero_taken=True)
        first = read.choice(STEPS[0], APPROVERS)
        others = [read.optional_choice(each, APPROVERS) for each in STEPS[1:]]
        is_ordered = read.flag("is_ordered")
        days = read.integer("days", low=1, high=DAYS_MAX)
    roles = (first, *(each for each in others if each is not None))
    terms = Terms(roles=roles, is_ordered=is_ordered, days=days)

    def do() -> Mapping[str, object]:
        set_policy(session.conn, session.book, action, terms, from_minor=from_minor, actor=session.actor)
        return {}

    once(session, form.request("policy"), do)
