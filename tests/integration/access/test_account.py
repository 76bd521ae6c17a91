"""A person's own account: what they change, what it costs to change it, and what is over then."""

import base64
import re
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.limit import Limiter
from api.sign_in import access_log, totp
from ledger import typeid
from tests.integration.access.conftest import Place
from tests.people_who_sign_in import COOKIE, PASSWORD, Person, browser, give, make_person, signed_in

NEW: Any = "mưa rào trên mái ngói đỏ"
PIN = "470913"


@pytest.fixture(autouse=True)
def _fresh_limits(place: Place) -> None:
    place.app.state.limiter = Limiter()


def enter(client: TestClient, person: Person, password: str = PASSWORD) -> Any:
    return client.post("/sign-in", data={"email": person.email, "password": password})


def desk(place: Place) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}"


# Password


def test_a_new_password_ends_everything_else(place: Place) -> None:
    someone = place.person("accountant")
    here, there = signed_in(place.app, someone), signed_in(place.app, someone)
    before = here.cookies[COOKIE]
    answer = here.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert here.cookies[COOKIE] != before
    assert here.get("/account?done=password").status_code == 200
    assert there.get("/account").status_code == 303
    assert enter(browser(place.app), someone).status_code == 422
    assert enter(browser(place.app), someone, NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"old": "sai"}, "không đúng"),
        ({"again": "khác"}, "hai lần nhập không giống nhau"),
        ({"new": "ngắn", "again": "ngắn"}, "ít nhất 12 ký tự"),
        ({"new": "matkhau12345678", "again": "matkhau12345678"}, "bị thử đầu tiên"),
        ({"new": "x" * 201, "again": "x" * 201}, "tối đa 200 ký tự"),
        ({"new": "nguyenvanmau2026", "again": "nguyenvanmau2026"}, "Tên và địa chỉ thư"),
    ],
)
def test_a_password_is_not_changed_by_or_to_anything(place: Place, typed: dict[str, str], told: str) -> None:
    someone = place.person("accountant")
    client = signed_in(place.app, someone)
    answer = client.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW, **typed})
    assert answer.status_code == 422
    assert told in answer.text or told.capitalize() in answer.text
    assert NEW not in answer.text
    assert enter(browser(place.app), someone).status_code == 303


def test_the_old_password_is_not_guessed_in_a_session_left_open(place: Place) -> None:
    client = signed_in(place.app, place.person("accountant"))
    typed = {"old": "sai", "new": NEW, "again": NEW}
    answers = [client.post("/account/password", data=typed) for _ in range(11)]
    assert "quá nhiều lần" in answers[-1].text


def test_a_cheap_hash_is_made_anew_at_signing_in(place: Place, database_admin: sa.Engine) -> None:
    someone = place.person("accountant")
    query = sa.text("SELECT memory_kib FROM vault.user_password WHERE user_id = :user_id")
    costs = []
    for _ in range(2):
        with database_admin.begin() as conn:
            costs.append(conn.execute(query, {"user_id": someone.user_id}).scalar_one())
        assert enter(browser(place.app), someone).status_code == 303
    assert costs == [8, 19 * 1024]


@pytest.mark.parametrize("typed", ["ba con bò vàng gặm cỏ", "ba con bo\u0300 va\u0300ng ga\u0323\u0306m co\u0309"])
def test_marks_may_be_typed_in_one_character_or_several(place: Place, typed: str) -> None:
    assert enter(browser(place.app), place.person("accountant"), typed).status_code == 303


# Authenticator and recovery codes


def enrol(client: TestClient, **more: str) -> tuple[bytes, Any]:
    shown = client.post("/account/authenticator/begin", data={"next": "", **more})
    assert shown.status_code == 200, shown.text
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', shown.text)
    assert found is not None
    assert "<svg" in shown.text
    return base64.b32decode(found[1]), shown


def confirm(client: TestClient, secret: bytes, *, step: int = 0, **more: str) -> Any:
    code = totp.code_at(secret, totp.step_now() + step)
    return client.post("/account/authenticator", data={"code": code, "secret": totp.base32(secret), **more})


def codes_in(text: str) -> list[str]:
    return re.findall(r"<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</code>", text)


def test_whoever_needs_an_authenticator_is_led_to_one(place: Place) -> None:
    with place.engine.begin() as conn:
        someone = make_person(conn, place.commune, "chief_accountant", has_totp=False)
    client = browser(place.app)
    answer = client.post("/sign-in", data={"email": someone.email, "password": PASSWORD, "next": desk(place)})
    assert answer.headers["location"].startswith("/account/authenticator?next=%2Fdesk%2Fas_")
    assert client.get(desk(place)).headers["location"].startswith("/sign-in/code?")
    assert client.get(client.get(desk(place)).headers["location"]).headers["location"].startswith("/account/auth")
    secret, _ = enrol(client, next=desk(place))
    before = client.cookies[COOKIE]
    done = confirm(client, secret, next=desk(place))
    assert done.status_code == 200
    assert len(set(codes_in(done.text))) == totp.RECOVERY_COUNT
    assert f'href="{desk(place)}"' in done.text
    assert client.cookies[COOKIE] != before
    assert client.get(desk(place)).status_code == 200


def test_a_wrong_first_code_shows_the_same_secret_again(place: Place) -> None:
    client = signed_in(place.app, place.person("accountant"))
    secret, _ = enrol(client)
    wrong = client.post("/account/authenticator", data={"code": "000000", "secret": totp.base32(secret)})
    assert wrong.status_code == 422
    assert totp.base32(secret) in wrong.text
    assert confirm(client, secret).status_code == 200


def test_an_authenticator_is_replaced_only_by_who_knows_the_password(place: Place) -> None:
    someone = place.person("chief_accountant")
    client, other = signed_in(place.app, someone), signed_in(place.app, someone)
    refused = client.post("/account/authenticator/begin", data={"password": "sai"})
    assert refused.status_code == 422
    secret, _ = enrol(client, password=PASSWORD)
    assert signed_in(place.app, someone).get("/account").status_code == 200, "the old one counts until then"
    assert confirm(client, secret).status_code == 200
    assert other.get("/account").status_code == 303, "other sessions are over"
    again = browser(place.app)
    enter(again, someone)
    assert someone.totp is not None
    old = totp.code_at(someone.totp, totp.step_now() + 1)
    assert again.post("/sign-in/code", data={"code": old}).status_code == 422


def test_a_recovery_code_is_good_once(place: Place) -> None:
    client = signed_in(place.app, place.person("administrator"))
    someone = place.person("administrator")
    client = signed_in(place.app, someone)
    shown = client.post("/account/recovery-codes", data={"password": PASSWORD})
    code = codes_in(shown.text)[0]
    typed = code.upper().replace("0", "O").replace("1", "l")
    for given, status in ((typed, 303), (code, 422)):
        again = browser(place.app)
        enter(again, someone)
        assert again.post("/sign-in/code", data={"code": given}).status_code == status
    assert "còn 9 mã" in client.get("/account").text


def test_new_recovery_codes_end_the_old_ones(place: Place) -> None:
    someone = place.person("administrator")
    client = signed_in(place.app, someone)
    assert client.post("/account/recovery-codes", data={"password": "sai"}).status_code == 422
    old = codes_in(client.post("/account/recovery-codes", data={"password": PASSWORD}).text)
    client.post("/account/recovery-codes", data={"password": PASSWORD})
    again = browser(place.app)
    enter(again, someone)
    assert again.post("/sign-in/code", data={"code": old[0]}).status_code == 422


# Devices


def remember(client: TestClient, **more: str) -> Any:
    typed = {"name": "Điện thoại mẫu", "pin": PIN, "again": PIN, "password": PASSWORD, **more}
    return client.post("/account/device", data=typed)


def device_of(place: Place, person: Person) -> TestClient:
    client = signed_in(place.app, person)
    assert remember(client).status_code == 303
    client.post("/sign-out")
    return client


def test_a_remembered_device_opens_with_a_pin(place: Place) -> None:
    someone = place.person("collector")
    client = device_of(place, someone)
    form = client.get(f"/sign-in?next={desk(place)}")
    assert someone.name in form.text
    assert 'type="email"' not in form.text
    assert 'type="email"' in client.get("/sign-in?password=1").text
    answer = client.post("/sign-in/pin", data={"pin": PIN, "next": desk(place)})
    assert (answer.status_code, answer.headers["location"]) == (303, desk(place))
    assert client.get(desk(place)).status_code == 200
    assert "Điện thoại mẫu" in client.get("/account").text


def test_five_wrong_pins_end_the_device(place: Place) -> None:
    client = device_of(place, place.person("cashier"))
    answers = [client.post("/sign-in/pin", data={"pin": "111112"}) for _ in range(5)]
    assert "Còn 4 lần nhập" in answers[0].text
    assert "Mã PIN của thiết bị này không dùng được nữa" in answers[-1].text
    assert client.post("/sign-in/pin", data={"pin": PIN}).status_code == 200
    assert client.get("/account").status_code == 303


def test_a_right_pin_gives_the_tries_back(place: Place) -> None:
    client = device_of(place, place.person("cashier"))
    for _ in range(3):
        for _ in range(4):
            client.post("/sign-in/pin", data={"pin": "111112"})
        assert client.post("/sign-in/pin", data={"pin": PIN}).status_code == 303


def test_a_pin_without_its_device_is_nothing(place: Place) -> None:
    someone = place.person("collector")
    device_of(place, someone)
    assert browser(place.app).post("/sign-in/pin", data={"pin": PIN}).status_code == 200
    other = browser(place.app)
    other.cookies.set("__Host-soquy_device", "A" * 43)
    assert other.post("/sign-in/pin", data={"pin": PIN}).status_code == 200
    assert other.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"pin": "12345", "again": "12345"}, "sáu chữ số"),
        ({"pin": "123456", "again": "123456"}, "liền nhau"),
        ({"pin": "111222", "again": "111222"}, "liền nhau"),
        ({"pin": "470470", "again": "470470"}, "liền nhau"),
        ({"pin": "１２３９８７", "again": "１２３９８７"}, "sáu chữ số"),
        ({"again": "470914"}, "không giống nhau"),
        ({"password": "sai"}, "không đúng"),
        ({"name": ""}, "Nhập nội dung"),
    ],
)
def test_a_device_is_not_remembered_by_anything(place: Place, typed: dict[str, str], told: str) -> None:
    client = signed_in(place.app, place.person("collector"))
    answer = remember(client, **typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert "soquy_device" not in answer.headers.get("set-cookie", "")


def test_who_approves_opens_nothing_with_a_pin(place: Place) -> None:
    """Not at the remembering, and not afterwards: a role that comes later ends the PIN."""
    assert "nên không dùng được mã PIN" in remember(signed_in(place.app, place.person("administrator"))).text
    someone = place.person("collector")
    client = device_of(place, someone)
    with place.engine.begin() as conn:
        give(conn, place.commune, someone.user_id, "account_holder")
    assert 'type="email"' in client.get("/sign-in").text
    assert client.post("/sign-in/pin", data={"pin": PIN}).status_code == 200
    assert client.get("/account").status_code == 303


def test_a_forgotten_device_is_out_at_once(place: Place) -> None:
    someone = place.person("collector")
    client = device_of(place, someone)
    client.post("/sign-in/pin", data={"pin": PIN})
    here = signed_in(place.app, someone)
    found = re.search(r"/account/device/([0-9a-f-]{36})/forget", here.get("/account").text)
    assert found is not None
    stranger = signed_in(place.app, place.person("collector"))
    stranger.post(f"/account/device/{found[1]}/forget")
    assert client.get("/account").status_code == 200
    here.post(f"/account/device/{found[1]}/forget")
    assert client.get("/account").status_code == 303
    assert 'type="email"' in client.get("/sign-in").text


# What is written down


def test_a_person_sees_what_happened_to_their_account(place: Place) -> None:
    someone = place.person("accountant")
    client = browser(place.app)
    enter(client, someone, "sai")
    enter(client, someone)
    client.get(f"{desk(place)}/members")
    told = client.get("/account").text
    for happened in ("có người nhập sai mật khẩu", "đăng nhập bằng mật khẩu", "mở một trang không có quyền"):
        assert happened in told


def test_the_access_log_holds_no_name_and_ends_after_ninety_days(place: Place, database_admin: sa.Engine) -> None:
    someone = place.person("accountant")
    enter(browser(place.app), someone, "sai")
    with database_admin.begin() as conn:
        rows = conn.execute(sa.text("SELECT e::text, octet_length(address) AS size FROM vault.access_event AS e")).all()
        assert rows
        assert all(row.size == 8 and "mau" not in row[0] and "testclient" not in row[0] for row in rows)
        older = "UPDATE vault.access_event SET recorded_at = now() - interval '91 days' WHERE user_id = :user_id"
        aged = conn.execute(sa.text(older), {"user_id": someone.user_id}).rowcount
        count = conn.execute(sa.text("SELECT count(*) FROM vault.access_event")).scalar_one()
    with place.engine.begin() as conn:
        assert access_log.forget(conn) == aged == 1
    with database_admin.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM vault.access_event")).scalar_one() == count - 1


def test_the_name_and_language_are_the_persons_own(place: Place) -> None:
    client = signed_in(place.app, place.person("accountant"))
    answer = client.post("/account/profile", data={"name": "Trần Thị Thử", "language": "en", "key": "k" * 24})
    assert answer.status_code == 303
    assert "Trần Thị Thử" in client.get("/account").text
    assert "Signed in at" in client.get("/account").text
    for wrong in ({"name": ""}, {"language": "fr"}, {"name": "a\u202eb"}):
        typed = {"name": "Mẫu", "language": "vi", **wrong}
        assert client.post("/account/profile", data=typed).status_code == 422
