"""Remember a request without its words: HMAC under a key of the tenant's vault, made anew every year.

A plain hash of a request that holds typed text could be tried out against guesses for as long as it is kept, and I8
keeps it for ever. With the key it says whether two requests are one; without it, nothing. A year's key is destroyed
400 days after the year, when no token of that year lives that could ask again: a retry would then be refused as
another request, and never be done twice.
"""

import hmac
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from ledger.books.model import Request
from ledger.people.sealing import DataKey
from ledger.people.vault import REQUEST, vault_of

_CONTEXT: Final = b"soquy/vault/request/v1|"


def request_digest(conn: Connection, tenant_id: int, principal_id: UUID, request: Request) -> bytes:
    """Return the 32 bytes to remember a request by."""
    return _digest(vault_of(conn).current_key(conn, tenant_id, REQUEST), principal_id, request)


def is_same_request(
    conn: Connection, tenant_id: int, principal_id: UUID, request: Request, *, remembered: bytes
) -> bool:
    """Tell whether what is remembered is this request, of this year or an earlier one."""
    if hmac.compare_digest(request_digest(conn, tenant_id, principal_id, request), remembered):
        return True
    keys = vault_of(conn).request_keys(conn, tenant_id)
    return any(hmac.compare_digest(_digest(key, principal_id, request), remembered) for key in keys)


def _digest(key: DataKey, principal_id: UUID, request: Request) -> bytes:
    return hmac.digest(key.secret, _CONTEXT + principal_id.bytes + request.hash + request.key.encode(), "sha256")
