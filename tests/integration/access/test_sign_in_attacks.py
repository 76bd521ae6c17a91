"""What an attacker tries at the door, and what happens: nothing that they could use."""

import json
import re
import statistics
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.limit import Limiter
from api.sign_in import totp
from api.sign_in.password import Cost
from ledger import typeid
from ledger.access.commands import revoke_role
from ledger.tenancy import set_tenant
from tests.integration.access.conftest import Place
from tests.people_who_sign_in import ACTOR, COOKIE, PASSWORD, Person, browser, give, make_person, secret_of, signed_in
from web import sign_in
from web.pages import mount


@pytest.fixture(autouse=True)
def _fresh_limits(place: Place) -> None:
    place.app.state.limiter = Limiter()


def enter(client: TestClient, person: Person, *, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", data={"email": person.email, "password": password, **more})


def code_of(person: Person, step: int = 0) -> str:
    assert person.totp is not None
    return totp.code_at(person.totp, totp.step_now() + step)


def desk(place: Place) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}"


def session_of(client: TestClient) -> str:
    return str(client.cookies[COOKIE])


# Fixation


def test_a_planted_session_is_worth_nothing_after_signing_in(place: Place) -> None:
    victim, attacker = place.person("accountant"), place.person("accountant")
    planted = secret_of(place.engine, attacker)
    client = browser(place.app)
    client.cookies.set(COOKIE, planted)
    answer = enter(client, victim)
    (given,) = re.findall(rf"{COOKIE}=([\w-]+);", answer.headers["set-cookie"])
    assert given != planted
    whose = browser(place.app)
    whose.cookies.set(COOKIE, planted)
    assert attacker.email in whose.get("/account").text


def test_a_code_changes_the_secret_and_the_old_one_is_dead(place: Place) -> None:
    someone = place.person("chief_accountant")
    client = browser(place.app)
    assert enter(client, someone).headers["location"].startswith("/sign-in/code")
    half = session_of(client)
    proved = client.post("/sign-in/code", data={"code": code_of(someone), "next": desk(place)})
    assert (proved.status_code, proved.headers["location"]) == (303, desk(place))
    assert session_of(client) != half
    old = browser(place.app)
    old.cookies.set(COOKIE, half)
    assert old.get("/account").headers["location"].startswith("/sign-in?")
    assert client.get("/account").status_code == 200


def test_half_a_sign_in_opens_nothing(place: Place) -> None:
    client = signed_in(place.app, place.person("chief_accountant"), strength=1)
    for path in ("/desk", "/account", "/account/authenticator", desk(place)):
        assert client.get(path).headers["location"].startswith("/sign-in/code?next=")
    refused = client.post("/account/password", data={"old": PASSWORD, "new": "x" * 20, "again": "x" * 20})
    assert refused.status_code == 401


# Enumeration


def test_an_unknown_address_is_answered_like_a_wrong_password(place: Place) -> None:
    """The same page, to the byte but for what was typed; and the same work, argon2id among it."""
    known = place.person("accountant")
    pages = {}
    for email in (known.email, "khong-co@mau.invalid"):
        answer = browser(place.app).post("/sign-in", data={"email": email, "password": "sai hoàn toàn rồi"})
        text = re.sub(r'name="key" value="[^"]+"', "", answer.text).replace(email, "E")
        kept = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}}
        pages[email] = (answer.status_code, text, kept)
    assert pages[known.email] == pages["khong-co@mau.invalid"]


def test_an_unknown_address_takes_as_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both hash once at the same cost; the rest is a round trip, and the medians lie within a fifth of a hash."""
    someone = place.person("accountant")
    with place.engine.begin() as conn:
        conn.execute(sa.text("SELECT 1"))
    tried: list[Cost] = []
    original = Cost.tag

    def count(self: Cost, password: str, pepper: bytes = b"") -> bytes:
        tried.append(self)
        return original(Cost.fresh(), password, pepper)  # the factory's are cheap

    monkeypatch.setattr(Cost, "tag", count)
    times: dict[str, list[float]] = {someone.email: [], "khong-co@mau.invalid": []}
    for _ in range(9):
        for email, taken in times.items():
            place.app.state.limiter = Limiter()
            begun = time.perf_counter()
            browser(place.app).post("/sign-in", data={"email": email, "password": "sai"})
            taken.append(time.perf_counter() - begun)
    assert len(tried) == 18
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_an_invitation_says_nothing_to_who_invites(place: Place) -> None:
    client = signed_in(place.app, place.person("administrator"))
    known = place.person("accountant", book=place.elsewhere)
    pages = []
    for email in (known.email, "chua-co@mau.invalid"):
        key = re.search(r'name="key" value="([^"]+)"', client.get(f"{desk(place)}/members").text)
        assert key is not None
        answer = client.post(f"{desk(place)}/members/invite", data={"email": email, "role": "cashier", "key": key[1]})
        assert answer.status_code == 200
        pages.append(email in answer.text and "/invitation/" in answer.text)
    assert pages == [True, True]


# Guessing, and locking out others


def test_guessing_is_slowed_but_not_where_the_person_signed_in_before(place: Place) -> None:
    someone = place.person("accountant")
    own = browser(place.app)
    assert enter(own, someone).status_code == 303
    stranger = browser(place.app)
    statuses = [enter(stranger, someone, password=f"đoán lần {n}").status_code for n in range(sign_in.TO_ACCOUNT.burst)]
    assert set(statuses) == {422}
    slowed = enter(stranger, someone)
    assert (slowed.status_code, int(slowed.headers["retry-after"]) > 0) == (429, True), "the right password neither"
    assert enter(own, someone).status_code == 303, "nobody is locked out of their own browser by strangers"
    unknown = [
        browser(place.app).post("/sign-in", data={"email": f"k{n}@mau.invalid", "password": "x"}).status_code
        for n in range(sign_in.FROM_ADDRESS.burst)
    ]
    assert 429 in unknown, "one address gets no further by trying everybody"
    assert enter(own, someone).status_code == 303


def test_a_browsers_own_turns_end_too(place: Place) -> None:
    someone = place.person("accountant")
    own = browser(place.app)
    enter(own, someone)
    statuses = [enter(own, someone, password="sai").status_code for _ in range(sign_in.IN_KNOWN_BROWSER.burst + 1)]
    assert statuses[-1] == 429


def test_five_wrong_codes_ask_for_the_password_again(place: Place) -> None:
    someone = place.person("administrator")
    client = browser(place.app)
    enter(client, someone)
    answers = [client.post("/sign-in/code", data={"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 6
    assert "Phiên làm việc đã hết" in answers[-1].text
    assert client.post("/sign-in/code", data={"code": code_of(someone)}).status_code == 422
    assert client.get("/account").headers["location"].startswith("/sign-in?")


def test_codes_are_slowed_beyond_one_session(place: Place) -> None:
    """Who knows the password and begins one session after another tries no more codes for it."""
    someone = place.person("administrator")
    for _ in range(sign_in.OF_CODES.burst // 4):
        client = browser(place.app)
        enter(client, someone)
        for _ in range(4):
            client.post("/sign-in/code", data={"code": "000000"})
    client = browser(place.app)
    enter(client, someone)
    for _ in range(2):
        client.post("/sign-in/code", data={"code": "000000"})
    assert client.post("/sign-in/code", data={"code": code_of(someone)}).status_code == 422


def test_a_code_is_good_once(place: Place) -> None:
    someone = place.person("administrator")
    code = code_of(someone)
    for expected in (303, 422):
        client = browser(place.app)
        enter(client, someone)
        assert client.post("/sign-in/code", data={"code": code}).status_code == expected


def test_a_code_of_the_step_before_is_not_good_after_a_later_one(place: Place) -> None:
    someone = place.person("administrator")
    for step, expected in ((1, 303), (0, 422), (-1, 422)):
        client = browser(place.app)
        enter(client, someone)
        assert client.post("/sign-in/code", data={"code": code_of(someone, step)}).status_code == expected


@pytest.mark.parametrize("step", [-2, 2])
def test_a_code_of_another_time_is_refused(place: Place, step: int) -> None:
    someone = place.person("administrator")
    client = browser(place.app)
    enter(client, someone)
    assert client.post("/sign-in/code", data={"code": code_of(someone, step)}).status_code == 422


# Other sites


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/pin", "/sign-in/code", "/sign-out", "/account/password"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://testserver"},
    ],
)
def test_another_site_changes_nothing(place: Place, path: str, headers: dict[str, str]) -> None:
    client = signed_in(place.app, place.person("accountant"))
    assert client.post(path, headers=headers, data={"email": "a"}).status_code == 403
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://testserver", 303), ("https://evil.example", 403), ("null", 403), ("https://testserver.evil", 403)],
)
def test_an_old_browser_says_its_origin(place: Place, origin: str, status: int) -> None:
    client = TestClient(
        place.app, base_url="https://testserver", headers={"Accept": "text/html"}, follow_redirects=False
    )
    client.cookies.set(COOKIE, secret_of(place.engine, place.person("accountant")))
    assert client.post("/sign-out", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        r"/\evil.example",
        r"\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/v1/associations",
        "/" + "a" * 2_000,
        "/đi",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(place: Place, onward: str) -> None:
    answer = enter(browser(place.app), place.person("accountant"), next=onward)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_the_cookie_is_the_hosts_alone_and_out_of_reach_of_scripts(place: Place) -> None:
    answer = enter(browser(place.app), place.person("accountant"))
    cookies = answer.headers.get_list("set-cookie")
    secret = [each for each in cookies if "language" not in each]
    assert len(secret) == 2
    for each in secret:
        assert each.startswith("__Host-soquy_")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in each.split(";")}
        assert "Domain" not in each


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("http://127.0.0.1:8000", "soquy_session"),
        ("http://localhost:8000", "soquy_session"),
        ("http://[::1]:8000", "soquy_session"),
    ],
)
def test_on_the_machine_itself_https_is_not_needed(place: Place, origin: str, name: str) -> None:
    client = TestClient(place.app, base_url=origin, headers={"Accept": "text/html"}, follow_redirects=False)
    answer = enter(client, place.person("accountant"))
    assert answer.headers["set-cookie"].startswith(f"{name}=")


def test_a_password_does_not_travel_in_the_open(place: Place) -> None:
    client = TestClient(place.app, base_url="http://so-quy.example", follow_redirects=False)
    someone = place.person("accountant")
    answer = enter(client, someone)
    assert "không được mã hoá" in answer.text
    assert "soquy_session" not in answer.headers.get("set-cookie", "")
    assert 'type="password"' not in client.get("/sign-in").text


# The end of a session


def test_a_session_that_was_signed_out_is_not_used_again(place: Place) -> None:
    client = signed_in(place.app, place.person("accountant"))
    secret = session_of(client)
    assert client.post("/sign-out").status_code == 303
    again = browser(place.app)
    again.cookies.set(COOKIE, secret)
    assert again.get("/account").status_code == 303


def test_signing_out_everywhere_leaves_this_browser_alone(place: Place) -> None:
    someone = place.person("accountant")
    here, there = signed_in(place.app, someone), signed_in(place.app, someone)
    assert here.post("/account/sessions/end").status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_nobody_ends_the_session_of_somebody_else(place: Place, database_admin: sa.Engine) -> None:
    mine, other = signed_in(place.app, place.person("accountant")), place.person("accountant")
    theirs = signed_in(place.app, other)
    with database_admin.begin() as conn:
        query = "SELECT session_id FROM vault.user_session WHERE user_id = :user_id"
        for session_id in conn.execute(sa.text(query), {"user_id": other.user_id}).scalars():
            mine.post(f"/account/session/{session_id}/end")
    assert theirs.get("/account").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = seen_at - interval '61 minutes'",
        "ends_at = now()",
        "ended_at = now()",
    ],
)
def test_a_session_ends_of_idleness_and_after_a_days_work(place: Place, database_admin: sa.Engine, change: str) -> None:
    someone = place.person("accountant")
    client = signed_in(place.app, someone)
    assert client.get("/account").status_code == 200
    with database_admin.begin() as conn:
        update = f"UPDATE vault.user_session SET {change} WHERE user_id = :user_id"
        conn.execute(sa.text(update), {"user_id": someone.user_id})
    assert client.get("/account").headers["location"].startswith("/sign-in?")


def test_a_session_in_use_does_not_end(place: Place, database_admin: sa.Engine) -> None:
    someone = place.person("accountant")
    client = signed_in(place.app, someone)
    older = "UPDATE vault.user_session SET seen_at = seen_at - interval '40 minutes' WHERE user_id = :user_id"
    for _ in range(3):
        with database_admin.begin() as conn:
            conn.execute(sa.text(older), {"user_id": someone.user_id})
        assert client.get("/account").status_code == 200


def test_a_role_taken_back_opens_nothing_from_that_moment(place: Place) -> None:
    with place.engine.begin() as conn:
        someone = make_person(conn)
        (grant_id,) = give(conn, place.commune, someone.user_id, "accountant")
    client = signed_in(place.app, someone)
    assert client.get(desk(place)).status_code == 200
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        revoke_role(conn, place.commune, grant_id, actor=ACTOR)
    assert client.get(desk(place)).status_code == 404
    assert client.get("/account").status_code == 200


def test_a_second_tab_goes_on_after_the_first_signed_in_anew(place: Place) -> None:
    """Both tabs share the cookie; the form in the older one is sent in the newer session."""
    someone = place.person("accountant")
    client = signed_in(place.app, someone)
    client.get("/account")
    client.post("/sign-out")
    enter(client, someone)
    answer = client.post("/account/profile", data={"name": "Trần Thị Thử", "language": "vi", "key": "k" * 24})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=profile")


# What was typed when the session ended


def hidden(text: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.parametrize("role", ["accountant", "administrator"])
def test_a_form_outlives_its_session(place: Place, role: Any) -> None:
    someone = place.person(role)
    client = signed_in(place.app, someone)
    typed = {"name": 'Trần "Thị" <b>Thử</b>', "language": "en", "key": "k" * 24, "note": "dòng 1\r\ndòng 2"}
    client.post("/sign-out")
    kept = client.post("/account/profile", data=typed)
    assert kept.status_code == 401
    assert "Những gì bạn vừa gõ vẫn còn" in kept.text
    going = hidden(kept.text)
    assert going["next"] == "/account/profile"
    answer = client.post("/sign-in", data={**going, "email": someone.email, "password": PASSWORD})
    if someone.totp is not None:
        assert "Mã xác thực" in answer.text
        answer = client.post("/sign-in/code", data={**hidden(answer.text), "code": code_of(someone)})
    assert answer.status_code == 200
    assert "Gửi tiếp" in answer.text
    again = hidden(answer.text)
    assert {name: again[name].replace("\n", "\r\n") for name in typed} == typed
    assert 'action="/account/profile"' in answer.text
    assert client.post("/account/profile", data=again).status_code == 303
    assert "Trần &#34;Thị&#34; &lt;b&gt;Thử&lt;/b&gt;" in client.get("/account").text


def test_a_wrong_password_does_not_lose_what_was_typed(place: Place) -> None:
    someone = place.person("accountant")
    client = browser(place.app)
    kept = client.post("/account/profile", data={"name": "Mẫu"})
    answer = client.post("/sign-in", data={**hidden(kept.text), "email": someone.email, "password": "sai"})
    assert answer.status_code == 422
    assert json.loads(hidden(answer.text)["kept"])["fields"] == [["name", "Mẫu"]]


def test_a_form_is_not_sent_to_another_site(place: Place) -> None:
    someone = place.person("accountant")
    kept = json.dumps({"fields": [["a", "b"]], "has_files": False})
    answer = enter(browser(place.app), someone, next="//evil.example/", kept=kept)
    assert 'action="/desk"' in answer.text


@pytest.mark.parametrize("kept", ["x", "[]", "{}", '{"fields": 1, "has_files": 2}', "[" * 10_000])
def test_what_is_no_form_is_not_kept(place: Place, kept: str) -> None:
    assert enter(browser(place.app), place.person("accountant"), kept=kept).status_code == 303


# Nothing is told


def test_no_secret_is_in_an_address_or_a_log_line(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    someone = place.person("administrator")
    client = browser(place.app)
    answers = [enter(client, someone, next="/desk?q=bi-mat")]
    answers.append(client.post("/sign-in/code", data={"code": code_of(someone), "next": "/desk?q=bi-mat"}))
    answers.append(client.get("/account"))
    addresses = " ".join(answer.headers.get("location", "") for answer in answers)
    written = "".join(capfd.readouterr()) + addresses
    for secret in (someone.email, someone.name, PASSWORD, session_of(client), code_of(someone)):
        assert secret not in written
    assert parse_qs(urlsplit(answers[0].headers["location"]).query) == {"next": ["/desk?q=bi-mat"]}


def test_nothing_that_would_sign_in_is_in_the_database(place: Place, database_admin: sa.Engine) -> None:
    """Not the password, nor what argon2id makes of it, nor a session's, link's or authenticator's secret."""
    someone = place.person("administrator")
    secret = secret_of(place.engine, someone)
    assert someone.totp is not None
    with database_admin.begin() as conn:
        listed = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('soquy', 'vault')"
        for table in conn.execute(sa.text(listed)).scalars().all():
            dump = " ".join(conn.execute(sa.text(f"SELECT t::text FROM {table} AS t")).scalars())
            for value in (PASSWORD, secret, someone.tag.hex(), someone.totp.hex(), totp.base32(someone.totp)):
                assert value not in dump, table


def test_an_app_without_a_limiter_gets_one() -> None:
    app = FastAPI()
    mount(app, sa.create_engine("postgresql+psycopg://"))
    assert isinstance(app.state.limiter, Limiter)
