"""Open what a giver's own file carries: how much they gave, and their name, with the salts that open the commitments.

The database writes down that it was opened, in the same call (``ledger/people/opening.py``).
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.people.opening import open_for_giver
from ledger.people.sealing import Opened

_CORRECTION: Final = text("""\
SELECT event_id FROM soquy.donor_correction
WHERE tenant_id = :tenant_id AND contribution_id = :contribution_id
ORDER BY recorded_at DESC, event_id DESC
LIMIT 1""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOpenings:
    """What opens a contribution's leaf and, where the name was put right later, that event's; empty where erased."""

    gift: tuple[Opened, ...]
    correction_id: UUID | None
    correction: tuple[Opened, ...]


def receipt_openings(
    conn: Connection, tenant_id: int, contribution_id: UUID, *, principal_id: UUID | None = None
) -> ReceiptOpenings:
    """Open what was given and by whom; ``principal_id`` says who asks, ``None`` the holder of the code.

    That the caller may have it is the caller's to have checked.

    Raises:
        SealBroken: a row of the vault was tampered with.
    """
    asked = {"tenant_id": tenant_id, "contribution_id": contribution_id}
    correction_id = conn.execute(_CORRECTION, asked).scalar_one_or_none()
    gift = open_for_giver(conn, tenant_id, contribution_id, ["amount", "donor"], principal_id=principal_id)
    correction = []
    if correction_id is not None:
        correction = open_for_giver(conn, tenant_id, correction_id, ["donor"], principal_id=principal_id)
    return ReceiptOpenings(gift=tuple(gift), correction_id=correction_id, correction=tuple(correction))
