"""What is refused about awards."""

from ledger.errors import FaultsFound, LedgerError


class PlanMissing(LedgerError):
    """The book has no plan of this program for this year."""

    code = "plan_missing"


class RoundNotFound(LedgerError):
    """The book has no such round."""

    code = "round_not_found"


class ListRefused(FaultsFound):
    """The list was not laid; ``Fault.line`` counts its rows from 0."""

    code = "list_refused"
    lists = ("", "nominees")


class CollectingRefused(FaultsFound):
    """Nothing was recorded; ``Fault.line`` counts what was handed in from 0."""

    code = "collecting_refused"
    lists = ("", "collected")


class ListNotFound(LedgerError):
    """The book has no such list."""

    code = "list_not_found"


class ListStateRefused(LedgerError):
    """It is past that, or not there yet; carries the list and how it stands."""

    code = "list_state"


class DecisionNumberTaken(LedgerError):
    """Another decision of the same year has the number."""

    code = "decision_number_taken"
