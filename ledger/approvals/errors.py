"""What is refused about consent."""

from ledger.errors import LedgerError


class ApprovalNotFound(LedgerError):
    """No such request in this book."""

    code = "approval_not_found"


class ApprovalStateRefused(LedgerError):
    """It is past that; carries how it stands."""

    code = "approval_state"


class NotAsked(LedgerError):
    """Whoever decides is not asked now: another role is, they drafted it, or they decided already; carries why."""

    code = "approval_not_asked"


class AskedAlready(LedgerError):
    """Consent to the same is asked for already, or was given."""

    code = "approval_asked_already"


class PolicyRefused(LedgerError):
    """It asks fewer than the law does, nobody, or a role that approves nothing; carries why."""

    code = "approval_policy_refused"
