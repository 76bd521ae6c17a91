"""What was collected: of what is paid, each award once, and never more than the list."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from audit import canonical
from audit.jcs import Json
from ledger import typeid
from ledger.awards.collecting import collect_awards
from ledger.awards.decision import withdraw_list
from ledger.awards.errors import CollectingRefused, ListStateRefused
from ledger.awards.model import Collected
from ledger.awards.queries import awards, list_by_id
from ledger.books.event import record_event
from ledger.books.event_type import check_layout
from ledger.books.taking import take_book
from ledger.documents.attachment import attachments_of
from ledger.documents.store import keep_document
from tests.factories import ACTOR
from tests.integration.awards.conftest import Commune, pupil
from tests.province import pay_list, scan_of

THREE = pupil("Học sinh A", 100_000), pupil("Học sinh B", 200_000), pupil("Học sinh C", 400_000)


def paid(commune: Commune) -> UUID:
    """Lay a list of three and have it paid."""
    list_id, asked = commune.asked(*THREE)
    commune.approve(asked)
    pay_list(commune.conn, commune.book, list_id)
    return list_id


def collect(commune: Commune, list_id: UUID, *collected: Collected, **more: Any) -> UUID:
    return collect_awards(commune.conn, commune.book, list_id, collected, actor=commune.people["cashier"], **more)


def test_who_came_is_marked_and_the_leaf_tells_numbers(kept: Commune) -> None:
    list_id = paid(kept)
    scan = keep_document(kept.conn, kept.book, scan_of("ky-nhan.pdf"), actor=ACTOR)
    came = Collected(line=1), Collected(line=3, is_proxy=True)
    event_id = collect(kept, list_id, *came, document_id=scan.document_id)
    assert [row.is_proxy for row in awards(kept.conn, kept.book, list_id).rows] == [False, None, True]
    found = list_by_id(kept.conn, kept.book, list_id)
    assert (found.state, found.collected_count, found.collected_minor) == ("paid", 2, 500_000)
    query = "SELECT leaf FROM soquy.audit_entry WHERE tenant_id = :t AND event_id = :e"
    data = kept.conn.execute(sa.text(query), {"t": kept.book.tenant_id, "e": event_id}).scalar_one()
    leaf = canonical.decode(data)
    check_layout(leaf)
    assert leaf.payload == {
        "list": typeid.encode("al", list_id),
        "collected": 2,
        "proxy": 1,
        "total_minor": 500_000,
    }
    (attached,) = attachments_of(kept.conn, kept.book, [event_id])
    assert (attached.kind, attached.document_id, len(leaf.documents)) == ("list", scan.document_id, 1)
    collect(kept, list_id, Collected(line=2))
    assert list_by_id(kept.conn, kept.book, list_id).collected_minor == 700_000


def test_what_was_collected_is_not_collected_again_and_every_row_is_told(kept: Commune) -> None:
    list_id = paid(kept)
    collect(kept, list_id, Collected(line=1))
    with pytest.raises(CollectingRefused) as caught:
        collect(kept, list_id, *(Collected(line=line) for line in (1, 2, 2, 4, 0)))
    assert [(fault.line, fault.code) for fault in caught.value.faults] == [
        (0, "award_collected"),
        (2, "award_collected"),
        (3, "award_line_unknown"),
        (4, "award_line_unknown"),
    ]
    with pytest.raises(CollectingRefused) as caught:
        collect(kept, list_id)
    assert [fault.code for fault in caught.value.faults] == ["nobody_came"]


def test_only_what_is_paid_is_collected_and_what_is_paid_is_not_taken_back(kept: Commune) -> None:
    list_id, asked = kept.asked(*THREE)
    kept.approve(asked)
    with pytest.raises(ListStateRefused) as caught:
        collect(kept, list_id, Collected(line=1))
    assert caught.value.fields["state"] == "approved"
    pay_list(kept.conn, kept.book, list_id)
    with pytest.raises(ListStateRefused) as caught:
        withdraw_list(kept.conn, kept.book, list_id, reason="Sai", actor=ACTOR)
    assert caught.value.fields["state"] == "paid"
    with pytest.raises(ListStateRefused), kept.conn.begin_nested():
        pay_list(kept.conn, kept.book, list_id)


def sitting(commune: Commune, list_id: UUID, *, collected: int, total_minor: int) -> UUID:
    """Append a leaf of the intruder's; the book is taken."""
    take_book(commune.conn, commune.book)
    payload: dict[str, Json] = {
        "list": typeid.encode(typeid.AWARD_LIST, list_id),
        "collected": collected,
        "proxy": 0,
        "total_minor": total_minor,
    }
    return record_event(commune.conn, commune.book, "round.collected", payload, actor=ACTOR)


def insert(commune: Commune, table: str, **row: Any) -> None:
    used = {"tenant_id": commune.book.tenant_id, "book_id": commune.book.book_id, **row}
    columns = f"({', '.join(used)}) VALUES ({', '.join(f':{name}' for name in used)})"
    commune.conn.execute(sa.text(f"INSERT INTO soquy.{table} {columns}"), used)


def refused(commune: Commune, table: str, **row: Any) -> str:
    with pytest.raises(DatabaseError) as caught, commune.conn.begin_nested():
        insert(commune, table, **row)
    return str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def test_plain_sql_collects_nothing_beside_its_leaf(kept: Commune) -> None:
    list_id = paid(kept)
    first, second, third = (row.award_id for row in awards(kept.conn, kept.book, list_id).rows)
    event_id = sitting(kept, list_id, collected=1, total_minor=100_000)
    one = {"award_id": first, "event_id": event_id, "is_proxy": False}
    for changes in ({"award_id": second}, {"is_proxy": True}, {"event_id": typeid.new_id()}):
        rule = refused(kept, "award_collection", **{**one, **changes})
        assert rule == "award_collection_leaf_given_rule", changes
    row = {"list_id": list_id, "collected_count": 1, "proxy_count": 0, "total_minor": 100_000, "event_id": event_id}
    assert refused(kept, "award_sitting", **row) == "award_sitting_leaf_given_rule", "nobody came"
    insert(kept, "award_collection", **one)
    assert refused(kept, "award_sitting", **{**row, "proxy_count": 1}) == "award_sitting_leaf_given_rule"
    insert(kept, "award_sitting", **row)
    again = sitting(kept, list_id, collected=1, total_minor=100_000)
    assert refused(kept, "award_collection", **{**one, "event_id": again}) == "award_collection_pk"
    more = sitting(kept, list_id, collected=3, total_minor=700_000)
    assert refused(kept, "award_collection", **{**one, "award_id": third, "event_id": more}) == (
        "award_collection_leaf_given_rule"
    )


def test_plain_sql_collects_nothing_that_is_not_paid(kept: Commune) -> None:
    list_id, asked = kept.asked(pupil(amount_minor=100_000))
    kept.approve(asked)
    (row,) = awards(kept.conn, kept.book, list_id).rows
    event_id = sitting(kept, list_id, collected=1, total_minor=100_000)
    rule = refused(kept, "award_collection", award_id=row.award_id, event_id=event_id, is_proxy=False)
    assert rule == "award_collection_paid_rule"
