"""Receipts of a little log that lives in memory, made with our own formats, for tests that read receipts.

Keys and salts are fixed: a receipt is the same in every run, whatever the test changes in it afterwards.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from audit import canonical
from audit.canonical import Leaf, LeafActor, LeafDocument
from audit.checkpoint import Checkpoint
from audit.commitment import commit
from audit.cosignature import CosignerKey
from audit.merkle import leaf_hash, root_of
from audit.note import SignedNote, SignerKey
from audit.proof import Proof

ORIGIN: Final = "so-quy.example/log"
SIZE: Final = 300
INDEX: Final = 217
COSIGNED_AT: Final = 1_694_000_000

LOG: Final = SignerKey(ORIGIN, bytes(range(32)))
STRANGER: Final = SignerKey(ORIGIN, bytes(range(1, 33)))
WITNESS: Final = CosignerKey("witness.example/one", bytes(range(2, 34)))
ABSENT: Final = CosignerKey("witness.example/two", bytes(range(3, 35)))

EVENT: Final = "en_01h9hsy4k1fz8tq3v2w5n7c9ar"
# As a phone may type it: letters and their marks apart, which NFC joins.
DONOR_TYPED: Final = "Nguye\u0302\u0303n Thi\u0323 Ma\u0302\u0303u"
DONOR: Final = "Nguyễn Thị Mẫu"
OPENED: Final = {"description": "Ủng hộ quỹ khuyến học | đợt 1", "donor": DONOR_TYPED, "document_0": "sha256:7e41969c"}


def salt_of(field: str) -> bytes:
    """Return the salt that these receipts have for a field."""
    return leaf_hash(field.encode())


def gift() -> bytes:
    """Return the leaf of a household's gift."""
    sealed = {field: commit(salt_of(field), EVENT, field, value) for field, value in OPENED.items()}
    document = sealed.pop("document_0")
    leaf = Leaf(
        type="entry",
        event_id=EVENT,
        association="as_01h455vb4pex5vsknk084sn02q",
        book_seq=1017,
        entry_on=date(2023, 9, 5),
        recorded_at=datetime(2023, 9, 5, 18, 4, 5, 123456, tzinfo=UTC),
        actor=LeafActor(role="treasurer", commitment=commit(salt_of("actor"), EVENT, "actor", "us_1")),
        payload={
            "kind": "ordinary",
            "lines": [
                ["1111", "QC", 12_500_000],
                ["35381", "QC", -12_500_000, {"channel": "household", "quantity": 3}],
            ],
            "rate": None,
            "voucher": ["PT", 2023, 17],
        },
        documents=(LeafDocument(kind="receipt_scan", commitment=document),),
        private=sealed,
    )
    return canonical.encode(leaf)


def inclusion(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the proof of a leaf by the definition itself (RFC 6962, 2.1.1)."""
    if len(hashes) == 1:
        return ()
    cut = 1 << (len(hashes) - 1).bit_length() - 1
    if index < cut:
        return (*inclusion(hashes[:cut], index), root_of(hashes[cut:]))
    return (*inclusion(hashes[cut:], index - cut), root_of(hashes[:cut]))


def proof_of(leaf: bytes, *, index: int = INDEX, size: int = SIZE) -> Proof:
    """Return the proof of a leaf in a log that has it at this index, signed and cosigned."""
    hashes = [leaf_hash(leaf if at == index else f"leaf {at}".encode()) for at in range(size)]
    text = Checkpoint(ORIGIN, size, root_of(hashes)).text()
    note = SignedNote(text, (LOG.sign(text), WITNESS.cosign(text, COSIGNED_AT)))
    return Proof(index, inclusion(hashes, index), note.encode())


def receipt(*, index: int = INDEX, size: int = SIZE) -> dict[str, Any]:
    """Return a published receipt as the members of its JSON."""
    leaf = gift()
    return {
        "format": "soquy-receipt",
        "v": 1,
        "status": "published",
        "leaf": leaf.decode(),
        "proof": proof_of(leaf, index=index, size=size).encode().decode(),
        "openings": [{"field": field, "value": value, "salt": salt_of(field).hex()} for field, value in OPENED.items()],
        "keys": [str(LOG.verifier)],
    }


def accepted() -> dict[str, Any]:
    """Return the receipt of an entry that no checkpoint covers yet."""
    return {**receipt(), "status": "accepted", "proof": None}


def policy(*, quorum: str = "one") -> str:
    """Return a policy text with the log and two witnesses, of which only ``one`` has cosigned."""
    return (
        f"log {LOG.verifier}\nwitness one {WITNESS.verifier}\nwitness two {ABSENT.verifier} https://two.example/\n"
        f"group both all one two\nquorum {quorum}\n"
    )


def as_text(members: dict[str, Any]) -> str:
    """Return the text of a receipt's file."""
    return json.dumps(members, ensure_ascii=False, indent=1)
