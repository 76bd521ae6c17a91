"""The pages of files, as a treasurer goes through them with a browser that runs no script."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.settings import Settings
from ledger import typeid
from tests.factories import GENERAL
from tests.integration.intake.conftest import Office
from tests.list_files import HEADER, PEOPLE, csv, ole, repacked, xlsx, zipped
from tests.people_who_sign_in import make_person, signed_in
from web.__main__ import create_app

ROWS: list[list[Any]] = [HEADER, *PEOPLE]
REFRESH = '<noscript><meta http-equiv="refresh" content="2"></noscript>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A chief accountant at the desk of the office's book."""

    office: Office
    client: TestClient
    home: str

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path if path.startswith("/desk") else self.home + path)
        assert answer.status_code == status, answer.text[:2_000]
        return str(answer.text)

    def send(self, path: str, status: Any = 303, files: Any = None, page: Any = None, **fields: Any) -> str:
        """Send a form as its page gave it: with its key and its version; return where it leads, or the page."""
        html = self.get(page or path)
        hidden = dict(re.findall(r'<input type="hidden" name="(key|version)" value="([^"]*)"', html))
        answer = self.client.post(
            path if path.startswith("/desk") else self.home + path, data={**hidden, **fields}, files=files
        )
        assert answer.status_code == status, answer.text[:3_000]
        return str(answer.headers["location"] if status == 303 else answer.text)

    def upload(self, data: bytes, name: str = "Danh sách.xlsx", kind: str = "household", **more: Any) -> str:
        """Upload a file and have it read; return the path of its page."""
        path = self.send("/intake/new", files={"file": (name, data)}, kind=kind, **more)
        self.office.work()
        return path


@pytest.fixture
def desk(office: Office) -> Desk:
    with office.engine.begin() as conn:
        person = make_person(conn, office.book, "chief_accountant", name="Nguyễn Văn Mẫu")
    app = create_app(Settings(connection_count_max=8), office.engine)
    home = f"/desk/{typeid.encode(typeid.ASSOCIATION, office.book.association_id)}"
    return Desk(office=office, client=signed_in(app, person), home=home)


def columns(html: str) -> dict[str, str]:
    """The choices of the page of columns as they stand."""
    selected = re.findall(r'name="(role\.\d+\.(?:is|legacy))".*?</select>', html, re.DOTALL)
    fields = {}
    for name in selected:
        body = html[html.index(f'name="{name}"') :]
        body = body[: body.index("</select>")]
        found = re.search(r'value="([^"]*)" selected', body)
        fields[name] = found[1] if found else ""
    return {**fields, "first_row": _value(html, "first_row"), "unit": "1"}


def _value(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    assert found is not None
    return found[1]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\xa0", " "))


FACTS = {"received_on": "5/9/2024", "account": "1111", "fund": GENERAL, "channel": "household"}


def test_a_list_goes_from_upload_to_receipt_and_back(desk: Desk) -> None:
    path = desk.upload(xlsx(ROWS))
    page = desk.client.get(path)
    assert page.headers["location"] == f"{path}/columns"
    html = desk.get(f"{path}/columns")
    assert "Nguyễn Văn Mẫu · Trần Thị Thử" in html
    assert desk.send(f"{path}/columns", **columns(html)) == path
    html = text_of(desk.get(path))
    assert "Khoản sẽ ghi 3" in html
    assert "500.000" in html
    assert "Còn 1 việc trước khi ghi sổ" in html
    assert desk.send(f"{path}/facts", **FACTS) == path
    assert "Danh sách sẵn sàng ghi sổ" in desk.get(path)
    assert "Quỹ chung" in desk.get(f"{path}/post")
    assert desk.send(f"{path}/post") == path
    waiting = desk.client.get(path)
    assert REFRESH in waiting.text
    assert "Đang ghi sổ" in waiting.text
    desk.office.work()
    html = text_of(desk.get(path))
    assert "Biên nhận của tệp" in html
    assert "Đã ghi sổ" in html
    assert desk.client.get(f"{path}/receipt.json").json()["total_minor"] == 500_000
    assert desk.send(f"{path}/reverse", on="5/9/2024", reason="Nhập nhầm") == path
    assert "Đã đảo ngày 5/9/2024" in text_of(desk.get(path))
    assert "Danh sách.xlsx" in desk.get("/intake")


def test_every_page_is_told_in_english_too(desk: Desk) -> None:
    path = desk.upload(xlsx(ROWS))
    for each in ("/intake", "/intake/new", f"{path}/columns", f"{path}/facts", f"{path}/discard"):
        html = desk.get(f"{each}?lang=en")
        assert 'lang="en"' in html
    assert "Columns of the list" in desk.get(f"{path}/columns?lang=en")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xlsx", b"%PDF-1.7", "PDF không có bảng để đọc"),
        ("a.xlsx", csv(ROWS), "nội dung là csv"),
        ("a.xlsm", xlsx(ROWS), "Tệp có macro không được mở"),
        ("a.csv", b"", "chọn một tệp"),
        ("a.xlsx", repacked(xlsx(ROWS), {"xl/vbaProject.bin": b"x"}), "Tệp có macro không được mở"),
        ("a.xlsx", zipped({"xl/a": b"\0" * 5_000_000}, level=9), "Tệp nén bất thường"),
        ("a.xlsx", ole(["EncryptionInfo", "EncryptedPackage"]), "Tệp đặt mật khẩu"),
    ],
)
def test_a_file_that_is_refused_says_why_beside_its_field(desk: Desk, name: str, data: bytes, said: str) -> None:
    html = desk.send("/intake/new", 422, files={"file": (name, data)}, kind="household")
    assert said in html or "Tệp trống" in html or "không có dòng nào" in html
    assert 'href="#f-file"' in html


def test_the_same_file_again_asks_why_and_leads_to_the_first(desk: Desk) -> None:
    data = csv(ROWS)
    path = desk.upload(data, name="a.csv")
    html = desk.send("/intake/new", 422, files={"file": ("b.csv", data)}, kind="household")
    assert path in html
    assert 'name="again_reason"' in html
    again = desk.upload(data, name="b.csv", again_reason="Đợt hai")
    assert again != path


def test_the_same_rows_in_another_order_lead_to_the_file_that_had_them(desk: Desk) -> None:
    first = desk.upload(xlsx(ROWS))
    desk.send(f"{first}/columns", **columns(desk.get(f"{first}/columns")))
    desk.send(f"{first}/facts", **FACTS)
    desk.send(f"{first}/post")
    desk.office.work()
    again = desk.upload(csv([HEADER, *reversed(PEOPLE)]), name="lai.csv")
    desk.send(f"{again}/columns", **columns(desk.get(f"{again}/columns")))
    html = desk.get(again)
    assert "3 dòng giống hệt một tệp đã ghi sổ" in text_of(html)
    assert f'<a href="{first}">' in html


def test_twins_are_shown_and_stay(desk: Desk) -> None:
    path = desk.upload(xlsx([*ROWS, [4, *PEOPLE[0][1:]]]))
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    desk.send(f"{path}/facts", **FACTS)
    assert "2 dòng trùng nhau được giữ nguyên" in text_of(desk.get(path))
    html = text_of(desk.get(f"{path}?rows=twins"))
    assert html.count("250.000") == 2
    assert "Trần Thị Thử" not in html


def test_one_dong_between_a_list_and_its_transfer_stops_it(desk: Desk) -> None:
    path = desk.upload(xlsx(ROWS), kind="salary")
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    wire = {**FACTS, "account": "1121A", "channel": "salary-day"}
    desk.send(f"{path}/facts", **wire, declared_minor="500.001", difference_reason="Làm tròn")
    html = text_of(desk.get(path))
    assert "-1 đ" in html or "−1 đ" in html
    assert "Còn 1 việc trước khi ghi sổ" in html
    refused = desk.send(f"{path}/post", 422, page=path)
    assert "500.001" in text_of(refused)
    desk.send(f"{path}/facts", **wire, declared_minor="500.000")
    assert desk.send(f"{path}/post") == path


def test_two_million_rows_are_refused_on_the_page_of_the_file(desk: Desk) -> None:
    path = desk.upload(b"Ten;So tien\n" + b"a;1\n" * 2_000_000, name="a.csv")
    assert "200.000 dòng" in text_of(desk.get(path))


def test_a_double_click_uploads_once(desk: Desk) -> None:
    html = desk.get("/intake/new")
    key = _value(html, "key")
    sent = {"data": {"key": key, "kind": "household"}, "files": {"file": ("a.csv", csv(ROWS))}}
    first, second = (desk.client.post(f"{desk.home}/intake/new", **sent) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]


def test_rows_with_faults_say_where_and_what_and_can_be_left_out(desk: Desk) -> None:
    path = desk.upload(xlsx([*ROWS, [4, "Phạm Mẫu", "", "1tr5"], [5, "Phạm Thử", "", ""]]))
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    html = text_of(desk.get(f"{path}?rows=faults"))
    assert "Cột D “1tr5”: Có phải là 1.500.000 đ? Nếu đúng, gõ đủ con số đó." in html
    refused = desk.send(f"{path}?rows=faults", 422, page=path, decision="leave_out", row="5", reason="")
    assert "Lý do" in refused
    desk.send(f"{path}?rows=faults", page=path, decision="leave_out", row="5", reason="Sẽ nộp sau")
    desk.send(
        f"{path}?rows=faults",
        page=path,
        decision="leave_out",
        code="amount_refused",
        cause="blank",
        reason="Chưa nộp",
    )
    html = text_of(desk.get(f"{path}?rows=left_out"))
    assert "Bỏ qua 2" in html
    assert "Sẽ nộp sau" in html
    desk.send(f"{path}?rows=left_out", page=path, decision="take_back", row="5", reason="Đã nộp")
    assert "Còn 1 dòng lỗi" in text_of(desk.get(path)) or "dòng lỗi" in text_of(desk.get(path))


def test_old_tables_are_shown_beside_what_they_would_be(desk: Desk) -> None:
    path = desk.upload(csv([["Hä vµ tªn", "Sè tiÒn"], ["NguyÔn V¨n MÉu", "1.500"]], encoding="latin-1"), name="a.csv")
    html = desk.get(f"{path}/columns")
    assert "NguyÔn V¨n MÉu" in html
    assert "Nguyễn Văn Mẫu" in html
    assert "TCVN3" in html
    assert "Cột B: Số tiền" in html, "a header reads like its column"
    fields = columns(html)
    assert fields["role.0.legacy"] == "tcvn3"
    desk.send(f"{path}/columns", **fields, thousands=".")
    assert "Nguyễn Văn Mẫu" in desk.get(path)


def test_columns_that_make_no_list_are_refused_on_their_page(desk: Desk) -> None:
    path = desk.upload(xlsx(ROWS))
    fields = columns(desk.get(f"{path}/columns"))
    html = desk.send(f"{path}/columns", 422, **{**fields, "role.3.is": "other"})
    assert "Chọn cột có số tiền ủng hộ." in html


def test_what_the_book_does_not_take_is_told_at_its_field(desk: Desk) -> None:
    path = desk.upload(xlsx(ROWS))
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    html = desk.send(f"{path}/facts", 422, **{**FACTS, "received_on": "5/9/2020"})
    assert 'href="#f-received_on"' in html
    assert 'value="5/9/2020"' in html


def test_an_unreadable_text_may_be_read_in_another_encoding(desk: Desk) -> None:
    path = desk.upload("Họ và tên;Số tiền\nLê Mẫu;5000\n".encode("utf-16-le") + b"\x00", name="a.csv")
    html = desk.get(path)
    assert "Không đọc được chữ trong tệp" in html
    assert desk.send(f"{path}/reading", page=path, encoding="windows-1258") == path
    assert REFRESH in desk.client.get(path).text
    desk.office.work()
    assert desk.send(f"{path}/discard") == path
    assert "Tệp này đã bỏ" in desk.get(path)


def test_rows_are_downloaded_for_whoever_mends_them(desk: Desk) -> None:
    path = desk.upload(csv([*ROWS, [4, "@SUM(1)", "=1+1", "1tr5"]]), name="a.csv")
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    told = desk.client.get(f"{path}/rows.csv?rows=faults").content.decode("utf-8-sig")
    assert "'@SUM(1)" in told
    assert "'=1+1" in told
    assert "1tr5" in told
    book = openpyxl.load_workbook(BytesIO(desk.client.get(f"{path}/rows.xlsx?rows=faults").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {"@SUM(1)", "=1+1"} <= {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}, "no cell is a formula"
    assert desk.client.get(f"{desk.home}/intake/template.xlsx?kind=salary").content.startswith(b"PK")


def test_who_may_not_keep_people_sees_no_file(office: Office) -> None:
    with office.engine.begin() as conn:
        cashier = make_person(conn, office.book, "cashier", name="Trần Thị Thử")
        elsewhere = make_person(conn, office.other, "chief_accountant", name="Lê Ví Dụ")
    app = create_app(Settings(connection_count_max=8), office.engine)
    found = office.take_in(xlsx(ROWS))
    home = f"/desk/{typeid.encode(typeid.ASSOCIATION, office.book.association_id)}/intake"
    own = f"{home}/{typeid.encode(typeid.INTAKE, found.intake_id)}"
    assert [signed_in(app, cashier).get(path).status_code for path in (home, own)] == [403, 403]
    assert [signed_in(app, elsewhere).get(path).status_code for path in (home, own)] == [404, 404]
    strange = f"/desk/{typeid.encode(typeid.ASSOCIATION, office.other.association_id)}/intake"
    path = f"{strange}/{typeid.encode(typeid.INTAKE, found.intake_id)}"
    assert signed_in(app, elsewhere).get(path).status_code == 404


def test_scripts_in_cells_and_names_are_text(desk: Desk) -> None:
    path = desk.upload(xlsx([HEADER, [1, "<script>alert(1)</script>", "<b>x</b>", 5_000]]), name="<img src=x>.xlsx")
    desk.send(f"{path}/columns", **columns(desk.get(f"{path}/columns")))
    for each in (path, f"{path}/columns", f"{path}/facts", "/intake"):
        html = desk.get(each)
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
        assert "<b>x</b>" not in html
