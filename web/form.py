"""What somebody typed into a form, and what is wrong with it: nothing typed is lost.

``web.form_body`` reads a ``Form`` from a request, ``web.reading`` understands it. ``form.refused(error)``, of a
``FormRefused`` or of any refusal of the ledger, is the form to show again: what was typed stands in it as it was typed,
and every fault at its field. ``Form.showing`` is one that nobody typed in yet::

    @router.post("/desk/{association_id}/gifts")
    def add(visit: MayCollect, form: FormBody, language: Spoken) -> Response:
        try:
            gift = gift_of(form)  # reads; see web.reading
            done = visit.write(lambda session: receive(session.conn, …, request=form.request("gift")))
        except (FormRefused, LedgerError) as error:
            return page(form.refused(error), status=422)
        return see_other(…)

A hidden field ``key`` makes a form one request, however often it is sent: the second time ``form.request`` gives the
same key and hash, and the command its first result.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import BinaryIO, Final, Self

from api.messages import text_for
from ledger.books.model import Request
from ledger.errors import Fault, FaultsFound, LedgerError, Value
from ledger.money import grouped
from web.translation import Language, Message, _

_CHUNK_SIZE: Final = 1024 * 1024

KEY: Final = "key"
KEY_MISSING: Final = _("Trang này mở từ trước, chưa gửi được. Kiểm tra lại rồi gửi một lần nữa.")

_match_key: Final = re.compile(r"[A-Za-z0-9_-]{20,64}").fullmatch
_find_row: Final = re.compile(r"([a-z_]+)\.([0-9]{1,5})\.").match


class FormRefused(Exception):
    """What was typed cannot be taken; ``faults`` says why, all of it."""

    def __init__(self, faults: Sequence["FormFault"]) -> None:
        super().__init__(len(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFault:
    """One thing that is wrong: a text of ours, or a code of ``api.messages`` with its fields.

    ``name`` is the field as the form names it; ``None`` where the fault is in no one field.
    """

    name: str | None
    message: Message | None = None
    code: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    is_titled: bool = False
    """Whether the code's title is said too: where the remedy alone doesn't tell what is wrong."""

    def said(self, language: Language, label: str) -> str:
        """Return what is wrong and what to do, of a field that the page calls ``label``."""
        if self.message is not None:
            variables = {**self.message.variables, "label": label}
            return Message(self.message.text, self.message.number, variables).said(language)
        told = text_for(self.code, {**self.fields, "field": label or None})
        title, detail = (told.title, told.detail) if language == "vi" else (told.title_en, told.detail_en)
        return f"{title}. {detail}" if self.is_titled else detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent; its name is what somebody typed, and its type what it says, not what it is."""

    name: str
    size: int
    file: BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of a form by name, as they were typed, and what is wrong with them."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uploads: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    faults: tuple[FormFault, ...] = ()
    labels: dict[str, str] = field(default_factory=dict, compare=False)
    """How the page calls its fields; the macros that draw them write it down while the page is rendered."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), compare=False)
    """What makes this form one request; a new one for a form that nobody has sent."""

    _faults_by_name: dict[str | None, list[FormFault]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], uploads: Mapping[str, tuple[Upload, ...]] | None = None) -> Self:
        """Return a form as it was sent."""
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value.replace("\r\n", "\n"))
        sent = {name: tuple(each) for name, each in values.items()}
        form = cls(values=sent, uploads=uploads or {})
        key = form.value(KEY)
        # A form that came without its key is refused where that matters; shown again, it has one.
        return replace(form, key=key) if _match_key(key) else form

    @classmethod
    def showing(cls, values: Mapping[str, object]) -> Self:
        """Return a form that shows what there is: amounts and days as people type them."""
        return cls(values={name: typed(value) for name, value in values.items() if value is not None})

    def value(self, name: str, default: str = "") -> str:
        """Return what stands in a field."""
        found = self.values.get(name)
        return found[0] if found else default

    def has(self, name: str, value: str) -> bool:
        """Tell whether a choice is made."""
        return value in self.values.get(name, ())

    def call(self, name: str, label: str) -> str:
        """Write down how the page calls a field; gives nothing to print."""
        self.labels[name] = label
        return ""

    def faults_of(self, name: str) -> tuple[FormFault, ...]:
        """Return what is wrong with a field."""
        # A list may have a fault in each of ten thousand fields, and every field asks.
        if not self._faults_by_name:
            for fault in self.faults:
                self._faults_by_name.setdefault(fault.name, []).append(fault)
        return tuple(self._faults_by_name.get(name, ()))

    def faults_elsewhere(self) -> tuple[FormFault, ...]:
        """Return what is wrong with no field that the page shows."""
        return tuple(fault for fault in self.faults if fault.name not in self.labels)

    def rows(self, list_name: str) -> tuple[int, ...]:
        """Return the numbers of a list's rows, whose fields are named ``list.3.amount``."""
        found = (_find_row(name) for name in self.values)
        return tuple(sorted({int(each[2]) for each in found if each is not None and each[1] == list_name}))

    def request(self, action: str) -> Request:
        """Return what makes the same form, sent twice, one request.

        Raises:
            FormRefused: the form came without the key that its page gave it.
        """
        if not _match_key(self.value(KEY)):
            raise FormRefused([FormFault(name=None, message=KEY_MISSING)])
        sent = sorted((name, value) for name, value in self.values.items() if name != KEY)
        files = sorted((name, tuple(map(_digest, uploads))) for name, uploads in self.uploads.items())
        return Request(key=self.key, hash=sha256(f"{action}\n{sent!r}\n{files!r}".encode()).digest())

    def refused(self, error: FormRefused | LedgerError, names: Mapping[str, str] | None = None) -> Self:
        """Return the form to show again: as it was typed, with what is wrong.

        ``names`` gives the form's name of a field that the ledger calls otherwise.
        """
        return replace(self, faults=self.faults + faults_of(error, names or {}))


def faults_of(error: FormRefused | LedgerError, names: Mapping[str, str]) -> tuple[FormFault, ...]:
    """Return the faults that an error carries, each at the field of the form."""
    if isinstance(error, FormRefused):
        return error.faults
    if isinstance(error, FaultsFound):
        return tuple(
            FormFault(name=_name_of(fault, names), code=fault.code, fields=fault.fields) for fault in error.faults
        )
    name = error.fields.get("field")
    found = names.get(name, name) if isinstance(name, str) else None
    return (FormFault(name=found, code=error.code, fields=error.fields),)


def _name_of(fault: Fault, names: Mapping[str, str]) -> str | None:
    if fault.field is None:
        return None
    name = names.get(fault.field, fault.field)
    return name if fault.line is None else name.replace("*", str(fault.line))


def _digest(upload: Upload) -> str:
    digest = sha256()
    upload.file.seek(0)
    while chunk := upload.file.read(_CHUNK_SIZE):
        digest.update(chunk)
    upload.file.seek(0)
    return digest.hexdigest()


def typed(value: object) -> tuple[str, ...]:
    """Return a value as somebody would type it."""
    if isinstance(value, bool):
        return ("1",) if value else ()
    if isinstance(value, int):
        return (grouped(value),)
    if isinstance(value, date):
        return (f"{value.day}/{value.month}/{value.year}",)
    if isinstance(value, (tuple, list, set, frozenset)):
        return tuple(str(each) for each in value)
    return (str(value),)
