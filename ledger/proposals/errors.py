"""What is refused about proposals."""

from ledger.errors import LedgerError


class ProposalNotFound(LedgerError):
    """No such proposal in this book."""

    code = "proposal_not_found"


class ProposalStateRefused(LedgerError):
    """It is past that; carries how it stands."""

    code = "proposal_state"


class ExecutionRefused(LedgerError):
    """Cash is paid by the cashier, and by nobody who keeps the books; carries the voucher that is another's."""

    code = "execution_refused"
