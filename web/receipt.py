"""Check a receipt: whoever holds one types or scans its code, and sees the gift, where it went, and the proof of it.

The page never shows a name, and its file opens the amount alone; the giver's own file, which opens the name as well, is
handed out by the association. A code that was typed wrong is told so by its check character; one that is unknown, was
erased or never was is the same to the asker. Codes are too long to be guessed; a limit keeps tries from being a load.
No address of a page here is sent on, kept by a cache or listed by a search engine.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection, Engine

from api.database import run
from api.limit import Limit, address_of
from api.receipt import receipt_file
from audit.checkpoint import parse_checkpoint
from audit.note import parse_note
from audit.receipt import Opening, Receipt, find_receipt
from ledger import typeid
from ledger.demo.presence import demo_place
from ledger.giving.code import ReceiptCodeMalformed, ReceiptCodeMistyped, parse, shown
from ledger.giving.queries import ContributionNotFound, Found, ReceiptFacts, find_by_code, receipt_facts
from ledger.people.opening import open_for_giver
from ledger.tenancy import set_tenant
from web.figures import dimension_names, minor_digits
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.site import render
from web.translation import Language, Message, _

PATH: Final = "/r"

LOOKUPS: Final = Limit(name="receipt_lookup", burst=30, seconds=6)
"""A class that checks its receipts together gets through; a program that guesses gets ten tries a minute."""

NOT_A_CODE: Final = _("Mã có 17 ký tự, viết thành nhóm bốn, như trên giấy ghi nhận. Xem lại giấy rồi gõ lại.")
MISTYPED: Final = _("Có một ký tự gõ nhầm, hoặc hai ký tự đổi chỗ cho nhau. So từng nhóm với giấy rồi gõ lại.")
UNKNOWN: Final = _("Không có giấy ghi nhận nào mang mã này. Xem lại mã trên giấy, hoặc hỏi nơi đã cấp giấy.")
TOO_MANY: Final = _("Có quá nhiều lượt kiểm tra từ nơi này. Thử lại sau %(seconds)s giây.")

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}

Code = Annotated[str, Path(max_length=80)]
Lang = Annotated[Language, Query()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the page shows of a gift; ``size`` is that of the checkpoint that covers its leaf."""

    code: str
    facts: ReceiptFacts
    receipt: Receipt
    size: int | None
    channel: tuple[str, str | None]
    digits: int
    is_demo: bool


class CodeRefused(Exception):
    """The page says why instead of a gift."""

    def __init__(self, status: int, message: Message, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.message = message
        self.retry_after = retry_after


def make_router(engine: Engine) -> APIRouter:
    """Return the routes, reading through an engine of the application role."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def ask(lang: Lang = "vi") -> Response:
        return _form_page(lang, Form())

    @router.post(PATH)
    def check_typed(request: Request, form: FormBody, lang: Lang = "vi") -> Response:
        typed = form.value("code")
        try:
            return _page(lang, _checked(engine, request, typed))
        except CodeRefused as refused:
            fault = FormFault(name="code", message=refused.message)
            return _form_page(lang, form.refused(FormRefused([fault])), refused)

    @router.get(f"{PATH}/{{code}}")
    def check_scanned(request: Request, code: Code, lang: Lang = "vi") -> Response:
        try:
            return _page(lang, _checked(engine, request, code))
        except CodeRefused as refused:
            fault = FormFault(name="code", message=refused.message)
            return _form_page(lang, Form.showing({"code": code}).refused(FormRefused([fault])), refused)

    @router.get(f"{PATH}/{{code}}/receipt.json")
    def proof(request: Request, code: Code) -> Response:
        try:
            return _file(engine, request, code)
        except CodeRefused as refused:
            return Response(status_code=refused.status, headers=_headers(refused))

    return router


def _checked(engine: Engine, request: Request, typed: str) -> Checked:
    code = _allowed(request, typed)

    def work(conn: Connection) -> Checked:
        found = _found(conn, code)
        receipt = find_receipt(conn, found.book.tenant_id, found.book.association_id, found.contribution_id)
        if receipt is None:
            raise CodeRefused(HTTPStatus.NOT_FOUND, UNKNOWN)
        size = None if receipt.proof is None else parse_checkpoint(parse_note(receipt.proof.checkpoint).text).size
        facts = receipt_facts(conn, found.book.tenant_id, found.contribution_id)
        return Checked(
            code=code,
            facts=facts,
            receipt=receipt,
            size=size,
            channel=dimension_names(conn, found.book.tenant_id)["channel"][facts.contribution.channel],
            digits=minor_digits(conn)[facts.contribution.currency],
            is_demo=demo_place(conn, found.book.tenant_id) is not None,
        )

    return run(engine, work, read_only=True)


def _allowed(request: Request, typed: str) -> str:
    """Return the code that was typed; only one that could be a receipt's counts as a try.

    Raises:
        CodeRefused: it is none, or too many were tried.
    """
    try:
        code = parse(typed)
    except ReceiptCodeMalformed:
        raise CodeRefused(HTTPStatus.UNPROCESSABLE_ENTITY, NOT_A_CODE) from None
    except ReceiptCodeMistyped:
        raise CodeRefused(HTTPStatus.UNPROCESSABLE_ENTITY, MISTYPED) from None
    wait = request.app.state.limiter.take(LOOKUPS, address_of(request))
    if wait:
        raise CodeRefused(HTTPStatus.TOO_MANY_REQUESTS, Message(TOO_MANY.text, None, {"seconds": wait}), wait)
    return code


def _found(conn: Connection, code: str) -> Found:
    """Find a code and go to work in its tenant."""
    try:
        found = find_by_code(conn, code)
    except ContributionNotFound:
        raise CodeRefused(HTTPStatus.NOT_FOUND, UNKNOWN) from None
    set_tenant(conn, found.book.tenant_id)
    return found


def _file(engine: Engine, request: Request, typed: str) -> Response:
    """Return the receipt as a file: the leaf, its proof, and the amount opened. Nobody's name is in it."""
    code = _allowed(request, typed)

    def work(conn: Connection) -> tuple[Found, Receipt | None, tuple[Opening, ...]]:
        found = _found(conn, code)
        tenant_id = found.book.tenant_id
        receipt = find_receipt(conn, tenant_id, found.book.association_id, found.contribution_id)
        # The database writes down that it was opened, so this is no mere reading.
        opened = open_for_giver(conn, tenant_id, found.contribution_id, ["amount"], principal_id=None)
        return found, receipt, tuple(Opening(field=each.field, value=each.value, salt=each.salt) for each in opened)

    found, receipt, openings = run(engine, work)
    if receipt is None:
        raise CodeRefused(HTTPStatus.NOT_FOUND, UNKNOWN)
    name = typeid.encode(typeid.EVENT, found.contribution_id)
    answer = receipt_file(request.app, receipt, openings, name=name)
    answer.headers.update(HEADERS)
    return answer


def _page(language: Language, checked: Checked) -> Response:
    contribution = checked.facts.contribution
    page = render(
        "receipt/gift.html",
        language,
        f"{PATH}/{shown(checked.code)}",
        code=shown(checked.code),
        checked=checked,
        facts=checked.facts,
        gift=contribution,
        leaf_id=typeid.encode(typeid.EVENT, contribution.contribution_id),
        receipt=checked.receipt,
    )
    page.headers.update(HEADERS)
    return page


def _form_page(language: Language, form: Form, refused: CodeRefused | None = None) -> Response:
    status = HTTPStatus.OK if refused is None else refused.status
    page = render("receipt/form.html", language, PATH, status=status, form=form)
    page.headers.update(_headers(refused))
    return page


def _headers(refused: CodeRefused | None) -> dict[str, str]:
    if refused is None or refused.retry_after is None:
        return dict(HEADERS)
    return {**HEADERS, "Retry-After": str(refused.retry_after)}
