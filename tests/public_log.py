"""A publisher on a database of a test's own, and how to read what it published as anybody could."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import LogFolder
from audit.keyring import Keyring
from audit.merkle import leaf_hash, root_of, verify_consistency
from audit.publisher import Publisher, Witnesses
from audit.sequencer import begin_log
from audit.tiles import Tile, TileHashes, bundles_of, decode_bundle, tiles_of

ORIGIN = "soquy.test/log"


@dataclass(kw_only=True)
class PublicLog:
    """A log in a folder of its own; ``engine`` is of the role that publishes."""

    engine: sa.Engine
    home: Path
    watch: Callable[[str], None] = lambda _step: None
    lag: timedelta = timedelta(0)
    witnesses: Witnesses | None = None
    folder: LogFolder = field(init=False)
    held: LogFolder = field(init=False)

    def __post_init__(self) -> None:
        self.folder = LogFolder(self.home / "log")
        self.held = LogFolder(self.home / "log-held", is_public=False)

    def keyring(self, origin: str = ORIGIN) -> Keyring:
        """Return the keys, as every command finds them."""
        return Keyring(self.home / "keys", origin)

    def begin(self) -> None:
        """Begin the log and make its first key."""
        with self.engine.begin() as conn:
            begin_log(conn, ORIGIN)
        if not self.keyring().signers():
            self.keyring().make()

    @property
    def publisher(self) -> Publisher:
        """The publisher of this log."""
        return Publisher(
            engine=self.engine,
            folder=self.folder,
            held=self.held,
            keyring=self.keyring,
            lag=self.lag,
            witnesses=self.witnesses,
            watch=self.watch,
        )

    def checkpoint(self) -> Checkpoint:
        """Return the published checkpoint, its signature verified."""
        data = self.folder.checkpoint()
        assert data is not None
        return open_checkpoint(data, origin=ORIGIN, keys=self.keyring().verifiers())[0]

    def leaves(self) -> list[bytes]:
        """Read every leaf out of the bundles, and prove that files, leaves and checkpoint are one tree."""
        checkpoint = self.checkpoint()
        leaves: list[bytes] = []
        for bundle in bundles_of(checkpoint.size):
            leaves += decode_bundle(self._read(bundle.path), bundle.width)
        assert root_of([leaf_hash(leaf) for leaf in leaves]) == checkpoint.root
        for tile in tiles_of(checkpoint.size):
            assert len(self._read(tile.path)) == tile.size
        assert TileHashes(self.read_tile, checkpoint.size).root() == checkpoint.root
        return leaves

    def read_tile(self, tile: Tile) -> bytes:
        """Return a published tile."""
        return self._read(tile.path)

    def goes_on_from(self, old: Checkpoint) -> None:
        """Prove from the published tiles that the log still holds all that an older checkpoint held."""
        new = self.checkpoint()
        proof = TileHashes(self.read_tile, new.size).consistency_proof(old.size)
        verify_consistency(old_size=old.size, old_root=old.root, size=new.size, root=new.root, proof=proof)

    def _read(self, name: str) -> bytes:
        data = self.folder.read(name)
        assert data is not None, name
        return data
