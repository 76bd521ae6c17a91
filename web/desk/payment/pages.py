"""Payments: those that wait and those that were made; a new one, looked at once before it is proposed; one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import RightMissing, Session
from api.idempotency import once
from api.visit import SecondFactorNeeded, SessionOver
from ledger import typeid
from ledger.approvals.model import Terms
from ledger.approvals.policy import terms_of
from ledger.books.commands import REASON_LENGTH_MAX
from ledger.calendar import today
from ledger.documents.attachment import Attachment, attachments_of
from ledger.errors import AssociationNotFound, IdMalformed, LedgerError
from ledger.proposals.commands import ask_again, give_up, pay, propose, settle
from ledger.proposals.errors import ProposalNotFound
from ledger.proposals.model import WaitingEntry
from ledger.proposals.queries import proposal_by_id, proposals
from ledger.reports.page import Page
from web import figures
from web.access import NeedsPageIn, Visit
from web.desk.approval.subject import SUBJECTS
from web.desk.payment import words
from web.desk.payment.form import Purse, Typed, find_purse, read_payment
from web.desk.payment.subject import PAYMENT_SUBJECTS, sees_payee
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path, render
from web.translation import Language

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
PAGE_SIZE: Final = 50

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayPropose = Annotated[Visit, Depends(NeedsPageIn("propose"))]
MayPay = Annotated[Visit, Depends(NeedsPageIn("pay"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]
ProposalText = Annotated[str, Path(max_length=40)]

_BEYOND: Final = (SessionOver, SecondFactorNeeded, RightMissing, AssociationNotFound, ProposalNotFound)
"""What no form can mend: who asks may not, or what it is about is not there."""

_FIELDS: Final[Mapping[str, str]] = {
    "lines": "amount",
    "value_minor": "amount",
    "entry_on": "issued_on",
    "voucher": "account",
}
"""The form's names of what the ledger calls otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A payment before it is proposed: what it says, of what it was chosen, and who will be asked."""

    typed: Typed
    purse: Purse
    terms: Terms


def make_router() -> APIRouter:
    """Return the routes of payments; fixed paths come before those that are an id."""
    SUBJECTS.update(PAYMENT_SUBJECTS)
    router = APIRouter(prefix="/desk/{association_id}/payments", include_in_schema=False)
    _add_routes_of_all(router)
    _add_routes_of_one(router)
    return router


def _add_routes_of_all(router: APIRouter) -> None:
    @router.get("")
    def listed(visit: MayRead, request: Request, language: Spoken) -> Response:
        return _list(visit, language, request.query_params.get("all") == "1", request.query_params.get("after"))

    @router.get("/new")
    def new(visit: MayPropose, language: Spoken) -> Response:
        return _form_page(visit, language, Form.showing({"issued_on": today()}))

    @router.post("/new")
    def look(visit: MayPropose, form: FormBody, language: Spoken) -> Response:
        if form.value("then").startswith("edit"):
            return _form_page(visit, language, form)
        return _attempt(
            form,
            lambda: _check_page(visit, language, form, visit.read(lambda session: _check(session, form))),
            lambda shown: _form_page(visit, language, shown, status=UNPROCESSABLE),
        )

    @router.post("/propose")
    def proposed(visit: MayPropose, form: FormBody, language: Spoken) -> Response:
        return _attempt(
            form,
            lambda: _onward(visit, visit.write(lambda session: _propose(session, form)), "proposed"),
            lambda shown: _form_page(visit, language, shown, status=UNPROCESSABLE),
        )


def _add_routes_of_one(router: APIRouter) -> None:
    @router.get("/{proposal_id}")
    def one(visit: MayRead, proposal_id: ProposalText, language: Spoken, done: str | None = None) -> Response:
        return _one(visit, language, proposal_uuid(proposal_id), Form.showing({"on": today()}), done=done)

    @router.post("/{proposal_id}/pay")
    def paid(visit: MayPay, proposal_id: ProposalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, proposal_id, form, ("paid", _execute(pay)))

    @router.post("/{proposal_id}/post")
    def posted(visit: MayPost, proposal_id: ProposalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, proposal_id, form, ("paid", _execute(settle)))

    @router.post("/{proposal_id}/request")
    def asked(visit: MayPropose, proposal_id: ProposalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, proposal_id, form, ("asked", _ask_again))

    @router.post("/{proposal_id}/void")
    def void(visit: MayPropose, proposal_id: ProposalText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, proposal_id, form, ("void", _give_up))


def proposal_uuid(text: str) -> UUID:
    """Return the id of a payment; raises ``ProposalNotFound`` where it is none."""
    try:
        return typeid.decode(typeid.PROPOSAL, text)
    except IdMalformed:
        raise ProposalNotFound(proposal=typeid.shown(text)) from None


def _path(visit: Visit, *more: str) -> str:
    return desk_path(visit.place.association_id, "payments", *more)


def _attempt(form: Form, work: Callable[[], Response], again: Callable[[Form], Response]) -> Response:
    """Do it, or show the form again with what is wrong at its fields."""
    try:
        return work()
    except _BEYOND:
        raise
    except (FormRefused, LedgerError) as error:
        return again(form.refused(error, _FIELDS))


def _onward(visit: Visit, public_id: str, done: str) -> Response:
    return RedirectResponse(f"{_path(visit, public_id)}?done={done}", SEE_OTHER)


def _show(template: str, visit: Visit, language: Language, here: str, *, status: int = 200, **more: object) -> Response:
    told = {"words": words, "home": _path(visit), **more}
    # What a template is told has other names than render's own parameters.
    return render(f"desk/payment/{template}", language, here, visit=visit, status=status, **told)  # type: ignore[arg-type]


def _list(visit: Visit, language: Language, is_all: bool, after: str | None) -> Response:  # noqa: FBT001 - one choice
    def work(session: Session) -> Page[WaitingEntry, UUID]:
        place = None if after is None else proposal_uuid(after)
        found = proposals(session.conn, session.book, is_open=not is_all, after=place, page_size=PAGE_SIZE)
        return found if sees_payee(session.rights) else replace(found, rows=tuple(map(_nameless, found.rows)))

    page = visit.read(work)
    here = _path(visit)
    following = page.next_cursor
    return _show(
        "list.html",
        visit,
        language,
        here,
        rows=page.rows,
        is_all=is_all,
        following=None if following is None else typeid.encode(typeid.PROPOSAL, following),
    )


def _nameless(found: WaitingEntry) -> WaitingEntry:
    return replace(found, payee=None)


def _form_page(visit: Visit, language: Language, form: Form, *, status: int = 200) -> Response:
    purse = visit.read(find_purse)
    return _show("new.html", visit, language, _path(visit, "new"), status=status, form=form, purse=purse)


def _check(session: Session, form: Form) -> Checked:
    purse = find_purse(session)
    typed = read_payment(session, form, purse)
    terms = terms_of(session.conn, session.book, "payment", typed.amount_minor)
    return Checked(typed=typed, purse=purse, terms=terms)


def _check_page(visit: Visit, language: Language, form: Form, checked: Checked) -> Response:
    return _show("check.html", visit, language, _path(visit, "new"), form=form, checked=checked, typed=checked.typed)


def _propose(session: Session, form: Form) -> str:
    typed = read_payment(session, form, find_purse(session))

    def do() -> Mapping[str, object]:
        (made,) = propose(session.conn, session.book, [typed.proposal], actor=session.actor)
        return {"proposal": typeid.encode(typeid.PROPOSAL, made.proposal_id)}

    result, _ = once(session, form.request("payment"), do)
    return str(result["proposal"])


Looked = tuple[WaitingEntry, list[Attachment], dict[str, dict[str, tuple[str, str | None]]]]


def _look(session: Session, proposal_id: UUID) -> Looked:
    found = proposal_by_id(session.conn, session.book, proposal_id)
    # Names of files may hold those of people; the files themselves take the same right.
    may_read_papers = "people" in session.rights
    attached = attachments_of(session.conn, session.book, [proposal_id]) if may_read_papers else []
    names = figures.dimension_names(session.conn, session.tenant_id)
    return (found if sees_payee(session.rights) else _nameless(found)), attached, names


def _one(
    visit: Visit,
    language: Language,
    proposal_id: UUID,
    form: Form,
    *,
    status: int = 200,
    done: str | None = None,
) -> Response:
    found, attached, names = visit.read(lambda session: _look(session, proposal_id))
    hand = "pay" if found.moves == "cash out" else "post"
    return _show(
        "one.html",
        visit,
        language,
        _path(visit, typeid.encode(typeid.PROPOSAL, proposal_id)),
        status=status,
        form=form,
        found=found,
        names=names,
        attached=[each for each in attached if not each.is_disowned and each.document_id and each.name],
        hand=hand,
        may_execute=found.state == "approved" and hand in visit.place.rights,
        may_propose="propose" in visit.place.rights,
        approval=desk_path(
            visit.place.association_id, "approvals", typeid.encode(typeid.APPROVAL, found.approval.approval_id)
        ),
        news=words.DONE.get(done or ""),
    )


Change = Callable[[Session, UUID, Form], None]


def _change(visit: Visit, language: Language, proposal_id: str, form: Form, change: tuple[str, Change]) -> Response:
    uuid = proposal_uuid(proposal_id)
    done, does = change

    def work(session: Session) -> None:
        def do() -> Mapping[str, object]:
            does(session, uuid, form)
            return {}

        once(session, form.request(f"{done} {proposal_id}"), do)

    def work_once() -> Response:
        visit.write(work)
        return _onward(visit, proposal_id, done)

    return _attempt(form, work_once, lambda shown: _one(visit, language, uuid, shown, status=UNPROCESSABLE))


def _execute(does: Callable[..., object]) -> Change:
    def change(session: Session, proposal_id: UUID, form: Form) -> None:
        with Reading(form) as read:
            on = read.day("on")
        does(session.conn, session.book, [proposal_id], on=on, actor=session.actor)

    return change


def _ask_again(session: Session, proposal_id: UUID, _form: Form) -> None:
    ask_again(session.conn, session.book, proposal_id, actor=session.actor)


def _give_up(session: Session, proposal_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)
    give_up(session.conn, session.book, proposal_id, reason=reason, actor=session.actor)
