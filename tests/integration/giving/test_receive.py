"""What was given becomes an entry, and a contribution with a receipt for each giver."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit import canonical
from ledger import typeid
from ledger.books.commands import reverse_entry
from ledger.books.event_type import check_layout
from ledger.calendar import today
from ledger.errors import IdempotencyConflict
from ledger.giving.code import parse
from ledger.giving.commands import DonorNotKept, correct_donor, open_earmark, preview, receive
from ledger.giving.model import Collection, Declared, Source
from ledger.giving.opening import receipt_openings
from ledger.giving.queries import (
    ContributionNotFound,
    Search,
    contribution_by_id,
    contributions_of,
    find_by_code,
    receipt_facts,
    search_contributions,
)
from ledger.money import AMOUNT_MAX, Rate
from tests.factories import ACTOR, Ledger, request
from tests.giving import MARCH, collection, gift, gifts_of
from tests.integration.giving.conftest import Room


def test_a_gift_is_an_entry_with_a_receipt(room: Room) -> None:
    received = room.receive(collection(gift(detail="Thôn Đông")))
    (recorded,) = received.contributions
    assert parse(recorded.code) == recorded.code
    assert room.ask(
        "SELECT account, value_minor, channel FROM soquy.posting WHERE book_id = :book_id ORDER BY line"
    ) == [
        ("1111", 100_000, None),
        ("35381", -100_000, "household"),
    ]
    found = contribution_by_id(room.conn, room.book, recorded.contribution_id)
    assert (found.name, found.detail, found.amount_minor, found.line, found.line_count) == (
        "Nguyễn Văn Mẫu",
        "Thôn Đông",
        100_000,
        1,
        1,
    )
    assert (found.medium, found.fund, found.channel, found.reversed_by_seq) == ("cash", "QC", "household", None)


def test_a_leaf_tells_neither_amount_nor_giver_and_both_open_it(room: Room) -> None:
    received = room.receive(collection(gift(detail="Lớp 3A", wish="anonymous"), gift("Trần Thị Thử", 7_000)))
    first, second = (each.contribution_id for each in received.contributions)
    rows = room.ask(
        "SELECT leaf FROM soquy.audit_entry WHERE event_id IN (:first, :second) ORDER BY event_id",
        first=first,
        second=second,
    )
    leaves = [canonical.decode(row[0]) for row in rows]  # type: ignore[arg-type]
    for leaf in leaves:
        check_layout(leaf)
    assert leaves[0].payload == {
        "entry": typeid.encode(typeid.ENTRY, received.entry.entry_id),
        "line": 1,
        "of": 2,
        "earmark": None,
        "wish": "anonymous",
        "paper": None,
    }
    assert leaves[0].private.keys() == {"amount", "donor"}
    assert leaves[0].actor.commitment is None
    openings = receipt_openings(room.conn, room.book.tenant_id, first)
    assert {each.field: each.value for each in openings.gift} == {
        "amount": "100000 VND",
        "donor": "Nguyễn Văn Mẫu\nLớp 3A",
    }


def test_a_list_is_one_entry_and_its_lines_keep_their_order_and_twins(room: Room) -> None:
    twins = gift("Lê Thị Sinh Đôi", 20_000, detail="Lớp 5B")
    received = room.receive(collection(twins, twins, *gifts_of(1, 2, 3)))
    page = contributions_of(room.conn, room.book, received.entry.entry_id, page_size=2)
    assert [(row.line, row.name, row.amount_minor) for row in page.rows] == [
        (1, "Lê Thị Sinh Đôi", 20_000),
        (2, "Lê Thị Sinh Đôi", 20_000),
    ]
    rest = contributions_of(room.conn, room.book, received.entry.entry_id, after_line=page.next_cursor or 0)
    assert [row.amount_minor for row in rest.rows] == [1, 2, 3]
    assert rest.next_cursor is None
    assert room.ask("SELECT sum(value_minor) FROM soquy.posting WHERE book_id = :book_id AND account = '1111'") == [
        (40_006,)
    ]


NOT_OPEN = {("account_not_open", None, "account"), ("fund_not_open", None, "fund")}

WRONG: list[tuple[Collection, set[tuple[str, int | None, str | None]]]] = [
    (collection(gifts=()), {("gift_count", None, "gifts")}),
    (collection(gift(amount_minor=0)), {("gift_amount", 0, "amount_minor")}),
    (collection(gift(), gift(amount_minor=-5)), {("gift_amount", 1, "amount_minor")}),
    (
        collection(gift(amount_minor=AMOUNT_MAX + 1)),
        {("amount_too_large", 0, "amount_minor"), ("amount_too_large", None, "gifts")},
    ),
    (collection(gift(None)), {("donor_missing", 0, "donor")}),
    (collection(gift(" "), gift("a\u202eb")), {("text_refused", 0, "donor"), ("text_refused", 1, "donor")}),
    (collection(gift(detail="x" * 301)), {("text_refused", 0, "detail")}),
    (collection(received_on=date(2023, 12, 31)), {("day_before_opening", None, "received_on"), *NOT_OPEN}),
    (collection(received_on=today() + timedelta(days=1)), {("day_in_future", None, "received_on")}),
    (collection(fund="NONE"), {("fund_unknown", None, "fund")}),
    (collection(account="9999"), {("account_unknown", None, "account"), ("medium_account", None, "account")}),
    (collection(account="1121A"), {("medium_account", None, "account")}),
    (collection(medium="bank"), {("medium_account", None, "account")}),
    (collection(medium="goods"), {("goods_account", None, "account"), ("goods_fund", None, "fund")}),
    (collection(channel="nowhere"), {("channel_unknown", None, "channel")}),
    (collection(campaign="NONE"), {("campaign_unknown", None, "campaign")}),
    (collection(earmark="NONE"), {("earmark_unknown", None, "earmark")}),
    (collection(currency="USD", account="1112USD"), {("rate_missing", None, "rate")}),
    (
        collection(currency="USD"),
        {("rate_missing", None, "rate"), ("account_currency", None, "currency")},
    ),
    (
        collection(currency="XXX"),
        {("currency_unknown", None, "currency"), ("account_currency", None, "currency")},
    ),
    (
        collection(currency="USD", account="1112USD", rate=Rate(currency="USD", value=Decimal(0), source="SBV")),
        {("rate_range", None, "rate"), ("rate_missing", None, "rate")},
    ),
    (collection(rate=Rate(currency="USD", value=Decimal(25_000), source="SBV")), {("rate_unneeded", None, "rate")}),
    (collection(declared=Declared(count=1, total_minor=100_001)), {("declared_differs", None, "declared")}),
    (collection(declared=Declared(count=2, total_minor=100_000)), {("declared_differs", None, "declared")}),
    (
        collection(declared=Declared(count=2, total_minor=1), difference_reason=" "),
        {("text_refused", None, "difference_reason")},
    ),
    (
        collection(gift(amount_minor=0), gift(None), fund="NONE", channel="x", received_on=date(2020, 1, 1)),
        {
            ("account_not_open", None, "account"),
            ("gift_amount", 0, "amount_minor"),
            ("donor_missing", 1, "donor"),
            ("fund_unknown", None, "fund"),
            ("channel_unknown", None, "channel"),
            ("day_before_opening", None, "received_on"),
        },
    ),
]


@pytest.mark.parametrize(("wrong", "faults"), WRONG)
def test_every_fault_is_told_at_once_and_nothing_is_recorded(
    room: Room, wrong: Collection, faults: set[tuple[str, int | None, str | None]]
) -> None:
    assert room.refused(wrong) == faults


def test_a_wire_that_differs_by_one_dong_is_refused_whatever_the_reason(room: Room) -> None:
    wired = collection(
        *gifts_of(500_000, 499_999),
        medium="bank",
        account="1121A",
        channel="salary-day",
        declared=Declared(count=2, total_minor=1_000_000),
        difference_reason="Làm tròn",
    )
    assert room.refused(wired) == {("wire_differs", None, "declared")}
    mended = replace(wired, gifts=(*wired.gifts, gift("Trường Tiểu học Mẫu", 1)))
    received = room.receive(replace(mended, declared=Declared(count=2, total_minor=1_000_000)))
    assert received.entry.voucher is not None
    assert received.entry.voucher.kind == "BC"


def test_an_accepted_difference_is_recorded_and_its_reason_sealed(room: Room) -> None:
    received = room.receive(
        collection(
            *gifts_of(1_000, 2_000),
            declared=Declared(count=3, total_minor=4_000),
            difference_reason="Một phong bì rỗng",
            source=Source(kind="drive"),
        )
    )
    ((count, declared, source, event_id),) = room.ask(
        "SELECT line_count, declared_count, source, event_id FROM soquy.collection WHERE book_id = :book_id"
    )
    assert (count, declared, source) == (2, 3, "drive")
    ((leaf,),) = room.ask("SELECT leaf FROM soquy.audit_entry WHERE event_id = :event_id", event_id=event_id)
    told = canonical.decode(leaf)  # type: ignore[arg-type]
    check_layout(told)
    assert told.payload["entry"] == typeid.encode(typeid.ENTRY, received.entry.entry_id)
    assert told.private.keys() == {"reason"}


def test_foreign_money_keeps_its_own_amount_and_the_days_rate(room: Room) -> None:
    rate = Rate(currency="USD", value=Decimal("24650.5"), source="SBV")
    received = room.receive(
        collection(
            gift("Kiều bào Mẫu", 10_050),
            gift("Kiều bào Thử", 1),
            currency="USD",
            rate=rate,
            medium="bank",
            account="1122USD",
            channel="donor-abroad",
        )
    )
    assert room.ask("SELECT value_minor, amount_minor FROM soquy.posting WHERE book_id = :book_id ORDER BY line") == [
        (2_477_622, 10_051),
        (-2_477_622, -10_051),
    ]
    facts = receipt_facts(room.conn, room.book.tenant_id, received.contributions[0].contribution_id)
    assert (facts.contribution.amount_minor, facts.contribution.currency, facts.value_minor) == (
        10_050,
        "USD",
        2_477_375,
    )
    assert facts.rate == rate


CHANNELS: list[dict[str, Any]] = [
    {"channel": "salary-day", "medium": "bank", "account": "1121A"},
    {"channel": "household"},
    {"channel": "business", "medium": "bank", "account": "1121A"},
    {"channel": "organisation"},
    {"channel": "donor-home"},
    {"channel": "membership"},
]


@pytest.mark.parametrize("how", CHANNELS, ids=lambda how: how["channel"])
def test_every_channel_is_received(room: Room, how: dict[str, Any]) -> None:
    received = room.receive(collection(**how))
    facts = receipt_facts(room.conn, room.book.tenant_id, received.contributions[0].contribution_id)
    assert facts.contribution.channel == how["channel"]
    assert received.entry.voucher is not None
    assert received.entry.voucher.kind == ("BC" if "medium" in how else "PT")


def test_interest_has_no_giver_and_an_unknown_hand_no_name(room: Room) -> None:
    interest = room.receive(collection(gift(None), channel="interest", medium="bank", account="1121A"))
    box = room.receive(collection(gift(None, wish="anonymous")))
    for received in (interest, box):
        found = contribution_by_id(room.conn, room.book, received.contributions[0].contribution_id)
        assert (found.has_donor, found.name) == (False, None)
        with pytest.raises(DonorNotKept):
            correct_donor(
                room.conn, room.book, found.contribution_id, donor="Ai đó", detail=None, reason="Nhớ ra", actor=ACTOR
            )


def test_an_earmark_belongs_to_its_fund_and_its_days(room: Room) -> None:
    named = {"earmark": "LE-THUY", "fund": "QC", "name_vi": "Học sinh Lệ Thủy", "opened_on": MARCH, "closed_on": MARCH}
    open_earmark(room.conn, room.book, actor=ACTOR, **named)  # type: ignore[arg-type]
    received = room.receive(collection(earmark="LE-THUY"))
    facts = receipt_facts(room.conn, room.book.tenant_id, received.contributions[0].contribution_id)
    assert (facts.contribution.earmark, facts.earmark_name) == ("LE-THUY", "Học sinh Lệ Thủy")


def test_a_dry_run_finds_what_receiving_finds_and_leaves_nothing(room: Room) -> None:
    before = room.ask("SELECT count(*) FROM soquy.audit_entry")
    asked = collection(*gifts_of(5, 6))
    seen = preview(room.conn, room.book, asked, actor=ACTOR)
    assert room.ask("SELECT count(*) FROM soquy.contribution WHERE book_id = :book_id") == [(0,)]
    assert room.ask("SELECT count(*) FROM soquy.audit_entry") == before
    received = room.receive(asked)
    assert (seen.entry.seq, seen.entry.voucher) == (received.entry.seq, received.entry.voucher)


def test_the_same_request_twice_is_one_result(committed_ledger: Ledger) -> None:
    asked = collection(*gifts_of(5, 6))
    results = []
    for _ in range(2):
        with committed_ledger.transaction() as conn:
            results.append(receive(conn, committed_ledger.book, asked, actor=ACTOR, request=request("k")))
    first, second = results
    assert second.repeated
    assert (second.entry, second.contributions) == (first.entry, first.contributions)
    with committed_ledger.transaction() as conn, pytest.raises(IdempotencyConflict):
        receive(conn, committed_ledger.book, asked, actor=ACTOR, request=request("k", 2))


def test_reversing_the_entry_takes_every_contribution_back(room: Room) -> None:
    received = room.receive(collection(*gifts_of(5, 6)))
    reverse_entry(room.conn, room.book, received.entry.entry_id, on=date(2024, 4, 1), reason="Ghi nhầm", actor=ACTOR)
    rows = contributions_of(room.conn, room.book, received.entry.entry_id).rows
    assert [(row.reversed_by_seq, row.reversed_on) for row in rows] == [(2, date(2024, 4, 1))] * 2
    facts = receipt_facts(room.conn, room.book.tenant_id, rows[0].contribution_id)
    assert facts.contribution.reversed_on == date(2024, 4, 1)


def test_a_name_is_put_right_without_touching_money(room: Room) -> None:
    received = room.receive(collection(gift("Nguyễn Văn Mầu", detail="Lớp 3A"), gift("Trần Thị Thử")))
    contribution_id = received.contributions[0].contribution_id
    correct_donor(
        room.conn, room.book, contribution_id, donor="Nguyễn Văn Mẫu", detail=" ", reason="Sai dấu", actor=ACTOR
    )
    found = contribution_by_id(room.conn, room.book, contribution_id)
    assert (found.name, found.detail, found.amount_minor) == ("Nguyễn Văn Mẫu", None, 100_000)
    openings = receipt_openings(room.conn, room.book.tenant_id, contribution_id)
    assert {each.value for each in openings.gift} == {"100000 VND", "Nguyễn Văn Mầu\nLớp 3A"}
    assert [each.value for each in openings.correction] == ["Nguyễn Văn Mẫu"]
    assert receipt_facts(room.conn, room.book.tenant_id, contribution_id).corrected_at is not None
    with pytest.raises(ContributionNotFound):
        correct_donor(room.conn, room.book, typeid.new_id(), donor="Ai đó", detail=None, reason="Không có", actor=ACTOR)


def test_a_code_finds_its_gift_in_whichever_tenant(committed_ledger: Ledger) -> None:
    with committed_ledger.transaction() as conn:
        received = receive(conn, committed_ledger.book, collection(), actor=ACTOR)
    with committed_ledger.engine.begin() as conn:
        found = find_by_code(conn, received.contributions[0].code)
        assert found.book == committed_ledger.book
        assert found.contribution_id == received.contributions[0].contribution_id
        with pytest.raises(ContributionNotFound):
            find_by_code(conn, "0" * 17)


def test_a_book_is_searched_by_name_without_marks_day_amount_and_code(room: Room) -> None:
    first = room.receive(collection(gift("Đặng Thị Ánh", 5), gift("Nguyễn Văn Mẫu", 6), received_on=date(2024, 1, 2)))
    room.receive(collection(gift("Hộ ông Mẫu 100%", 7), received_on=date(2024, 2, 2)))

    def found(**asked: Any) -> list[int | None]:
        page = search_contributions(room.conn, room.book, Search(**asked))
        return [row.amount_minor for row in page.rows]

    assert found() == [7, 6, 5]
    assert found(name="dang anh") == [5]
    assert found(name="MẪU") == [7, 6]
    assert found(name="100%") == [7]
    assert found(name="%") == [7]
    assert found(from_on=date(2024, 1, 3)) == [7]
    assert found(to_on=date(2024, 1, 3), amount_minor=6) == [6]
    assert found(code=first.contributions[0].code) == [5]
    assert found(channel="business") == []
    assert found(is_reversed=True) == []
    pages = []
    after = None
    while True:
        page = search_contributions(room.conn, room.book, Search(), after=after, page_size=1)
        pages += [row.amount_minor for row in page.rows]
        after = page.next_cursor
        if after is None:
            break
    assert pages == [7, 6, 5]
