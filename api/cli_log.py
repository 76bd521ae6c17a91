"""``soquy log``: the public log's state, its keys, its publication, and an export of it for auditors."""

import argparse
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from api import cli_backup
from api import log as service_log
from api.cli_serve import DEMO_LAG
from api.log_worker import LogWorker
from api.prepared import Prepared, prepared
from api.problems import Refusal
from api.public_log import record_key
from api.settings import Settings
from audit.cosignature import CosignatureError, verify_cosignature
from audit.folder import CHECKPOINT, LogFolder
from audit.keyring import KeyNotFound, LastKey
from audit.note import parse_note
from audit.publisher import LogHeld, wait_until_published
from audit.sequencer import LogState
from audit.tree import new_bundles, new_tiles
from ledger.reports.published import LogUnpublished, trial_balance_lines

_PENDING: Final = text("""\
SELECT count(*) AS leaves, min(a.recorded_at) AS oldest_at
FROM soquy.audit_pending AS p
JOIN soquy.audit_entry AS a USING (tenant_id, event_id)""")


def status(settings: Settings, asked: argparse.Namespace) -> int:
    """Print how far the log has come, and how long ago; 1 where it is held."""
    with prepared(settings) as ready, ready.log.engine.connect() as conn:
        state = ready.log.state(conn)
        found = _facts(ready, conn, state)
    if asked.json:
        print(json.dumps(found, default=str))
    else:
        for name, value in found.items():
            print(f"{name:<22}{value}")
    return 1 if state.held_because else 0


def _facts(ready: Prepared, conn: Connection, state: LogState) -> dict[str, Any]:
    pending = conn.execute(_PENDING).one()
    keyring = ready.log.keyring(state.origin)
    return {
        "origin": state.origin,
        "keys": " ".join(key.verifier.key_id.hex() for key in keyring.signers()) or "none",
        "folder": str(ready.log.folder.path),
        "pending": pending.leaves,
        "pending_oldest": _age(pending.oldest_at),
        "numbered": state.size,
        "published": state.published_size or 0,
        "published_age": _age(state.published_at),
        "cosigned_by": " ".join(_cosigners(ready, state)) or "nobody",
        "witnesses_asked": sum(each.url is not None for each in ready.log.policy.witnesses),
        "disclosed": state.disclosed_size or 0,
        "disclosed_age": _age(state.disclosed_at),
        "held": state.held_because or "no",
    }


def _cosigners(ready: Prepared, state: LogState) -> list[str]:
    """Return which of the policy's witnesses have cosigned the published checkpoint."""
    if state.note is None:
        return []
    note = parse_note(bytes(state.note))
    found = []
    for witness in ready.log.policy.witnesses:
        try:
            verify_cosignature(note, witness.key)
        except CosignatureError:
            continue
        found.append(witness.name)
    return found


def _age(instant: datetime | None) -> str:
    if instant is None:
        return "-"
    seconds = (datetime.now(UTC) - instant).total_seconds()
    return f"{timedelta(seconds=max(0, round(seconds)))}"


def keys(settings: Settings, asked: argparse.Namespace) -> int:
    """List the keys, make another that signs beside those there are, or retire one."""
    with prepared(settings) as ready, ready.log.engine.connect() as conn:
        keyring = ready.log.keyring(ready.log.state(conn).origin)
        if asked.action == "make":
            record_key(ready.engine, "log.key_added", keyring.make())
        elif asked.action == "retire":
            if asked.key_id is None:
                raise Refusal("log_key_unknown")
            gone = [key for key in keyring.verifiers() if key.key_id.hex() == asked.key_id]
            try:
                keyring.retire(asked.key_id)
            except KeyNotFound as refused:
                raise Refusal("log_key_unknown") from refused
            except LastKey as refused:
                raise Refusal("log_key_last") from refused
            record_key(ready.engine, "log.key_retired", gone[0])
        signing = {key.verifier.key_id for key in keyring.signers()}
        for key in keyring.verifiers():
            print("signs  " if key.key_id in signing else "retired", key, sep="\t")
    return 0


def publish(settings: Settings, asked: argparse.Namespace) -> int:
    """Number and publish what there is, once or until stopped."""
    with prepared(settings, is_kept_alive=asked.follow) as ready:
        lag = DEMO_LAG if asked.now else None
        if asked.follow:
            service_log.configure(settings.log_level)
            worker = LogWorker(ready.log, lag=lag)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, lambda _number, _frame: worker.leave())
            worker.run()
            return 0
        try:
            published = wait_until_published(ready.log.publisher(lag=lag))
        except LogHeld as held:
            raise Refusal("log_held") from held
    if not asked.quiet:
        size = 0 if published.checkpoint is None else published.checkpoint.size
        print(f"{published.numbered_count:,} numbered; {size:,} published; {published.disclosed_size:,} disclosed.")
    return 0


def export(settings: Settings, asked: argparse.Namespace) -> int:
    """Write the published log and the balances at its size into a folder, as ``soquy verify`` reads them."""
    out: Path = asked.out
    if out.exists() and any(out.iterdir()):
        raise Refusal("folder_not_empty", folder=str(out))
    with prepared(settings) as ready, ready.log.engine.connect() as conn:
        state = ready.log.state(conn)
        if state.note is None or state.published_size is None:
            raise LogUnpublished
        size = state.published_size
        known = (state.disclosed_size or 0) if asked.public else size
        folder = LogFolder(out)
        for tile, data in new_tiles(conn, state.log_id, 0, size):
            folder.write(tile.path, data)
        for bundle, data in new_bundles(conn, state.log_id, 0, known):
            folder.write(bundle.path, data)
        folder.write("policy", ready.log.public_policy(state.origin).text().encode())
        with ready.owner() as owner, (out / "trial-balances.jsonl").open("w", encoding="ascii") as file:
            for line in trial_balance_lines(owner, known, is_public=False):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
        folder.write(CHECKPOINT, bytes(state.note))
        folder.sync()
    if not asked.quiet:
        print(f"{size:,} leaves, {known:,} of them readable, are in {out}.", file=sys.stderr)
    return 0


def add_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Say what ``soquy log`` understands."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    telling = actions.add_parser("status", parents=[common], help="what is pending, numbered, published, cosigned")
    telling.add_argument("--json", action="store_true", help="one JSON object")
    telling.set_defaults(run=status)
    keeping = actions.add_parser("keys", parents=[common], help="list, make or retire the keys that sign")
    keeping.add_argument("action", nargs="?", choices=("list", "make", "retire"), default="list")
    keeping.add_argument("key_id", nargs="?", metavar="KEY_ID", help="the key to retire, by its eight digits")
    keeping.set_defaults(run=keys)
    publishing = actions.add_parser("publish", parents=[common], help="number and publish what there is")
    publishing.add_argument("--follow", action="store_true", help="go on until stopped: the publisher's own process")
    publishing.add_argument("--now", action="store_true", help="make leaves public at once (SOQUY_LOG_LAG_SECONDS)")
    publishing.set_defaults(run=publish)
    succeeding = actions.add_parser(
        "succeed", parents=[common], help="end the log; a successor of another name goes on"
    )
    succeeding.add_argument("--origin", required=True, help="the successor's name for ever, its URL without the scheme")
    succeeding.add_argument(
        "--recover", dest="place", metavar="PATH|URL", help="where the old log can be read, if not here"
    )
    succeeding.add_argument("--policy", type=Path, metavar="FILE", help="whose signatures count, if the keys are lost")
    succeeding.set_defaults(run=cli_backup.succeed)
    exporting = actions.add_parser("export", parents=[common], help="write a folder that soquy verify reads")
    exporting.add_argument("--public", action="store_true", help="only the leaves that are public by now")
    exporting.add_argument("out", type=Path, metavar="DIR", help="a new or empty folder")
    exporting.set_defaults(run=export)
