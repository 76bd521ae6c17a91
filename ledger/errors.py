"""Refusals of the ledger: each names a fact, has a stable code and carries what happened as fields.

Texts for people are made at the edge (``api/problems.py``) from code and fields; nothing here knows HTTP or a
language. Fields hold codes, dates and amounts; never a name or a typed text.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeAlias

Value: TypeAlias = str | int | bool | None


class LedgerError(Exception):
    """Any refusal."""

    code: ClassVar[str] = "ledger_error"

    def __init__(self, **fields: Value) -> None:
        super().__init__(self.code)
        self.fields = fields

    def __str__(self) -> str:
        """Show code and fields, for logs and tracebacks."""
        return f"{self.code} {self.fields}" if self.fields else self.code


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with one place of the input.

    ``entry`` and ``line`` count from 0; ``None`` where the fault is not in one entry or line. ``field`` is the name
    of the field as the caller wrote it.
    """

    code: str
    entry: int | None = None
    line: int | None = None
    field: str | None = None
    fields: Mapping[str, Value] = dataclasses.field(default_factory=dict)


class FaultsFound(LedgerError):
    """What was asked is not done; ``faults`` says why, all of it that can be known at once.

    ``lists`` are the names that the API gives what ``entry`` and ``line`` of a fault count.
    """

    lists: ClassVar[tuple[str, str]] = ("entries", "lines")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(count=len(faults))
        self.faults = tuple(faults)


class PostingRefused(FaultsFound):
    """Entries were not posted."""

    code = "posting_refused"


class RuleRefused(LedgerError):
    """The database refused by a rule that the command had no reason to foresee."""

    code = "rule_refused"


class IdMalformed(LedgerError):
    """A text that should be a TypeID of some kind is none."""

    code = "id_malformed"


class TextRefused(LedgerError):
    """A typed text is empty, too long, or has characters that don't show what they are."""

    code = "text_refused"


class CodeRefused(LedgerError):
    """A code has another form than its kind allows."""

    code = "code_refused"


class AssociationNotFound(LedgerError):
    """No such association, or not one the caller may see."""

    code = "association_not_found"


class EntryNotFound(LedgerError):
    """No such entry in this book."""

    code = "entry_not_found"


class AlreadyReversed(LedgerError):
    """Carries the earlier reversal."""

    code = "already_reversed"


class ReversalNotReversible(LedgerError):
    """A reversal is answered by a new entry, not by another reversal."""

    code = "reversal_not_reversible"


class CodeTaken(LedgerError):
    """The code names something already."""

    code = "code_taken"


class NotAtTop(LedgerError):
    """What a whole tree shares is opened by the association at its top."""

    code = "not_at_top"


class ReferenceUnknown(LedgerError):
    """A code that should name something names nothing."""

    code = "reference_unknown"


class FieldRefused(LedgerError):
    """A value that its field does not take."""

    code = "field_refused"


class VoucherNotFound(LedgerError):
    """No such voucher was issued."""

    code = "voucher_not_found"


class VoucherExecuted(LedgerError):
    """An executed voucher is answered by an adjustment, not voided."""

    code = "voucher_executed"


class VoucherVoid(LedgerError):
    """It was voided before."""

    code = "voucher_void"


class MonthNotLockable(LedgerError):
    """The month has not ended, is locked already, or lies before the book."""

    code = "month_not_lockable"


class ClosingRefused(LedgerError):
    """Something is left in it, or was posted after the closing day."""

    code = "closing_refused"


class IdempotencyConflict(LedgerError):
    """The key was used before, for another request."""

    code = "idempotency_conflict"
