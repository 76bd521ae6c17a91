"""A form that was sent after the session had ended: it waits in the sign-in page, and is sent again after it.

What was typed travels from page to page in a hidden field, never through the server's memory or the address, and is
sent again only by whoever presses the button. Files cannot be kept; the page says so.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from fastapi import Request

from api.problems import Refusal
from web.form import Form
from web.form_body import read_form

SIZE_MAX: Final = 1024 * 1024
FIELD: Final = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The fields of a form, as they were typed, and whether there were files beside them."""

    fields: Sequence[tuple[str, str]]
    has_files: bool

    @classmethod
    def of(cls, form: Form) -> Self:
        """Keep a form."""
        fields = [(name, value) for name, values in form.values.items() for value in values]
        return cls(fields=fields, has_files=bool(form.uploads))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what a hidden field carries; ``None`` where it carries nothing, or something else."""
        if not text or len(text) > SIZE_MAX:
            return None
        try:
            found = json.loads(text)
            fields = [(str(name), str(value)) for name, value in found["fields"]]
            return cls(fields=fields, has_files=bool(found["has_files"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def text(self) -> str:
        """Return what a hidden field carries; nothing where it would be too much."""
        told: Mapping[str, object] = {"fields": list(self.fields), "has_files": self.has_files}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return text if len(text) <= SIZE_MAX else ""


async def keep_form(request: Request) -> Kept | None:
    """Read the form of a request that is refused; ``None`` where it cannot be read, or was read already."""
    try:
        async for form in read_form(request):
            return Kept.of(form)
    except (Refusal, RuntimeError):
        return None
    return None
