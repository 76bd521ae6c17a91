"""Vouchers, corrections, idempotency and leaves hold against plain SQL of the application role (I7 to I10)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.commands import issue_voucher, void_voucher
from ledger.books.model import Book, VoucherNumber
from ledger.books.posting import post
from ledger.calendar import today
from tests.factories import ACTOR, receipt
from tests.integration.books.plain_sql import MARCH, MAY, RECEIVED, Attempt, Scene, attempt, line_row, refusal, tell

ISSUE = """\
INSERT INTO soquy.voucher (tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on, event_id)
SELECT :tenant_id, :book_id, 'PT', 2024, number, CAST(:issued_on AS date), gen_random_uuid()
FROM unnest(CAST(:numbers AS integer[])) AS number"""
VOID = """\
INSERT INTO soquy.voucher_void (tenant_id, book_id, voucher_kind, fiscal_year, number, event_id)
VALUES (:tenant_id, :book_id, 'PT', 2024, :number, :event_id)"""


@pytest.mark.parametrize("numbers", ["{3}", "{2,4}", "{2,3,5}", "{0}", "{-1}", "{1}", "{2,2}"])
def test_voucher_numbers_run_without_a_gap(scene: Scene, numbers: str) -> None:
    """However many are issued at once, they follow the last one and each other."""
    refused = refusal(scene.conn, ISSUE, numbers=numbers, issued_on=MAY, **scene.keys)
    assert refused in {"voucher_number_gapless_rule", "voucher_pk", "voucher_number_range_check"}


def test_a_voucher_of_tomorrow_is_not_issued(scene: Scene) -> None:
    """The paper is not dated before its day comes."""
    issue = ISSUE.replace("2024", str((today() + timedelta(days=1)).year))
    refused = refusal(scene.conn, issue, numbers="{1}", issued_on=today() + timedelta(days=1), **scene.keys)
    assert refused == "voucher_issued_on_rule"


def test_a_voucher_of_no_book_is_not_issued(scene: Scene) -> None:
    """There is no numbering outside the books."""
    refused = refusal(scene.conn, ISSUE, numbers="{1}", issued_on=MAY, tenant_id=scene.book.tenant_id, book_id=0)
    assert refused in {"voucher_book_fk", "voucher_number_gapless_rule"}


def void_leaf(scene: Scene, number: int, type_: str = "voucher.voided", book: Book | None = None) -> object:
    return tell(scene.conn, book or scene.book, type_, {"voucher": ["PT", 2024, number]})


def test_an_executed_voucher_is_not_voided(scene: Scene) -> None:
    """What an entry executed is answered by an adjustment."""
    refused = refusal(scene.conn, VOID, number=1, event_id=void_leaf(scene, 1), **scene.keys)
    assert refused == "voucher_void_unexecuted_rule"


def test_a_voucher_never_issued_is_not_voided(scene: Scene) -> None:
    """A void cannot be prepared before the number exists."""
    assert refusal(scene.conn, VOID, number=2, event_id=void_leaf(scene, 2), **scene.keys) == "voucher_void_voucher_fk"


def test_a_void_has_a_leaf_of_its_own(scene: Scene) -> None:
    """No leaf, a leaf of another type, another book's, or one that another void has: each is refused."""
    for _ in range(2):
        issue_voucher(scene.conn, scene.book, "PT", issued_on=MAY, actor=ACTOR)
    for event_id in (typeid.new_id(), void_leaf(scene, 2, "voucher.issued")):
        refused = refusal(scene.conn, VOID, number=2, event_id=event_id, **scene.keys)
        assert refused == "voucher_void_unexecuted_rule"
    other_book = void_leaf(scene, 2, book=scene.sibling)
    assert refusal(scene.conn, VOID, number=2, event_id=other_book, **scene.keys).startswith("voucher_void_")
    event_id = void_leaf(scene, 2)
    scene.conn.execute(sa.text(VOID), {"number": 2, "event_id": event_id, **scene.keys})
    assert refusal(scene.conn, VOID, number=3, event_id=event_id, **scene.keys).startswith("voucher_void_")


def test_a_voided_voucher_is_not_voided_again_nor_executed_nor_issued_again(scene: Scene) -> None:
    """A void number is used for ever."""
    voucher = issue_voucher(scene.conn, scene.book, "PT", issued_on=MAY, actor=ACTOR)
    void_voucher(scene.conn, scene.book, voucher, reason="Viết sai", actor=ACTOR)
    assert refusal(scene.conn, VOID, number=2, event_id=void_leaf(scene, 2), **scene.keys) == "voucher_void_pk"
    executed = scene.attempt(number=2)
    executed.voucher.clear()
    assert refusal(scene.conn, executed) == "entry_voucher_void_rule"
    issued = refusal(scene.conn, ISSUE, numbers="{2}", issued_on=MAY, **scene.keys)
    assert issued in {"voucher_pk", "voucher_number_gapless_rule"}


def test_a_voucher_is_executed_once(scene: Scene) -> None:
    """A second entry cannot name the voucher of the first."""
    again = scene.attempt(number=1)
    again.voucher.clear()
    assert refusal(scene.conn, again) == "entry_voucher_unique"


def test_an_opening_entry_is_no_way_round_vouchers(scene: Scene) -> None:
    """Money that moves after the day the book opened has a voucher, whatever the entry calls itself."""
    disguised = scene.attempt(line_row("1111", -5), line_row("35381", 5))
    disguised.voucher.clear()
    disguised.entry[0].update(kind="opening", voucher_kind=None, fiscal_year=None, voucher_number=None)
    assert refusal(scene.conn, disguised).startswith("entry_")


MIRROR = (line_row("1111", -RECEIVED), line_row("35381", RECEIVED))


def correction(scene: Scene, kind: str = "reversal", *, on: date = MAY, corrects_seq: int | None = 1) -> Attempt:
    return scene.attempt(*MIRROR, on=on, number=1, voucher_kind="DC", kind=kind, corrects_seq=corrects_seq)


def test_a_right_reversal_by_plain_sql_is_taken(scene: Scene) -> None:
    """What the attacks below start from is no attack."""
    correction(scene).insert(scene.conn)
    kinds = sa.text("SELECT kind FROM soquy.entry WHERE book_id = :book_id ORDER BY seq")
    assert scene.conn.execute(kinds, scene.keys).scalars().all()[-1] == "reversal"


def other_lines(attack: Attempt) -> None:
    for row, value in zip(attack.posting, (-5, 5), strict=True):
        row.update(value_minor=value, amount_minor=value)


def other_account(attack: Attempt) -> None:
    attack.posting[0]["account"] = "1411"


def with_channel(attack: Attempt) -> None:
    attack.posting[1]["channel"] = "household"


def swapped(attack: Attempt) -> None:
    for row in attack.posting:
        row["line"] = 3 - row["line"]


def longer(attack: Attempt) -> None:
    attack.entry[0]["line_count"] = 4
    attack.posting += [{**row, "line": row["line"] + 2} for row in attack.posting]
    for row, value in zip(attack.posting[2:], (-5, 5), strict=True):
        row.update(value_minor=value, amount_minor=value)


def ordinary_voucher(attack: Attempt) -> None:
    attack.entry[0]["voucher_kind"] = attack.voucher[0]["voucher_kind"] = "KT"


def names_nothing(attack: Attempt) -> None:
    attack.entry[0]["corrects_seq"] = None


def names_itself(attack: Attempt) -> None:
    attack.entry[0]["corrects_seq"] = 2


def names_the_future(attack: Attempt) -> None:
    attack.entry[0]["corrects_seq"] = 3


def names_none(attack: Attempt) -> None:
    attack.entry[0]["corrects_seq"] = 0


def before(attack: Attempt) -> None:
    for row in (*attack.entry, *attack.posting):
        row["entry_on"] = MARCH - timedelta(days=1)
    attack.voucher[0]["issued_on"] = MARCH - timedelta(days=1)


REVERSALS: dict[str, tuple[Callable[[Attempt], None], str]] = {
    "other amounts": (other_lines, "entry_corrects_mirror_rule"),
    "another account": (other_account, "entry_corrects_mirror_rule"),
    "another channel": (with_channel, "entry_corrects_mirror_rule"),
    "lines in another order": (swapped, "entry_corrects_mirror_rule"),
    "lines of its own as well": (longer, "entry_corrects_mirror_rule|day_total_overdraft_rule"),
    "an ordinary voucher": (ordinary_voucher, "entry_corrects_voucher_check"),
    "naming nothing": (names_nothing, "entry_corrects_given_check"),
    "naming itself": (names_itself, "entry_corrects_order_check"),
    "naming a later entry": (names_the_future, "entry_corrects_order_check"),
    "naming an entry that is none": (names_none, "entry_corrects_mirror_rule"),
    "dated before what it corrects": (before, "entry_corrects_mirror_rule|day_total_overdraft_rule"),
}


@pytest.mark.parametrize(("attack", "rule"), REVERSALS.values(), ids=REVERSALS.keys())
def test_a_reversal_is_the_mirror_of_what_it_names(scene: Scene, attack: Callable[[Attempt], None], rule: str) -> None:
    """A reversal that is not exactly the mirror of an earlier entry of its book is refused."""
    wrong = correction(scene)
    attack(wrong)
    assert refusal(scene.conn, wrong) in rule.split("|")


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(scene: Scene) -> None:
    """A second reversal, and the reversal of a reversal, are refused."""
    correction(scene).insert(scene.conn)
    post(scene.conn, scene.book, [receipt(RECEIVED, MAY)], actor=ACTOR)
    second = {"seq": 4, "on": MAY, "number": 2, "voucher_kind": "DC", "kind": "reversal"}
    twice = attempt(scene.book, corrects_seq=1, lines=MIRROR, **second)  # type: ignore[arg-type]
    assert refusal(scene.conn, twice) == "entry_reversal_unique"
    back = (line_row("1111", RECEIVED), line_row("35381", -RECEIVED))
    again = attempt(scene.book, corrects_seq=2, lines=back, **second)  # type: ignore[arg-type]
    assert refusal(scene.conn, again) == "entry_corrects_mirror_rule"


def test_another_books_entry_is_not_corrected(scene: Scene) -> None:
    """A correction names an entry of its own book; seq 1 of a neighbour is not it."""
    wrong = attempt(scene.sibling, seq=1, on=MAY, number=1, voucher_kind="DC", kind="reversal", corrects_seq=0)
    assert refusal(scene.conn, wrong) == "entry_corrects_mirror_rule"


def test_a_key_is_kept_once_for_ever(scene: Scene) -> None:
    """The same key of the same principal has one row, which is never changed."""
    remember = """\
        INSERT INTO soquy.idempotency (tenant_id, principal_id, key, request_hash, result)
        VALUES (:tenant_id, :principal_id, 'k', CAST(repeat('x', 32) AS bytea), '{}')"""
    values = {"tenant_id": scene.book.tenant_id, "principal_id": typeid.new_id()}
    scene.conn.execute(sa.text(remember), values)
    assert refusal(scene.conn, remember, **values) == "idempotency_pk"
    assert refusal(scene.conn, remember.replace("'k'", "''"), **values) == "idempotency_key_format_check"
    assert refusal(scene.conn, remember.replace("32", "31"), **values) == "idempotency_hash_size_check"


def test_an_issued_voucher_may_be_executed_by_plain_sql(scene: Scene) -> None:
    """Issue first, execute later is the ordinary way of the paper."""
    assert issue_voucher(scene.conn, scene.book, "PT", issued_on=MARCH, actor=ACTOR) == VoucherNumber(
        kind="PT", fiscal_year=2024, number=2
    )
    executed = scene.attempt(number=2)
    executed.voucher.clear()
    executed.insert(scene.conn)
