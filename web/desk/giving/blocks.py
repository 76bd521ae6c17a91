"""Books of paper receipts: given to a collector, accounted for number by number, and taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdMalformed
from ledger.giving.block import (
    NUMBER_MAX,
    Block,
    BlockNotFound,
    Holder,
    Slip,
    block_by_id,
    blocks,
    close_block,
    issue_block,
    slips,
    void_slip,
)
from ledger.giving.model import NAME_LENGTH_MAX, REASON_LENGTH_MAX
from web.access import NeedsPageIn, Visit
from web.desk.giving.refusal import change
from web.desk.giving.show import UNPROCESSABLE, may_see_names, show
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language, Message, _

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
BlockText = Annotated[str, Path(max_length=40)]

SERIES_LENGTH_MAX: Final = 20
STATES: Final[Mapping[str, tuple[Message, str]]] = {
    "used": (_("Đã dùng"), "good"),
    "reversed": (_("Khoản đã đảo"), "warn"),
    "void": (_("Đã huỷ"), "plain"),
    "blank": (_("Chưa dùng"), "info"),
    "returned": (_("Trả lại"), "plain"),
    "missing": (_("Thiếu"), "bad"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A book of receipts, slip by slip."""

    block: Block
    slips: Sequence[Slip]


def make_router() -> APIRouter:
    """Return the routes of paper receipts."""
    router = APIRouter(prefix="/desk/{association_id}/blocks", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, language: Spoken) -> Response:
        found = visit.read(lambda session: blocks(session.conn, session.book))
        has_names = may_see_names(visit.place.rights)
        return show("blocks.html", visit, language, _path(visit), {}, blocks=found, has_names=has_names)

    @router.get("/new")
    def new(visit: MayKeep, language: Spoken) -> Response:
        return _form_page(visit, language, Form.showing({"issued_on": today()}))

    @router.post("/new")
    def issue(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return change(
            visit,
            form,
            lambda session: _issue(session, form),
            onward=lambda block_id: _path(visit, block_id),
            again=lambda shown: _form_page(visit, language, shown, status=UNPROCESSABLE),
        )

    @router.get("/{block_id}")
    def one(visit: MayRead, block_id: BlockText, language: Spoken) -> Response:
        return _one(visit, language, _uuid(block_id), Form())

    @router.post("/{block_id}/void")
    def void(visit: MayKeep, block_id: BlockText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, block_id, form, _void)

    @router.post("/{block_id}/close")
    def close(visit: MayKeep, block_id: BlockText, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, block_id, form, _close)

    return router


def _change(
    visit: Visit, language: Language, block_id: str, form: Form, does: Callable[[Session, UUID, Form], None]
) -> Response:
    uuid = _uuid(block_id)
    return change(
        visit,
        form,
        lambda session: does(session, uuid, form),
        onward=lambda _: _path(visit, block_id),
        again=lambda shown: _one(visit, language, uuid, shown, status=UNPROCESSABLE),
    )


def _uuid(text: str) -> UUID:
    try:
        return typeid.decode(typeid.BLOCK, text)
    except IdMalformed:
        raise BlockNotFound from None


def _path(visit: Visit, *more: str) -> str:
    return desk_path(visit.place.association_id, "blocks", *more)


def _form_page(visit: Visit, language: Language, form: Form, *, status: int = 200) -> Response:
    return show("block_new.html", visit, language, _path(visit, "new"), {}, status=status, form=form, home=_path(visit))


def _one(visit: Visit, language: Language, block_id: UUID, form: Form, *, status: int = 200) -> Response:
    shown = visit.read(
        lambda session: Shown(
            block=block_by_id(session.conn, session.book, block_id), slips=slips(session.conn, session.book, block_id)
        )
    )
    return show(
        "block.html",
        visit,
        language,
        _path(visit, typeid.encode(typeid.BLOCK, block_id)),
        {},
        status=status,
        form=form,
        block=shown.block,
        slips=shown.slips,
        states=STATES,
        home=_path(visit),
        has_names=may_see_names(visit.place.rights),
    )


def _issue(session: Session, form: Form) -> str:
    with Reading(form) as read:
        series = read.text("series", length_max=SERIES_LENGTH_MAX).upper()
        first = read.integer("first_number", low=1, high=NUMBER_MAX)
        last = read.integer("last_number", low=1, high=NUMBER_MAX)
        holder = Holder(name=read.text("holder", length_max=NAME_LENGTH_MAX))
        issued_on = read.day("issued_on")

    def do() -> Mapping[str, object]:
        made = issue_block(
            session.conn,
            session.book,
            series=series,
            first_number=first,
            last_number=last,
            holder=holder,
            issued_on=issued_on,
            actor=session.actor,
        )
        return {"block": typeid.encode(typeid.BLOCK, made)}

    result, _ = once(session, form.request("block"), do)
    return str(result["block"])


def _void(session: Session, block_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        number = read.integer("number", low=1, high=NUMBER_MAX)
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def do() -> Mapping[str, object]:
        void_slip(session.conn, session.book, block_id, number, reason=reason, actor=session.actor)
        return {}

    once(session, form.request(f"void {block_id}"), do)


def _close(session: Session, block_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        returned_from = read.optional_integer("returned_from", low=1, high=NUMBER_MAX)

    def do() -> Mapping[str, object]:
        close_block(session.conn, session.book, block_id, returned_from=returned_from, actor=session.actor)
        return {}

    once(session, form.request(f"close {block_id}"), do)
