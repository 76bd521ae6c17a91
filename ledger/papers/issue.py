"""Print papers, and hold every reprint against the first.

What a paper was printed from is kept only as hashes under a key of the tenant's vault, with the context that the books
do not have. The same data, templates and typesetter give the same bytes, so a reprint is the first print again, to the
byte, as long as nobody on it was erased and nothing put right. Where it is not, the paper says so on its face::

    printed = print_paper(access.write, book, wanted, imprint, actor=…)
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.papers.context import Context
from ledger.papers.facts import Gathered, PaperKind, Wanted, gather
from ledger.papers.imprint import Imprint
from ledger.papers.model import EntryPaper, Notice
from ledger.papers.typesetting import ENGINE, VERSION, Typesetter, data_of, typesetter
from ledger.people.sealing import DataKey
from ledger.people.vault import vault_of

Result = TypeVar("Result")

Difference = Literal["erased", "corrected", "engine"]

_FILES: Final[dict[PaperKind, str]] = {
    "voucher": "chung-tu",
    "list": "bang-ke",
    "receipt": "giay-ghi-nhan",
    "receipts": "giay-ghi-nhan",
}

_DIGEST: Final = b"soquy/paper/v1|"
_ATTEMPT_COUNT_MAX: Final = 3
"""Of two who print the same first, one is first; the other prints it again."""

_FIND: Final = text("""\
SELECT p.version, p.engine, p.context, p.data_digest, p.pdf_digest, p.issued_at, k.key_id, k.wrapped, k.kek_id
FROM soquy.paper AS p
JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
LEFT JOIN LATERAL vault.paper_key(p.tenant_id, p.paper_id) AS k ON true
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND e.entry_id = :entry_id AND p.kind = :kind
    AND p.first_line = :first_line""")

_KEEP: Final = text("""\
INSERT INTO soquy.paper (tenant_id, paper_id, book_id, seq, kind, first_line, last_line, version, engine, context,
    key_id, data_digest, pdf_digest, principal_id, actor_role)
VALUES (:tenant_id, :paper_id, :book_id, :seq, :kind, :first_line, :last_line, :version, :engine,
    CAST(:context AS jsonb), :key_id, :data_digest, :pdf_digest, :principal_id, :actor_role)
ON CONFLICT (tenant_id, book_id, seq, kind, first_line) DO NOTHING
RETURNING issued_at""")

_OF_ENTRY: Final = text("""\
SELECT p.kind, p.first_line, p.last_line, p.issued_at
FROM soquy.paper AS p
JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND e.entry_id = :entry_id
ORDER BY p.kind, p.first_line
LIMIT 10000""")


class Write(Protocol):
    """Do work in a transaction that is committed: ``Access.write``, or ``Job.write``."""

    def __call__(self, work: Callable[[Connection], Result]) -> Result:
        """Return what the work returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A paper as PDF. ``issued_at`` is when it was printed first, ``difference`` why it is not that print."""

    pdf: bytes
    name: str
    is_first: bool
    issued_at: datetime
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper that was printed: its kind, the gifts on it, and when first."""

    kind: PaperKind
    first_line: int
    last_line: int
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """The first print as it is kept."""

    version: str
    engine: str
    data_digest: bytes
    pdf_digest: bytes
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A paper's facts, and the key to compare or keep it by."""

    gathered: Gathered
    key: DataKey
    first: _First | None


def print_paper(write: Write, book: Book, wanted: Wanted, imprint: Imprint, *, actor: Actor) -> Printed:
    """Return a paper; the first print of it is kept in mind, later ones are held against it.

    The typesetter works outside of any transaction.

    Raises:
        EntryNotFound: the book has no such entry.
        PaperRefused: the entry has no such paper; carries the reason.
    """
    for _ in range(_ATTEMPT_COUNT_MAX):
        prepared = write(lambda conn: _prepare(conn, book, wanted, imprint))
        if prepared.first is not None:
            return _again(prepared, prepared.first, wanted, typesetter())
        data = data_of(prepared.gathered.paper)
        pdf = typesetter().set_members(prepared.gathered.paper.template, data, version=VERSION)
        row = {
            **_subject(book, wanted, prepared),
            "data_digest": _digest(prepared.key, data),
            "pdf_digest": _digest(prepared.key, pdf),
            "principal_id": actor.principal_id,
            "actor_role": actor.role,
        }
        issued_at = write(lambda conn, row=row: conn.execute(_KEEP, row).scalar_one_or_none())  # type: ignore[misc]
        if issued_at is not None:
            name = _name(prepared.gathered, wanted)
            return Printed(pdf=pdf, name=name, is_first=True, issued_at=issued_at, difference=None)
    raise AssertionError


def printed_of(conn: Connection, book: Book, entry_id: UUID) -> tuple[PaperRow, ...]:
    """Return which papers of an entry were printed."""
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id, "entry_id": entry_id}
    return tuple(PaperRow(**row) for row in conn.execute(_OF_ENTRY, key).mappings())


def difference_of(conn: Connection, book: Book, wanted: Wanted) -> Difference | None:
    """Tell whether a paper that was printed would come out as other than it was, for its data or its typesetter.

    Without setting it: whether the same typesetter gives the same bytes is seen when it is printed.
    """
    prepared = _prepare(conn, book, wanted, Imprint(public_url=None))
    if prepared.first is None:
        return None
    return _difference(prepared, prepared.first, data_of(prepared.gathered.paper)) or (
        None if prepared.first.engine == ENGINE else "engine"
    )


def _prepare(conn: Connection, book: Book, wanted: Wanted, imprint: Imprint) -> _Prepared:
    asked = {"kind": wanted.kind, "first_line": wanted.first_line, "entry_id": wanted.entry_id}
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    row = conn.execute(_FIND, {**key, **asked}).one_or_none()
    vault = vault_of(conn)
    if row is None:
        gathered = gather(conn, book, wanted, imprint)
        return _Prepared(gathered=gathered, key=vault.current_key(conn, book.tenant_id), first=None)
    return _Prepared(
        gathered=gather(conn, book, wanted, imprint, kept=Context.parse(row.context)),
        key=vault.data_key(book.tenant_id, row.key_id, row.wrapped, row.kek_id),
        first=_first(row),
    )


def _first(row: Row[tuple[object, ...]]) -> _First:
    return _First(
        version=row.version,
        engine=row.engine,
        data_digest=bytes(row.data_digest),
        pdf_digest=bytes(row.pdf_digest),
        issued_at=row.issued_at,
    )


def _again(prepared: _Prepared, first: _First, wanted: Wanted, setter: Typesetter) -> Printed:
    """Print once more: the same bytes, or others that say why they are."""
    gathered = prepared.gathered
    data = data_of(gathered.paper)
    difference = _difference(prepared, first, data)
    pdf = b""
    if difference is None:
        pdf = setter.set_members(gathered.paper.template, data, version=first.version)
        if not hmac.compare_digest(_digest(prepared.key, pdf), first.pdf_digest):
            difference = "engine"
    if difference is not None:
        noted = data_of(_noted(gathered, difference))
        pdf = setter.set_members(gathered.paper.template, noted, version=first.version)
    name = _name(gathered, wanted)
    return Printed(pdf=pdf, name=name, is_first=False, issued_at=first.issued_at, difference=difference)


def _difference(prepared: _Prepared, first: _First, data: bytes) -> Difference | None:
    if hmac.compare_digest(_digest(prepared.key, data), first.data_digest):
        return None
    return "erased" if prepared.gathered.is_erased else "corrected"


def _noted(gathered: Gathered, difference: Difference) -> EntryPaper:
    paper = gathered.paper
    booking = paper.booking
    notices = (*booking.notices, Notice(kind=difference))
    return replace(paper, booking=replace(booking, notices=notices))


def _subject(book: Book, wanted: Wanted, prepared: _Prepared) -> dict[str, object]:
    gathered = prepared.gathered
    return {
        "tenant_id": book.tenant_id,
        "paper_id": typeid.new_id(),
        "book_id": book.book_id,
        "seq": gathered.seq,
        "kind": wanted.kind,
        "first_line": wanted.first_line,
        "last_line": gathered.last_line,
        "version": VERSION,
        "engine": ENGINE,
        "context": json.dumps(gathered.context.members()),
        "key_id": prepared.key.key_id,
    }


def _digest(key: DataKey, content: bytes) -> bytes:
    return hmac.digest(key.secret, _DIGEST + sha256(content).digest(), "sha256")


def _name(gathered: Gathered, wanted: Wanted) -> str:
    """Return what the file is called: its kind and the voucher's number, never a name."""
    voucher = gathered.paper.booking.voucher
    number = f"{voucher.kind}-{voucher.fiscal_year}-{voucher.number}"
    is_whole = wanted.kind == "voucher" or gathered.line_count == 1
    lines = "" if is_whole else f"-{wanted.first_line}-{gathered.last_line}"
    return f"{_FILES[wanted.kind]}-{number}{lines}.pdf"
