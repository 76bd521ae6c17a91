"""The ``soquy`` command: what it understands, and what its exit says (0 done, 1 refused or wrong, 2 misused).

The pages stand above this package, so whoever starts the command says how an application is made: ``web/__main__.py``
with pages, and this module alone without.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import sqlalchemy
from pydantic import ValidationError

from api import cli_backup, cli_log, cli_vault
from api.app import create_app
from api.auth import RIGHTS
from api.cli_books import check, export
from api.cli_init import add_arguments, init
from api.cli_serve import AppMaker, demo, serve
from api.cli_token import create, list_all, revoke
from api.cluster import EmbeddedServerError
from api.messages import text_for
from api.settings import Settings
from audit import verify
from ledger.errors import LedgerError

PROVINCES = ("ha-nam", "quang-binh")


def main(arguments: Sequence[str] | None = None, *, app_maker: AppMaker = create_app) -> int:
    """Run one command and return its exit status."""
    asked = _parser().parse_args(arguments)
    asked.app_maker = app_maker
    try:
        given = {name: value for name in ("host", "port") if (value := getattr(asked, name, None)) is not None}
        settings = Settings(**given)
        return int(asked.run(settings, asked))
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            _complain(f"SOQUY_{'_'.join(str(step) for step in fault['loc']).upper()}: {fault['msg']}.")
        return 2
    except (EmbeddedServerError, OSError) as error:
        _complain(str(error))
    except LedgerError as error:
        text = text_for(error.code, error.fields)
        _complain(f"{text.detail}\n       {text.detail_en}")
    except sqlalchemy.exc.OperationalError as error:
        # The driver's own words name host and port, never the password.
        _complain(f"The database does not answer: {str(error.orig).strip()}")
    except KeyboardInterrupt:
        return 130
    return 1


def _complain(text: str) -> None:
    sys.stderr.write(f"soquy: {text}\n")


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no day; write it like 2025-03-05") from None


def _parser() -> argparse.ArgumentParser:
    # Good before and after the command: what a parser below leaves out must not undo what one above was told.
    common = argparse.ArgumentParser(add_help=False)
    quiet = "print nothing but what was asked for, and errors"
    common.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help=quiet)
    listening = argparse.ArgumentParser(add_help=False)
    listening.add_argument("--host", help="address to listen on (SOQUY_HOST; 127.0.0.1)")
    listening.add_argument("--port", type=int, help="port to listen on (SOQUY_PORT; 8000, or the next that is free)")

    parser = argparse.ArgumentParser(prog="soquy", description="Sổ Quỹ: the books of learning-promotion funds.")
    parser.add_argument("--quiet", action="store_true", help=quiet)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serving = commands.add_parser("serve", parents=[common, listening], help="serve real data")
    serving.set_defaults(run=serve)

    showing = commands.add_parser("demo", parents=[common, listening], help="build a province's year, and serve it")
    showing.add_argument("--province", choices=PROVINCES, default=PROVINCES[0])
    showing.add_argument("--no-serve", action="store_true", help="stop after building")
    code = "only print the code that a sample user's authenticator would show now"
    showing.add_argument("--code", action="store_true", help=code)
    showing.set_defaults(run=demo)

    beginning = commands.add_parser(
        "init", parents=[common], help="found the first association, and let its administrator in"
    )
    add_arguments(beginning, _day)
    beginning.set_defaults(run=init)

    checking = commands.add_parser("check", parents=[common], help="recompute every total and rule from the postings")
    checking.set_defaults(run=check)

    exporting = commands.add_parser("export", parents=[common], help="write the books for other tools")
    exporting.add_argument("--format", choices=("beancount", "csv"), required=True)
    exporting.add_argument("--as-of", type=_day, metavar="DAY", help="up to the end of this day (today)")
    exporting.add_argument(
        "--association", metavar="ID", help="this one and all below it (needed where there are several trees)"
    )
    exporting.add_argument("out", type=Path, metavar="OUT", help="a file (beancount) or a folder (csv)")
    exporting.set_defaults(run=export)

    cli_backup.add_commands(commands, common)
    cli_log.add_commands(commands.add_parser("log", parents=[common], help="the public log"), common)
    _add_vault(commands.add_parser("vault", parents=[common], help="open, erase and change keys"), common)
    verifying = commands.add_parser("verify", parents=[common], help="verify a public log or a receipt, from outside")
    verify.add_arguments(verifying)
    verifying.set_defaults(run=lambda _, asked: verify.run(asked))

    _add_token(commands.add_parser("token", parents=[common], help="make, list and revoke API tokens"), common)
    return parser


def _add_vault(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    telling = actions.add_parser("status", parents=[common], help="tell what is kept, until when, and by which key")
    telling.set_defaults(run=cli_vault.status)
    turning = actions.add_parser("rotate", parents=[common], help="change the key-encryption key, or the data keys")
    which = turning.add_mutually_exclusive_group(required=True)
    which.add_argument("--new-key-file", type=Path, metavar="FILE", help="wrap all data keys by the key in this file")
    which.add_argument("--data-keys", action="store_true", help="seal what comes from now on by new data keys")
    turning.set_defaults(run=cli_vault.rotate)
    opening = actions.add_parser("open", parents=[common], help="open a sealed value; who and why is recorded")
    opening.add_argument("event_id", metavar="ID", help="of the entry (en_…) or event (ev_…)")
    opening.add_argument("--field", required=True, help="description, actor, reason …")
    opening.add_argument("--reason", required=True, help="why, in words; kept as long as the value")
    opening.set_defaults(run=cli_vault.open_value)
    erasing = actions.add_parser("erase", parents=[common], help="erase what is kept no longer, a value or a person")
    erasing.add_argument("event_id", metavar="ID", nargs="?", help="of the entry (en_…) or event (ev_…)")
    erasing.add_argument("--field", action="append", dest="fields", help="repeatable")
    erasing.add_argument(
        "--person", dest="person_id", metavar="ID", help="everything of a person (pe_…) in the register"
    )
    erasing.add_argument("--reason", help="why, in words")
    erasing.add_argument("--expired", action="store_true", help="everything whose time is over")
    erasing.add_argument("--as-of", type=_day, metavar="DAY", help="… on this day, not later than today (today)")
    erasing.set_defaults(run=cli_vault.erase_values)
    leaving = actions.add_parser("erase-user", parents=[common], help="erase a person who signs in no more")
    leaving.add_argument("email", metavar="EMAIL", help="their address; they hold no role any more")
    leaving.set_defaults(run=cli_vault.erase_person)


def _add_token(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    making = actions.add_parser("create", parents=[common], help="make a token and print it, this once")
    making.add_argument("--label", required=True, help="whose it is, for the list")
    making.add_argument(
        "--right", action="append", choices=tuple(RIGHTS), dest="rights", help="repeatable; all if none"
    )
    reach = "what it reaches; repeatable; every association if none, and then it may found"
    making.add_argument("--association", action="append", default=[], dest="associations", metavar="ID", help=reach)
    making.add_argument("--below", action="store_true", help="reach everything under the associations too")
    making.add_argument("--days", type=int, default=90, help="how long it is good for (90)")
    making.set_defaults(run=create)
    listing = actions.add_parser("list", parents=[common], help="list tokens, without their secrets")
    listing.set_defaults(run=list_all)
    ending = actions.add_parser("revoke", parents=[common], help="revoke a token at once and for good")
    ending.add_argument("token_id", metavar="ID")
    ending.set_defaults(run=revoke)


if __name__ == "__main__":
    sys.exit(main())
