"""Say which bank account people are asked to pay into, and try its code before it is shown.

The number goes on papers, posters and public pages, so the page that asks shows it in groups and as the code that
will be scanned: whoever sets it scans it with their own bank first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from api.auth import Session
from api.idempotency import once
from ledger.banking.account import (
    HOLDER_LENGTH_MAX,
    BankAccount,
    bank_accounts,
    set_bank_account,
    withdraw_bank_account,
)
from ledger.banking.bank import BANKS
from ledger.banking.vietqr import ACCOUNT_PATTERN, Transfer, encode
from ledger.calendar import today
from ledger.errors import LedgerError, ReferenceUnknown
from ledger.giving.choice import AccountChoice, Choices, find_choices
from ledger.money import VND
from ledger.people.order import search_key
from ledger.qr import qr_svg
from web.access import NeedsPageIn, Visit
from web.desk.giving.refusal import refused
from web.desk.giving.show import SEE_OTHER, UNPROCESSABLE, show
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language, _

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayChart = Annotated[Visit, Depends(NeedsPageIn("chart"))]
AccountText = Annotated[str, Path(max_length=20)]

NUMBER_LENGTH_MAX: Final = 40
"""Of what is typed: a number with the spaces that it is written with."""

_is_number: Final = re.compile(ACCOUNT_PATTERN).fullmatch
_BY_NAME: Final = tuple(sorted(BANKS.values(), key=lambda bank: search_key(bank.short_name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The bank accounts of a book, and what is shown of each."""

    choices: Choices
    shown: Mapping[str, BankAccount]

    @property
    def accounts(self) -> tuple[AccountChoice, ...]:
        """Those in đồng, which a code can ask for."""
        return tuple(each for each in self.choices.accounts if each.medium == "bank" and each.currency == VND)

    def account(self, code: str) -> AccountChoice:
        """Return one of them; raises ``ReferenceUnknown`` where there is none of this code."""
        found = next((each for each in self.accounts if each.code == code), None)
        if found is None:
            raise ReferenceUnknown(field="account", value=code)
        return found


def make_router() -> APIRouter:
    """Return the routes of the accounts that gifts are paid into."""
    router = APIRouter(prefix="/desk/{association_id}/bank-accounts", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, language: Spoken) -> Response:
        return _list_page(visit, language, Form())

    @router.get("/{account}")
    def form(visit: MayChart, account: AccountText, language: Spoken) -> Response:
        held = visit.read(_held)
        held.account(account)
        now = held.shown.get(account)
        values = {} if now is None else {"bank": now.bank_bin, "number": now.number, "holder": now.holder}
        return _form_page(visit, language, held, account, Form.showing(values))

    @router.post("/{account}")
    def work(visit: MayChart, account: AccountText, form: FormBody, language: Spoken) -> Response:
        held = visit.read(_held)
        held.account(account)
        then = form.value("then")
        if then.startswith("edit-"):
            return _form_page(visit, language, held, account, form)
        try:
            shown = _read(form, account)
            if then == "save":
                visit.write(lambda session: _set(session, shown, form))
                return RedirectResponse(desk_path(visit.place.association_id, "bank-accounts"), SEE_OTHER)
        except (FormRefused, LedgerError) as error:
            again = refused(form, error, {"bank_bin": "bank"})
            return _form_page(visit, language, held, account, again, status=UNPROCESSABLE)
        return _page(
            visit,
            language,
            held,
            "bank_account_check.html",
            account,
            form=form,
            account=held.account(account),
            now=held.shown.get(account),
            shown=shown,
            bank=BANKS[shown.bank_bin],
            code_of=_code,
        )

    @router.post("/{account}/withdraw")
    def withdraw(visit: MayChart, account: AccountText, form: FormBody, language: Spoken) -> Response:
        try:
            visit.write(lambda session: _withdraw(session, account, form))
        except (FormRefused, LedgerError) as error:
            return _list_page(visit, language, refused(form, error), status=UNPROCESSABLE)
        return RedirectResponse(desk_path(visit.place.association_id, "bank-accounts"), SEE_OTHER)

    return router


def _list_page(visit: Visit, language: Language, form: Form, *, status: int = 200) -> Response:
    held = visit.read(_held)
    more = {"form": form, "banks": BANKS, "code_of": _code, "key": Form().key}
    return _page(visit, language, held, "bank_accounts.html", status=status, **more)


def _held(session: Session) -> Held:
    choices = find_choices(session.conn, session.book, on=today())
    return Held(choices=choices, shown={each.account: each for each in bank_accounts(session.conn, session.book)})


def _read(form: Form, account: str) -> BankAccount:
    with Reading(form) as read:
        number = "".join(read.text("number", length_max=NUMBER_LENGTH_MAX).split())
        if number and not _is_number(number):
            read.fault("number", _("%(label)s: chỉ gồm chữ số và chữ cái không dấu, tối đa 19 ký tự."))
        return BankAccount(
            account=account,
            bank_bin=read.choice("bank", list(BANKS)),
            number=number,
            holder=read.text("holder", length_max=HOLDER_LENGTH_MAX),
        )


def _set(session: Session, shown: BankAccount, form: Form) -> None:
    def change() -> Mapping[str, object]:
        set_bank_account(session.conn, session.book, shown, actor=session.actor)
        return {}

    once(session, form.request(f"bank account {shown.account}"), change)


def _withdraw(session: Session, account: str, form: Form) -> None:
    def change() -> Mapping[str, object]:
        withdraw_bank_account(session.conn, session.book, account, actor=session.actor)
        return {}

    once(session, form.request(f"bank account withdrawn {account}"), change)


def _code(shown: BankAccount, title: str) -> Markup:
    """Draw the code that pays into an account; its text is digits and letters of our own making."""
    text = encode(Transfer(bank_bin=shown.bank_bin, account=shown.number))
    return Markup(qr_svg(text, title=title))  # noqa: S704 - drawn by ledger.qr, which escapes the title


def _form_page(
    visit: Visit, language: Language, held: Held, account: str, form: Form, *, status: int = 200
) -> Response:
    return _page(
        visit,
        language,
        held,
        "bank_account.html",
        account,
        status=status,
        form=form,
        account=held.account(account),
        now=held.shown.get(account),
        options=[(bank.bin, f"{bank.short_name} – {bank.name}") for bank in _BY_NAME],
    )


def _page(
    visit: Visit, language: Language, held: Held, template: str, *below: str, status: int = 200, **more: object
) -> Response:
    here = desk_path(visit.place.association_id, "bank-accounts", *below)
    home = desk_path(visit.place.association_id, "bank-accounts")
    return show(template, visit, language, here, held.choices.digits, status=status, held=held, home=home, **more)
