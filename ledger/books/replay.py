"""Make the rows of the books again from the leaves of the public log, in the order of the log.

Leaves carry codes, days, numbers and ties of all that is in the books, and no text that a person typed. So what was
only in a database that was lost comes back but for its names, which become the codes themselves, its descriptions and
reasons, and the secrets of tokens, which nobody can use any more. Every row goes in through the triggers that let it in
the first time: a log of which a leaf would break a rule is not replayed at all.

A leaf that the restored database had already, and had not numbered yet, keeps its rows.

The transaction is one, of the owner, under a log that is held as ``recovering``.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit import canonical
from audit.canonical import Leaf
from audit.jcs import CanonicalError
from ledger import typeid
from ledger.access.replay import ACCESS_MAKERS, enter_token, revoke_token, tenant_of_token
from ledger.approvals.replay import APPROVAL_MAKERS
from ledger.associations.replay import found_again, open_home
from ledger.awards.replay import AWARD_MAKERS, AwardReplay
from ledger.banking.replay import BANKING_MAKERS
from ledger.books.event_type import LayoutError, check_layout
from ledger.books.model import Book
from ledger.books.replay_chart import CHART_MAKERS
from ledger.books.replay_entry import EntryReplay, LeafUnreplayable
from ledger.books.replay_maker import Batch, Maker
from ledger.books.taking import take_book
from ledger.documents.replay import DOCUMENT_MAKERS
from ledger.errors import LedgerError
from ledger.giving.replay import GIVING_MAKERS, GiftReplay
from ledger.intake.replay import INTAKE_MAKERS
from ledger.people.replay import ERASURES, PEOPLE_MAKERS, replay_erasure, tenant_of_values
from ledger.proposals.replay import PROPOSAL_MAKERS
from ledger.tenancy import DEPLOYMENT, set_tenant

_PENDING: Final = text("""\
SELECT p.tenant_id, p.event_id, a.leaf
FROM soquy.audit_pending AS p
JOIN soquy.audit_entry AS a USING (tenant_id, event_id)""")

_APPEND: Final = text("""\
INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, recorded_at, leaf)
VALUES (:tenant_id, :event_id, :type, :association_id, :book_id, :recorded_at, :leaf)""")

_BOOK: Final = text("SELECT tenant_id, book_id FROM soquy.book WHERE association_id = :association_id")

_MAKERS: Final[Mapping[str, Maker]] = {
    **CHART_MAKERS,
    **BANKING_MAKERS,
    **ACCESS_MAKERS,
    **PEOPLE_MAKERS,
    **DOCUMENT_MAKERS,
    **GIVING_MAKERS,
    **INTAKE_MAKERS,
    **APPROVAL_MAKERS,
    **PROPOSAL_MAKERS,
    **AWARD_MAKERS,
}
"""What each room makes of its leaves; entries, what comes by thousands and what stands in no book are below."""

_BATCHES: Final[Mapping[str, Callable[[Book], Batch]]] = {
    GiftReplay.type: GiftReplay,
    AwardReplay.type: AwardReplay,
}
"""Type of leaf → what makes the rows of many at once."""

_BOOKLESS: Final = frozenset({"association.founded", *ERASURES})
"""Events of an association whose leaves stand in no book: it has none yet, or they are the server's."""


class Replay:
    """Takes leaves one by one, in the log's order; ``finish`` writes what is still waiting.

    ``numbered`` has index, tenant and event of every leaf, ``counts`` how many of each type were made again, ``lost``
    the kind and code of everything whose name was lost.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._pending = {row.event_id: (row.tenant_id, bytes(row.leaf)) for row in conn.execute(_PENDING)}
        self._books: dict[UUID, Book] = {}
        self._entries: dict[UUID, EntryReplay] = {}
        self._batches: dict[UUID, Batch] = {}
        self._taken: set[UUID] = set()
        self.numbered: list[tuple[int, int, UUID]] = []
        self.counts: Counter[str] = Counter()
        self.lost: list[tuple[str, str]] = []

    def add(self, index: int, data: bytes) -> None:
        """Make the rows of a leaf.

        Raises:
            LeafUnreplayable: it is none, it breaks a rule of the books, or the database has another of its id.
        """
        try:
            leaf = canonical.decode(data)
            check_layout(leaf)
        except (CanonicalError, LayoutError) as error:
            raise LeafUnreplayable(index=index, cause=error.code) from error
        try:
            self.numbered.append((index, *self._add(leaf, data)))
        except LeafUnreplayable as error:
            known = "event" in error.fields and error.fields["event"] != leaf.event_id
            raise LeafUnreplayable(index=self._index_of(error) if known else index, **error.fields) from error
        except LedgerError as error:
            raise LeafUnreplayable(index=index, cause=str(error.fields.get("rule", error.code))) from error
        except sqlalchemy.exc.DBAPIError as error:
            raise LeafUnreplayable(index=index, cause=_rule(error)) from error

    def finish(self) -> None:
        """Write what waits.

        Raises:
            LeafUnreplayable: as ``add``.
        """
        try:
            for association_id in {*self._entries, *self._batches}:
                self._write(association_id)
        except LeafUnreplayable as error:
            raise LeafUnreplayable(index=self._index_of(error), **error.fields) from error

    def _index_of(self, error: LeafUnreplayable) -> int:
        """Find the leaf that an entry's refusal names; the first of those written with it."""
        event_id = typeid.decode(typeid.ENTRY, str(error.fields["event"]))
        return next(index for index, _, numbered_id in self.numbered if numbered_id == event_id)

    def _add(self, leaf: Leaf, data: bytes) -> tuple[int, UUID]:
        event_id = typeid.decode(typeid.ENTRY if leaf.type == "entry" else typeid.EVENT, leaf.event_id)
        known = self._pending.pop(event_id, None)
        if known is not None:
            if known[1] != data:
                raise LeafUnreplayable(cause="leaf_content")
            return known[0], event_id
        self.counts[leaf.type] += 1
        association_id = None if leaf.association is None else typeid.decode(typeid.ASSOCIATION, leaf.association)
        if association_id is None or leaf.type in _BOOKLESS:
            return self._bookless(leaf, event_id, association_id, data), event_id
        book = self._book(association_id)
        if leaf.type == "entry":
            self._write_batch(association_id)
            self._entries.setdefault(association_id, EntryReplay(book))
            self._work_in(book)
            self._entries[association_id].add(self._conn, leaf, data)
            return book.tenant_id, event_id
        if leaf.type in _BATCHES:
            self._write_entries(association_id)
            if association_id in self._batches and self._batches[association_id].type != leaf.type:
                self._write_batch(association_id)
            self._work_in(book)
            batch = self._batches.setdefault(association_id, _BATCHES[leaf.type](book))
            batch.add(self._conn, event_id, leaf, data)
            return book.tenant_id, event_id
        self._write(association_id)
        self._work_in(book)
        self._append(leaf, event_id, book.tenant_id, data, association_id=association_id, book_id=book.book_id)
        code = _MAKERS[leaf.type](self._conn, leaf, event_id, dict(leaf.payload), book)
        self.lost.extend([] if code is None else [(leaf.type.partition(".")[0], code)])
        return book.tenant_id, event_id

    def _bookless(self, leaf: Leaf, event_id: UUID, association_id: UUID | None, data: bytes) -> int:
        """Make what belongs to no book; return its tenant."""
        if leaf.type == "association.founded":
            return self._association(leaf, event_id, data)
        tenant_id = self._tenant_of(leaf, association_id)
        set_tenant(self._conn, tenant_id)
        self._append(leaf, event_id, tenant_id, data, association_id=association_id)
        if leaf.type == "token.created":
            self.lost.append(("token", enter_token(self._conn, leaf, event_id, tenant_id)))
        elif leaf.type == "token.revoked":
            revoke_token(self._conn, leaf, event_id, tenant_id)
        elif leaf.type in ERASURES:
            replay_erasure(self._conn, leaf, event_id, tenant_id)
        return tenant_id

    def _tenant_of(self, leaf: Leaf, association_id: UUID | None) -> int:
        """Find where an event lives that the leaf does not say: by its association, its token, or what it erased."""
        payload: Mapping[str, Any] = leaf.payload
        if association_id is not None:
            return self._book(association_id).tenant_id
        if leaf.type == "token.created" and payload["associations"]:
            return self._book(typeid.decode(typeid.ASSOCIATION, payload["associations"][0])).tenant_id
        found = None
        if leaf.type == "token.revoked":
            found = tenant_of_token(self._conn, payload["token"])
        if leaf.type == "value.erased":
            found = tenant_of_values(self._conn, leaf)
        return DEPLOYMENT if found is None else found

    def _book(self, association_id: UUID) -> Book:
        if association_id not in self._books:
            row = self._conn.execute(_BOOK, {"association_id": association_id}).one_or_none()
            if row is None:
                raise LeafUnreplayable(cause="association_not_found")
            self._books[association_id] = Book(
                tenant_id=row.tenant_id, book_id=row.book_id, association_id=association_id
            )
        return self._books[association_id]

    def _work_in(self, book: Book) -> None:
        set_tenant(self._conn, book.tenant_id)
        if book.association_id not in self._taken:
            take_book(self._conn, book)
            self._taken.add(book.association_id)

    def _write(self, association_id: UUID) -> None:
        """Write what waits of a book: entries, or lines of one list; of one book only ever one kind waits."""
        self._write_entries(association_id)
        self._write_batch(association_id)

    def _write_batch(self, association_id: UUID) -> None:
        """Write the lines of a book that wait; what they belong to is there."""
        waiting = self._batches.pop(association_id, None)
        if waiting is not None:
            set_tenant(self._conn, waiting.book.tenant_id)
            waiting.write(self._conn)

    def _write_entries(self, association_id: UUID) -> None:
        """Write the entries of a book that wait."""
        waiting = self._entries.pop(association_id, None)
        if waiting is None or not waiting.waiting:
            return
        first = waiting.waiting[0]
        try:
            set_tenant(self._conn, waiting.book.tenant_id)
            waiting.write(self._conn)
        except sqlalchemy.exc.DBAPIError as error:
            raise LeafUnreplayable(event=first.leaf.event_id, cause=_rule(error)) from error

    def _append(
        self,
        leaf: Leaf,
        event_id: UUID,
        tenant_id: int,
        data: bytes,
        *,
        association_id: UUID | None,
        book_id: int | None = None,
    ) -> None:
        self._conn.execute(
            _APPEND,
            {
                "tenant_id": tenant_id,
                "event_id": event_id,
                "type": leaf.type,
                "association_id": association_id,
                "book_id": book_id,
                "recorded_at": leaf.recorded_at,
                "leaf": data,
            },
        )

    def _association(self, leaf: Leaf, event_id: UUID, data: bytes) -> int:
        """Found an association again; return its tenant."""
        parent_id = leaf.payload["parent"]
        parent = None if parent_id is None else self._book(typeid.decode(typeid.ASSOCIATION, str(parent_id)))
        tenant_id = open_home(self._conn, leaf, parent)
        association_id = typeid.decode(typeid.ASSOCIATION, str(leaf.association))
        self._append(leaf, event_id, tenant_id, data, association_id=association_id)
        self._books[association_id] = found_again(self._conn, leaf, event_id, tenant_id, parent)
        self.lost.append(("association", f"{leaf.association} {leaf.payload['unit_code'] or ''}".strip()))
        return tenant_id


def _rule(error: sqlalchemy.exc.DBAPIError) -> str:
    """Return the name of the rule that refused a row."""
    diagnostic = getattr(error.orig, "diag", None)
    return str(getattr(diagnostic, "constraint_name", None) or type(error.orig).__name__)
