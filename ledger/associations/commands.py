"""Found associations: each is a legal entity, and opens its book with a chart of accounts."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import sqlalchemy
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.event import Founding, record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import raise_refusal
from ledger.books.taking import take_book
from ledger.errors import AssociationNotFound, CodeRefused, FieldRefused, ReferenceUnknown
from ledger.text import clean_text

LEVELS: Final = ("nation", "province", "district", "commune", "chapter")
NAME_LENGTH_MAX: Final = 200

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_UNIT_CODE: Final = re.compile(r"[0-9A-Za-z.-]{1,20}")


def found_tenant(conn: Connection, name: str) -> int:
    """Make the storage home of a new tree; the transaction works in the deployment's tenant.

    Raises:
        RuleRefused: it works in another.
    """
    name = clean_text(name, field="name", length_max=NAME_LENGTH_MAX)
    try:
        return int(conn.execute(text("SELECT soquy.found_tenant(:name)"), {"name": name}).scalar_one())
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


def found_association(
    conn: Connection,
    *,
    tenant_id: int,
    name_vi: str,
    kind: str,
    level: str,
    founded_on: date,
    books_open_on: date,
    chart: str,
    actor: Actor,
    parent: Book | None = None,
    name_en: str | None = None,
    unit_code: str | None = None,
    is_sample: bool = False,
) -> Book:
    """Found an association and open its book in the transaction's tenant, ``tenant_id``.

    The chart is an accounting regime's (``TT24``); its accounts open with the book. ``kind`` is open data
    (``learning-promotion``), ``unit_code`` the state's code of the place where it works.

    Raises:
        FieldRefused: a level or order of days that does not exist; carries the field.
        CodeRefused: kind or unit code in another form.
        ReferenceUnknown: no such chart, or none for books that open on that day.
        TextRefused: the name.
    """
    if level not in LEVELS:
        raise FieldRefused(field="level", rule="association_level_check")
    if not date(1900, 1, 1) <= founded_on <= books_open_on:
        raise FieldRefused(field="founded_on", rule="association_founded_range_check")
    if not _KIND.fullmatch(kind):
        raise CodeRefused(field="kind", value=kind[:40])
    if unit_code is not None and not _UNIT_CODE.fullmatch(unit_code):
        raise CodeRefused(field="unit_code", value=unit_code[:20])
    _check_chart(conn, chart, books_open_on)
    association_id = typeid.new_id()
    row = {
        "tenant_id": tenant_id,
        "association_id": association_id,
        "parent_tenant_id": None if parent is None else parent.tenant_id,
        "parent_id": None if parent is None else parent.association_id,
        "kind": kind,
        "level": level,
        "name_vi": clean_text(name_vi, field="name_vi", length_max=NAME_LENGTH_MAX),
        "name_en": name_en and clean_text(name_en, field="name_en", length_max=NAME_LENGTH_MAX),
        "unit_code": unit_code,
        "founded_on": founded_on,
        "is_sample": is_sample,
    }
    payload = {
        "kind": kind,
        "level": level,
        "parent": None if parent is None else typeid.encode(typeid.ASSOCIATION, parent.association_id),
        "unit_code": unit_code,
        "founded_on": str(founded_on),
        "books_open_on": str(books_open_on),
        "chart": chart,
        "is_sample": is_sample,
    }
    founding = Founding(tenant_id=tenant_id, association_id=association_id)
    event_id = record_event(conn, founding, "association.founded", payload, actor=actor)
    book_id = _insert_with_book(conn, {**row, "event_id": event_id}, chart=chart, opened_on=books_open_on)
    return Book(tenant_id=tenant_id, book_id=book_id, association_id=association_id)


def _insert_with_book(conn: Connection, row: Mapping[str, object], *, chart: str, opened_on: date) -> int:
    try:
        conn.execute(
            text("""\
                INSERT INTO soquy.association (tenant_id, association_id, parent_tenant_id, parent_id, kind, level,
                    name_vi, name_en, unit_code, founded_on, is_sample, event_id)
                VALUES (:tenant_id, :association_id, :parent_tenant_id, :parent_id, :kind, :level,
                    :name_vi, :name_en, :unit_code, :founded_on, :is_sample, :event_id)"""),
            row,
        )
        opened = conn.execute(
            text("""\
                INSERT INTO soquy.book (tenant_id, association_id, chart, opened_on, event_id)
                VALUES (:tenant_id, :association_id, :chart, :opened_on, :event_id) RETURNING book_id"""),
            {**row, "chart": chart, "opened_on": opened_on},
        )
        return int(opened.scalar_one())
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


def close_association(conn: Connection, book: Book, *, closed_on: date, actor: Actor) -> None:
    """Close an association at the end of a day; nothing is left in its book, which takes no more entries.

    Raises:
        ClosingRefused: a balance, or an entry after the day.
        AssociationNotFound: none of this id in the tenant, or closed already.
    """
    if take_book(conn, book)["closed_on"] is not None:
        raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, book.association_id))
    event_id = record_event(conn, book, "association.closed", {"closed_on": str(closed_on)}, actor=actor)
    closing = text("SELECT soquy.close_association(:tenant_id, :association_id, :closed_on, :event_id)")
    key = {"tenant_id": book.tenant_id, "association_id": book.association_id}
    try:
        conn.execute(closing, {**key, "closed_on": closed_on, "event_id": event_id})
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


def _check_chart(conn: Connection, chart: str, books_open_on: date) -> None:
    known = conn.execute(
        text("SELECT valid_from, valid_to FROM soquy.chart WHERE chart = :chart"), {"chart": chart}
    ).one_or_none()
    if known is None:
        raise ReferenceUnknown(field="chart", value=chart)
    # A book opens on the last day of a year with what was left; the regime is that of the day after.
    first_on = books_open_on + timedelta(days=1)
    if first_on < known.valid_from or (known.valid_to is not None and books_open_on > known.valid_to):
        raise ReferenceUnknown(field="chart", value=chart, reason="chart_day", valid_from=str(known.valid_from))
