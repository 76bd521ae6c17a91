"""The pages of signing in, and what travels from one to the next: where somebody goes, and a form that waits for it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.sign_in.device import Device
from web.cookie import is_private, own_path
from web.form import Form
from web.kept import FIELD, Kept
from web.site import render
from web.translation import Language, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """Where somebody goes once they signed in, and the form that waits for it."""

    path: str
    kept: Kept | None

    @property
    def fields(self) -> dict[str, str]:
        """What the pages on the way carry along."""
        return {"next": self.path, FIELD: self.kept.text() if self.kept else ""}


def going_of(form: Form) -> Going:
    """Return where a form of these pages leads."""
    return Going(path=own_path(form.value("next") or None), kept=Kept.parse(form.value(FIELD)))


def sign_in_page(
    request: Request,
    language: Language,
    going: Going,
    form: Form | None = None,
    *,
    told: Message | None = None,
    status: int = 200,
    is_over: bool = False,
    is_device_over: bool = False,
) -> Response:
    """Ask for address and password; ``told`` is why once more."""
    return render(
        "sign_in/password.html",
        language,
        "/sign-in",
        {"next": going.path, "password": "1"},
        kind="desk",
        status=status,
        form=form or Form(),
        going=going,
        told=told,
        is_private=is_private(request),
        is_over=is_over or going.kept is not None,
        is_device_over=is_device_over,
    )


def pin_page(
    request: Request,
    language: Language,
    going: Going,
    known: Device,
    *,
    told: Message | None = None,
    status: int = 200,
) -> Response:
    """Ask for the PIN of a remembered device."""
    return render(
        "sign_in/pin.html",
        language,
        "/sign-in",
        {"next": going.path},
        kind="desk",
        status=status,
        form=Form(),
        going=going,
        told=told,
        known=known,
        is_private=is_private(request),
        other=f"/sign-in?{urlencode({'next': going.path, 'password': 1})}",
    )


def code_page(language: Language, going: Going, *, told: Message | None = None, status: int = 200) -> Response:
    """Ask for the code of an authenticator."""
    return render(
        "sign_in/code.html",
        language,
        "/sign-in/code",
        {"next": going.path},
        kind="desk",
        status=status,
        form=Form(),
        going=going,
        told=told,
    )
