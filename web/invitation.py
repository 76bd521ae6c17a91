"""Take up an invitation: somebody new chooses a name and a password, somebody known says yes, after signing in.

The link's secret stands in the address, so the page says ``no-referrer`` and links nowhere else; it is good once.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, Engine

from api.database import run
from api.limit import address_of
from api.sign_in import access_log
from api.sign_in import session as sessions
from api.sign_in.account import join, renew_password
from api.sign_in.password import LENGTH_MIN, NewPassword
from api.visit import SecondFactorNeeded, SessionOver, Visitor, visit
from ledger.access.invitation import Invitation, InvitationOver, Link, open_invitation, take_role
from ledger.access.user import NAME_LENGTH_MAX
from ledger.errors import LedgerError
from ledger.text import clean_text
from web.cookie import caller_of, give_secret, is_private, read_secret
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.own import chosen_password
from web.sign_in import client_of
from web.site import desk_path, render
from web.translation import Language

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
GONE: Final = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to the page of a link."""

    request: Request
    secret: str
    language: Language

    @property
    def engine(self) -> Engine:
        """Where the invitation is."""
        engine: Engine = self.request.app.state.engine
        return engine

    @property
    def path(self) -> str:
        """The page's own path."""
        return f"/invitation/{quote(self.secret, safe='')}"

    def find(self) -> Invitation:
        """Return what the link invites to.

        Raises:
            InvitationOver: it is not good, or not any more.
        """
        link = Link.parse(self.secret)
        return run(self.engine, lambda conn: open_invitation(conn, link), read_only=True)

    def visitor(self) -> Visitor | None:
        """Return who is signed in, if somebody is."""
        caller = caller_of(self.request)
        if caller is None:
            return None
        try:
            return run(self.engine, lambda conn: visit(conn, caller, None, None)[1], read_only=True)
        except (SessionOver, SecondFactorNeeded):
            return None


async def _asked(request: Request, secret: str, language: Spoken) -> Asked:
    return Asked(request=request, secret=secret, language=language)


ByLink = Annotated[Asked, Depends(_asked)]


def make_router() -> APIRouter:
    """Return the routes of invitations."""
    router = APIRouter(prefix="/invitation/{secret}", include_in_schema=False)
    router.get("")(_show)
    router.post("")(_take)
    return router


def _show(asked: ByLink) -> Response:
    return _page(asked, Form())


def _take(asked: ByLink, form: FormBody) -> Response:
    try:
        return _taken(asked, form)
    except InvitationOver:
        return _over(asked)
    except (FormRefused, LedgerError) as error:
        return _page(asked, form.refused(error, {"password": "new"}))


def _page(asked: Asked, form: Form) -> Response:
    try:
        found = asked.find()
    except InvitationOver:
        return _over(asked)
    visitor = asked.visitor() if found.purpose == "role" and found.user_id is not None else None
    is_theirs = visitor is not None and visitor.user_id == found.user_id
    response = render(
        "invitation/invitation.html",
        asked.language,
        asked.path,
        kind="desk",
        status=UNPROCESSABLE if form.faults else 200,
        form=form,
        found=found,
        action=asked.path,
        is_private=is_private(asked.request),
        is_theirs=is_theirs,
        somebody_else=visitor.name if visitor is not None and not is_theirs else None,
        sign_in=f"/sign-in?{urlencode({'next': asked.path, 'password': 1})}",
        length_min=LENGTH_MIN,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _taken(asked: Asked, form: Form) -> Response:
    found, link = asked.find(), Link.parse(asked.secret)
    if not is_private(asked.request):
        return _page(asked, form)
    if found.purpose == "password":
        chosen = chosen_password(form, email=found.email, name="")
        renewed_id = run(asked.engine, lambda conn: renew_password(conn, link, chosen))
        return _welcome(asked, found, renewed_id, chosen, "password_renewed")
    if found.user_id is None:
        name = clean_text(form.value("name"), field="name", length_max=NAME_LENGTH_MAX)
        chosen = chosen_password(form, email=found.email, name=name)
        joined_id = run(asked.engine, lambda conn: join(conn, link, name=name, language=asked.language, chosen=chosen))
        return _welcome(asked, found, joined_id, chosen, "signed_in")
    visitor = asked.visitor()
    if visitor is None or visitor.user_id != found.user_id:
        return _page(asked, form)
    run(asked.engine, lambda conn: take_role(conn, link, visitor.user_id))
    return RedirectResponse(desk_path(found.book.association_id), SEE_OTHER)


def _welcome(asked: Asked, found: Invitation, user_id: UUID, chosen: NewPassword, kind: access_log.Kind) -> Response:
    """Sign in whoever has just chosen a password, and lead them to an authenticator where a role needs one."""
    browser = read_secret(asked.request, "browser") or sessions.make_secret()[0]
    browser_hash = sha256(browser.encode()).digest()

    def work(conn: Connection) -> sessions.NewSession | None:
        access_log.note(conn, kind, user_id=user_id, address=address_of(asked.request))
        client = client_of(asked.request)
        return sessions.begin(conn, user_id, chosen.tag, client=client, browser_hash=browser_hash)

    begun = run(asked.engine, work)
    if begun is None:  # renewed once more at the same moment
        raise InvitationOver
    desk = desk_path(found.book.association_id)
    onward = f"/account/authenticator?{urlencode({'next': desk})}" if begun.state == "unproved" else desk
    response = RedirectResponse(onward, SEE_OTHER)
    give_secret(asked.request, response, "session", begun.secret)
    give_secret(asked.request, response, "browser", browser)
    return response


def _over(asked: Asked) -> Response:
    return render("invitation/over.html", asked.language, "/sign-in", kind="desk", status=GONE)
