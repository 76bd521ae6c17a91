"""Keep the rows of a file as they were read: sealed, a thousand a page.

Columns that nobody chose may hold telephone numbers, accounts or notes, so the pages are sealed whole; pressed first,
because nothing presses a ciphertext. They go when the file is posted or discarded; the original stays as a document.

``sealed`` is AES-256-GCM under a data key of the tenant: nonce (12) ‖ ciphertext ‖ tag (16) of the page, a JSON array
of rows pressed by zlib, bound to ``"soquy/vault/intake/v1|" tenant "|" file uuid "|" page``.
"""

import json
import os
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, text

from audit.columns import packed_bytes, plain_array
from ledger.books.model import Book
from ledger.intake.cell import Row
from ledger.intake.reader import PAGE_SIZE
from ledger.people.kek import NONCE_SIZE
from ledger.people.sealing import DataKey, SealBroken
from ledger.people.vault import vault_of

_PAGES_AT_ONCE: Final = 20
_PRESSED: Final = 1  # most of what there is to gain, in a fifth of the time

_INSERT: Final = text("""\
INSERT INTO vault.intake_page (tenant_id, intake_id, page, sealed, key_id)
SELECT :tenant_id, :intake_id, p.page, substring(CAST(:bytes AS bytea) FROM p.start FOR p.size),
    (SELECT k.key_id FROM vault.data_key AS k WHERE k.tenant_id = :tenant_id AND k.key_id = :key_id)
FROM unnest(CAST(:page AS integer[]), CAST(:start AS integer[]), CAST(:size AS integer[])) AS p (page, start, size)""")

_READ: Final = text("""\
SELECT page, sealed, key_id, wrapped, kek_id
FROM vault.intake_pages(:tenant_id, :book_id, :intake_id, CAST(:pages AS integer[]))""")


def press(page: bytes) -> bytes:
    """Press a page as it is read, so that a file waits for its end in little memory."""
    return zlib.compress(page, _PRESSED)


def keep_pages(conn: Connection, book: Book, intake_id: UUID, pages: Sequence[bytes]) -> None:
    """Seal pressed pages, from the first on."""
    key = vault_of(conn).current_key(conn, book.tenant_id)
    place = {"tenant_id": book.tenant_id, "intake_id": intake_id, "key_id": key.key_id}
    for first in range(0, len(pages), _PAGES_AT_ONCE):
        numbers = range(first, min(first + _PAGES_AT_ONCE, len(pages)))
        packed, start, size = packed_bytes([_seal(key, intake_id, number, pages[number]) for number in numbers])
        conn.execute(_INSERT, {**place, "bytes": packed, "page": plain_array(numbers), "start": start, "size": size})


def read_pages(conn: Connection, book: Book, intake_id: UUID, page_count: int) -> Iterator[tuple[int, list[Row]]]:
    """Yield every page, as the number of its first row (from 0) and its rows; some pages are in memory at a time."""
    for first in range(0, page_count, _PAGES_AT_ONCE):
        yield from _open(conn, book, intake_id, range(first, min(first + _PAGES_AT_ONCE, page_count)))


def read_rows(conn: Connection, book: Book, intake_id: UUID, rows: Collection[int]) -> dict[int, Row]:
    """Return certain rows as they were read; rows count from 1, as in the file."""
    wanted = {row - 1 for row in rows}
    pages = _open(conn, book, intake_id, sorted({row // PAGE_SIZE for row in wanted}))
    return {
        number + 1: row for first, page in pages for number, row in enumerate(page, start=first) if number in wanted
    }


def _open(conn: Connection, book: Book, intake_id: UUID, pages: Collection[int]) -> Iterator[tuple[int, list[Row]]]:
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id}
    vault = vault_of(conn)
    for row in conn.execute(_READ, {**asked, "pages": plain_array(pages)}):
        key = vault.data_key(book.tenant_id, row.key_id, row.wrapped, row.kek_id)
        yield row.page * PAGE_SIZE, json.loads(zlib.decompress(_unseal(key, intake_id, row.page, bytes(row.sealed))))


def _seal(key: DataKey, intake_id: UUID, page: int, data: bytes) -> bytes:
    nonce = os.urandom(NONCE_SIZE)
    return nonce + key.cipher.encrypt(nonce, data, _place(key, intake_id, page))


def _unseal(key: DataKey, intake_id: UUID, page: int, sealed: bytes) -> bytes:
    try:
        return key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _place(key, intake_id, page))
    except (InvalidTag, ValueError):
        raise SealBroken(field="intake_page") from None


def _place(key: DataKey, intake_id: UUID, page: int) -> bytes:
    return f"soquy/vault/intake/v1|{key.tenant_id}|{intake_id}|{page}".encode()
