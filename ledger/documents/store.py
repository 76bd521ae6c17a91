"""Keep documents: once in a book by their hash, encrypted, given out with a record of who looked.

``sealed`` is AES-256-GCM under a data key of the tenant: nonce (12) ‖ ciphertext ‖ tag (16) of the file's bytes, bound
to ``"soquy/vault/document/v1|" tenant "|" document uuid``. What comes out is held against the hash in leaves.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

import sqlalchemy
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.books.tables import raise_refusal
from ledger.documents.content import Content
from ledger.errors import LedgerError
from ledger.people.kek import NONCE_SIZE
from ledger.people.sealing import DataKey, SealBroken
from ledger.people.vault import vault_of

Purpose = Literal["download", "preview", "inspection"]

LIST_LENGTH_MAX: Final = 200

_COLUMNS: Final = "document_id, sha256, media_type, byte_size, page_count, name, uploaded_by, created_at"
_INSERT: Final = text("""\
INSERT INTO vault.document (tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count, name, sealed,
    key_id, uploaded_by)
VALUES (:tenant_id, :document_id, :book_id, :sha256, :media_type, :byte_size, :page_count, :name, :sealed,
    (SELECT k.key_id FROM vault.data_key AS k WHERE k.tenant_id = :tenant_id AND k.key_id = :key_id), :uploaded_by)
ON CONFLICT (tenant_id, book_id, sha256) DO NOTHING""")
_BY_HASH: Final = text(f"""\
SELECT {_COLUMNS} FROM vault.document
WHERE tenant_id = :tenant_id AND book_id = :book_id AND sha256 = :sha256""")  # noqa: S608 - composed of constants
_BY_ID: Final = text(f"""\
SELECT {_COLUMNS} FROM vault.document AS d
WHERE d.tenant_id = :tenant_id AND d.book_id = :book_id AND d.document_id = :document_id
    AND (CAST(:of AS uuid) IS NULL OR EXISTS (SELECT FROM vault.document_sending AS s
        WHERE s.tenant_id = d.tenant_id AND s.document_id = d.document_id AND s.principal_id = CAST(:of AS uuid)))""")  # noqa: S608 - composed of constants
_SEND: Final = text("""\
INSERT INTO vault.document_sending (tenant_id, document_id, principal_id)
VALUES (:tenant_id, :document_id, :principal_id)
ON CONFLICT (tenant_id, document_id, principal_id, sent_at) DO NOTHING""")
_SENT: Final = text("""\
SELECT d.document_id, d.media_type, d.byte_size, d.page_count, s.sent_at, EXISTS (
        SELECT FROM soquy.attachment AS a WHERE a.tenant_id = d.tenant_id AND a.document_id = d.document_id
    ) AS is_attached
FROM (
    SELECT document_id, max(sent_at) AS sent_at FROM vault.document_sending
    WHERE tenant_id = :tenant_id AND principal_id = :principal_id
        AND (CAST(:document_id AS uuid) IS NULL OR document_id = CAST(:document_id AS uuid))
    GROUP BY document_id
) AS s
JOIN vault.document AS d ON d.tenant_id = :tenant_id AND d.document_id = s.document_id
WHERE d.book_id = :book_id AND d.media_type IN ('application/pdf', 'image/jpeg', 'image/png', 'image/heic')
ORDER BY s.sent_at DESC, d.document_id DESC
LIMIT :row_limit""")
_OPEN: Final = text("""\
SELECT sealed, key_id, wrapped, kek_id
FROM vault.open_document(:tenant_id, :book_id, :document_id, :purpose, :principal_id)""")


class DocumentNotFound(LedgerError):
    """The book has no such document: it never had, or it was erased."""

    code = "document_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as it is listed; ``name`` is the one it came with."""

    document_id: UUID
    sha256: bytes
    media_type: str
    byte_size: int
    page_count: int
    name: str
    uploaded_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A scan as whoever sent it sees it: without its name, which may be another's who sent the same before."""

    document_id: UUID
    media_type: str
    byte_size: int
    page_count: int
    sent_at: datetime
    is_attached: bool


def keep_document(conn: Connection, book: Book, content: Content, *, actor: Actor) -> Document:
    """Keep a file that was looked at; the same bytes are kept once in a book, under the name they first came with.

    That the actor sent it is written down, so that they may see it again whatever else they may see.
    """
    kept = _keep(conn, book, content, actor)
    sending = {"tenant_id": book.tenant_id, "document_id": kept.document_id, "principal_id": actor.principal_id}
    conn.execute(_SEND, sending)
    return kept


def _keep(conn: Connection, book: Book, content: Content, actor: Actor) -> Document:
    place: dict[str, object] = {"tenant_id": book.tenant_id, "book_id": book.book_id, "sha256": content.sha256}
    known = conn.execute(_BY_HASH, place).mappings().one_or_none()
    if known is not None:
        return Document(**known)
    key = vault_of(conn).current_key(conn, book.tenant_id)
    document_id = typeid.new_id()
    nonce = os.urandom(NONCE_SIZE)
    row = {
        **place,
        "document_id": document_id,
        "media_type": content.media_type,
        "byte_size": len(content.data),
        "page_count": content.page_count,
        "name": content.name,
        "sealed": nonce + key.cipher.encrypt(nonce, content.data, _place(key, document_id)),
        "key_id": key.key_id,
        "uploaded_by": actor.principal_id,
    }
    try:
        conn.execute(_INSERT, row)
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    return Document(**conn.execute(_BY_HASH, place).mappings().one())  # ours, or a twin's that came first


def document_by_id(conn: Connection, book: Book, document_id: UUID, *, of: UUID | None = None) -> Document:
    """Return a document of a book, without its bytes; ``of`` restricts it to those that one principal sent in.

    Raises:
        DocumentNotFound: the book has none of this id, or somebody else sent it.
    """
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "document_id": document_id, "of": of}
    row = conn.execute(_BY_ID, asked).mappings().one_or_none()
    if row is None:
        raise DocumentNotFound(document=typeid.encode(typeid.DOCUMENT, document_id))
    return Document(**row)


def documents_sent(conn: Connection, book: Book, principal_id: UUID) -> tuple[Sent, ...]:
    """Return the scans that somebody sent in, the last one first; lists are with their files."""
    return _sent(conn, book, principal_id, None)


def sent_document(conn: Connection, book: Book, document_id: UUID, principal_id: UUID) -> Sent:
    """Return a scan that somebody sent in.

    Raises:
        DocumentNotFound: the book has none of this id, or somebody else sent it.
    """
    for found in _sent(conn, book, principal_id, document_id):
        return found
    raise DocumentNotFound(document=typeid.encode(typeid.DOCUMENT, document_id))


def _sent(conn: Connection, book: Book, principal_id: UUID, document_id: UUID | None) -> tuple[Sent, ...]:
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "principal_id": principal_id}
    rows = conn.execute(_SENT, {**asked, "document_id": document_id, "row_limit": LIST_LENGTH_MAX}).mappings()
    return tuple(Sent(**row) for row in rows)


def open_document(
    conn: Connection,
    book: Book,
    document_id: UUID,
    *,
    purpose: Purpose,
    principal_id: UUID | None,
    of: UUID | None = None,
) -> tuple[Document, bytes]:
    """Return a document and its bytes; who opened it is recorded in the same call.

    ``of`` restricts it to what one principal sent in.

    Raises:
        DocumentNotFound: the book has none of this id, or somebody else sent it.
        SealBroken: its row was tampered with.
    """
    found = document_by_id(conn, book, document_id, of=of)
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "document_id": document_id}
    row = conn.execute(_OPEN, {**asked, "purpose": purpose, "principal_id": principal_id}).one()
    key = vault_of(conn).data_key(book.tenant_id, row.key_id, row.wrapped, row.kek_id)
    sealed = bytes(row.sealed)
    try:
        data = key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _place(key, document_id))
    except (InvalidTag, ValueError):
        raise SealBroken(field="document") from None
    if sha256(data).digest() != found.sha256:
        raise SealBroken(field="document")
    return found, data


def _place(key: DataKey, document_id: UUID) -> bytes:
    return f"soquy/vault/document/v1|{key.tenant_id}|{document_id}".encode()
