"""Make exports of a log for tests: leaves, tiles, signed checkpoint, trial balances and policy, all in agreement.

What an auditor reads is built here a second time, from the specification's words and not by the product's publisher, so
that the two cannot share a mistake.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from audit import canonical
from audit.checkpoint import Checkpoint
from audit.cosignature import CosignerKey
from audit.merkle import leaf_hash, root_of
from audit.note import SignedNote, SignerKey
from audit.tiles import Tile, TileHashes, bundles_of, encode_bundle, tiles_of

ORIGIN = "log.example/soquy"
SIGNER = SignerKey(ORIGIN, b"\x01" * 32)
OTHER_SIGNER = SignerKey(ORIGIN, b"\x02" * 32)
WITNESSES = (CosignerKey("witness.one", b"\x03" * 32), CosignerKey("witness.two", b"\x04" * 32))
COSIGNED_AT = 1_700_000_000

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def type_id(prefix: str, number: int) -> str:
    """Return a TypeID with a number in its last characters."""
    text = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    return f"{prefix}_{text}"


def association(number: int) -> str:
    return type_id("as", number + 1)


@dataclass
class Ledger:
    """Writes leaves as posting would: numbers of entries and vouchers run on by themselves."""

    leaves: list[bytes] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    vouchers: dict[tuple[str, str], int] = field(default_factory=dict)
    lines_of: dict[str, list[list[Any]]] = field(default_factory=dict)

    def entry(
        self,
        book: int = 0,
        lines: Sequence[Sequence[Any]] = (("1111", "QC", 500_000), ("35381", "QC", -500_000)),
        *,
        kind: str = "ordinary",
        corrects: str | None = None,
        seq: int | None = None,
        voucher: list[Any] | None = None,
        event_id: str | None = None,
        entry_on: date = date(2023, 9, 5),
        private: dict[str, str] | None = None,
    ) -> str:
        """Append an entry's leaf and return its id."""
        of = association(book)
        self.seqs[of] = self.seqs.get(of, 0) + 1 if seq is None else seq
        voucher_kind = "DC" if corrects else "PT"
        if voucher is None:
            voucher = [voucher_kind, 2023, self._number(of, voucher_kind)]
        event_id = event_id or type_id("en", 1000 + len(self.leaves))
        self.lines_of[event_id] = [list(line) for line in lines]
        self.add(
            "entry",
            of,
            {"kind": kind, "lines": self.lines_of[event_id], "rate": None, "voucher": voucher},
            event_id=event_id,
            book_seq=self.seqs[of],
            entry_on=entry_on,
            corrects=corrects,
            private=private or {},
        )
        return event_id

    def reverse(self, event_id: str, book: int = 0) -> str:
        lines = [[account, fund, -value] for account, fund, value in self.lines_of[event_id]]
        return self.entry(book, lines, kind="reversal", corrects=event_id)

    def issue(self, book: int = 0, number: int | None = None) -> list[Any]:
        of = association(book)
        voucher = ["PT", 2023, self._number(of, "PT") if number is None else number]
        self.add("voucher.issued", of, {"voucher": voucher, "issued_on": "2023-09-05"})
        return voucher

    def void(self, voucher: list[Any], book: int = 0) -> None:
        self.add("voucher.voided", association(book), {"voucher": voucher})

    def add(self, type_: str, of: str | None, payload: dict[str, Any], *, event_id: str = "", **more: Any) -> None:
        leaf = canonical.Leaf(
            type=type_,
            event_id=event_id or type_id("ev", 1000 + len(self.leaves)),
            association=of,
            recorded_at=datetime(2023, 9, 5, 3, 4, 5, 123456, tzinfo=UTC),
            actor=canonical.LeafActor(role="treasurer", commitment=f"{len(self.leaves):064x}"),
            payload=payload,
            **more,
        )
        self.leaves.append(canonical.encode(leaf))

    def _number(self, of: str, kind: str) -> int:
        self.vouchers[of, kind] = self.vouchers.get((of, kind), 0) + 1
        return self.vouchers[of, kind]


def a_ledger(leaf_count: int, *, book_count: int = 3) -> Ledger:
    """Return a ledger of so many leaves, the last an entry; some in dollars, some reversed, some not entries."""
    ledger = Ledger()
    dollars = {"amount_minor": 100_00, "currency": "USD"}
    back = {"amount_minor": -100_00, "currency": "USD"}
    while len(ledger.leaves) < leaf_count:
        number = len(ledger.leaves)
        book = number % book_count
        match number % 11 if number + 2 < leaf_count else 0:
            case 3:
                ledger.reverse(ledger.entry(book), book)
            case 5:
                ledger.entry(book, voucher=ledger.issue(book))
            case 7:
                ledger.void(ledger.issue(book), book)
            case 9:
                ledger.entry(book, [["1122", "QC", 2_435_000, dollars], ["1121", "QC", -2_435_000, back]])
            case _:
                ledger.entry(book, [["1111", "QC", 1000 + number], ["35381", "QC", -1000 - number]])
    return ledger


def trial_balances(leaves: Sequence[bytes], origin: str = ORIGIN) -> bytes:
    """Return the file of trial balances that these leaves give."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for data in leaves:
        leaf = json.loads(data)
        for account, fund, value, *_ in leaf["payload"].get("lines", ()) if leaf["type"] == "entry" else ():
            total = sums.setdefault((leaf["association"], account, fund), [0, 0])
            total[value < 0] += abs(value)
    rows: list[dict[str, Any]] = [{"format": "soquy-trial-balances", "v": 1, "origin": origin, "size": len(leaves)}]
    for (of, account, fund), (debit, credit) in sorted(sums.items()):
        rows.append({"association": of, "account": account, "fund": fund, "debit_minor": debit, "credit_minor": credit})
    rows.append({"end": True, "rows": len(sums)})
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows).encode()


def a_checkpoint(
    leaves: Sequence[bytes], *, signer: SignerKey = SIGNER, witnesses: Sequence[CosignerKey] = WITNESSES
) -> bytes:
    text = Checkpoint(ORIGIN, len(leaves), root_of([leaf_hash(leaf) for leaf in leaves])).text()
    cosignatures = (witness.cosign(text, COSIGNED_AT) for witness in witnesses)
    return SignedNote(text, (signer.sign(text), *cosignatures)).encode()


def a_policy(signer: SignerKey = SIGNER) -> bytes:
    lines = [f"log {signer.verifier}"]
    lines += [f"witness w{place} {witness.verifier}" for place, witness in enumerate(WITNESSES)]
    return "\n".join([*lines, "group both all w0 w1", "quorum both", ""]).encode()


def tile_bytes(hashes: Sequence[bytes], tile: Tile) -> bytes:
    span = 256**tile.level
    starts = range(tile.index * 256 * span, (tile.index * 256 + tile.width) * span, span)
    return b"".join(root_of(hashes[start : start + span]) for start in starts)


def tree_files(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """Return the tiles and entry bundles of a log."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    files = {tile.path: tile_bytes(hashes, tile) for tile in tiles_of(len(leaves))}
    for bundle in bundles_of(len(leaves)):
        first = bundle.index * 256
        files[bundle.path] = encode_bundle(leaves[first : first + bundle.width])
    return files


def export_files(
    leaves: Sequence[bytes],
    *,
    signer: SignerKey = SIGNER,
    witnesses: Sequence[CosignerKey] = WITNESSES,
    known: int | None = None,
) -> dict[str, bytes]:
    """Return every file of an export; balances are known at ``known`` leaves, and later bundles are not there yet."""
    files = tree_files(leaves)
    if known is not None:
        for bundle in bundles_of(len(leaves)):
            if bundle.index * 256 + bundle.width > known:
                del files[bundle.path]
        for bundle in bundles_of(known)[-1:]:
            files[bundle.path] = encode_bundle(leaves[bundle.index * 256 : known])
    files["checkpoint"] = a_checkpoint(leaves, signer=signer, witnesses=witnesses)
    files["policy"] = a_policy(signer)
    files["trial-balances.jsonl"] = trial_balances(leaves[:known])
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    return tuple(TileHashes(lambda tile: tile_bytes(hashes, tile), len(leaves)).inclusion_proof(index))
