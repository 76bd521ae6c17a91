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
SELECT {_COLUMNS} FROM vault.document
WHERE tenant_id = :tenant_id AND book_id = :book_id AND document_id = :document_id""")  # noqa: S608 - composed of constants
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


def keep_document(conn: Connection, book: Book, content: Content, *, actor: Actor) -> Document:
    """Keep a file that was looked at; the same bytes are kept once in a book, under the name they first came with."""
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


def document_by_id(conn: Connection, book: Book, document_id: UUID) -> Document:
    """Return a document of a book, without its bytes.

    Raises:
        DocumentNotFound: the book has none of this id.
    """
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "document_id": document_id}
    row = conn.execute(_BY_ID, asked).mappings().one_or_none()
    if row is None:
        raise DocumentNotFound(document=typeid.encode(typeid.DOCUMENT, document_id))
    return Document(**row)


def open_document(
    conn: Connection, book: Book, document_id: UUID, *, purpose: Purpose, principal_id: UUID | None
) -> tuple[Document, bytes]:
    """Return a document and its bytes; who opened it is recorded in the same call.

    Raises:
        DocumentNotFound: the book has none of this id.
        SealBroken: its row was tampered with.
    """
    found = document_by_id(conn, book, document_id)
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
