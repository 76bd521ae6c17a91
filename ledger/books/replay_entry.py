"""Post entries again from their leaves, through the same triggers that let them in the first time.

What entries of one transaction were to each other they stay: a batch may overdraw in its first entry and make it good
in its last, so entries of a book that were recorded at one instant go in with one statement. The private half of an
entry is not in its leaf: nobody's name stands on it (``NOBODY``), and it has no description.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import columns
from audit.canonical import Leaf
from ledger import typeid
from ledger.books.leaf import entry_payload, read_lines, read_rate
from ledger.books.model import Book, EntryDraft, PostedEntry, VoucherNumber
from ledger.books.statement import entry_columns, posting_columns
from ledger.errors import LedgerError

NOBODY: Final = UUID(int=0)
"""Who posted an entry that was recovered: the leaf has only a commitment to it."""

BATCH_SIZE: Final = 500

_KNOWN: Final = text("""\
SELECT v.voucher_kind, v.fiscal_year, v.number
FROM unnest(CAST(:kind AS text[]), CAST(:year AS smallint[]), CAST(:number AS integer[])) AS asked (kind, year, number)
JOIN soquy.voucher AS v ON v.tenant_id = :tenant_id AND v.book_id = :book_id AND v.voucher_kind = asked.kind
    AND v.fiscal_year = asked.year AND v.number = asked.number""")

_SEQS: Final = text("""\
SELECT entry_id, seq FROM soquy.entry WHERE tenant_id = :tenant_id AND entry_id = ANY (CAST(:entry_ids AS uuid[]))""")

_INSERT: Final = text("""\
WITH issued AS (
    INSERT INTO soquy.voucher (tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on, event_id, recorded_at)
    SELECT :tenant_id, :book_id, v.* FROM unnest(CAST(:issued_kind AS text[]), CAST(:issued_year AS smallint[]),
        CAST(:issued_number AS integer[]), CAST(:issued_on AS date[]), CAST(:issued_event_id AS uuid[]),
        CAST(:issued_at AS timestamptz[])) AS v
), leaf AS (
    INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, book_seq, recorded_at, leaf)
    SELECT :tenant_id, a.event_id, 'entry', CAST(:association_id AS uuid), :book_id, a.seq, a.recorded_at,
        substring(CAST(:leaf_bytes AS bytea) FROM a.start FOR a.size)
    FROM unnest(CAST(:entry_id AS uuid[]), CAST(:seq AS bigint[]), CAST(:recorded_at AS timestamptz[]),
        CAST(:leaf_start AS integer[]), CAST(:leaf_size AS integer[])) AS a (event_id, seq, recorded_at, start, size)
), journal AS (
    INSERT INTO soquy.entry (tenant_id, book_id, actor_id, seq, entry_id, kind, entry_on, line_count, voucher_kind,
        fiscal_year, voucher_number, rate_currency, rate, rate_source, corrects_seq, recorded_at)
    SELECT :tenant_id, :book_id, CAST(:actor_id AS uuid), e.*
    FROM unnest(CAST(:seq AS bigint[]), CAST(:entry_id AS uuid[]), CAST(:kind AS text[]), CAST(:entry_on AS date[]),
        CAST(:line_count AS smallint[]), CAST(:voucher_kind AS text[]), CAST(:fiscal_year AS smallint[]),
        CAST(:voucher_number AS integer[]), CAST(:rate_currency AS text[]), CAST(:rate AS numeric[]),
        CAST(:rate_source AS text[]), CAST(:corrects_seq AS bigint[]), CAST(:recorded_at AS timestamptz[])) AS e
)
INSERT INTO soquy.posting (tenant_id, book_id, seq, line, entry_on, account, fund, value_minor, amount_minor, currency,
    channel, campaign, program, quantity)
SELECT :tenant_id, :book_id, p.*
FROM unnest(CAST(:line_seq AS bigint[]), CAST(:line AS smallint[]), CAST(:line_on AS date[]), CAST(:account AS text[]),
    CAST(:fund AS text[]), CAST(:value_minor AS bigint[]), CAST(:amount_minor AS bigint[]), CAST(:currency AS text[]),
    CAST(:channel AS text[]), CAST(:campaign AS text[]), CAST(:program AS text[]), CAST(:quantity AS integer[])) AS p
""")


class LeafUnreplayable(LedgerError):
    """A leaf of the published log that this program can't make rows of; carries what is wrong."""

    code = "recovery_leaf_refused"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry's leaf that is not written yet."""

    entry_id: UUID
    seq: int
    leaf: Leaf
    data: bytes

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded, first and for good."""
        return self.leaf.recorded_at


@dataclass(slots=True)
class EntryReplay:
    """The entries of one book that wait to be written."""

    book: Book
    waiting: list[Waiting] = field(default_factory=list)
    limit: ClassVar[int] = BATCH_SIZE

    def add(self, conn: Connection, leaf: Leaf, data: bytes) -> UUID:
        """Take an entry in, and write those before it where they are many; return its id."""
        entry_id = typeid.decode(typeid.ENTRY, leaf.event_id)
        if len(self.waiting) >= self.limit and self.waiting[-1].recorded_at != leaf.recorded_at:
            self.write(conn)
        self.waiting.append(Waiting(entry_id, leaf.book_seq or 0, leaf, data))
        return entry_id

    def write(self, conn: Connection) -> None:
        """Write what waits; the transaction works in the book's tenant and has taken the book."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        seqs = self._corrected(conn, waiting)
        drafts = [_draft(each, seqs) for each in waiting]
        entries = [
            PostedEntry(entry_id=each.entry_id, seq=each.seq, entry_on=draft.entry_on, voucher=_voucher(draft))
            for each, draft in zip(waiting, drafts, strict=True)
        ]
        packed, start, size = columns.packed_bytes([each.data for each in waiting])
        conn.execute(
            _INSERT,
            {
                "tenant_id": self.book.tenant_id,
                "book_id": self.book.book_id,
                "association_id": self.book.association_id,
                "actor_id": NOBODY,
                "recorded_at": columns.plain_array(each.recorded_at.isoformat() for each in waiting),
                "leaf_bytes": packed,
                "leaf_start": start,
                "leaf_size": size,
                **self._issued(conn, waiting, entries),
                **entry_columns(drafts, entries),
                **posting_columns(drafts, entries),
            },
        )

    def _corrected(self, conn: Connection, waiting: Sequence[Waiting]) -> dict[str, int]:
        """Return the seq of every entry that one of these corrects, by its public id."""
        found = {each.leaf.event_id: each.seq for each in waiting}
        asked = {each.leaf.corrects for each in waiting if each.leaf.corrects is not None} - found.keys()
        if asked:
            ids = columns.plain_array(typeid.decode(typeid.ENTRY, each) for each in asked)
            rows = conn.execute(_SEQS, {"tenant_id": self.book.tenant_id, "entry_ids": ids})
            found |= {typeid.encode(typeid.ENTRY, row.entry_id): row.seq for row in rows}
        return found

    def _issued(
        self, conn: Connection, waiting: Sequence[Waiting], entries: Sequence[PostedEntry]
    ) -> dict[str, object]:
        """Return the vouchers that came with these entries: those that no leaf of their own has issued before."""
        named = [(entry.voucher, entry, each) for entry, each in zip(entries, waiting, strict=True) if entry.voucher]
        known = {
            tuple(row)
            for row in conn.execute(
                _KNOWN,
                {
                    "tenant_id": self.book.tenant_id,
                    "book_id": self.book.book_id,
                    "kind": columns.text_array(voucher.kind for voucher, _, _ in named),
                    "year": columns.plain_array(voucher.fiscal_year for voucher, _, _ in named),
                    "number": columns.plain_array(voucher.number for voucher, _, _ in named),
                },
            )
        }
        new = [each for each in named if (each[0].kind, each[0].fiscal_year, each[0].number) not in known]
        return {
            "issued_kind": columns.text_array(voucher.kind for voucher, _, _ in new),
            "issued_year": columns.plain_array(voucher.fiscal_year for voucher, _, _ in new),
            "issued_number": columns.plain_array(voucher.number for voucher, _, _ in new),
            "issued_on": columns.plain_array(entry.entry_on for _, entry, _ in new),
            "issued_event_id": columns.plain_array(entry.entry_id for _, entry, _ in new),
            "issued_at": columns.plain_array(each.recorded_at.isoformat() for _, _, each in new),
        }


def _draft(each: Waiting, seqs: dict[str, int]) -> EntryDraft:
    """Return the draft of which this leaf was made.

    Raises:
        LeafUnreplayable: posting it would write another leaf, or it corrects an entry that is not there.
    """
    leaf, payload = each.leaf, each.leaf.payload
    voucher = _given_voucher(payload["voucher"])
    corrects_seq = None if leaf.corrects is None else seqs.get(leaf.corrects)
    rate: Any = payload["rate"]
    lines: Any = payload["lines"]
    kind: Any = payload["kind"]
    if leaf.entry_on is None or (leaf.corrects is not None and corrects_seq is None):
        raise LeafUnreplayable(event=leaf.event_id, cause="entry_corrects_mirror_rule")
    draft = EntryDraft(
        entry_on=leaf.entry_on,
        kind=kind,
        lines=read_lines(lines),
        voucher=voucher,
        corrects_seq=corrects_seq,
        rate=read_rate(rate),
    )
    if entry_payload(draft, voucher) != payload:
        raise LeafUnreplayable(event=leaf.event_id, cause="leaf_content")
    return draft


def _voucher(draft: EntryDraft) -> VoucherNumber | None:
    return draft.voucher if isinstance(draft.voucher, VoucherNumber) else None


def _given_voucher(value: Any) -> VoucherNumber | None:  # noqa: ANN401 - what JSON holds; its layout was checked
    return None if value is None else VoucherNumber(kind=value[0], fiscal_year=value[1], number=value[2])
