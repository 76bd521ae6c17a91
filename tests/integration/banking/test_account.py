"""The bank accounts that papers and pages ask people to pay into."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger.banking.account import BankAccount, bank_accounts, set_bank_account, withdraw_bank_account
from ledger.books.chart import open_account
from ledger.books.model import Book
from ledger.errors import FieldRefused, ReferenceUnknown, TextRefused
from tests.factories import ACTOR
from tests.integration.books.plain_sql import MARCH, Scene, make_scene, refusal, tell

SHOWN = BankAccount(account="1121A", bank_bin="970436", number="0123456789", holder="HOI KHUYEN HOC XA THU NGHIEM")


@pytest.fixture
def scene(connection: sa.Connection) -> Scene:
    return make_scene(connection)


def leaves(scene: Scene) -> list[dict[str, object]]:
    found = scene.conn.execute(
        sa.text("""\
            SELECT leaf FROM soquy.audit_entry
            WHERE book_id = :book_id AND type = 'bank_account.set' ORDER BY event_id"""),
        scene.keys,
    )
    return [dict(canonical.decode(bytes(leaf)).payload) for leaf in found.scalars()]


def test_the_newest_number_of_an_account_is_shown(scene: Scene) -> None:
    """Each change is a leaf that says which; the old numbers stay where they were."""
    conn, book = scene.conn, scene.book

    open_account(
        conn,
        book,
        account="1121B",
        parent="1121",
        name_vi="Tiền gửi",
        name_en="Bank",
        currency="VND",
        opened_on=MARCH,
        actor=ACTOR,
    )
    assert bank_accounts(conn, book) == ()
    set_bank_account(conn, book, SHOWN, actor=ACTOR)
    set_bank_account(conn, book, replace(SHOWN, number="98 7654 3210"), actor=ACTOR)
    set_bank_account(conn, book, replace(SHOWN, account="1121B", bank_bin="970405"), actor=ACTOR)
    assert bank_accounts(conn, book) == (
        replace(SHOWN, number="9876543210"),
        replace(SHOWN, account="1121B", bank_bin="970405"),
    )
    withdraw_bank_account(conn, book, "1121A", actor=ACTOR)
    assert [each.account for each in bank_accounts(conn, book)] == ["1121B"]
    assert leaves(scene) == [
        {"account": "1121A", "bank": "970436", "number": "0123456789", "version": 1},
        {"account": "1121A", "bank": "970436", "number": "9876543210", "version": 2},
        {"account": "1121B", "bank": "970405", "number": "0123456789", "version": 1},
        {"account": "1121A", "bank": None, "number": None, "version": 3},
    ]
    set_bank_account(conn, book, SHOWN, actor=ACTOR)
    assert bank_accounts(conn, book)[0] == SHOWN


def test_a_neighbours_accounts_are_not_shown(scene: Scene) -> None:
    """Each book shows its own."""
    set_bank_account(scene.conn, scene.sibling, SHOWN, actor=ACTOR)
    assert bank_accounts(scene.conn, scene.book) == ()


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"bank_bin": "97043"}, FieldRefused, "bank_bin"),
        ({"bank_bin": "97043\u0662"}, FieldRefused, "bank_bin"),
        ({"number": ""}, FieldRefused, "number"),
        ({"number": "0" * 20}, FieldRefused, "number"),
        ({"number": "01-23"}, FieldRefused, "number"),
        ({"holder": " "}, TextRefused, "holder"),
        ({"holder": "HOI\u202eXA"}, TextRefused, "holder"),
        ({"account": "1111"}, FieldRefused, "account"),
        ({"account": "1121"}, FieldRefused, "account"),
        ({"account": "1122USD"}, FieldRefused, "account"),
        ({"account": "9999"}, ReferenceUnknown, "account"),
    ],
)
def test_what_nobody_could_pay_into_is_refused(
    scene: Scene, changes: dict[str, str], error: type[Exception], field: str
) -> None:
    """Another form, an account that is no bank's, in dollars or none of the book."""
    with pytest.raises(error) as caught:
        set_bank_account(scene.conn, scene.book, replace(SHOWN, **changes), actor=ACTOR)
    assert caught.value.fields["field"] == field  # type: ignore[attr-defined]
    assert leaves(scene) == []


def test_what_is_not_shown_cannot_be_withdrawn(scene: Scene) -> None:
    """Neither twice nor before."""
    with pytest.raises(ReferenceUnknown):
        withdraw_bank_account(scene.conn, scene.book, "1121A", actor=ACTOR)


INSERT = """\
INSERT INTO soquy.bank_account (tenant_id, book_id, account, version, bank_bin, number, holder, event_id)
VALUES (:tenant_id, :book_id, :account, :version, '970436', '0123456789', 'HOI', :event_id)"""


def attack(scene: Scene, *, account: str = "1121A", version: int = 1, book: Book | None = None) -> str:
    """Insert a row whose leaf says exactly what the row does; return the rule that refuses."""
    at = book or scene.book
    payload = {"account": account, "bank": "970436", "number": "0123456789", "version": version}
    event_id = tell(scene.conn, at, "bank_account.set", payload)
    keys = {"tenant_id": at.tenant_id, "book_id": at.book_id, "account": account, "version": version}
    return refusal(scene.conn, INSERT, **keys, event_id=event_id)


def test_a_version_follows_the_last_and_the_account_is_a_banks(scene: Scene) -> None:
    """Plain SQL gets no gap, no second of a version, no till and no heading in."""
    assert attack(scene, version=2) == "bank_account_version_rule"
    assert attack(scene, version=0) == "bank_account_version_range_check"
    assert attack(scene, account="1111") == "bank_account_bank_rule"
    assert attack(scene, account="1121") == "bank_account_bank_rule"
    assert attack(scene, account="1122USD") == "bank_account_bank_rule"
    set_bank_account(scene.conn, scene.book, SHOWN, actor=ACTOR)
    assert attack(scene, version=1) == "bank_account_pk"
    assert attack(scene, version=3) == "bank_account_version_rule"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE soquy.bank_account SET number = '666' WHERE book_id = :book_id",
        "DELETE FROM soquy.bank_account WHERE book_id = :book_id",
        "UPDATE soquy.paper SET context = '{}' WHERE book_id = :book_id",
        "DELETE FROM soquy.paper WHERE book_id = :book_id",
    ],
)
def test_the_service_changes_nothing_that_was_shown_or_printed(scene: Scene, statement: str) -> None:
    """It has not the privilege."""
    set_bank_account(scene.conn, scene.book, SHOWN, actor=ACTOR)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), scene.conn.begin_nested():
        scene.conn.execute(sa.text(statement), {"book_id": scene.book.book_id})
