"""What a person finds in the demo who signs in: promises, goods, paper receipts and drafts of every kind."""

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from ledger.banking.account import bank_accounts
from ledger.books.model import Book
from ledger.calendar import today
from ledger.demo.build import SEED, founded_books
from ledger.demo.collecting import is_whole
from ledger.demo.plan import plan_province
from ledger.demo.slip import SERIES_IN_USE, SERIES_RETURNED
from ledger.demo.users import sample_users
from ledger.documents.attachment import attachments_of
from ledger.giving.block import blocks, slips
from ledger.giving.draft import drafts
from ledger.giving.goods import goods_of
from ledger.giving.pledge import ageing, pledges
from ledger.giving.queries import contributions_of
from ledger.people.consent import consents_of, in_force, public_names
from ledger.people.guardian import guardianships
from ledger.people.search import search_people
from ledger.tenancy import set_tenant
from tests.demo_province import Demo

PROVINCE = "35"


@pytest.fixture
def conn(demo: Demo) -> Iterator[Connection]:
    with demo.engine.begin() as opened:
        set_tenant(opened, demo.built.tenant_id)
        yield opened


def books_with_people(conn: Connection, demo: Demo) -> dict[str, Book]:
    codes = {user.unit.code for user in demo.built.users}
    return {code: book for code, book in founded_books(conn).items() if code in codes}


def test_pledges_are_kept_kept_in_part_waited_for_overdue_and_cancelled(conn: Connection, demo: Demo) -> None:
    for book in books_with_people(conn, demo).values():
        found = pledges(conn, book, page_size=100).rows
        assert {pledge.state for pledge in found} == {"open", "fulfilled", "cancelled"}
        assert [pledge for pledge in found if 0 < pledge.fulfilled_minor < (pledge.amount_minor or 0)]
        ages = {each.bucket for each in ageing(conn, book, as_of=today())}
        assert ages == {"not_due", "days_1_30", "days_31_90", "days_over_90"}


def test_goods_are_valued_or_counted_and_some_are_handed_over(conn: Connection, demo: Demo) -> None:
    for code, book in books_with_people(conn, demo).items():
        found = goods_of(conn, book, page_size=100).rows
        counted = [goods for goods in found if goods.value_minor is None]
        assert sorted(goods.handed_quantity * 100 // goods.quantity for goods in counted) == [0, 37, 100]
        if code == PROVINCE:
            valued = [goods for goods in found if goods.value_minor is not None]
            assert any(0 < goods.handed_quantity < goods.quantity for goods in valued)


def test_paper_receipts_are_used_void_missing_and_returned(conn: Connection, demo: Demo) -> None:
    for code, book in books_with_people(conn, demo).items():
        if code == PROVINCE:
            continue
        found = {block.series: block for block in blocks(conn, book)}
        assert set(found) == {SERIES_IN_USE, SERIES_RETURNED}
        states = {
            series: Counter(slip.state for slip in slips(conn, book, block.block_id)) for series, block in found.items()
        }
        assert set(states[SERIES_IN_USE]) == {"used", "void", "blank"}
        assert states[SERIES_RETURNED] == {"used": 15, "void": 1, "missing": 4, "returned": 5}


def test_drafts_wait_in_every_state(conn: Connection, demo: Demo) -> None:
    for book in books_with_people(conn, demo).values():
        found = drafts(conn, book, states=("open", "submitted", "posted", "discarded"))
        assert Counter(draft.state for draft in found) == {"open": 3, "submitted": 1, "discarded": 1}
        assert sum(draft.return_reason is not None for draft in found) == 1


def test_the_register_has_people_of_every_kind_and_a_child_with_who_answers_for_it(
    conn: Connection, demo: Demo
) -> None:
    for book in books_with_people(conn, demo).values():
        found = search_people(conn, book, page_size=100).rows
        assert {person.kind for person in found} == {"individual", "business", "organisation"}
        (child,) = [person for person in found if person.is_minor]
        assert [link.relation for link in guardianships(conn, book, child.person_id)] == ["parent"]
        assert in_force(consents_of(conn, book, child.person_id), "minor_data")


def test_some_agree_to_their_name_in_public_and_one_took_it_back(conn: Connection, demo: Demo) -> None:
    for book in books_with_people(conn, demo).values():
        ids = [person.person_id for person in search_people(conn, book, page_size=100).rows]
        given = [each for person_id in ids for each in consents_of(conn, book, person_id)]
        assert Counter(each.withdrawn_on is None for each in given if each.purpose == "publish_name") == {
            True: 2,
            False: 1,
        }
        assert len(public_names(conn, book, ids)) == 2


def test_gifts_are_tied_to_people_of_the_register(conn: Connection, demo: Demo) -> None:
    for book in books_with_people(conn, demo).values():
        asked = {"tenant_id": book.tenant_id, "book_id": book.book_id}
        rows = conn.execute(
            sa.text("""\
                SELECT c.name, p.name AS known_as FROM vault.contributor AS c
                JOIN vault.person AS p USING (tenant_id, person_id)
                WHERE c.tenant_id = :tenant_id AND c.book_id = :book_id"""),
            asked,
        ).all()
        assert len(rows) > 5
        assert all(row.name == row.known_as for row in rows)


def test_a_list_has_a_picture_of_itself_and_a_name_that_was_put_right(conn: Connection, demo: Demo) -> None:
    for book in books_with_people(conn, demo).values():
        asked = {"book_id": book.book_id}
        (target,) = conn.execute(
            sa.text("SELECT target_id FROM soquy.attachment WHERE book_id = :book_id"), asked
        ).one()
        (attached,) = attachments_of(conn, book, [target])
        assert (attached.kind, attached.name, attached.is_entry) == ("list", "danh-sach-mau.png", True)
        given = contributions_of(conn, book, target).rows
        assert [each.name for each in given if each.name and each.name.endswith("(mẫu, đã sửa tên)")]


def test_whoever_scans_a_demos_code_can_pay_nobody(conn: Connection) -> None:
    plan = plan_province("ha-nam", seed=SEED)
    books = founded_books(conn)
    for code, planned in plan.books.items():
        shown = bank_accounts(conn, books[code])
        assert len(shown) == is_whole(plan, planned.unit)
        for account in shown:
            assert account.bank_bin == "999999"
            assert account.number.startswith("00000000")
            assert account.holder.endswith("(MẪU)")


def test_what_people_posted_says_that_they_did(conn: Connection, demo: Demo) -> None:
    by_users = conn.execute(
        sa.text("""\
            SELECT count(*) FROM soquy.entry AS e JOIN soquy.role_grant AS g
            ON g.tenant_id = e.tenant_id AND g.user_id = e.actor_id AND g.role = 'chief_accountant'""")
    ).scalar_one()
    assert by_users > 200
    assert len(sample_users(plan_province("ha-nam", seed=SEED).scenario)) == 13
