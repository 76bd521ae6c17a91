"""Forms as browsers send them, over the page that shows every part and reads no database."""

import re

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import app as api
from api.settings import Settings
from web import form_body
from web.form_body import FormBody
from web.pages import mount
from web.site import DESK_HEADERS

RIGHT = {
    "name": "Nguyễn Văn Mẫu",
    "amount": "1.500.000",
    "received": "5/9/2026",
    "fund": "HB",
    "medium": "cash",
    "sure": "1",
    "key": "k" * 32,
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = api.create_app(Settings(), sa.create_engine("postgresql+psycopg://nobody@localhost/none"))
    mount(made, made.state.engine)

    @made.post("/keyless")
    def keyless(form: FormBody) -> None:
        form.request("gift")

    return made


@pytest.fixture
def pages(app: FastAPI) -> TestClient:
    """A browser of its own for each test, because the desk's pages leave a cookie in it."""
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("path", ["/style", "/style/wrong", "/style?lang=en"])
def test_pages_of_the_desk_run_our_scripts_alone_and_are_kept_nowhere(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert {name: answer.headers[name] for name in DESK_HEADERS} == DESK_HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]
    for found in re.findall(r"<script[^>]*>", answer.text):
        assert re.fullmatch(r'<script type="module" src="/static/[0-9a-f]{16}/[a-z]+\.js">', found)
    assert not re.search(r'\s(style|on[a-z]+)="', answer.text)


def test_the_desk_remembers_its_language(pages: TestClient) -> None:
    assert '<html lang="vi">' in pages.get("/style").text
    assert '<html lang="en">' in pages.get("/style?lang=en").text
    assert '<html lang="en">' in pages.get("/style").text
    assert 'href="/style?lang=vi"' in pages.get("/style").text
    assert '<html lang="vi">' in pages.get("/style?lang=vi").text
    assert '<html lang="vi">' in pages.get("/style?lang=fr").text


@pytest.mark.parametrize("multipart", [False, True])
def test_both_kinds_of_forms_are_read(pages: TestClient, multipart: bool) -> None:
    files = {"scan": ("a.pdf", b"%PDF-1.7", "application/pdf")} if multipart else None
    answer = pages.post("/style", data=RIGHT, files=files)
    assert answer.status_code == 200
    assert "Đã nhận mẫu" in answer.text


def test_a_refused_form_comes_back_as_it_was_typed_with_links_to_its_faults(pages: TestClient) -> None:
    answer = pages.post("/style", data={**RIGHT, "amount": '1tr5 <script>"', "received": ""})
    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert 'value="1tr5 &lt;script&gt;&#34;"' in answer.text
    links = re.findall(r'<li><a href="#([^"]+)">', answer.text.partition("</form>")[0])
    assert links == ["f-amount", "f-received"]
    for target in links:
        assert f'id="{target}"' in answer.text
        assert f'id="{target}-fault"' in answer.text
    assert f'name="key" value="{RIGHT["key"]}"' in answer.text


def test_a_choice_and_its_boxes_stay_chosen(pages: TestClient) -> None:
    html = pages.post("/style", data={**RIGHT, "amount": "", "wish": ["named", "anonymous"], "note": "a\r\nb"}).text
    assert '<option value="HB" selected>' in html
    assert 'value="cash" checked' in html
    assert html.count("checked") == 4
    assert "a\nb</textarea>" in html


def test_a_form_that_no_page_has_sent_is_refused_in_words(pages: TestClient) -> None:
    answer = pages.post("/keyless", data={"name": "a"}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "Không đọc được biểu mẫu gửi lên" in answer.text
    assert pages.post("/keyless", data={"name": "a"}).json()["code"] == "form_malformed"


def test_a_draft_gets_its_next_version(pages: TestClient) -> None:
    assert pages.post("/style/save", data={"version": "7", "name": "a"}).json() == {"version": 8}
    assert pages.post("/style/save", data={"version": "x"}).json() == {"version": 1}


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"name=%FF", "application/x-www-form-urlencoded", 400, "form_malformed"),
        (b"name=\xc3\xa1", "application/x-www-form-urlencoded", 400, "form_malformed"),
        (b"&".join([b"a=1"] * 30_002), "application/x-www-form-urlencoded", 400, "form_malformed"),
        (b"a" * (form_body.FIELDS_SIZE_MAX + 1), "application/x-www-form-urlencoded", 413, "body_too_large"),
        (b"{}", "application/json", 400, "form_malformed"),
        (b"", "", 400, "form_malformed"),
        (b"x", "multipart/form-data", 400, "form_malformed"),
        (b"x", "multipart/form-data; boundary=b", 400, "form_malformed"),
        (
            b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n\xff\r\n--b--\r\n',
            "multipart/form-data; boundary=b; charset=utf-8",
            400,
            "form_malformed",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\ncut',
            "multipart/form-data; boundary=b",
            400,
            "form_malformed",
        ),
        (
            b"".join(
                b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nx\r\n'
                for _ in range(form_body.FILE_COUNT_MAX + 1)
            )
            + b"--b--\r\n",
            "multipart/form-data; boundary=b",
            400,
            "form_malformed",
        ),
    ],
)
def test_what_is_no_form_or_too_much_of_one_is_refused_whole(
    pages: TestClient, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = pages.post("/style", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
