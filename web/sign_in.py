"""Sign in and out: who proves who they are gets a cookie, whoever leaves loses it.

What is told of a wrong password is told of an unknown address too, in as much time. Who guesses is slowed down by where
they come from and by whom they try; a browser in which the person signed in before has turns of its own, so that
nobody is locked out by strangers.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final, Self
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, Engine

from api.database import run
from api.limit import Limit, Limiter, address_of
from api.sign_in import access_log, device, totp
from api.sign_in import session as sessions
from api.sign_in.password import LENGTH_MAX, Candidate, NewPassword, find_candidate, rehash
from api.visit import SecondFactorNeeded, SessionOver, SignedIn, visit
from ledger.access.user import email_key
from web.cookie import caller_of, give_secret, is_private, own_path, read_secret, take_secret
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.sign_in_page import Going, code_page, going_of, pin_page, sign_in_page
from web.site import render
from web.translation import Language, _

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
SLOW_DOWN: Final = 429

FROM_ADDRESS: Final = Limit(name="sign_in_address", burst=20, seconds=10)
TO_ACCOUNT: Final = Limit(name="sign_in_account", burst=10, seconds=30)
IN_KNOWN_BROWSER: Final = Limit(name="sign_in_browser", burst=10, seconds=30)
NOTED: Final = Limit(name="slowed_down", burst=1, seconds=3600)
"""How often it is written down that somebody was slowed: a stranger's tries must not fill the database."""

OF_CODES: Final = Limit(name="sign_in_code", burst=10, seconds=60)

WRONG: Final = _("Thư điện tử hoặc mật khẩu không đúng. Kiểm tra cả hai rồi thử lại.")
WRONG_CODE: Final = _("Mã không đúng hoặc đã dùng. Chờ mã mới trong ứng dụng rồi nhập lại.")
WRONG_PIN: Final = _("Mã PIN không đúng. Nhập lại, hoặc dùng mật khẩu.")

_EMAIL_LENGTH_MAX: Final = 1_000
_CODE_LENGTH_MAX: Final = 100

_BROWSERS: Final = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)

Onward = Annotated[str | None, Query(alias="next")]


def make_router() -> APIRouter:
    """Return the routes of signing in and out."""
    router = APIRouter(include_in_schema=False)
    router.get("/sign-in")(_show)
    router.post("/sign-in")(_sign_in)
    router.post("/sign-in/pin")(_by_pin)
    router.get("/sign-in/code")(_ask_code)
    router.post("/sign-in/code")(_prove)
    router.post("/sign-out")(_sign_out)
    return router


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def _show(request: Request, language: Spoken, onward: Onward = None, *, password: bool = False) -> Response:
    going = Going(path=own_path(onward), kept=None)
    secret = read_secret(request, "device")
    if secret is not None and not password:
        known = run(_engine(request), lambda conn: device.find_device(conn, secret), read_only=True)
        if known is not None:
            return pin_page(request, language, going, known)
    return sign_in_page(request, language, going)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody who says who they are, and where they say so."""

    request: Request
    key: str
    address: str
    browser: str | None
    candidate: Candidate

    @classmethod
    def of(cls, request: Request, email: str) -> Self:
        """Find what is known of an address, in this browser."""
        browser, key = read_secret(request, "browser"), email_key(email.strip()[:_EMAIL_LENGTH_MAX])
        found = run(_engine(request), lambda conn: find_candidate(conn, key, _hash(browser)), read_only=True)
        return cls(request=request, key=key, address=address_of(request), browser=browser, candidate=found)

    @property
    def turns(self) -> Sequence[tuple[Limit, Hashable]]:
        """The limits that hold here; where the person signed in before, strangers use up none of them."""
        if self.candidate.is_known:
            return ((IN_KNOWN_BROWSER, (self.key, self.browser)),)
        return ((FROM_ADDRESS, self.address), (TO_ACCOUNT, self.key))

    @property
    def user_id(self) -> UUID | None:
        """Whose account is tried, if anybody's."""
        return None if self.candidate.is_nobody else self.candidate.user_id

    def take_turn(self) -> int:
        """Take a turn of each limit; return how long to wait where there is none, and write down that it was so."""
        limiter: Limiter = self.request.app.state.limiter
        for index, (limit, key) in enumerate(self.turns):
            if wait_seconds := limiter.take(limit, key):
                for earlier in self.turns[:index]:
                    limiter.give_back(*earlier)
                if not limiter.take(NOTED, (limit.name, key)):
                    run(_engine(self.request), lambda conn: self.note(conn, "slowed_down"))
                return wait_seconds
        return 0

    def note(self, conn: Connection, kind: access_log.Kind) -> None:
        """Write down what came of it."""
        access_log.note(conn, kind, user_id=self.user_id, address=self.address)

    def begin(self, tag: bytes, browser: str) -> sessions.NewSession | None:
        """Begin a session for whoever knows the password."""

        def work(conn: Connection) -> sessions.NewSession | None:
            client, user_id = client_of(self.request), self.candidate.user_id
            begun = sessions.begin(conn, user_id, tag, client=client, browser_hash=_hash(browser))
            self.note(conn, "signed_in" if begun else "password_wrong")
            return begun

        return run(_engine(self.request), work)


def _sign_in(request: Request, form: FormBody, language: Spoken) -> Response:
    going = going_of(form)
    if not is_private(request):
        return sign_in_page(request, language, going)
    attempt = Attempt.of(request, form.value("email"))
    if wait_seconds := attempt.take_turn():
        return _slowed(request, form, language, going, wait_seconds)
    password, browser = form.value("password")[: LENGTH_MAX + 1], attempt.browser or sessions.make_secret()[0]
    tag = attempt.candidate.cost.tag(password)
    begun = attempt.begin(tag, browser)
    if begun is None:
        return sign_in_page(request, language, going, form, told=WRONG, status=UNPROCESSABLE)
    for limit, key in attempt.turns:
        request.app.state.limiter.give_back(limit, key)
    if not attempt.candidate.cost.is_of_today:
        _rehash(_engine(request), attempt.candidate, tag, password)
    response = _go_on(language, going, begun.state)
    give_secret(request, response, "session", begun.secret)
    give_secret(request, response, "browser", browser)
    return response


def _hash(secret: str | None) -> bytes | None:
    return None if secret is None else sha256(secret.encode()).digest()


def _rehash(engine: Engine, candidate: Candidate, tag: bytes, password: str) -> None:
    chosen = NewPassword.of(password)
    run(engine, lambda conn: rehash(conn, candidate, tag, chosen))


def _by_pin(request: Request, form: FormBody, language: Spoken) -> Response:
    going, engine = going_of(form), _engine(request)
    secret = read_secret(request, "device")
    known = None
    if secret is not None and is_private(request):
        known = run(engine, lambda conn: device.find_device(conn, secret), read_only=True)
    if known is None:
        return sign_in_page(request, language, going)
    address = address_of(request)
    tag = known.tag(form.value("pin")[:LENGTH_MAX])

    def work(conn: Connection) -> str | None:
        begun = device.begin(conn, known, tag, client=client_of(request))
        if begun is None:
            access_log.note(conn, "pin_wrong", user_id=None, address=address)
            return None
        access_log.note(conn, "signed_in_by_pin", user_id=begun[0], address=address)
        return begun[1]

    begun = run(engine, work)
    if begun is None:
        again = run(engine, lambda conn: device.find_device(conn, known.secret), read_only=True)
        if again is None:
            return sign_in_page(request, language, going, is_device_over=True, status=UNPROCESSABLE)
        return pin_page(request, language, going, again, told=WRONG_PIN, status=UNPROCESSABLE)
    response = _go_on(language, going, "whole")
    give_secret(request, response, "session", begun)
    return response


def _ask_code(request: Request, language: Spoken, onward: Onward = None) -> Response:
    """Ask for a code where one is to come; whoever has no authenticator yet is led to one."""
    going, engine = Going(path=own_path(onward), kept=None), _engine(request)
    caller = caller_of(request)
    if caller is None:
        raise SessionOver
    try:
        _session, visitor, _place = run(engine, lambda conn: visit(conn, caller, None, None), read_only=True)
    except SecondFactorNeeded:
        return code_page(language, going)
    if not visitor.has_totp:
        return RedirectResponse(f"/account/authenticator?{urlencode({'next': going.path})}", SEE_OTHER)
    return RedirectResponse(going.path, SEE_OTHER) if visitor.strength > 1 else code_page(language, going)


def _prove(request: Request, form: FormBody, language: Spoken) -> Response:
    going, engine = going_of(form), _engine(request)
    caller = caller_of(request)
    if caller is None:
        return sign_in_page(request, language, going)
    limiter: Limiter = request.app.state.limiter
    tried: list[UUID] = []

    def may_try(user_id: UUID) -> bool:
        tried[:] = [user_id]
        return not limiter.take(OF_CODES, user_id)

    def work(conn: Connection) -> str | None:
        secret = totp.prove(conn, caller, form.value("code")[:_CODE_LENGTH_MAX], may_try)
        if secret is not None:
            tried[:] = [visit(conn, SignedIn.of(secret), None, None)[1].user_id]
        user_id = tried[0] if tried else None
        access_log.note(conn, "proved" if secret else "code_wrong", user_id=user_id, address=address_of(request))
        return secret

    secret = run(engine, work)
    if secret is None:
        if not run(engine, lambda conn: _is_open(conn, caller), read_only=True):
            return sign_in_page(request, language, going, is_over=True, status=UNPROCESSABLE)
        return code_page(language, going, told=WRONG_CODE, status=UNPROCESSABLE)
    for user_id in tried:
        limiter.give_back(OF_CODES, user_id)
    response = _go_on(language, going, "whole")
    give_secret(request, response, "session", secret)
    return response


def _is_open(conn: Connection, caller: SignedIn) -> bool:
    try:
        visit(conn, caller, None, None)
    except SessionOver:
        return False
    except SecondFactorNeeded:
        return True
    return True


def _sign_out(request: Request) -> Response:
    caller = caller_of(request)
    if caller is not None:
        run(_engine(request), lambda conn: _end(conn, caller, address_of(request)))
    response = RedirectResponse("/", SEE_OTHER)
    take_secret(request, response, "session")
    return response


def _end(conn: Connection, caller: SignedIn, address: str) -> None:
    user_id = sessions.end(conn, caller)
    if user_id is not None:
        access_log.note(conn, "signed_out", user_id=user_id, address=address)


def _go_on(language: Language, going: Going, state: sessions.Begun) -> Response:
    """Lead on: to the code, to an authenticator that is missing, to the form that waits, or to the page asked for."""
    if state == "half":
        if going.kept is not None:
            return code_page(language, going)
        return RedirectResponse(f"/sign-in/code?{urlencode({'next': going.path})}", SEE_OTHER)
    if going.kept is not None:
        return render("sign_in/kept.html", language, "/sign-in", kind="desk", going=going)
    if state == "unproved":
        return RedirectResponse(f"/account/authenticator?{urlencode({'next': going.path})}", SEE_OTHER)
    return RedirectResponse(going.path, SEE_OTHER)


def _slowed(request: Request, form: Form, language: Language, going: Going, wait_seconds: int) -> Response:
    told = _("Đã thử quá nhiều lần. Chờ %(seconds)s giây rồi thử lại.", seconds=wait_seconds)
    response = sign_in_page(request, language, going, form, told=told, status=SLOW_DOWN)
    response.headers["Retry-After"] = str(wait_seconds)
    return response


def client_of(request: Request) -> str:
    """Return a browser and a system, as its user knows them in a list; not more than that is kept of either."""
    said = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in said), "Safari" if "Safari/" in said else "")
    system = next((name for mark, name in _SYSTEMS if re.search(rf"\b{mark}", said)), "")
    return ", ".join(filter(None, (browser, system)))
