"""One request: what it is about, what was said to it, and the answers that the visitor may give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from api.messages import text_for
from api.visit import SecondFactorNeeded
from ledger import typeid
from ledger.approvals.commands import deny, take_back
from ledger.approvals.errors import ApprovalStateRefused, NotAsked, WithdrawalRefused
from ledger.approvals.model import REASON_LENGTH_MAX
from ledger.approvals.queries import approval_by_id, denial_reason
from ledger.errors import LedgerError
from web.access import Visit
from web.desk.approval.show import (
    SEE_OTHER,
    UNPROCESSABLE,
    ApprovalText,
    Card,
    Decider,
    MayApprove,
    MayRead,
    approval_uuid,
    cards_of,
    decider_of,
    path,
    show,
)
from web.desk.approval.words import DONE
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A request, why it was denied, and what the visitor may do."""

    card: Card
    who: Decider
    reason: str | None
    may_withdraw: bool


def make_router() -> APIRouter:
    """Return the routes of one request; fixed paths come before these."""
    router = APIRouter(prefix="/desk/{association_id}/approvals/{approval_id}", include_in_schema=False)

    @router.get("")
    def one(visit: MayRead, approval_id: ApprovalText, language: Spoken, done: str | None = None) -> Response:
        return _page(visit, language, approval_uuid(approval_id), Form(), news=DONE.get(done or ""))

    @router.post("/deny")
    def denied(visit: MayApprove, approval_id: ApprovalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, approval_uuid(approval_id), form, ("denied", _deny))

    @router.post("/withdraw")
    def withdrawn(visit: MayApprove, approval_id: ApprovalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, approval_uuid(approval_id), form, ("withdrawn", _withdraw))

    return router


def _look(session: Session, approval_id: UUID) -> Looked:
    conn, book = session.conn, session.book
    found = approval_by_id(conn, book, approval_id)
    who = decider_of(session)
    (card,) = cards_of(session, who, [found])
    return Looked(
        card=card,
        who=who,
        reason=denial_reason(conn, book, found, rights=session.rights, actor=session.actor),
        # Who can deny it has that way; it is taken back by whoever asked, or where nobody is left to deny it.
        may_withdraw=found.state in {"asked", "approved"}
        and "approve" in session.rights
        and found.is_withdrawn_by(who.user_id, who.roles)
        and card.step is None,
    )


def _page(
    visit: Visit,
    language: Language,
    approval_id: UUID,
    form: Form,
    *,
    news: Message | None = None,
    refused: LedgerError | None = None,
) -> Response:
    looked = visit.write(lambda session: _look(session, approval_id))
    return show(
        "request.html",
        visit,
        language,
        path(visit, looked.card.public_id),
        status=UNPROCESSABLE if refused or form.faults else 200,
        form=form,
        looked=looked,
        card=looked.card,
        news=news,
        refused=None if refused is None else text_for(refused.code, refused.fields),
    )


def _change(
    visit: Visit, language: Language, approval_id: UUID, form: Form, change: tuple[str, Callable[..., None]]
) -> Response:
    what, does = change

    def work(session: Session) -> None:
        asked = form.request(f"{what} {approval_id}")

        def do() -> Mapping[str, object]:
            does(session, approval_id, form)
            return {}

        once(session, asked, do)

    try:
        visit.write(work)
    except NotAsked as error:
        if error.fields["reason"] == "proof":
            raise SecondFactorNeeded(right="approve") from error
        return _page(visit, language, approval_id, form, refused=error)
    except (ApprovalStateRefused, WithdrawalRefused) as error:  # somebody was quicker, or somebody else is asked
        return _page(visit, language, approval_id, form, refused=error)
    except FormRefused as error:
        return _page(visit, language, approval_id, form.refused(error))
    return RedirectResponse(f"{path(visit, typeid.encode(typeid.APPROVAL, approval_id))}?done={what}", SEE_OTHER)


def _deny(session: Session, approval_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)
    deny(session.conn, session.book, approval_id, reason=reason, actor=session.actor, counting=session.counting)


def _withdraw(session: Session, approval_id: UUID, _form: Form) -> None:
    take_back(session.conn, session.book, approval_id, actor=session.actor, counting=session.counting)
