"""Write ``docs/openapi.json``: the API as its callers know it, committed so that a change of it is seen.

Run it as ``python -m api.contract``.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from api.app import create_app
from api.settings import Settings

CONTRACT: Final = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the OpenAPI document of this program; no database is asked."""
    engine = sa.create_engine("postgresql+psycopg://")
    return dict(create_app(Settings(), engine).openapi())


def written(contract: dict[str, Any]) -> str:
    """Return a document as it is committed."""
    return json.dumps(contract, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


if __name__ == "__main__":
    CONTRACT.write_text(written(document()), encoding="utf-8")
    sys.stdout.write(f"{CONTRACT}\n")
