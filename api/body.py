"""Read a request's JSON body: strict, with every fault at once, and off the event loop.

FastAPI would parse a body into Python objects on the event loop, and turn ``1e3`` into a float that lax validation
then takes for an integer. Here the bytes go straight to pydantic's own parser, in the worker thread of the route.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from api.auth import Access, NeedsIn
from api.problems import ERROR_COUNT_MAX, BodyRefused, Refusal
from api.schemas.award import ListingIn, NomineeIn
from api.schemas.entry import BatchIn, EntryIn
from api.schemas.giving import CollectionIn, GiftIn
from ledger.awards.errors import ListRefused
from ledger.awards.model import AWARD_COUNT_MAX
from ledger.books.model import BATCH_SIZE_MAX, LINE_COUNT_MAX
from ledger.errors import Fault, FaultsFound, PostingRefused, Value
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import GIFT_COUNT_MAX

Model = TypeVar("Model", bound=BaseModel)

BODIES: Final[dict[str, type[BaseModel]]] = {}
"""Every model that a route takes as its body, by name; the OpenAPI document describes them."""


MAY_COLLECT: Final = NeedsIn("collect")
MAY_POST: Final = NeedsIn("post")
"""Declared once, so that FastAPI asks once for the body and the route that reads it."""

BODY_SIZE_MAX: Final = 256 * 1024
"""In bytes, of every body but a batch: an entry of 200 lines with all their fields takes a quarter of it."""


LIST_SIZE_MAX: Final = 8 * 1024 * 1024
"""Of a list of awards: 10,000 rows with all their fields take half of it."""


async def _read(request: Request, size_max: int) -> bytes:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").lower()
    if media_type.strip().lower() != "application/json" or charset not in {"", "charset=utf-8", 'charset="utf-8"'}:
        raise Refusal("media_type_unsupported")
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > size_max:
            raise Refusal("body_too_large", size_max=size_max)
        chunks.append(chunk)
    return b"".join(chunks)


async def _json_bytes(request: Request) -> bytes:
    return await _read(request, BODY_SIZE_MAX)


async def _batch_bytes(request: Request, access: Annotated[Access, Depends(MAY_POST)]) -> bytes:
    # Tens of megabytes are read only for somebody who may post them.
    await run_in_threadpool(access.read, lambda _: None)
    return await _read(request, request.app.state.settings.body_size_max)


async def _list_bytes(request: Request, access: Annotated[Access, Depends(MAY_COLLECT)]) -> bytes:
    await run_in_threadpool(access.read, lambda _: None)
    return await _read(request, LIST_SIZE_MAX)


JsonBytes = Annotated[bytes, Depends(_json_bytes)]
"""The body as it came, of a request that says it is JSON."""

BatchBytes = Annotated[bytes, Depends(_batch_bytes)]
"""The same, as large as the deployment allows."""

ListBytes = Annotated[bytes, Depends(_list_bytes)]
"""The same, as large as a list of awards."""


def parse(model: type[Model], body: bytes) -> Model:
    """Return what the body says.

    Raises:
        BodyRefused: not JSON in UTF-8, or not what ``model`` takes; carries every fault.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise BodyRefused(error.errors(include_url=False, include_input=False)) from None


def parse_batch(body: bytes) -> list[EntryIn]:
    """Return the entries of a batch, each checked by itself.

    At once, a body of many small wrong entries would make a list of faults a hundred times its size. Here reading ends
    with the first ``ERROR_COUNT_MAX`` faults.

    Raises:
        BodyRefused: as ``parse`` does.
        PostingRefused: too few or too many entries.
    """
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyRefused([{"type": "json_invalid", "loc": (), "ctx": {"error": str(error)}}]) from None
    entries = found.get("entries") if isinstance(found, dict) else None
    if not isinstance(entries, list) or len(found) != 1:
        parse(BatchIn, to_json(found if not isinstance(entries, list) else {**found, "entries": []}))
        raise AssertionError
    if not 1 <= len(entries) <= BATCH_SIZE_MAX:
        fields: dict[str, Value] = {"count": len(entries), "count_max": BATCH_SIZE_MAX}
        raise PostingRefused([Fault(code="batch_size", field="entries", fields=fields)])
    parsed, faults = _parse_each("entries", entries, _parse_entry)
    if faults:
        raise BodyRefused(faults)
    return parsed


def _parse_each(
    name: str, rows: Sequence[object], parse_row: Callable[[object], Model]
) -> tuple[list[Model], list[Mapping[str, Any]]]:
    """Parse rows of a list one by one until there are enough faults."""
    parsed: list[Model] = []
    faults: list[Mapping[str, Any]] = []
    for index, row in enumerate(rows):
        try:
            parsed.append(parse_row(row))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            faults.extend({**fault, "loc": (name, index, *fault["loc"])} for fault in found)
            if len(faults) >= ERROR_COUNT_MAX:
                break
    return parsed, faults


def parse_collection(body: bytes) -> CollectionIn:
    """Return the gifts of a list, each checked by itself, and what they have in common.

    Raises:
        BodyRefused: as ``parse`` does.
        CollectionRefused: more gifts than are taken at once.
    """
    return _parse_rows(CollectionIn, "gifts", GiftIn, body, _GIFTS)


def parse_listing(body: bytes) -> ListingIn:
    """Return who is on a list of awards, each checked by itself.

    Raises:
        BodyRefused: as ``parse`` does.
        ListRefused: more than a list holds.
    """
    return _parse_rows(ListingIn, "nominees", NomineeIn, body, _NOMINEES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """How many rows a list takes, and what is said where there are more."""

    count_max: int
    code: str
    refused: type[FaultsFound]


_GIFTS: Final = _Limit(count_max=GIFT_COUNT_MAX, code="gift_count", refused=CollectionRefused)
_NOMINEES: Final = _Limit(count_max=AWARD_COUNT_MAX, code="award_count", refused=ListRefused)


def _parse_rows(model: type[Model], name: str, row: type[BaseModel], body: bytes, limit: _Limit) -> Model:
    """Parse a body one of whose members is a long list, whose rows are read one by one."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyRefused([{"type": "json_invalid", "loc": (), "ctx": {"error": str(error)}}]) from None
    rows = found.get(name) if isinstance(found, dict) else None
    if not isinstance(rows, list):
        return parse(model, to_json(found))
    if len(rows) > limit.count_max:
        fields: dict[str, Value] = {"count": len(rows), "count_max": limit.count_max}
        raise limit.refused([Fault(code=limit.code, field=name, fields=fields)])
    parsed, faults = _parse_each(name, rows, row.model_validate)
    try:
        common = parse(model, to_json({**found, name: []}))
    except BodyRefused as refused:
        raise BodyRefused([*refused.faults, *faults]) from None
    if faults:
        raise BodyRefused(faults)
    return common.model_copy(update={name: tuple(parsed)})


def _parse_entry(entry: object) -> EntryIn:
    if isinstance(entry, dict) and isinstance(entry.get("lines"), list) and len(entry["lines"]) > LINE_COUNT_MAX:
        # The ledger will say so; a list that is surely too long is not read line by line first.
        entry = {**entry, "lines": entry["lines"][: LINE_COUNT_MAX + 1]}
    return EntryIn.model_validate(entry)


def takes(model: type[BaseModel], example: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a route adds to its OpenAPI description to say what body it takes."""
    BODIES[model.__name__] = model
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    content = {"application/json": {"schema": schema, "example": dict(example)}}
    return {"requestBody": {"required": True, "content": content}}
