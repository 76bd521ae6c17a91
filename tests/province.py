"""A small province whose year has one of everything a report must tell apart; made through the commands."""

import hashlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import Connection, text

from api.tokens import create_token, revoke_token
from ledger import typeid
from ledger.access.commands import grant_role, revoke_role
from ledger.access.exception import end_exception, make_exception
from ledger.access.role import JOINABLE, Role
from ledger.approvals.commands import deny, grant
from ledger.approvals.model import Terms
from ledger.approvals.policy import set_policy
from ledger.associations.commands import close_association, found_association
from ledger.awards.collecting import collect_awards
from ledger.awards.decision import ask_for_list, decide_list, withdraw_list
from ledger.awards.listing import submit_list
from ledger.awards.model import Collected, Listing, Nominee, Plan, RoundDraft
from ledger.awards.payment import propose_list_payment
from ledger.awards.plan import plan_program
from ledger.awards.queries import list_by_id
from ledger.awards.round import open_round
from ledger.banking.account import BankAccount, set_bank_account
from ledger.books.chart import close_account, close_fund, open_account, open_campaign, open_fund, open_program
from ledger.books.commands import issue_voucher, lock_months, reverse_entry, void_voucher
from ledger.books.model import Actor, Book, EntryDraft, Line
from ledger.books.posting import post
from ledger.calendar import today
from ledger.documents.attachment import attach_document, disown_attachment
from ledger.documents.content import Content
from ledger.documents.store import keep_document
from ledger.giving.block import Holder, close_block, issue_block, void_slip
from ledger.giving.commands import correct_donor, open_earmark, receive
from ledger.giving.delivery import Delivery, Value, hand_over, receive_goods, undo_handover, withdraw_goods
from ledger.giving.draft import post_draft, start_draft
from ledger.giving.giver import Giver
from ledger.giving.model import Declared, Paper
from ledger.giving.pledge import Promise, cancel_pledge, record_pledge
from ledger.giving.pledge_correction import correct_pledge
from ledger.money import Rate, value_at
from ledger.people.consent import ConsentDraft, give_consent, withdraw_consent
from ledger.people.guardian import link_guardian
from ledger.people.person import PersonDraft
from ledger.people.register import add_people, merge_people
from ledger.proposals.commands import execute, give_up, propose
from ledger.proposals.model import Proposal
from ledger.reports.period import Period
from ledger.reports.scope import Scope
from tests.consent import agree, post_agreed
from tests.factories import ACTOR, CHART, make_tenant
from tests.files_taken_in import take_file_and_take_it_back
from tests.giving import collection, gift, gifts_of

YEAR: Final = Period.of_year(2023)
LATE_ON: Final = date(2023, 7, 10)
FUNDS: Final = {"QC": ("general", "35381"), "TET": ("tet", "35383"), "DC": ("earmarked", "35382")}
ROLES: Final[tuple[tuple[uuid.UUID, Role], ...]] = (
    (uuid.UUID(int=1), "cashier"),
    (uuid.UUID(int=1), "collector"),
    (uuid.UUID(int=2), "accountant"),
)
CHANNELS: Final = ("salary-day", "household", "business", "donor-home")


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province, a district below it, and two communes below that, one of which began its book in July."""

    scope: Scope
    books: dict[str, Book]

    @property
    def root(self) -> Book:
        return self.books["province"]

    @property
    def commune(self) -> Book:
        return self.books["commune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A line as the journal has it: what every report is held against."""

    book_id: int
    seq: int
    line: int
    kind: str
    entry_on: date
    account: str
    fund: str
    value_minor: int
    channel: str | None
    campaign: str | None
    program: str | None
    quantity: int | None


def build_province(connection: Connection, *, seed: int = 1) -> Province:
    """Found the province in a tenant of its own and post its year."""
    tenant_id = make_tenant(connection)
    root = found_book(connection, tenant_id, level="province")
    for code, unit in (("HOCBONG", "award"), ("TET", "award"), ("TRUONG", "school")):
        open_program(connection, root, program=code, unit=unit, name_vi=code, opened_on=YEAR.from_on, actor=ACTOR)
    open_campaign(connection, root, campaign="KH2023", name_vi="Vì quỹ khuyến học", opened_on=YEAR.from_on, actor=ACTOR)
    district = found_book(connection, tenant_id, level="district", parent=root)
    commune = found_book(connection, tenant_id, level="commune", parent=district)
    late = found_book(connection, tenant_id, level="commune", parent=district, opened_on=LATE_ON)
    books = {"province": root, "district": district, "commune": commune, "late": late}
    for index, (name, book) in enumerate(books.items()):
        opened_on = LATE_ON if name == "late" else YEAR.from_on
        batch = post_agreed(connection, book, list(year_of_entries(seed * 10 + index, opened_on)), actor=ACTOR)
        for mistaken, on in ((2, date(2024, 1, 5)), (20, YEAR.to_on)):
            entry_id = batch.entries[mistaken].entry_id
            reverse_entry(connection, book, entry_id, on=on, reason="Ghi nhầm", actor=ACTOR)
    return Province(scope=Scope(tenant_id=tenant_id, association_id=root.association_id), books=books)


def do_everything_else(conn: Connection, province: Province) -> None:
    """Issue and void, lock, open and close, receive, show an account, hand out a token and a role, take both back."""
    root, commune = province.root, province.commune
    leap_day = date(2024, 2, 29)
    _, second = (issue_voucher(conn, commune, "PT", issued_on=leap_day, actor=ACTOR) for _ in range(2))
    void_voucher(conn, commune, second, reason="Viết sai", actor=ACTOR)
    give_everything(conn, commune)
    award_everything(conn, commune)
    lock_months(conn, province.books["district"], through=date(2023, 6, 30), actor=ACTOR)
    for number in ("0123456789", "9876543210"):
        shown = BankAccount(account="1121A", bank_bin="970436", number=number, holder="HOI THU NGHIEM")
        set_bank_account(conn, commune, shown, actor=ACTOR)
    brief = found_book(conn, root.tenant_id, level="chapter", parent=root)
    close_account(conn, brief, "1121B", closed_on=date(2024, 3, 1), actor=ACTOR)
    close_fund(conn, brief, "QC", closed_on=date(2024, 3, 1), actor=ACTOR)
    close_association(conn, brief, closed_on=date(2024, 3, 31), actor=ACTOR)
    tokens = [
        create_token(
            conn,
            tenant_id=root.tenant_id,
            label="Thủ quỹ",
            rights=["read", "post"],
            association_ids=[root.association_id, commune.association_id],
            reaches_below=True,
            expires_at=datetime(2030, 1, 1, microsecond=microsecond, tzinfo=UTC),
            actor=ACTOR,
        )
        for microsecond in (0, 5)
    ]
    assert revoke_token(conn, root.tenant_id, tokens[0].token_id, actor=ACTOR)
    assert not revoke_token(conn, root.tenant_id, tokens[0].token_id, actor=ACTOR)
    for book in (root, commune):
        for user_id, role in ROLES:
            given = grant_role(conn, book, user_id, role, actor=ACTOR)
            if role != "collector":
                revoke_role(conn, book, given, actor=ACTOR)
    _except(conn, root, commune)
    grant_role(conn, commune, uuid.UUID(int=2), "account_holder", actor=ACTOR)
    register_people(conn, commune)
    take_file_and_take_it_back(conn, commune, on=leap_day)


def register_people(conn: Connection, book: Book) -> None:
    """Enter a child, a guardian and a household; give consents and withdraw one; attach scans and disown one."""
    drafts = [
        PersonDraft(name="Nguyễn Văn Mẫu", birth_year=1980, details={"phone": "0900 000 000", "note": "Bố\ncủa Thử"}),
        PersonDraft(name="Nguyễn Thị Thử", birth_year=today().year - 10),
        PersonDraft(name="Hộ ông Mẫu", kind="household"),
        PersonDraft(name="Hộ ông Mẫu (xóm Thử)", kind="household", details={"address": "Xóm Thử"}),
    ]
    guardian, child, household, twin = add_people(conn, book, drafts, actor=ACTOR)
    link_guardian(conn, book, child, guardian, relation="parent", actor=ACTOR)
    merge_people(conn, book, household, twin, actor=ACTOR)
    scan = keep_document(conn, book, scan_of("giay-dong-y.pdf"), actor=ACTOR)
    on_paper = ConsentDraft(
        purpose="minor_data", method="paper", given_on=today(), guardian_id=guardian, document_id=scan.document_id
    )
    give_consent(conn, book, child, on_paper, actor=ACTOR)
    for purpose in ("publish_name", "contact"):
        draft = ConsentDraft(purpose=purpose, method="phone", given_on=today())
        give_consent(conn, book, household, draft, actor=ACTOR)
    withdraw_consent(conn, book, household, purpose="contact", method="message", withdrawn_on=today(), actor=ACTOR)
    first = text("SELECT entry_id FROM soquy.entry WHERE tenant_id = :tenant_id AND book_id = :book_id AND seq = 1")
    entry_id = conn.execute(first, {"tenant_id": book.tenant_id, "book_id": book.book_id}).scalar_one()
    attached = [
        attach_document(conn, book, scan.document_id, target_id=entry_id, kind=kind, actor=ACTOR)
        for kind in ("voucher", "list")
    ]
    disown_attachment(conn, book, attached[1], reason="Nhầm phiếu", actor=ACTOR)


def scan_of(name: str) -> Content:
    """Return a document as it is after it was looked at; its bytes are its name."""
    data = name.encode()
    return Content(
        name=name, data=data, media_type="application/pdf", page_count=1, sha256=hashlib.sha256(data).digest()
    )


def give_everything(conn: Connection, book: Book, *, on: date = date(2024, 2, 29)) -> None:
    """Receive a list for a purpose and put a name of it right; then a draft, pledges, paper receipts and goods."""
    opened_on = date(2024, 1, 1)
    open_earmark(conn, book, earmark="LE-THUY", fund="QC", name_vi="Học sinh Mẫu", opened_on=opened_on, actor=ACTOR)
    listed = collection(
        *gifts_of(30_000, 20_000),
        received_on=on,
        earmark="LE-THUY",
        declared=Declared(count=3, total_minor=60_000),
        difference_reason="Một phong bì rỗng",
    )
    received = receive(conn, book, listed, actor=ACTOR)
    contribution_id = received.contributions[0].contribution_id
    correct_donor(conn, book, contribution_id, donor="Trần Thị Mẫu", detail=None, reason="Sai tên", actor=ACTOR)
    draft_id = start_draft(conn, book, "contribution", typed_form(on), actor=ACTOR)
    post_draft(conn, book, draft_id, version=1, actor=ACTOR)
    _promise(conn, book, on)
    _ask_for_consent(conn, book, on)
    _carry_blocks(conn, book, on)
    _bring_goods(conn, book, on)


def typed_form(on: date) -> dict[str, Any]:
    """Return a household's gift as it is typed into a form."""
    typed = {"received_on": f"{on:%d/%m/%Y}", "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}
    return {**typed, "lines": [{"donor": "Hộ bà Thử", "amount": "75.000"}]}


def award_everything(conn: Connection, book: Book) -> None:
    """Plan a program twice and open a round of it; lay a list, take it back, lay another; decide, ask, pay, collect."""
    plan = Plan(program="HOCBONG", year=2024, category="scholarship", fund="QC", budget_minor=9_000_000)
    plan_program(conn, book, plan, actor=ACTOR)
    plan_program(conn, book, replace(plan, budget_minor=9_500_000, criteria="Vượt khó học giỏi"), actor=ACTOR)
    opened = RoundDraft(
        program="HOCBONG", year=2024, period="2024", fund="QC", collect_by=date(2024, 12, 31), name="Học bổng"
    )
    round_id = open_round(conn, book, opened, actor=ACTOR)
    pupil = Nominee(name="Nguyễn Thị Thử", amount_minor=500_000, birth_year=2012, class_name="7A", school="THCS Mẫu")
    listing = Listing(nominees=(pupil, replace(pupil, name="Trần Văn Thử", reason="Hộ nghèo")))
    first = submit_list(conn, book, round_id, listing, actor=ACTOR)
    withdraw_list(conn, book, first.list_id, reason="Thiếu xác nhận của trường", actor=ACTOR)
    second = submit_list(conn, book, round_id, listing, actor=ACTOR)
    scan = keep_document(conn, book, scan_of("quyet-dinh.pdf"), actor=ACTOR)
    decided: dict[str, Any] = {"number": "12/QĐ-HKH", "decided_on": date(2024, 8, 15)}
    decide_list(conn, book, second.list_id, **decided, document_id=scan.document_id, actor=ACTOR)
    people = _people(conn, book)
    asked = ask_for_list(conn, book, second.list_id, actor=people["accountant"])
    for role in ("chief_accountant", "account_holder"):
        grant(conn, book, asked, actor=people[role])
    pay_list(conn, book, second.list_id)
    collect_awards(conn, book, second.list_id, [Collected(line=2)], document_id=scan.document_id, actor=ACTOR)


def pay_list(conn: Connection, book: Book, list_id: uuid.UUID, *, on: date = date(2024, 9, 5)) -> None:
    """Have the money, propose to pay a list in cash, have it agreed to, and pay it."""
    post(conn, book, [received(on, list_by_id(conn, book, list_id).total_minor, "business")], actor=ACTOR)
    proposed = propose_list_payment(
        conn, book, list_id, account="1111", voucher="PC", issued_on=on, payee="Theo danh sách", actor=ACTOR
    )
    agree(conn, book, [proposed])
    execute(conn, book, [proposed.proposal_id], on=on, actor=ACTOR)


def _promise(conn: Connection, book: Book, on: date) -> None:
    giver = Giver(name="Công ty Mẫu")
    promise = Promise(giver=giver, amount_minor=5_000_000, pledged_on=on, due_on=date(2024, 6, 30), fund="QC")
    kept, given_up = (record_pledge(conn, book, promise, actor=ACTOR) for _ in range(2))
    cancel_pledge(conn, book, given_up, reason="Công ty giải thể", actor=ACTOR)
    receive(conn, book, collection(gift("Công ty Mẫu", 1_000_000, pledge_id=kept), received_on=on), actor=ACTOR)
    overlooked = receive(conn, book, collection(gift("Công ty Mẫu", 500_000), received_on=on), actor=ACTOR)
    gift_id = overlooked.contributions[0].contribution_id
    correct_pledge(conn, book, gift_id, kept, reason="Bỏ sót khi ghi", actor=ACTOR)


def _except(conn: Connection, root: Book, commune: Book) -> None:
    """Let one person of the commune hold two duties, twice, and end one of the exceptions; from above."""
    above = Actor(principal_id=typeid.new_id(), role="administrator", prefix=typeid.USER)
    grant_role(conn, root, above.principal_id, "administrator", actor=ACTOR)
    _, ended = (
        make_exception(conn, commune, pair, until_on=today(), reason="Chỉ có một tình nguyện viên", actor=above)
        for pair in JOINABLE[:2]
    )
    end_exception(conn, commune, ended, actor=above)
    one = typeid.new_id()
    for role in JOINABLE[0]:
        grant_role(conn, commune, one, role, actor=above)


def _people(conn: Connection, book: Book) -> dict[Role, Actor]:
    """Give three new people the roles that approve."""
    roles: tuple[Role, ...] = ("accountant", "chief_accountant", "account_holder")
    people = {role: Actor(principal_id=typeid.new_id(), role=role, prefix=typeid.USER) for role in roles}
    for role, person in people.items():
        grant_role(conn, book, person.principal_id, role, actor=ACTOR)
    return people


def _ask_for_consent(conn: Connection, book: Book, on: date) -> None:
    """Propose payments and an adjustment: two are agreed to and done, one is denied, and one is given up."""
    people = _people(conn, book)
    roles = tuple(people)
    set_policy(conn, book, "payment", Terms(roles=roles, is_ordered=True, days=20), from_minor=50_000_000, actor=ACTOR)
    spent = replace(used(on, 1_000, "HOCBONG", 1), description="Học bổng tháng 2")
    paid, denied, given_up = propose(
        conn, book, [Proposal(draft=spent, payee="Nguyễn Thị Mẫu")] * 3, actor=people["accountant"]
    )
    adjusting = replace(transfer(on, 500, "1111", "35381"), kind="adjustment", voucher="DC", corrects_seq=1)
    (adjusted,) = propose(conn, book, [Proposal(draft=adjusting)], actor=people["accountant"])
    for each in (paid, given_up):
        grant(conn, book, each.approval_id, actor=people["chief_accountant"])
    for each in (paid, adjusted):
        grant(conn, book, each.approval_id, actor=people["account_holder"])
    deny(conn, book, denied.approval_id, reason="Thiếu danh sách ký nhận", actor=people["chief_accountant"])
    give_up(conn, book, given_up.proposal_id, reason="Không chi nữa", actor=people["accountant"])
    execute(conn, book, [paid.proposal_id, adjusted.proposal_id], on=on, actor=people["accountant"])


def _carry_blocks(conn: Connection, book: Book, on: date) -> None:
    holder, series = Holder(name="Nguyễn Văn Mẫu"), "AA-24"
    used, _ = (
        issue_block(
            conn,
            book,
            series=series,
            first_number=first,
            last_number=first + 4,
            holder=holder,
            issued_on=on,
            actor=ACTOR,
        )
        for first in (101, 106)
    )
    slips = (gift(paper=Paper(series=series, number=number)) for number in (101, 102))
    receive(conn, book, collection(*slips, received_on=on), actor=ACTOR)
    void_slip(conn, book, used, 103, reason="Viết sai", actor=ACTOR)
    close_block(conn, book, used, returned_from=105, actor=ACTOR)


def _bring_goods(conn: Connection, book: Book, on: date) -> None:
    named = {"kind": "in-kind", "name_vi": "Quỹ hiện vật", "purpose": "Hiện vật", "opened_on": on}
    open_fund(conn, book, fund="HV", actor=ACTOR, **named)  # type: ignore[arg-type]
    delivery = Delivery(received_on=on, description="Bộ sách", quantity=7, unit="set", giver=Giver(name="Nhà sách Thử"))
    value = Value(value_minor=1_000_000, account="152", fund="HV")
    valued = receive_goods(conn, book, replace(delivery, value=value), actor=ACTOR).goods_id
    counted, mistaken = (receive_goods(conn, book, delivery, actor=ACTOR).goods_id for _ in range(2))
    handed = [
        hand_over(conn, book, goods_id, quantity=3, on=on, program="HOCBONG", actor=ACTOR, recipient="Trường Thử")
        for goods_id in (valued, valued, counted, counted)
    ]
    undo_handover(conn, book, handed[-1].event_id, reason="Chưa giao", actor=ACTOR)
    withdraw_goods(conn, book, mistaken, reason="Ghi trùng", actor=ACTOR)


def found_book(
    connection: Connection, tenant_id: int, *, level: str, parent: Book | None = None, opened_on: date = YEAR.from_on
) -> Book:
    """Found an association with three funds and a second bank account."""
    book = found_association(
        connection,
        tenant_id=tenant_id,
        name_vi=f'Hội "Thử" {level} \\ {opened_on}',
        kind="learning-promotion",
        level=level,
        founded_on=date(2000, 1, 1),
        books_open_on=opened_on,
        chart=CHART,
        actor=ACTOR,
        parent=parent,
    )
    for fund, (kind, _) in FUNDS.items():
        open_fund(
            connection,
            book,
            fund=fund,
            kind=kind,
            name_vi=f"=Quỹ {fund}",
            purpose="Tặng học sinh nghèo",
            opened_on=opened_on,
            actor=ACTOR,
        )
    open_account(
        connection,
        book,
        account="1121B",
        parent="1121",
        name_vi="Tiền gửi tại ngân hàng thứ hai",
        name_en="Second bank",
        opened_on=opened_on,
        actor=ACTOR,
    )
    return book


def year_of_entries(seed: int, opened_on: date) -> Iterator[EntryDraft]:
    """Forty entries in no order of days, as real ones come, which never overdraw."""
    dice = random.Random(seed)
    last_on = YEAR.to_on

    def day() -> date:
        return opened_on + timedelta(days=dice.randrange((last_on - opened_on).days + 1))

    yield replace(transfer(opened_on, 900_000_000, "1121A", "35381"), kind="opening", voucher=None)
    yield replace(transfer(opened_on, 90_000_000, "1111", "35381"), kind="opening", voucher=None)
    for _ in range(16):
        channel, campaign = dice.choice(CHANNELS), dice.choice(("KH2023", None))
        yield received(day(), dice.randrange(1_000, 9_000_000), channel, campaign=campaign)
    for _ in range(16):
        yield used(day(), dice.randrange(1_000, 900_000), dice.choice(("HOCBONG", "TET")), dice.randrange(1, 9))
    yield used(last_on, 3_000_000, "TRUONG", 2)
    given_up = transfer(day(), 50_000_000, "35381", "1121A")
    yield replace(given_up, lines=given_up.lines + transfer(last_on, 50_000_000, "1121A", "35383", fund="TET").lines)
    yield received(day(), 7_000_000, "business", fund="DC", account="1121A")
    yield used(last_on, 1_000_000, "HOCBONG", 4, fund="DC", account="1121A")
    yield used(last_on, 20_000_000, "TET", 80, fund="TET", account="1121A")
    yield from_abroad(day(), 12_345, "24500.37")
    yield replace(transfer(day(), 5_000_000, "35381", "1121A"), voucher="CK")


def transfer(on: date, amount_minor: int, debit: str, credit: str, *, fund: str = "QC") -> EntryDraft:
    lines = (
        Line(account=debit, fund=fund, value_minor=amount_minor),
        Line(account=credit, fund=fund, value_minor=-amount_minor),
    )
    return EntryDraft(entry_on=on, lines=lines, voucher="KT")


def received(
    on: date, amount_minor: int, channel: str, *, fund: str = "QC", account: str = "1111", campaign: str | None = None
) -> EntryDraft:
    money, balance = transfer(on, amount_minor, account, FUNDS[fund][1], fund=fund).lines
    return EntryDraft(
        entry_on=on,
        lines=(money, replace(balance, channel=channel, campaign=campaign)),
        voucher="PT" if account.startswith("111") else "BC",
        description="Thu quỹ khuyến học",
    )


def used(
    on: date, amount_minor: int, program: str, quantity: int, *, fund: str = "QC", account: str = "1111"
) -> EntryDraft:
    balance, money = transfer(on, amount_minor, FUNDS[fund][1], account, fund=fund).lines
    return EntryDraft(
        entry_on=on,
        lines=(replace(balance, program=program, quantity=quantity), money),
        voucher="PC" if account.startswith("111") else "BN",
    )


def from_abroad(on: date, cents: int, rate: str) -> EntryDraft:
    exchange = Rate(currency="USD", value=Decimal(rate), source="VCB")
    value_minor = value_at(cents, exchange, 2)
    bank = Line(account="1122USD", fund="QC", value_minor=value_minor, currency="USD", amount_minor=cents)
    balance = replace(bank, account="35381", value_minor=-value_minor, amount_minor=-cents, channel="donor-abroad")
    return EntryDraft(entry_on=on, lines=(bank, balance), voucher="BC", rate=exchange)


def all_lines(connection: Connection, scope: Scope, book: Book | None = None) -> list[Posted]:
    """Return every line of a tenant or of a book, in the order of days, entries and lines."""
    rows = connection.execute(
        text("""\
            SELECT p.book_id, p.seq, p.line, e.kind, p.entry_on, p.account, p.fund, p.value_minor, p.channel,
                p.campaign, p.program, p.quantity
            FROM soquy.posting AS p JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
            WHERE p.tenant_id = :tenant_id AND p.book_id = coalesce(CAST(:book_id AS bigint), p.book_id)
            ORDER BY p.entry_on, p.seq, p.line"""),
        {"tenant_id": scope.tenant_id, "book_id": book and book.book_id},
    )
    return [Posted(**row) for row in rows.mappings()]


def periods() -> st.SearchStrategy[Period]:
    """Draw days around the province's year, in any length."""
    days = st.dates(date(2022, 12, 1), date(2024, 2, 29))
    return st.lists(days, min_size=2, max_size=2).map(lambda pair: Period(from_on=min(pair), to_on=max(pair)))
