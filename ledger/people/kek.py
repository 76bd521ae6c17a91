"""The key-encryption key: 32 bytes outside the database, from a file or from a command.

A file holds the key as 64 hexadecimal digits or as base64 (44 characters), white space around it aside, and nobody but
its owner may read it. A command is run without a shell and prints the same on its standard output: the way to a
key-management system. The key itself is never printed, logged or passed as an argument.

Its id is the first 8 bytes of its SHA-256, in hexadecimal: enough to tell keys apart, and of 256 random bits it says
nothing.
"""

import base64
import binascii
import os
import re
import shlex
import stat
import subprocess
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import LedgerError

KEY_SIZE: Final = 32
NONCE_SIZE: Final = 12
COMMAND_SECONDS_MAX: Final = 30
_FILE_SIZE_MAX: Final = 1_000

_match_hexadecimal: Final = re.compile(rb"[0-9A-Fa-f]{64}").fullmatch


class VaultKeyMissing(LedgerError):
    """There is no key-encryption key, and the database has data keys that only it unwraps."""

    code = "vault_key_missing"


class VaultKeyFileRefused(LedgerError):
    """The key's file cannot be read, or others than its owner may read it; ``reason`` says which."""

    code = "vault_key_file_refused"


class VaultKeyMalformed(LedgerError):
    """What the file or the command gives is not 32 bytes in hexadecimal or base64."""

    code = "vault_key_malformed"


class VaultKeyCommandFailed(LedgerError):
    """The command did not answer, or ended with another status than 0."""

    code = "vault_key_command_failed"


class VaultKeyWrong(LedgerError):
    """Another key-encryption key wrapped the data keys; carries the ids of both."""

    code = "vault_key_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kek:
    """A key-encryption key."""

    secret: bytes = field(repr=False)
    id: str

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Return the key of these bytes."""
        if len(secret) != KEY_SIZE:
            raise VaultKeyMalformed
        return cls(secret=secret, id=sha256(secret).digest()[:8].hex())

    def wrap(self, tenant_id: int, key_id: UUID, data_key: bytes) -> bytes:
        """Encrypt a data key: nonce (12), ciphertext (32), tag (16); good in its place alone."""
        nonce = os.urandom(NONCE_SIZE)
        return nonce + AESGCM(self.secret).encrypt(nonce, data_key, _place(tenant_id, key_id))

    def unwrap(self, tenant_id: int, key_id: UUID, wrapped: bytes, kek_id: str) -> bytes:
        """Return a data key.

        Raises:
            VaultKeyWrong: another key wrapped it, or its row was changed.
        """
        if kek_id != self.id:
            raise VaultKeyWrong(needed=kek_id, given=self.id)
        try:
            return AESGCM(self.secret).decrypt(wrapped[:NONCE_SIZE], wrapped[NONCE_SIZE:], _place(tenant_id, key_id))
        except (InvalidTag, ValueError):
            raise VaultKeyWrong(needed=kek_id, given=self.id) from None


def _place(tenant_id: int, key_id: UUID) -> bytes:
    return f"soquy/vault/key/v1|{tenant_id}|{key_id}".encode()


def parse_key(data: bytes) -> Kek:
    """Return the key that a file or a command gave.

    Raises:
        VaultKeyMalformed: another form or another size.
    """
    text = data.strip()
    if _match_hexadecimal(text):
        return Kek.of(bytes.fromhex(text.decode()))
    try:
        return Kek.of(base64.b64decode(text, validate=True))
    except binascii.Error:
        raise VaultKeyMalformed from None


def read_key_file(path: Path) -> Kek:
    """Read the key from a file that only its owner may read.

    Raises:
        VaultKeyFileRefused: it is not there, is no plain file, or group or others may read or write it.
        VaultKeyMalformed: it holds something else.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise VaultKeyFileRefused(path=str(path), reason="not_a_file")
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise VaultKeyFileRefused(path=str(path), reason="readable_by_others")
            return parse_key(file.read(_FILE_SIZE_MAX))
    except OSError:
        raise VaultKeyFileRefused(path=str(path), reason="unreadable") from None


def run_key_command(command: str) -> Kek:
    """Run the command that prints the key, without a shell.

    Raises:
        VaultKeyCommandFailed: it is not there, took too long, or failed.
        VaultKeyMalformed: it printed something else.
    """
    try:
        ran = subprocess.run(
            shlex.split(command), check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS_MAX
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        # Without the cause, which may hold what the command printed.
        raise VaultKeyCommandFailed(reason=type(error).__name__) from None
    return parse_key(ran.stdout)


def make_key_file(path: Path) -> Kek:
    """Make a new key in a new file of mode 0600, durable when this returns; one that is there already is read.

    The file appears with all its bytes or not at all, so two starts at once end up with one key.

    Raises:
        VaultKeyFileRefused: it could not be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(KEY_SIZE).hex().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(unfinished, path)  # refuses where there is one, as a rename would not
            except FileExistsError:
                return read_key_file(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError:
        raise VaultKeyFileRefused(path=str(path), reason="unwritable") from None
    return read_key_file(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
