"""Seal what is a person's own under a key of their own, so that erasing the person destroys it wherever a copy is.

``sealed`` is AES-256-GCM: nonce (12) ‖ ciphertext ‖ tag (16) of the value in UTF-8, bound to::

    "soquy/vault/person/v1|" tenant "|" person uuid "|" field
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

import sqlalchemy
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.books.tables import raise_refusal
from ledger.people.kek import NONCE_SIZE
from ledger.people.opening import REASON_LENGTH_MAX
from ledger.people.sealing import DataKey, SealBroken
from ledger.people.vault import vault_of
from ledger.text import clean_text

_PUT: Final = text("""\
SELECT vault.put_details(:tenant_id, :book_id, CAST(:person_ids AS uuid[]), CAST(:fields AS text[]),
    CAST(:sealed AS bytea[]), CAST(:key_ids AS uuid[]))""")

_OPEN: Final = text("""\
SELECT field, sealed, key_id, wrapped, kek_id
FROM vault.open_person(:tenant_id, :book_id, :person_id, CAST(:fields AS text[]), :purpose, :reason, :principal_id)""")

Purpose = Literal["care", "inspection"]


def put_details(conn: Connection, book: Book, details: Sequence[tuple[UUID, str, str | None]]) -> None:
    """Seal details of people of a book: person, field and value, where ``None`` takes the value away."""
    if not details:
        return
    keys = vault_of(conn).subject_keys(
        conn, book.tenant_id, {person for person, _, value in details if value is not None}
    )
    sealed = [None if value is None else _seal(keys[person], person, field, value) for person, field, value in details]
    conn.execute(
        _PUT,
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "person_ids": [person for person, _, _ in details],
            "fields": [field for _, field, _ in details],
            "sealed": sealed,
            "key_ids": [None if value is None else keys[person].key_id for person, _, value in details],
        },
    )


def open_details(
    conn: Connection,
    book: Book,
    person_id: UUID,
    fields: Iterable[str],
    *,
    principal_id: UUID | None,
    purpose: Purpose = "care",
    reason: str | None = None,
) -> Mapping[str, str]:
    """Open details of a person, those that are kept; who opened what is recorded in the same call.

    An inspection has a reason, and is recorded with it.

    Raises:
        TextRefused: an inspection without a reason.
        SealBroken: a row was tampered with.
    """
    if purpose == "inspection":
        reason = clean_text(reason or "", field="reason", length_max=REASON_LENGTH_MAX)
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "person_id": person_id,
        "fields": list(fields),
        "purpose": purpose,
        "reason": reason,
        "principal_id": principal_id,
    }
    try:
        rows = conn.execute(_OPEN, asked).all()
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    vault = vault_of(conn)
    return {
        row.field: unseal_detail(
            vault.subject_key(book.tenant_id, row.key_id, row.wrapped, row.kek_id), person_id, row.field, row.sealed
        )
        for row in rows
    }


def _seal(key: DataKey, person_id: UUID, field: str, value: str) -> bytes:
    nonce = os.urandom(NONCE_SIZE)
    return nonce + key.cipher.encrypt(nonce, value.encode(), _place(key, person_id, field))


def unseal_detail(key: DataKey, person_id: UUID, field: str, sealed: bytes) -> str:
    """Open a detail.

    Raises:
        SealBroken: it was changed, cut short, or belongs to another person, field or tenant.
    """
    try:
        return key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _place(key, person_id, field)).decode()
    except (InvalidTag, ValueError):
        raise SealBroken(field=field) from None


def _place(key: DataKey, person_id: UUID, field: str) -> bytes:
    return f"soquy/vault/person/v1|{key.tenant_id}|{person_id}|{field}".encode()
