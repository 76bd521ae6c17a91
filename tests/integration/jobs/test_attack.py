"""Plain SQL as the service's own role can add jobs, and change nothing about them but through the checked functions."""

import psycopg
import pytest
import sqlalchemy as sa

from ledger.books.model import Book
from ledger.jobs.queue import enqueue
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, make_book


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    book = make_book(connection)
    enqueue(connection, book, "test.thing", subject="thing", actor=ACTOR)
    return book


def refused(connection: sa.Connection, statement: str, **parameters: object) -> str:
    with pytest.raises(sa.exc.DBAPIError) as caught, connection.begin_nested():
        connection.execute(sa.text(statement), parameters)
    cause = caught.value.orig
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or cause.sqlstate or ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE soquy.job SET state = 'done'",
        "UPDATE soquy.job SET principal_id = gen_random_uuid()",
        "DELETE FROM soquy.job",
        "TRUNCATE soquy.job",
        "INSERT INTO soquy.job SELECT * FROM soquy.job",
        "SELECT * FROM soquy.job FOR UPDATE",
    ],
)
def test_the_service_cannot_change_a_job(connection: sa.Connection, book: Book, statement: str) -> None:
    assert refused(connection, statement) == "42501"


def test_a_job_begins_waiting(connection: sa.Connection, book: Book) -> None:
    statement = """\
        INSERT INTO soquy.job (tenant_id, job_id, book_id, kind, subject, arguments, principal_id, actor_role,
            actor_prefix, state) VALUES (:tenant_id, gen_random_uuid(), 1, 'a.b', 'x', '{}', gen_random_uuid(), 'a',
            'tk', 'done')"""
    assert refused(connection, statement, tenant_id=book.tenant_id) == "42501"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"kind": "Shout"}, "job_kind_format_check"),
        ({"subject": "Nguyễn Văn Mẫu"}, "job_subject_format_check"),
        ({"arguments": "[]"}, "job_arguments_size_check"),
        ({"actor_prefix": "xx"}, "job_actor_prefix_check"),
        ({"book_id": 0}, "job_book_fk"),
    ],
)
def test_a_job_out_of_form_is_refused(
    connection: sa.Connection, book: Book, changed: dict[str, object], rule: str
) -> None:
    row = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "kind": "test.thing",
        "subject": "other",
        "arguments": "{}",
        "actor_prefix": "tk",
    }
    statement = """\
        INSERT INTO soquy.job (tenant_id, job_id, book_id, kind, subject, arguments, principal_id, actor_role,
            actor_prefix)
        VALUES (:tenant_id, gen_random_uuid(), :book_id, :kind, :subject, CAST(:arguments AS jsonb), gen_random_uuid(),
            'treasurer', :actor_prefix)"""
    assert refused(connection, statement, **(row | changed)) == rule


def test_another_tenants_jobs_can_be_neither_seen_nor_taken(connection: sa.Connection, book: Book) -> None:
    make_book(connection)  # and go on in its tenant
    assert connection.execute(sa.text("SELECT count(*) FROM soquy.job")).scalar_one() == 0
    claim = "SELECT * FROM soquy.claim_job(:tenant_id, ARRAY['test.thing'], gen_random_uuid(), 30, 5)"
    assert refused(connection, claim, tenant_id=book.tenant_id) == "tenant_isolation"
    connection.execute(
        sa.text("SELECT soquy.cancel_job(:tenant_id, job_id) FROM (SELECT gen_random_uuid()) AS x (job_id)"),
        {"tenant_id": book.tenant_id},
    )
    set_tenant(connection, book.tenant_id)
    assert connection.execute(sa.text("SELECT state FROM soquy.job")).scalar_one() == "waiting"


def test_recent_jobs_are_not_forgotten(connection: sa.Connection, book: Book) -> None:
    assert refused(connection, "SELECT soquy.forget_jobs(29, 1000)") == "job_age_rule"
    assert connection.execute(sa.text("SELECT soquy.forget_jobs(30, 1000)")).scalar_one() == 0
