"""Make the rows of the books again from the leaves of the public log, in the order of the log.

Leaves carry codes, days, numbers and ties of all that is in the books, and no text that a person typed. So what was
only in a database that was lost comes back but for its names, which become the codes themselves, its descriptions and
reasons, and the secrets of tokens, which nobody can use any more. Every row goes in through the triggers that let it in
the first time: a log of which a leaf would break a rule is not replayed at all.

A leaf that the restored database had already, and had not numbered yet, keeps its rows.

The transaction is one, of the owner, under a log that is held as ``recovering``.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit import canonical, columns
from audit.canonical import Leaf
from audit.jcs import CanonicalError
from ledger import typeid
from ledger.associations.commands import found_tenant
from ledger.books.event_type import LayoutError, check_layout
from ledger.books.model import Book
from ledger.books.replay_entry import EntryReplay, LeafUnreplayable
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import LedgerError
from ledger.giving.replay import GIVING_MAKERS, GiftReplay
from ledger.intake.replay import INTAKE_MAKERS
from ledger.people.loss import erase_again
from ledger.people.person_erasure import erase_people_again
from ledger.tenancy import DEPLOYMENT, set_tenant

_PENDING: Final = text("""\
SELECT p.tenant_id, p.event_id, a.leaf
FROM soquy.audit_pending AS p
JOIN soquy.audit_entry AS a USING (tenant_id, event_id)""")

_APPEND: Final = text("""\
INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, recorded_at, leaf)
VALUES (:tenant_id, :event_id, :type, :association_id, :book_id, :recorded_at, :leaf)""")

_BOOK: Final = text("SELECT tenant_id, book_id FROM soquy.book WHERE association_id = :association_id")
_TOKEN: Final = text("SELECT tenant_id FROM soquy.api_token WHERE token_id = :token_id")
_EVENT: Final = text("""\
SELECT a.tenant_id FROM soquy.audit_entry AS a
WHERE a.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t)) AND a.event_id = :event_id""")
_HEADING: Final = text("""\
SELECT side FROM soquy.account WHERE tenant_id = :tenant_id AND book_id = :book_id AND account = :parent""")
_FUND_KIND: Final = text("""\
SELECT k.is_restricted FROM soquy.book JOIN soquy.fund_kind AS k USING (chart)
WHERE tenant_id = :tenant_id AND book_id = :book_id AND fund_kind = :kind""")
_FOUND: Final = text("""\
INSERT INTO soquy.book (tenant_id, association_id, chart, opened_on, event_id)
VALUES (:tenant_id, :association_id, :chart, :opened_on, :event_id) RETURNING book_id""")
_CLOSE: Final = {
    "account.closed": text("SELECT soquy.close_account(:tenant_id, :book_id, :account, :closed_on, :event_id)"),
    "fund.closed": text("SELECT soquy.close_fund(:tenant_id, :book_id, :fund, :closed_on, :event_id)"),
    "association.closed": text("SELECT soquy.close_association(:tenant_id, :association_id, :closed_on, :event_id)"),
}
_TOKEN_ROW: Final = text("""\
INSERT INTO soquy.api_token (tenant_id, token_id, secret_hash, label, rights, association_ids, reaches_below,
    expires_at, created_at, event_id)
VALUES (:tenant_id, :token_id, :secret_hash, :label, CAST(:rights AS text[]), CAST(:association_ids AS uuid[]),
    :reaches_below, :expires_at, :recorded_at, :event_id)""")

_LISTED_MAKERS: Final = {**GIVING_MAKERS, **INTAKE_MAKERS}
"""Makers of what rooms above the books record."""

_BOOKLESS: Final = frozenset({"association.founded", "person.erased", "value.erased"})
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
        self._gifts: dict[UUID, GiftReplay] = {}
        self._taken: set[UUID] = set()
        self._makers: Mapping[str, Callable[[Leaf, UUID, dict[str, Any], Book], None]] = {
            "account.opened": self._account,
            "bank_account.set": self._bank_account,
            "fund.opened": self._fund,
            "campaign.opened": self._dimension,
            "program.opened": self._dimension,
            "month.locked": self._lock,
            "voucher.issued": self._voucher,
            "voucher.voided": self._void,
            "role.granted": self._grant,
            "role.revoked": self._revoke,
            "consent.given": self._nothing,
            "consent.withdrawn": self._nothing,
            "document.attached": self._attachment,
            "document.disowned": self._disowning,
            **dict.fromkeys(_CLOSE, self._close),
        }
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
            for association_id in {*self._entries, *self._gifts}:
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
            self._write_gifts(association_id)
            self._entries.setdefault(association_id, EntryReplay(book))
            self._work_in(book)
            self._entries[association_id].add(self._conn, leaf, data)
            return book.tenant_id, event_id
        if leaf.type == "contribution.recorded":
            self._write_entries(association_id)
            self._work_in(book)
            self._gifts.setdefault(association_id, GiftReplay(book)).add(self._conn, event_id, leaf, data)
            return book.tenant_id, event_id
        self._write(association_id)
        self._work_in(book)
        self._append(leaf, event_id, book.tenant_id, data, association_id=association_id, book_id=book.book_id)
        if leaf.type in _LISTED_MAKERS:
            code = _LISTED_MAKERS[leaf.type](self._conn, leaf, event_id, dict(leaf.payload), book)
            self.lost.extend([] if code is None else [(leaf.type.partition(".")[0], code)])
        else:
            self._makers[leaf.type](leaf, event_id, dict(leaf.payload), book)
        return book.tenant_id, event_id

    def _bookless(self, leaf: Leaf, event_id: UUID, association_id: UUID | None, data: bytes) -> int:
        """Make what belongs to no book; return its tenant."""
        payload: dict[str, Any] = dict(leaf.payload)
        if leaf.type == "association.founded" and association_id is not None:
            return self._association(leaf, event_id, association_id, payload, data)
        tenant_id = self._tenant_of(leaf, association_id, payload)
        set_tenant(self._conn, tenant_id)
        self._append(leaf, event_id, tenant_id, data, association_id=association_id)
        if leaf.type == "token.created":
            self._token(leaf, event_id, tenant_id, payload)
        elif leaf.type == "token.revoked":
            token_id = typeid.decode(typeid.TOKEN, payload["token"])
            row = {"tenant_id": tenant_id, "token_id": token_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
            insert_row(self._conn, "token_revocation", row)
        elif leaf.type == "value.erased":
            erase_again(self._conn, tenant_id, event_id, erased_values(payload["values"]))
        elif leaf.type == "person.erased":
            erase_people_again(self._conn, tenant_id, event_id, payload["people"])
        return tenant_id

    def _tenant_of(self, leaf: Leaf, association_id: UUID | None, payload: Mapping[str, Any]) -> int:
        """Find where an event lives that the leaf does not say: by its association, its token, or what it erased."""
        found: int | None = None
        if association_id is not None:
            return self._book(association_id).tenant_id
        if leaf.type == "token.created" and payload["associations"]:
            return self._book(typeid.decode(typeid.ASSOCIATION, payload["associations"][0])).tenant_id
        if leaf.type == "token.revoked":
            token_id = typeid.decode(typeid.TOKEN, payload["token"])
            found = self._conn.execute(_TOKEN, {"token_id": token_id}).scalar()
        if leaf.type == "value.erased":
            first_id = erased_values(payload["values"])[0][0]
            found = self._conn.execute(_EVENT, {"event_id": first_id}).scalar()
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
        """Write what waits of a book: entries, then contributions; of one book only ever one of them waits."""
        self._write_entries(association_id)
        self._write_gifts(association_id)

    def _write_gifts(self, association_id: UUID) -> None:
        """Write the contributions of a book that wait; their entries are there."""
        waiting = self._gifts.pop(association_id, None)
        if waiting is not None and waiting.waiting:
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

    def _association(
        self, leaf: Leaf, event_id: UUID, association_id: UUID, payload: dict[str, Any], data: bytes
    ) -> int:
        """Found an association again; one at the top of a tree opens a tenant."""
        name = payload["unit_code"] or str(leaf.association)
        parent = None
        if payload["parent"] is not None:
            parent = self._book(typeid.decode(typeid.ASSOCIATION, payload["parent"]))
            tenant_id = parent.tenant_id
        else:
            set_tenant(self._conn, DEPLOYMENT)
            tenant_id = found_tenant(self._conn, name)
        set_tenant(self._conn, tenant_id)
        self._append(leaf, event_id, tenant_id, data, association_id=association_id)
        key = {"tenant_id": tenant_id, "association_id": association_id, "event_id": event_id}
        row = {
            **key,
            "parent_tenant_id": None if parent is None else parent.tenant_id,
            "parent_id": None if parent is None else parent.association_id,
            "name_vi": name,
            **{column: payload[column] for column in ("kind", "level", "unit_code", "founded_on", "is_sample")},
        }
        insert_row(self._conn, "association", row)
        opened = {**key, "chart": payload["chart"], "opened_on": payload["books_open_on"]}
        book_id = self._conn.execute(_FOUND, opened).scalar_one()
        self._books[association_id] = Book(tenant_id=tenant_id, book_id=book_id, association_id=association_id)
        self.lost.append(("association", f"{leaf.association} {payload['unit_code'] or ''}".strip()))
        return tenant_id

    def _account(self, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        code = payload["account"]
        key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
        side = self._conn.execute(_HEADING, {**key, "parent": payload["parent"]}).scalar()
        role = "cash" if code.startswith("111") else "bank" if code.startswith("112") else "other"
        named = {"name_vi": code, "name_en": code, "side": side, "role": role, "event_id": event_id}
        insert_row(self._conn, "account", {**key, **payload, **named})
        self.lost.append(("account", code))

    def _bank_account(self, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        """Show the number again; whom the bank knows it by was only in the database."""
        shown = {"bank_bin": payload.pop("bank"), "holder": payload["number"] and payload["account"]}
        key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
        insert_row(self._conn, "bank_account", {**key, **payload, **shown, "event_id": event_id})
        self.lost.append(("bank_account", payload["account"]))

    def _fund(self, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
        is_restricted = bool(self._conn.execute(_FUND_KIND, {**key, "kind": payload["kind"]}).scalar())
        code, account = payload["fund"], payload.pop("account")
        named = {
            "balance_account": account,
            "is_restricted": is_restricted,
            "name_vi": code,
            "purpose": code if is_restricted else None,
            "event_id": event_id,
        }
        insert_row(self._conn, "fund", {**key, **payload, **named})
        self.lost.append(("fund", code))

    def _dimension(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        what = leaf.type.partition(".")[0]
        row = {**payload, "tenant_id": book.tenant_id, "name_vi": payload[what], "event_id": event_id}
        insert_row(self._conn, what, row)
        self.lost.append((what, payload[what]))

    def _lock(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
        row = {**key, **payload, "event_id": event_id, "recorded_at": leaf.recorded_at}
        insert_row(self._conn, "month_lock", row)

    def _voucher(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        row = {"issued_on": payload["issued_on"], "event_id": event_id, "recorded_at": leaf.recorded_at}
        insert_row(self._conn, "voucher", {**_voucher_key(book, payload), **row})

    def _void(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        row = {"event_id": event_id, "recorded_at": leaf.recorded_at}
        insert_row(self._conn, "voucher_void", {**_voucher_key(book, payload), **row})

    def _grant(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        """Enter a role that nobody holds: whose it was is lost with the vault, and it is there to be taken back."""
        row = {
            "tenant_id": book.tenant_id,
            "grant_id": typeid.decode(typeid.GRANT, payload["grant"]),
            "association_id": book.association_id,
            "user_id": typeid.new_id(),
            "role": payload["role"],
            "event_id": event_id,
            "recorded_at": leaf.recorded_at,
        }
        insert_row(self._conn, "role_grant", row)
        self.lost.append(("role", payload["grant"]))

    def _revoke(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        grant_id = typeid.decode(typeid.GRANT, payload["grant"])
        row = {"grant_id": grant_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
        insert_row(self._conn, "role_revocation", {"tenant_id": book.tenant_id, **row})

    def _nothing(self, _leaf: Leaf, _event_id: UUID, _payload: dict[str, Any], _book: Book) -> None:
        """Leave it at the leaf: what it commits to was in the vault alone, and is entered as lost."""

    def _attachment(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        """Enter that something was attached; what it was, nobody has any more."""
        prefix = payload["event"].partition("_")[0]
        row = {
            "tenant_id": book.tenant_id,
            "event_id": event_id,
            "book_id": book.book_id,
            "target_id": typeid.decode(prefix, payload["event"]),
            "is_entry": prefix == typeid.ENTRY,
            "kind": leaf.documents[0].kind,
            "recorded_at": leaf.recorded_at,
        }
        insert_row(self._conn, "attachment", row)
        self.lost.append(("document", leaf.event_id))

    def _disowning(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        row = {
            "tenant_id": book.tenant_id,
            "attachment_id": typeid.decode(typeid.EVENT, payload["attached"]),
            "event_id": event_id,
            "book_id": book.book_id,
            "recorded_at": leaf.recorded_at,
        }
        insert_row(self._conn, "attachment_disowning", row)

    def _close(self, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        key = {"tenant_id": book.tenant_id, "book_id": book.book_id, "association_id": book.association_id}
        if not self._conn.execute(_CLOSE[leaf.type], {**key, **payload, "event_id": event_id}).scalar():
            raise LeafUnreplayable(cause="closing_refused")

    def _token(self, leaf: Leaf, event_id: UUID, tenant_id: int, payload: dict[str, Any]) -> None:
        """Enter a token that no secret opens: nobody knows what hashes to chance."""
        associations = (typeid.decode(typeid.ASSOCIATION, each) for each in payload["associations"])
        self._conn.execute(
            _TOKEN_ROW,
            {
                "tenant_id": tenant_id,
                "token_id": typeid.decode(typeid.TOKEN, payload["token"]),
                "secret_hash": os.urandom(32),
                "label": payload["token"],
                "rights": columns.text_array(payload["rights"]),
                "association_ids": columns.plain_array(associations),
                "reaches_below": payload["reaches_below"],
                "expires_at": datetime.fromisoformat(payload["expires_at"]),
                "recorded_at": leaf.recorded_at,
                "event_id": event_id,
            },
        )
        self.lost.append(("token", payload["token"]))


def replay_erasures(conn: Connection, leaves: Iterable[bytes]) -> int:
    """Erase again what these leaves of the log say was erased, in tenants that are there; return how many values went.

    Only ``value.erased`` and ``person.erased`` are looked at, so this may run before anything else is recovered.
    """
    count = 0
    for data in leaves:
        if b'"type":"value.erased"' not in data and b'"type":"person.erased"' not in data:
            continue
        leaf = canonical.decode(data)
        payload: dict[str, Any] = dict(leaf.payload)
        if leaf.type == "person.erased":
            count += _erase_people(conn, leaf, payload)
            continue
        values = erased_values(payload["values"])
        erasing_id = typeid.decode(typeid.EVENT, leaf.event_id)
        tenant_id = conn.execute(_EVENT, {"event_id": values[0][0]}).scalar()
        if tenant_id is not None:
            count += erase_again(conn, tenant_id, erasing_id, values)
    return count


def _erase_people(conn: Connection, leaf: Leaf, payload: Mapping[str, Any]) -> int:
    association_id = typeid.decode(typeid.ASSOCIATION, str(leaf.association))
    row = conn.execute(_BOOK, {"association_id": association_id}).one_or_none()
    if row is None:
        return 0
    erasing_id = typeid.decode(typeid.EVENT, leaf.event_id)
    set_tenant(conn, row.tenant_id)
    return erase_people_again(conn, row.tenant_id, erasing_id, payload["people"])


def erased_values(values: Iterable[list[str]]) -> list[tuple[UUID, list[str]]]:
    """Return event and fields of everything that the leaf of an erasure names."""
    return [(typeid.decode(event_id.partition("_")[0], event_id), fields) for event_id, *fields in values]


def _voucher_key(book: Book, payload: Mapping[str, Any]) -> dict[str, object]:
    kind, fiscal_year, number = payload["voucher"]
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "voucher_kind": kind,
        "fiscal_year": fiscal_year,
        "number": number,
    }


def _rule(error: sqlalchemy.exc.DBAPIError) -> str:
    """Return the name of the rule that refused a row."""
    diagnostic = getattr(error.orig, "diag", None)
    return str(getattr(diagnostic, "constraint_name", None) or type(error.orig).__name__)
