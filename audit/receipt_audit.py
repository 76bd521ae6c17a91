r"""Verify a receipt: that a log has a leaf, and what its holder may see of it.

A receipt is a JSON file; ``openings`` follow ``audit.commitment`` (field ``actor`` opens the actor's commitment,
``document_N`` that of documents[N], others the one of that name in ``private``)::

    {"format":"soquy-receipt","v":1,"status":"published","leaf":"{…}","proof":"c2sp.org/tlog-proof@v1\n…",
     "openings":[{"field":"description","value":"…","salt":"64 hexadecimal digits"}],"keys":["VERIFIER KEY"]}

``status`` is ``accepted`` and ``proof`` null until a checkpoint covers the leaf.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from audit import canonical
from audit.checkpoint import CheckpointError
from audit.commitment import CommitmentError, opens
from audit.finding import Finding, Tampered, Unusable
from audit.jcs import CanonicalError
from audit.log_audit import remember
from audit.memory import Memory
from audit.merkle import MerkleError
from audit.note import NoteError, VerifierKey, parse_verifier_key
from audit.proof import Proof, ProofError, parse_proof
from audit.trust import EXPORT, Named, Opened, choose, open_trusted, origin_of

RECEIPT_SIZE_MAX: Final = 4_000_000
"""In bytes."""

_match_salt: Final = re.compile(r"[0-9a-f]{64}").fullmatch
_match_document: Final = re.compile(r"document_(0|[1-9][0-9]{0,4})").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt as it was read; nothing of it is proved."""

    leaf: bytes
    proof: bytes | None
    openings: tuple[tuple[str, str, bytes], ...]
    """Field, value, salt."""
    keys: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReport:
    """What a receipt proves."""

    opened: Opened
    index: int
    leaf: canonical.Leaf
    openings: tuple[tuple[str, str], ...]
    remarks: list[Finding] = field(default_factory=list)


def read_receipt(data: bytes, where: str) -> Receipt:
    """Return what a file holds.

    Raises:
        Unusable: it is no receipt.
    """
    if len(data) > RECEIPT_SIZE_MAX:
        raise Unusable("source_too_large", where, size_max=RECEIPT_SIZE_MAX)
    try:
        members: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise Unusable("receipt_malformed", where, what="JSON") from None
    if not isinstance(members, dict) or members.get("format") != "soquy-receipt" or members.get("v") != 1:
        raise Unusable("receipt_malformed", where, what="format, v")
    try:
        proof = members["proof"]
        if (proof is None) != (members["status"] == "accepted") or members["status"] not in {"accepted", "published"}:
            raise Unusable("receipt_malformed", where, what="status, proof")
        return Receipt(
            leaf=members["leaf"].encode("ascii"),
            proof=None if proof is None else proof.encode(),
            openings=tuple(_opening(each, where) for each in members["openings"]),
            keys=tuple(parse_verifier_key(text) for text in members["keys"]),
        )
    except NoteError as error:
        raise Unusable("key_malformed", where, cause=error.code, fact=error.fact) from None
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError):
        raise Unusable("receipt_malformed", where, what="leaf, proof, openings, keys") from None


def _opening(members: dict[str, Any], where: str) -> tuple[str, str, bytes]:
    name, value, salt = members["field"], members["value"], members["salt"]
    if not (isinstance(name, str) and isinstance(value, str) and isinstance(salt, str) and _match_salt(salt)):
        raise Unusable("receipt_malformed", where, what="openings")
    return name, value, bytes.fromhex(salt)


def audit_receipt(data: bytes, named: Named, *, state: Path | None, where: str) -> ReceiptReport:
    """Verify a receipt and return what it proves.

    Raises:
        Tampered: leaf, proof, checkpoint or a value is not what was signed.
        Unusable: it is no receipt, or has no proof yet.
    """
    receipt = read_receipt(data, where)
    leaf = _check_leaf(receipt, where)
    if receipt.proof is None:
        raise Unusable("receipt_unproved", where)
    try:
        proof = parse_proof(receipt.proof)
    except (ProofError, NoteError, CheckpointError) as error:
        raise Tampered("proof_refused", where, cause=error.code, fact=error.fact) from None
    origin = origin_of(proof.checkpoint, where)
    memory = Memory(state, origin)
    trust = choose(named, memory, origin, found=Named(keys=receipt.keys), where=where)
    opened = open_trusted(proof.checkpoint, origin, trust, where)
    _check_proof(proof, receipt.leaf, opened, where)
    memory.check_same_size(opened.checkpoint)
    report = ReceiptReport(
        opened=opened,
        index=proof.index,
        leaf=leaf,
        openings=tuple((name, value) for name, value, _ in receipt.openings),
    )
    if trust.origin_of_keys == EXPORT:
        report.remarks.append(Finding(code="keys_from_export", where=where))
    remember(memory, opened, report.remarks)
    return report


def _check_leaf(receipt: Receipt, where: str) -> canonical.Leaf:
    try:
        leaf = canonical.decode(receipt.leaf)
    except CanonicalError as fault:
        raise Tampered("leaf_malformed", where, cause=fault.code, fact=str(fault)) from None
    for name, value, salt in receipt.openings:
        try:
            is_open = opens(commitment_of(leaf, name) or "", salt, leaf.event_id, name, value)
        except CommitmentError:
            is_open = False
        if not is_open:
            raise Tampered("opening_refused", where, field=ascii(name)[1:-1])
    return leaf


def _check_proof(proof: Proof, leaf: bytes, opened: Opened, where: str) -> None:
    try:
        proof.verify(leaf, origin=opened.checkpoint.origin, keys=opened.trust.keys)
    except (MerkleError, NoteError, CheckpointError) as error:
        raise Tampered("proof_refused", where, cause=error.code, fact=error.fact) from None


def commitment_of(leaf: canonical.Leaf, name: str) -> str | None:
    """Return the commitment that a field of this name opens."""
    if name == "actor":
        return leaf.actor.commitment
    document = _match_document(name)
    if document is not None:
        place = int(document[1])
        return leaf.documents[place].commitment if place < len(leaf.documents) else None
    return leaf.private.get(name)
