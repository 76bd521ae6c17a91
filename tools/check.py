"""Run everything that decides whether a change may land, and say in one line what each tool found.

Every tool runs even after another failed, so that one run shows all there is to mend. The tests on another PostgreSQL
run beside the rest: a suite waits for its server as often as it computes, so both take little more than one alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools.environment import CHECKOUT

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
PYTHON = [sys.executable, "-P", "-m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold: a program that exits with 0, called in the checkout."""

    name: str
    command: list[str]
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a check: its line of the summary, and whether it holds."""

    line: str
    holds: bool


def script(name: str) -> str:
    """Return the path of a program of this environment."""
    return str(Path(sys.executable).with_name(name))


def quick_checks() -> list[Check]:
    """List the checks that read the checkout alone."""
    migrations = sorted(str(path) for path in (CHECKOUT / "migrations" / "sql").glob("*.sql"))
    packages = ["api", "audit", "ledger", "migrations", "web"]
    return [
        Check(name="ruff format", command=[script("ruff"), "format", "--check", "--quiet", "."]),
        Check(name="ruff check", command=[script("ruff"), "check", "--quiet", "."]),
        Check(name="mypy", command=[*PYTHON, "mypy"]),
        Check(name="import-linter", command=[script("lint-imports")]),
        Check(name="squawk", command=[script("squawk"), *migrations]),
        Check(name="bandit", command=[*PYTHON, "bandit", "-q", "-c", "pyproject.toml", "-r", *packages]),
        Check(name="registry hosts", command=[*PYTHON, "tools.registry"]),
    ]


def test_suites(pytest_options: list[str]) -> list[Check]:
    """List the tests: all on the embedded PostgreSQL, and what talks to a database on Debian's where there is one."""
    suites = [Check(name="tests", command=[*PYTHON, "pytest", *pytest_options])]
    if not DEBIAN_POSTGRESQL.is_dir():
        print(f"skipped: tests on PostgreSQL 15 (no {DEBIAN_POSTGRESQL})")
        return suites
    chosen = ["-m", "not embedded", "-p", "no:cacheprovider", "tests/integration", "tests/migration"]
    older = Check(
        name="tests on PostgreSQL 15",
        command=[*PYTHON, "pytest", *pytest_options, *chosen],
        variables={"SOQUY_TEST_POSTGRESQL_BIN": str(DEBIAN_POSTGRESQL)},
    )
    return [*suites, older]


def run(check: Check, output: IO[bytes] | None = None) -> Outcome:
    """Run a check to its end; what it says goes to ``output``, else to the screen as it comes."""
    begun = time.monotonic()
    status = subprocess.run(
        check.command,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **check.variables},
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
    ).returncode
    line = f"{'ok    ' if status == 0 else 'FAILED'} {check.name} ({time.monotonic() - begun:.1f} s)"
    return Outcome(line=line, holds=status == 0)


def run_aloud(check: Check) -> Outcome:
    """Run a check under its heading."""
    print(f"\n== {check.name}", flush=True)
    return run(check)


def run_together(first: Check, others: list[Check]) -> Iterator[Outcome]:
    """Run checks at the same time, and show what the others said after the first."""
    with ThreadPoolExecutor() as pool, ExitStack() as files:
        outputs = [files.enter_context(tempfile.TemporaryFile()) for _ in others]
        running = [pool.submit(run, check, output) for check, output in zip(others, outputs, strict=True)]
        yield run_aloud(first)
        for check, output, outcome in zip(others, outputs, running, strict=True):
            outcome.result()
            print(f"\n== {check.name}", flush=True)
            output.seek(0)
            print(output.read().decode("utf-8", "replace"), end="", flush=True)
            yield outcome.result()


def main(arguments: list[str]) -> int:
    """Run all checks; return 1 if any failed."""
    outcomes = [run_aloud(check) for check in quick_checks()]
    first, *others = test_suites(["--quiet"] if "--quiet" in arguments else [])
    outcomes.extend(run_together(first, others))
    failed = sum(not outcome.holds for outcome in outcomes)
    print("\n== summary", *(outcome.line for outcome in outcomes), sep="\n")
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
