"""The keys that sign checkpoints: files in a folder that only the service reads.

::

    <key id>.key     PRIVATE+KEY+<name>+<key id>+<base64>, mode 0600: signs
    <key id>.vkey    <name>+<key id>+<base64>: stays when the key is retired, so that what it signed can still be read

A checkpoint is signed by every key that is there, so a new one is made beside the old, both sign while readers take up
the new one, and then the old one is retired. Key files are never part of a backup.
"""

import os
from pathlib import Path
from typing import ClassVar, Final

from audit.note import NoteError, SignerKey, VerifierKey, parse_signer_key, parse_verifier_key

KEY_MODE: Final = 0o600


class KeyringError(Exception):
    """Refuse to sign; says which file, and what to do about it."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: {self.fact}")
        self.path = path


class KeyFileExposed(KeyringError):
    """Others could sign as this log."""

    code = "log_key_exposed"
    fact = "others may read this key; take their rights (chmod 600), and think about replacing it"


class KeyFileMalformed(KeyringError):
    """Not a key, or not the one its name says."""

    code = "log_key_malformed"
    fact = "holds no key of this name"


class KeyNotFound(KeyringError):
    """No such key signs."""

    code = "log_key_unknown"
    fact = "there is no such key"


class LastKey(KeyringError):
    """Without it nothing could be published."""

    code = "log_key_last"
    fact = "is the only key; make another first"


class Keyring:
    """The keys of a log, by the name that is its origin; keys of other names in the folder are not looked at."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder = folder
        self.origin = origin

    def signers(self) -> list[SignerKey]:
        """Return the keys that sign, by key id.

        Raises:
            KeyringError: a file is exposed or malformed.
        """
        found = []
        for path in sorted(self.folder.glob("*.key")):
            if path.stat().st_mode & 0o077:
                raise KeyFileExposed(path)
            try:
                key = parse_signer_key(path.read_text(encoding="utf-8").removesuffix("\n"))
            except (NoteError, ValueError):
                raise KeyFileMalformed(path) from None
            if key.verifier.key_id.hex() != path.stem:
                raise KeyFileMalformed(path)
            if key.name == self.origin:
                found.append(key)
        return found

    def verifiers(self) -> list[VerifierKey]:
        """Return the public halves of every key that ever signed, by key id."""
        found = []
        for path in sorted(self.folder.glob("*.vkey")):
            try:
                key = parse_verifier_key(path.read_text(encoding="utf-8").removesuffix("\n"))
            except (NoteError, ValueError):
                raise KeyFileMalformed(path) from None
            if key.name == self.origin:
                found.append(key)
        return found

    def make(self) -> VerifierKey:
        """Make a key that signs from now on; return its public half."""
        key = SignerKey.generate(self.origin)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = key.verifier.key_id.hex()
        # The public half first: whatever was signed can be verified, even if the machine dies in between.
        _write(self.folder / f"{name}.vkey", str(key.verifier), 0o644)
        _write(self.folder / f"{name}.key", str(key), KEY_MODE)
        return key.verifier

    def retire(self, key_id: str) -> None:
        """Destroy the private half of a key; what it signed can still be verified.

        Raises:
            KeyNotFound: no such key signs.
            LastKey: no other does.
        """
        path = self.folder / f"{key_id}.key"
        signers = self.signers()
        if not any(key.verifier.key_id.hex() == key_id for key in signers):
            raise KeyNotFound(path)
        if len(signers) == 1:
            raise LastKey(path)
        path.unlink()


def _write(path: Path, text: str, mode: int) -> None:
    """Write a file that was not there, and have it on the disk: whole, or not at all."""
    unfinished = path.with_name(f".{path.name}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
