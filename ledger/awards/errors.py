"""What is refused about awards."""

from ledger.errors import LedgerError


class PlanMissing(LedgerError):
    """The book has no plan of this program for this year."""

    code = "plan_missing"


class RoundNotFound(LedgerError):
    """The book has no such round."""

    code = "round_not_found"
