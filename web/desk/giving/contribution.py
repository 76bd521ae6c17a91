"""Look at one gift, put right who gave it or which pledge it fulfils, and take its entry back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.books.commands import REASON_LENGTH_MAX, reverse_entry
from ledger.books.model import PostedEntry
from ledger.calendar import today
from ledger.documents.attachment import Attachment, attachments_of
from ledger.errors import IdMalformed, LedgerError
from ledger.giving import code as receipt_code
from ledger.giving.commands import correct_donor
from ledger.giving.model import DETAIL_LENGTH_MAX, NAME_LENGTH_MAX
from ledger.giving.pledge import Pledge, candidates, pledge_by_id, pledges
from ledger.giving.pledge_correction import correct_pledge
from ledger.giving.queries import Contribution, ContributionNotFound, ReceiptFacts, contribution_by_id, receipt_facts
from web import figures
from web.access import NeedsPageIn, Visit
from web.desk.document import NAMES
from web.desk.giving.refusal import change, refused
from web.desk.giving.show import SEE_OTHER, UNPROCESSABLE, may_post, may_see_names, nameless, show
from web.desk.giving.who import Candidate, candidates_of
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language, _

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayCorrect = Annotated[Visit, Depends(NeedsPageIn("people"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]
ContributionText = Annotated[str, Path(max_length=40)]

PLEDGE_COUNT_MAX: Final = 30
"""How many promises a page offers; others are found by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One gift with everything that its page says."""

    facts: ReceiptFacts
    digits: Mapping[str, int]
    account_names: Mapping[str, tuple[str, str | None]]
    channel_names: Mapping[str, tuple[str, str | None]]
    scans: Sequence[Attachment]
    pledge: Pledge | None

    @property
    def gift(self) -> Contribution:
        """The gift itself."""
        return self.facts.contribution


def make_router() -> APIRouter:
    """Return the routes of one gift."""
    router = APIRouter(prefix="/desk/{association_id}/contributions/{contribution_id}", include_in_schema=False)

    @router.get("")
    def one(visit: MayRead, contribution_id: ContributionText, language: Spoken) -> Response:
        return _page(visit, language, _shown(visit, contribution_id), "contribution.html")

    @router.get("/done")
    def done(visit: MayRead, contribution_id: ContributionText, language: Spoken) -> Response:
        return _page(visit, language, _shown(visit, contribution_id), "done.html", "done")

    @router.get("/donor")
    def donor(visit: MayCorrect, contribution_id: ContributionText, language: Spoken) -> Response:
        shown = _shown(visit, contribution_id)
        gift, people = shown.gift, visit.read(lambda session: _people(session, shown.gift))
        # Whom it is tied to stays, whatever they are called here: nobody typed another name yet.
        chosen = people[0].public_id if gift.person_id is not None and people else ""
        form = Form.showing({"donor": gift.name, "detail": gift.detail, "person": chosen})
        return _page(visit, language, shown, "donor.html", "donor", form=form, people=people)

    @router.post("/donor")
    def correct(visit: MayCorrect, contribution_id: ContributionText, form: FormBody, language: Spoken) -> Response:
        shown = _shown(visit, contribution_id)
        try:
            visit.write(lambda session: _correct(session, shown.gift, form))
        except (FormRefused, LedgerError) as error:
            again, people = refused(form, error), visit.read(lambda session: _people(session, shown.gift))
            return _page(visit, language, shown, "donor.html", "donor", form=again, people=people, status=UNPROCESSABLE)
        return RedirectResponse(_path(visit, contribution_id), SEE_OTHER)

    @router.get("/reverse")
    def ask(visit: MayPost, contribution_id: ContributionText, language: Spoken) -> Response:
        form = Form.showing({"on": today()})
        return _page(visit, language, _shown(visit, contribution_id), "reverse.html", "reverse", form=form)

    @router.post("/reverse")
    def reverse(visit: MayPost, contribution_id: ContributionText, form: FormBody, language: Spoken) -> Response:
        shown = _shown(visit, contribution_id)
        try:
            visit.write(lambda session: _reverse(session, shown.gift, form))
        except (FormRefused, LedgerError) as error:
            again = refused(form, error)
            return _page(visit, language, shown, "reverse.html", "reverse", form=again, status=UNPROCESSABLE)
        return RedirectResponse(_path(visit, contribution_id), SEE_OTHER)

    _add_pledge(router)
    return router


def _add_pledge(router: APIRouter) -> None:
    @router.get("/pledge")
    def pledge(visit: MayCorrect, contribution_id: ContributionText, language: Spoken) -> Response:
        shown = _shown(visit, contribution_id)
        fulfilled = shown.gift.pledge_id
        form = Form.showing({"pledge": "" if fulfilled is None else typeid.encode(typeid.PLEDGE, fulfilled)})
        return _pledge_page(visit, language, shown, form)

    @router.post("/pledge")
    def tie(visit: MayCorrect, contribution_id: ContributionText, form: FormBody, language: Spoken) -> Response:
        shown = _shown(visit, contribution_id)
        if form.value("then") == "find":
            return _pledge_page(visit, language, shown, form)
        return change(
            visit,
            form,
            lambda session: _tie(session, shown.gift, form),
            onward=lambda _: _path(visit, contribution_id),
            again=lambda refused: _pledge_page(visit, language, shown, refused, status=UNPROCESSABLE),
        )


def _uuid(text: str) -> UUID:
    try:
        return typeid.decode(typeid.CONTRIBUTION, text)
    except IdMalformed:
        raise ContributionNotFound from None


def _path(visit: Visit, contribution_id: str, *more: str) -> str:
    return desk_path(visit.place.association_id, "contributions", contribution_id, *more)


def _shown(visit: Visit, contribution_id: str) -> Shown:
    uuid = _uuid(contribution_id)
    return visit.read(lambda session: _look(session, uuid))


def _look(session: Session, contribution_id: UUID) -> Shown:
    conn, book = session.conn, session.book
    contribution_by_id(conn, book, contribution_id)  # in this book, not only in its tenant
    facts = receipt_facts(conn, book.tenant_id, contribution_id)
    scans: Sequence[Attachment] = ()
    pledge: Pledge | None = None
    if may_see_names(session.rights):
        attached = attachments_of(conn, book, [facts.contribution.entry_id])
        scans = [each for each in attached if each.name is not None and not each.is_disowned]
        if facts.contribution.pledge_id is not None:
            pledge = pledge_by_id(conn, book, facts.contribution.pledge_id)
    else:
        facts = replace(facts, contribution=nameless(facts.contribution))
    return Shown(
        facts=facts,
        digits=figures.minor_digits(conn),
        account_names=figures.code_names(conn, book)["account"],
        channel_names=figures.dimension_names(conn, book.tenant_id)["channel"],
        scans=scans,
        pledge=pledge,
    )


def _page(
    visit: Visit, language: Language, shown: Shown, template: str, *below: str, status: int = 200, **more: object
) -> Response:
    gift = shown.gift
    contribution_id = typeid.encode(typeid.CONTRIBUTION, gift.contribution_id)
    return show(
        template,
        visit,
        language,
        _path(visit, contribution_id, *below),
        shown.digits,
        status=status,
        facts=shown.facts,
        gift=gift,
        shown=shown,
        code=None if gift.code is None else receipt_code.shown(gift.code),
        has_names=may_see_names(visit.place.rights),
        is_poster=may_post(visit.place.rights),
        papers=NAMES,
        steps=[(desk_path(visit.place.association_id, "contributions"), _("Các khoản ủng hộ").said(language))],
        **more,
    )


def _people(session: Session, gift: Contribution) -> Sequence[Candidate]:
    return candidates_of(session, gift.name, gift.person_id)


def _correct(session: Session, gift: Contribution, form: Form) -> None:
    with Reading(form) as read:
        donor = read.text("donor", length_max=NAME_LENGTH_MAX)
        detail = read.optional_text("detail", length_max=DETAIL_LENGTH_MAX)
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)
        person_id = read.optional_typeid("person", typeid.PERSON)

    def change() -> Mapping[str, object]:
        correct_donor(
            session.conn,
            session.book,
            gift.contribution_id,
            donor=donor,
            detail=detail,
            reason=reason,
            person_id=person_id,
            actor=session.actor,
        )
        return {}

    once(session, form.request(f"donor {gift.contribution_id}"), change)


def _pledge_page(visit: Visit, language: Language, shown: Shown, form: Form, *, status: int = 200) -> Response:
    found = visit.read(lambda session: _pledges(session, shown, form))
    return _page(visit, language, shown, "gift_pledge.html", "pledge", form=form, pledges=found, status=status)


def _pledges(session: Session, shown: Shown, form: Form) -> Sequence[Pledge]:
    """Return what may be chosen: what it fulfils now, then the likeliest, or whoever was looked for; the next due."""
    conn, book, gift = session.conn, session.book, shown.gift
    name = form.value("q").strip()[:NAME_LENGTH_MAX] or None
    found = [] if shown.pledge is None else [shown.pledge]
    if name is None:
        found += candidates(
            conn,
            book,
            name=gift.name,
            person_id=gift.person_id,
            amount_minor=gift.amount_minor,
            campaign=gift.campaign,
            currency=gift.currency,
        )
    page = pledges(conn, book, state="open", currency=gift.currency, name=name, page_size=PLEDGE_COUNT_MAX)
    return tuple({each.pledge_id: each for each in (*found, *page.rows)}.values())[:PLEDGE_COUNT_MAX]


def _tie(session: Session, gift: Contribution, form: Form) -> None:
    with Reading(form) as read:
        pledge_id = read.optional_typeid("pledge", typeid.PLEDGE)
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def do() -> Mapping[str, object]:
        correct_pledge(session.conn, session.book, gift.contribution_id, pledge_id, reason=reason, actor=session.actor)
        return {}

    once(session, form.request(f"pledge {gift.contribution_id}"), do)


def _reverse(session: Session, gift: Contribution, form: Form) -> PostedEntry:
    with Reading(form) as read:
        on: date = read.day("on")
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)
    request = form.request(f"reverse {gift.entry_id}")
    return reverse_entry(
        session.conn, session.book, gift.entry_id, on=on, reason=reason, actor=session.actor, request=request
    )
