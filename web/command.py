"""Start ``soquy``: ``verify`` with what every installation has, anything else with the service.

An auditor installs the package alone; what the service needs comes with the extra ``service``. So nothing of it is
imported before it is known that it is asked for.
"""

import sys

from audit import verify

_MISSING = """\
soquy: bản cài này chỉ có lệnh verify; các lệnh khác cần: pip install 'soquy[service]'
       this installation has the command verify alone; others need: pip install 'soquy[service]'
"""


def main() -> int:
    """Run the command that was asked for."""
    arguments = sys.argv[1:]
    command = next((place for place, each in enumerate(arguments) if not each.startswith("-")), None)
    if command is not None and arguments[command] == "verify":
        return verify.main(arguments[:command] + arguments[command + 1 :])
    try:
        from web.__main__ import main as serve  # noqa: PLC0415 - only where the service is asked for
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"api", "audit", "ledger", "migrations", "web"}:
            raise
        sys.stderr.write(_MISSING)
        return 2
    return serve()


if __name__ == "__main__":
    sys.exit(main())
