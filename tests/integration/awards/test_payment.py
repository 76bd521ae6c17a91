"""A list is paid by one voucher, all of it, once; whatever else was proposed for it pays nothing."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from ledger.awards.decision import withdraw_list
from ledger.awards.errors import ListNotFound, ListStateRefused
from ledger.awards.payment import propose_list_payment
from ledger.books.model import EntryDraft, Line
from ledger.books.posting import post
from ledger.errors import PostingRefused, RuleRefused
from ledger.proposals.commands import execute, propose
from ledger.proposals.model import Proposal, Proposed
from ledger.proposals.queries import proposal_by_id
from ledger.typeid import new_id
from tests.consent import agree
from tests.factories import ACTOR, receipt
from tests.integration.awards.conftest import Commune, pupil

ON = date(2024, 9, 5)
TWO = pupil("Học sinh A", 100_000), pupil("Học sinh B", 200_000)


def approved(commune: Commune) -> UUID:
    """Have the money, and a list of two that everybody consented to."""
    post(commune.conn, commune.book, [receipt(1_000_000, ON)], actor=ACTOR)
    list_id, asked = commune.asked(*TWO)
    commune.approve(asked)
    return list_id


def proposed(commune: Commune, list_id: UUID) -> Proposed:
    """Propose to pay the list in cash."""
    accountant = commune.people["accountant"]
    return propose_list_payment(
        commune.conn, commune.book, list_id, account="1111", voucher="PC", issued_on=ON, actor=accountant
    )


def pay(commune: Commune, each: Proposed) -> None:
    execute(commune.conn, commune.book, [each.proposal_id], on=ON, actor=commune.people["cashier"])


def test_a_list_is_paid_when_its_payment_was_agreed_to_as_well(commune: Commune) -> None:
    list_id = approved(commune)
    each = proposed(commune, list_id)
    told = proposal_by_id(commune.conn, commune.book, each.proposal_id)
    assert (told.amount_minor, told.list_id) == (300_000, list_id)
    assert [(line.account, line.value_minor, line.program, line.quantity) for line in told.lines] == [
        ("35381", 300_000, "HB", 2),
        ("1111", -300_000, None, None),
    ]
    with pytest.raises(PostingRefused), commune.conn.begin_nested():
        pay(commune, each)
    assert commune.state(list_id) == "approved"
    agree(commune.conn, commune.book, [each])
    pay(commune, each)
    assert commune.state(list_id) == "paid"


def test_a_list_is_paid_once_however_often_it_was_proposed(commune: Commune) -> None:
    list_id = approved(commune)
    first, second = proposed(commune, list_id), proposed(commune, list_id)
    agree(commune.conn, commune.book, [first, second])
    pay(commune, first)
    with pytest.raises(PostingRefused) as caught, commune.conn.begin_nested():
        pay(commune, second)
    assert [(fault.code, fault.entry) for fault in caught.value.faults] == [("list_not_payable", 0)]
    with pytest.raises(ListStateRefused):
        proposed(commune, list_id)


def test_only_an_approved_list_is_proposed_and_one_that_was_taken_back_is_not_paid(commune: Commune) -> None:
    list_id, asked = commune.asked(*TWO)
    with pytest.raises(ListStateRefused):
        proposed(commune, list_id)
    commune.approve(asked)
    with pytest.raises(ListNotFound):
        proposed(commune, new_id())
    post(commune.conn, commune.book, [receipt(1_000_000, ON)], actor=ACTOR)
    each = proposed(commune, list_id)
    agree(commune.conn, commune.book, [each])
    withdraw_list(commune.conn, commune.book, list_id, reason="Sai danh sách", actor=ACTOR)
    with pytest.raises(PostingRefused) as caught, commune.conn.begin_nested():
        pay(commune, each)
    assert [fault.code for fault in caught.value.faults] == ["list_not_payable"]


def test_what_pays_a_list_pays_all_of_it_from_its_fund_and_for_its_program(commune: Commune) -> None:
    list_id = approved(commune)
    spent = Line(account="35381", fund="QC", value_minor=300_000, program="HB", quantity=2)
    draft = EntryDraft(entry_on=ON, voucher="PC", lines=(spent, Line(account="1111", fund="QC", value_minor=-300_000)))
    less = (replace(spent, value_minor=299_999), Line(account="1111", fund="QC", value_minor=-299_999))
    tet = (replace(spent, account="35383", fund="TET"), Line(account="1111", fund="TET", value_minor=-300_000))
    for lines in (
        less,
        tet,
        (replace(spent, quantity=1), draft.lines[1]),
        (replace(spent, program="TET"), draft.lines[1]),
        (replace(spent, program=None, quantity=None), draft.lines[1]),
    ):
        wrong = Proposal(draft=replace(draft, lines=lines), list_id=list_id)
        with pytest.raises(RuleRefused) as caught, commune.conn.begin_nested():
            propose(commune.conn, commune.book, [wrong], actor=ACTOR)
        assert caught.value.fields["rule"] == "entry_proposal_list_rule", lines
    propose(commune.conn, commune.book, [Proposal(draft=draft, list_id=list_id)], actor=ACTOR)
