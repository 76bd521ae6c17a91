"""Seal private values: what a row of the vault holds, and the statement that writes it.

``sealed`` is AES-256-GCM under a data key of the tenant::

    nonce (12) ‖ ciphertext ‖ tag (16)      of   salt (32) ‖ the value in UTF-8, or nothing where it is working text
    bound to                                "soquy/vault/v1|" tenant "|" event uuid "|" field "|" "text" or "sealed"

so that no row opens in another's place, nor after its plain value was taken away. Working text is what every report of
the books shows: the description of an entry. It stands beside the salt in plain; all else is inside. Nonces are random:
a data key seals for one year and one tenant, far below the 2³² values at which two of them might meet.
"""

import dataclasses
import os
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit import columns, commitment
from ledger.errors import LedgerError
from ledger.people.kek import NONCE_SIZE

WORKING_TEXT: Final = frozenset({"description"})

BOOK: Final = "book"
SLIP: Final = "slip"
SERVICE: Final = "service"
"""How long values are kept: classes of ``vault.retention_class``."""

INSERT_SQL: Final = """\
INSERT INTO vault.sealed_value (tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year)
SELECT :seal_tenant_id, s.event_id, s.field, s.value, substring(CAST(:seal_bytes AS bytea) FROM s.start FOR s.size),
    (SELECT k.key_id FROM vault.data_key AS k
        WHERE k.tenant_id = :seal_tenant_id AND k.key_id = CAST(:seal_key_id AS uuid)),
    CAST(:seal_retention AS text), s.fiscal_year
FROM unnest(CAST(:seal_event_id AS uuid[]), CAST(:seal_field AS text[]), CAST(:seal_value AS text[]),
    CAST(:seal_year AS smallint[]), CAST(:seal_start AS integer[]), CAST(:seal_size AS integer[]))
    AS s (event_id, field, value, fiscal_year, start, size)
"""
"""One statement for any number of values, to stand alone or in a ``WITH``.

It looks its key up once: a key that a rolled-back transaction had made would otherwise seal for ever.
"""


class SealBroken(LedgerError):
    """A ciphertext does not open: it was changed, or is another row's."""

    code = "seal_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A key of a tenant, unwrapped."""

    tenant_id: int
    key_id: UUID
    secret: bytes = dataclasses.field(repr=False)
    cipher: AESGCM = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A private value and the salt that opens its commitment."""

    field: str
    value: str
    salt: bytes = dataclasses.field(repr=False)


class Sealing:
    """Commit to the values of a batch and seal them, each with a salt and a nonce of its own.

    ``count`` says how many values will come, so that the system is asked for randomness once.
    """

    def __init__(self, key: DataKey, *, retention: str, count: int) -> None:
        self._key = key
        self._retention = retention
        self._encrypt = key.cipher.encrypt
        self._random = os.urandom((commitment.SALT_SIZE + NONCE_SIZE) * count)
        self._event_ids: list[str] = []
        self._fields: list[str] = []
        self._values: list[str | None] = []
        self._years: list[int] = []
        self._sealed: list[bytes] = []

    def commit(self, event_id: UUID, public_id: str, field: str, value: str, *, fiscal_year: int) -> str:
        """Return the commitment to a value that is sealed from now on."""
        start = len(self._sealed) * (commitment.SALT_SIZE + NONCE_SIZE)
        salt = self._random[start : start + commitment.SALT_SIZE]
        nonce = self._random[start + commitment.SALT_SIZE : start + commitment.SALT_SIZE + NONCE_SIZE]
        committed = commitment.commit(salt, public_id, field, value)
        uuid = str(event_id)
        if field in WORKING_TEXT:
            plain, inside, form = value, salt, "text"
        else:
            plain, inside, form = None, salt + value.encode(), "sealed"
        place = f"soquy/vault/v1|{self._key.tenant_id}|{uuid}|{field}|{form}".encode()
        self._sealed.append(nonce + self._encrypt(nonce, inside, place))
        self._event_ids.append(uuid)
        self._fields.append(field)
        self._values.append(plain)
        self._years.append(fiscal_year)
        return committed

    def parameters(self) -> dict[str, object]:
        """Return the parameters of ``INSERT_SQL``."""
        packed, start, size = columns.packed_bytes(self._sealed)
        return {
            "seal_tenant_id": self._key.tenant_id,
            "seal_key_id": self._key.key_id,
            "seal_retention": self._retention,
            "seal_bytes": packed,
            "seal_event_id": columns.plain_array(self._event_ids),
            "seal_field": columns.text_array(self._fields),
            "seal_value": columns.text_array(self._values),
            "seal_year": columns.plain_array(self._years),
            "seal_start": start,
            "seal_size": size,
        }


def seal(key: DataKey, event_id: UUID, field: str, value: str, salt: bytes) -> tuple[str | None, bytes]:
    """Seal a value whose salt exists already; return the plain value, where it is working text, and the ciphertext."""
    plain = value if field in WORKING_TEXT else None
    nonce = os.urandom(NONCE_SIZE)
    inside = salt if plain is not None else salt + value.encode()
    return plain, nonce + key.cipher.encrypt(nonce, inside, _place(key, event_id, field, is_text=plain is not None))


def unseal(key: DataKey, event_id: UUID, field: str, value: str | None, sealed: bytes) -> Opened:
    """Open a row of the vault.

    Raises:
        SealBroken: it was changed, cut short, or belongs to another event, field or tenant.
    """
    place = _place(key, event_id, field, is_text=value is not None)
    try:
        inside = key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], place)
    except (InvalidTag, ValueError):
        raise SealBroken(field=field) from None
    salt, kept = inside[: commitment.SALT_SIZE], inside[commitment.SALT_SIZE :]
    return Opened(field=field, value=kept.decode() if value is None else value, salt=salt)


def _place(key: DataKey, event_id: UUID, field: str, *, is_text: bool) -> bytes:
    return f"soquy/vault/v1|{key.tenant_id}|{event_id}|{field}|{'text' if is_text else 'sealed'}".encode()
