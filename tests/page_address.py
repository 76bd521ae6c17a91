"""Fill the parameters of a page's route with what exists in the demo's office: pages are found in the routes."""

import re
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from fastapi.routing import APIRoute

from ledger import typeid
from ledger.approvals.commands import ask
from ledger.books.model import Book
from ledger.intake.commands import take_in
from ledger.jobs.queue import enqueue
from ledger.tenancy import set_tenant
from tests.factories import ACTOR
from tests.files_taken_in import WholeWorker
from tests.integration.access.test_matrix import choices_of, params_of
from tests.list_files import HEADER, PEOPLE, xlsx
from tests.office import Office

IDS: Final = {
    "approval_id": (
        typeid.APPROVAL,
        "SELECT book_id, approval_id AS id FROM soquy.approval WHERE expires_on >= soquy.today()",
    ),
    "proposal_id": (typeid.PROPOSAL, "SELECT book_id, proposal_id AS id FROM soquy.entry_proposal"),
    "person_id": (typeid.PERSON, "SELECT book_id, person_id AS id FROM vault.person"),
    "document_id": (typeid.DOCUMENT, "SELECT book_id, document_id AS id FROM vault.document"),
    "contribution_id": (typeid.CONTRIBUTION, "SELECT book_id, contribution_id AS id FROM soquy.contribution"),
    "entry_id": (
        typeid.ENTRY,
        "SELECT book_id, entry_id AS id FROM soquy.entry JOIN soquy.collection USING (tenant_id, book_id, seq)",
    ),
    "seq": (None, "SELECT book_id, seq AS id FROM soquy.contribution"),
    "draft_id": (
        typeid.DRAFT,
        "SELECT book_id, draft_id AS id FROM vault.draft WHERE kind = 'drive' AND state = 'open'",
    ),
    "pledge_id": (typeid.PLEDGE, "SELECT book_id, pledge_id AS id FROM soquy.pledge"),
    "goods_id": (typeid.GOODS, "SELECT book_id, goods_id AS id FROM soquy.goods"),
    "block_id": (typeid.BLOCK, "SELECT book_id, block_id AS id FROM soquy.receipt_block"),
    "account": (None, "SELECT book_id, account AS id FROM soquy.account WHERE account LIKE '1121%' AND NOT is_parent"),
    "job_id": (typeid.JOB, "SELECT book_id, job_id AS id FROM soquy.job"),
    "intake_id": (typeid.INTAKE, "SELECT book_id, intake_id AS id FROM vault.intake WHERE state <> 'discarded'"),
}
"""Parameter of a path → the prefix of its id, and where one is found."""


def found_of(office: Office, name: str) -> tuple[Book, str]:
    """Return an id that a path may name, and the book it belongs to."""
    prefix, query = IDS[name]
    with office.engine.begin() as conn:
        set_tenant(conn, office.province.tenant_id)
        if name == "job_id":
            enqueue(conn, office.province, "papers.receipts", subject="seq:1", actor=ACTOR, arguments={"seq": 1})
        if name == "approval_id":
            ask(conn, office.province, "exception", typeid.new_id(), amount_minor=1_000_000, actor=ACTOR)
        if name == "intake_id":
            _take_in(conn, office.province)
        row = conn.execute(
            sa.text(f"""\
                SELECT b.tenant_id, b.book_id, b.association_id, CAST(found.id AS text) AS id FROM ({query}) AS found
                JOIN soquy.book AS b ON b.tenant_id = :tenant_id AND b.book_id = found.book_id
                ORDER BY b.book_id LIMIT 1"""),
            {"tenant_id": office.province.tenant_id},
        ).one()
    book = Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id)
    return book, row.id if prefix is None else typeid.encode(prefix, UUID(row.id))


def _take_in(conn: sa.Connection, book: Book) -> None:
    """Take a list in that is read and waits for somebody, unless one does."""
    waits = "SELECT EXISTS (SELECT FROM vault.intake WHERE book_id = :book_id AND state <> 'discarded')"
    if not conn.execute(sa.text(waits), {"book_id": book.book_id}).scalar_one():
        take_in(conn, book, kind="household", name="danh-sach.xlsx", data=xlsx([HEADER, *PEOPLE]), actor=ACTOR)
        WholeWorker(conn).work_one()


def address_of(office: Office, route: APIRoute) -> tuple[Book, str]:
    """Return the path of a page with something that exists in the place of each parameter, and whose page it is.

    A person's own devices and sessions are the exception: none has the id that stands there.
    """
    book, values = office.province, {}
    choices = {each.name: choices_of(each.field_info.annotation) for each in params_of(route.dependant, "path_params")}
    for name in re.findall(r"\{(\w+)\}", route.path):
        if name in IDS:
            book, values[name] = found_of(office, name)
        else:
            values[name] = str(choices[name][0]) if choices.get(name) else str(UUID(int=7))
    values["association_id"] = typeid.encode(typeid.ASSOCIATION, book.association_id)
    return book, route.path.format(**values)
