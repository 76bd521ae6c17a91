"""Make answers: JSON of one model, CSV of rows as they come."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.auth import Access
from api.schemas.field import Out
from ledger.text import as_csv_text

CSV: Final = "text/csv; charset=utf-8"
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_CHUNK_ROWS: Final = 500


def json_reply(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a model, written once by pydantic's own writer."""
    return Response(model.model_dump_json(), status, dict(headers or {}), "application/json")


async def _wants_csv(
    request: Request,
    format_: Annotated[
        Literal["json", "csv"] | None,
        Query(alias="format", description="`csv`, or ask with `Accept: text/csv`", examples=["json"]),
    ] = None,
) -> bool:
    if format_ is not None:
        return format_ == "csv"
    return request.headers.get("accept", "").split(",", 1)[0].partition(";")[0].strip().lower() == "text/csv"


WantsCsv = Annotated[bool, Depends(_wants_csv)]


def csv_reply(access: Access, model: type[Out], rows: Any, name: str) -> Response:  # noqa: ANN401
    """Stream rows as CSV, from one state of the database, without ever holding them all.

    ``rows`` is called with the session and gives rows of ``model``. What refuses the request does so before the
    answer begins.
    """
    stack = ExitStack()
    try:
        session = access.session(stack.enter_context(access.reading()))
        lines = _lines(model, rows(session))
        first = next(lines)
    except BaseException as error:
        stack.__exit__(type(error), error, error.__traceback__)
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_closing(stack, chain([first], lines)), headers=headers, media_type=CSV)


def _closing(stack: ExitStack, lines: Iterator[str]) -> Iterator[str]:
    with stack:
        yield from lines


def _lines(model: type[Out], rows: Iterable[Out]) -> Iterator[str]:
    """Write a header and the rows, some hundred at a time; the mark in front tells Excel that it is UTF-8."""
    columns = list(model.model_fields)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    writer.writerow(columns)
    for count, row in enumerate(rows, start=1):
        values = row.model_dump(mode="json")
        writer.writerow([_cell(values[column]) for column in columns])
        if count % _CHUNK_ROWS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, bool):
        return "true" if value else "false"  # as JSON writes them
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return as_csv_text(value) if isinstance(value, str) else value
