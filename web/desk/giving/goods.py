"""Goods that were given: valued or counted as they come, kept in sight, and handed over wholly or in part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy import text

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdMalformed
from ledger.giving.choice import Choice, Choices, find_choices
from ledger.giving.delivery import (
    DESCRIPTION_LENGTH_MAX,
    QUANTITY_MAX,
    Delivery,
    Value,
    hand_over,
    receive_goods,
    withdraw_goods,
)
from ledger.giving.giver import Giver
from ledger.giving.goods import Goods, GoodsNotFound, Handover, Unit, goods_by_id, goods_of, handovers
from ledger.giving.model import DETAIL_LENGTH_MAX, NAME_LENGTH_MAX, REASON_LENGTH_MAX
from web.access import NeedsPageIn, Visit
from web.desk.giving.refusal import change
from web.desk.giving.show import UNPROCESSABLE, may_post, may_see_names, show
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language, Message, _

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]
GoodsText = Annotated[str, Path(max_length=40)]

PAGE_SIZE: Final = 100
UNITS: Final[Mapping[str, Message]] = {
    "piece": _("cái, chiếc"),
    "set": _("bộ"),
    "pair": _("đôi"),
    "book": _("quyển"),
    "bag": _("túi, bao"),
    "box": _("hộp, thùng"),
    "kilogram": _("kg"),
    "litre": _("lít"),
    "metre": _("mét"),
}
STATES: Final[Mapping[str, tuple[Message, str]]] = {
    "there": (_("Còn trong kho"), "info"),
    "handed_over": (_("Đã trao hết"), "good"),
    "reversed": (_("Đã đảo"), "bad"),
    "withdrawn": (_("Đã rút"), "plain"),
}

_PROGRAMS: Final = text("""\
SELECT program, name_vi, name_en FROM soquy.program
WHERE tenant_id = :tenant_id AND coalesce(closed_on, :on) >= :on ORDER BY opened_on DESC, program LIMIT 500""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Goods with their handovers, and what they may go to."""

    goods: Goods
    handovers: Sequence[Handover]
    programs: Sequence[Choice]
    choices: Choices


def make_router() -> APIRouter:
    """Return the routes of goods."""
    router = APIRouter(prefix="/desk/{association_id}/goods", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, request: Request, language: Spoken) -> Response:
        return _list(visit, language, is_there=request.query_params.get("state") != "all")

    @router.get("/new")
    def new(visit: MayPost, language: Spoken) -> Response:
        choices = visit.read(_choices)
        fund = choices.funds[0].code if len(choices.funds) == 1 else None
        return _form_page(visit, language, Form.showing({"on": today(), "unit": "piece", "fund": fund}), choices)

    @router.post("/new")
    def receive(visit: MayPost, form: FormBody, language: Spoken) -> Response:
        return change(
            visit,
            form,
            lambda session: _receive(session, form),
            onward=lambda goods_id: _path(visit, goods_id),
            again=lambda shown: _form_page(visit, language, shown, visit.read(_choices), status=UNPROCESSABLE),
            names={"value_minor": "value", "gifts": "value", "amount_minor": "value"},
        )

    @router.get("/{goods_id}")
    def one(visit: MayRead, goods_id: GoodsText, language: Spoken) -> Response:
        return _one(visit, language, _uuid(goods_id), Form.showing({"on": today()}))

    @router.post("/{goods_id}/handover")
    def hand(visit: MayPost, goods_id: GoodsText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, goods_id, form, _hand_over)

    @router.post("/{goods_id}/withdraw")
    def withdraw(visit: MayPost, goods_id: GoodsText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, goods_id, form, _withdraw)

    return router


def _change(
    visit: Visit, language: Language, goods_id: str, form: Form, does: Callable[[Session, UUID, Form], None]
) -> Response:
    uuid = _uuid(goods_id)
    return change(
        visit,
        form,
        lambda session: does(session, uuid, form),
        onward=lambda _: _path(visit, goods_id),
        again=lambda shown: _one(visit, language, uuid, shown, status=UNPROCESSABLE),
    )


def _uuid(text_: str) -> UUID:
    try:
        return typeid.decode(typeid.GOODS, text_)
    except IdMalformed:
        raise GoodsNotFound from None


def _path(visit: Visit, *more: str) -> str:
    return desk_path(visit.place.association_id, "goods", *more)


def _choices(session: Session) -> Choices:
    return find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)


def _nameless(goods: Goods) -> Goods:
    return replace(goods, name=None, detail=None, description=None)


def _list(visit: Visit, language: Language, *, is_there: bool) -> Response:
    found = visit.read(
        lambda session: goods_of(session.conn, session.book, is_there=is_there, page_size=PAGE_SIZE).rows
    )
    has_names = may_see_names(visit.place.rights)
    here = _path(visit)
    return show(
        "goods_list.html",
        visit,
        language,
        here,
        {},
        rows=found if has_names else [_nameless(each) for each in found],
        tabs=[(here, _("Còn trong kho"), is_there), (f"{here}?state=all", _("Tất cả"), not is_there)],
        units=UNITS,
        states=STATES,
        has_names=has_names,
        is_poster=may_post(visit.place.rights),
    )


def _form_page(visit: Visit, language: Language, form: Form, choices: Choices, *, status: int = 200) -> Response:
    goods_accounts = [each for each in choices.accounts if each.medium == "goods"]
    return show(
        "goods_new.html",
        visit,
        language,
        _path(visit, "new"),
        {},
        status=status,
        form=form,
        choices=choices,
        goods_accounts=goods_accounts,
        units=list(UNITS.items()),
        home=_path(visit),
    )


def _one(visit: Visit, language: Language, goods_id: UUID, form: Form, *, status: int = 200) -> Response:
    shown = visit.read(lambda session: _look(session, goods_id))
    has_names = may_see_names(visit.place.rights)
    return show(
        "goods.html",
        visit,
        language,
        _path(visit, typeid.encode(typeid.GOODS, goods_id)),
        {},
        status=status,
        form=form,
        goods=shown.goods if has_names else _nameless(shown.goods),
        handovers=shown.handovers,
        programs=shown.programs,
        choices=shown.choices,
        units=UNITS,
        states=STATES,
        home=_path(visit),
        has_names=has_names,
        is_poster=may_post(visit.place.rights),
    )


def _look(session: Session, goods_id: UUID) -> Shown:
    return Shown(
        goods=goods_by_id(session.conn, session.book, goods_id),
        handovers=handovers(session.conn, session.book, goods_id),
        programs=_programs(session),
        choices=_choices(session),
    )


def _programs(session: Session) -> list[Choice]:
    rows = session.conn.execute(_PROGRAMS, {"tenant_id": session.book.tenant_id, "on": today()})
    return [Choice(code=row.program, name_vi=row.name_vi, name_en=row.name_en) for row in rows]


def _receive(session: Session, form: Form) -> str:
    choices = _choices(session)
    with Reading(form) as read:
        name = read.optional_text("donor", length_max=NAME_LENGTH_MAX)
        detail = read.optional_text("detail", length_max=DETAIL_LENGTH_MAX)
        unit = cast("Unit", read.choice("unit", get_args(Unit)))
        delivery = Delivery(
            received_on=read.day("on"),
            description=read.text("description", length_max=DESCRIPTION_LENGTH_MAX),
            quantity=read.integer("quantity", low=1, high=QUANTITY_MAX),
            unit=unit,
            giver=None if name is None else Giver(name=name, detail=detail),
            wish="anonymous" if read.flag("anonymous") else "named",
            campaign=read.optional_choice("campaign", [each.code for each in choices.campaigns]),
            value=_value(read, choices),
        )

    def do() -> Mapping[str, object]:
        made = receive_goods(session.conn, session.book, delivery, actor=session.actor)
        return {"goods": typeid.encode(typeid.GOODS, made.goods_id)}

    result, _ = once(session, form.request("goods"), do)
    return str(result["goods"])


def _value(read: Reading, choices: Choices) -> Value | None:
    """Return what goods are valued at; ``None`` where they are only counted."""
    value_minor = read.optional_amount("value")
    if value_minor is None:
        return None
    accounts = [each.code for each in choices.accounts if each.medium == "goods"]
    return Value(
        value_minor=value_minor,
        account=read.choice("account", accounts),
        fund=read.choice("fund", [each.code for each in choices.funds]),
    )


def _hand_over(session: Session, goods_id: UUID, form: Form) -> None:
    programs = [each.code for each in _programs(session)]
    with Reading(form) as read:
        quantity = read.integer("quantity", low=1, high=QUANTITY_MAX)
        on = read.day("on")
        program = read.choice("program", programs)
        recipient = read.optional_text("recipient", length_max=NAME_LENGTH_MAX)
        awards = read.optional_integer("program_quantity", low=1, high=QUANTITY_MAX)

    def do() -> Mapping[str, object]:
        done = hand_over(
            session.conn,
            session.book,
            goods_id,
            quantity=quantity,
            on=on,
            program=program,
            recipient=recipient,
            program_quantity=awards,
            actor=session.actor,
        )
        return {"handover": typeid.encode(typeid.EVENT, done.event_id)}

    once(session, form.request(f"hand over {goods_id}"), do)


def _withdraw(session: Session, goods_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def do() -> Mapping[str, object]:
        withdraw_goods(session.conn, session.book, goods_id, reason=reason, actor=session.actor)
        return {}

    once(session, form.request(f"withdraw {goods_id}"), do)
