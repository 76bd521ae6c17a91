"""The vault of a process: the key-encryption key, and the data keys it has unwrapped.

It travels with the engine (``attach``) and every connection finds it there (``vault_of``), so commands need no further
argument and nothing is kept in a module. Asking the database for a tenant's key is a round trip that is made once in
a while, not once a posting: a key is remembered for a few minutes, and only when the transaction that made it is over
— one that is rolled back would take it along.
"""

import os
import time
from collections.abc import Collection
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, text

from ledger import typeid
from ledger.errors import LedgerError
from ledger.people.kek import KEY_SIZE, Kek, VaultKeyWrong
from ledger.people.sealing import DataKey
from ledger.tenancy import DEPLOYMENT

REMEMBERED_SECONDS: Final = 300
REMEMBERED_MAX: Final = 10_000
"""Keys in memory: some hundred provinces have a few each."""

VALUE: Final = "value"
REQUEST: Final = "request"

_OPTION: Final = "soquy_vault"

_USE: Final = text("""\
SELECT key_id, wrapped, kek_id, is_settled
FROM vault.use_key(:tenant_id, :purpose, :key_id, :wrapped, :kek_id)""")
_USE_SUBJECTS: Final = text("""\
SELECT subject_id, key_id, wrapped, kek_id
FROM vault.use_subject_keys(:tenant_id, CAST(:subject_ids AS uuid[]), CAST(:key_ids AS uuid[]),
    CAST(:wrapped AS bytea[]), :kek_id)""")
_USE_IDENTITY: Final = text("""\
SELECT key_id, wrapped, kek_id FROM vault.use_identity_key(:key_id, :wrapped, :kek_id)""")
_REQUEST_KEYS: Final = text("SELECT key_id, wrapped, kek_id FROM vault.request_keys(:tenant_id)")
_KEK_IDS: Final = text("SELECT vault.kek_ids()")


class VaultClosed(LedgerError):
    """The engine was given no vault, so nothing can be sealed or opened on its connections."""

    code = "vault_closed"


class Vault:
    """Unwraps data keys, makes those that are missing, and remembers both."""

    def __init__(self, kek: Kek) -> None:
        self._kek = kek
        self._unwrapped: dict[tuple[int, UUID], DataKey] = {}
        self._current: dict[tuple[int, str], tuple[float, DataKey]] = {}

    def current_key(self, conn: Connection, tenant_id: int, purpose: str = VALUE) -> DataKey:
        """Return the tenant's key of this year; the first to ask makes it.

        Raises:
            VaultKeyWrong: another key-encryption key wrapped it.
        """
        remembered = self._current.get((tenant_id, purpose))
        if remembered is not None and time.monotonic() < remembered[0]:
            return remembered[1]
        candidate = typeid.new_id()
        wrapped = self._kek.wrap(tenant_id, candidate, os.urandom(KEY_SIZE))
        asked = {"tenant_id": tenant_id, "purpose": purpose, "key_id": candidate, "wrapped": wrapped}
        row = conn.execute(_USE, {**asked, "kek_id": self._kek.id}).one()
        key = self.data_key(tenant_id, row.key_id, row.wrapped, row.kek_id)
        if row.is_settled:
            _bound(self._current)
            self._current[tenant_id, purpose] = (time.monotonic() + REMEMBERED_SECONDS, key)
        return key

    def subject_keys(self, conn: Connection, tenant_id: int, subject_ids: Collection[UUID]) -> dict[UUID, DataKey]:
        """Return the keys of people, each their own; those that are missing are made.

        None is remembered: who is erased must not live on in the memory of a process.

        Raises:
            VaultKeyWrong: another key-encryption key wrapped one of them.
        """
        if not subject_ids:
            return {}
        subjects = list(subject_ids)
        candidates = [typeid.new_id() for _ in subjects]
        wrapped = [self._kek.wrap(tenant_id, candidate, os.urandom(KEY_SIZE)) for candidate in candidates]
        asked = {"tenant_id": tenant_id, "subject_ids": subjects, "key_ids": candidates, "wrapped": wrapped}
        rows = conn.execute(_USE_SUBJECTS, {**asked, "kek_id": self._kek.id})
        return {row.subject_id: self.subject_key(tenant_id, row.key_id, row.wrapped, row.kek_id) for row in rows}

    def subject_key(self, tenant_id: int, key_id: UUID, wrapped: bytes, kek_id: str) -> DataKey:
        """Unwrap a key, and forget it.

        Raises:
            VaultKeyWrong: another key-encryption key wrapped it.
        """
        secret = self._kek.unwrap(tenant_id, key_id, wrapped, kek_id)
        return DataKey(tenant_id=tenant_id, key_id=key_id, secret=secret, cipher=AESGCM(secret))

    def identity_key(self, conn: Connection) -> DataKey:
        """Return the deployment's key of identities; the first to ask makes it, and it is never another.

        Raises:
            VaultKeyWrong: another key-encryption key wrapped it.
        """
        candidate = typeid.new_id()
        wrapped = self._kek.wrap(DEPLOYMENT, candidate, os.urandom(KEY_SIZE))
        row = conn.execute(_USE_IDENTITY, {"key_id": candidate, "wrapped": wrapped, "kek_id": self._kek.id}).one()
        return self.subject_key(DEPLOYMENT, row.key_id, row.wrapped, row.kek_id)

    def request_keys(self, conn: Connection, tenant_id: int) -> list[DataKey]:
        """Return every key under which a request of the tenant may have been remembered."""
        rows = conn.execute(_REQUEST_KEYS, {"tenant_id": tenant_id})
        return [self.data_key(tenant_id, row.key_id, row.wrapped, row.kek_id) for row in rows]

    def data_key(self, tenant_id: int, key_id: UUID, wrapped: bytes, kek_id: str) -> DataKey:
        """Unwrap a data key, or remember that it was.

        Raises:
            VaultKeyWrong: another key-encryption key wrapped it.
        """
        key = self._unwrapped.get((tenant_id, key_id))
        if key is None:
            secret = self._kek.unwrap(tenant_id, key_id, wrapped, kek_id)
            key = DataKey(tenant_id=tenant_id, key_id=key_id, secret=secret, cipher=AESGCM(secret))
            _bound(self._unwrapped)
            self._unwrapped[tenant_id, key_id] = key
        return key

    def check_kek(self, conn: Connection) -> None:
        """Find at the start, not at the first opening, that this is not the key of this database.

        Raises:
            VaultKeyWrong: carries the ids of the key that is needed and of the one given.
        """
        for kek_id in kek_ids(conn):
            if kek_id != self._kek.id:
                raise VaultKeyWrong(needed=kek_id, given=self._kek.id)


def _bound(remembered: dict[tuple[int, UUID], DataKey] | dict[tuple[int, str], tuple[float, DataKey]]) -> None:
    if len(remembered) >= REMEMBERED_MAX:
        remembered.clear()


def attach(engine: Engine, vault: Vault) -> Engine:
    """Give an engine's connections their vault."""
    engine.update_execution_options(**{_OPTION: vault})
    return engine


def vault_of(conn: Connection) -> Vault:
    """Return the vault of a connection.

    Raises:
        VaultClosed: its engine has none.
    """
    vault = conn.get_execution_options().get(_OPTION)
    if not isinstance(vault, Vault):
        raise VaultClosed
    return vault


def kek_ids(conn: Connection) -> list[str]:
    """Return which key-encryption keys wrap the data keys of this database: none before there are any."""
    return list(conn.execute(_KEK_IDS).scalars())
