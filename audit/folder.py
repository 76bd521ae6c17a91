"""The published log as files: laid out as https://c2sp.org/tlog-tiles asks, so that any web server serves the folder.

Guarantees: a file appears whole or not at all, whatever is killed when; it is on the disk before anything that rests on
it is written; and no file but the checkpoint is ever replaced by other bytes.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar, Final

from audit.checkpoint import parse_checkpoint
from audit.note import parse_note

CHECKPOINT: Final = "checkpoint"


class FolderError(Exception):
    """Refuse to go on with a folder; says which file."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: {self.fact}")
        self.path = path


class PublishedDiffers(FolderError):
    """Somebody changed it, or it belongs to another log."""

    code = "log_file_differs"
    fact = "is already published with other bytes"


class CheckpointSmaller(FolderError):
    """Readers who have seen the larger one would call it a fork."""

    code = "log_checkpoint_smaller"
    fact = "is already published with a larger tree"


class LogFolder:
    """A folder of published files; nothing is made before the first is written."""

    def __init__(self, path: Path, *, is_public: bool = True) -> None:
        self.path = path
        self._mode = 0o644 if is_public else 0o600
        self._folder_mode = 0o755 if is_public else 0o700
        self._unsynced: set[Path] = set()

    def checkpoint(self) -> bytes | None:
        """Return the published checkpoint; none before the first."""
        return self.read(CHECKPOINT)

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file; none where there is none."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Publish a file that never changes; the same bytes again do nothing.

        Raises:
            PublishedDiffers: it is there with other bytes.
        """
        found = self.read(name)
        if found is None:
            self._put(self.path / name, data)
        elif found != data:
            raise PublishedDiffers(self.path / name)

    def sync(self) -> None:
        """Bring the names of what was written to the disk, as its bytes are already."""
        for folder in self._unsynced:
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._unsynced.clear()

    def write_checkpoint(self, data: bytes) -> None:
        """Publish a checkpoint in place of the last one.

        Raises:
            CheckpointSmaller: the last one has a larger tree.
        """
        found = self.checkpoint()
        if found == data:
            return
        if found is not None and _size(found) > _size(data):
            raise CheckpointSmaller(self.path / CHECKPOINT)
        self._put(self.path / CHECKPOINT, data)
        self.sync()

    def prune(self, full: str) -> None:
        """Remove the partial forms of a tile or bundle that has become full."""
        shutil.rmtree(self.path / f"{full}.p", ignore_errors=True)

    def remove(self, name: str) -> None:
        """Remove a file that has gone elsewhere."""
        (self.path / name).unlink(missing_ok=True)

    def _put(self, path: Path, data: bytes) -> None:
        self._make(path.parent)
        handle, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), self._mode)
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._unsynced.add(path.parent)

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, and remember those whose new names have to reach the disk."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(mode=self._folder_mode, exist_ok=True)
        self._unsynced.add(folder.parent)


def _size(checkpoint: bytes) -> int:
    return parse_checkpoint(parse_note(checkpoint).text).size
