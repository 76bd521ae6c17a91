"""What anybody may ask for without a token: figures that the published log bears out."""

import json
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine

from api.database import long_reading
from api.problems import Refusal
from api.routes.answer import PUBLIC, UNFIT
from ledger.money import AMOUNT_MAX
from ledger.reports.published import trial_balance_lines

NDJSON: Final = "application/x-ndjson"
ANSWERS_AT_ONCE_MAX: Final = 2
"""Of a process: an answer reads every book there is, and asks for no token."""

_MEMORY_SIZE_MAX: Final = 1 << 20
_PART_SIZE: Final = 1 << 16

router = APIRouter(prefix="/v1/public", tags=["public"], responses={**PUBLIC, **UNFIT})

_places: Final = BoundedSemaphore(ANSWERS_AT_ONCE_MAX)

KnownAt = Annotated[
    int | None,
    Query(ge=0, le=AMOUNT_MAX, description="A size of the log, up to the leaves that are public; all of these"),
]


@router.get(
    "/trial-balances",
    summary="Trial balances of every association",
    response_class=Response,
    responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}, "description": "One JSON object a line"}},
)
def get_trial_balances(request: Request, known_at: KnownAt = None) -> Response:
    """Return what every account and fund of every association ever moved, as known at a size of the published log.

    The first line is `{"format":"soquy-trial-balances","v":1,"origin":"…","size":K}`, the last
    `{"end":true,"rows":N}`; between them stands, by association, account and fund,
    `{"association":"as_…","account":"1111","fund":"QC","debit_minor":N,"credit_minor":N}`. Replaying the leaves of the
    log has to give the same sums.
    """
    return StreamingResponse(_sent(_written(request.app.state.engine, known_at)), media_type=NDJSON)


def _written(engine: Engine, known_at: int | None) -> IO[bytes]:
    """Write the whole answer down first: who reads slowly, or leaves, keeps neither a place nor a connection."""
    if not _places.acquire(blocking=False):
        raise Refusal("public_busy", answers_max=ANSWERS_AT_ONCE_MAX)
    file = SpooledTemporaryFile(max_size=_MEMORY_SIZE_MAX)  # noqa: SIM115 - closed by who sends it
    try:
        with long_reading(engine) as conn:
            for line in trial_balance_lines(conn, known_at):
                file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
    except BaseException:
        file.close()
        raise
    finally:
        _places.release()
    file.seek(0)
    return file


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART_SIZE):
            yield part
