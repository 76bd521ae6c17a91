"""I11 by plain SQL, as the application's own role: no money leaves but as it was proposed and agreed to."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from audit.jcs import Json
from ledger import typeid
from ledger.approvals.commands import ask
from ledger.books.commands import issue_voucher, void_voucher
from ledger.books.event import record_event
from ledger.books.posting import post
from ledger.books.taking import take_book
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal
from tests.consent import agree
from tests.factories import ACTOR, payment, receipt
from tests.integration.books.plain_sql import MAY, Attempt, Scene, agree_to, line_row, make_scene, refusal

PROPOSAL = """\
INSERT INTO soquy.entry_proposal (tenant_id, proposal_id, book_id, action, kind, voucher_kind, fiscal_year, number,
    lines, rate, corrects_id, amount_minor)
VALUES (:tenant_id, :proposal_id, :book_id, :action, :kind, 'PC', 2024, :number, CAST(:lines AS jsonb),
    CAST(:rate AS jsonb), :corrects_id, :amount_minor)"""
LINES: list[list[Json]] = [["35381", "QC", 100], ["1111", "QC", -100]]


@pytest.fixture
def scene(connection: sa.Connection) -> Scene:
    return make_scene(connection)


def proposal(scene: Scene, said: Mapping[str, Json] | None = None, **changes: Any) -> str:
    """Return the rule that refuses a proposal; its leaf says what it says, or what ``said`` has instead."""
    take_book(scene.conn, scene.book)
    voucher = changes.pop("voucher", None) or issue_voucher(scene.conn, scene.book, "PC", issued_on=MAY, actor=ACTOR)
    row: dict[str, Any] = {
        "action": "payment",
        "kind": "ordinary",
        "number": voucher.number,
        "lines": json.dumps(LINES),
        "rate": None,
        "corrects_id": None,
        "amount_minor": 100,
        **changes,
    }
    payload: dict[str, Json] = {
        "corrects": None,
        "kind": row["kind"],
        "lines": json.loads(row["lines"]),
        "list": None,
        "rate": row["rate"] and json.loads(row["rate"]),
        "voucher": ["PC", 2024, voucher.number],
        **(said or {}),
    }
    row["proposal_id"] = record_event(scene.conn, scene.book, "entry.proposed", payload, actor=ACTOR)
    return refusal(scene.conn, PROPOSAL, **scene.keys, **row)


def test_money_does_not_leave_by_any_voucher_that_nobody_was_asked_about(scene: Scene) -> None:
    for voucher_kind in ("PC", "BN", "KT", "CK"):
        lines = (line_row("1111", -100), line_row("35381", 100))
        attack = scene.attempt(*lines, number=1, voucher_kind=voucher_kind)
        assert refusal(scene.conn, attack) == "entry_proposed_rule", voucher_kind


def test_a_voucher_of_payment_moves_nothing_unheard_between_own_accounts_either(scene: Scene) -> None:
    lines = (line_row("1111", -100), line_row("1121A", 100))
    assert refusal(scene.conn, scene.attempt(*lines, number=1, voucher_kind="PC")) == "entry_proposed_rule"
    scene.attempt(*lines, number=1, voucher_kind="KT").insert(scene.conn)


def test_an_adjustment_is_not_made_unheard(scene: Scene) -> None:
    attack = scene.attempt(number=1, voucher_kind="DC", kind="adjustment", corrects_seq=1)
    assert refusal(scene.conn, attack) == "entry_proposed_rule"


def altered(scene: Scene) -> Mapping[str, Attempt]:
    """Return payments each of which differs from what was agreed to."""
    attacks = {name: scene.payment(100) for name in ("more", "account", "program", "turned")}
    for row, sign in zip(attacks["more"].posting, (-1, 1), strict=True):
        row.update(value_minor=sign * 101, amount_minor=sign * 101)
    attacks["account"].posting[1].update(account="331")
    attacks["program"].posting[1].update(quantity=None, campaign=None, channel="household")
    first, second = attacks["turned"].posting
    first["line"], second["line"] = 2, 1
    return attacks


def test_what_was_agreed_to_is_done_as_it_was_agreed_to(scene: Scene) -> None:
    for name, attack in altered(scene).items():
        assert refusal(scene.conn, attack) == "entry_as_proposed_rule", name
    scene.payment(100).insert(scene.conn)


def test_consent_that_is_not_complete_pays_nothing(scene: Scene) -> None:
    (proposed,) = propose(scene.conn, scene.book, [Proposal(draft=payment(100, MAY))], actor=ACTOR)
    attack = scene.unheard_payment(100)
    attack.voucher.clear()
    attack.entry[0]["voucher_number"] = proposed.voucher.number
    assert refusal(scene.conn, attack) == "entry_approved_rule"
    agreed = scene.payment(100)
    withdrawn = """\
        INSERT INTO soquy.approval_withdrawal (tenant_id, approval_id, book_id, event_id)
        SELECT a.tenant_id, a.approval_id, a.book_id, CAST(:event_id AS uuid) FROM soquy.approval AS a
        WHERE a.approval_id = :approval_id"""
    last = scene.conn.execute(
        sa.text("SELECT approval_id FROM soquy.approval WHERE book_id = :id ORDER BY approval_id DESC LIMIT 1"),
        {"id": scene.book.book_id},
    ).scalar_one()
    payload: dict[str, Json] = {"approval": typeid.encode(typeid.APPROVAL, last)}
    event_id = record_event(scene.conn, scene.book, "approval.withdrawn", payload, actor=ACTOR)
    scene.conn.execute(sa.text(withdrawn), {"event_id": event_id, "approval_id": last})
    assert refusal(scene.conn, agreed) == "entry_approved_rule"


def test_consent_to_another_amount_is_none(scene: Scene) -> None:
    """A request for a small amount does not carry a large payment past those whom the policy would ask."""
    take_book(scene.conn, scene.book)
    (proposed,) = propose(scene.conn, scene.book, [Proposal(draft=payment(100, MAY))], actor=ACTOR)
    said = {"approval": typeid.encode(typeid.APPROVAL, proposed.approval_id)}
    event_id = record_event(scene.conn, scene.book, "approval.withdrawn", said, actor=ACTOR)
    scene.conn.execute(
        sa.text("""\
            INSERT INTO soquy.approval_withdrawal (tenant_id, approval_id, book_id, event_id)
            VALUES (:tenant_id, :approval_id, :book_id, :event_id)"""),
        {**scene.keys, "approval_id": proposed.approval_id, "event_id": event_id},
    )
    smaller = ask(scene.conn, scene.book, "payment", proposed.proposal_id, amount_minor=1, actor=ACTOR)
    agree(scene.conn, scene.book, [replace(proposed, approval_id=smaller)])
    attack = scene.unheard_payment(100)
    attack.voucher.clear()
    attack.entry[0]["voucher_number"] = proposed.voucher.number
    assert refusal(scene.conn, attack) == "entry_approved_rule"


def test_a_proposal_has_a_leaf_that_says_the_same_and_a_voucher_that_waits(scene: Scene) -> None:
    leaf_given = "entry_proposal_leaf_given_rule"
    assert proposal(scene, {"lines": [["35381", "QC", 1], ["1111", "QC", -1]]}) == leaf_given
    assert proposal(scene, {"voucher": ["PC", 2024, 99]}) == leaf_given
    assert proposal(scene, {"kind": "adjustment"}) == leaf_given
    void = issue_voucher(scene.conn, scene.book, "PC", issued_on=MAY, actor=ACTOR)
    void_voucher(scene.conn, scene.book, void, reason="Sai", actor=ACTOR)
    assert proposal(scene, voucher=void) == leaf_given
    scene.payment(100).insert(scene.conn)
    executed = type(void)(kind="PC", fiscal_year=2024, number=void.number + 1)
    assert proposal(scene, voucher=executed) in {leaf_given, "entry_proposal_voucher_unique"}


def test_a_proposal_asks_for_what_its_lines_say(scene: Scene) -> None:
    assert proposal(scene, amount_minor=99) == "entry_proposal_amount_rule"
    assert proposal(scene, action="adjustment") == "entry_proposal_kind_check"
    assert proposal(scene, action="round") == "entry_proposal_kind_check"
    assert proposal(scene, lines=json.dumps(LINES[:1])) == "entry_proposal_lines_count_check"
    other = post(scene.conn, scene.sibling, [receipt(5, date(2024, 3, 1))], actor=ACTOR).entries[0].entry_id
    corrects: dict[str, Json] = {"corrects": typeid.encode(typeid.ENTRY, other)}
    refused = proposal(scene, corrects, kind="adjustment", action="adjustment", corrects_id=other)
    assert refused == "entry_proposal_leaf_given_rule"


def test_a_voucher_carries_one_proposal(scene: Scene) -> None:
    (proposed,) = propose(scene.conn, scene.book, [Proposal(draft=payment(100, MAY))], actor=ACTOR)
    assert proposal(scene, voucher=proposed.voucher) == "entry_proposal_voucher_unique"


def test_a_proposal_and_its_payee_are_never_changed(scene: Scene) -> None:
    made = propose(scene.conn, scene.book, [Proposal(draft=payment(100, MAY), payee="Mẫu")], actor=ACTOR)[0]
    keys = {**scene.keys, "proposal_id": made.proposal_id}
    for statement in (
        "UPDATE soquy.entry_proposal SET amount_minor = 1 WHERE tenant_id = :tenant_id",
        "DELETE FROM soquy.entry_proposal WHERE tenant_id = :tenant_id",
        "TRUNCATE soquy.entry_proposal",
        "UPDATE vault.payee SET name = 'Khác' WHERE tenant_id = :tenant_id",
        "DELETE FROM vault.payee WHERE tenant_id = :tenant_id",
    ):
        assert refusal(scene.conn, statement, **scene.keys) == "InsufficientPrivilege", statement
    late = """\
        INSERT INTO vault.payee (tenant_id, proposal_id, book_id, name)
        VALUES (:tenant_id, :proposal_id, :book_id, 'x')"""
    bare = propose(scene.conn, scene.book, [Proposal(draft=payment(100, MAY))], actor=ACTOR)[0]
    assert refusal(scene.conn, late, **{**keys, "proposal_id": bare.proposal_id}) == "payee_first_rule"


def test_consent_is_used_by_the_database_alone(scene: Scene) -> None:
    agreed = agree_to(scene.conn, scene.book, scene.unheard_payment(100))
    call = "SELECT soquy.use_proposals(ARRAY[:tenant_id], ARRAY[CAST(:book_id AS bigint)], ARRAY[CAST(1 AS bigint)])"
    assert refusal(scene.conn, call, **scene.keys) == "InsufficientPrivilege"
    agreed.insert(scene.conn)
