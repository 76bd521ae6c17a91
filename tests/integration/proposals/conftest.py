"""The council of the approvals' tests proposes here too."""

from tests.factories import committed_engine, committed_ledger
from tests.integration.approvals.conftest import council

__all__ = ["committed_engine", "committed_ledger", "council"]
