"""Open a round in which a program gives, and find those there are."""

import re
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger import typeid
from ledger.awards.errors import PlanMissing, RoundNotFound
from ledger.awards.model import NAME_LENGTH_MAX, Round, RoundDraft
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import CodeRefused, ReferenceUnknown
from ledger.reports.page import Page, row_limit
from ledger.text import clean_text

_match_period: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}").fullmatch

_PLANNED: Final = text("""\
SELECT EXISTS (SELECT FROM soquy.program_plan
    WHERE tenant_id = :tenant_id AND book_id = :book_id AND program = :program AND year = :year)""")

_ROUNDS: Final = text("""\
SELECT r.round_id, r.program, r.year, r.period, r.fund, r.collect_by, r.name_vi AS name, plan.category
FROM soquy.award_round AS r
CROSS JOIN LATERAL (
    SELECT p.category FROM soquy.program_plan AS p
    WHERE p.tenant_id = r.tenant_id AND p.book_id = r.book_id AND p.program = r.program AND p.year = r.year
    ORDER BY p.version DESC LIMIT 1
) AS plan
WHERE r.tenant_id = :tenant_id AND r.book_id = :book_id
    AND (CAST(:round_id AS uuid) IS NULL OR r.round_id = :round_id)
    AND (CAST(:after_id AS uuid) IS NULL OR r.round_id < :after_id)
ORDER BY r.round_id DESC
LIMIT :row_limit""")


def open_round(conn: Connection, book: Book, draft: RoundDraft, *, actor: Actor) -> UUID:
    """Open a round of a program that the book has planned; return its id.

    Raises:
        CodeRefused: the period is up to twenty of A–Z, 0–9 and ``-``.
        TextRefused: the name.
        ReferenceUnknown: no such fund.
        PlanMissing: the program is not planned for that year.
    """
    if not _match_period(draft.period):
        raise CodeRefused(field="period", value=draft.period[:40])
    name = clean_text(draft.name, field="name", length_max=NAME_LENGTH_MAX)
    taken = take_book(conn, book, {"funds": [draft.fund]})
    if draft.fund not in (taken["funds"] or {}):
        raise ReferenceUnknown(field="fund", value=draft.fund)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    if not conn.execute(_PLANNED, {**place, "program": draft.program, "year": draft.year}).scalar_one():
        raise PlanMissing(program=draft.program, year=draft.year)
    payload: dict[str, Json] = {
        "program": draft.program,
        "year": draft.year,
        "period": draft.period,
        "fund": draft.fund,
        "collect_by": str(draft.collect_by),
    }
    round_id = record_event(conn, book, "round.opened", payload, actor=actor)
    insert_row(conn, "award_round", {**place, **payload, "round_id": round_id, "name_vi": name})
    return round_id


def round_by_id(conn: Connection, book: Book, round_id: UUID) -> Round:
    """Return a round of the book.

    Raises:
        RoundNotFound: it has none of this id.
    """
    found = _rounds(conn, book, round_id=round_id, row_limit=1)
    if not found:
        raise RoundNotFound(round=typeid.encode(typeid.ROUND, round_id))
    return found[0]


def rounds(conn: Connection, book: Book, *, after: UUID | None = None, page_size: int = 50) -> Page[Round, UUID]:
    """Return rounds of the book, the newest first.

    Raises:
        PageSizeRefused: outside what a page holds.
    """
    found = _rounds(conn, book, after_id=after, row_limit=row_limit(page_size))
    shown = tuple(found[:page_size])
    return Page(rows=shown, next_cursor=shown[-1].round_id if len(found) > page_size else None)


def _rounds(conn: Connection, book: Book, **asked: object) -> list[Round]:
    home = {"tenant_id": book.tenant_id, "book_id": book.book_id, "round_id": None, "after_id": None}
    return [Round(**row) for row in conn.execute(_ROUNDS, {**home, **asked}).mappings()]
