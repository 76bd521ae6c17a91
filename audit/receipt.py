"""The receipt of a leaf: the leaf itself, and the proof that a published checkpoint covers it.

As a file (``*.receipt.json``), which ``soquy verify`` and the page ``verify.html`` read::

    {"format": "soquy-receipt", "v": 1,
     "status": "published" | "accepted",
     "leaf": "{…}",                        the leaf's bytes, as text: they are ASCII
     "proof": "c2sp.org/tlog-proof@v1…",   null while the status is accepted: not yet numbered, or not yet published
     "openings": [{"field": …, "value": …, "salt": 64 hexadecimal digits}, …],
     "keys": [verifier key of the log, …]}

``openings`` are the private values that the asker may see: each opens the leaf's commitment of its field, ``actor`` the
actor's (``audit.commitment``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from audit.checkpoint import parse_checkpoint
from audit.note import parse_note
from audit.proof import Proof
from audit.tree import hashes_of

FORMAT: Final = "soquy-receipt"
VERSION: Final = 1

_LEAF: Final = text("""\
SELECT a.leaf, l.log_id, l.leaf_index, checkpoint.note
FROM soquy.audit_entry AS a
LEFT JOIN soquy.log_leaf AS l ON l.log_id = (SELECT max(log.log_id) FROM soquy.log)
    AND l.tenant_id = a.tenant_id AND l.event_id = a.event_id
LEFT JOIN LATERAL (
    SELECT c.note FROM soquy.log_checkpoint AS c
    WHERE c.log_id = l.log_id AND c.size > l.leaf_index
    ORDER BY c.size DESC, c.published_at DESC LIMIT 1
) AS checkpoint ON true
WHERE a.tenant_id = :tenant_id AND a.event_id = :event_id AND a.association_id = :association_id""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A private value and the salt that opens its commitment; never printed by accident."""

    field: str
    value: str
    salt: bytes

    def __repr__(self) -> str:
        """Name the field alone."""
        return f"Opening(field={self.field!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A leaf and, once a checkpoint covers it, the proof; ``index`` is its number as soon as it has one."""

    leaf: bytes
    index: int | None
    proof: Proof | None

    @property
    def status(self) -> Literal["published", "accepted"]:
        """Whether the proof is there."""
        return "accepted" if self.proof is None else "published"

    def members(self, *, openings: Sequence[Opening] = (), keys: Sequence[str] = ()) -> dict[str, Any]:
        """Return the receipt as the file has it."""
        return {
            "format": FORMAT,
            "v": VERSION,
            "status": self.status,
            "leaf": self.leaf.decode("ascii"),
            "proof": None if self.proof is None else self.proof.encode().decode(),
            "openings": [{"field": each.field, "value": each.value, "salt": each.salt.hex()} for each in openings],
            "keys": list(keys),
        }


def find_receipt(conn: Connection, tenant_id: int, association_id: UUID, event_id: UUID) -> Receipt | None:
    """Return the receipt of an association's event; none where it has no such leaf.

    The proof leads to the newest checkpoint, so that one receipt shows what the log has come to.
    """
    row = conn.execute(
        _LEAF, {"tenant_id": tenant_id, "association_id": association_id, "event_id": event_id}
    ).one_or_none()
    if row is None:
        return None
    if row.note is None:
        return Receipt(leaf=bytes(row.leaf), index=row.leaf_index, proof=None)
    note = bytes(row.note)
    size = parse_checkpoint(parse_note(note).text).size
    hashes = hashes_of(conn, row.log_id, size).inclusion_proof(row.leaf_index)
    return Receipt(leaf=bytes(row.leaf), index=row.leaf_index, proof=Proof(row.leaf_index, tuple(hashes), note))
