"""Make the environment next to the checkout, then become the command that was asked for.

Guarantees: only the standard library is needed; every installed file matches a hash in a requirements
file; a second start installs nothing; two starts at once install once; a broken or half-made
environment is made again. ``SOQUY_VENV`` names another place than ``.venv``.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
# -P keeps the current directory off the import path: somebody's own `api` folder must not win.
COMMANDS = {
    "demo": ["-P", "-m", "web", "demo"],
    "serve": ["-P", "-m", "web", "serve"],
    "soquy": ["-P", "-m", "web"],
    "test": ["-P", "-m", "pytest"],
    "check": ["-P", "-m", "tools.check"],
    "bench": ["-P", "-m", "benchmarks"],
}
NEEDS_DEV = {"test", "check", "bench"}
RUNS_IN_CHECKOUT = {"test", "check"}

USAGE = """\
usage: ./run [--quiet] COMMAND [ARGUMENT …]

  demo [--province ha-nam|quang-binh] [--no-serve]   build a province's year and serve it
  demo --code                                        the code that its sample users give beside their password
  serve                                              serve real data
  soquy COMMAND …                                    the soquy command inside the environment
  test [ARGUMENT …]                                  the tests (arguments go to pytest)
  check                                              everything that CI runs
  bench [NAME …] [--json FILE]                       the benchmarks

The first start installs the dependencies into .venv (or SOQUY_VENV); later starts are instant.
"""


def main(arguments: list[str]) -> NoReturn:
    """Prepare the environment the command needs and replace this process with the command.

    Raises:
        SystemExit: the usage was asked for or not followed, or the environment could not be made.
    """
    quiet = arguments[:1] == ["--quiet"]
    name, *rest = arguments[quiet:] or ["--help"]
    if name in {"-h", "--help", "help"}:
        print(USAGE, end="")
        sys.exit(0)
    if name not in COMMANDS:
        stop(f"there is no command {name!r}.\n{USAGE}", status=2)
    rest = ["--quiet", *rest] if quiet else rest
    venv = Path(os.environ.get("SOQUY_VENV") or CHECKOUT / ".venv").absolute()
    prepare(venv, dev=name in NEEDS_DEV, quiet="--quiet" in rest)
    python = str(interpreter(venv))
    inherited = os.environ.get("PYTHONPATH")
    search_path = os.pathsep.join([str(CHECKOUT), inherited] if inherited else [str(CHECKOUT)])
    environment = {**os.environ, "PYTHONPATH": search_path, "VIRTUAL_ENV": str(venv)}
    environment["PATH"] = os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)])
    if name in RUNS_IN_CHECKOUT:
        os.chdir(CHECKOUT)
    sys.stdout.flush()
    os.execve(python, [python, *COMMANDS[name], *rest], environment)  # noqa: S606 - a list of arguments, no shell


def stop(message: str, *, status: int = 1) -> NoReturn:
    """End with one message that says what to do."""
    print(f"run: {message}", file=sys.stderr)
    sys.exit(status)


def interpreter(venv: Path) -> Path:
    """Return the path of the environment's Python."""
    return venv / "bin" / "python"


def prepare(venv: Path, *, dev: bool, quiet: bool) -> None:
    """Install what is missing, holding a lock so that two starts at once install once."""
    if is_ready(venv, dev=dev):
        return
    try:
        venv.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(venv.with_name(venv.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        stop(
            f"cannot make the environment {venv}: {error.strerror}.\n"
            "Run this as the owner of the folder, or name a folder of your own, for example:\n"
            f'  SOQUY_VENV="$HOME/.cache/soquy-venv" "{CHECKOUT / "run"}" …'
        )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(venv, dev=dev):
            return
        if not works(venv):
            make(venv)
        if not quiet:
            print("Installing the dependencies; this happens once and takes about a minute …", file=sys.stderr)
        install(venv, requirements(dev=dev))
        stamp(venv, dev=dev).write_text(fingerprint(venv, dev=dev), encoding="ascii")
        if dev:
            stamp(venv, dev=False).write_text(fingerprint(venv, dev=False), encoding="ascii")
    except OSError as error:
        stop(f"cannot make the environment {venv}: {error}. Is it yours, and is the disk full?")
    finally:
        os.close(lock)


def requirements(*, dev: bool) -> Path:
    """Return the hash-locked file; the one for development holds the same pins and more."""
    return CHECKOUT / ("requirements-dev.txt" if dev else "requirements.txt")


def stamp(venv: Path, *, dev: bool) -> Path:
    """Return the file that remembers what was installed."""
    return venv / f"{requirements(dev=dev).stem}.stamp"


def fingerprint(venv: Path, *, dev: bool) -> str:
    """Digest everything whose change asks for another installation, as hexadecimal.

    The interpreter is part of it (a system upgrade leaves the environment pointing at another
    version) and so is the place (the scripts in ``bin`` begin with it).
    """
    digest = hashlib.sha256(requirements(dev=dev).read_bytes())
    digest.update(f"{venv}\n{os.path.realpath(interpreter(venv))}".encode())
    return digest.hexdigest()


def is_ready(venv: Path, *, dev: bool) -> bool:
    """Tell whether exactly these requirements were installed here to the end."""
    try:
        remembered = stamp(venv, dev=dev).read_text(encoding="ascii")
        return os.access(interpreter(venv), os.X_OK) and remembered == fingerprint(venv, dev=dev)
    except (OSError, ValueError):
        return False


def works(venv: Path) -> bool:
    """Tell whether the environment's Python starts, is new enough and can install."""
    probe = "import sys, site; sys.exit(sys.version_info < (3, 11))"
    try:
        same = os.path.realpath(interpreter(venv)) in (venv / "soquy.origin").read_text(encoding="utf-8").splitlines()
        return same and subprocess.run([interpreter(venv), "-c", probe], check=False).returncode == 0
    except OSError:
        return False


def make(venv: Path) -> None:
    """Make an empty environment, by this Python's venv or else by uv."""
    if venv.exists() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").exists():
        stop(f"{venv} is there and is not a Python environment. Name another folder in SOQUY_VENV.")
    uv = shutil.which("uv")
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        # The interpreter itself, not an environment's: ours would die with that environment.
        base = str(getattr(sys, "_base_executable", sys.executable) or sys.executable)
        command = [base, "-m", "venv", "--clear", str(venv)]
    elif uv:
        command = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)]
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        stop(
            f"this Python {version} ({sys.executable}) comes without the venv module.\n"
            f"Install it (on Debian: apt install python{version}-venv), or install uv, and run this again."
        )
    if subprocess.run(command, check=False).returncode:
        stop(f"could not make the environment {venv}; what Python said is above.")
    (venv / "soquy.origin").write_text(os.path.realpath(interpreter(venv)), encoding="utf-8")


def install(venv: Path, locked: Path) -> None:
    """Install the locked files, refusing any whose hash is not in the file.

    The lock is complete, so nothing is resolved: pip would otherwise look at the newest release of what a package
    asks for with an extra (``coverage[toml]``) and refuse it for having no hash.
    """
    has_pip = next((venv / "lib").glob("python*/site-packages/pip"), None)
    if has_pip:
        # Twice quiet: warnings of pip's own configuration are not the newcomer's business, errors are.
        options = ["-qq", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
        command = [str(interpreter(venv)), "-m", "pip", "install", *options, "-r", str(locked)]
    else:
        options = ["--quiet", "--python", str(interpreter(venv)), "--no-deps", "--require-hashes"]
        command = [shutil.which("uv") or "uv", "pip", "install", *options, "-r", str(locked)]
    if subprocess.run(command, check=False).returncode:
        stop(f"could not install the dependencies from {locked.name}; the installer's reason is above.")


if __name__ == "__main__":
    main(sys.argv[1:])
