"""What posting answers to right and wrong entries: the codes of its refusals, all at once and with their places."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.chart import open_account, open_campaign
from ledger.books.commands import issue_voucher, lock_months, reverse_entry, void_voucher
from ledger.books.model import BATCH_LINE_COUNT_MAX, BATCH_SIZE_MAX, Book, EntryDraft, Line, VoucherNumber
from ledger.books.posting import post, preview
from ledger.calendar import today
from ledger.errors import AssociationNotFound, CodeTaken, LedgerError, PostingRefused
from ledger.money import AMOUNT_MAX, Rate
from tests.consent import consented, post_agreed
from tests.factories import ACTOR, GENERAL, TET, make_book, payment, receipt, request, two_lines, with_line

MARCH = date(2024, 3, 1)
USD = Rate(currency="USD", value=Decimal(24_650), source="SBV")


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    return make_book(connection)


def counts(conn: sa.Connection, book: Book) -> tuple[int, ...]:
    """Count what posting writes, in the whole tenant."""
    journal = ("entry", "posting", "voucher", "audit_entry", "audit_pending")
    tables = [*(f"soquy.{table}" for table in journal), "vault.sealed_value", "soquy.idempotency", "soquy.day_total"]
    query = "SELECT " + ", ".join(f"(SELECT count(tenant_id) FROM {table})" for table in tables)
    head = "(SELECT last_seq FROM soquy.book_head WHERE book_id = :book_id)"
    return tuple(conn.execute(sa.text(f"{query}, {head}"), {"book_id": book.book_id}).one())


def places(conn: sa.Connection, book: Book, *drafts: EntryDraft) -> list[tuple[str, int | None, int | None]]:
    """Return code, entry and line of each fault; see that nothing was left behind."""
    before = counts(conn, book)
    savepoint = conn.begin_nested()
    with pytest.raises(PostingRefused) as caught:
        post(conn, book, drafts, actor=ACTOR)
    savepoint.rollback()
    assert counts(conn, book) == before
    return [(fault.code, fault.entry, fault.line) for fault in caught.value.faults]


def test_an_entry_comes_with_all_that_belongs_to_it(connection: sa.Connection, book: Book) -> None:
    """One call writes entry, lines, voucher, leaf, pending row, sealed values and totals, and says what it wrote."""
    before = counts(connection, book)
    draft = replace(receipt(500, MARCH), description="Thu tiền ủng hộ")
    posted = post(connection, book, [draft], actor=ACTOR, request=request("k"))
    (entry,) = posted.entries
    assert (entry.seq, entry.entry_on) == (1, MARCH)
    assert entry.voucher == VoucherNumber(kind="PT", fiscal_year=2024, number=1)
    added = tuple(after - was for after, was in zip(counts(connection, book), before, strict=True))
    assert added == (1, 2, 1, 1, 1, 2, 1, 2, 1)


def test_numbers_follow_each_other_by_kind_and_year(connection: sa.Connection, book: Book) -> None:
    """Within a batch and after it, each kind and fiscal year counts by itself."""
    days = (MARCH, MARCH, date(2025, 1, 2), MARCH)
    drafts = consented(
        connection, book, [*(receipt(100, day) for day in days), payment(10, date(2025, 1, 2))], actor=ACTOR
    )
    posted = post(connection, book, drafts, actor=ACTOR)
    assert [(e.voucher.kind, e.voucher.fiscal_year, e.voucher.number) for e in posted.entries if e.voucher] == [
        ("PT", 2024, 1), ("PT", 2024, 2), ("PT", 2025, 1), ("PT", 2024, 3), ("PC", 2025, 1),
    ]  # fmt: skip


def foreign(cents: int, value_minor: int, *, account: str = "1112USD", rate: Rate | None = USD) -> EntryDraft:
    line = Line(account=account, fund=GENERAL, value_minor=value_minor, currency="USD", amount_minor=cents)
    against = replace(line, account="35381", value_minor=-value_minor, amount_minor=-cents)
    return EntryDraft(entry_on=MARCH, voucher="PT", lines=(line, against), rate=rate)


RIGHT = receipt(500, MARCH)
ONE_FAULT: dict[str, tuple[EntryDraft, tuple[str, int | None]]] = {
    "unbalanced": (with_line(RIGHT, 0, value_minor=501), ("unbalanced", None)),
    "zero": (with_line(with_line(RIGHT, 0, value_minor=0), 1, value_minor=0), ("amount_zero", 0)),
    "2^53": (with_line(RIGHT, 0, value_minor=AMOUNT_MAX + 1), ("amount_too_large", 0)),
    "2^63": (with_line(RIGHT, 0, value_minor=2**63), ("amount_too_large", 0)),
    "2^300": (with_line(RIGHT, 0, value_minor=2**300), ("amount_too_large", 0)),
    "an unknown account": (with_line(RIGHT, 0, account="9"), ("account_unknown", 0)),
    "a parent account": (with_line(RIGHT, 0, account="111"), ("account_parent", 0)),
    "an unknown fund": (with_line(RIGHT, 1, fund="NONE"), ("fund_unknown", 1)),
    "another fund's account": (with_line(RIGHT, 1, account="35383"), ("fund_account", 1)),
    "a day before the opening": (receipt(1, date(2023, 12, 31)), ("day_before_opening", None)),
    "the year 1": (receipt(1, date(1, 1, 1)), ("day_before_opening", None)),
    "tomorrow": (receipt(1, today() + timedelta(days=1)), ("day_in_future", None)),
    "the year 9999": (receipt(1, date(9999, 12, 31)), ("day_in_future", None)),
    "no lines": (replace(RIGHT, lines=()), ("line_count", None)),
    "201 lines": (replace(RIGHT, lines=RIGHT.lines * 100 + RIGHT.lines[:1]), ("line_count", None)),
    "no voucher": (replace(RIGHT, voucher=None), ("voucher_missing", None)),
    "a voucher kind that is none": (replace(RIGHT, voucher="XX"), ("voucher_kind_unknown", None)),
    "a receipt that pays": (payment(1, MARCH, voucher="PT"), ("voucher_kind_moves", None)),
    "a voucher never issued": (
        receipt(1, MARCH, voucher=VoucherNumber(kind="PT", fiscal_year=2024, number=1)),
        ("voucher_not_found", None),
    ),
    "a voucher year out of range": (
        receipt(1, MARCH, voucher=VoucherNumber(kind="PT", fiscal_year=99_999, number=1)),
        ("voucher_not_found", None),
    ),
    "a voucher number out of range": (
        receipt(1, MARCH, voucher=VoucherNumber(kind="PT", fiscal_year=2024, number=2**31)),
        ("voucher_not_found", None),
    ),
    "a correction of nothing": (replace(RIGHT, kind="adjustment", voucher="DC"), ("corrected_not_found", None)),
    "a correction out of range": (
        replace(RIGHT, kind="adjustment", voucher="DC", corrects_seq=2**63),
        ("corrected_not_found", None),
    ),
    "an ordinary entry that corrects": (replace(RIGHT, corrects_seq=1), ("corrects_not_allowed", None)),
    "a channel that is none": (with_line(RIGHT, 1, channel="nowhere"), ("channel_unknown", 1)),
    "a channel on cash": (with_line(RIGHT, 0, channel="household"), ("dimension_not_on_fund", 0)),
    "a quantity of nothing": (with_line(RIGHT, 1, quantity=3), ("quantity_without_program", 1)),
    "a payment that nobody agreed to": (payment(1, MARCH), ("consent_missing", None)),
    "an adjustment that nobody agreed to": (
        replace(RIGHT, kind="adjustment", voucher="DC", corrects_seq=2**62),
        ("consent_missing", None),
    ),
    "money out by a general voucher": (payment(1, MARCH, voucher="KT"), ("consent_missing", None)),
    "an account with a NUL": (with_line(RIGHT, 0, account="11\x0011"), ("account_unknown", 0)),
    "an account with half a character": (with_line(RIGHT, 0, account="11\ud800"), ("account_unknown", 0)),
    "a channel with a NUL": (with_line(RIGHT, 1, channel="\x00"), ("channel_unknown", 1)),
    "a zero-width character": (replace(RIGHT, description="Thu\u200btiền"), ("text_refused", None)),
    "a right-to-left override": (replace(RIGHT, description="Thu \u202etiền"), ("text_refused", None)),
    "half a character": (replace(RIGHT, description="Thu \ud800"), ("text_refused", None)),
    "a NUL": (replace(RIGHT, description="Thu \x00"), ("text_refused", None)),
    "a description of 501 characters": (replace(RIGHT, description="a" * 501), ("text_refused", None)),
}


@pytest.mark.parametrize(("draft", "fault"), ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_a_wrong_entry_is_refused_by_its_code(
    connection: sa.Connection, book: Book, draft: EntryDraft, fault: tuple[str, int | None]
) -> None:
    """Each fault has a code and a place, and leaves nothing behind, in a batch with right entries as well."""
    assert (fault[0], 1, fault[1]) in places(connection, book, RIGHT, draft)


def test_balanced_in_total_but_not_within_the_fund_names_both_funds(connection: sa.Connection, book: Book) -> None:
    """Each fund that does not balance is a fault of its own."""
    draft = EntryDraft(entry_on=MARCH, voucher="KT", lines=(two_lines(500)[0], two_lines(500, fund=TET)[1]))
    assert places(connection, book, draft) == [("unbalanced", 0, None), ("unbalanced", 0, None)]


def test_all_faults_are_told_at_once(connection: sa.Connection, book: Book) -> None:
    """Faults of several entries and lines come together, in the order of the input."""
    wrong = with_line(with_line(RIGHT, 0, account="99999", value_minor=0), 1, fund="NONE")
    found = places(connection, book, wrong, RIGHT, replace(RIGHT, entry_on=date(2023, 1, 1)))
    assert found[:3] == [("amount_zero", 0, 0), ("account_unknown", 0, 0), ("fund_unknown", 0, 1)]
    assert ("day_before_opening", 2, None) in found
    assert not any(entry == 1 for _, entry, _ in found)


def test_another_associations_fund_is_unknown_here(connection: sa.Connection, book: Book) -> None:
    """Funds are a book's own, though a neighbour's has a code that exists."""
    neighbour = make_book(connection, tenant_id=book.tenant_id)
    post(connection, neighbour, [receipt(100, MARCH)], actor=ACTOR)
    paid = consented(connection, book, [payment(100, MARCH)], actor=ACTOR)
    assert places(connection, book, *paid) == [("overdraft", 0, 0), ("overdraft", 0, 1)]


def test_a_book_of_nowhere_is_not_found(connection: sa.Connection, book: Book) -> None:
    """Another tenant's book is as unknown as one that does not exist."""
    stranger = replace(book, book_id=book.book_id + 1_000)
    with pytest.raises(AssociationNotFound):
        post(connection, stranger, [RIGHT], actor=ACTOR)


def test_an_overdraft_is_named_with_its_day_and_shortfall(connection: sa.Connection, book: Book) -> None:
    """A backdated payment that only a later day cannot bear is refused with that day."""
    post_agreed(connection, book, [receipt(100, MARCH), payment(100, date(2024, 5, 1))], actor=ACTOR)
    with pytest.raises(PostingRefused) as caught:
        post_agreed(connection, book, [payment(30, date(2024, 4, 1))], actor=ACTOR)
    fields = {"fund": GENERAL, "day": "2024-05-01", "balance_minor": -30, "currency": "VND"}
    assert [fault.fields for fault in caught.value.faults] == [
        {"account": account, **fields} for account in ("1111", "35381")
    ]


def test_a_batch_is_judged_at_the_end_of_its_days(connection: sa.Connection, book: Book) -> None:
    """Within a batch and a day the order of paying and receiving does not matter; what is left at night does."""
    posted = post_agreed(connection, book, [payment(100, MARCH), receipt(100, MARCH)], actor=ACTOR)
    assert posted.last_seq == 2


def test_the_size_of_a_batch_is_bounded(connection: sa.Connection, book: Book) -> None:
    """No entry, 100,001 entries and 500,001 lines are refused before anything is looked at."""
    assert places(connection, book) == [("batch_size", None, None)]
    assert places(connection, book, *[RIGHT] * (BATCH_SIZE_MAX + 1)) == [("batch_size", None, None)]
    wide = replace(RIGHT, lines=RIGHT.lines * 100)
    assert places(connection, book, *[wide] * (BATCH_LINE_COUNT_MAX // 200 + 1)) == [("batch_line_count", None, None)]


def test_one_bad_line_among_five_thousand_is_named_and_nothing_is_posted(connection: sa.Connection, book: Book) -> None:
    """A batch is posted whole or not at all, and the line at fault is found."""
    drafts = [RIGHT] * 5_000
    drafts[3_210] = with_line(RIGHT, 1, account="35383")
    assert places(connection, book, *drafts) == [("fund_account", 3_210, 1)]
    drafts[3_210] = RIGHT
    assert post(connection, book, drafts, actor=ACTOR).last_seq == 5_000


def test_faults_are_bounded(connection: sa.Connection, book: Book) -> None:
    """A batch in which everything is wrong answers with a thousand faults, not more."""
    assert len(places(connection, book, *[with_line(RIGHT, 0, account="9")] * 3_000)) == 1_000


def test_a_preview_is_the_real_thing_and_leaves_nothing(connection: sa.Connection, book: Book) -> None:
    """Preview gives posting's numbers or its refusal, and the next posting gets the same numbers."""
    too_much = consented(connection, book, [payment(1, MARCH)], actor=ACTOR)
    before = counts(connection, book)
    previewed = preview(connection, book, [RIGHT], actor=ACTOR)
    with pytest.raises(PostingRefused):
        preview(connection, book, too_much, actor=ACTOR)
    assert counts(connection, book) == before
    posted = post(connection, book, [RIGHT], actor=ACTOR)
    assert [(e.seq, e.voucher) for e in posted.entries] == [(e.seq, e.voucher) for e in previewed.entries]


def test_typed_text_is_kept_in_one_form(connection: sa.Connection, book: Book) -> None:
    """A description in decomposed form (NFD) is sealed composed (NFC), as its commitment is made."""
    post(connection, book, [replace(RIGHT, description=" Thu tiê\u0300n ")], actor=ACTOR)
    sealed = connection.execute(sa.text("SELECT value FROM vault.sealed_value WHERE field = 'description'"))
    assert sealed.scalar_one() == "Thu tiền"


def test_an_id_is_used_once(connection: sa.Connection, book: Book) -> None:
    """A client may name its entry; the name of another entry, of this batch or before, is taken."""
    named = replace(RIGHT, entry_id=typeid.new_id())
    with pytest.raises(CodeTaken), connection.begin_nested():
        post(connection, book, [named, named], actor=ACTOR)
    (entry,) = post(connection, book, [named], actor=ACTOR).entries
    assert entry.entry_id == named.entry_id
    with pytest.raises(CodeTaken), connection.begin_nested():
        post(connection, book, [named], actor=ACTOR)


def test_foreign_money_carries_its_amount_and_rate(connection: sa.Connection, book: Book) -> None:
    """Dollars are booked in đồng at the entry's rate, rounded to the đồng either way."""
    post(connection, book, [foreign(100_01, 2_465_246), foreign(100_01, 2_465_247)], actor=ACTOR)
    rows = connection.execute(sa.text("SELECT amount_minor, currency FROM soquy.posting WHERE account = '1112USD'"))
    assert [tuple(row) for row in rows] == [(100_01, "USD"), (100_01, "USD")]


FOREIGN: dict[str, tuple[EntryDraft, str]] = {
    "no rate": (foreign(100, 24_650, rate=None), "rate_missing"),
    "another currency's rate": (foreign(100, 24_650, rate=replace(USD, currency="EUR")), "rate_missing"),
    "no amount": (with_line(foreign(100, 24_650), 0, amount_minor=None), "amount_missing"),
    "another worth": (foreign(100, 24_652), "rate_value"),
    "worth one and a half đồng off": (foreign(1, 248), "rate_value"),
    "worth less by more than a đồng": (foreign(1_01, 24_895), "rate_value"),
    "an account of another currency": (foreign(100, 24_650, account="1111"), "account_currency"),
    "a currency that is none": (with_line(foreign(100, 24_650), 0, currency="XXX"), "currency_unknown"),
    "an amount of the other sign": (with_line(foreign(100, 24_650), 0, amount_minor=-100), "amount_sign"),
    "đồng whose amount is another": (with_line(RIGHT, 0, amount_minor=7), "amount_not_value"),
    "an enormous amount": (foreign(2**200, 24_650), "amount_too_large"),
    "a rate of nothing": (foreign(1, 1, rate=replace(USD, value=Decimal(0))), "rate_range"),
    "a rate that is no number": (foreign(1, 1, rate=replace(USD, value=Decimal("NaN"))), "rate_range"),
    "a rate without end": (foreign(1, 1, rate=replace(USD, value=Decimal("Infinity"))), "rate_range"),
    "a rate of thirteen digits": (foreign(1, 1, rate=replace(USD, value=Decimal(10**12))), "rate_range"),
    "a rate of nine decimals": (
        foreign(100, 24_650, rate=replace(USD, value=Decimal("24650.000000001"))),
        "rate_range",
    ),
    "a source that is a sentence": (foreign(100, 24_650, rate=replace(USD, source="the bank")), "rate_source"),
    "a rate of no currency": (replace(RIGHT, rate=replace(USD, currency="XXX")), "currency_unknown"),
}


@pytest.mark.parametrize(("draft", "code"), FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_money_needs_a_rate_that_fits(
    connection: sa.Connection, book: Book, draft: EntryDraft, code: str
) -> None:
    """Mixed currencies without a rate, or with one that does not make the value, are refused."""
    assert code in {found for found, _, _ in places(connection, book, draft)}


def test_an_opening_entry_has_no_voucher_and_its_day(connection: sa.Connection, book: Book) -> None:
    """What a book begins with is booked on the day it opened, without a voucher."""
    opening = EntryDraft(entry_on=date(2024, 1, 1), kind="opening", voucher=None, lines=two_lines(5_000))
    assert post(connection, book, [opening], actor=ACTOR).entries[0].voucher is None
    assert places(connection, book, replace(opening, voucher="KT")) == [("voucher_not_for_opening", 0, None)]
    assert places(connection, book, replace(opening, entry_on=MARCH)) == [("opening_day", 0, None)]


def test_an_issued_voucher_is_executed_later_and_once(connection: sa.Connection, book: Book) -> None:
    """An entry names the voucher that was issued before; not one of a later day, not one that is void or executed."""
    voucher = issue_voucher(connection, book, "PT", issued_on=MARCH, actor=ACTOR)
    void = issue_voucher(connection, book, "PT", issued_on=MARCH, actor=ACTOR)
    void_voucher(connection, book, void, reason="Viết sai", actor=ACTOR)
    assert places(connection, book, receipt(1, date(2024, 2, 1), voucher=voucher)) == [("day_before_voucher", 0, None)]
    assert places(connection, book, receipt(1, MARCH, voucher=void)) == [("voucher_void", 0, None)]
    named = receipt(1, MARCH, voucher=voucher)
    assert places(connection, book, named, named) == [("voucher_executed", 1, None)]
    post(connection, book, [named], actor=ACTOR)
    assert places(connection, book, named) == [("voucher_executed", 0, None)]


def test_a_locked_month_refuses_by_its_code(connection: sa.Connection, book: Book) -> None:
    """The refusal says through which day the book is locked."""
    lock_months(connection, book, through=MARCH, actor=ACTOR)
    assert places(connection, book, receipt(1, date(2024, 3, 31))) == [("month_locked", 0, None)]


def test_a_reversal_is_possible_after_its_campaign_has_closed(connection: sa.Connection, book: Book) -> None:
    """A mistake is corrected on the day it is found, and campaigns are over by then."""
    open_campaign(
        connection, book, campaign="TET", name_vi="Tết", opened_on=MARCH, closed_on=date(2024, 3, 31), actor=ACTOR
    )
    draft = with_line(RIGHT, 1, campaign="TET")
    (entry,) = post(connection, book, [draft], actor=ACTOR).entries
    reversal = reverse_entry(connection, book, entry.entry_id, on=date(2024, 5, 1), reason="Ghi nhầm", actor=ACTOR)
    assert reversal.seq == 2


def test_sums_beyond_the_database_are_refused(connection: sa.Connection, book: Book) -> None:
    """More money than a bigint holds is a refusal, not a breakdown."""
    wide = replace(
        RIGHT,
        lines=tuple(replace(line, value_minor=line.value_minor // 500 * AMOUNT_MAX) for line in RIGHT.lines * 100),
    )
    savepoint = connection.begin_nested()
    with pytest.raises(LedgerError):
        post(connection, book, [wide] * 11, actor=ACTOR)
    savepoint.rollback()


def test_a_book_of_long_ago_takes_entries_of_its_years(connection: sa.Connection) -> None:
    """A chart that is valid from 1996 on can be kept from 1996 on."""
    book = make_book(connection, opened_on=date(2005, 1, 1))
    assert post(connection, book, [receipt(1, date(2005, 6, 1))], actor=ACTOR).last_seq == 1


def test_an_account_of_ones_own_is_posted_to_from_its_day(connection: sa.Connection, book: Book) -> None:
    """A second bank account opens under its heading and refuses earlier days."""
    opened = {"name_vi": "Ngân hàng", "name_en": "Bank", "opened_on": MARCH, "actor": ACTOR}
    open_account(connection, book, account="1121B", parent="1121", **opened)  # type: ignore[arg-type]
    early = receipt(1, date(2024, 2, 1), account="1121B", voucher="BC")
    assert places(connection, book, early) == [("account_not_open", 0, 0)]
    assert post(connection, book, [receipt(1, MARCH, account="1121B", voucher="BC")], actor=ACTOR).last_seq == 1


def test_a_malformed_key_is_refused(connection: sa.Connection, book: Book) -> None:
    """A key is up to a hundred characters of ASCII that show; anything else is refused before it is looked up."""
    for key in ("", "a b", "k" * 101, "khóa", "a\x00b", "a\ud800"):
        savepoint = connection.begin_nested()
        with pytest.raises(LedgerError):
            post(connection, book, [RIGHT], actor=ACTOR, request=request(key))
        savepoint.rollback()


def test_a_reversal_of_nothing_is_not_found(connection: sa.Connection, book: Book) -> None:
    """An id that is no entry's of this book is not found."""
    with pytest.raises(LedgerError) as caught:
        reverse_entry(connection, book, UUID(int=0), on=MARCH, reason="Ghi nhầm", actor=ACTOR)
    assert caught.value.code == "entry_not_found"
