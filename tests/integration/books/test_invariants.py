"""The rules of the books hold against the application role itself, with plain SQL and nothing of ours in between.

Each attack is one row of a table: what it changes about a right entry, and the rule that refuses it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.chart import close_account, close_fund, open_account, open_fund
from ledger.books.commands import lock_months
from ledger.calendar import today
from tests.factories import ACTOR, GENERAL, TET
from tests.integration.books.plain_sql import (
    MARCH,
    MAY,
    RECEIVED,
    Attempt,
    Scene,
    agree_to,
    attempt,
    line_row,
    refusal,
    tell,
)


def test_a_right_entry_by_plain_sql_is_taken(scene: Scene) -> None:
    """What the attacks start from is no attack: the rules refuse what they should, not everything."""
    scene.attempt().insert(scene.conn)
    assert (
        scene.conn.execute(
            sa.text("SELECT last_seq FROM soquy.book_head WHERE book_id = :book_id"), scene.keys
        ).scalar()
        == 2
    )


Attack = Callable[[Attempt], object]


def clear(table: str, attack: Attempt) -> None:
    getattr(attack, table).clear()


def drop_last_line(attack: Attempt) -> None:
    attack.posting.pop()


def add_line(attack: Attempt) -> None:
    attack.posting.append({**attack.posting[-1], "line": 3})


def change(table: str, index: int, attack: Attempt, **values: Any) -> None:
    getattr(attack, table)[index].update(values)


def entry(**values: Any) -> Attack:
    return partial(change, "entry", 0, **values)


def line(index: int, **values: Any) -> Attack:
    return partial(change, "posting", index, **values)


def leaf(**values: Any) -> Attack:
    return partial(change, "audit_entry", 0, **values)


def voucher(**values: Any) -> Attack:
    return partial(change, "voucher", 0, **values)


def both_lines(**values: object) -> Attack:
    def attack(target: Attempt) -> None:
        for row in target.posting:
            row.update(values)

    return attack


def scaled(value_minor: int) -> Attack:
    def attack(target: Attempt) -> None:
        for row, sign in zip(target.posting, (1, -1), strict=True):
            row.update(value_minor=sign * value_minor, amount_minor=sign * value_minor)

    return attack


def many_lines(count: int) -> Attack:
    def attack(target: Attempt) -> None:
        first, second = target.posting
        target.posting[:] = [{**(first, second)[index % 2], "line": index + 1} for index in range(count)]
        target.entry[0]["line_count"] = count

    return attack


def from_the_second_line(attack: Attempt) -> None:
    for row in attack.posting:
        row["line"] += 1


def one_line(attack: Attempt) -> None:
    attack.posting.pop()
    attack.entry[0]["line_count"] = 1


def unissued(attack: Attempt) -> None:
    attack.voucher.clear()
    attack.entry[0]["voucher_number"] = 99


JOURNAL_ATTACKS: list[tuple[str, Attack, str]] = [
    # I1: an entry is whole, balanced, and numbered on from the last one.
    ("no postings", partial(clear, "posting"), "entry_postings_given_rule"),
    ("no leaf", partial(clear, "audit_entry"), "entry_leaf_given_rule"),
    ("no voucher", entry(voucher_kind=None, fiscal_year=None, voucher_number=None), "entry_voucher_given_check"),
    ("half a voucher", entry(voucher_number=None), "entry_voucher_given_check"),
    ("a voucher never issued", unissued, "entry_voucher_issued_rule"),
    ("the last line missing", drop_last_line, "posting_lines_complete_rule"),
    ("a line too many", add_line, "posting_lines_complete_rule"),
    ("lines 1 and 3", line(1, line=3), "posting_lines_complete_rule"),
    (
        "lines 2 and 3",
        from_the_second_line,
        "entry_postings_given_rule|posting_lines_complete_rule",
    ),
    ("the same line twice", line(1, line=1), "posting_2024_pkey"),
    ("a line 0", line(0, line=0), "posting_line_range_check"),
    ("one line", one_line, "entry_line_count_range_check"),
    ("201 lines", many_lines(201), "posting_line_range_check"),
    ("a count that is not the lines'", entry(line_count=3), "posting_lines_complete_rule"),
    ("lines on another day", both_lines(entry_on=MARCH), "entry_postings_given_rule|posting_lines_complete_rule"),
    ("one line on another day", line(1, entry_on=MARCH), "posting_lines_complete_rule"),
    ("lines in another year", line(1, entry_on="2023-05-15"), "posting_lines_complete_rule"),
    ("unbalanced in total", line(1, value_minor=-499, amount_minor=-499), "posting_balance_rule"),
    ("balanced in total, not within the fund", line(1, fund=TET, account="35383"), "posting_balance_rule"),
    ("zero", scaled(0), "posting_amount_range_check|posting_value_range_check"),
    ("2^53", scaled(2**53), "posting_amount_range_check|posting_value_range_check"),
    ("2^63", scaled(2**63), "NumericValueOutOfRange"),
    ("đồng whose amount is another", line(0, amount_minor=501), "posting_currency_value_check"),
    ("an amount of the other sign", line(0, amount_minor=-500), "posting_amount_range_check"),
    ("a seq skipped", lambda a: skip_seq(a, 3), "posting_seq_gapless_rule"),
    ("a seq used before", lambda a: skip_seq(a, 1), "entry_pk"),
    ("a seq of 0", lambda a: skip_seq(a, 0), "posting_seq_gapless_rule"),
    ("a kind that is none", entry(kind="correction"), "entry_kind_check"),
    # I3: accounts, funds and books that are open.
    ("a parent account", line(0, account="111"), "posting_account_parent_rule"),
    ("an unknown account", line(0, account="99999"), "posting_account_known_rule"),
    ("an unknown fund", both_lines(fund="NONE"), "posting_fund_known_rule"),
    ("another association's fund", both_lines(fund="SIB"), "posting_fund_known_rule"),
    ("another fund's balance account", line(1, account="35383"), "posting_fund_account_rule"),
    # I7: the voucher's number follows the last one.
    ("a number skipped", lambda a: renumber(a, 3), "voucher_number_gapless_rule"),
    ("a number used before", lambda a: renumber(a, 1), "entry_voucher_unique|voucher_pk"),
    ("a number 0", lambda a: renumber(a, 0), "voucher_number_range_check"),
    ("a year that is not the issue's", lambda a: refiscal(a, 2023), "voucher_fiscal_year_check"),
    ("a kind the chart has not", lambda a: rekind(a, "XX"), "voucher_number_gapless_rule"),
    ("a voucher issued after the entry", voucher(issued_on=MAY + timedelta(days=1)), "entry_voucher_issued_rule"),
    # I9: an entry and its leaf name each other.
    ("a leaf of another event", leaf(event_id=typeid.new_id()), "entry_leaf_given_rule"),
    ("a leaf of another type", leaf(type="voucher.voided", book_seq=None), "entry_leaf_given_rule"),
    ("a leaf of another seq", leaf(book_seq=3), "entry_leaf_given_rule"),
    ("a leaf without a seq", leaf(book_seq=None), "audit_entry_seq_given_check"),
    ("a leaf of another association", leaf(association_id=typeid.new_id()), "audit_entry_journal_rule"),
    ("an empty leaf", leaf(leaf=r"\x"), "audit_entry_leaf_size_check"),
    ("a leaf of 65,536 bytes", leaf(leaf=r"\x" + "20" * 65_536), "audit_entry_leaf_size_check"),
    # Currencies and dimensions.
    ("foreign money without a rate", both_lines(currency="USD", account="1112USD"), "posting_rate_rule"),
    ("half a rate", entry(rate_currency="USD"), "entry_rate_given_check"),
    ("a rate of nothing", entry(rate_currency="USD", rate=0, rate_source="SBV"), "entry_rate_range_check"),
    ("a channel on cash", line(0, channel="household"), "posting_dimension_fund_rule"),
    ("an unknown channel", line(1, channel="nowhere"), "posting_dimension_open_rule"),
    ("an unknown campaign", line(1, campaign="NONE"), "posting_dimension_open_rule"),
    ("an unknown program", line(1, program="NONE"), "posting_dimension_open_rule"),
    ("a quantity of nothing in particular", line(1, quantity=3), "posting_quantity_program_check"),
]


def skip_seq(attack: Attempt, seq: int) -> None:
    attack.entry[0]["seq"] = attack.audit_entry[0]["book_seq"] = seq
    for row in attack.posting:
        row["seq"] = seq


def renumber(attack: Attempt, number: int) -> None:
    attack.voucher[0]["number"] = attack.entry[0]["voucher_number"] = number


def refiscal(attack: Attempt, year: int) -> None:
    attack.voucher[0]["fiscal_year"] = attack.entry[0]["fiscal_year"] = year


def rekind(attack: Attempt, kind: str) -> None:
    attack.voucher[0]["voucher_kind"] = attack.entry[0]["voucher_kind"] = kind


@pytest.mark.parametrize(
    ("attack", "rule"), [row[1:] for row in JOURNAL_ATTACKS], ids=[row[0] for row in JOURNAL_ATTACKS]
)
def test_an_entry_that_breaks_a_rule_is_refused(scene: Scene, attack: Attack, rule: str) -> None:
    """Every way of writing a wrong entry is refused by the rule that it breaks, and nothing of it stays."""
    wrong = scene.attempt()
    attack(wrong)
    assert refusal(scene.conn, wrong) in rule.split("|")
    assert (
        scene.conn.execute(sa.text("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id"), scene.keys).scalar()
        == 1
    )


DAYS: dict[str, tuple[date, str]] = {
    "the day before the book opened": (date(2023, 12, 31), "entry_on_opened_rule"),
    "the year 1": (date(1, 1, 1), "CheckViolation"),  # no partition, which is asked before any trigger
    "tomorrow": (today() + timedelta(days=1), "voucher_number_gapless_rule"),
    "a later year": (date(9999, 12, 31), "CheckViolation"),
}


@pytest.mark.parametrize(("on", "rule"), DAYS.values(), ids=DAYS.keys())
def test_no_entry_lies_before_its_book_or_after_today(scene: Scene, on: date, rule: str) -> None:
    """A day on which the book was not open, or that has not come, takes no entry."""
    number = 2 if on.year == MAY.year else 1
    refused = refusal(scene.conn, scene.attempt(on=on, number=number))
    assert refused in {rule, "entry_on_future_rule", "posting_account_open_rule"}


def test_tomorrow_takes_no_entry_whose_voucher_was_issued_today(scene: Scene) -> None:
    """A voucher of today is no way into tomorrow."""
    wrong = scene.attempt(on=today() + timedelta(days=1), number=1)
    wrong.voucher[0].update(issued_on=today(), fiscal_year=today().year)
    wrong.entry[0]["fiscal_year"] = today().year
    assert refusal(scene.conn, wrong) == "entry_on_future_rule"


SECOND_STATEMENTS = {
    "on its own day": (MARCH, "posting_seq_gapless_rule|posting_2024_pkey"),
    "on another day": (MAY, "posting_seq_gapless_rule"),
}


@pytest.mark.parametrize(("on", "rule"), SECOND_STATEMENTS.values(), ids=SECOND_STATEMENTS.keys())
def test_lines_cannot_join_an_entry_later(scene: Scene, on: date, rule: str) -> None:
    """A second balanced set of lines for an entry that exists is refused, whatever day it claims."""
    later = attempt(scene.book, seq=1, on=on, number=2)
    assert refusal(scene.conn, Attempt(posting=later.posting)) in rule.split("|")
    for row in later.posting:
        row["line"] += 2
    assert refusal(scene.conn, Attempt(posting=later.posting)) == "posting_seq_gapless_rule"


def test_lines_need_an_entry(scene: Scene) -> None:
    """Lines for a seq that no entry has are refused."""
    assert refusal(scene.conn, Attempt(posting=scene.attempt().posting)) == "posting_lines_complete_rule"


def test_a_leaf_needs_its_entry(scene: Scene) -> None:
    """A leaf that says it is an entry's is refused where there is none, or where the entry has one."""
    assert refusal(scene.conn, Attempt(audit_entry=scene.attempt().audit_entry)) == "audit_entry_journal_rule"
    again = scene.attempt().audit_entry[0]
    found = scene.conn.execute(sa.text("SELECT entry_id FROM soquy.entry WHERE book_id = :book_id"), scene.keys)
    again.update(event_id=found.scalar_one(), book_seq=1)
    assert refusal(scene.conn, Attempt(audit_entry=[again])) == "audit_entry_pk"


def test_no_posting_before_an_account_or_fund_opened(scene: Scene) -> None:
    """An account and a fund take postings from their first day on."""
    open_account(
        scene.conn,
        scene.book,
        account="1121B",
        parent="1121",
        name_vi="Ngân hàng",
        name_en="Bank",
        opened_on=MAY,
        actor=ACTOR,
    )
    open_fund(scene.conn, scene.book, fund="NEW", kind="general", name_vi="Quỹ mới", opened_on=MAY, actor=ACTOR)
    before = MAY - timedelta(days=1)
    early = scene.attempt(line_row("1121B", 5), line_row("35381", -5), on=before)
    assert refusal(scene.conn, early) == "posting_account_open_rule"
    early = scene.attempt(line_row("1111", 5, "NEW"), line_row("35381", -5, "NEW"), on=before)
    assert refusal(scene.conn, early) == "posting_fund_open_rule"


@pytest.mark.parametrize("on", [MARCH, MAY, MAY + timedelta(days=1)], ids=["backdated", "closing day", "day after"])
def test_nothing_is_posted_to_what_is_closed(scene: Scene, on: date) -> None:
    """A closed account or fund stays empty: not even a backdated entry leaves money in it."""
    open_account(
        scene.conn,
        scene.book,
        account="1121B",
        parent="1121",
        name_vi="Ngân hàng",
        name_en="Bank",
        opened_on=MARCH,
        actor=ACTOR,
    )
    open_fund(scene.conn, scene.book, fund="NEW", kind="general", name_vi="Quỹ mới", opened_on=MARCH, actor=ACTOR)
    close_account(scene.conn, scene.book, "1121B", closed_on=MAY, actor=ACTOR)
    close_fund(scene.conn, scene.book, "NEW", closed_on=MAY, actor=ACTOR)
    late = scene.attempt(line_row("1121B", 5), line_row("35381", -5), on=on)
    assert refusal(scene.conn, late) == "posting_account_open_rule"
    late = scene.attempt(line_row("1111", 5, "NEW"), line_row("35381", -5, "NEW"), on=on)
    assert refusal(scene.conn, late) == "posting_fund_open_rule"


CLOSINGS = {
    "an account": "SELECT soquy.close_account(:tenant_id, :book_id, '1111', '2024-12-31', NULL)",
    "an account's other side": "SELECT soquy.close_account(:tenant_id, :book_id, '35381', '2024-12-31', NULL)",
    "a fund": "SELECT soquy.close_fund(:tenant_id, :book_id, 'QC', '2024-12-31', NULL)",
    "an association": "SELECT soquy.close_association(:tenant_id, :association_id, '2024-12-31', NULL)",
}


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS.keys())
def test_what_holds_money_is_not_closed(scene: Scene, closing: str) -> None:
    """Closing an account, a fund or an association in which something is left is refused."""
    parameters = {**scene.keys, "association_id": scene.book.association_id}
    chosen = {name: value for name, value in parameters.items() if f":{name}" in closing}
    assert refusal(scene.conn, closing, **chosen) == "closing_empty_rule"


def test_nothing_is_closed_before_its_last_posting(scene: Scene) -> None:
    """An empty account that was used later than the closing day is refused too."""
    scene.payment(RECEIVED).insert(scene.conn)
    before = "SELECT soquy.close_account(:tenant_id, :book_id, '1111', '2024-05-14', NULL)"
    assert refusal(scene.conn, before, **scene.keys) == "closing_empty_rule"


def test_a_closed_association_takes_no_entry(scene: Scene) -> None:
    """After its closing day, and before it by backdating, a closed association's book takes nothing."""
    scene.payment(RECEIVED).insert(scene.conn)
    closing = sa.text("SELECT soquy.close_association(:tenant_id, :association_id, '2024-06-30', :event_id)")
    event_id = tell(scene.conn, scene.book, "association.closed", {"closed_on": "2024-06-30"})
    parameters = {"tenant_id": scene.book.tenant_id, "association_id": scene.book.association_id, "event_id": event_id}
    assert scene.conn.execute(closing, parameters).scalar() is True
    for on in (date(2024, 7, 1), date(2024, 6, 30)):
        assert refusal(scene.conn, attempt(scene.book, seq=3, on=on, number=2)) == "entry_on_closed_rule"


def test_a_locked_month_takes_no_entry_and_stays_locked(scene: Scene) -> None:
    """After a lock no entry lands on or before its last day; locks only move forward, to the end of an ended month."""
    lock_months(scene.conn, scene.book, through=MAY, actor=ACTOR)
    for on in (MARCH, MAY, date(2024, 5, 31)):
        assert refusal(scene.conn, scene.attempt(on=on)) == "entry_on_locked_rule"
    scene.attempt(on=date(2024, 6, 1)).insert(scene.conn)
    lock = """\
        INSERT INTO soquy.month_lock (tenant_id, book_id, locked_through, last_seq, event_id)
        SELECT :tenant_id, :book_id, day, 2, gen_random_uuid() FROM unnest(CAST(:days AS date[])) AS day"""
    refused = {
        "{2024-05-31}": {"month_lock_pk", "month_lock_forward_rule"},
        "{2024-04-30}": {"month_lock_forward_rule"},
        "{2024-07-30}": {"month_lock_month_end_check"},
        "{2023-12-31}": {"month_lock_forward_rule"},
        "{2024-06-30,2024-07-31}": {"month_lock_forward_rule"},
        "{2999-12-31}": {"month_lock_ended_rule"},
    }
    for days, rules in refused.items():
        assert refusal(scene.conn, lock, days=days, **scene.keys) in rules


OVERDRAFTS: dict[str, tuple[int, date, str]] = {
    "more than there is": (RECEIVED + 1, MAY, GENERAL),
    "before it came in": (1, MARCH - timedelta(days=1), GENERAL),
    "out of an empty fund, with cash in another's": (1, MAY, TET),
}


@pytest.mark.parametrize(("value_minor", "on", "fund"), OVERDRAFTS.values(), ids=OVERDRAFTS.keys())
def test_money_that_is_not_there_is_not_paid(scene: Scene, value_minor: int, on: date, fund: str) -> None:
    """No cash account and no fund's share of it falls below nothing at the end of a day."""
    assert refusal(scene.conn, scene.payment(value_minor, on, fund)) == "day_total_overdraft_rule"


def test_backdating_respects_every_later_day(scene: Scene) -> None:
    """A backdated payment is refused where only a later day would be short."""
    scene.payment(RECEIVED, MAY).insert(scene.conn)
    backdated = {"on": date(2024, 4, 1), "number": 2, "voucher_kind": "PC"}
    lines = (line_row("1111", -1), line_row("35381", 1))
    april = agree_to(scene.conn, scene.book, attempt(scene.book, seq=3, lines=lines, **backdated))  # type: ignore[arg-type]
    assert refusal(scene.conn, april) == "day_total_overdraft_rule"


def test_a_fund_is_not_overdrawn_behind_its_cash(scene: Scene) -> None:
    """Spending on credit what a fund has not is refused, though no cash moves."""
    wrong = scene.attempt(
        line_row("331", -(RECEIVED + 1)), line_row("35381", RECEIVED + 1), voucher_kind="KT", number=1
    )
    assert refusal(scene.conn, wrong) == "day_total_overdraft_rule"


def test_foreign_cash_is_not_overdrawn_in_its_own_currency(scene: Scene) -> None:
    """A falling rate is no way to pay out more dollars than came in."""

    def dollars(cents: int, rate: int) -> tuple[dict[str, object], ...]:
        value = cents * rate // 100
        return tuple(
            {**line_row(account, sign * value), "amount_minor": sign * cents, "currency": "USD"}
            for account, sign in (("1112USD", 1), ("35381", -1))
        )

    came_in = scene.attempt(*dollars(100_00, 25_000))
    came_in.entry[0].update(rate_currency="USD", rate=25_000, rate_source="SBV")
    came_in.insert(scene.conn)
    paid = attempt(scene.book, seq=3, on=MAY, number=1, voucher_kind="PC", lines=dollars(-120_00, 20_000))
    paid.entry[0].update(rate_currency="USD", rate=20_000, rate_source="SBV")
    assert refusal(scene.conn, paid) == "day_total_overdraft_rule"


FUNDS = {
    "another balance account": ("general", "35383", False),
    "restricted, though its kind is not": ("general", "35381", True),
    "free, though its kind is not": ("tet", "35383", False),
    "a kind the chart has not": ("own", "35381", False),
}


@pytest.mark.parametrize(("kind", "account", "is_restricted"), FUNDS.values(), ids=FUNDS.keys())
def test_a_funds_kind_fixes_its_account(scene: Scene, kind: str, account: str, is_restricted: bool) -> None:
    """Balance account and restriction of a fund are what its kind says."""
    fund = (
        "INSERT INTO soquy.fund"
        " (tenant_id, book_id, fund, kind, balance_account, is_restricted, name_vi, purpose, opened_on,"
        " event_id)"
        " VALUES (:tenant_id, :book_id, 'OWN', :kind, :account, :is_restricted, 'Quỹ', 'Mục đích', '2024-01-01',"
        " gen_random_uuid())"
    )
    refused = refusal(scene.conn, fund, kind=kind, account=account, is_restricted=is_restricted, **scene.keys)
    assert refused == "fund_kind_account_rule"


ACCOUNTS = {
    "cash that calls itself other": ("1119", None, "other", "account_role_rule"),
    "a heading that has been posted to": ("11111", "1111", "cash", "account_parent_unused"),
    "a parent of another number": ("1121C", "111", "bank", "account_parent_prefix_check"),
    "a parent that does not exist": ("1299", "129", "other", "account_parent_fk"),
    "a fund's balance account": ("35399", "353", "fund", "account_role_rule"),
}


@pytest.mark.parametrize(("account", "parent", "role", "rule"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_an_account_is_what_its_number_says(
    scene: Scene, account: str, parent: str | None, role: str, rule: str
) -> None:
    """No account slips past the rules for cash, bank and funds by the way it is opened."""
    opened = (
        "INSERT INTO soquy.account"
        " (tenant_id, book_id, account, parent, name_vi, name_en, side, role, currency, opened_on,"
        " event_id)"
        " VALUES (:tenant_id, :book_id, :account, :parent, 'Tên', 'Name', 'D', :role, 'VND', '2024-01-01',"
        " gen_random_uuid())"
    )
    assert refusal(scene.conn, opened, account=account, parent=parent, role=role, **scene.keys) in rule.split("|")
