"""Show what is wrong at the fields of a form, as far as it is a form's fault."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from fastapi.responses import RedirectResponse, Response

from api.auth import RightMissing, Session
from api.visit import SecondFactorNeeded, SessionOver
from ledger.errors import AssociationNotFound, Fault, LedgerError
from ledger.giving.block import BlockNotFound
from ledger.giving.draft import DraftNotFound
from ledger.giving.errors import CollectionRefused
from ledger.giving.goods import GoodsNotFound
from ledger.giving.pledge import PledgeNotFound
from ledger.giving.queries import ContributionNotFound
from web.access import Visit
from web.form import Form, FormFault, FormRefused

_BEYOND: Final = (
    *(SessionOver, SecondFactorNeeded, RightMissing, AssociationNotFound),
    *(BlockNotFound, ContributionNotFound, DraftNotFound, GoodsNotFound, PledgeNotFound),
)
"""What no form can mend: who asks may not, or what it is about is not there."""

SEE_OTHER: Final = 303

Result = TypeVar("Result")

_FIELDS: Final[Mapping[str, str]] = {
    "received_on": "on",
    "entry_on": "on",
    "gifts": "amount",
    "amount_minor": "amount",
    "paper": "paper_number",
    "medium": "account",
}
"""The forms' names of what the ledger calls otherwise."""

_COLUMNS: Final[Mapping[str, str]] = {"donor": "name", "amount_minor": "amount", "paper": "paper"}
"""The same, of a list's columns."""


def refused(
    form: Form,
    error: FormRefused | LedgerError,
    names: Mapping[str, str] | None = None,
    *,
    rows: Sequence[int] | None = None,
) -> Form:
    """Return the form to show again, every fault at its field.

    ``rows`` are the numbers of a list's rows, in the order in which the ledger got them.

    Raises:
        LedgerError: the same, where whoever asks may not, or is signed in no more.
    """
    if isinstance(error, _BEYOND):
        raise error
    told = {**_FIELDS, **(names or {})}
    if not isinstance(error, CollectionRefused):
        return form.refused(error, told)
    return form.refused(FormRefused([_form_fault(fault, told, rows) for fault in error.faults]))


def change(
    visit: Visit,
    form: Form,
    work: Callable[[Session], Result],
    *,
    onward: Callable[[Result], str],
    again: Callable[[Form], Response],
    names: Mapping[str, str] | None = None,
) -> Response:
    """Change something and go on, or show the form again with what is wrong."""
    try:
        result = visit.write(work)
    except (FormRefused, LedgerError) as error:
        return again(refused(form, error, names))
    return RedirectResponse(onward(result), SEE_OTHER)


def _form_fault(fault: Fault, names: Mapping[str, str], rows: Sequence[int] | None) -> FormFault:
    field = fault.field
    if rows is not None and fault.line is not None:
        name: str | None = f"gift.{rows[fault.line]}.{_COLUMNS.get(field or '', field or 'name')}"
    else:
        name = None if field is None else names.get(field, field)
    return FormFault(name=name, code=fault.code, fields=fault.fields)
