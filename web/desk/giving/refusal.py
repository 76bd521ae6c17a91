"""Show what is wrong at the fields of a form, as far as it is a form's fault."""

from collections.abc import Mapping, Sequence
from typing import Final

from api.auth import RightMissing
from api.visit import SecondFactorNeeded, SessionOver
from ledger.errors import AssociationNotFound, Fault, LedgerError
from ledger.giving.commands import CollectionRefused
from web.form import Form, FormFault, FormRefused

_OF_ACCESS: Final = (SessionOver, SecondFactorNeeded, RightMissing, AssociationNotFound)
"""What no form can mend."""

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
    if isinstance(error, _OF_ACCESS):
        raise error
    told = {**_FIELDS, **(names or {})}
    if not isinstance(error, CollectionRefused):
        return form.refused(error, told)
    return form.refused(FormRefused([_form_fault(fault, told, rows) for fault in error.faults]))


def _form_fault(fault: Fault, names: Mapping[str, str], rows: Sequence[int] | None) -> FormFault:
    field = fault.field
    if rows is not None and fault.line is not None:
        name: str | None = f"gift.{rows[fault.line]}.{_COLUMNS.get(field or '', field or 'name')}"
    else:
        name = None if field is None else names.get(field, field)
    return FormFault(name=name, code=fault.code, fields=fault.fields)
