"""A campaign's page: what came in so far, and a code to pay by. Nothing on it names anybody.

The amount is a parameter of the address, so the code of any amount can be linked to and needs no script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine

from api.database import run
from api.imprint import imprint_of
from api.limit import Limit, address_of
from ledger import typeid
from ledger.banking.account import BankAccount, bank_accounts
from ledger.banking.vietqr import AMOUNT_MAX
from ledger.calendar import today
from ledger.demo.presence import demo_place
from ledger.errors import AssociationNotFound, IdMalformed, ReferenceUnknown
from ledger.papers.model import Named, Notice, Unit
from ledger.papers.poster import payment_of, poster_pdf
from ledger.qr import qr_svg
from ledger.reports.campaign import CampaignStanding, campaign_standing
from ledger.reports.scope import Scope
from ledger.typed import AmountRefused, parse_amount
from web import figures
from web.figures import Place
from web.form import Form, FormFault, FormRefused
from web.memory import Memory
from web.site import render
from web.translation import Language, _

PATH: Final = "/c/{association_id}/{campaign}"

POSTERS: Final = Limit(name="poster", burst=20, seconds=3)

TOO_MUCH: Final = _("%(label)s: mã chuyển khoản nhận tối đa 13 chữ số.")

_NOT_FOUND: Final = (AssociationNotFound, IdMalformed, ReferenceUnknown)

AssociationPath = Annotated[str, Path(max_length=40)]
CampaignPath = Annotated[str, Path(max_length=20)]


class Asked(BaseModel):
    """What the page's address asks for, besides the campaign."""

    model_config = ConfigDict(frozen=True)

    lang: Language = "vi"
    amount: str = Field(default="", max_length=200)
    account: str | None = Field(default=None, max_length=20)


class PosterAsked(BaseModel):
    """How large a poster is to be, and into which account it asks to pay."""

    model_config = ConfigDict(frozen=True)

    size: Literal["a4", "a3"] = "a4"
    account: str | None = Field(default=None, max_length=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """A campaign of an association, how it stands, and where one can pay into it."""

    place: Place
    standing: CampaignStanding
    accounts: Sequence[BankAccount]
    is_sample: bool

    def chosen(self, account: str | None) -> BankAccount | None:
        """Return the account that is asked for, else the first; none once the campaign or the association is over."""
        ends = (self.standing.closed_on, self.place.closed_on)
        if any(end is not None and end < today() for end in ends):
            return None
        found = [each for each in self.accounts if account in {None, each.account}]
        return found[0] if found else None


def make_router(engine: Engine) -> APIRouter:
    """Return the routes, reading through an engine of the application role."""
    router = APIRouter(include_in_schema=False)
    memory: Memory[CampaignStanding] = Memory()

    @router.get(PATH)
    def campaign_page(
        association_id: AssociationPath, campaign: CampaignPath, asked: Annotated[Asked, Query()]
    ) -> Response:
        try:
            scene = run(engine, lambda conn: _scene(conn, memory, association_id, campaign), read_only=True)
        except _NOT_FOUND:
            return render("missing.html", asked.lang, "/", status=HTTPStatus.NOT_FOUND)
        return _page(scene, asked)

    @router.get(f"{PATH}/poster.pdf")
    def poster(
        request: Request,
        association_id: AssociationPath,
        campaign: CampaignPath,
        asked: Annotated[PosterAsked, Query()],
    ) -> Response:
        wait = request.app.state.limiter.take(POSTERS, address_of(request))
        if wait:
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait)})
        try:
            scene = run(engine, lambda conn: _scene(conn, memory, association_id, campaign), read_only=True)
        except _NOT_FOUND:
            return render("missing.html", "vi", "/", status=HTTPStatus.NOT_FOUND)
        return _poster(request, scene, asked)

    return router


def _scene(conn: Connection, memory: Memory[CampaignStanding], association_id: str, campaign: str) -> _Scene:
    """Gather what the page shows.

    Raises:
        LedgerError: no such association or campaign, or a malformed id.
    """
    place = figures.find_place(conn, typeid.decode(typeid.ASSOCIATION, association_id))
    scope = Scope(tenant_id=place.book.tenant_id, association_id=place.book.association_id)
    fresh = figures.find_freshness(conn, scope, today())
    key = (scope, campaign, fresh.entries, fresh.books)
    return _Scene(
        place=place,
        standing=memory.recall(key, lambda: campaign_standing(conn, scope, campaign)),
        accounts=bank_accounts(conn, place.book),
        is_sample=place.is_sample or demo_place(conn, place.book.tenant_id) is not None,
    )


def _page(scene: _Scene, asked: Asked) -> Response:
    form, amount = _amount(asked)
    shown = scene.chosen(asked.account)
    payment = None if shown is None else payment_of(shown, scene.standing.campaign, amount)
    here = PATH.format(
        association_id=typeid.encode(typeid.ASSOCIATION, scene.place.book.association_id),
        campaign=scene.standing.campaign,
    )
    return render(
        "campaign.html",
        asked.lang,
        here,
        {"amount": asked.amount or None, "account": asked.account} if amount else {"account": asked.account},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.faults else HTTPStatus.OK,
        form=form,
        asked=asked,
        scene=scene,
        place=scene.place,
        standing=scene.standing,
        is_open=scene.standing.closed_on is None or scene.standing.closed_on >= today(),
        payment=payment,
        # Markup of our own making: what stands in it is squares and an escaped title.
        qr=None if payment is None else Markup(qr_svg(payment.code, title=payment.text)),  # noqa: S704
    )


def _amount(asked: Asked) -> tuple[Form, int | None]:
    """Return the form with what was typed, and the amount that it says."""
    form = Form.showing({"amount": asked.amount or None})
    if not asked.amount.strip():
        return form, None
    try:
        amount = parse_amount(asked.amount)
    except AmountRefused as refused:
        fault = FormFault(name="amount", code=refused.code, fields=refused.fields)
        return form.refused(FormRefused([fault])), None
    if amount > AMOUNT_MAX:
        return form.refused(FormRefused([FormFault(name="amount", message=TOO_MUCH)])), None
    return form, amount


def _poster(request: Request, scene: _Scene, asked: PosterAsked) -> Response:
    shown = scene.chosen(asked.account)
    if shown is None:
        return render("missing.html", "vi", "/", status=HTTPStatus.NOT_FOUND)
    place, campaign = scene.place, scene.standing.campaign
    above = place.above[-1].name_vi if place.above else None
    pdf = poster_pdf(
        place.book,
        Unit(name=Named(vi=place.name_vi, en=place.name_en), above=above),
        scene.standing,
        payment_of(shown, campaign),
        imprint_of(request.app),
        size=asked.size,
        notices=[Notice(kind="sample")] if scene.is_sample else [],
    )
    headers = {
        "Content-Disposition": f'inline; filename="to-roi-{campaign}-{asked.size}.pdf"',
        "Cache-Control": "no-cache",
    }
    return Response(pdf, headers=headers, media_type="application/pdf")
