"""Print the schema that the migrations add up to, the same on every machine.

``python -m migrations.dump`` writes ``migrations/schema.sql`` from a fresh embedded server; a test
compares the two. Owners are kept (who owns a SECURITY DEFINER function is part of the rules), except
the superuser who happens to migrate.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from api.embedded import EmbeddedServer
from migrations.migrate import FOLDER, upgrade

SCHEMA = FOLDER / "schema.sql"
HEADER = "-- The sum of migrations/sql, written by `python -m migrations.dump`. Do not edit.\n\n"
# What says when and by whom a dump was made, and the banner over each object that repeats its name.
NOISE = re.compile(
    r"^--\n-- (?:PostgreSQL database dump.*|Name: .*)\n--\n"
    r"|^-- Dumped (?:from|by) .*\n"
    r"|^\\(?:un)?restrict .*\n"
    r"|^SET .*;\n"
    r"|^SELECT pg_catalog\.set_config\('search_path'.*\n"
    r"|^ALTER .* OWNER TO postgres;\n",
    re.MULTILINE,
)


def dump_schema(url: str, pg_dump: Path) -> str:
    """Return the normalised schema of a migrated database.

    Raises:
        subprocess.CalledProcessError: ``pg_dump`` failed; what it said is in ``stderr``.
    """
    command = [str(pg_dump), "--schema-only", "--no-tablespaces", f"--dbname={url}"]
    raw = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return HEADER + re.sub(r"\n{3,}", "\n\n", NOISE.sub("", raw)).strip() + "\n"


def main() -> None:
    """Write ``schema.sql`` from a fresh database."""
    with (
        tempfile.TemporaryDirectory(prefix="soquy-schema-") as home,
        EmbeddedServer.start(Path(home), settings={"fsync": "off"}) as server,
    ):
        upgrade(server.url())
        SCHEMA.write_text(dump_schema(server.url(), server.binaries.directory / "pg_dump"), encoding="utf-8")
    print(f"wrote {SCHEMA}")


if __name__ == "__main__":
    main()
