"""Decisions: one number a year, consent to what was decided, and taking back while nothing is paid."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger import typeid
from ledger.approvals.commands import deny, withdraw
from ledger.approvals.queries import approval_by_id, last_approvals
from ledger.awards.decision import ask_for_list, decide_list, withdraw_list
from ledger.awards.errors import DecisionNumberTaken, ListNotFound, ListStateRefused
from ledger.awards.queries import list_by_id
from ledger.books.event_type import check_layout
from ledger.calendar import today
from ledger.documents.attachment import attachments_of
from ledger.documents.store import keep_document
from ledger.errors import FieldRefused, TextRefused
from tests.factories import ACTOR, make_book
from tests.integration.awards.conftest import DECIDED_ON, Commune, pupil
from tests.province import scan_of


def listed(commune: Commune, name: str = "Nguyễn Thị Thử") -> UUID:
    return commune.submit(commune.open(), pupil(name)).list_id


def test_a_decision_is_kept_with_its_scan_and_its_number_is_in_no_leaf(commune: Commune) -> None:
    list_id = listed(commune)
    scan = keep_document(commune.conn, commune.book, scan_of("qd.pdf"), actor=ACTOR)
    event_id = commune.decide(list_id, document_id=scan.document_id)
    found = list_by_id(commune.conn, commune.book, list_id)
    assert (found.state, found.number, found.decided_on) == ("decided", "12/QĐ-HKH", DECIDED_ON)
    (attached,) = attachments_of(commune.conn, commune.book, [event_id])
    assert (attached.kind, attached.document_id) == ("decision", scan.document_id)
    query = "SELECT leaf FROM soquy.audit_entry WHERE tenant_id = :t AND event_id = :e"
    data = commune.conn.execute(sa.text(query), {"t": commune.book.tenant_id, "e": event_id}).scalar_one()
    leaf = canonical.decode(data)
    check_layout(leaf)
    assert (sorted(leaf.private), [each.kind for each in leaf.documents]) == (["number"], ["decision"])
    assert "QĐ-HKH".encode() not in data


@pytest.mark.parametrize("number", ["12/QĐ-HKH", "12/qđ-hkh", " 12 / QĐ - HKH", "12/Qđ-HKh"])
def test_a_number_names_one_decision_of_a_year_however_it_is_spelled(commune: Commune, number: str) -> None:
    commune.decide(listed(commune))
    other = listed(commune, "Trần Văn Thử")
    with pytest.raises(DecisionNumberTaken) as caught, commune.conn.begin_nested():
        commune.decide(other, number)
    assert caught.value.fields == {"year": 2024}
    commune.decide(other, number, decided_on=date(2025, 1, 2))


def test_another_book_has_numbers_of_its_own(commune: Commune) -> None:
    commune.decide(listed(commune))
    commune.decide(listed(commune, "Trần Văn Thử"), "12/QĐ-HKHT")


def test_a_decision_has_a_number_and_a_day_that_has_come_and_comes_once(commune: Commune) -> None:
    list_id = listed(commune)
    with pytest.raises(TextRefused):
        commune.decide(list_id, " ")
    for day in (today() + timedelta(days=1), date(1999, 12, 31)):
        with pytest.raises(FieldRefused):
            commune.decide(list_id, decided_on=day)
    commune.decide(list_id)
    with pytest.raises(ListStateRefused):
        commune.decide(list_id, "13/QĐ-HKH")


def test_consent_is_asked_for_to_what_was_decided_and_to_all_of_it(commune: Commune) -> None:
    list_id = listed(commune)
    with pytest.raises(ListStateRefused) as caught:
        ask_for_list(commune.conn, commune.book, list_id, actor=ACTOR)
    assert caught.value.fields["state"] == "listed"
    commune.decide(list_id)
    asked = ask_for_list(commune.conn, commune.book, list_id, actor=commune.people["accountant"])
    told = approval_by_id(commune.conn, commune.book, asked)
    assert (told.subject_id, told.amount_minor, commune.state(list_id)) == (list_id, 500_000, "asked")
    with pytest.raises(ListStateRefused):
        ask_for_list(commune.conn, commune.book, list_id, actor=ACTOR)
    commune.approve(asked)
    assert commune.state(list_id) == "approved"


def test_a_question_that_was_taken_back_is_asked_again_and_a_no_is_not(commune: Commune) -> None:
    list_id, asked = commune.asked()
    withdraw(commune.conn, commune.book, asked, actor=ACTOR)
    assert commune.state(list_id) == "decided"
    again = ask_for_list(commune.conn, commune.book, list_id, actor=commune.people["accountant"])
    deny(commune.conn, commune.book, again, reason="Sai", actor=commune.people["chief_accountant"])
    for step in (
        lambda: ask_for_list(commune.conn, commune.book, list_id, actor=ACTOR),
        lambda: withdraw_list(commune.conn, commune.book, list_id, reason="Sai", actor=ACTOR),
    ):
        with pytest.raises(ListStateRefused) as caught:
            step()
        assert caught.value.fields["state"] == "denied"


@pytest.mark.parametrize("is_approved", [False, True])
def test_taking_a_list_back_takes_back_what_is_asked_about_it(commune: Commune, is_approved: bool) -> None:
    list_id, asked = commune.asked()
    if is_approved:
        commune.approve(asked)
    with pytest.raises(TextRefused):
        withdraw_list(commune.conn, commune.book, list_id, reason=" ", actor=ACTOR)
    withdraw_list(commune.conn, commune.book, list_id, reason="Thiếu xác nhận", actor=ACTOR)
    assert commune.state(list_id) == "withdrawn"
    found = last_approvals(commune.conn, commune.book, [list_id])[list_id]
    assert found.state == "withdrawn"
    with pytest.raises(ListStateRefused):
        withdraw_list(commune.conn, commune.book, list_id, reason="Thiếu", actor=ACTOR)


def test_a_list_is_of_its_book(commune: Commune) -> None:
    list_id = listed(commune)
    neighbour = make_book(commune.conn, tenant_id=commune.book.tenant_id)
    for book, asked in ((neighbour, list_id), (commune.book, typeid.new_id())):
        with pytest.raises(ListNotFound):
            decide_list(commune.conn, book, asked, number="1", decided_on=DECIDED_ON, actor=ACTOR)
