"""The commune's desk of the approvals' tests pays here."""

from tests.integration.access.conftest import database_admin, place
from tests.integration.desk_approval.conftest import council

__all__ = ["council", "database_admin", "place"]
