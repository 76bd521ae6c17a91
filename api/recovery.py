"""Settle what a restored database is to the published log: the same, behind it, or ended by a successor.

Whatever was published is read first from our own folder, and from a path or URL that somebody gives. Erasures that came
after the backup are done again before anything else, and before any port opens: whether the log is then let go of or
stays held, what was erased stays erased.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import sqlalchemy as sa
from sqlalchemy import Connection, text

from api.pg_program import Reached
from api.prepared import OWNER_ROLE, make_partitions
from api.problems import Refusal
from api.public_log import PublicLog
from api.settings import Settings
from audit.finding import AuditStopped
from audit.folder import CHECKPOINT, LogFolder
from audit.policy import PolicyError, parse_policy
from audit.recovery import (
    LeavesUnreadable,
    LogForked,
    Published,
    PublishedTampered,
    PublishedUnsigned,
    RecoveryRefused,
    agreed_size,
    is_behind,
    newest_known,
    open_published,
)
from audit.sequencer import LogState, log_state
from audit.source import Folder, open_source
from ledger.books import recovery as books
from ledger.books.recovery import Recovered
from ledger.people.replay import replay_erasures
from migrations.migrate import driver_url, upgrade

CODES: Final = {
    PublishedUnsigned: "recovery_unsigned",
    PublishedTampered: "recovery_tampered",
    LeavesUnreadable: "recovery_leaves_missing",
    LogForked: "recovery_forked",
}

# The publisher's own lock: no file is written while its log is settled.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('soquy.publisher', 0))")

_ERASURES: Final = text("""\
SELECT leaf FROM soquy.audit_entry WHERE type IN ('value.erased', 'person.erased') ORDER BY recorded_at""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How it was settled: the log that grows now, and what was recovered into it or left with the old one."""

    state: LogState
    recovered: Recovered | None = None
    erased: int = 0
    old: LogState | None = None
    agreed_size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """A database that was reached, its log, and what is known to be published of it; the largest comes first."""

    engine: sa.Engine
    log: PublicLog
    state: LogState
    published: tuple[Published, ...]

    def settle(self, *, is_recovering: bool) -> Settlement:
        """Let the log go where nothing is missing, or replay what is; refuse what can't be done, and leave it held.

        Raises:
            Refusal: nothing published is known; or the log is ahead, and nobody asked to recover.
            RecoveryRefused, LeafUnreplayable: it can't be recovered.
        """
        if self.state.held_because is None:
            raise Refusal("restore_not_held")
        if not self.published:
            self.erase_again()
            raise Refusal("restore_nothing_published", size=self.state.size)
        erased = self.erase_again()
        newest = self.published[0]
        if newest.checkpoint.size < (self.state.published_size or 0):
            raise Refusal(
                "restore_copy_old", size=newest.checkpoint.size, published_size=self.state.published_size or 0
            )
        with self._alone() as conn:
            if is_behind(conn, self.state, newest) and not is_recovering:
                self._refuse_behind(newest)
            recovered = books.recover(conn, self.state, newest)
            after = _state(conn)
            for each in self.published[1:]:
                is_behind(conn, after, each)
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("ANALYZE"))
        return Settlement(state=after, recovered=recovered, erased=erased)

    def succeed(self, origin: str) -> Settlement:
        """End the log, and begin its successor under another name.

        Raises:
            Refusal: the name was a log's already.
        """
        if origin == self.state.origin:
            raise Refusal("log_origin_taken", origin=origin)
        erased = self.erase_again()
        keyring = self.log.keyring(origin)
        # A key from a run that was killed signs as well as another.
        key = next((each.verifier for each in keyring.signers()), None) or keyring.make()
        with self._alone() as conn:
            ended, common = newest_known(conn, self.state), self.state.published_size or 0
            if self.published and self.published[0].checkpoint.size >= ended.size:
                ended = self.published[0].checkpoint
                common = agreed_size(conn, self.state, self.published[0])
            try:
                books.succeed(conn, self.state, origin=origin, key=str(key), ended=ended, agreed_size=common)
            except sa.exc.IntegrityError as error:
                raise Refusal("log_origin_taken", origin=origin) from error
            after = _state(conn)
            # Before the commit: killed in between, the folder is found by its new name.
            for folder in (self.log.folder.path, self.log.held.path):
                if folder.exists():
                    folder.rename(_ended(folder, self.state.log_id))
        return Settlement(state=after, erased=erased, old=self.state, agreed_size=common)

    def erase_again(self) -> int:
        """Erase what the log says was erased after the backup, as far as its leaves can be read.

        The database's own leaves are asked too: the journal of erasures is in a part of the backup that may be gone.
        """
        if self.state.held_because is None:
            return 0
        with self._alone() as conn:
            count = replay_erasures(conn, map(bytes, conn.execute(_ERASURES).scalars().all()))
            if self.published:
                newest = self.published[0]
                first = agreed_size(conn, self.state, newest)
                count += replay_erasures(conn, _readable(newest, first))
            return count

    def _refuse_behind(self, newest: Published) -> NoReturn:
        raise Refusal("restore_behind", size=self.state.size, published_size=newest.checkpoint.size)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self.engine.begin() as conn:
            conn.execute(_ALONE)
            yield conn


def _readable(published: Published, first: int) -> Iterator[bytes]:
    """Yield leaves up to where they are lost or not yet public: what is erased there can't be known."""
    try:
        for _, leaf in published.leaves(first):
            yield leaf
    except RecoveryRefused:
        return


@contextmanager
def settling(at: Reached, settings: Settings, *, place: str | None, policy: Path | None) -> Iterator[Settling]:
    """Bring the schema up to date and read what is published, in our own folder and in ``place``.

    Raises:
        Refusal: the database has no log, or there is none in ``place``.
        RecoveryRefused: a published file is not signed by who may, or was changed.
    """
    upgrade(at.url)
    make_partitions(at.url)
    arguments = {"options": f"-c role={OWNER_ROLE} -c search_path=soquy,pg_temp"}
    engine = sa.create_engine(driver_url(at.url), poolclass=sa.NullPool, connect_args=arguments, hide_parameters=True)
    log = PublicLog.open(settings, at.url, is_own_role=False)
    try:
        with engine.connect() as conn:
            state = _state(conn)
        published = list(_published(log, state, place, policy))
        published.sort(key=lambda each: each.checkpoint.size, reverse=True)
        yield Settling(engine=engine, log=log, state=state, published=tuple(published))
    finally:
        log.close()


def _published(log: PublicLog, state: LogState, place: str | None, policy: Path | None) -> Iterator[Published]:
    """Open every log of this origin that is known."""
    keys = log.keyring(state.origin).verifiers()
    try:
        trusted = None if policy is None else parse_policy(policy.read_bytes())
    except PolicyError as error:
        raise Refusal("recovery_keys_unusable", file=str(policy), cause=str(error)) from error
    for public, held in ((log.folder.path, log.held.path), _ended_pair(log, state)):
        if (public / CHECKPOINT).is_file():
            beside = LogFolder(held, is_public=False)
            yield open_published(Folder(public, public), origin=state.origin, keys=keys, policy=trusted, beside=beside)
            break
    if place:
        try:
            source = open_source(place)
        except AuditStopped as error:
            raise Refusal("recovery_place_unusable", place=place, cause=error.code) from error
        yield open_published(source, origin=state.origin, keys=keys, policy=trusted)


def _ended_pair(log: PublicLog, state: LogState) -> tuple[Path, Path]:
    return _ended(log.folder.path, state.log_id), _ended(log.held.path, state.log_id)


def _ended(folder: Path, log_id: int) -> Path:
    return folder.with_name(f"{folder.name}-ended-{log_id}")


def _state(conn: Connection) -> LogState:
    state = log_state(conn)
    if state is None:
        raise Refusal("backup_database_foreign")
    return state
