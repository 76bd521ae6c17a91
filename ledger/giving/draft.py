"""Drafts: what somebody has typed and not yet posted, kept word for word.

A draft is open to whoever drafted it, then submitted, then posted by somebody who may, or returned with a reason, or
discarded; until it is posted, whoever drafted it can take it back to go on with it. Every change starts from a version:
a second tab that saves an older one is refused, and can show both. What was typed stays as it was typed, amounts like
``1tr5`` and all; what it means is found when it is looked at or posted.

Posting is the entry and the draft's end in one transaction, and once: whoever posts it again gets what was posted.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, Row, text

from ledger import typeid
from ledger.books.model import Actor, Book, PostedEntry, Request, VoucherNumber
from ledger.books.tables import raise_refusal
from ledger.books.taking import take_book
from ledger.errors import FieldRefused, LedgerError
from ledger.giving.commands import earlier, preview, receive
from ledger.giving.draft_body import Body, Read, currency_of, line_count, read_body
from ledger.giving.draft_scan import attach_scan, check_naming, check_scan
from ledger.giving.errors import CollectionRefused, DraftRefused
from ledger.giving.model import REASON_LENGTH_MAX, Received
from ledger.text import clean_text

DraftKind = Literal["contribution", "drive"]
DraftState = Literal["open", "submitted", "posted", "discarded"]

LINE_COUNT_MAX: Final = 2_000
"""Lines of a draft; a longer list comes as a file."""

BODY_LENGTH_MAX: Final = 1_000_000
"""In characters of JSON."""

LIST_LENGTH_MAX: Final = 500


class DraftNotFound(LedgerError):
    """The book has no such draft, or it is somebody else's."""

    code = "draft_not_found"


class DraftStale(LedgerError):
    """It was changed since it was read; carries the version that it has now."""

    code = "draft_stale"


class DraftStateRefused(LedgerError):
    """It is not in a state in which this can be done; carries the state."""

    code = "draft_state_refused"


class DraftTooLarge(LedgerError):
    """More lines, or longer ones, than a draft holds; a longer list comes as a file."""

    code = "draft_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft; ``body`` is empty once it was posted or discarded. ``drafted_by`` is the principal's public id."""

    draft_id: UUID
    kind: DraftKind
    state: DraftState
    version: int
    body: Body
    line_count: int
    drafted_by: str
    changed_by: str
    changed_at: datetime
    return_reason: str | None
    entry_id: UUID | None


_COLUMNS: Final = """\
SELECT d.draft_id, d.kind, d.state, d.version, d.body, d.line_count, d.drafted_by, d.changed_by, d.changed_at,
    d.return_reason, e.entry_id, d.seq, e.entry_on, e.voucher_kind, e.fiscal_year, e.voucher_number
FROM vault.draft AS d
LEFT JOIN soquy.entry AS e ON e.tenant_id = d.tenant_id AND e.book_id = d.book_id AND e.seq = d.seq
WHERE d.tenant_id = :tenant_id AND d.book_id = :book_id
    AND (CAST(:drafted_by AS text) IS NULL OR d.drafted_by = CAST(:drafted_by AS text))"""
_ONE: Final = text(f"{_COLUMNS} AND d.draft_id = :draft_id")
_LIST: Final = text(f"{_COLUMNS} AND d.state = ANY (:states) ORDER BY d.changed_at DESC, d.draft_id LIMIT :row_limit")
_DIGITS: Final = text("SELECT minor_digits FROM soquy.currency WHERE currency = :currency")
_INSERT: Final = text("""\
INSERT INTO vault.draft (tenant_id, draft_id, book_id, kind, body, line_count, drafted_by, changed_by)
VALUES (:tenant_id, :draft_id, :book_id, :kind, CAST(:body AS jsonb), :line_count, :by, :by)""")
_SAVE: Final = text("""\
SELECT vault.save_draft(:tenant_id, :book_id, :draft_id, :version, CAST(:body AS jsonb), :line_count, :by)""")
_MOVE: Final = text("""\
SELECT vault.move_draft(:tenant_id, :book_id, :draft_id, :version, :state, :reason, :seq, :by)""")


def start_draft(
    conn: Connection,
    book: Book,
    kind: DraftKind,
    body: Body,
    *,
    actor: Actor,
    draft_id: UUID | None = None,
    of: str | None = None,
) -> UUID:
    """Keep what somebody begins to type; return the draft's id, which the caller may have made.

    With ``of``, the one principal whose drafts the actor sees, the document that it names is one that they sent in.

    Raises:
        DraftTooLarge: a longer list comes as a file.
        FieldRefused: it is no body of a draft.
        DocumentNotFound: there is no such document for them.
    """
    draft_id = draft_id or typeid.new_id()
    check_naming(conn, book, body, {}, only=None if of is None else actor)
    row = {**_key(book), "draft_id": draft_id, "kind": kind, **_kept(body), "by": actor.public_id}
    try:
        conn.execute(_INSERT, row)
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    return draft_id


def save_draft(
    conn: Connection, book: Book, draft_id: UUID, body: Body, *, version: int, actor: Actor, of: str | None = None
) -> int:
    """Save what is typed now over the version that it began from; return the new version.

    ``of`` restricts it to the drafts of one principal.

    Raises:
        DraftNotFound, DraftStateRefused, DraftStale: it is not there to be saved.
        DraftTooLarge, FieldRefused, DocumentNotFound: as ``start_draft``.
    """
    found = _in_state(draft_by_id(conn, book, draft_id, of=of), "open", version)
    check_naming(conn, book, body, found.body, only=None if of is None else actor)
    asked = {**_key(book), "draft_id": draft_id, "version": version, **_kept(body), "by": actor.public_id}
    saved = conn.execute(_SAVE, asked).scalar()
    if saved is None:
        raise _stale(conn, book, draft_id)
    return int(saved)


def submit_draft(
    conn: Connection, book: Book, draft_id: UUID, *, version: int, actor: Actor, of: str | None = None
) -> int:
    """Hand a draft to whoever may post it; return the new version.

    Raises:
        DraftNotFound, DraftStateRefused, DraftStale: it is not open.
        DraftRefused: every fault, in the fields and lines of the form.
    """
    draft = _in_state(draft_by_id(conn, book, draft_id, of=of), "open", version)
    look_at(conn, book, draft, actor=actor)
    return _move(conn, book, draft, "submitted", actor=actor)


def look_at(conn: Connection, book: Book, draft: Draft, *, actor: Actor) -> Received:
    """Find out what posting a draft would do, a difference from what was declared aside; nothing is left behind.

    Raises:
        DraftRefused: every fault, in the fields and lines of the form.
    """
    read = _read(conn, book, draft, difference_reason=_NOT_YET)
    with _placed(read):
        return preview(conn, book, read.collection, actor=actor)


_NOT_YET: Final = "-"
"""Stands for the reason of a difference, which is the poster's to give."""


def _read(conn: Connection, book: Book, draft: Draft, *, difference_reason: str | None) -> Read:
    digits = conn.execute(_DIGITS, {"currency": currency_of(draft.body)}).scalar()
    read = read_body(
        draft.body,
        is_drive=draft.kind == "drive",
        minor_digits=digits,
        difference_reason=difference_reason,
    )
    check_scan(conn, book, read.scan)
    return read


@contextmanager
def _placed(read: Read) -> Iterator[None]:
    """Tell what is wrong with a collection in the fields and lines of the form that it was typed into."""
    try:
        yield
    except CollectionRefused as refused:
        raise DraftRefused(read.placed(refused.faults)) from refused


def return_draft(conn: Connection, book: Book, draft_id: UUID, *, version: int, reason: str, actor: Actor) -> int:
    """Give a submitted draft back to who drafted it, with a reason; return the new version.

    Raises:
        DraftNotFound, DraftStateRefused, DraftStale: it is not submitted.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    draft = _in_state(draft_by_id(conn, book, draft_id), "submitted", version)
    return _move(conn, book, draft, "open", reason=reason, actor=actor)


def recall_draft(conn: Connection, book: Book, draft_id: UUID, *, version: int, actor: Actor) -> int:
    """Take a draft back that one submitted oneself, to go on with it; return the new version.

    Whoever is just posting it and was first has posted it; else they find another version, and post nothing.

    Raises:
        DraftNotFound: there is none, or somebody else drafted it.
        DraftStateRefused, DraftStale: it is not submitted, or not as it was seen.
    """
    draft = _in_state(draft_by_id(conn, book, draft_id, of=actor.public_id), "submitted", version)
    return _move(conn, book, draft, "open", actor=actor)


def discard_draft(
    conn: Connection, book: Book, draft_id: UUID, *, version: int, actor: Actor, of: str | None = None
) -> int:
    """Throw a draft away, with all that was typed; return the new version.

    Raises:
        DraftNotFound, DraftStateRefused, DraftStale: it is posted, or discarded already.
    """
    draft = _in_state(draft_by_id(conn, book, draft_id, of=of), None, version)
    return _move(conn, book, draft, "discarded", actor=actor)


def post_draft(
    conn: Connection,
    book: Book,
    draft_id: UUID,
    *,
    version: int,
    actor: Actor,
    difference_reason: str | None = None,
    request: Request | None = None,
) -> Received:
    """Record what a draft says, and end it; of a draft that was posted, return what was posted then.

    ``difference_reason`` accepts, in the poster's name, that the gifts are not what was declared.

    Raises:
        DraftNotFound, DraftStateRefused, DraftStale: it is not there to be posted.
        DraftRefused: every fault of what was typed.
    """
    # Whoever posts the same draft meanwhile is waited for here, and found done below.
    take_book(conn, book)
    row = _row(conn, book, draft_id)
    if row.state == "posted":
        return earlier(conn, book, _entry(row))
    draft = _in_state(_draft(row), None, version)
    read = _read(conn, book, draft, difference_reason=difference_reason)
    with _placed(read):
        received = receive(conn, book, read.collection, actor=actor, request=request)
    attach_scan(conn, book, read.scan, received.entry.entry_id, actor=actor)
    _move(conn, book, draft, "posted", seq=received.entry.seq, actor=actor)
    return received


def draft_by_id(conn: Connection, book: Book, draft_id: UUID, *, of: str | None = None) -> Draft:
    """Return a draft; ``of`` restricts it to the drafts of one principal.

    Raises:
        DraftNotFound: the book has no such draft of theirs.
    """
    return _draft(_row(conn, book, draft_id, of=of))


def drafts(
    conn: Connection, book: Book, *, states: tuple[DraftState, ...] = ("open", "submitted"), of: str | None = None
) -> tuple[Draft, ...]:
    """Return drafts of a book, the last changed first; ``of`` restricts them to those of one principal."""
    asked = {**_key(book), "drafted_by": of, "states": list(states), "row_limit": LIST_LENGTH_MAX}
    return tuple(_draft(row) for row in conn.execute(_LIST, asked))


def _row(conn: Connection, book: Book, draft_id: UUID, *, of: str | None = None) -> Row[Any]:
    row = conn.execute(_ONE, {**_key(book), "draft_id": draft_id, "drafted_by": of}).one_or_none()
    if row is None:
        raise DraftNotFound(draft=typeid.encode(typeid.DRAFT, draft_id))
    return row


def _in_state(draft: Draft, state: DraftState | None, version: int) -> Draft:
    """Return a draft that is in a state, or with ``None`` in any that is not its end, and of this version."""
    public_id = typeid.encode(typeid.DRAFT, draft.draft_id)
    if draft.state not in ({"open", "submitted"} if state is None else {state}):
        raise DraftStateRefused(draft=public_id, state=draft.state)
    if draft.version != version:
        raise DraftStale(draft=public_id, version=version, version_now=draft.version)
    return draft


def _move(
    conn: Connection,
    book: Book,
    draft: Draft,
    state: DraftState,
    *,
    actor: Actor,
    reason: str | None = None,
    seq: int | None = None,
) -> int:
    asked = {"draft_id": draft.draft_id, "version": draft.version, "state": state, "reason": reason, "seq": seq}
    moved = conn.execute(_MOVE, {**_key(book), **asked, "by": actor.public_id}).scalar()
    if moved is None:
        raise _stale(conn, book, draft.draft_id)
    return int(moved)


def _stale(conn: Connection, book: Book, draft_id: UUID) -> DraftStale:
    """Return what to raise where somebody changed it between reading and writing."""
    now = draft_by_id(conn, book, draft_id).version
    return DraftStale(draft=typeid.encode(typeid.DRAFT, draft_id), version_now=now)


def _kept(body: Body) -> dict[str, object]:
    count = line_count(body)
    written = json.dumps(body, ensure_ascii=False)
    if "\\u0000" in written or "\x00" in written:
        raise FieldRefused(field="body", rule="draft_body_size_check")
    if count > LINE_COUNT_MAX or len(written) > BODY_LENGTH_MAX:
        raise DraftTooLarge(count=count, count_max=LINE_COUNT_MAX)
    return {"body": written, "line_count": count}


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        draft_id=row.draft_id,
        kind=row.kind,
        state=row.state,
        version=row.version,
        body=row.body,
        line_count=row.line_count,
        drafted_by=row.drafted_by,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        return_reason=row.return_reason,
        entry_id=row.entry_id,
    )


def _entry(row: Row[Any]) -> PostedEntry:
    voucher = VoucherNumber(kind=row.voucher_kind, fiscal_year=row.fiscal_year, number=row.voucher_number)
    return PostedEntry(entry_id=row.entry_id, seq=row.seq, entry_on=row.entry_on, voucher=voucher)


def _key(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "drafted_by": None}
