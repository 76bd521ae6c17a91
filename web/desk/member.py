"""Who signs in to an association, and what each may do: invite, give roles and take them back, let one hold two."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.access.commands import grant_role, revoke_role
from ledger.access.exception import (
    REASON_LENGTH_MAX,
    RoleException,
    end_exception,
    list_exceptions,
    make_exception,
)
from ledger.access.invitation import InvitationRow, invite, invite_to_new_password, list_invitations, withdraw
from ledger.access.member import Member, find_member, list_members
from ledger.access.role import JOINABLE, ROLES
from ledger.access.user import clean_email
from ledger.errors import LedgerError
from web.access import NeedsPageIn, Visit
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path, render
from web.translation import Language, Message, _
from web.wording import PAIRS as PAIR_WORDS

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422

DONE: Final = {
    "given": _("Đã trao vai trò."),
    "taken": _("Đã thu hồi vai trò."),
    "withdrawn": _("Đã thu hồi lời mời."),
    "excepted": _(
        "Đã ghi cho phép kiêm nhiệm. Ai cũng đọc được điều này ở trang công khai của hội; lý do được niêm phong."
    ),
    "ended": _("Đã chấm dứt cho phép kiêm nhiệm."),
    "again": _("Lời mời này đã được tạo trước đó. Đường dẫn chỉ hiện một lần; nếu chưa chép, thu hồi rồi mời lại."),
}

PAIRS: Final = {"-".join(roles): roles for roles in JOINABLE}
PAIR_CHOICES: Final = tuple((name, PAIR_WORDS[roles]) for name, roles in PAIRS.items())

Change = Callable[[Session, Form], dict[str, object]]
Administrator = Annotated[Visit, Depends(NeedsPageIn("member"))]


def make_router() -> APIRouter:
    """Return the routes of an association's members."""
    router = APIRouter(prefix="/desk/{association_id}/members", include_in_schema=False)

    @router.get("")
    def members(visit: Administrator, language: Spoken, done: str | None = None) -> Response:
        return _page(visit, language, news=DONE.get(done or ""))

    @router.post("/invite")
    def invited(request: Request, visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _invite(request, visit, form, language)

    @router.post("/role")
    def given(visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _give(visit, form, language)

    @router.post("/revoke")
    def taken(visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _change(visit, form, language, "taken", _take_back)

    @router.post("/withdraw")
    def withdrawn(visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _change(visit, form, language, "withdrawn", _withdraw)

    @router.post("/except")
    def excepted(visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _except(visit, form, language)

    @router.post("/end-exception")
    def ended(visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _change(visit, form, language, "ended", _end)

    @router.post("/renew")
    def renewed(request: Request, visit: Administrator, form: FormBody, language: Spoken) -> Response:
        return _renew(request, visit, form, language)

    return router


def _page(
    visit: Visit,
    language: Language,
    *,
    inviting: Form | None = None,
    giving: Form | None = None,
    excepting: Form | None = None,
    faulty: Form | None = None,
    news: Message | None = None,
    link: str | None = None,
    link_for: str | None = None,
) -> Response:
    found, waiting, exceptions = visit.read(_list)
    forms = [inviting or Form(), giving or Form(), faulty or Form(), excepting or Form()]
    return render(
        "desk/member.html",
        language,
        desk_path(visit.place.association_id, "members"),
        visit=visit,
        status=UNPROCESSABLE if any(form.faults for form in forms) else 200,
        place=visit.place,
        members=found,
        waiting=waiting,
        inviting=forms[0],
        giving=forms[1],
        faulty=forms[2],
        exceptions=exceptions,
        excepting=forms[3],
        pairs=PAIR_CHOICES,
        roles=ROLES,
        news=news,
        link=link,
        link_for=link_for,
    )


def _list(session: Session) -> tuple[Sequence[Member], Sequence[InvitationRow], Sequence[RoleException]]:
    conn, book = session.conn, session.book
    return list_members(conn, book), list_invitations(conn, book), list_exceptions(conn, book)


def _invite(request: Request, visit: Visit, form: Form, language: Language) -> Response:
    try:
        with Reading(form) as read:
            role = read.choice("role", ROLES)
        email = clean_email(form.value("email"))
        asked = form.request("invite")

        def work(session: Session) -> str | None:
            made: list[str] = []

            def change() -> dict[str, object]:
                new = invite(session.conn, session.book, email=email, role=role, actor=session.actor)
                made[:] = [new.secret]
                return {"invitation_id": str(new.invitation_id)}

            _, is_replay = once(session, asked, change)
            return None if is_replay else made[0]

        secret = visit.write(work)
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, inviting=form.refused(error))
    return _linked(request, visit, language, secret, email)


def _renew(request: Request, visit: Visit, form: Form, language: Language) -> Response:
    try:
        asked = form.request("renew")
        user_id = typeid.decode(typeid.USER, form.value("user"))

        def work(session: Session) -> tuple[str | None, str]:
            member = find_member(session.conn, session.book, user_id)
            made: list[str] = []

            def change() -> dict[str, object]:
                new = invite_to_new_password(
                    session.conn, session.book, user_id=user_id, email=member.email or "", actor=session.actor
                )
                made[:] = [new.secret]
                return {"invitation_id": str(new.invitation_id)}

            _, is_replay = once(session, asked, change)
            return (None if is_replay else made[0]), member.email or ""

        secret, email = visit.write(work)
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, faulty=form.refused(error))
    return _linked(request, visit, language, secret, email)


def _linked(request: Request, visit: Visit, language: Language, secret: str | None, email: str) -> Response:
    """Show a link this once: it is kept nowhere, so the page answers itself and leads to no other."""
    if secret is None:
        return _done(visit, "again")
    base = f"{request.url.scheme}://{request.url.netloc}"
    return _page(visit, language, link=f"{base}/invitation/{secret}", link_for=email)


def _give(visit: Visit, form: Form, language: Language) -> Response:
    try:
        with Reading(form) as read:
            role = read.choice("role", ROLES)
        asked = form.request("give")
        user_id = typeid.decode(typeid.USER, form.value("user"))

        def change(session: Session) -> dict[str, object]:
            find_member(session.conn, session.book, user_id)
            grant_id = grant_role(session.conn, session.book, user_id, role, actor=session.actor)
            return {"grant_id": str(grant_id)}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, giving=form.refused(error))
    return _done(visit, "given")


def _except(visit: Visit, form: Form, language: Language) -> Response:
    try:
        with Reading(form) as read:
            roles = PAIRS[read.choice("roles", tuple(PAIRS))]
            until_on = read.day("until")
            reason = read.text("reason", length_max=REASON_LENGTH_MAX)
        asked = form.request("except")

        def change(session: Session) -> dict[str, object]:
            made = make_exception(
                session.conn, session.book, roles, until_on=until_on, reason=reason, actor=session.actor
            )
            return {"exception_id": str(made)}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, excepting=form.refused(error))
    return _done(visit, "excepted")


def _change(visit: Visit, form: Form, language: Language, what: str, change: Change) -> Response:
    try:
        asked = form.request(what)
        visit.write(lambda session: once(session, asked, lambda: change(session, form)))
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, faulty=form.refused(error))
    return _done(visit, what)


def _take_back(session: Session, form: Form) -> dict[str, object]:
    grant_id = typeid.decode(typeid.GRANT, form.value("grant"))
    revoke_role(session.conn, session.book, grant_id, actor=session.actor)
    return {}


def _end(session: Session, form: Form) -> dict[str, object]:
    exception_id = typeid.decode(typeid.EVENT, form.value("exception"))
    end_exception(session.conn, session.book, exception_id, actor=session.actor)
    return {}


def _withdraw(session: Session, form: Form) -> dict[str, object]:
    invitation_id = typeid.decode(typeid.INVITATION, form.value("invitation"))
    withdraw(session.conn, session.book, invitation_id)
    return {}


def _done(visit: Visit, what: str) -> RedirectResponse:
    return RedirectResponse(f"{desk_path(visit.place.association_id, 'members')}?done={what}", SEE_OTHER)
