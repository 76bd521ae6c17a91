"""Where a deployment's log lives: its folder, keys and policy, and the role that publishes it, from the settings."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from api.settings import Settings
from audit import canonical, log
from audit.checkpoint import CheckpointError, open_checkpoint, parse_checkpoint
from audit.cosigning import WitnessCosigner
from audit.folder import CHECKPOINT, LogFolder
from audit.keyring import Keyring
from audit.note import NoteError, VerifierKey, parse_note
from audit.policy import Policy, PolicyLog, parse_policy
from audit.publisher import Publisher
from audit.sequencer import LogState, begin_log, log_state
from audit.tree import HashesMissing, LeavesMissing, new_bundles, new_tiles, root_at
from ledger import typeid
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url

LOG_ROLE: Final = "soquy_log"
NO_POLICY: Final = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLog:
    """A deployment's log, opened; ``engine`` is of the role that numbers and publishes."""

    engine: Engine
    folder: LogFolder
    held: LogFolder
    settings: Settings
    policy: Policy

    @classmethod
    def open(cls, settings: Settings, url: str, *, is_own_role: bool) -> Self:
        """Read the policy and make an engine; ``url`` is of the log's role itself, or of one that may act as it.

        Raises:
            OSError, PolicyError: the policy's file is not there, or none.
        """
        folder = settings.log_folder or settings.home / "log"
        arguments = {} if is_own_role else {"options": f"-c role={LOG_ROLE} -c search_path=soquy,pg_temp"}
        policy = NO_POLICY if settings.log_policy is None else parse_policy(settings.log_policy.read_bytes())
        return cls(
            engine=sa.create_engine(driver_url(url), pool_size=3, connect_args=arguments, pool_pre_ping=True),
            folder=LogFolder(folder),
            held=LogFolder(folder.with_name(f"{folder.name}-held"), is_public=False),
            settings=settings,
            policy=policy,
        )

    def keyring(self, origin: str) -> Keyring:
        """Return the keys of an origin."""
        return Keyring(self.settings.log_key_folder or self.settings.home / "keys" / "log", origin)

    def begin(self, app: Engine) -> LogState:
        """Return the log's state; begin it, and make its first key, where there is none.

        A log that has published something and has lost its keys is given no new one behind its back; nor is one that
        is held, in which nothing may be recorded.
        """
        with self.engine.begin() as conn:
            begin_log(conn, self.settings.log_origin or f"soquy.invalid/{secrets.token_hex(5)}")
            state = self.state(conn)
        keyring = self.keyring(state.origin)
        if state.published_size is None and state.held_because is None and not keyring.signers():
            record_key(app, "log.key_added", keyring.make())
        return state

    def state(self, conn: Connection) -> LogState:
        """Return the state of a log that has begun."""
        state = log_state(conn)
        if state is None:
            raise AssertionError
        return state

    def published_size(self) -> int:
        """Return the size of the tree that the folder has published, 0 before the first."""
        data = self.folder.checkpoint()
        return 0 if data is None else parse_checkpoint(parse_note(data).text).size

    def publisher(self, *, lag: timedelta | None = None) -> Publisher:
        """Return a publisher; ``lag`` is the settings' unless told."""
        return Publisher(
            engine=self.engine,
            folder=self.folder,
            held=self.held,
            keyring=self.keyring,
            lag=timedelta(seconds=self.settings.log_lag_seconds) if lag is None else lag,
            witnesses=WitnessCosigner(self.policy) if any(each.url for each in self.policy.witnesses) else None,
        )

    def public_policy(self, origin: str) -> Policy:
        """Return what a reader needs to verify the log: its keys, and the witnesses that are asked."""
        # A retired key vouches for nothing new: only those that sign are named.
        logs = tuple(PolicyLog(key.verifier) for key in self.keyring(origin).signers())
        return Policy(logs=logs, witnesses=self.policy.witnesses, groups=self.policy.groups, quorum=self.policy.quorum)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def published_faults(log: PublicLog) -> Iterator[tuple[str, str]]:
    """Yield rule and file where what the folder has published is not what the database holds.

    Whoever rewrites the database and every hash in it still cannot sign: the published checkpoint says otherwise.
    """
    with log.engine.connect() as conn:
        state = log.state(conn)
        data = log.folder.checkpoint()
        if data is None:
            if state.published_size is not None:
                yield "log_published_checkpoint", f"{log.folder.path / CHECKPOINT}: missing"
            return
        place = str(log.folder.path / CHECKPOINT)
        try:
            published, _ = open_checkpoint(data, origin=state.origin, keys=log.keyring(state.origin).verifiers())
        except (NoteError, CheckpointError) as error:
            yield "log_published_checkpoint", f"{place}: {error.code}"
            return
        try:
            if published.size > state.size or root_at(conn, state.log_id, published.size) != published.root:
                yield "log_published_checkpoint", place
            for name, kept in _files(conn, state, published.size):
                if not _holds(log.folder, name, kept):
                    yield "log_published_file", str(log.folder.path / name)
        except (HashesMissing, LeavesMissing) as missing:
            yield "log_rows_missing", str(missing)


def _holds(folder: LogFolder, name: str, kept: bytes) -> bool:
    """Tell whether a file is there, or the full one that has taken a partial one's place and begins with it."""
    found = folder.read(name)
    if found is None and ".p/" in name:
        full = folder.read(name.partition(".p/")[0])
        return full is not None and full.startswith(kept)
    return found == kept


def _files(conn: Connection, state: LogState, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield what a folder with a published tree of this size must hold, as the database has it."""
    for tile, data in new_tiles(conn, state.log_id, 0, min(size, state.size)):
        yield tile.path, data
    for bundle, data in new_bundles(conn, state.log_id, 0, min(state.disclosed_size or 0, state.size)):
        yield bundle.path, data


def record_key(app: Engine, type_: str, key: VerifierKey) -> None:
    """Append the leaf of a key that was added or retired: the log itself says whose signatures count."""
    with app.begin() as conn:
        set_tenant(conn, DEPLOYMENT)
        event_id = typeid.new_id()
        leaf = canonical.Leaf(
            type=type_,
            event_id=typeid.encode(typeid.EVENT, event_id),
            association=None,
            recorded_at=log.recording_time(conn),
            actor=canonical.LeafActor(role="server", commitment=None),
            payload={"key": str(key)},
        )
        record = log.Record(event_id=event_id, type=type_, association_id=None, leaf=canonical.encode(leaf))
        log.append(conn, DEPLOYMENT, [record])
