"""Read a file that is a request's whole body: its bytes, and the name that comes beside it.

The name stands in ``Content-Disposition`` (RFC 6266), where words beyond ASCII are percent-encoded UTF-8 (RFC 8187);
it is typed text, so it is in no address.
"""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool

from api.auth import Access, Needs
from api.problems import Refusal

_find_extended: Final = re.compile(r"filename\*\s*=\s*utf-8''([^;\s]{1,900})", re.IGNORECASE).search
_find_quoted: Final = re.compile(r'filename\s*=\s*(?:"((?:[^"\\]|\\.){1,300})"|([^;\s"]{1,300}))', re.IGNORECASE).search

FileName = Annotated[
    str | None,
    Header(
        alias="Content-Disposition",
        max_length=1_000,
        description="The file's name, as `attachment; filename*=UTF-8''Danh%20s%C3%A1ch.xlsx`",
        examples=["attachment; filename*=UTF-8''Danh%20s%C3%A1ch.xlsx"],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file as it was sent."""

    name: str
    data: bytes


def takes_file(needs: Needs, *, size_max: int) -> Callable[..., Coroutine[Any, Any, UploadedFile]]:
    """Return the dependency that reads a file, of somebody who has the right to send one."""

    async def read(
        request: Request, access: Annotated[Access, Depends(needs)], content_disposition: FileName = None
    ) -> UploadedFile:
        # Megabytes are read only for somebody who may send them; nobody else is told what was wrong either.
        await run_in_threadpool(access.read, lambda _: None)
        name = _name_of(content_disposition or "")
        chunks, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > size_max:
                raise Refusal("body_too_large", size_max=size_max)
            chunks.append(chunk)
        return UploadedFile(name=name, data=b"".join(chunks))

    return read


def percent_decoded(value: str) -> str:
    """Return the text of percent-encoded UTF-8.

    Raises:
        Refusal: not UTF-8.
    """
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        raise Refusal("file_name_malformed") from None


def _name_of(disposition: str) -> str:
    extended = _find_extended(disposition)
    if extended is not None:
        return percent_decoded(extended[1])
    quoted = _find_quoted(disposition)
    if quoted is None:
        raise Refusal("file_name_malformed")
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted[1] is not None else quoted[2]
