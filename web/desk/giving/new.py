"""Record one gift: the form, a page that asks whether it is right, and what came of it.

What was typed travels from page to page in the form itself, so nothing is kept of a gift that was not recorded, and
nothing typed is in an address. The verdict that the second page shows is the real one: the gift is received and taken
back in one transaction.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdempotencyConflict, IdMalformed, LedgerError
from ledger.giving.choice import Choices, find_choices
from ledger.giving.commands import preview, receive
from ledger.giving.draft import Draft, draft_by_id
from ledger.giving.model import VOUCHER_KINDS, Received
from ledger.giving.pledge import Pledge, PledgeNotFound, candidates, pledge_by_id
from ledger.giving.queries import (
    Contribution,
    ContributionNotFound,
    Search,
    contribution_by_id,
    search_contributions,
)
from ledger.money import value_at
from ledger.words import amount_words
from web import figures, wording
from web.access import NeedsPageIn, Visit
from web.desk.document import NAMES
from web.desk.giving.drive import draft_uuid
from web.desk.giving.gift_draft import form_with, keep, only_of, post_kept
from web.desk.giving.gift_form import CHANNEL_ORDER, Entered, fresh_form, read_gift, with_pledge
from web.desk.giving.refusal import change, refused
from web.desk.giving.show import may_post, may_see_names, show
from web.desk.giving.who import Candidate, candidates_of, chosen_of
from web.desk.scan import ACCEPTED, KEPT, KIND, Scan, attach_named, scan_named, take_scan
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.site import desk_path
from web.translation import Language

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
TWIN_COUNT_SHOWN: Final = 5

MayCollect = Annotated[Visit, Depends(NeedsPageIn("collect"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]
Like = Annotated[str | None, Query(max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the page that asks shows beside the gift itself."""

    entered: Entered
    choices: Choices
    twins: Sequence[Contribution]
    voucher_name: tuple[str, str | None]
    pledges: Sequence[Pledge]
    people: Sequence[Candidate]
    scan: Scan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a form begins with: the gift before it, or the promise that it fulfils."""

    choices: Choices
    like: Contribution | None
    pledge: Pledge | None
    draft: Draft | None


def make_router() -> APIRouter:
    """Return the routes of recording one gift."""
    router = APIRouter(prefix="/desk/{association_id}/contributions", include_in_schema=False)

    @router.get("/new")
    def new(
        visit: MayCollect, language: Spoken, like: Like = None, pledge: Like = None, draft: Like = None
    ) -> Response:
        begun = visit.read(lambda session: _begin(session, like, pledge, draft))
        form = fresh_form(begun.choices, begun.like)
        if begun.draft is not None:
            form = form_with(form, begun.draft)
        if begun.pledge is not None:
            form = with_pledge(form, begun.pledge)
        return _form_page(visit, language, form, begun.choices, focus="donor" if begun.pledge is None else "amount")

    @router.post("/new")
    def check(visit: MayCollect, form: FormBody, language: Spoken) -> Response:
        then = form.value("then")
        if then.startswith("edit-"):
            return _form_page(visit, language, form, visit.read(_choices), focus=then.removeprefix("edit-"))
        return _checked(visit, language, take_scan(visit, form))

    @router.post("/draft")
    def keep_draft(visit: MayCollect, form: FormBody, language: Spoken) -> Response:
        is_submitted = form.value("then") == "submit"
        return change(
            visit,
            form,
            lambda session: keep(session, form, _choices(session), is_submitted=is_submitted),
            onward=lambda _: desk_path(visit.place.association_id, "drafts"),
            again=lambda shown: _form_page(visit, language, shown, visit.read(_choices), status=UNPROCESSABLE),
        )

    @router.post("/post")
    def post(visit: MayPost, form: FormBody, language: Spoken) -> Response:
        try:
            received = visit.write(lambda session: _receive(session, form))
        except IdempotencyConflict:
            # It was recorded, and then changed: what is sent from here on is another gift.
            return _checked(visit, language, Form(values=form.values), is_changed=True)
        except (FormRefused, LedgerError) as error:
            return _again(visit, language, form, error)
        return RedirectResponse(_done_path(visit, received), SEE_OTHER)

    return router


def _checked(visit: Visit, language: Language, form: Form, *, is_changed: bool = False) -> Response:
    try:
        checked = visit.write(lambda session: _check(session, form))
    except (FormRefused, LedgerError) as error:
        return _again(visit, language, form, error)
    if form.faults:  # of its scan alone
        return _form_page(visit, language, form, checked.choices, status=UNPROCESSABLE)
    return _check_page(visit, language, form, checked, is_changed=is_changed)


def _again(visit: Visit, language: Language, form: Form, error: FormRefused | LedgerError) -> Response:
    """Show the form with everything that is wrong with it."""
    told = refused(form, error)
    return _form_page(visit, language, told, visit.read(_choices), status=UNPROCESSABLE)


def _choices(session: Session) -> Choices:
    return find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)


def _begin(session: Session, like: str | None, pledge: str | None, draft: str | None) -> Begun:
    """Return what the form begins with: another gift's or a promise's, as far as there is one that may be seen."""
    earlier, promised = None, None
    if like is not None and "read" in session.rights:
        with suppress(IdMalformed, ContributionNotFound):
            earlier = contribution_by_id(session.conn, session.book, typeid.decode(typeid.CONTRIBUTION, like))
    if pledge is not None and may_see_names(session.rights):
        with suppress(IdMalformed, PledgeNotFound):
            promised = pledge_by_id(session.conn, session.book, typeid.decode(typeid.PLEDGE, pledge))
    kept = None
    if draft is not None:
        kept = draft_by_id(session.conn, session.book, draft_uuid(draft), of=only_of(session))
    return Begun(choices=_choices(session), like=earlier, pledge=promised, draft=kept)


def _receive(session: Session, form: Form) -> Received:
    choices = _choices(session)
    entered = read_gift(form, choices)
    request = form.request("contribution")
    if form.value("draft"):
        return post_kept(session, form, choices)
    received = receive(session.conn, session.book, entered.collection, actor=session.actor, request=request)
    if not received.repeated:
        attach_named(session, form, received.entry.entry_id)
    return received


def _check(session: Session, form: Form) -> Checked:
    choices = _choices(session)
    entered = read_gift(form, choices)
    preview(session.conn, session.book, entered.collection, actor=session.actor)
    kind = VOUCHER_KINDS[entered.collection.medium]
    return Checked(
        entered=entered,
        choices=choices,
        twins=_twins(session, entered),
        pledges=_pledges(session, entered),
        people=candidates_of(session, entered.gift.donor, entered.gift.person_id),
        voucher_name=figures.code_names(session.conn, session.book)["voucher"][kind],
        scan=scan_named(session, form.value(KEPT)),
    )


def _twins(session: Session, entered: Entered) -> Sequence[Contribution]:
    """Return what was recorded already of the same day, name and amount: it may be the same envelope."""
    gift, on = entered.gift, entered.collection.received_on
    if gift.donor is None or not may_see_names(session.rights):
        return ()
    search = Search(from_on=on, to_on=on, name=gift.donor, amount_minor=gift.amount_minor, is_reversed=False)
    return search_contributions(session.conn, session.book, search, page_size=TWIN_COUNT_SHOWN).rows


def _pledges(session: Session, entered: Entered) -> Sequence[Pledge]:
    """Return the promises that the gift may fulfil; a person decides."""
    gift, collection = entered.gift, entered.collection
    if not may_see_names(session.rights):
        return ()
    return candidates(
        session.conn,
        session.book,
        name=gift.donor,
        person_id=gift.person_id,
        amount_minor=gift.amount_minor,
        campaign=collection.campaign,
        currency=collection.currency,
    )


def _done_path(visit: Visit, received: Received) -> str:
    contribution_id = typeid.encode(typeid.CONTRIBUTION, received.contributions[0].contribution_id)
    return desk_path(visit.place.association_id, "contributions", contribution_id, "done")


def _here(visit: Visit) -> str:
    return desk_path(visit.place.association_id, "contributions", "new")


def _form_page(
    visit: Visit, language: Language, form: Form, choices: Choices, *, focus: str = "", status: int = 200
) -> Response:
    order = {code: place for place, code in enumerate(CHANNEL_ORDER)}
    suggest = desk_path(visit.place.association_id, "contributions", "donors")
    return show(
        "new.html",
        visit,
        language,
        _here(visit),
        choices.digits,
        status=status,
        form=form,
        choices=choices,
        channels=sorted(choices.channels, key=lambda each: order.get(each.code, len(order))),
        suggest=suggest if may_see_names(visit.place.rights) else None,
        focus=focus,
        scan=visit.read(lambda session: scan_named(session, form.value(KEPT))) if form.value(KEPT) else None,
        papers=NAMES,
        accepted=ACCEPTED,
    )


def _check_page(
    visit: Visit, language: Language, form: Form, checked: Checked, *, is_changed: bool = False
) -> Response:
    collection, gift = checked.entered.collection, checked.entered.gift
    digits = checked.choices.digits
    amount_minor, currency = collection.total_minor, collection.currency
    rate = collection.rate
    return show(
        "check.html",
        visit,
        language,
        _here(visit),
        digits,
        form=form,
        entered=checked.entered,
        choices=checked.choices,
        twins=checked.twins,
        pledges=checked.pledges,
        pledge_form=Form(values={"pledge": (form.value("pledge"),)}),
        people=checked.people,
        person_form=Form(values={"person": (chosen_of(checked.people, gift.donor, gift.person_id),)}),
        words=amount_words(amount_minor, currency, digits[currency], language),
        value_minor=amount_minor if rate is None else value_at(amount_minor, rate, digits[currency]),
        voucher_name=wording.pick(language, *checked.voucher_name),
        scan=checked.scan,
        paper=NAMES.get(form.value(KIND)),
        changed=is_changed,
        post_path=desk_path(visit.place.association_id, "contributions", "post"),
        is_poster=may_post(visit.place.rights),
        draft_path=desk_path(visit.place.association_id, "contributions", "draft"),
    )
