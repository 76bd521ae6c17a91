"""The rules of awards by plain SQL, as the application's own role."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from audit.jcs import Json
from ledger import typeid
from ledger.approvals.commands import ask
from ledger.awards.decision import withdraw_list
from ledger.books.event import record_event
from ledger.books.taking import take_book
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from tests.factories import ACTOR, make_book
from tests.integration.awards.conftest import Commune, pupil


def insert(table: str, *columns: str) -> str:
    """Return the INSERT of one row; a table of another schema is named with it."""
    name = table if "." in table else f"soquy.{table}"
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"


def refused(commune: Commune, table: str, **row: Any) -> str:
    """Insert a row of an intruder and return the rule that refused it."""
    used = {"tenant_id": commune.book.tenant_id, "book_id": commune.book.book_id, **row}
    with pytest.raises(DatabaseError) as caught, commune.conn.begin_nested():
        commune.conn.execute(sa.text(insert(table, *used)), used)
    return str(getattr(caught.value.orig, "diag", None) and caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def leaf(commune: Commune, type_: str, payload: Mapping[str, Json], **more: Any) -> UUID:
    """Append a leaf that says what the intruder wants it to say; the book is taken."""
    take_book(commune.conn, commune.book)
    return record_event(commune.conn, commune.book, type_, payload, actor=ACTOR, **more)


PLANNED: dict[str, Json] = {
    "program": "HB",
    "year": 2024,
    "version": 2,
    "category": "scholarship",
    "fund": "QC",
    "budget_minor": 5,
}
OPENED: dict[str, Json] = {
    "program": "HB",
    "year": 2024,
    "period": "2024-2025",
    "fund": "QC",
    "collect_by": "2024-12-31",
}


def test_a_plan_has_a_leaf_that_says_the_same_and_follows_the_one_before(commune: Commune) -> None:
    event_id = leaf(commune, "program.planned", PLANNED)
    for changes in ({"budget_minor": 6}, {"version": 3}, {"category": "aid"}, {"event_id": typeid.new_id()}):
        row = {**PLANNED, "event_id": event_id, **changes}
        assert refused(commune, "program_plan", **row) == "program_plan_leaf_given_rule", changes
    skipped = {**PLANNED, "version": 4}
    event_id = leaf(commune, "program.planned", skipped)
    assert refused(commune, "program_plan", **skipped, event_id=event_id) == "program_plan_version_rule"


def test_a_round_has_a_leaf_that_says_the_same_and_a_plan(commune: Commune) -> None:
    round_id = leaf(commune, "round.opened", OPENED)
    for changes in ({"period": "2024"}, {"collect_by": "2025-12-31"}, {"round_id": typeid.new_id()}):
        row = {**OPENED, "round_id": round_id, "name_vi": "Đợt", **changes}
        assert refused(commune, "award_round", **row) == "award_round_leaf_given_rule", changes
    unplanned = {**OPENED, "year": 2025}
    round_id = leaf(commune, "round.opened", unplanned)
    assert refused(commune, "award_round", **unplanned, round_id=round_id, name_vi="Đợt") == "award_round_planned_rule"


@pytest.mark.parametrize(
    "table",
    [
        "program_plan",
        "award_round",
        "award_list",
        "award",
        "award_decision",
        "award_list_withdrawal",
        "award_payment",
        "award_sitting",
        "award_collection",
    ],
)
def test_what_was_recorded_stays(commune: Commune, table: str) -> None:
    for statement in (
        f"UPDATE soquy.{table} SET book_id = book_id",
        f"DELETE FROM soquy.{table}",
        f"TRUNCATE soquy.{table}",
    ):
        with pytest.raises(DatabaseError), commune.conn.begin_nested():
            commune.conn.execute(sa.text(statement))


@dataclass(kw_only=True)
class Laid:
    """A list by plain SQL, each part of which an intruder may change before it goes in."""

    commune: Commune
    round_id: UUID
    count: int = 2
    told: dict[str, Json] = field(default_factory=dict)
    list_id: UUID = field(init=False)
    ids: list[UUID] = field(init=False)

    def __post_init__(self) -> None:
        payload = {
            "round": typeid.encode(typeid.ROUND, self.round_id),
            "version": 1,
            "awards": self.count,
            "total_minor": 500_000 * self.count,
            **self.told,
        }
        self.list_id = leaf(self.commune, "round.listed", payload)
        self.ids = [self.award_leaf(line) for line in range(1, self.count + 1)]

    def award_leaf(self, line: int, *, private: Collection[str] = ("amount", "beneficiary")) -> UUID:
        named = dict.fromkeys(private, "x")
        payload: dict[str, Json] = {
            "list": typeid.encode(typeid.AWARD_LIST, self.list_id),
            "line": line,
            "of": self.count,
        }
        return leaf(self.commune, "award.listed", payload, private=named)

    def claim(self, index: int, **changes: Any) -> dict[str, Any]:
        identity = bytes([index]) * 32
        row = {"tenant_id": self.commune.book.tenant_id, "program": "HB", "period": "2024-2025", "ordinal": 1}
        return {**row, "identity": identity, "award_id": self.ids[index], **changes}

    def beneficiary(self, index: int, **changes: Any) -> dict[str, Any]:
        draft = PersonDraft(name=f"Nguyễn Thị Thử {index}", birth_year=2012)
        person_id = add_person(self.commune.conn, self.commune.book, draft, actor=ACTOR)
        home = {"tenant_id": self.commune.book.tenant_id, "book_id": self.commune.book.book_id}
        facts = {"name": draft.name, "birth_year": 2012, "class_name": "7A", "school": "THCS Mẫu"}
        return {**home, "award_id": self.ids[index], "person_id": person_id, **facts, **changes}

    def keep(self, *, besides: int = -1) -> None:
        """Keep in the vault what belongs to each award, but for one."""
        for index in range(self.count):
            if index != besides:
                put(self.commune, "vault.award_claim", self.claim(index))
                put(self.commune, "vault.beneficiary", self.beneficiary(index))

    def awards(self, *lines: int, **changes: Any) -> None:
        """Insert the awards of some lines in one statement."""
        home = {"t": self.commune.book.tenant_id, "b": self.commune.book.book_id, "l": self.list_id, "n": self.count}
        rows = {"ids": [self.ids[line - 1] for line in lines], "lines": list(lines), "amount": 500_000}
        query = """\
            INSERT INTO soquy.award (tenant_id, book_id, list_id, line_count, award_id, line, amount_minor)
            SELECT :t, :b, :l, :n, a.*, :amount
            FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS integer[])) AS a"""
        self.commune.conn.execute(sa.text(query), {**home, **rows, **changes})

    def awards_refused(self, *lines: int, **changes: Any) -> str:
        with pytest.raises(DatabaseError) as caught, self.commune.conn.begin_nested():
            self.awards(*lines, **changes)
        return str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]

    def row(self, **changes: Any) -> dict[str, Any]:
        facts = {"version": 1, "award_count": self.count, "total_minor": 500_000 * self.count}
        return {"list_id": self.list_id, "round_id": self.round_id, **facts, **changes}


def put(commune: Commune, table: str, row: Mapping[str, Any]) -> None:
    commune.conn.execute(sa.text(insert(table, *row)), row)


def vault_refused(commune: Commune, table: str, row: Mapping[str, Any]) -> str:
    with pytest.raises(DatabaseError) as caught, commune.conn.begin_nested():
        put(commune, table, row)
    return str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def test_a_list_laid_right_goes_in(commune: Commune) -> None:
    """The other tests change one thing of this one."""
    laid = Laid(commune=commune, round_id=commune.open())
    laid.keep()
    laid.awards(1, 2)
    home = {"tenant_id": commune.book.tenant_id, "book_id": commune.book.book_id}
    put(commune, "soquy.award_list", {**home, **laid.row()})
    assert commune.state(laid.list_id) == "listed"


def test_awards_come_all_at_once_and_add_up_to_what_the_lists_leaf_says(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    laid.keep()
    assert laid.awards_refused(1) == "award_lines_complete_rule"
    assert laid.awards_refused(1, 2, amount=400_000) == "award_lines_complete_rule"
    assert laid.awards_refused(1, 2, amount=None) == "award_lines_complete_rule"
    assert laid.awards_refused(1, 2, l=typeid.new_id()) == "award_list_told_rule"
    elsewhere = Laid(commune=commune, round_id=typeid.new_id())
    assert elsewhere.awards_refused(1, 2) == "award_list_told_rule"


def test_an_award_has_a_leaf_that_commits_to_whom_and_how_much(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    for wrong in (laid.award_leaf(2), laid.award_leaf(1, private=["amount"])):
        laid.ids[0] = wrong
        assert laid.awards_refused(1, 2) == "award_leaf_given_rule"
    laid.ids[0] = laid.list_id
    assert laid.awards_refused(1, 2) == "award_leaf_given_rule"


def test_an_award_is_of_somebody_who_has_claimed_nothing_else(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    laid.keep(besides=1)
    assert laid.awards_refused(1, 2) == "award_vault_rule", "nobody is kept"
    put(commune, "vault.beneficiary", laid.beneficiary(1))
    assert laid.awards_refused(1, 2) == "award_vault_rule", "nothing is claimed"
    put(commune, "vault.award_claim", laid.claim(1, period="1999"))
    assert laid.awards_refused(1, 2) == "award_vault_rule", "of another period"


def test_a_pupil_has_a_school(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    laid.keep(besides=1)
    put(commune, "vault.award_claim", laid.claim(1))
    nowhere = laid.beneficiary(1, class_name=None)
    assert vault_refused(commune, "vault.beneficiary", nowhere) == "beneficiary_school_given_check"
    put(commune, "vault.beneficiary", {**nowhere, "school": None})
    assert laid.awards_refused(1, 2) == "award_school_rule"


def test_a_claim_is_of_a_new_award_and_comes_once(commune: Commune) -> None:
    listed = commune.submit(commune.open(), pupil())
    query = "SELECT identity FROM vault.award_claim WHERE tenant_id = :t"
    identity = commune.conn.execute(sa.text(query), {"t": commune.book.tenant_id}).scalar_one()
    laid = Laid(commune=commune, round_id=commune.open())
    for changes, rule in (
        ({"identity": identity}, "award_claim_pk"),
        ({"identity": identity, "ordinal": 2}, "award_claim_once_rule"),
        ({"ordinal": 2}, "award_claim_once_rule"),
        ({"award_id": laid.list_id}, "award_claim_first_rule"),
        ({"award_id": typeid.new_id()}, "award_claim_first_rule"),
        ({"identity": b"x"}, "award_claim_identity_size_check"),
    ):
        assert vault_refused(commune, "vault.award_claim", laid.claim(0, **changes)) == rule, changes
    put(commune, "vault.award_claim", laid.claim(0))
    twice = laid.claim(1, identity=laid.claim(0)["identity"], ordinal=2)
    assert vault_refused(commune, "vault.award_claim", twice) == "award_claim_once_rule"
    withdraw_list(commune.conn, commune.book, listed.list_id, reason="Thiếu", actor=ACTOR)
    put(commune, "vault.award_claim", laid.claim(1, identity=identity, ordinal=2))


def test_who_an_award_is_for_is_of_the_books_register_and_comes_before_its_row(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    right = laid.beneficiary(0)
    neighbour = make_book(commune.conn, tenant_id=commune.book.tenant_id)
    stranger = add_person(commune.conn, neighbour, PersonDraft(name="Người Lạ"), actor=ACTOR)
    for changes, rule in (
        ({"person_id": stranger}, "beneficiary_person_rule"),
        ({"person_id": typeid.new_id()}, "beneficiary_person_rule"),
        ({"award_id": laid.list_id}, "beneficiary_first_rule"),
        ({"book_id": neighbour.book_id}, "beneficiary_first_rule"),
    ):
        assert vault_refused(commune, "vault.beneficiary", {**right, **changes}) == rule, changes
    laid.keep()
    laid.awards(1, 2)
    assert vault_refused(commune, "vault.beneficiary", right) == "beneficiary_pk"


def test_a_lists_row_says_what_its_leaf_says_and_follows_what_is_over(commune: Commune) -> None:
    laid = Laid(commune=commune, round_id=commune.open())
    assert refused(commune, "award_list", **laid.row()) == "award_list_awards_rule"
    laid.keep()
    laid.awards(1, 2)
    for changes in ({"total_minor": 7}, {"award_count": 3}, {"version": 2}, {"round_id": commune.open()}):
        assert refused(commune, "award_list", **laid.row(**changes)) == "award_list_leaf_given_rule", changes
    skipped = Laid(commune=commune, round_id=commune.open(), told={"version": 2})
    assert refused(commune, "award_list", **skipped.row(version=2)) == "award_list_version_rule"
    followed = commune.open()
    commune.submit(followed, pupil())
    second = Laid(commune=commune, round_id=followed, told={"version": 2})
    assert refused(commune, "award_list", **second.row(version=2)) == "award_list_alone_rule"


def decided(commune: Commune, list_id: UUID, *, decided_on: str = "2024-08-15", **more: Any) -> UUID:
    payload: dict[str, Json] = {"list": typeid.encode(typeid.AWARD_LIST, list_id), "decided_on": decided_on}
    return leaf(commune, "round.decided", payload, **{"private": {"number": "1"}, **more})


def test_a_decision_has_its_leaf_a_number_and_a_list_that_is_not_over(commune: Commune) -> None:
    list_id, gone = (commune.submit(commune.open(), pupil(name)).list_id for name in ("Thử", "Mẫu"))
    withdraw_list(commune.conn, commune.book, gone, reason="Thiếu", actor=ACTOR)
    row = {"list_id": list_id, "decided_on": "2024-08-15", "number": "1"}
    for changes in (
        {"event_id": typeid.new_id()},
        {"event_id": decided(commune, gone)},
        {"event_id": decided(commune, list_id, private={})},
        {"event_id": decided(commune, list_id), "decided_on": "2024-08-16"},
    ):
        assert refused(commune, "award_decision", **{**row, **changes}) == "award_decision_leaf_given_rule", changes
    for list_, day, number in (
        (gone, "2024-08-15", "1"),
        (list_id, "2024-08-15", None),
        (list_id, "2024-08-15", " "),
        (list_id, "2999-01-01", "1"),
    ):
        event_id = decided(commune, list_, decided_on=day)
        tried = {"list_id": list_, "decided_on": day, "number": number, "event_id": event_id}
        assert refused(commune, "award_decision", **tried) == "award_decision_list_rule", tried


def test_a_number_is_taken_however_it_is_spelled(commune: Commune) -> None:
    first, second = (commune.submit(commune.open(), pupil(name)).list_id for name in ("Thử", "Mẫu"))
    commune.decide(first, "12/QĐ-ƯỚC")
    for number in ("12/qđ-ước", "1 2/QĐ-Ước", "12/QĐ-ƯỚC"):
        row = {"list_id": second, "decided_on": "2024-08-15", "number": number}
        rule = refused(commune, "award_decision", **row, event_id=decided(commune, second))
        assert rule == "award_decision_number_unique", number


def test_a_list_is_taken_back_with_its_leaf_when_nobody_is_asked_any_more(commune: Commune) -> None:
    list_id, asked = commune.asked()

    def told(of: UUID) -> UUID:
        return leaf(commune, "round.list_withdrawn", {"list": typeid.encode(typeid.AWARD_LIST, of)})

    for event_id in (typeid.new_id(), told(typeid.new_id())):
        rule = refused(commune, "award_list_withdrawal", list_id=list_id, event_id=event_id)
        assert rule == "award_list_withdrawal_leaf_given_rule"
    for _ in range(2):
        rule = refused(commune, "award_list_withdrawal", list_id=list_id, event_id=told(list_id))
        assert rule == "award_list_withdrawal_asked_rule"
        if commune.state(list_id) == "asked":
            commune.approve(asked)


def ask_refused(commune: Commune, list_id: UUID, amount_minor: int = 500_000) -> str:
    """Ask for consent as any room may; return the rule that refused it."""
    with pytest.raises(DatabaseError) as caught, commune.conn.begin_nested():
        ask(commune.conn, commune.book, "round", list_id, amount_minor=amount_minor, actor=ACTOR)
    return str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def test_consent_to_a_round_is_to_a_decided_list_and_all_of_it(commune: Commune) -> None:
    list_id = commune.submit(commune.open(), pupil()).list_id
    assert ask_refused(commune, list_id) == "approval_round_rule"
    commune.decide(list_id)
    assert ask_refused(commune, list_id, 400_000) == "approval_round_rule"
    assert ask_refused(commune, typeid.new_id()) == "approval_round_rule"
    withdraw_list(commune.conn, commune.book, list_id, reason="Thiếu", actor=ACTOR)
    assert ask_refused(commune, list_id) == "approval_round_rule"


def test_nobody_says_that_a_list_is_paid_but_what_pays_it(commune: Commune) -> None:
    list_id, asked = commune.asked()
    commune.approve(asked)
    row = {"list_id": list_id, "seq": 1}
    assert refused(commune, "award_payment", **row) == "None", "the application may not"
    call = "SELECT soquy.pay_award_list(:t, :b, :l, 1)"
    used = {"t": commune.book.tenant_id, "b": commune.book.book_id, "l": list_id}
    with pytest.raises(DatabaseError), commune.conn.begin_nested():
        commune.conn.execute(sa.text(call), used)
