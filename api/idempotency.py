"""One result for one request, however often it is sent (I8).

Posting keeps its requests itself, in the statement that posts. Every other command goes through ``once``, in the same
transaction: what is kept is the hash of the request and the codes of what came of it, never a typed word.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Depends, Header
from fastapi import Request as HttpRequest
from pydantic import BaseModel
from sqlalchemy import text

from api.auth import Session
from ledger.books.model import Request
from ledger.errors import IdempotencyConflict
from ledger.people.request import is_same_request, request_digest
from ledger.tenancy import set_tenant

REPLAY_HEADER: Final = "Idempotent-Replay"

_RECALL: Final = text("""\
SELECT request_hash, result
FROM soquy.idempotency
WHERE tenant_id = :tenant_id AND principal_id = :principal_id AND key = :key""")

# Twins take turns: the second would otherwise fail on what the first has just made, before it finds the first's key.
_TAKE_TURN: Final = text("""\
SELECT pg_advisory_xact_lock(hashtextextended(CAST(:principal_id AS text) || CAST(:key AS text), 0))""")

_REMEMBER: Final = text("""\
INSERT INTO soquy.idempotency (tenant_id, principal_id, key, request_hash, result)
VALUES (:tenant_id, :principal_id, :key, :request_hash, CAST(:result AS jsonb))""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The caller's key, and what it came with as far as the address says."""

    value: str
    method: str
    path: str

    def of(self, body: BaseModel | None = None) -> Request:
        """Return what makes a retry the same request.

        The hash covers what the body means, not how it was spelled: fields at their defaults and absent ones are one,
        and so are other orders and spaces.
        """
        content = "" if body is None else body.model_dump_json(exclude_defaults=True)
        return Request(key=self.value, hash=sha256(f"{self.method}\n{self.path}\n{content}".encode()).digest())


async def _key(
    request: HttpRequest,
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            pattern=r"^[!-~]{1,100}$",
            description="A code of the caller's own, one for each thing to be done; a retry sends the same one.",
            examples=["0192f6a0-5b5c-7c3e-9a53-6a2f7e0f3c11"],
        ),
    ],
) -> Key:
    return Key(value=idempotency_key, method=request.method, path=request.url.path)


IdempotencyKey = Annotated[Key, Depends(_key)]


def recall(session: Session, request: Request) -> dict[str, Any] | None:
    """Return what came of this request the first time, if there was one; a twin at work is waited for.

    Raises:
        IdempotencyConflict: the key came with another request.
    """
    session.conn.execute(_TAKE_TURN, {"principal_id": str(session.actor.principal_id), "key": request.key})
    row = session.conn.execute(_RECALL, _place(session, request)).one_or_none()
    if row is None:
        return None
    principal_id = session.actor.principal_id
    if not is_same_request(session.conn, session.tenant_id, principal_id, request, remembered=row.request_hash):
        raise IdempotencyConflict(key=request.key)
    return dict(row.result)


def once(session: Session, request: Request, change: Callable[[], Mapping[str, object]]) -> tuple[dict[str, Any], bool]:
    """Do something unless this request did it before; return what came of it, and whether that was before.

    Raises:
        IdempotencyConflict: the key came with another request.
    """
    found = recall(session, request)
    if found is not None:
        return found, True
    result = dict(change())
    # The change may have gone on in the tenant that it made.
    set_tenant(session.conn, session.tenant_id)
    remembered = request_digest(session.conn, session.tenant_id, session.actor.principal_id, request)
    session.conn.execute(
        _REMEMBER, _place(session, request) | {"request_hash": remembered, "result": json.dumps(result)}
    )
    return result, False


def _place(session: Session, request: Request) -> dict[str, object]:
    return {"tenant_id": session.tenant_id, "principal_id": session.actor.principal_id, "key": request.key}


def replayed(*, is_replay: bool) -> dict[str, str]:
    """Return the headers that tell a repeated answer from a first one."""
    return {REPLAY_HEADER: "true"} if is_replay else {}
