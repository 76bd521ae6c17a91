import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.database import make_engine
from api.settings import Settings
from ledger import typeid
from ledger.associations.commands import found_tenant
from ledger.demo.presence import demo_place
from ledger.demo.provinces import TENANTS
from ledger.demo.published import published_figures
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url
from tests.demo_province import Demo
from web.__main__ import create_app
from web.disclosure import MEASURES
from web.pages import mount
from web.published_words import NOTES, SOURCES
from web.site import HEADERS, STATIC_VERSION


@contextmanager
def client_of(url: str) -> Iterator[TestClient]:
    app = FastAPI()
    engine = make_engine(url, Settings())
    mount(app, engine)
    yield TestClient(app, follow_redirects=False)
    engine.dispose()


@pytest.fixture
def pages(demo: Demo) -> Iterator[TestClient]:
    with client_of(demo.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as client:
        yield client


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html).replace("\xa0", " "))


def root_path(demo: Demo) -> str:
    return f"/a/{typeid.encode(typeid.ASSOCIATION, demo.built.association_id)}"


def test_the_front_page_tells_the_year_in_numbers_that_reconcile(pages: TestClient) -> None:
    answer = pages.get("/")
    assert answer.status_code == 200
    told = text_of(answer.text)
    for figure in (
        "31.400.000.000 đ",
        "64.700.000.000 đ",
        "24.000.000.000 đ",
        "72.100.000.000 đ",
        "55.398 suất",
        "39 trường",
    ):
        assert figure in told
    assert 31_400_000_000 + 64_700_000_000 - 24_000_000_000 == 72_100_000_000


def test_published_figures_keep_their_qualifiers_and_sources(pages: TestClient) -> None:
    told = text_of(pages.get("/").text)
    assert "Công bố: hơn 64,7 tỷ đ" in told
    assert "Công bố: gần 24 tỷ đ" in told
    source = "Nguồn: Báo cáo hội nghị tổng kết năm 2023 của Hội Khuyến học tỉnh Hà Nam, 12/01/2024"
    assert told.count(source) == 1
    assert "Report of" not in told
    in_english = text_of(pages.get("/?lang=en").text)
    assert "Source: Report of the Hà Nam association&#39;s 2023 year-end conference, 12 Jan 2024" in in_english.replace(
        "’", "&#39;"
    )


def test_what_keeps_no_books_is_told_from_what_is_outside_them(pages: TestClient) -> None:
    told = text_of(pages.get("/").text)
    assert "1.127 không mở sổ" in told
    assert "2.150 không mở sổ" in told
    assert "308.990 ngoài sổ quỹ" in told


def test_the_demo_says_which_boundaries_its_communes_have(pages: TestClient) -> None:
    told = text_of(pages.get("/").text)
    assert "98 xã, phường, thị trấn ở đây theo địa giới năm 2025" in told
    assert "không phải của năm 2023; 11 hội là đơn vị mẫu" in told
    assert "98 communes, wards and townships" in text_of(pages.get("/?lang=en").text)


def test_a_note_stands_beside_its_published_figure(pages: TestClient) -> None:
    assert "Gồm cả suất trao và thiết bị cho trường" in text_of(pages.get("/").text)
    assert "Awards and school equipment together" in text_of(pages.get("/?lang=en").text)


@pytest.mark.parametrize("place", list(TENANTS.values()))
def test_sources_and_notes_of_shown_figures_are_in_both_languages(place: str) -> None:
    shown = [each for each in published_figures() if each.place == place and each.measure in MEASURES]
    assert {each.source for each in shown} <= SOURCES.keys()
    assert {each.note for each in shown if each.note} <= NOTES.keys()


def test_english_stands_beside_vietnamese(pages: TestClient) -> None:
    answer = pages.get("/?lang=en")
    assert answer.headers["content-language"] == "en"
    assert '<html lang="en">' in answer.text
    assert "64,700,000,000 đ" in text_of(answer.text)
    assert pages.get("/en").headers["location"] == "/?lang=en"


def test_all_base_associations_can_be_listed_and_sorted(pages: TestClient) -> None:
    by_name = text_of(pages.get("/?every=1&sort=name").text)
    assert by_name.index("Phường Bạch Thượng") < by_name.index("Phường Châu Cầu") < by_name.index("Xã An Đổ")
    assert (
        len(re.findall('<a href="/a/as_[^"]*">(?:Xã|Phường|Thị trấn|Đơn vị mẫu)', pages.get("/?every=1").text)) == 109
    )


def test_a_figure_opens_to_the_lines_that_sum_to_it(pages: TestClient, demo: Demo) -> None:
    html = pages.get(f"{root_path(demo)}/lines?channel=donor-abroad").text
    amounts = [int(found.replace(".", "")) for found in re.findall(r'<td class="n">([\d.]+)</td></tr>', html)]
    assert len(amounts) == 2
    assert f"{sum(amounts):,}".replace(",", ".") in html.split("<table")[0]


def test_what_a_book_opened_with_opens_to_lines_too(pages: TestClient, demo: Demo) -> None:
    own = pages.get(f"{root_path(demo)}?own=1").text
    address = re.search(r'href="([^"]*side=opening)">([^<]+)</a>', own)
    assert address is not None
    path: str | None = address[1].replace("&amp;", "&")
    total = 0
    while path:
        html = pages.get(path).text
        assert address[2] in html.split("<table")[0]
        amounts = re.findall(r'<td class="n">([−\d.]+)</td></tr>', html)
        assert amounts
        total += sum(int(found.replace(".", "").replace("−", "-")) for found in amounts)
        more = re.search(r'href="([^"]+)" rel="next"', html)
        path = more and more[1].replace("&amp;", "&")
    assert f"{total:,}".replace(",", ".").replace("-", "−") == text_of(address[2]).removesuffix(" đ")


def test_where_nothing_was_transferred_the_lines_say_so(pages: TestClient, demo: Demo) -> None:
    told = text_of(pages.get(f"{root_path(demo)}/lines?side=other").text)
    assert "Chuyển và điều chỉnh (ròng) 0 đ" in told
    assert "Không có dòng nào." in told


def test_a_later_year_opens_with_what_the_year_before_it_left(pages: TestClient) -> None:
    assert '<a href="/?year=2023">72.100.000.000' in pages.get("/?year=2024").text


def test_headings_read_as_sentences(pages: TestClient, demo: Demo) -> None:
    lines = f"{root_path(demo)}/lines?side=received"
    assert "Mọi khoản nhận, năm 2023" in text_of(pages.get(lines).text)
    assert "Mọi khoản nhận, tháng 9/2023" in text_of(pages.get(f"{lines}&month=9").text)


def test_vouchers_are_written_as_the_api_writes_them(pages: TestClient, demo: Demo) -> None:
    found = re.search(r'<span class="voucher">([^<]+)</span>', pages.get(f"{root_path(demo)}/lines").text)
    assert found is not None
    assert re.fullmatch(r"[A-Z]+/2023/\d+", found[1])


def test_lines_are_paged_to_the_last(pages: TestClient, demo: Demo) -> None:
    path: str | None = f"{root_path(demo)}/lines?program=TB&own=1"
    seen: list[str] = []
    while path:
        html = pages.get(path).text
        seen += re.findall(r"/e/as_[0-9a-z]+/\d+", html)
        more = re.search(r'href="([^"]+)" rel="next"', html)
        path = more and more[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 15


def test_an_entry_shows_lines_voucher_rate_and_leaf(pages: TestClient, demo: Demo) -> None:
    lines = pages.get(f"{root_path(demo)}/lines?channel=donor-abroad").text
    entry = re.search(r"/e/as_[0-9a-z]+/\d+", lines)
    assert entry is not None
    told = text_of(pages.get(entry[0]).text)
    for part in ("1122USD", "15.000,00 USD", "1 USD = 23.480 đ", "VCB.2023-04-18", "Báo Có", "Loại bản ghi", "en_"):
        assert part in told


def test_a_reversal_names_what_it_corrects(pages: TestClient, demo: Demo) -> None:
    with demo.admin.connect() as conn:
        row = conn.execute(
            sa.text("""\
                SELECT b.association_id, e.seq, e.corrects_seq FROM soquy.entry AS e
                JOIN soquy.book AS b USING (tenant_id, book_id) WHERE e.kind = 'reversal' LIMIT 1""")
        ).one()
    place = f"/e/{typeid.encode(typeid.ASSOCIATION, row.association_id)}"
    assert f'href="{place}/{row.corrects_seq}"' in pages.get(f"{place}/{row.seq}").text
    assert f'href="{place}/{row.seq}"' in pages.get(f"{place}/{row.corrects_seq}").text


def test_typed_descriptions_are_nowhere(pages: TestClient, demo: Demo) -> None:
    path = root_path(demo)
    shown = [
        pages.get(each).text for each in (path, f"{path}?month=4", f"{path}/lines", path.replace("/a/", "/e/") + "/9")
    ]
    assert not any("Tiếp nhận" in html or "Ghi trùng" in html for html in shown)


@pytest.mark.parametrize(
    "path",
    [
        "/a/as_00000000000000000000000000",
        "/a/nonsense",
        "/?root=as_",
        "{root}/lines?after=x",
        "{root}?after=x",
        "/e/{id}/999999",
    ],
)
def test_what_does_not_exist_is_a_page_that_says_so(pages: TestClient, demo: Demo, path: str) -> None:
    root = root_path(demo)
    answer = pages.get(path.format(root=root, id=root.removeprefix("/a/")))
    assert answer.status_code == 404
    assert "Không có trang này" in answer.text


@pytest.mark.parametrize("path", ["/?year=1", "/?lang=fr", "/?sort=x", "{root}?month=13", "/e/{id}/0"])
def test_an_address_that_asks_nonsense_is_refused(pages: TestClient, demo: Demo, path: str) -> None:
    root = root_path(demo)
    assert pages.get(path.format(root=root, id=root.removeprefix("/a/"))).status_code == 422


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def whole(app_url: str) -> Iterator[TestClient]:
    settings = Settings()
    engine = make_engine(app_url, settings)
    yield TestClient(create_app(settings, engine), follow_redirects=False)
    engine.dispose()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nope", 404), ("/a/as_x/lines?year=abc", 422), ("/e/as_x/none", 422), ("/?lang=fr", 422), ("/v1x", 404)],
)
def test_a_browser_is_told_of_a_wrong_address_in_a_page(whole: TestClient, path: str, status: int) -> None:
    answer = whole.get(path, headers=BROWSER)
    assert answer.status_code == status
    assert "Không có trang này" in answer.text
    assert answer.headers["vary"] == "Accept"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_wrong_address_is_answered_in_the_language_asked_for(whole: TestClient) -> None:
    assert "There is no such page" in whole.get("/nope?lang=en", headers=BROWSER).text


@pytest.mark.parametrize("path", ["/v1", "/v1/nope", "/v1/associations/none/entries"])
def test_the_api_keeps_its_own_answers_even_to_a_browser(whole: TestClient, path: str) -> None:
    answer = whole.get(path, headers=BROWSER)
    assert answer.status_code >= 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=x", ""]
)
def test_a_program_gets_a_problem(whole: TestClient, accept: str) -> None:
    answer = whole.get("/nope", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_page_is_only_read(whole: TestClient) -> None:
    for headers, kind in ((BROWSER, "text/html"), ({"Accept": "application/json"}, "application/problem+json")):
        refused = whole.post("/", headers=headers)
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
        assert refused.headers["content-type"].startswith(kind)


def test_a_name_alone_makes_no_demo(demo: Demo) -> None:
    with demo.engine.connect() as conn:
        set_tenant(conn, DEPLOYMENT)
        tenant_id = found_tenant(conn, next(iter(TENANTS)))
        set_tenant(conn, tenant_id)
        assert demo_place(conn, tenant_id) is None
        set_tenant(conn, demo.built.tenant_id)
        assert demo_place(conn, demo.built.tenant_id) == "Hà Nam"
        conn.rollback()


def test_a_year_without_movement_is_still_a_page(pages: TestClient) -> None:
    told = text_of(pages.get("/?year=2024").text)
    assert "Đầu năm 2024" in told
    assert "72.100.000.000 đ" in told
    assert "Chưa nhận khoản nào" in told


def test_opening_balances_alone_make_no_year(pages: TestClient) -> None:
    assert "year=2022" not in pages.get("/?year=2024").text


def test_pages_are_small_and_closed(pages: TestClient) -> None:
    for path in ("/", "/?every=1"):
        answer = pages.get(path)
        assert len(answer.content) < 60_000
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_static_files_are_kept_for_ever_under_their_hash(pages: TestClient) -> None:
    address = re.search(r"/static/[0-9a-f]{16}/soquy\.css", pages.get("/").text)
    assert address is not None
    answer = pages.get(address[0])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert pages.get("/static/../pages.py").status_code == 404
    assert pages.get(f"/static/{STATIC_VERSION}/none.css").status_code == 404


def test_a_page_from_before_an_update_finds_its_files_but_nobody_keeps_them(pages: TestClient) -> None:
    answer = pages.get("/static/0000000000000000/soquy.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
def empty_pages(app_url: str) -> Iterator[TestClient]:
    with client_of(app_url) as client:
        yield client


def test_without_books_the_page_says_what_to_do_next(empty_pages: TestClient) -> None:
    answer = empty_pages.get("/")
    assert answer.status_code == 200
    assert "./run demo" in answer.text


def test_the_application_role_sees_roots_and_nothing_else_across_tenants(demo: Demo) -> None:
    engine = sa.create_engine(driver_url(demo.engine.url.render_as_string(hide_password=False)))
    with engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.public_roots()")).scalar_one() == 1
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.association")).scalar_one() == 0
    engine.dispose()
