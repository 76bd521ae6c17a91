"""Payments and adjustments: proposed on a voucher, agreed to by two people, done once and as they were agreed to."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger.approvals.commands import ask, deny, grant, grant_all
from ledger.approvals.errors import ApprovalStateRefused, DecisionsRefused
from ledger.books.commands import void_voucher
from ledger.books.event_type import check_layout
from ledger.books.model import EntryDraft, VoucherNumber
from ledger.books.posting import post
from ledger.errors import PostingRefused, TextRefused, VoucherVoid
from ledger.proposals.commands import ask_again, execute, give_up, propose
from ledger.proposals.errors import ProposalNotFound, ProposalStateRefused
from ledger.proposals.model import Proposal, Proposed
from ledger.proposals.queries import proposal_by_id, proposals
from ledger.typeid import new_id
from tests.consent import agree
from tests.factories import ACTOR, Ledger, payment, receipt, two_lines, with_line
from tests.integration.approvals.conftest import Council
from tests.waiting import until_waiting_for_a_lock

MARCH = date(2024, 3, 1)
APRIL = date(2024, 4, 5)


def propose_one(council: Council, amount: int = 100) -> Proposed:
    """Have the accountant propose a payment of cash."""
    draft = replace(payment(amount, MARCH), description="Học bổng tháng 3")
    proposal = Proposal(draft=draft, payee="Nguyễn Thị Mẫu")
    return propose(council.conn, council.book, [proposal], actor=council.people["accountant"])[0]


def agreed(council: Council, amount: int = 100) -> Proposed:
    proposed = propose_one(council, amount)
    for role in ("chief_accountant", "account_holder"):
        grant(council.conn, council.book, proposed.approval_id, actor=council.people[role])
    return proposed


def codes(refused: pytest.ExceptionInfo[PostingRefused]) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.entry) for fault in refused.value.faults]


def pay(council: Council, *proposed: Proposed, on: date = APRIL) -> list[VoucherNumber | None]:
    ids = [each.proposal_id for each in proposed]
    batch = execute(council.conn, council.book, ids, on=on, actor=council.people["cashier"])
    return [entry.voucher for entry in batch.entries]


@pytest.fixture
def rich(council: Council) -> Council:
    """A council with money to spend."""
    post(council.conn, council.book, [receipt(1_000, MARCH)], actor=ACTOR)
    return council


def test_a_payment_is_done_when_two_people_have_agreed_and_not_before(rich: Council) -> None:
    proposed = propose_one(rich)
    assert proposed.voucher == VoucherNumber(kind="PC", fiscal_year=2024, number=1)
    for role in ("chief_accountant", "account_holder"):
        with pytest.raises(PostingRefused) as caught, rich.conn.begin_nested():
            pay(rich, proposed)
        assert codes(caught) == [("consent_pending", 0)]
        grant(rich.conn, rich.book, proposed.approval_id, actor=rich.people[role])
    assert pay(rich, proposed) == [proposed.voucher]
    told = proposal_by_id(rich.conn, rich.book, proposed.proposal_id)
    assert (told.state, told.entry_on, told.amount_minor) == ("executed", APRIL, 100)
    assert (told.description, told.payee) == ("Học bổng tháng 3", "Nguyễn Thị Mẫu")
    described = rich.conn.execute(
        sa.text("SELECT value FROM vault.sealed_value WHERE event_id = :id AND field = 'description'"),
        {"id": told.entry_id},
    )
    assert described.scalar_one() == "Học bổng tháng 3"
    with pytest.raises(PostingRefused) as caught:
        pay(rich, proposed)
    assert codes(caught) == [("voucher_executed", 0)]


def test_an_approved_voucher_pays_what_was_approved_and_nothing_else(rich: Council) -> None:
    proposed = agreed(rich)
    draft = replace(payment(100, MARCH), voucher=proposed.voucher)
    others = (
        replace(draft, lines=two_lines(-101)),
        with_line(with_line(draft, 0, account="1121A"), 1, program=None),
        replace(draft, lines=tuple(reversed(draft.lines))),
    )
    for other in others:
        with pytest.raises(PostingRefused) as caught, rich.conn.begin_nested():
            post(rich.conn, rich.book, [receipt(500, MARCH, account="1121A", voucher="BC"), other], actor=ACTOR)
        assert codes(caught) in ([("consent_other", 1)], [("voucher_kind_moves", 1)])
    assert post(rich.conn, rich.book, [draft], actor=ACTOR).last_seq == 2


def test_a_proposal_is_refused_for_every_fault_that_its_entry_would_have(rich: Council) -> None:
    wrong = replace(payment(1, MARCH), lines=two_lines(-100, fund="NONE"), description="a\u200bb")
    drafts = [wrong, payment(0, MARCH), receipt(5, MARCH), payment(1, MARCH, voucher="XX")]
    with pytest.raises(PostingRefused) as caught:
        propose(rich.conn, rich.book, [Proposal(draft=draft) for draft in drafts], actor=ACTOR)
    assert {("fund_unknown", 0), ("text_refused", 0), ("amount_zero", 1), ("consent_not_needed", 2)} <= set(
        codes(caught)
    )
    assert ("voucher_kind_unknown", 3) in codes(caught)
    with pytest.raises(PostingRefused) as caught:
        propose(rich.conn, rich.book, [Proposal(draft=payment(1, MARCH), payee=" ")], actor=ACTOR)
    assert codes(caught) == [("text_refused", 0)]
    with pytest.raises(PostingRefused):
        propose(rich.conn, rich.book, [], actor=ACTOR)
    assert proposals(rich.conn, rich.book).rows == ()


def test_many_are_proposed_agreed_to_and_paid_together(rich: Council) -> None:
    drafts = [Proposal(draft=payment(10, MARCH), payee=f"Người Mẫu {number}") for number in range(60)]
    made = propose(rich.conn, rich.book, drafts, actor=rich.people["accountant"])
    assert [each.voucher.number for each in made] == list(range(1, 61))
    asked = [each.approval_id for each in made]
    for role in ("chief_accountant", "account_holder"):
        told = grant_all(rich.conn, rich.book, asked, actor=rich.people[role])
        assert [each.approval_id for each in told] == asked
    assert pay(rich, *made) == [each.voucher for each in made]
    page = proposals(rich.conn, rich.book, page_size=50)
    assert len(page.rows) == 50
    rest = proposals(rich.conn, rich.book, after=page.next_cursor, page_size=50)
    assert [each.proposal_id for each in (*page.rows, *rest.rows)] == sorted(
        (each.proposal_id for each in made), reverse=True
    )
    assert proposals(rich.conn, rich.book, is_open=True).rows == ()


def test_one_that_cannot_be_agreed_to_keeps_the_others_as_they_were(rich: Council) -> None:
    first, second, third = (propose_one(rich) for _ in range(3))
    chief = rich.people["chief_accountant"]
    deny(rich.conn, rich.book, second.approval_id, reason="Sai tên", actor=chief)
    mine = ask(rich.conn, rich.book, "release", new_id(), amount_minor=1, actor=chief)
    ids = [first.approval_id, second.approval_id, mine, third.approval_id]
    with pytest.raises(DecisionsRefused) as caught:
        grant_all(rich.conn, rich.book, ids, actor=chief)
    assert [(fault.code, fault.entry) for fault in caught.value.faults] == [
        (ApprovalStateRefused.code, 1),
        ("approval_not_asked", 2),
    ]
    assert [rich.state(each.approval_id) for each in (first, third)] == ["asked", "asked"]


def test_what_was_denied_is_asked_again_or_given_up(rich: Council) -> None:
    proposed = propose_one(rich)
    accountant, chief = rich.people["accountant"], rich.people["chief_accountant"]
    with pytest.raises(ProposalStateRefused):
        ask_again(rich.conn, rich.book, proposed.proposal_id, actor=accountant)
    deny(rich.conn, rich.book, proposed.approval_id, reason="Thiếu danh sách", actor=chief)
    assert proposal_by_id(rich.conn, rich.book, proposed.proposal_id).state == "denied"
    again = ask_again(rich.conn, rich.book, proposed.proposal_id, actor=accountant)
    for role in ("chief_accountant", "account_holder"):
        grant(rich.conn, rich.book, again, actor=rich.people[role])
    with pytest.raises(TextRefused):
        give_up(rich.conn, rich.book, proposed.proposal_id, reason=" ", actor=accountant)
    give_up(rich.conn, rich.book, proposed.proposal_id, reason="Không chi nữa", actor=accountant)
    assert rich.state(again) == "withdrawn"
    assert proposal_by_id(rich.conn, rich.book, proposed.proposal_id).state == "void"
    with pytest.raises(ProposalStateRefused):
        give_up(rich.conn, rich.book, proposed.proposal_id, reason="Lần nữa", actor=accountant)
    with pytest.raises(PostingRefused) as caught:
        pay(rich, proposed)
    assert codes(caught) == [("voucher_void", 0)]
    with pytest.raises(VoucherVoid):
        void_voucher(rich.conn, rich.book, proposed.voucher, reason="Lần nữa", actor=accountant)


def test_an_adjustment_names_its_entry_and_the_account_holder_agrees(rich: Council) -> None:
    adjusting = EntryDraft(entry_on=MARCH, kind="adjustment", voucher="DC", corrects_seq=1, lines=two_lines(50))
    with pytest.raises(PostingRefused) as caught:
        post(rich.conn, rich.book, [adjusting], actor=ACTOR)
    assert codes(caught) == [("consent_missing", 0)]
    (proposed,) = propose(rich.conn, rich.book, [Proposal(draft=adjusting)], actor=rich.people["accountant"])
    assert proposal_by_id(rich.conn, rich.book, proposed.proposal_id).approval.roles == ("account_holder",)
    grant(rich.conn, rich.book, proposed.approval_id, actor=rich.people["account_holder"])
    other = replace(adjusting, voucher=proposed.voucher, kind="ordinary", corrects_seq=None)
    with pytest.raises(PostingRefused) as caught, rich.conn.begin_nested():
        post(rich.conn, rich.book, [replace(other, lines=two_lines(-50))], actor=ACTOR)
    assert codes(caught) == [("consent_other", 0)]
    assert pay(rich, proposed) == [proposed.voucher]


def test_leaves_tell_what_was_proposed_and_commit_to_who_is_paid(rich: Council) -> None:
    proposed = propose_one(rich)
    row = rich.conn.execute(
        sa.text("SELECT leaf FROM soquy.audit_entry WHERE event_id = :id"), {"id": proposed.proposal_id}
    ).one()
    leaf = canonical.decode(row.leaf)
    check_layout(leaf)
    assert leaf.type == "entry.proposed"
    assert leaf.payload["voucher"] == ["PC", 2024, 1]
    assert sorted(leaf.private) == ["description", "payee"]
    assert leaf.actor.commitment is not None
    assert b"M\xe1\xba\xabu" not in bytes(row.leaf)


def test_another_books_proposal_is_as_unknown_as_none(rich: Council) -> None:
    stranger = replace(rich.book, book_id=rich.book.book_id + 1_000)
    proposed = agreed(rich)
    for book, proposal_id in ((stranger, proposed.proposal_id), (rich.book, new_id())):
        with pytest.raises(ProposalNotFound):
            execute(rich.conn, book, [proposal_id], on=APRIL, actor=ACTOR)


def test_two_cashiers_who_pay_the_same_at_once_pay_once(committed_ledger: Ledger) -> None:
    committed_ledger.post(receipt(1_000, MARCH))
    with committed_ledger.transaction() as conn:
        (proposed,) = propose(conn, committed_ledger.book, [Proposal(draft=payment(100, MARCH))], actor=ACTOR)
        agree(conn, committed_ledger.book, [proposed])

    def pay_too() -> object:
        with committed_ledger.transaction() as conn:
            return execute(conn, committed_ledger.book, [proposed.proposal_id], on=APRIL, actor=ACTOR)

    with ThreadPoolExecutor(1) as pool:
        with committed_ledger.transaction() as conn:
            execute(conn, committed_ledger.book, [proposed.proposal_id], on=APRIL, actor=ACTOR)
            slower = pool.submit(pay_too)
            until_waiting_for_a_lock(committed_ledger.engine, slower)
        error = slower.exception(timeout=60)
    assert isinstance(error, PostingRefused)
    assert [fault.code for fault in error.faults] == ["voucher_executed"]
    with committed_ledger.transaction() as conn:
        paid = conn.execute(
            sa.text("SELECT count(*) FROM soquy.entry WHERE book_id = :id AND voucher_kind = 'PC'"),
            {"id": committed_ledger.book.book_id},
        )
        assert paid.scalar_one() == 1


def test_consent_is_given_and_taken_back_before_or_after_the_payment_never_during_it(committed_ledger: Ledger) -> None:
    """Whoever gives a proposal up while it is paid waits, and hears that it was done."""
    committed_ledger.post(receipt(1_000, MARCH))
    with committed_ledger.transaction() as conn:
        (proposed,) = propose(conn, committed_ledger.book, [Proposal(draft=payment(100, MARCH))], actor=ACTOR)
        agree(conn, committed_ledger.book, [proposed])

    def take_back() -> None:
        with committed_ledger.transaction() as conn:
            give_up(conn, committed_ledger.book, proposed.proposal_id, reason="Thôi", actor=ACTOR)

    with ThreadPoolExecutor(1) as pool:
        with committed_ledger.transaction() as conn:
            execute(conn, committed_ledger.book, [proposed.proposal_id], on=APRIL, actor=ACTOR)
            slower = pool.submit(take_back)
            until_waiting_for_a_lock(committed_ledger.engine, slower)
        error = slower.exception(timeout=60)
    assert isinstance(error, ProposalStateRefused)
    assert error.fields == {"state": "executed"}
