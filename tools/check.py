"""Run everything that decides whether a change may land, and say in one line what each tool found.

Every tool runs even after another failed, so that one run shows all there is to mend.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.environment import CHECKOUT

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
PYTHON = [sys.executable, "-P", "-m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold: ``run`` returns an exit status."""

    name: str
    run: Callable[[], int]


def tool(*command: str, **variables: str) -> Callable[[], int]:
    """Return what runs a program in the checkout."""

    def run() -> int:
        sys.stdout.flush()
        return subprocess.run(command, check=False, cwd=CHECKOUT, env={**os.environ, **variables}).returncode

    return run


def script(name: str) -> str:
    """Return the path of a program of this environment."""
    return str(Path(sys.executable).with_name(name))


def migrations() -> int:
    """Lint the SQL that changes databases."""
    files = sorted(str(path) for path in (CHECKOUT / "migrations" / "sql").glob("*.sql"))
    return tool(script("squawk"), *files)()


def checks(pytest_options: list[str]) -> list[Check]:
    """List the checks, quick ones first."""
    found = [
        Check(name="ruff format", run=tool(script("ruff"), "format", "--check", "--quiet", ".")),
        Check(name="ruff check", run=tool(script("ruff"), "check", "--quiet", ".")),
        Check(name="mypy", run=tool(*PYTHON, "mypy")),
        Check(name="import-linter", run=tool(script("lint-imports"))),
        Check(name="squawk", run=migrations),
        Check(
            name="bandit",
            run=tool(
                *PYTHON, "bandit", "-q", "-c", "pyproject.toml", "-r", "api", "audit", "ledger", "migrations", "web"
            ),
        ),
        Check(name="registry hosts", run=tool(*PYTHON, "tools.registry")),
        Check(name="tests", run=tool(*PYTHON, "pytest", *pytest_options)),
    ]
    if DEBIAN_POSTGRESQL.is_dir():
        options = ["-m", "not embedded", *pytest_options, "tests/integration", "tests/migration"]
        older = tool(*PYTHON, "pytest", *options, SOQUY_TEST_POSTGRESQL_BIN=str(DEBIAN_POSTGRESQL))
        found.append(Check(name="tests on PostgreSQL 15", run=older))
    else:
        print(f"skipped: tests on PostgreSQL 15 (no {DEBIAN_POSTGRESQL})")
    return found


def main(arguments: list[str]) -> int:
    """Run all checks; return 1 if any failed."""
    lines = []
    failed = 0
    for check in checks(["--quiet"] if "--quiet" in arguments else []):
        print(f"\n== {check.name}", flush=True)
        begun = time.monotonic()
        status = check.run()
        failed += status != 0
        lines.append(f"{'ok    ' if status == 0 else 'FAILED'} {check.name} ({time.monotonic() - begun:.1f} s)")
    print("\n== summary", *lines, sep="\n")
    print(f"{len(lines) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
