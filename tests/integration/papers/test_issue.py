"""Papers out of the books: what they say, to the đồng, and that a reprint is the first print again."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.chart import open_campaign
from ledger.books.commands import reverse_entry
from ledger.books.posting import post
from ledger.documents.attachment import attach_document, disown_attachment
from ledger.documents.content import check_content
from ledger.documents.store import keep_document
from ledger.errors import EntryNotFound
from ledger.giving.code import shown
from ledger.giving.commands import correct_donor, open_earmark
from ledger.giving.model import Received
from ledger.money import Rate, grouped
from ledger.papers import facts, issue
from ledger.papers.facts import PaperKind, PaperRefused, Wanted
from ledger.papers.imprint import Imprint
from ledger.papers.issue import Printed, difference_of, print_paper, printed_of
from ledger.words import Spelling, amount_words
from migrations.migrate import driver_url
from tests.consent import post_agreed
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, make_book, payment, receipt
from tests.giving import MARCH, collection, gift, gifts_of
from tests.integration.documents.files import pdf
from tests.integration.giving.conftest import Room, room
from tests.papers import NO_PDFTOPPM, PDFTOPPM, drawn, scanned, text_of

__all__ = ["room"]

IMPRINT = Imprint(public_url="https://quy.example", log_key="quy.example/log+1a2b3c4d")


def printed(room: Room, received: Received | Any, kind: PaperKind, first_line: int = 1, **more: Any) -> Printed:
    entry_id = received.entry.entry_id if isinstance(received, Received) else received
    wanted = Wanted(entry_id=entry_id, kind=kind, first_line=first_line)
    return print_paper(lambda work: work(room.conn), room.book, wanted, more.get("imprint", IMPRINT), actor=ACTOR)


def words_of(pdf: bytes) -> str:
    return unicodedata.normalize("NFC", text_of(pdf))


@pytest.fixture
def drive(room: Room) -> Received:
    """Three households of a village, for a campaign and a purpose."""
    open_campaign(
        room.conn, room.book, campaign="TSDT-2024", name_vi="Tiếp sức đến trường", opened_on=MARCH, actor=ACTOR
    )
    open_earmark(
        room.conn, room.book, earmark="LT", fund="QC", name_vi="học sinh vùng lũ", opened_on=MARCH, actor=ACTOR
    )
    gifts = [
        gift("Nguyễn Văn Mẫu", 1_005_000, detail="Thôn Đông"),
        gift("Trần Thị Thử", 50_000),
        gift(None, 21_000, wish="anonymous"),
    ]
    return room.receive(collection(*gifts, campaign="TSDT-2024", earmark="LT", description="Thu tại nhà văn hóa"))


def test_a_voucher_says_what_was_booked(room: Room) -> None:
    """Number, day, accounts, giver, address, reason and amount in figures and words are the entry's."""
    received = room.receive(collection(gift("Nguyễn Văn Mẫu", 1_005_000, detail="Thôn Đông"), description="Góp quỹ"))
    made = printed(room, received, "voucher")
    text = words_of(made.pdf)
    entry_id = typeid.encode(typeid.ENTRY, received.entry.entry_id)
    association = typeid.encode(typeid.ASSOCIATION, room.book.association_id)
    for fact in ("PHIẾU THU", "PT/2024/1", "Ngày 05 tháng 03 năm 2024", "Nguyễn Văn Mẫu", "Thôn Đông", "Góp quỹ"):
        assert fact in text
    for fact in ("1.005.000 đ", "Một triệu không trăm linh năm nghìn đồng.", "Quỹ chung", "Hộ gia đình", entry_id):
        assert fact in text
    assert "1111 1.005.000" in text
    assert "35381 1.005.000" in text
    assert made.name == "chung-tu-PT-2024-1.pdf"
    assert association


def test_a_voucher_of_many_refers_to_its_list(room: Room, drive: Received) -> None:
    """No giver stands on it; their number and sum do."""
    text = words_of(printed(room, drive, "voucher").pdf)
    assert "Theo bảng kê" in text
    assert "bảng kê 3 khoản" in text
    assert "1.076.000 đ" in text
    assert "Nguyễn Văn Mẫu" not in text


def test_scans_that_are_attached_are_counted_and_wrong_ones_are_not(room: Room, drive: Received) -> None:
    """As they were when it was printed first: what is attached later does not change the paper."""
    entry_id = drive.entry.entry_id

    def scan(pages: int) -> UUID:
        document = keep_document(room.conn, room.book, check_content("giay.pdf", pdf(pages)), actor=ACTOR)
        return attach_document(
            room.conn, room.book, document.document_id, target_id=entry_id, kind="voucher", actor=ACTOR
        )

    wrong, *_ = scan(1), scan(2), scan(3)
    disown_attachment(room.conn, room.book, wrong, reason="Nhầm phiếu", actor=ACTOR)
    first = printed(room, drive, "voucher")
    assert "2 chứng từ gốc" in words_of(first.pdf)
    scan(4)
    assert printed(room, drive, "voucher").pdf == first.pdf
    assert "chứng từ gốc" not in words_of(printed(room, drive, "list").pdf)


def test_a_list_has_every_gift_and_their_sum(room: Room, drive: Received) -> None:
    """Line by line, the unnamed among them, with the total in words."""
    text = words_of(printed(room, drive, "list").pdf)
    assert "1 Nguyễn Văn Mẫu Thôn Đông 1.005.000 2 Trần Thị Thử 50.000 3 không nêu tên 21.000" in text
    assert "Tổng cộng 3 khoản" in text
    assert f"{amount_words(1_076_000)}." in text
    assert "Tiếp sức đến trường" in text


@pytest.mark.skipif(PDFTOPPM is None, reason=NO_PDFTOPPM)
def test_each_giver_has_a_receipt_whose_code_leads_to_the_check(room: Room, drive: Received, tmp_path: Path) -> None:
    """Alone or on sheets: name, amount, purpose, and the code that the vault keeps; the camera reads its address."""
    codes = [shown(each.code) for each in drive.contributions]
    sheets = printed(room, drive, "receipts")
    text = words_of(sheets.pdf)
    assert scanned(drawn(sheets.pdf, tmp_path)) == [f"https://quy.example/r/{code}" for code in codes]
    single = printed(room, drive, "receipt", 2)
    alone = words_of(single.pdf)
    for fact in ("Trần Thị Thử", "50.000 đ", "Năm mươi nghìn đồng", "học sinh vùng lũ", "dòng 2/3", codes[1]):
        assert fact in alone
        assert fact in text
    for other in ("Nguyễn Văn Mẫu", codes[0], codes[2]):
        assert other not in alone
    assert "quy.example/log+1a2b3c4d" in alone
    assert typeid.encode(typeid.EVENT, drive.contributions[1].contribution_id) in alone
    assert (single.name, sheets.name) == ("giay-ghi-nhan-PT-2024-1-2-2.pdf", "giay-ghi-nhan-PT-2024-1-1-3.pdf")


def test_foreign_money_stands_in_its_own_currency_with_the_rate(room: Room) -> None:
    """Figures, words and worth agree with the entry."""
    received = room.receive(
        collection(
            *(replace(each, amount_minor=each.amount_minor * 100) for each in gifts_of(100, 50)),
            medium="bank",
            account="1122USD",
            channel="donor-abroad",
            currency="USD",
            rate=Rate(currency="USD", value=Decimal("24650.5"), source="VCB.2024-03-05"),
        )
    )
    text = words_of(printed(room, received, "voucher").pdf)
    for fact in ("BÁO CÓ", "150,00 USD", "Một trăm năm mươi đô la Mỹ.", "1 USD = 24.650,5 đ", "3.697.575 đ"):
        assert fact in text
    assert "100,00 2 Trần Thị Thử 2 50,00" in words_of(printed(room, received, "list").pdf)
    assert "Một trăm đô la Mỹ" in words_of(printed(room, received, "receipt").pdf)


def test_a_house_spells_as_it_is_used_to(room: Room) -> None:
    """Lẻ and ngàn, where the deployment says so."""
    received = room.receive(collection(gift("Trần Thị Thử", 105_000)))
    southern = replace(IMPRINT, spelling=Spelling(nought_tens="lẻ", thousand="ngàn"))
    assert "Một trăm lẻ năm ngàn đồng" in words_of(printed(room, received, "receipt", imprint=southern).pdf)


KINDS: list[tuple[PaperKind, int]] = [("voucher", 1), ("list", 1), ("receipt", 3), ("receipts", 1)]


@pytest.mark.parametrize(("kind", "line"), KINDS)
def test_a_reprint_is_the_first_print_to_the_byte(room: Room, drive: Received, kind: PaperKind, line: int) -> None:
    """Though the service moved, the key changed and a fund was renamed since."""
    first = printed(room, drive, kind, line)
    assert (first.is_first, first.difference) == (True, None)
    moved = Imprint(
        public_url="https://new.example", log_key="new.example/log+ffffffff", spelling=Spelling(nought_tens="lẻ")
    )
    again = printed(room, drive, kind, line, imprint=moved)
    assert (again.is_first, again.difference, again.issued_at) == (False, None, first.issued_at)
    assert again.pdf == first.pdf
    assert again.name == first.name
    rows = [row for row in printed_of(room.conn, room.book, drive.entry.entry_id) if row.kind == kind]
    assert [(row.first_line, row.issued_at) for row in rows] == [(line, first.issued_at)]


def test_a_paper_printed_before_its_reversal_stays_what_it_was_and_a_later_one_says_so(
    room: Room, drive: Received
) -> None:
    """The first print is reprinted as it is; what is printed first after a reversal carries it on its face."""
    voucher = printed(room, drive, "voucher")
    reverse_entry(room.conn, room.book, drive.entry.entry_id, on=date(2024, 4, 1), reason="Ghi nhầm", actor=ACTOR)
    assert printed(room, drive, "voucher").pdf == voucher.pdf
    assert "đã được hủy bằng chứng từ điều chỉnh số DC/2024/1" in words_of(printed(room, drive, "list").pdf)


def correct(room: Room, received: Received, line: int, name: str) -> None:
    contribution_id = received.contributions[line - 1].contribution_id
    told = {"donor": name, "detail": None, "reason": "Viết thiếu chữ"}
    correct_donor(room.conn, room.book, contribution_id, **told, actor=ACTOR)  # type: ignore[arg-type]


def test_a_name_put_right_is_told_on_the_face_of_the_reprint(room: Room, drive: Received) -> None:
    """The corrected name stands on it, with the remark; other papers of the entry are as they were."""
    first = printed(room, drive, "receipt", 2)
    other = printed(room, drive, "receipt", 1)
    correct(room, drive, 2, "Trần Thị Thử Nghiệm")
    again = printed(room, drive, "receipt", 2)
    assert again.difference == "corrected"
    assert again.pdf != first.pdf
    text = words_of(again.pdf)
    assert "Trần Thị Thử Nghiệm" in text
    assert "đã được đính chính sau khi in" in text
    assert printed(room, drive, "receipt", 2).pdf == again.pdf, "nor does the reprint depend on when it is made"
    assert printed(room, drive, "receipt", 1).pdf == other.pdf
    wanted = Wanted(entry_id=drive.entry.entry_id, kind="receipt", first_line=2)
    assert difference_of(room.conn, room.book, wanted) == "corrected"
    assert difference_of(room.conn, room.book, replace(wanted, first_line=1)) is None


def erase(room: Room, statement: str, **more: object) -> None:
    """Erase as the vault's role does."""
    room.conn.execute(sa.text("SET LOCAL ROLE soquy_vault"))
    room.conn.execute(sa.text(statement), {"tenant_id": room.book.tenant_id, **more})
    room.conn.execute(sa.text("SET LOCAL ROLE soquy_app"))


@pytest.fixture
def owned(shared_database: str, database_server: DatabaseServer) -> Iterator[Room]:
    """A room whose connection may become any role; all of it is rolled back."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database)), poolclass=sa.NullPool))
    with engine.connect() as conn:
        transaction = conn.begin()
        conn.execute(sa.text("SET LOCAL ROLE soquy_app"))
        yield Room(conn=conn, book=make_book(conn))
        transaction.rollback()


def test_a_reprint_after_an_erasure_says_so_and_shows_what_is_left(owned: Room) -> None:
    """The erased giver is gone from every paper, their amount is not, and the others stand as they stood."""
    received = owned.receive(collection(*gifts_of(1_000, 2_000, 3_000), description="Bà Nguyễn Thị Kín giao"))
    firsts = {(kind, line): printed(owned, received, kind, line) for kind, line in KINDS}
    gone = received.contributions[1].contribution_id
    erase(owned, "DELETE FROM vault.contributor WHERE tenant_id = :tenant_id AND event_id = :gone", gone=gone)
    erase(owned, "DELETE FROM vault.receipt_code WHERE tenant_id = :tenant_id AND contribution_id = :gone", gone=gone)
    for (kind, line), first in firsts.items():
        again = printed(owned, received, kind, line)
        text = words_of(again.pdf)
        assert "Trần Thị Thử 2" not in text
        if kind in {"list", "receipts"}:
            assert again.difference == "erased"
            assert "Thông tin cá nhân trên bản đầu đã được xóa theo luật" in text
            assert "2.000" in text
            assert "Trần Thị Thử 3" in text
        else:
            assert (again.difference, again.pdf) == (None, first.pdf)
    lost = printed(owned, received, "receipt", 2)
    assert lost.is_first
    assert words_of(lost.pdf).count("đã xóa theo luật") == 2
    erase(owned, "DELETE FROM vault.sealed_value WHERE tenant_id = :tenant_id AND field = 'description'")
    again = printed(owned, received, "voucher")
    assert again.difference == "erased"
    assert "Nguyễn Thị Kín" not in words_of(again.pdf)


def test_another_typesetter_is_told_of_where_it_sets_other_bytes(
    room: Room, drive: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data are the same, and the paper says that its layout may not be."""
    printed(room, drive, "voucher")
    real = issue._digest
    monkeypatch.setattr(issue, "_digest", lambda key, content: real(key, content + b"x" * content.startswith(b"%PDF")))
    monkeypatch.setattr(issue, "ENGINE", "typst-99.0.0")
    again = printed(room, drive, "voucher")
    assert again.difference == "engine"
    assert "cách dàn trang có thể khác" in words_of(again.pdf)
    wanted = Wanted(entry_id=drive.entry.entry_id, kind="voucher")
    assert difference_of(room.conn, room.book, wanted) == "engine"


def test_of_two_who_print_first_one_is_and_the_other_prints_again(
    room: Room, drive: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both get the same paper, and one row is kept."""
    real, between = issue._prepare, iter([True])

    def prepare(conn: sa.Connection, *asked: Any) -> Any:
        found = real(conn, *asked)
        if next(between, False):
            printed(room, drive, "voucher")
        return found

    monkeypatch.setattr(issue, "_prepare", prepare)
    second = printed(room, drive, "voucher")
    assert not second.is_first
    assert len(printed_of(room.conn, room.book, drive.entry.entry_id)) == 1


def test_lists_and_sheets_are_cut_into_parts(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins where the one before ended, and every gift is on exactly one."""
    sizes: dict[PaperKind, int] = {"voucher": 1, "list": 4, "receipt": 1, "receipts": 3}
    monkeypatch.setattr(facts, "SIZES", sizes)
    monkeypatch.setattr(facts, "VOLUME_SIZE", 4)
    received = room.receive(collection(*gifts_of(*(1_000 * line for line in range(1, 11)))))
    volumes = [words_of(printed(room, received, "list", line).pdf) for line in (1, 5, 9)]
    assert ["Tập 1/3" in volumes[0], "Tập 2/3" in volumes[1], "Tập 3/3" in volumes[2]] == [True] * 3
    assert "8 khoản · 36.000" in volumes[1]
    assert "2 khoản · 19.000" in volumes[2]
    assert "10 khoản · 55.000" in volumes[2]
    sheets = " ".join(words_of(printed(room, received, "receipts", line).pdf) for line in (1, 4, 7, 10))
    for line, recorded in enumerate(received.contributions, start=1):
        assert sheets.count(shown(recorded.code)) == 1
        assert f"{grouped(1_000 * line)} đ" in sheets
    for line in (0, 2, 11):
        with pytest.raises(PaperRefused) as caught:
            printed(room, received, "receipts", line)
        assert caught.value.fields["reason"] == "line"


def test_what_has_no_such_paper_is_refused_with_the_reason(room: Room, drive: Received) -> None:
    """Payments, reversals, openings, entries without gifts, and receipts that nobody could check."""
    (spent,) = post_agreed(room.conn, room.book, [payment(1_000, date(2024, 3, 6))], actor=ACTOR).entries
    (plain,) = post(room.conn, room.book, [receipt(5_000, date(2024, 3, 6))], actor=ACTOR).entries
    nowhere = replace(IMPRINT, public_url=None)
    cases: list[tuple[str, Callable[[], Printed]]] = [
        ("voucher_kind", lambda: printed(room, spent.entry_id, "voucher")),
        ("no_gifts", lambda: printed(room, plain.entry_id, "list")),
        ("no_gifts", lambda: printed(room, plain.entry_id, "receipt")),
        ("address", lambda: printed(room, drive, "receipt", imprint=nowhere)),
        ("address", lambda: printed(room, drive, "receipts", imprint=nowhere)),
    ]
    for reason, attempt in cases:
        with pytest.raises(PaperRefused) as caught:
            attempt()
        assert caught.value.fields["reason"] == reason
    assert "Họ và tên người nộp tiền" in words_of(printed(room, plain.entry_id, "voucher").pdf)
    assert "Theo bảng kê" in words_of(printed(room, drive, "voucher", imprint=nowhere).pdf)
    with pytest.raises(EntryNotFound):
        printed(room, typeid.new_id(), "voucher")


def test_a_neighbours_entry_has_no_paper_here(room: Room, drive: Received) -> None:
    """Neither by its id, nor is it told that it is there."""
    other = make_book(room.conn, tenant_id=room.book.tenant_id)
    wanted = Wanted(entry_id=drive.entry.entry_id, kind="voucher")
    with pytest.raises(EntryNotFound):
        print_paper(lambda work: work(room.conn), other, wanted, IMPRINT, actor=ACTOR)


def test_what_is_kept_of_a_paper_names_nobody(room: Room, drive: Received) -> None:
    """The row has codes, names of funds and hashes under a key: no giver, no reason, no plain hash of the PDF."""
    made = printed(room, drive, "receipts")
    ((row,),) = room.ask("SELECT to_jsonb(p)::text FROM soquy.paper AS p WHERE book_id = :book_id")
    for typed in ("Nguyễn Văn Mẫu", "Trần Thị Thử", "Thôn Đông", "nhà văn hóa", drive.contributions[0].code):
        assert typed not in str(row)
    assert hashlib.sha256(made.pdf).hexdigest() not in str(row)
