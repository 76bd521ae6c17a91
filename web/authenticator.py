"""Take an authenticator into use, or another in its place, and the recovery codes for when it is lost."""

from typing import Annotated, Final

import segno
from fastapi import APIRouter, Query
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy import Connection

from api.sign_in import totp
from api.visit import SignedIn
from ledger.errors import LedgerError
from web.account import account_page
from web.cookie import give_secret, own_path
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.own import PATH, Mine, Own, refused
from web.translation import _

WRONG_CODE: Final = _("%(label)s: không đúng. Chờ mã mới trong ứng dụng rồi nhập lại.")

_CODE_LENGTH_MAX: Final = 40

Onward = Annotated[str | None, Query(alias="next")]


def make_router() -> APIRouter:
    """Return the routes of a person's own authenticator."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    router.get("/authenticator")(_show)
    router.post("/authenticator/begin")(_begin)
    router.post("/authenticator")(_confirm)
    router.post("/recovery-codes")(_renew_codes)
    return router


def _show(own: Mine, onward: Onward = None) -> Response:
    return _begin_page(own, Form(), onward or "")


def _begin_page(own: Own, form: Form, onward: str) -> Response:
    has_totp = own.visit.visitor.has_totp
    kept = own_path(onward) if onward else ""
    return own.page("account/authenticator.html", "authenticator", form, onward=kept, has_totp=has_totp)


def _begin(own: Mine, form: FormBody) -> Response:
    """Show the secret of a new authenticator; whoever has one proves once more that they know the password."""
    try:
        if own.visit.visitor.has_totp:
            own.prove(form)
        secret = own.write(lambda conn: totp.offer(conn, own.visit.caller, own.visit.visitor.user_id))
    except (FormRefused, LedgerError) as error:
        return _begin_page(own, form.refused(error), form.value("next"))
    return _scan_page(own, totp.base32(secret), Form(), form.value("next"))


def _scan_page(own: Own, secret: str, form: Form, onward: str) -> Response:
    address = totp.uri_of(secret, own.profile().email)
    drawn = segno.make(address, error="m").svg_inline(scale=5, dark="#000", light="#fff", border=4)
    return own.page(
        "account/scan.html",
        "authenticator",
        form,
        drawn=Markup(drawn),  # noqa: S704 - drawn by segno from figures alone
        secret=secret,
        onward=own_path(onward) if onward else "",
    )


def _confirm(own: Mine, form: FormBody) -> Response:
    def work(conn: Connection) -> tuple[str, list[str]] | None:
        secret = totp.confirm(conn, own.visit.caller, form.value("code")[:_CODE_LENGTH_MAX])
        own.note(conn, "authenticator_set" if secret else "code_wrong")
        if secret is None:
            return None
        return secret, list(totp.renew_recovery_codes(conn, SignedIn.of(secret)))

    found = own.write(work)
    if found is None:
        wrong = form.refused(refused("code", WRONG_CODE))
        return _scan_page(own, totp.clean_base32(form.value("secret")), wrong, form.value("next"))
    secret, codes = found
    onward = own_path(form.value("next")) if form.value("next") else PATH
    response = own.page("account/codes.html", "authenticator", Form(), codes=codes, onward=onward)
    give_secret(own.request, response, "session", secret)
    return response


def _renew_codes(own: Mine, form: FormBody) -> Response:
    try:
        own.prove(form)
    except (FormRefused, LedgerError) as error:
        return account_page(own, codes_form=form.refused(error))

    def work(conn: Connection) -> list[str]:
        codes = list(totp.renew_recovery_codes(conn, own.visit.caller))
        own.note(conn, "recovery_codes_made")
        return codes

    return own.page("account/codes.html", "authenticator", Form(), codes=own.write(work), onward=PATH)
