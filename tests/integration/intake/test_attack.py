"""What the application's own role cannot do with files by plain SQL, whatever the program may have wrong."""

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.event import record_event
from ledger.books.posting import post
from tests.factories import ACTOR, make_tenant, receipt
from tests.integration.intake.conftest import ON, Office
from tests.list_files import HEADER, PEOPLE, xlsx

ROWS: list[list[Any]] = [HEADER, *PEOPLE]


def refused(office: Office, statement: str, **more: object) -> str:
    """Return the rule, or the SQLSTATE, that a statement of the application's role breaks."""
    with pytest.raises(sa.exc.DBAPIError) as caught:
        office.ask(statement, **more)
    cause = caught.value.orig
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or cause.sqlstate or ""


NO_RIGHT = "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault.intake SET state = 'posted'",
        "DELETE FROM vault.intake",
        "UPDATE vault.intake_line SET amount_minor = 1",
        "UPDATE vault.intake_line SET is_left_out = true",
        "DELETE FROM vault.intake_line",
        "DELETE FROM vault.intake_page",
        "SELECT sealed FROM vault.intake_page",
        "UPDATE vault.intake_decision SET reason = 'x'",
        "DELETE FROM vault.intake_decision",
        """\
        INSERT INTO vault.intake_decision (tenant_id, decision_id, intake_id, is_left_out, rows, reason, decided_by)
        SELECT tenant_id, intake_id, intake_id, true, '{2}', 'x', intake_id FROM vault.intake""",
        "DELETE FROM vault.intake_digest",
        "UPDATE soquy.intake_posting SET total_minor = 1",
        "DELETE FROM soquy.intake_posting",
        "TRUNCATE soquy.intake_posting",
        "DELETE FROM soquy.intake_reversal",
    ],
)
def test_the_service_has_no_right_to_change_or_take_away(office: Office, statement: str) -> None:
    office.post(office.ready(xlsx(ROWS)))
    assert refused(office, statement) == NO_RIGHT


CHANGE = """\
SELECT vault.change_intake(:tenant_id, :book_id, intake_id, version, jsonb_build_object('state', CAST(:state AS text)),
    intake_id) FROM vault.intake"""


@pytest.mark.parametrize("state", ["ready", "posting", "posted", "reversed", "read"])
def test_a_mapped_file_takes_no_step_that_the_machine_has_not(office: Office, state: str) -> None:
    office.map(office.take_in(xlsx(ROWS)))
    expected = {"ready": "intake_facts_given_check"}
    assert refused(office, CHANGE, state=state) == expected.get(state, "intake_step_rule")


def test_a_file_is_not_posted_without_its_evidence(office: Office) -> None:
    office.hand_over(office.ready(xlsx(ROWS)))
    assert refused(office, CHANGE, state="posted") == "intake_evidence_rule"


def test_what_was_decided_stands_still_from_posting_on(office: Office) -> None:
    office.hand_over(office.ready(xlsx(ROWS)))
    change = CHANGE.replace("jsonb_build_object('state', CAST(:state AS text))", "'{\"mapping\": {}}'")
    assert refused(office, change) == "intake_settled_rule"
    decide = """\
        SELECT vault.decide_intake(:tenant_id, :book_id, intake_id, intake_id, '{2}', true, 'x', intake_id)
        FROM vault.intake"""
    assert refused(office, decide) == "intake_settled_rule"
    clear = "SELECT vault.clear_intake(:tenant_id, :book_id, intake_id, true) FROM vault.intake"
    assert refused(office, clear) == "intake_settled_rule"


def test_rows_come_only_while_a_file_is_read_or_mapped(office: Office) -> None:
    office.post(office.ready(xlsx(ROWS)))
    line = """\
        INSERT INTO vault.intake_line (tenant_id, intake_id, row, verdict, name, detail, amount_minor, is_anonymous)
        SELECT tenant_id, intake_id, 99, 'ok', 'x', '', 1, false FROM vault.intake"""
    assert refused(office, line) == "intake_line_state_rule"
    page = """\
        INSERT INTO vault.intake_page (tenant_id, intake_id, page, sealed, key_id)
        SELECT i.tenant_id, i.intake_id, 5, decode(repeat('00', 40), 'hex'), k.key_id
        FROM vault.intake AS i JOIN vault.data_key AS k USING (tenant_id) LIMIT 1"""
    assert refused(office, page) == "intake_page_state_rule"


POSTING = """\
INSERT INTO soquy.intake_posting (tenant_id, intake_id, book_id, seq, row_count, total_minor, rows, left_out_count,
    event_id)
VALUES (:tenant_id, :intake_id, :book_id, 1, :row_count, :total, CAST(:rows AS integer[]), 0, :event_id) RETURNING 1"""


def told(office: Office, found: Any, *, rows: int = 3, total: int = 500_000, with_document: bool = True) -> Any:
    """Post an entry of no contributions, and a leaf that says a file became it."""
    with office.engine.connect() as conn, conn.begin():
        conn.execute(sa.text("SELECT set_config('soquy.tenant_id', :t, true)"), {"t": str(office.book.tenant_id)})
        entry = post(conn, office.book, [receipt(500_000, ON)], actor=ACTOR).entries[0]
        payload: dict[str, Any] = {
            "entry": typeid.encode(typeid.ENTRY, entry.entry_id),
            "file": typeid.encode(typeid.INTAKE, found.intake_id),
            "rows": rows,
            "total": total,
        }
        documents = [("list", "0" * 64)] if with_document else []
        event_id = record_event(conn, office.book, "intake.posted", payload, actor=ACTOR, documents=documents)
        values = {
            "tenant_id": office.book.tenant_id,
            "book_id": office.book.book_id,
            "intake_id": found.intake_id,
            "row_count": 3,
            "total": 500_000,
            "rows": "{2,3,4}",
            "event_id": event_id,
        }
        with pytest.raises(sa.exc.DBAPIError) as caught:
            conn.execute(sa.text(POSTING), values)
        cause = caught.value.orig
        assert isinstance(cause, psycopg.Error)
        return cause.diag.constraint_name


@pytest.mark.parametrize("more", [{"rows": 4}, {"total": 1}, {"with_document": False}])
def test_a_posting_says_exactly_what_its_leaf_says(office: Office, more: Any) -> None:
    assert told(office, office.hand_over(office.ready(xlsx(ROWS))), **more) == "intake_posting_leaf_given_rule"


def test_an_entry_that_is_not_the_files_list_is_not_what_it_became(office: Office) -> None:
    assert told(office, office.hand_over(office.ready(xlsx(ROWS)))) == "intake_posting_list_rule"


def test_a_posting_without_a_leaf_is_refused(office: Office) -> None:
    found = office.post(office.ready(xlsx(ROWS)))
    more = {"row_count": 3, "total": 500_000, "rows": "{2,3,4}", "event_id": found.intake_id}
    statement = POSTING.replace("1, :row_count", "2, :row_count")
    assert refused(office, statement, intake_id=found.document_id, **more) == "intake_posting_leaf_given_rule"


def test_a_reversal_without_its_entry_or_leaf_is_refused(office: Office) -> None:
    found = office.post(office.ready(xlsx(ROWS)))
    statement = """\
        INSERT INTO soquy.intake_reversal (tenant_id, intake_id, book_id, seq, event_id)
        SELECT tenant_id, intake_id, book_id, seq, event_id FROM soquy.intake_posting RETURNING 1"""
    assert refused(office, statement) == "intake_reversal_leaf_given_rule"
    assert office.find(found.intake_id).state == "posted"


@pytest.mark.parametrize(
    "call",
    [
        "vault.open_intake(:tenant_id, :book_id, :intake_id)",
        "vault.intake_pages(:tenant_id, :book_id, :intake_id, '{0}')",
    ],
)
def test_another_tenant_or_book_sees_nothing(office: Office, call: str) -> None:
    found = office.map(office.take_in(xlsx(ROWS)))
    with office.engine.begin() as conn:
        stranger = make_tenant(conn)
        for table in ("intake", "intake_line", "intake_decision", "intake_digest"):
            assert conn.execute(sa.text(f"SELECT count(*) FROM vault.{table}")).scalar_one() == 0
        asked = {"tenant_id": office.book.tenant_id, "book_id": office.book.book_id, "intake_id": found.intake_id}
        assert conn.execute(sa.text(f"SELECT * FROM {call}"), asked).all() == []
        asked["tenant_id"] = stranger
        assert conn.execute(sa.text(f"SELECT * FROM {call}"), asked).all() == []
    other = {"tenant_id": office.book.tenant_id, "book_id": office.other.book_id, "intake_id": found.intake_id}
    assert office.ask(f"SELECT * FROM {call}", **other) == []
