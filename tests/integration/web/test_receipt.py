"""Check a receipt in public: what is shown of a gift, what never is, and what guessing gets."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.database import make_engine
from api.prepared import make_partitions
from api.public_log import PublicLog
from api.settings import Settings
from audit import receipt_audit
from audit.trust import Named
from ledger import typeid
from ledger.banking.account import BankAccount, set_bank_account, withdraw_bank_account
from ledger.banking.vietqr import Transfer, decode
from ledger.books.chart import open_campaign
from ledger.books.commands import reverse_entry
from ledger.books.model import Book
from ledger.giving.code import encode, parse, shown
from ledger.giving.commands import correct_donor, open_earmark, receive
from ledger.giving.model import Collection, Gift, Received
from ledger.tenancy import set_tenant
from tests.database import DatabaseServer, with_vault
from tests.integration.api.conftest import ACTOR, furnish
from tests.papers import NO_PDFTOPPM, PDFTOPPM, code_drawn, drawn, scanned, text_of
from tests.people_who_sign_in import make_person, signed_in
from web.__main__ import create_app

NAMES = ["Nguyễn Văn Mẫu", "Trần Thị Thử", "Lê Thị Thí Nghiệm"]
DETAIL = "Thôn Kín Đáo"
REASON = "Bà Phạm Thị Nộp giao tận tay"
SECRETS = [*NAMES, DETAIL, "Phạm Thị Nộp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The whole application with a commune's drive in its books."""

    app: FastAPI
    client: TestClient
    engine: sa.Engine
    book: Book
    elsewhere: Book
    received: Received
    log: PublicLog

    @property
    def codes(self) -> list[str]:
        return [shown(each.code) for each in self.received.contributions]

    @property
    def association(self) -> str:
        return typeid.encode(typeid.ASSOCIATION, self.book.association_id)

    def change(self, work: Any) -> None:
        with self.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            work(conn, self.book)


@pytest.fixture
def site(
    database_url: str, app_url: str, postgresql: psycopg.Connection, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[Site]:
    make_partitions(database_url)
    settings = Settings(home=tmp_path, connection_count_max=8, log_origin="soquy.test/log", log_lag_seconds=0)
    engine = with_vault(make_engine(app_url, settings))
    _, book, elsewhere, _ = furnish(engine)
    with engine.begin() as conn:
        received = _drive(conn, book)
    app = create_app(settings, engine)
    app.state.public_url = "https://quy.example"
    log = PublicLog.open(
        settings, database_server.role_url(postgresql.info.dbname, "soquy_log"), is_own_role=database_server.is_ours
    )
    log.begin(engine)
    app.state.log = log
    with TestClient(app, raise_server_exceptions=False, headers={"Accept": "text/html"}) as client:
        yield Site(app=app, client=client, engine=engine, book=book, elsewhere=elsewhere, received=received, log=log)
    log.close()
    engine.dispose()


def _drive(conn: sa.Connection, book: Book) -> Received:
    set_tenant(conn, book.tenant_id)
    opened_on = date(2025, 3, 1)
    top = Book(tenant_id=book.tenant_id, book_id=book.book_id, association_id=book.association_id)
    province = conn.execute(
        sa.text("SELECT b.book_id, b.association_id FROM soquy.book AS b ORDER BY b.book_id LIMIT 1")
    ).one()
    top = Book(tenant_id=book.tenant_id, book_id=province.book_id, association_id=province.association_id)
    open_campaign(conn, top, campaign="TSDT-2025", name_vi="Tiếp sức đến trường", opened_on=opened_on, actor=ACTOR)
    open_earmark(conn, book, earmark="LT", fund="QC", name_vi="học sinh vùng lũ", opened_on=opened_on, actor=ACTOR)
    gifts = [Gift(donor=name, detail=DETAIL, amount_minor=50_000 * line) for line, name in enumerate(NAMES, start=1)]
    collection = Collection(
        received_on=date(2025, 3, 5),
        medium="cash",
        account="1111",
        fund="QC",
        channel="household",
        campaign="TSDT-2025",
        earmark="LT",
        description=REASON,
        gifts=gifts,
    )
    return receive(conn, book, collection, actor=ACTOR)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def test_a_code_shows_the_gift_and_never_a_name(site: Site) -> None:
    """Amount, day, fund, campaign, purpose, channel, line and association, however the code is typed."""
    for typed in (site.codes[1], site.codes[1].lower(), site.received.contributions[1].code):
        page = site.client.get(f"/r/{typed}")
        assert page.status_code == 200
        text = plain(page.text)
        for fact in ("100.000 đ", "5/3/2025", "Xã", "Tiếp sức đến trường", "học sinh vùng lũ", "Hộ gia đình"):
            assert fact in text
        assert "dòng 2 trong 3" in text
        assert site.codes[1] in text
        assert [secret for secret in SECRETS if secret in page.text] == []
    english = plain(site.client.get(f"/r/{site.codes[1]}?lang=en").text)
    assert "This contribution is in the book" in english
    assert "100,000 đ" in english


def test_a_typed_code_shows_the_same_without_an_address_of_its_own(site: Site) -> None:
    """The form is sent, not put into an address that a browser and every machine between would keep."""
    form = site.client.get("/r")
    assert form.status_code == 200
    assert 'method="post"' in form.text
    page = site.client.post("/r", data={"code": f"  {site.codes[0].lower().replace('-', ' ')} "})
    assert (page.status_code, page.history) == (200, [])
    assert "50.000 đ" in plain(page.text)


def test_pages_of_receipts_are_kept_sent_on_and_listed_nowhere(site: Site) -> None:
    """No cache, no referrer, no search engine, no script."""
    for answer in (site.client.get(f"/r/{site.codes[0]}"), site.client.get("/r"), site.client.get("/r/xyz")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
        assert 'name="robots" content="noindex' in answer.text


def test_the_proof_is_told_as_far_as_it_has_come(site: Site) -> None:
    """Accepted, then numbered and published with the size of the checkpoint."""
    assert "Đã nhận, chưa đánh số" in site.client.get(f"/r/{site.codes[0]}").text
    site.log.publisher().publish()
    page = plain(site.client.get(f"/r/{site.codes[0]}").text)
    assert re.search(r"điểm kiểm tra mới nhất có [0-9]+ lá", page)
    assert typeid.encode(typeid.EVENT, site.received.contributions[0].contribution_id) in page


def test_the_public_file_opens_the_amount_alone_and_verifies(site: Site, tmp_path: Path) -> None:
    """Anybody who holds the code can prove the amount offline; no name is in the file."""
    site.log.publisher().publish()
    answer = site.client.get(f"/r/{site.codes[1]}/receipt.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    report = receipt_audit.audit_receipt(answer.content, Named(), state=tmp_path / "seen", where="receipt")
    assert report.openings == (("amount", "100000 VND"),)
    members = json.loads(answer.content)
    assert [each["field"] for each in members["openings"]] == ["amount"]
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert site.codes[1] not in answer.headers["content-disposition"]


def test_a_reversal_is_told(site: Site) -> None:
    """The gift is still shown, and that it was taken back."""
    entry_id = site.received.entry.entry_id
    site.change(lambda conn, book: reverse_entry(conn, book, entry_id, on=date(2025, 4, 1), reason=REASON, actor=ACTOR))
    page = site.client.get(f"/r/{site.codes[0]}")
    text = plain(page.text)
    assert "Khoản này đã được hủy" in text
    assert "1/4/2025" in text
    assert [secret for secret in SECRETS if secret in page.text] == []


def test_a_name_put_right_is_told_without_it(site: Site) -> None:
    """That it happened, and when; neither the old name nor the new."""
    contribution_id = site.received.contributions[0].contribution_id
    site.change(
        lambda conn, book: correct_donor(
            conn, book, contribution_id, donor="Nguyễn Văn Đúng", detail=None, reason=REASON, actor=ACTOR
        )
    )
    page = site.client.get(f"/r/{site.codes[0]}")
    assert "đã được đính chính" in page.text
    assert [secret for secret in (*SECRETS, "Nguyễn Văn Đúng") if secret in page.text] == []


@pytest.mark.parametrize("typed", ["x", "0123", "<script>alert(1)</script>", "0" * 79, "%00", "ă" * 17])
def test_what_is_no_code_is_told_so(site: Site, typed: str) -> None:
    """What was typed stands in the field again, as text."""
    page = site.client.post("/r", data={"code": typed})
    assert page.status_code == 422
    assert "Mã có 17 ký tự" in page.text
    assert "<script" not in page.text
    assert site.client.get("/r/" + "0" * 79).status_code == 422
    assert site.client.get("/r/" + "0" * 81).status_code in {404, 422}


def test_a_slip_is_told_from_an_unknown_code(site: Site) -> None:
    """The check character knows a slip; whether a code ever was, nobody is told."""
    code = site.codes[0]
    slip = ("1" if code[0] != "1" else "2") + code[1:]
    page = site.client.get(f"/r/{slip}")
    assert page.status_code == 422
    assert "gõ nhầm" in page.text
    swapped = code[1] + code[0] + code[2:]
    if code[0] != code[1]:
        assert "gõ nhầm" in site.client.get(f"/r/{swapped}").text
    unknown = shown(encode(bytes(10)))
    assert parse(unknown)
    page = site.client.get(f"/r/{unknown}")
    assert page.status_code == 404
    assert "Không có giấy ghi nhận nào mang mã này" in page.text
    assert site.client.get(f"/r/{unknown}/receipt.json").status_code == 404
    assert site.client.get("/r/xyz/receipt.json").status_code == 422


def test_guessing_in_bulk_is_slowed_down(site: Site) -> None:
    """After thirty tries from one place there is one every six seconds, for known and unknown codes alike."""
    answers = [site.client.get(f"/r/{shown(encode(bytes([0] * 9 + [number])))}") for number in range(40)]
    assert [answer.status_code for answer in answers] == [404] * 30 + [429] * 10
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 6
    assert "quá nhiều lượt" in answers[-1].text
    for path in (f"/r/{site.codes[0]}", f"/r/{site.codes[0]}/receipt.json"):
        assert site.client.get(path).status_code == 429
    assert site.client.get("/r").status_code == 200


def test_neither_codes_nor_names_are_in_any_log_line(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    """A log tells the route, not what was asked of it."""
    for code in (*site.codes, shown(encode(bytes(10)))):
        site.client.get(f"/r/{code}")
        site.client.post("/r", data={"code": code})
        site.client.get(f"/r/{code}/receipt.json")
    told = "".join(capfd.readouterr())
    assert "/r/{code}" in told
    for secret in (*SECRETS, *site.codes, *(each.code for each in site.received.contributions)):
        assert secret not in told


SHOWN = BankAccount(account="1121A", bank_bin="970436", number="0123456789", holder="HOI KHUYEN HOC XA THU")


def campaign_path(site: Site, rest: str = "") -> str:
    return f"/c/{site.association}/TSDT-2025{rest}"


def test_a_campaign_tells_what_it_received_and_from_how_many(site: Site) -> None:
    """From the totals, by channel, in the books of the association and below; a reversal takes it away again."""
    page = site.client.get(campaign_path(site))
    text = plain(page.text)
    assert page.status_code == 200
    assert "Đến nay đã nhận 300.000 đ từ 3 khoản ủng hộ" in text
    assert "Hộ gia đình 300.000" in text
    assert "chưa công bố tài khoản" in text
    assert [secret for secret in SECRETS if secret in page.text] == []
    entry_id = site.received.entry.entry_id
    site.change(lambda conn, book: reverse_entry(conn, book, entry_id, on=date(2025, 4, 1), reason=REASON, actor=ACTOR))
    assert "Đến nay đã nhận 0 đ ." in plain(site.client.get(campaign_path(site)).text)


def transfer_on(page: str) -> Transfer:
    """Read the code that a page shows, drawn as its rectangles say."""
    (svg,) = re.findall(r"<svg[^>]*class=\"qr\".*?</svg>", page, re.DOTALL)
    (text,) = scanned([code_drawn(svg)])
    return decode(text)


def test_a_campaign_has_a_code_to_pay_by_with_the_amount_that_is_asked_for(site: Site) -> None:
    """No script: the amount is in the address. The transfer names the campaign."""
    site.change(lambda conn, book: set_bank_account(conn, book, SHOWN, actor=ACTOR))
    page = site.client.get(campaign_path(site))
    transfer = transfer_on(page.text)
    assert transfer == Transfer(bank_bin="970436", account="0123456789", text="TSDT 2025 UNG HO")
    for fact in ("Vietcombank", "0123456789", "HOI KHUYEN HOC XA THU", "TSDT 2025 UNG HO"):
        assert fact in page.text
    asked = site.client.get(campaign_path(site, "?amount=1.500.000"))
    assert transfer_on(asked.text).amount == 1_500_000
    assert 'value="1.500.000"' in asked.text
    for wrong in ("1tr5", "-5", "=1+1", "<b>", "99.999.999.999.999"):
        refused = site.client.get(campaign_path(site), params={"amount": wrong})
        assert refused.status_code == 422
        assert transfer_on(refused.text).amount is None
        assert "<b>" not in refused.text.replace('<b class="in">', "")
    site.change(lambda conn, book: withdraw_bank_account(conn, book, "1121A", actor=ACTOR))
    assert "<svg" not in site.client.get(campaign_path(site)).text


@pytest.mark.skipif(PDFTOPPM is None, reason=NO_PDFTOPPM)
@pytest.mark.parametrize("size", ["a4", "a3"])
def test_a_poster_pays_and_leads_to_the_page(site: Site, tmp_path: Path, size: str) -> None:
    """Both codes of the printed sheet are read; whoever asks again gets the same bytes."""
    site.change(lambda conn, book: set_bank_account(conn, book, SHOWN, actor=ACTOR))
    answer = site.client.get(campaign_path(site, f"/poster.pdf?size={size}"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    found = sorted(scanned(drawn(answer.content, tmp_path)))
    assert decode(found[0]) == Transfer(bank_bin="970436", account="0123456789", text="TSDT 2025 UNG HO")
    assert found[1] == f"https://quy.example{campaign_path(site)}"
    assert "Tiếp sức đến trường" in text_of(answer.content)
    assert site.client.get(campaign_path(site, f"/poster.pdf?size={size}")).content == answer.content


def test_what_is_no_campaign_here_has_no_page(site: Site) -> None:
    """Another code, another association's tenant, a malformed id; no poster without an account."""
    other = typeid.encode(typeid.ASSOCIATION, site.elsewhere.association_id)
    for path in (f"/c/{site.association}/KHAC", f"/c/{other}/TSDT-2025", "/c/as_x/TSDT-2025", "/c/x/y"):
        assert site.client.get(path).status_code == 404
        assert site.client.get(f"{path}/poster.pdf").status_code == 404
    assert site.client.get(campaign_path(site, "/poster.pdf")).status_code == 404
    assert site.client.get(campaign_path(site, "/poster.pdf?size=a0")).status_code == 422


def desk(site: Site, rest: str = "") -> str:
    return f"/desk/{site.association}/entries/{site.received.entry.seq}{rest}"


def test_staff_print_papers_from_the_entrys_page(site: Site) -> None:
    """An accountant sees which there are, opens them, has all printed in a job, and downloads the giver's own file."""
    with site.engine.begin() as conn:
        accountant = make_person(conn, site.book, "accountant")
    client = signed_in(site.app, accountant)
    page = client.get(desk(site, "/papers"))
    assert page.status_code == 200
    assert "3 khoản ủng hộ" in plain(page.text)
    for kind in ("voucher", "list", "receipts"):
        assert f"{desk(site)}/paper/{kind}.pdf?line=1" in page.text
        printed = client.get(desk(site, f"/paper/{kind}.pdf?line=1"))
        assert printed.headers["soquy-paper"] == "first"
        assert client.get(desk(site, f"/paper/{kind}.pdf?line=1")).content == printed.content
    asked = client.post(desk(site, "/papers"), follow_redirects=False)
    assert asked.status_code == 303
    assert re.search(r"/jobs/jb_", asked.headers["location"])
    assert client.get(desk(site, "/paper/receipts.zip")).headers["content-type"] == "application/zip"
    gift = typeid.encode(typeid.CONTRIBUTION, site.received.contributions[0].contribution_id)
    own = client.get(f"/desk/{site.association}/contributions/{gift}/receipt.json")
    assert NAMES[0] in own.text
    assert NAMES[0] in text_of(client.get(f"/desk/{site.association}/contributions/{gift}/receipt.pdf").content)
    contribution_id = site.received.contributions[0].contribution_id
    site.change(
        lambda conn, book: correct_donor(
            conn, book, contribution_id, donor="Nguyễn Văn Đúng", detail=None, reason=REASON, actor=ACTOR
        )
    )
    assert plain(client.get(desk(site, "/papers")).text).count("có tên đã được đính chính") == 2


@pytest.mark.parametrize("role", ["collector", "cashier", "inspector"])
def test_who_may_not_see_people_prints_nothing(site: Site, role: Any) -> None:
    """Nor does anybody who is not signed in, or of another association."""
    with site.engine.begin() as conn:
        person = make_person(conn, site.book, role)
        stranger = make_person(conn, site.elsewhere, "accountant")
    for rest in ("/papers", "/paper/voucher.pdf", "/paper/receipts.zip"):
        assert signed_in(site.app, person).get(desk(site, rest)).status_code == 403
        assert signed_in(site.app, stranger).get(desk(site, rest)).status_code == 404
        assert site.client.get(desk(site, rest), follow_redirects=False).status_code == 303
