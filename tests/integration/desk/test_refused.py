"""What is refused at a desk is told at the desk: in its frame, in the visitor's language, with a way on."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import Request
from fastapi.responses import Response

from api.auth import RIGHTS
from ledger import typeid
from ledger.books.model import Book
from tests.office import Office
from tests.people_who_sign_in import browser, signed_in
from web.desk.navigation import navigation


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place with every right."""

    association_id: UUID
    name_vi: str = "Mẫu"
    name_en: str | None = None
    rights: frozenset[str] = frozenset(RIGHTS)


def path(book: Book, *more: str) -> str:
    return "/".join(["/desk", typeid.encode(typeid.ASSOCIATION, book.association_id), *more])


NO_ENTRY = typeid.encode(typeid.ENTRY, typeid.new_id())


@pytest.mark.parametrize(
    ("page", "status", "said"),
    [
        (f"lists/{NO_ENTRY}", 404, "Không có bút toán"),
        ("no-such-page", 404, "Không có trang này"),
        ("members", 403, "quyền"),
        ("intake/new?kind=none", 422, "Không có trang này"),
    ],
)
def test_whoever_sits_at_a_desk_is_told_there(office: Office, page: str, status: int, said: str) -> None:
    client = signed_in(office.app, office.person("accountant"))
    answer = client.get(path(office.province, page))
    assert answer.status_code == status
    assert said in answer.text
    assert f'href="{path(office.province, "contributions")}"' in answer.text, "the menu is there"
    assert 'href="/desk"' in answer.text
    english = client.get(path(office.province, page), params={"lang": "en"})
    assert '<html lang="en">' in english.text


def test_who_has_no_place_there_sees_their_own_name_and_no_menu(office: Office) -> None:
    someone = office.person("collector")
    answer = signed_in(office.app, someone).get(path(office.communes[0]))
    assert answer.status_code == 404
    assert someone.name in answer.text
    assert f'href="{path(office.communes[0], "contributions")}"' not in answer.text


def test_nobody_is_told_in_the_frame_of_the_public(office: Office) -> None:
    answer = browser(office.app).get("/desk/none")
    assert (answer.status_code, "Sổ Quỹ" in answer.text) == (404, True)


def test_what_nobody_foresaw_is_told_in_a_page_to_people_and_in_a_problem_to_programs(office: Office) -> None:
    def broken(_request: Request) -> Response:
        raise RuntimeError("Nguyễn Văn Mẫu")

    office.app.add_route("/account/broken", broken)
    answer = browser(office.app).get("/account/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert 'href="/desk"' in answer.text
    assert "Nguyễn Văn Mẫu" not in answer.text
    told = browser(office.app).get("/account/broken", headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (500, "internal_error")


def test_a_form_beyond_every_limit_is_told_in_a_page(office: Office) -> None:
    too_much = b"x" * (33 * 2**20)
    answer = signed_in(office.app, office.person("accountant")).post(
        path(office.province, "intake/new"), content=too_much
    )
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("here", "item"),
    [
        ("", ""),
        ("drives/new", "drafts"),
        ("drafts", "drafts"),
        ("lists/en_1", "contributions"),
        ("intake/new", "intake"),
    ],
)
def test_the_menu_marks_the_room_that_one_is_in(office: Office, here: str, item: str) -> None:
    home = path(office.province)
    place = Place(association_id=office.province.association_id)
    marked = [link.path for link in navigation(place, f"{home}/{here}".rstrip("/")).links if link.is_here]
    assert marked == [f"{home}/{item}".rstrip("/")]
