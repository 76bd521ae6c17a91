r"""Remember the checkpoints that earlier audits saw, so that a log cannot show one history today and another tomorrow.

One file of JSON lines holds them, the oldest first (``\n`` at each line's end)::

    {"origin":"ORIGIN","size":N,"root":"BASE64","keys":["VERIFIER KEY", …],"note":"the checkpoint as it was signed"}

The signed note is kept because two of them with one size and two roots are the proof of a fork. The keys are those the
audit trusted: who audits the same log again without naming a key means the same ones. In a folder each origin has its
own file; the file is replaced as a whole.
"""

import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from audit.checkpoint import Checkpoint, CheckpointError, parse_checkpoint
from audit.finding import Tampered, Unusable
from audit.line import format_base64
from audit.merkle import MerkleError, verify_consistency
from audit.note import NoteError, VerifierKey, parse_note, parse_verifier_key
from audit.tiles import TileHashes

KEPT_MAX: Final = 200
"""Checkpoints of one file: the oldest and the latest ones; each costs a proof in every audit."""

FILE_SIZE_MAX: Final = 64 << 20
"""In bytes."""


def state_home() -> Path:
    """Return where programs keep what they remember (XDG Base Directory Specification)."""
    named = os.environ.get("XDG_STATE_HOME", "")
    home = Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
    return home / "soquy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A checkpoint of an earlier audit."""

    checkpoint: Checkpoint
    note: bytes
    keys: tuple[VerifierKey, ...]

    def line(self) -> str:
        """Return the line that keeps it."""
        members = {
            "origin": self.checkpoint.origin,
            "size": self.checkpoint.size,
            "root": format_base64(self.checkpoint.root),
            "keys": [str(key) for key in self.keys],
            "note": self.note.decode(),
        }
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_line(cls, line: str) -> Self:
        """Return what a line keeps.

        Raises:
            ValueError: it is none of ours.
        """
        members: Any = json.loads(line)
        if not isinstance(members, dict) or not isinstance(members.get("note"), str):
            raise TypeError
        keys = tuple(parse_verifier_key(text) for text in members["keys"])
        note = members["note"].encode()
        kept = cls(checkpoint=parse_checkpoint(parse_note(note).text), note=note, keys=keys)
        if kept.line() != line:
            raise ValueError
        return kept


class Memory:
    """The checkpoints of one file."""

    def __init__(self, state: Path | None, origin: str) -> None:
        named = state_home() if state is None else state
        is_file = named.is_file() or (state is not None and named.suffix != "" and not named.is_dir())
        self.path = named if is_file else named / file_name(origin)
        self._origin = origin
        self._all = _read(self.path)

    @property
    def kept(self) -> list[Remembered]:
        """What is remembered of this log, the oldest first."""
        return [each for each in self._all if each.checkpoint.origin == self._origin]

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys that the last audit of this log trusted."""
        kept = self.kept
        return kept[-1].keys if kept else ()

    def check_sizes(self, checkpoint: Checkpoint) -> None:
        """Compare a checkpoint with what is remembered, as far as that takes no tiles.

        Raises:
            Tampered: the log has shrunk, or has two roots for one size.
        """
        for each in self.kept:
            self._check_fork(each.checkpoint, checkpoint)
        for each in self.kept:
            if each.checkpoint.size > checkpoint.size:
                raise Tampered("log_shrunk", "checkpoint", size=checkpoint.size, seen=each.checkpoint.size)

    def check_consistency(self, checkpoint: Checkpoint, hashes: TileHashes) -> int:
        """Prove that every remembered tree is the beginning of this one; return how many.

        Raises:
            Tampered: it is not.
        """
        for each in self.kept:
            old = each.checkpoint
            try:
                verify_consistency(
                    old_size=old.size,
                    old_root=old.root,
                    size=checkpoint.size,
                    root=checkpoint.root,
                    proof=hashes.consistency_proof(old.size),
                )
            except MerkleError:
                raise _fork(old, checkpoint) from None
        return len(self.kept)

    def check_same_size(self, checkpoint: Checkpoint) -> None:
        """Compare with what is remembered of the same size only, for a proof that may well be older.

        Raises:
            Tampered: the log has two roots for one size.
        """
        for each in self.kept:
            self._check_fork(each.checkpoint, checkpoint)

    def remember(self, checkpoint: Checkpoint, note: bytes, keys: tuple[VerifierKey, ...]) -> None:
        """Keep a checkpoint whose signature and consistency were seen to be right.

        Raises:
            OSError: the file can't be written.
        """
        if any(each.checkpoint.size == checkpoint.size and each.keys == keys for each in self.kept):
            return
        mine = sorted(
            [*self.kept, Remembered(checkpoint=checkpoint, note=note, keys=keys)],
            key=lambda each: each.checkpoint.size,
        )
        others = [each for each in self._all if each.checkpoint.origin != self._origin]
        self._all = others + (mine if len(mine) <= KEPT_MAX else mine[:1] + mine[1 - KEPT_MAX :])
        _replace(self.path, "".join(f"{each.line()}\n" for each in self._all).encode())

    def _check_fork(self, old: Checkpoint, new: Checkpoint) -> None:
        if old.size == new.size and old.root != new.root:
            raise _fork(old, new)


def _fork(old: Checkpoint, new: Checkpoint) -> Tampered:
    return Tampered(
        "log_forked",
        "checkpoint",
        old_size=old.size,
        old_root=format_base64(old.root),
        size=new.size,
        root=format_base64(new.root),
    )


def file_name(origin: str) -> str:
    """Return the file name of an origin: readable, and never that of another."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", origin).strip("._")[:60]
    return f"{readable}-{sha256(origin.encode()).hexdigest()[:12]}.jsonl"


def _read(path: Path) -> list[Remembered]:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_SIZE_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Unusable("memory_unreadable", str(path), line=0, reason=str(error.strerror)) from error
    kept = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n")[:-1], 1):
        try:
            kept.append(Remembered.of_line(line))
        except (ValueError, TypeError, KeyError, NoteError, CheckpointError) as error:
            raise Unusable("memory_unreadable", str(path), line=number, reason="malformed") from error
    if data and (not data.endswith(b"\n") or len(data) > FILE_SIZE_MAX):
        raise Unusable("memory_unreadable", str(path), line=len(kept) + 1, reason="malformed")
    return kept


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(made).unlink()
        raise
