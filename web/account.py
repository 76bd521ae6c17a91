"""A person's own account: name, language, password, devices, sessions; its authenticator is ``web/authenticator``."""

from typing import Final, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from api.sign_in import access_log, device
from api.sign_in import session as sessions
from api.sign_in.account import Profile, change_password, own_profile, set_profile
from api.sign_in.password import LENGTH_MIN
from ledger.access.user import NAME_LENGTH_MAX
from ledger.errors import LedgerError
from ledger.text import clean_text
from web.cookie import give_secret, take_secret
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import COOKIE, COOKIE_SECONDS
from web.own import NOT_ALIKE, PATH, WRONG, Mine, Own, chosen_password, done, refused
from web.reading import Reading
from web.translation import LANGUAGES, _

PIN_NOT_ENOUGH: Final = _("Vai trò của bạn cần mã xác thực, nên không dùng được mã PIN.")


def make_router() -> APIRouter:
    """Return the routes of a person's own account."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    router.get("")(_show)
    router.post("/profile")(_set_profile)
    router.get("/password")(_password)
    router.post("/password")(_change_password)
    router.get("/device")(_new_device)
    router.post("/device")(_remember)
    router.post("/device/{device_id}/forget")(_forget)
    router.post("/session/{session_id}/end")(_end)
    router.post("/sessions/end")(_end_all)
    return router


def _show(own: Mine, done: str | None = None) -> Response:
    return account_page(own, done=done)


def account_page(
    own: Own, form: Form | None = None, codes_form: Form | None = None, *, done: str | None = None
) -> Response:
    """Show the account; ``form`` and ``codes_form`` are what was refused of it."""
    caller = own.visit.caller

    def work(conn: Connection) -> tuple[Profile, dict[str, object]]:
        return own_profile(conn, caller), {
            "sessions": sessions.list_sessions(conn, caller),
            "devices": device.list_devices(conn, caller),
            "happened": access_log.own_access(conn, caller),
        }

    profile, found = own.read(work)
    shown = form or Form.showing({"name": profile.name, "language": profile.language})
    codes = codes_form or Form()
    return own.page("account/account.html", "", shown, profile=profile, codes_form=codes, done=done, **found)


def _set_profile(own: Mine, form: FormBody) -> Response:
    try:
        with Reading(form) as read:
            name = read.text("name", length_max=NAME_LENGTH_MAX)
            language: Literal["vi", "en"] = read.choice("language", LANGUAGES)
        own.write(lambda conn: set_profile(conn, own.visit.caller, name=name, language=language))
    except (FormRefused, LedgerError) as error:
        return account_page(own, form.refused(error))
    response = done("profile")
    response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return response


def _password(own: Mine) -> Response:
    return own.page("account/password.html", "password", Form(), length_min=LENGTH_MIN)


def _change_password(own: Mine, form: FormBody) -> Response:
    try:
        secret = _changed(own, form)
    except (FormRefused, LedgerError) as error:
        again = form.refused(error, {"password": "new"})
        return own.page("account/password.html", "password", again, length_min=LENGTH_MIN)
    response = done("password")
    give_secret(own.request, response, "session", secret)
    take_secret(own.request, response, "device")
    return response


def _changed(own: Own, form: Form) -> str:
    """Change the password; return the session's new secret."""
    profile = own.profile()
    chosen = chosen_password(form, email=profile.email, name=profile.name)
    old_tag = own.tag(profile, form.value("old"))

    def work(conn: Connection) -> str | None:
        secret = change_password(conn, own.visit.caller, old_tag, chosen)
        own.note(conn, "password_changed" if secret else "password_wrong")
        return secret

    secret = own.write(work)
    if secret is None:
        raise refused("old", WRONG)
    return secret


def _new_device(own: Mine) -> Response:
    return own.page("account/device.html", "device", Form())


def _remember(own: Mine, form: FormBody) -> Response:
    try:
        secret = _remembered(own, form)
    except (FormRefused, LedgerError) as error:
        return own.page("account/device.html", "device", form.refused(error))
    response = done("device")
    give_secret(own.request, response, "device", secret)
    return response


def _remembered(own: Own, form: Form) -> str:
    """Remember the browser; return its secret."""
    profile = own.profile()
    if profile.needs_second_factor:
        raise refused(None, PIN_NOT_ENOUGH)
    name = clean_text(form.value("name"), field="name", length_max=device.NAME_LENGTH_MAX)
    if form.value("pin") != form.value("again"):
        raise refused("again", NOT_ALIKE)
    made = device.NewDevice.of(form.value("pin"))
    tag = own.tag(profile, form.value("password"))

    def work(conn: Connection) -> bool:
        is_remembered = device.remember(conn, own.visit.caller, tag, made, name=name)
        own.note(conn, "device_remembered" if is_remembered else "password_wrong")
        return is_remembered

    if not own.write(work):
        raise refused("password", WRONG)
    return made.secret


def _forget(own: Mine, device_id: UUID) -> Response:
    def work(conn: Connection) -> None:
        if device.forget(conn, own.visit.caller, device_id):
            own.note(conn, "device_forgotten")

    own.write(work)
    return done("device_forgotten")


def _end(own: Mine, session_id: UUID) -> Response:
    return _end_sessions(own, session_id)


def _end_all(own: Mine) -> Response:
    return _end_sessions(own, None)


def _end_sessions(own: Own, session_id: UUID | None) -> Response:
    def work(conn: Connection) -> None:
        if sessions.end_others(conn, own.visit.caller, session_id):
            own.note(conn, "sessions_ended")

    own.write(work)
    return done("sessions")
