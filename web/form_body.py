"""Read the form that a request carries, within limits: ``FormBody`` is what a route takes.

Both encodings of HTML are read (RFC 7578, and ``application/x-www-form-urlencoded`` of the URL standard). What is
larger, has more fields, or is not UTF-8 is refused whole: half a list must not look like all of it.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.problems import Refusal
from web.form import Form, Upload

FIELD_COUNT_MAX: Final = 30_000
"""A list of 2,000 lines with a dozen fields each, and some room."""

FIELDS_SIZE_MAX: Final = 4 * 1024 * 1024
"""In bytes, of a form without files, and of all fields beside files."""

FILE_COUNT_MAX: Final = 10

_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


async def read_form(request: Request) -> AsyncIterator[Form]:
    """Give the form for as long as the route works with it; its files are gone after.

    Raises:
        Refusal: another kind of body, too large, too many fields, or malformed.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _URLENCODED:
        body = await _read(request)
        yield await run_in_threadpool(_parse, body)
        return
    if media_type != _MULTIPART:
        raise Refusal("form_malformed")
    parser = _Parser(
        request.headers,
        request.stream(),
        max_files=FILE_COUNT_MAX,
        max_fields=FIELD_COUNT_MAX,
        max_part_size=FIELDS_SIZE_MAX,
    )
    try:
        data = await parser.parse()
        if not parser.is_whole:
            raise Refusal("form_malformed")
    except (MultiPartException, UnicodeDecodeError, KeyError):
        raise Refusal("form_malformed") from None
    try:
        yield _form_of(data)
    finally:
        await data.close()


class _Parser(MultiPartParser):
    """Starlette's, that takes nothing for what it is not: neither half a form, nor other bytes for text."""

    is_whole = False

    def on_part_end(self) -> None:
        """Refuse a field that is not UTF-8, which would be read as Latin-1."""
        if self._current_part.file is None:
            bytes(self._current_part.data).decode()
        super().on_part_end()

    def on_end(self) -> None:
        """Note that the last boundary came."""
        self.is_whole = True


FormBody = Annotated[Form, Depends(read_form)]


async def _read(request: Request) -> bytes:
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > FIELDS_SIZE_MAX:
            raise Refusal("body_too_large", size_max=FIELDS_SIZE_MAX)
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(body: bytes) -> Form:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELD_COUNT_MAX)
    except ValueError:  # of decoding too
        raise Refusal("form_malformed") from None
    return Form.of(pairs)


def _form_of(data: FormData) -> Form:
    pairs = []
    uploads: dict[str, list[Upload]] = {}
    size = 0
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            # A field for a file in which none was chosen is sent as an empty file without a name.
            if value.filename or value.size:
                sent = Upload(name=value.filename or "", size=value.size or 0, file=value.file)
                uploads.setdefault(name, []).append(sent)
            continue
        size += len(value)
        if size > FIELDS_SIZE_MAX:
            raise Refusal("body_too_large", size_max=FIELDS_SIZE_MAX)
        pairs.append((name, value))
    return Form.of(pairs, {name: tuple(each) for name, each in uploads.items()})
