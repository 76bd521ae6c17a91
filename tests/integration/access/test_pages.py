"""A page says which right it needs, and whoever has it gets in."""

from typing import Annotated

import pytest
from fastapi import Depends
from fastapi.responses import PlainTextResponse, Response
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.access.role import Role
from ledger.books.model import Book
from tests.integration.access.conftest import Place
from tests.people_who_sign_in import BROWSER, PASSWORD, browser, signed_in
from web.access import NeedsPage, NeedsPageIn, Visit


@pytest.fixture(scope="module", autouse=True)
def _routes(place: Place) -> None:
    @place.app.get("/try-any")
    def anywhere(visit: Annotated[Visit, Depends(NeedsPage(None))]) -> Response:
        return PlainTextResponse(visit.visitor.name)

    for right in ("read", "collect", "post", "member"):

        @place.app.get(f"/desk/{{association_id}}/try-{right}")
        def inside(visit: Annotated[Visit, Depends(NeedsPageIn(right))]) -> Response:
            actor = visit.read(lambda session: session.actor)
            return PlainTextResponse(f"{actor.role} {actor.public_id[:3]} {visit.place.name_vi}")


def path(book: Book, right: str) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, book.association_id)}/try-{right}"


def test_signing_in_opens_a_page_and_signing_out_closes_it(place: Place) -> None:
    someone = place.person("accountant")
    client = browser(place.app)
    sent_away = client.get(f"{path(place.commune, 'read')}?year=2025")
    assert sent_away.status_code == 303
    address = sent_away.headers["location"]
    assert address.startswith("/sign-in?next=%2Fdesk%2Fas_")
    form = client.get(address)
    assert form.status_code == 200
    onward = f"{path(place.commune, 'read')}?year=2025"
    assert f'value="{onward}"' in form.text
    typed = {"email": someone.email.upper(), "password": PASSWORD, "next": onward}
    let_in = client.post("/sign-in", data=typed)
    assert (let_in.status_code, let_in.headers["location"]) == (303, onward)
    cookie = let_in.headers["set-cookie"]
    assert cookie.startswith("__Host-soquy_session=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {each.strip() for each in cookie.split(";")}
    assert client.get(onward).text == "accountant us_ Xã"
    client.post("/sign-out")
    assert client.get(onward).status_code == 303


@pytest.mark.parametrize("email", ["mau@mau.invalid", "nobody@mau.invalid", "", "'"])
def test_a_wrong_password_and_an_unknown_address_are_told_alike(place: Place, email: str) -> None:
    client = browser(place.app)
    answer = client.post("/sign-in", data={"email": email, "password": "sai"})
    assert answer.status_code == 422
    assert "Thư điện tử hoặc mật khẩu không đúng" in answer.text
    assert "soquy_session" not in answer.headers.get("set-cookie", "")


CASES: list[tuple[Role, str, str, int]] = [
    ("collector", "commune", "collect", 200),
    ("collector", "commune", "read", 403),
    ("collector", "province", "collect", 404),
    ("accountant", "commune", "post", 403),
    ("chief_accountant", "commune", "post", 200),
    ("chief_accountant", "commune", "member", 403),
    ("administrator", "commune", "member", 200),
    ("administrator", "elsewhere", "member", 404),
]


@pytest.mark.parametrize(("role", "where", "right", "status"), CASES)
def test_a_role_opens_what_it_may(place: Place, role: Role, where: str, right: str, status: int) -> None:
    client = signed_in(place.app, place.person(role))
    answer = client.get(path(getattr(place, where), right))
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


def test_a_role_above_reaches_below_with_the_rights_that_do(place: Place) -> None:
    client = signed_in(place.app, place.person("chief_accountant", book=place.province))
    assert client.get(path(place.commune, "read")).text == "chief_accountant us_ Xã"
    assert client.get(path(place.commune, "post")).status_code == 403
    assert client.get(path(place.province, "post")).status_code == 200


def test_a_role_of_approvers_counts_only_after_a_code(place: Place) -> None:
    client = signed_in(place.app, place.person("chief_accountant"), strength=1)
    answer = client.get(path(place.commune, "post"))
    assert (answer.status_code, answer.headers["location"][:14]) == (303, "/sign-in/code?")


def test_a_page_of_nobody_in_particular_greets_who_is_signed_in(place: Place) -> None:
    assert signed_in(place.app, place.person()).get("/try-any").text == "Nguyễn Văn Mẫu"
    nobody = browser(place.app)
    nobody.cookies.set("__Host-soquy_session", "A" * 43)
    assert nobody.get("/try-any").status_code == 303
    assert TestClient(place.app).get("/try-any", follow_redirects=False, headers=BROWSER).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://testserver"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
)
def test_another_site_signs_nobody_in_or_out(place: Place, headers: dict[str, str]) -> None:
    for address in ("/sign-in", "/sign-out"):
        assert browser(place.app).post(address, headers=headers).status_code == 403
