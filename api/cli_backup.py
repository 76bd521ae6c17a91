"""``soquy backup`` and ``soquy restore``: out of the database and back, without the log ever saying two things."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from api.backup import VAULT, make_backup, remember
from api.pg_program import reached
from api.problems import Refusal
from api.recovery import CODES, Settlement, settling
from api.restore import restore as restore_backup
from api.settings import Settings
from audit.keyring import KeyringError
from audit.recovery import RecoveryRefused

KEEP_DAYS: Final = 90
_NAMED_MAX: Final = 50


def backup(settings: Settings, asked: argparse.Namespace) -> int:
    """Make a backup, tell what it holds, and what it does not."""
    with reached(settings) as at:
        made = make_backup(at, asked.out, keep_days=asked.keep_days, is_quiet=asked.quiet)
    remember(settings.home, str(made.manifest["made_at"]))
    if asked.quiet:
        print(made.folder)
        return 0
    size = sum(part["size"] for part in made.manifest["parts"].values())
    print(f"{made.folder}: {size / 1e6:,.1f} MB, the log at {made.manifest['log_size']:,} leaves.")
    for folder in made.expired:
        print(f"{folder / VAULT}: older than {asked.keep_days} days, deleted.")
    print(
        "No key is in it. Keep the keys that sign the log (keys/log) and the vault's key (keys/vault.key)\n"
        "apart from it, each with two people: without the vault's key sealed values stay closed for ever,\n"
        "and whoever has that key and this backup can open them."
    )
    return 0


def restore(settings: Settings, asked: argparse.Namespace) -> int:
    """Restore a backup into an empty database, or settle one that is held."""
    if asked.succeed != (asked.origin is not None):
        raise Refusal("restore_origin_needed")
    if asked.backup is None and asked.place is None and not asked.succeed:
        raise Refusal("restore_nothing_asked")
    with reached(settings) as at:
        if asked.backup is not None:
            manifest = restore_backup(at, settings, asked.backup, is_quiet=asked.quiet)
            _say(asked, _restored(manifest))
        with _told(), settling(at, settings, place=asked.place or None, policy=asked.policy) as found:
            done = found.succeed(asked.origin) if asked.succeed else found.settle(is_recovering=asked.place is not None)
    _tell(asked, done)
    return 0


def succeed(settings: Settings, asked: argparse.Namespace) -> int:
    """End the log and begin its successor."""
    with (
        reached(settings) as at,
        _told(),
        settling(at, settings, place=asked.place, policy=asked.policy) as found,
    ):
        done = found.succeed(asked.origin)
    _tell(asked, done)
    return 0


@contextmanager
def _told() -> Iterator[None]:
    """Let refusals of the evidence speak as our own."""
    try:
        yield
    except RecoveryRefused as refused:
        raise Refusal(CODES[type(refused)], **refused.fields) from refused
    except KeyringError as refused:
        raise Refusal("recovery_keys_unusable", file=str(refused.path), cause=refused.fact) from refused


def _restored(manifest: dict[str, Any]) -> str:
    said = (
        f"Restored: the backup of {manifest['made_at']}, the log at {manifest['log_size']:,} leaves. It is held.\n"
        "Everybody signs in anew: sessions, remembered browsers, links and recovery codes have ended."
    )
    return said if manifest["has_vault"] else f"{said}\nIts vault part is gone: private values will not come back."


def _tell(asked: argparse.Namespace, done: Settlement) -> None:
    if done.erased:
        _say(asked, f"{done.erased:,} private values that were erased after the backup are erased again.")
    found = done.recovered
    if found is not None and found.first < found.size:
        _say(asked, f"Recovered leaves {found.first:,} to {found.size - 1:,} from the published log:")
        for type_, count in sorted(found.counts.items()):
            _say(asked, f"  {count:,} {type_}")
        for what, code in found.lost[:_NAMED_MAX]:
            _say(asked, f"  name lost: {what} {code}")
        if len(found.lost) > _NAMED_MAX:
            _say(asked, f"  … and {len(found.lost) - _NAMED_MAX:,} names more")
        _say(asked, "Tokens made after the backup open nothing any more, and requests since then are not remembered:")
        _say(asked, "a client that sends one again would record it twice. Tell whoever writes through the API.")
    if found is not None and found.values_lost:
        _say(asked, f"{found.values_lost:,} private values are lost; the log says so.")
    if done.old is not None:
        _say(asked, f"The log {done.old.origin} has ended; {done.state.origin} goes on, and its first leaf says so.")
        _say(asked, f"The old log's files are beside the new ones, under …-ended-{done.old.log_id}. Keep serving them.")
    _say(asked, f"The log is let go of at {done.state.size:,} leaves.")


def _say(asked: argparse.Namespace, text: str) -> None:
    if not asked.quiet:
        print(text, flush=True)


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401 - argparse's is private
    """Say what ``soquy backup`` and ``soquy restore`` understand."""
    backing = commands.add_parser(
        "backup", parents=[common], help="write database and vault into a folder, without keys"
    )
    backing.add_argument("out", type=Path, metavar="DIR", help="where backups go; each gets a folder named by its time")
    backing.add_argument(
        "--keep-days", type=_days, default=KEEP_DAYS, metavar="N", help="delete vault parts older than this (90)"
    )
    backing.set_defaults(run=backup)
    restoring = commands.add_parser("restore", parents=[common], help="restore a backup, or settle a log that is held")
    restoring.add_argument("backup", type=Path, nargs="?", metavar="BACKUP", help="the folder of one backup")
    restoring.add_argument(
        "--recover",
        dest="place",
        nargs="?",
        const="",
        metavar="PATH|URL",
        help="replay what is missing from the published log: our own folder, and one more place",
    )
    restoring.add_argument("--policy", type=Path, metavar="FILE", help="whose signatures count, if the keys are lost")
    restoring.add_argument("--succeed", action="store_true", help="end the log; a successor of another name goes on")
    restoring.add_argument("--origin", help="the successor's name for ever, its URL without the scheme")
    restoring.set_defaults(run=restore)


def _days(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 3_650:  # noqa: PLR2004 - ten years
        raise argparse.ArgumentTypeError(f"{value!r} is no number of days")
    return int(value)
