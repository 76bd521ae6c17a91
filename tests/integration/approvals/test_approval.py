"""Consent: asked of whom the law and the association name, given by them and by nobody else, once."""

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger import typeid
from ledger.access.commands import grant_role, revoke_role
from ledger.approvals.commands import deny, deny_all, grant, grant_all, take_back, withdraw
from ledger.approvals.errors import (
    ApprovalNotFound,
    ApprovalStateRefused,
    AskedAlready,
    DecisionsRefused,
    NotAsked,
    PolicyRefused,
    WithdrawalRefused,
)
from ledger.approvals.model import Terms
from ledger.approvals.policy import policies, set_policy
from ledger.approvals.queries import approval_by_id, count_waiting_for, denial_reason, waiting_for
from ledger.books.event_type import check_layout
from ledger.errors import TextRefused
from tests.factories import ACTOR
from tests.integration.approvals.conftest import Council

BOTH = Terms(roles=("chief_accountant", "account_holder"), is_ordered=False, days=10)


def test_a_payment_has_the_consent_of_both_whom_the_law_names_in_their_order(council: Council) -> None:
    asked = council.ask()
    chief, holder = council.people["chief_accountant"], council.people["account_holder"]
    assert council.state(asked) == "asked"
    assert waiting_for(council.conn, council.book, holder.principal_id, ["account_holder"]) == ()
    (mine,) = waiting_for(council.conn, council.book, chief.principal_id, ["chief_accountant"])
    assert mine.approval_id == asked
    with pytest.raises(NotAsked) as caught:
        grant(council.conn, council.book, asked, actor=holder)
    assert caught.value.fields == {"reason": "role"}
    assert grant(council.conn, council.book, asked, actor=chief).state == "asked"
    assert grant(council.conn, council.book, asked, actor=holder).state == "approved"
    told = approval_by_id(council.conn, council.book, asked)
    assert [(each.step, each.role, each.user_id) for each in told.decisions] == [
        (1, "chief_accountant", chief.principal_id),
        (2, "account_holder", holder.principal_id),
    ]


def test_every_step_is_a_leaf_and_a_reason_is_sealed(council: Council) -> None:
    asked = council.ask()
    deny(council.conn, council.book, asked, reason="Thiếu chữ ký của trường", actor=council.people["chief_accountant"])
    again = council.ask()
    grant(council.conn, council.book, again, actor=council.people["chief_accountant"])
    withdraw(council.conn, council.book, again, actor=council.people["accountant"])
    rows = council.conn.execute(
        sa.text(
            "SELECT leaf FROM soquy.audit_entry WHERE tenant_id = :t AND book_id = :b AND type LIKE 'approval.%'"
            " ORDER BY event_id"
        ),
        {"t": council.book.tenant_id, "b": council.book.book_id},
    )
    leaves = [canonical.decode(row.leaf) for row in rows]
    for leaf in leaves:
        check_layout(leaf)
    assert [leaf.type for leaf in leaves] == [
        "approval.asked",
        "approval.denied",
        "approval.asked",
        "approval.granted",
        "approval.withdrawn",
    ]
    assert [sorted(leaf.private) for leaf in leaves] == [[], ["reason"], [], [], []]
    assert [council.state(each) for each in (asked, again)] == ["denied", "withdrawn"]


def test_nobody_answers_what_they_drafted_or_answers_twice(council: Council) -> None:
    set_policy(council.conn, council.book, "release", BOTH, actor=ACTOR)
    chief = council.people["chief_accountant"]
    grant_role(council.conn, council.book, council.people["accountant"].principal_id, "chief_accountant", actor=ACTOR)
    asked = council.ask(action="release")
    with pytest.raises(NotAsked) as caught:
        grant(council.conn, council.book, asked, actor=council.people["accountant"])
    assert caught.value.fields == {"reason": "drafter"}
    grant(council.conn, council.book, asked, actor=chief)
    with pytest.raises(NotAsked) as caught:
        grant(council.conn, council.book, asked, actor=chief)
    assert caught.value.fields == {"reason": "twice"}
    with pytest.raises(NotAsked) as caught:
        deny(council.conn, council.book, asked, reason="Đổi ý", actor=chief)
    assert caught.value.fields == {"reason": "twice"}


def test_a_role_that_was_taken_away_answers_nothing_and_what_it_answered_stays(council: Council) -> None:
    chief = council.another("chief_accountant")
    first, second = council.ask(), council.ask()
    grant(council.conn, council.book, first, actor=chief)
    given = council.conn.execute(
        sa.text("SELECT grant_id FROM soquy.role_grant WHERE tenant_id = :t AND user_id = :u"),
        {"t": council.book.tenant_id, "u": chief.principal_id},
    ).scalar_one()
    revoke_role(council.conn, council.book, given, actor=ACTOR)
    with pytest.raises(NotAsked):
        grant(council.conn, council.book, second, actor=chief)
    assert grant(council.conn, council.book, first, actor=council.people["account_holder"]).state == "approved"


def test_a_no_needs_a_reason_and_ends_it(council: Council) -> None:
    asked = council.ask()
    with pytest.raises(TextRefused):
        deny(council.conn, council.book, asked, reason=" ", actor=council.people["chief_accountant"])
    deny(council.conn, council.book, asked, reason="Sai quỹ", actor=council.people["chief_accountant"])
    for step in (grant, withdraw):
        with pytest.raises(ApprovalStateRefused) as caught:
            step(council.conn, council.book, asked, actor=council.people["account_holder"])
        assert caught.value.fields == {"state": "denied"}


def test_the_same_is_asked_once_and_again_after_a_no(council: Council) -> None:
    subject = typeid.new_id()
    asked = council.ask(subject_id=subject)
    with pytest.raises(AskedAlready):
        council.ask(subject_id=subject)
    deny(council.conn, council.book, asked, reason="Sai quỹ", actor=council.people["chief_accountant"])
    assert council.state(council.ask(subject_id=subject)) == "asked"


def test_what_was_agreed_to_can_be_taken_back_until_it_is_carried_out(council: Council) -> None:
    asked = council.ask()
    for role in ("chief_accountant", "account_holder"):
        grant(council.conn, council.book, asked, actor=council.people[role])
    withdraw(council.conn, council.book, asked, actor=council.people["accountant"])
    assert council.state(asked) == "withdrawn"
    with pytest.raises(ApprovalStateRefused):
        withdraw(council.conn, council.book, asked, actor=council.people["accountant"])


def test_policies_ask_more_from_an_amount_on_and_never_less_than_the_law(council: Council) -> None:
    three = Terms(roles=("accountant", "chief_accountant", "account_holder"), is_ordered=True, days=20)
    set_policy(council.conn, council.book, "payment", three, from_minor=50_000_000, actor=ACTOR)
    small, large = council.ask(49_999_999), council.ask(50_000_000)
    told = [approval_by_id(council.conn, council.book, each) for each in (small, large)]
    assert [each.roles for each in told] == [("chief_accountant", "account_holder"), three.roles]
    set_policy(council.conn, council.book, "payment", BOTH, from_minor=50_000_000, actor=ACTOR)
    assert approval_by_id(council.conn, council.book, large).roles == three.roles, "it goes on as it was asked"
    told = [approval_by_id(council.conn, council.book, council.ask(50_000_000))]
    assert (told[0].roles, told[0].is_ordered) == (BOTH.roles, False)
    assert {(each.action, each.from_minor) for each in policies(council.conn, council.book)} == {
        ("payment", 0),
        ("payment", 50_000_000),
        ("round", 0),
        ("release", 0),
        ("adjustment", 0),
        ("exception", 0),
    }


@pytest.mark.parametrize(
    ("roles", "days", "from_minor", "reason"),
    [
        (("chief_accountant",), 10, 0, "law"),
        (("chief_accountant", "account_holder", "cashier"), 10, 0, "roles"),
        ((), 10, 0, "roles"),
        (("chief_accountant", "account_holder"), 0, 0, "days"),
        (("chief_accountant", "account_holder"), 181, 0, "days"),
        (("chief_accountant", "account_holder"), 10, -1, "amount"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    council: Council, roles: tuple[str, ...], days: int, from_minor: int, reason: str
) -> None:
    terms = Terms(roles=roles, is_ordered=True, days=days)
    with pytest.raises(PolicyRefused) as caught:
        set_policy(council.conn, council.book, "payment", terms, from_minor=from_minor, actor=ACTOR)
    assert caught.value.fields == {"reason": reason}


def test_a_request_of_nowhere_is_not_found(council: Council) -> None:
    with pytest.raises(ApprovalNotFound):
        grant(council.conn, council.book, typeid.new_id(), actor=council.people["chief_accountant"])


def test_many_are_answered_by_as_many_statements_as_one(council: Council) -> None:
    statements: list[str] = []
    sa.event.listen(council.conn.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    counts = []
    for size in (1, 1, 30):  # the first also looks the vault's key up
        asked = [council.ask() for _ in range(size)]
        statements.clear()
        told = grant_all(council.conn, council.book, asked, actor=council.people["chief_accountant"])
        counts.append(len(statements))
        assert [(each.approval_id, len(each.decisions)) for each in told] == [(each, 1) for each in asked]
    assert counts[1] == counts[2] > 0


def test_each_leaf_of_many_commits_to_who_decided_and_why(council: Council) -> None:
    chief = council.people["chief_accountant"]
    asked = [council.ask(), council.ask()]
    deny_all(council.conn, council.book, asked, reason="Sai quỹ", actor=chief)
    rows = council.conn.execute(
        sa.text("SELECT leaf FROM soquy.audit_entry WHERE tenant_id = :t AND type = 'approval.denied'"),
        {"t": council.book.tenant_id},
    ).scalars()
    leaves = [canonical.decode(leaf) for leaf in rows]
    for leaf in leaves:
        check_layout(leaf)
    assert len({leaf.actor.commitment for leaf in leaves} - {None}) == 2
    assert len({leaf.private["reason"] for leaf in leaves}) == 2
    for each in asked:
        found = approval_by_id(council.conn, council.book, each)
        assert denial_reason(council.conn, council.book, found, rights={"people"}, actor=chief) == "Sai quỹ"
        assert denial_reason(council.conn, council.book, found, rights={"read"}, actor=chief) is None
        drafter = council.people["accountant"]
        assert denial_reason(council.conn, council.book, found, rights=(), actor=drafter) == "Sai quỹ"


def test_of_many_none_is_answered_where_one_cannot_be(council: Council) -> None:
    chief = council.people["chief_accountant"]
    asked, taken_back = council.ask(), council.ask()
    withdraw(council.conn, council.book, taken_back, actor=council.people["accountant"])
    with pytest.raises(DecisionsRefused) as caught:
        grant_all(council.conn, council.book, [asked, taken_back, typeid.new_id()], actor=chief)
    faults = [(fault.entry, fault.code) for fault in caught.value.faults]
    assert faults == [(1, "approval_state"), (2, "approval_not_found")]
    assert approval_by_id(council.conn, council.book, asked).decisions == ()


def test_a_role_that_counts_only_after_a_second_factor_answers_nothing_before(council: Council) -> None:
    asked = council.ask()
    chief = council.people["chief_accountant"]
    with pytest.raises(NotAsked) as caught:
        grant(council.conn, council.book, asked, actor=chief, counting={"accountant"})
    assert caught.value.fields == {"reason": "proof"}
    assert grant(council.conn, council.book, asked, actor=chief, counting={"chief_accountant"}).decisions != ()


def test_what_waits_for_somebody_is_what_they_can_decide_now(council: Council) -> None:
    """Counted and listed by the database as the pure rule says, whatever was said and in whatever order."""
    both, three = council.ask(action="release"), Terms(roles=("account_holder", "accountant"), is_ordered=False, days=9)
    set_policy(council.conn, council.book, "adjustment", three, actor=ACTOR)
    free = council.ask(action="adjustment")
    grant(council.conn, council.book, both, actor=council.people["chief_accountant"])
    deny(council.conn, council.book, council.ask(), reason="Sai", actor=council.people["chief_accountant"])
    grant(council.conn, council.book, council.ask(action="release"), actor=council.another("chief_accountant"))
    asked = [approval_by_id(council.conn, council.book, each) for each in (both, free, council.ask())]
    people = [*council.people.values(), council.another("accountant")]
    for who in people:
        found = waiting_for(council.conn, council.book, who.principal_id, [who.role])
        assert count_waiting_for(council.conn, council.book, who.principal_id, [who.role]) == len(found)
        can = {each.approval_id for each in asked if each.step_for(who.principal_id, [who.role])}
        assert can <= {each.approval_id for each in found}
        assert all(each.step_for(who.principal_id, [who.role]) for each in found)


def test_only_who_asked_or_is_asked_takes_a_request_back(council: Council) -> None:
    asked = council.ask()
    for stranger in (council.people["cashier"], council.another("accountant")):
        with pytest.raises(WithdrawalRefused):
            take_back(council.conn, council.book, asked, actor=stranger)
    holder = council.people["account_holder"]
    with pytest.raises(WithdrawalRefused):
        take_back(council.conn, council.book, asked, actor=holder, counting=())
    take_back(council.conn, council.book, asked, actor=holder)
    assert council.state(asked) == "withdrawn"
