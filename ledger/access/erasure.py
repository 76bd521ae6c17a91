"""Erase a person who left: name, address, proofs, sessions and what was written down of their sign-ins.

What they did stays, under an id that names nobody any more: grants and entries keep the user's id, leaves their
commitments, whose sealed values go when their own time is over. The database role is ``soquy_vault``.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from ledger.access.user import email_key
from ledger.errors import LedgerError
from ledger.tenancy import DEPLOYMENT, set_tenant

_FIND: Final = text("SELECT user_id FROM vault.user_profile WHERE tenant_id = :tenant_id AND email_key = :email_key")
_HOLDS: Final = text("""\
SELECT EXISTS (SELECT FROM soquy.role_holder
    WHERE tenant_id = :tenant_id AND user_id = :user_id AND cardinality(roles) > 0)""")
_INVITED: Final = text("DELETE FROM vault.invitation_address WHERE tenant_id = :tenant_id AND email_key = :email_key")
_OWN: Final[Sequence[str]] = (
    "access_event",
    "user_session",
    "user_device",
    "user_recovery",
    "user_totp",
    "user_password",
    "user_profile",
)
"""In the order in which one may go before the other."""


class UserNotFound(LedgerError):
    """Nobody signs in with this address."""

    code = "user_not_found"


class UserHoldsRole(LedgerError):
    """The person holds a role still: it is taken back first, which stands in the log."""

    code = "user_holds_role"


def erase_user(conn: Connection, email: str, tenant_ids: Sequence[int]) -> None:
    """Erase whoever signs in with an address; ``tenant_ids`` are all storage homes.

    Raises:
        UserNotFound: nobody does.
        UserHoldsRole: they hold a role still.
    """
    key = email_key(email)
    set_tenant(conn, DEPLOYMENT)
    user_id = conn.execute(_FIND, {"tenant_id": DEPLOYMENT, "email_key": key}).scalar()
    if user_id is None:
        raise UserNotFound
    for tenant_id in tenant_ids:
        set_tenant(conn, tenant_id)
        if conn.execute(_HOLDS, {"tenant_id": tenant_id, "user_id": user_id}).scalar_one():
            raise UserHoldsRole
        conn.execute(_INVITED, {"tenant_id": tenant_id, "email_key": key})
    set_tenant(conn, DEPLOYMENT)
    for table in _OWN:
        erased = text(f"DELETE FROM vault.{table} WHERE tenant_id = :tenant_id AND user_id = :user_id")  # noqa: S608
        conn.execute(erased, {"tenant_id": DEPLOYMENT, "user_id": user_id})
