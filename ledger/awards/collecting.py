"""Record who came for what was theirs: each award once, never more than the list, and only of what is paid.

What a sitting brought together is its leaf; who came stands in its table alone, beside the scan of the sheet that they
signed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit.columns import plain_array
from audit.jcs import Json
from ledger import typeid
from ledger.awards.errors import CollectingRefused, ListStateRefused
from ledger.awards.model import Collected
from ledger.awards.queries import list_by_id
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row, raise_refusal
from ledger.books.taking import take_book
from ledger.documents.attachment import attach_document
from ledger.documents.store import document_by_id
from ledger.errors import Fault

_FIND: Final = text("""\
SELECT w.line, w.award_id, w.amount_minor, c.award_id IS NOT NULL AS is_collected
FROM soquy.award AS w
LEFT JOIN soquy.award_collection AS c ON c.tenant_id = w.tenant_id AND c.award_id = w.award_id
WHERE w.tenant_id = :tenant_id AND w.list_id = :list_id AND w.line = ANY (CAST(:lines AS integer[]))""")

_INSERT: Final = text("""\
INSERT INTO soquy.award_collection (tenant_id, book_id, event_id, award_id, is_proxy)
SELECT :tenant_id, :book_id, :event_id, c.*
FROM unnest(CAST(:award_id AS uuid[]), CAST(:is_proxy AS boolean[])) AS c""")


def collect_awards(
    conn: Connection,
    book: Book,
    list_id: UUID,
    collected: Sequence[Collected],
    *,
    document_id: UUID | None = None,
    actor: Actor,
) -> UUID:
    """Record that these awards of a list were collected; return the id of the event.

    The leaf commits to the scan of the signed sheet, which is attached to the event as well.

    Raises:
        ListNotFound: the book has no such list.
        ListStateRefused: it is not paid.
        DocumentNotFound: the book has no such scan.
        CollectingRefused: carries every row that is not on the list, was collected, or is named twice.
    """
    take_book(conn, book)
    found = list_by_id(conn, book, list_id)
    if found.state != "paid":
        raise ListStateRefused(list=typeid.encode(typeid.AWARD_LIST, list_id), state=found.state)
    scan = None if document_id is None else document_by_id(conn, book, document_id)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    asked = {"lines": plain_array(each.line for each in collected[: found.award_count + 1])}
    known = {row.line: row for row in conn.execute(_FIND, {**place, "list_id": list_id, **asked})}
    faults = _faults(collected, known)
    if faults:
        raise CollectingRefused(faults)
    rows = [known[each.line] for each in collected]
    proxy_count, total_minor = sum(each.is_proxy for each in collected), sum(row.amount_minor for row in rows)
    payload: dict[str, Json] = {
        "list": typeid.encode(typeid.AWARD_LIST, list_id),
        "collected": len(rows),
        "proxy": proxy_count,
        "total_minor": total_minor,
    }
    documents = () if scan is None else [("list", scan.sha256.hex())]
    event_id = record_event(conn, book, "round.collected", payload, actor=actor, documents=documents)
    came = {
        "award_id": plain_array(row.award_id for row in rows),
        "is_proxy": plain_array(each.is_proxy for each in collected),
    }
    try:
        conn.execute(_INSERT, {**place, "event_id": event_id, **came})
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    counted = {"collected_count": len(rows), "proxy_count": proxy_count, "total_minor": total_minor}
    insert_row(conn, "award_sitting", {**place, "event_id": event_id, "list_id": list_id, **counted})
    if document_id is not None:
        attach_document(conn, book, document_id, target_id=event_id, kind="list", actor=actor)
    return event_id


def _faults(collected: Sequence[Collected], known: Mapping[int, Any]) -> list[Fault]:
    if not collected:
        return [Fault(code="nobody_came", field="collected")]
    faults = []
    seen: set[int] = set()
    for index, each in enumerate(collected):
        row = known.get(each.line)
        if row is None or row.amount_minor is None:
            faults.append(Fault(code="award_line_unknown", line=index, field="line", fields={"line": each.line}))
        elif row.is_collected or each.line in seen:
            faults.append(Fault(code="award_collected", line=index, field="line", fields={"line": each.line}))
        seen.add(each.line)
    return faults[:1_000]
