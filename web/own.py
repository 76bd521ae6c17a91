"""What the pages of a person's own account work through: whose account it is, and the proof that it is theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, Engine

from api.database import run
from api.limit import Limit, Limiter, address_of
from api.sign_in import access_log
from api.sign_in.account import Profile, own_password_fits, own_profile
from api.sign_in.password import LENGTH_MAX, NewPassword, check_password, find_candidate
from ledger.access.user import email_key
from web.access import NeedsPage, Visit
from web.cookie import HOME
from web.form import Form, FormFault, FormRefused
from web.language import Spoken
from web.site import render
from web.translation import Language, Message, _

Result = TypeVar("Result")

PATH: Final = "/account"

OWN_PASSWORD: Final = Limit(name="own_password", burst=10, seconds=30)

NOT_ALIKE: Final = _("%(label)s: hai lần nhập không giống nhau.")
WRONG: Final = _("%(label)s: không đúng.")
TOO_OFTEN: Final = _("Đã thử quá nhiều lần. Chờ một lát rồi thử lại.")

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A request of somebody to their own account."""

    request: Request
    visit: Visit
    language: Language

    @property
    def engine(self) -> Engine:
        """Where the account is."""
        engine: Engine = self.request.app.state.engine
        return engine

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Ask questions of one state of the database."""
        return run(self.engine, work, read_only=True)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Change something in one transaction."""
        return run(self.engine, work)

    def note(self, conn: Connection, kind: access_log.Kind) -> None:
        """Write down what happened to the account."""
        access_log.note(conn, kind, user_id=self.visit.visitor.user_id, address=address_of(self.request))

    def profile(self) -> Profile:
        """Return the account."""
        return self.read(lambda conn: own_profile(conn, self.visit.caller))

    def tag(self, profile: Profile, typed: str) -> bytes:
        """Work up the password that was typed to prove once more who it is; whether it is right is asked later.

        Raises:
            FormRefused: tried too often.
        """
        limiter: Limiter = self.request.app.state.limiter
        if limiter.take(OWN_PASSWORD, self.visit.visitor.user_id):
            raise refused(None, TOO_OFTEN)
        candidate = self.read(lambda conn: find_candidate(conn, email_key(profile.email), None))
        return candidate.cost.tag(typed[: LENGTH_MAX + 1])

    def prove(self, form: Form) -> None:
        """Refuse who does not know the password of whoever is signed in.

        Raises:
            FormRefused: another password, or tried too often.
        """
        tag = self.tag(self.profile(), form.value("password"))
        if not self.read(lambda conn: own_password_fits(conn, self.visit.caller, tag)):
            raise refused("password", WRONG)

    def page(self, template: str, path: str, form: Form, **more: object) -> Response:
        """Return a page of the account."""
        steps = [(HOME, _("Bàn làm việc")), (PATH, _("Tài khoản của tôi"))] if path else []
        context: dict[str, object] = {"form": form, "steps": steps, **more}
        forms = [each for each in context.values() if isinstance(each, Form)]
        status = _UNPROCESSABLE if any(each.faults for each in forms) else 200
        here = f"{PATH}/{path}" if path else PATH
        return render(template, self.language, here, visit=self.visit, status=status, **context)  # type: ignore[arg-type]


async def _own(request: Request, visit: Annotated[Visit, Depends(NeedsPage(None))], language: Spoken) -> Own:
    return Own(request=request, visit=visit, language=language)


Mine = Annotated[Own, Depends(_own)]


def refused(name: str | None, message: Message) -> FormRefused:
    """Return the refusal of one field."""
    return FormRefused([FormFault(name=name, message=message)])


def chosen_password(form: Form, *, email: str, name: str) -> NewPassword:
    """Read a new password that was typed twice, and work it up.

    Raises:
        FormRefused: the two differ.
        PasswordRefused: it would be guessed.
    """
    new = form.value("new")
    if new != form.value("again"):
        raise refused("again", NOT_ALIKE)
    check_password(new, email=email, name=name)
    return NewPassword.of(new)


def done(what: str) -> RedirectResponse:
    """Lead back to the account's page, which says what was done."""
    return RedirectResponse(f"{PATH}?{urlencode({'done': what})}", _SEE_OTHER)
