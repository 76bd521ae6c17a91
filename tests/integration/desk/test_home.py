import re
from collections.abc import Sequence
from datetime import date

import pytest

from api.auth import Session
from ledger import typeid
from ledger.books.model import Book
from tests.office import Office
from tests.people_who_sign_in import browser, signed_in
from web.desk import home as desk_home
from web.desk import navigation
from web.desk.navigation import Door, Item
from web.desk.standing import _months_between
from web.desk.task import Task
from web.site import DESK_HEADERS
from web.translation import _


def path(book: Book, *more: str) -> str:
    return "/".join(["/desk", typeid.encode(typeid.ASSOCIATION, book.association_id), *more])


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\xa0", " "))


def test_nobody_sees_a_desk_who_is_not_signed_in(office: Office) -> None:
    for address in ("/desk", path(office.province), path(office.province, "jump")):
        answer = browser(office.app).get(address)
        assert (answer.status_code, answer.headers["location"].partition("=")[0]) == (303, "/sign-in?next")


def test_who_has_one_place_is_at_its_desk_at_once(office: Office) -> None:
    client = signed_in(office.app, office.person("accountant"))
    assert client.get("/desk").headers["location"] == path(office.province)


def test_the_desk_says_how_the_book_stands(office: Office) -> None:
    answer = signed_in(office.app, office.person("accountant")).get(path(office.province))
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in DESK_HEADERS} == DESK_HEADERS
    told = text_of(answer.text)
    assert "Hội Khuyến học tỉnh Hà Nam" in told
    assert "Kế toán" in told
    assert "Sổ đã khóa đến 31/12/2023." in told
    assert "tháng đã hết, chưa khóa" in told
    funds, accounts = (
        [int(each.replace(".", "")) for each in re.findall(r'<td class="n">([\d.]+)</td>', table)]
        for table in re.findall(r"<table.*?</table>", answer.text, re.DOTALL)[:2]
    )
    for amounts in (funds, accounts):
        assert sum(amounts[:-1]) == amounts[-1] > 0
    entries = re.findall(r'/e/as_\w+/(\d+)"', answer.text)
    assert len(entries) == 8
    assert [int(each) for each in entries] == sorted(map(int, entries), reverse=True)


def test_the_desk_is_told_in_english(office: Office) -> None:
    told = text_of(signed_in(office.app, office.person("accountant")).get(f"{path(office.province)}?lang=en").text)
    assert "The book is locked through 31 Dec 2023." in told
    assert "Sổ đã khóa" not in told


def test_a_collector_sees_no_figures_of_the_book(office: Office) -> None:
    client = signed_in(office.app, office.person("collector", book=office.communes[0]))
    answer = client.get(path(office.communes[0]))
    assert answer.status_code == 200
    assert "Người thu" in answer.text
    assert not re.search(r"\d đ", text_of(answer.text))
    assert "/e/as_" not in answer.text


@pytest.mark.parametrize("more", ["", "/jump"])
def test_the_desk_of_another_association_does_not_exist(office: Office, more: str) -> None:
    client = signed_in(office.app, office.person("accountant", book=office.communes[0]))
    for address in (path(office.province), path(office.communes[1]), "/desk/as_00000000000000000000000000", "/desk/x"):
        assert client.get(address + more).status_code == 404


def test_who_has_many_places_looks_for_one_by_name_without_marks(office: Office) -> None:
    someone = office.person("accountant", book=office.communes[0])
    for book in office.communes[1:15]:
        office.give(someone, book, "collector")
    client = signed_in(office.app, someone)
    shown = client.get("/desk").text
    assert shown.count('class="door"') == 12
    assert "Còn 3 hội nữa" in shown
    names = re.findall(r'class="door"[^>]*><b>([^<]+)</b>', shown)
    wanted = names[3]
    plain = "".join(char for char in wanted.lower() if char.isascii())
    assert plain != wanted
    found = client.post("/desk", data={"q": wanted.removeprefix("Hội Khuyến học ")}).text
    assert f"<b>{wanted}</b>" in found
    assert found.count('class="door"') < 12
    assert "Không tìm thấy hội nào" in client.post("/desk", data={"q": "không có đâu"}).text
    # The head of a desk offers the others.
    desk = client.get(path(office.communes[0])).text
    assert desk.count('<li><a href="/desk/as_') >= 8


def test_who_has_no_role_is_told_whom_to_ask(office: Office) -> None:
    someone = office.person()
    assert "Hỏi người quản trị của hội" in signed_in(office.app, someone).get("/desk").text


def test_rooms_put_their_pages_doors_and_tasks_on_the_desk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(session: Session) -> Sequence[Task]:
        count = 3 if "people" in session.rights else 0
        return [Task(title=_("Chờ duyệt"), path="drafts", count=count, urgency="warn")]

    monkeypatch.setattr(navigation, "ITEMS", (*navigation.ITEMS, Item(path="gifts", name=_("Nháp"), right="collect")))
    door = Door(path="gifts/new", name=_("Ghi khoản ủng hộ"), hint=_("Một người, một khoản"), right="collect")
    monkeypatch.setattr(navigation, "DOORS", (door,))
    monkeypatch.setattr(desk_home, "FINDERS", (waiting,))
    home = path(office.province)
    accountant = signed_in(office.app, office.person("accountant")).get(home).text
    assert f'href="{home}/gifts/new"' in accountant
    assert f'href="{home}/drafts"><b>3</b>' in accountant
    assert accountant.count(f'<a href="{home}/gifts">Nháp</a>') == 2
    assert f'<a href="{home}" aria-current="page">Bàn làm việc</a>' in accountant
    holder = signed_in(office.app, office.person("account_holder")).get(home).text
    assert f"{home}/gifts" not in holder
    assert 'class="task warn"' in holder
    collector = signed_in(office.app, office.person("collector")).get(home).text
    assert 'class="task' not in collector


@pytest.mark.parametrize(
    ("locked_through", "on", "months"),
    [
        (date(2026, 8, 31), date(2026, 9, 30), 0),
        (date(2026, 8, 31), date(2026, 10, 1), 1),
        (date(2025, 12, 31), date(2026, 1, 31), 0),
        (date(2025, 12, 31), date(2026, 2, 1), 1),
        (date(2026, 9, 12), date(2026, 9, 30), 0),
        (date(2026, 9, 12), date(2026, 10, 1), 1),
        (date(2026, 9, 30), date(2026, 9, 30), 0),
    ],
)
def test_months_count_as_open_once_they_have_ended(locked_through: date, on: date, months: int) -> None:
    assert _months_between(locked_through, on) == months
