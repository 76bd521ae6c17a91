"""What is refused about consent."""

from collections.abc import Mapping
from typing import ClassVar

from ledger.errors import Fault, FaultsFound, LedgerError


class ApprovalNotFound(LedgerError):
    """No such request in this book."""

    code = "approval_not_found"


class ApprovalStateRefused(LedgerError):
    """It is past that; carries how it stands."""

    code = "approval_state"


class NotAsked(LedgerError):
    """Whoever decides is not asked now; carries why: drafter, twice, role, or proof (by a second factor)."""

    code = "approval_not_asked"


class DecisionsRefused(FaultsFound):
    """Nothing was decided; ``Fault.entry`` counts requests from 0; ``errors`` are theirs, in that order."""

    code = "approval_decisions_refused"
    lists: ClassVar[tuple[str, str]] = ("approvals", "")

    def __init__(self, errors: Mapping[int, LedgerError]) -> None:
        super().__init__([Fault(code=error.code, entry=index, fields=error.fields) for index, error in errors.items()])
        self.errors = tuple(errors.values())


class WithdrawalRefused(LedgerError):
    """Whoever takes it back did not ask for it, and is not asked either."""

    code = "approval_withdrawal_refused"


class AskedAlready(LedgerError):
    """Consent to the same is asked for already, or was given."""

    code = "approval_asked_already"


class PolicyRefused(LedgerError):
    """It asks fewer than the law does, nobody, or a role that approves nothing; carries why."""

    code = "approval_policy_refused"
