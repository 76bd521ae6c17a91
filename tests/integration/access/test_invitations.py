"""Inviting people, giving roles and taking them back: on the pages, in the API, on the server."""

import re
import threading
import uuid
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.limit import Limiter
from ledger import typeid
from ledger.access.commands import DutiesSeparated, LastAdministrator, RoleHeld, grant_role, revoke_role
from ledger.access.invitation import Link, invite, invite_to_new_password, open_invitation
from ledger.access.member import find_member, list_members, user_names
from ledger.access.role import ROLES, Role
from ledger.books.check import check
from ledger.books.model import Actor
from ledger.tenancy import set_tenant
from tests.database import with_vault
from tests.integration.access.conftest import Place
from tests.integration.api.conftest import _found
from tests.people_who_sign_in import ACTOR, PASSWORD, browser, give, make_person, signed_in

AGREED = {"key": "k" * 24}
NEW = "mưa rào trên mái ngói đỏ"


@pytest.fixture(autouse=True)
def _fresh_limits(place: Place) -> None:
    place.app.state.limiter = Limiter()


def members(place: Place) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}/members"


def send(client: TestClient, place: Place, action: str, **typed: str) -> Any:
    key = uuid.uuid4().hex
    return client.post(f"{members(place)}/{action}", data={"key": key, **typed})


def link_in(text: str) -> str:
    found = re.search(r'value="https://testserver(/invitation/[^"]+)"', text)
    assert found is not None
    return unescape(found[1])


def invited(place: Place, role: str, email: str | None = None) -> tuple[str, str]:
    email = email or f"moi-{uuid.uuid4().hex[:8]}@mau.invalid"
    answer = send(signed_in(place.app, place.person("administrator")), place, "invite", email=email, role=role)
    assert answer.status_code == 200
    return link_in(answer.text), email


def test_somebody_new_takes_a_role_and_is_in(place: Place) -> None:
    link, email = invited(place, "cashier")
    client = browser(place.app)
    page = client.get(link)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "Lời mời làm Thủ quỹ" in page.text
    assert email in page.text
    done = client.post(link, data={"name": "Lê Thị Thử", "new": NEW, "again": NEW})
    assert done.status_code == 303
    assert done.headers["location"] == members(place).removesuffix("/members")
    assert client.get(done.headers["location"]).status_code == 200
    again = browser(place.app).post("/sign-in", data={"email": email, "password": NEW})
    assert again.status_code == 303


def test_whoever_will_approve_is_led_to_an_authenticator(place: Place) -> None:
    link, _ = invited(place, "chief_accountant")
    client = browser(place.app)
    done = client.post(link, data={"name": "Lê Thị Thử", "new": NEW, "again": NEW})
    assert done.headers["location"].startswith("/account/authenticator?next=%2Fdesk%2Fas_")


def test_a_link_is_good_once(place: Place) -> None:
    link, _ = invited(place, "cashier")
    typed = {"name": "Lê Thị Thử", "new": NEW, "again": NEW}
    assert browser(place.app).post(link, data=typed).status_code == 303
    assert browser(place.app).get(link).status_code == 410
    assert browser(place.app).post(link, data=typed).status_code == 410


def test_two_who_take_a_link_at_once_are_one(place: Place) -> None:
    link, email = invited(place, "cashier")
    statuses: list[int] = []
    barrier = threading.Barrier(3)

    def take() -> None:
        client = browser(place.app)
        barrier.wait()
        statuses.append(client.post(link, data={"name": "Lê", "new": NEW, "again": NEW}).status_code)

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses).count(303) == 1
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        assert [each.email for each in list_members(conn, place.commune)].count(email) == 1


@pytest.mark.parametrize("change", ["expires_at = now()", "withdrawn_at = now()"])
def test_a_link_that_is_too_old_or_withdrawn_is_over(place: Place, database_admin: sa.Engine, change: str) -> None:
    link, _ = invited(place, "cashier")
    with database_admin.begin() as conn:
        conn.execute(sa.text(f"UPDATE soquy.invitation SET {change} WHERE taken_at IS NULL AND withdrawn_at IS NULL"))
    assert browser(place.app).get(link).status_code == 410
    assert browser(place.app).post(link, data={"name": "L", "new": NEW, "again": NEW}).status_code == 410


def test_a_link_of_who_may_not_invite_any_more_is_over(place: Place) -> None:
    with place.engine.begin() as conn:
        inviter = make_person(conn)
        (grant_id,) = give(conn, place.commune, inviter.user_id, "administrator")
        actor = Actor(principal_id=inviter.user_id, role="administrator", prefix=typeid.USER)
        made = invite(conn, place.commune, email="sau@mau.invalid", role="cashier", actor=actor)
    assert browser(place.app).get(f"/invitation/{made.secret}").status_code == 200
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        revoke_role(conn, place.commune, grant_id, actor=ACTOR)
    assert browser(place.app).get(f"/invitation/{made.secret}").status_code == 410


@pytest.mark.parametrize("secret", ["x", "1_" + "A" * 43, "1_", "999999999_" + "A" * 43, "%00", "1_" + "A" * 5_000])
def test_what_is_no_link_is_over(place: Place, secret: str) -> None:
    assert browser(place.app).get(f"/invitation/{secret}").status_code == 410


@pytest.mark.parametrize(
    "typed",
    [{"name": ""}, {"new": "ngắn", "again": "ngắn"}, {"again": "khác"}, {"name": "\u202e"}, {"name": "x" * 101}],
)
def test_a_refused_form_leaves_the_link_good(place: Place, typed: dict[str, str]) -> None:
    link, _ = invited(place, "cashier")
    right = {"name": "Lê Thị Thử", "new": NEW, "again": NEW}
    assert browser(place.app).post(link, data={**right, **typed}).status_code == 422
    assert browser(place.app).post(link, data=right).status_code == 303


def test_somebody_known_takes_a_role_after_signing_in(place: Place) -> None:
    someone = place.person("collector", book=place.elsewhere)
    link, _ = invited(place, "cashier", someone.email.upper())
    stranger = browser(place.app)
    assert "Địa chỉ này đã có tài khoản" in stranger.get(link).text
    assert stranger.post(link, data={"name": "X", "new": NEW, "again": NEW}).status_code == 200
    other = signed_in(place.app, place.person("collector"))
    assert "Lời mời này dành cho người khác" in other.get(link).text
    other.post(link, data=AGREED)
    client = signed_in(place.app, someone)
    assert "Nhận vai trò" in client.get(link).text
    assert client.post(link, data=AGREED).status_code == 303
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        assert [held.role for held in find_member(conn, place.commune, someone.user_id).roles] == ["cashier"]


def test_duties_that_the_law_separates_are_refused_with_a_reason(place: Place) -> None:
    someone = place.person("cashier")
    client = signed_in(place.app, place.person("administrator"))
    user = typeid.encode(typeid.USER, someone.user_id)
    refused = send(client, place, "role", user=user, role="accountant")
    assert refused.status_code == 422
    assert "luật tách khỏi" in refused.text
    assert send(client, place, "role", user=user, role="collector").status_code == 303
    again = send(client, place, "role", user=user, role="collector")
    assert "đã được trao cho người này" in again.text
    link, _ = invited(place, "chief_accountant", someone.email)
    taken = signed_in(place.app, someone).post(link, data=AGREED)
    assert taken.status_code == 422
    assert "luật tách khỏi" in taken.text


def test_taking_a_role_back_is_recorded_once_however_often_it_is_sent(place: Place) -> None:
    with place.engine.begin() as conn:
        someone = make_person(conn)
        (grant_id,) = give(conn, place.commune, someone.user_id, "cashier")
    client = signed_in(place.app, place.person("administrator"))
    typed = {"key": "k" * 30, "grant": typeid.encode(typeid.GRANT, grant_id)}
    for _ in range(2):
        assert client.post(f"{members(place)}/revoke", data=typed).status_code == 303
    assert send(client, place, "revoke", grant=typed["grant"]).status_code == 422


def test_an_invitation_is_made_once_and_its_link_shown_once(place: Place) -> None:
    client = signed_in(place.app, place.person("administrator"))
    typed = {"key": "i" * 30, "email": "mot-lan@mau.invalid", "role": "cashier"}
    first = client.post(f"{members(place)}/invite", data=typed)
    link = link_in(first.text)
    second = client.post(f"{members(place)}/invite", data=typed)
    assert (second.status_code, second.headers["location"]) == (303, f"{members(place)}?done=again")
    page = client.get(second.headers["location"]).text
    assert link not in page
    assert page.count("mot-lan@mau.invalid") == 1
    found = re.search(r'name="invitation" value="(iv_\w+)"', page[page.index("mot-lan@mau.invalid") :])
    assert found is not None
    assert send(client, place, "withdraw", invitation=found[1]).status_code == 303
    assert browser(place.app).get(link).status_code == 410


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("invite", {"email": "không phải thư", "role": "cashier"}),
        ("invite", {"email": "a@mau.invalid", "role": "owner"}),
        ("invite", {"email": "a@mau.invalid"}),
        ("role", {"user": "us_x", "role": "cashier"}),
        ("role", {"user": "us_00000000000000000000000000", "role": "cashier"}),
        ("revoke", {"grant": "gr_00000000000000000000000000"}),
        ("withdraw", {"invitation": "iv_00000000000000000000000000"}),
        ("renew", {"user": "us_00000000000000000000000000"}),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_is_wrong(place: Place, action: str, typed: dict[str, str]) -> None:
    answer = send(signed_in(place.app, place.person("administrator")), place, action, **typed)
    assert answer.status_code == 422


def test_ids_of_another_association_name_nothing(place: Place) -> None:
    """Somebody else's grant, invitation or user in a form: as if there were none."""
    with place.engine.begin() as conn:
        theirs = make_person(conn)
        (grant_id,) = give(conn, place.elsewhere, theirs.user_id, "cashier")
        made = invite(conn, place.elsewhere, email="khac@mau.invalid", role="cashier", actor=None)
    client = signed_in(place.app, place.person("administrator"))
    user = typeid.encode(typeid.USER, theirs.user_id)
    for action, typed in (
        ("revoke", {"grant": typeid.encode(typeid.GRANT, grant_id)}),
        ("withdraw", {"invitation": typeid.encode(typeid.INVITATION, made.invitation_id)}),
        ("role", {"user": user, "role": "cashier"}),
        ("renew", {"user": user}),
    ):
        assert send(client, place, action, **typed).status_code == 422
    assert browser(place.app).get(f"/invitation/{made.secret}").status_code == 200
    with place.engine.begin() as conn:
        set_tenant(conn, place.elsewhere.tenant_id)
        assert find_member(conn, place.elsewhere, theirs.user_id).roles


# New passwords


def test_a_new_password_by_a_link_begins_anew(place: Place) -> None:
    someone = place.person("account_holder")
    was_in = signed_in(place.app, someone)
    client = signed_in(place.app, place.person("administrator"))
    answer = send(client, place, "renew", user=typeid.encode(typeid.USER, someone.user_id))
    link = link_in(answer.text)
    fresh = browser(place.app)
    assert "Họ và tên" not in fresh.get(link).text
    done = fresh.post(link, data={"new": NEW, "again": NEW})
    assert done.headers["location"].startswith("/account/authenticator"), "the authenticator is gone too"
    assert was_in.get("/account").status_code == 303
    assert browser(place.app).post("/sign-in", data={"email": someone.email, "password": PASSWORD}).status_code == 422
    assert browser(place.app).get(link).status_code == 410


def test_nobody_is_given_a_new_password_by_who_administers_only_part_of_what_they_do(place: Place) -> None:
    """Or an administrator of one commune would be in as the chief accountant of the province."""
    someone = place.person("accountant")
    with place.engine.begin() as conn:
        give(conn, place.province, someone.user_id, "account_holder")
    user = typeid.encode(typeid.USER, someone.user_id)
    below = signed_in(place.app, place.person("administrator"))
    assert "mà bạn không quản trị" in send(below, place, "renew", user=user).text
    above = signed_in(place.app, place.person("administrator", book=place.province))
    link = link_in(send(above, place, "renew", user=user).text)
    with place.engine.begin() as conn:
        give(conn, place.elsewhere, someone.user_id, "collector")
    assert browser(place.app).get(link).status_code == 410, "asked again when the link is used"


def test_nobody_gives_themselves_a_new_password(place: Place) -> None:
    someone = place.person("administrator")
    answer = send(signed_in(place.app, someone), place, "renew", user=typeid.encode(typeid.USER, someone.user_id))
    assert answer.status_code == 422


def test_a_role_link_gives_no_new_password_and_the_other_way_round(place: Place) -> None:
    someone = place.person("collector")
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        made = invite_to_new_password(conn, place.commune, user_id=someone.user_id, email=someone.email, actor=None)
        found = open_invitation(conn, Link.parse(made.secret))
    assert (found.purpose, found.role, found.user_id) == ("password", None, someone.user_id)
    link, _ = invited(place, "cashier")
    secret = Link.parse(link.removeprefix("/invitation/"))
    with place.engine.connect() as conn, pytest.raises(sa.exc.IntegrityError):
        conn.execute(
            sa.text("SELECT soquy.renew_password(:tenant_id, :secret_hash, :salt, 1, 8, 1, :verifier)"),
            {**secret.parameters, "salt": bytes(16), "verifier": bytes(32)},
        )


# The database keeps duties apart


PAIRS: list[tuple[Role, Role]] = [
    ("accountant", "account_holder"),
    ("accountant", "cashier"),
    ("accountant", "inspector"),
    ("chief_accountant", "account_holder"),
    ("chief_accountant", "cashier"),
    ("chief_accountant", "inspector"),
    ("account_holder", "cashier"),
    ("inspector", "account_holder"),
    ("inspector", "cashier"),
    ("inspector", "collector"),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_two_duties_are_not_one_persons_in_either_order(place: Place, pair: tuple[Role, Role]) -> None:
    for first, second in (pair, pair[::-1]):
        user_id = typeid.new_id()
        with place.engine.begin() as conn:
            set_tenant(conn, place.commune.tenant_id)
            grant_id = grant_role(conn, place.commune, user_id, first, actor=ACTOR)
            with pytest.raises(DutiesSeparated):
                grant_role(conn, place.commune, user_id, second, actor=ACTOR)
            revoke_role(conn, place.commune, grant_id, actor=ACTOR)
            grant_role(conn, place.commune, user_id, second, actor=ACTOR)


def test_every_other_pair_may_be_one_persons(place: Place) -> None:
    for first in ROLES:
        for second in ROLES:
            if first == second or {(first, second), (second, first)} & set(PAIRS):
                continue
            with place.engine.begin() as conn:
                set_tenant(conn, place.commune.tenant_id)
                user_id = typeid.new_id()
                grant_role(conn, place.commune, user_id, first, actor=ACTOR)
                grant_role(conn, place.commune, user_id, second, actor=ACTOR)
                conn.rollback()


def test_an_association_keeps_an_administrator_in_it_or_above(place: Place) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        top = _found(conn, place.commune.tenant_id, "Tỉnh khác", "province")
        below = _found(conn, place.commune.tenant_id, "Xã khác", "commune", parent=top)
        mine, theirs = (give(conn, top, typeid.new_id(), "administrator")[0] for _ in range(2))
        (here,) = give(conn, below, typeid.new_id(), "administrator")
        revoke_role(conn, below, here, actor=ACTOR)  # those above look after it
        revoke_role(conn, top, mine, actor=ACTOR)
        with pytest.raises(LastAdministrator):
            revoke_role(conn, top, theirs, actor=ACTOR)
        assert [each.roles[0].grant_id for each in list_members(conn, top)] == [theirs]


def test_two_administrators_who_revoke_each_other_at_once_leave_one(place: Place) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        top = _found(conn, place.commune.tenant_id, "Tỉnh của hai người", "province")
        grants = [give(conn, top, typeid.new_id(), "administrator")[0] for _ in range(2)]
    outcomes: list[str] = []
    both = threading.Barrier(2)

    def revoke(grant_id: uuid.UUID) -> None:
        try:
            with place.engine.begin() as conn:
                set_tenant(conn, top.tenant_id)
                both.wait()
                revoke_role(conn, top, grant_id, actor=ACTOR)
            outcomes.append("revoked")
        except LastAdministrator:
            outcomes.append("kept")

    threads = [threading.Thread(target=revoke, args=(each,)) for each in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "revoked"]


def test_the_page_and_the_api_say_why_the_last_administrator_stays(place: Place) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.elsewhere.tenant_id)
        someone = make_person(conn, place.elsewhere, "administrator")
        (member,) = (each for each in list_members(conn, place.elsewhere) if each.user_id == someone.user_id)
    grant = typeid.encode(typeid.GRANT, member.roles[0].grant_id)
    inside = typeid.encode(typeid.ASSOCIATION, place.elsewhere.association_id)
    typed = {"key": uuid.uuid4().hex, "grant": grant}
    answer = signed_in(place.app, someone).post(f"/desk/{inside}/members/revoke", data=typed)
    assert answer.status_code == 422
    assert "Trao vai trò quản trị cho người khác trước" in answer.text
    headers = {"Authorization": f"Bearer {place.secrets['elsewhere']}", "Idempotency-Key": uuid.uuid4().hex}
    refused = TestClient(place.app).delete(f"/v1/associations/{inside}/roles/{grant}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")


def test_the_same_duties_in_two_associations_are_allowed(place: Place) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        user_id = typeid.new_id()
        grant_role(conn, place.commune, user_id, "accountant", actor=ACTOR)
        grant_role(conn, place.province, user_id, "cashier", actor=ACTOR)


def test_two_administrators_at_once_do_not_join_what_is_kept_apart(place: Place) -> None:
    user_id = typeid.new_id()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def grant(role: Role) -> None:
        try:
            with place.engine.begin() as conn:
                set_tenant(conn, place.commune.tenant_id)
                barrier.wait()
                grant_role(conn, place.commune, user_id, role, actor=ACTOR)
        except DutiesSeparated:
            outcomes.append("separated")
        else:
            outcomes.append("granted")

    threads = [threading.Thread(target=grant, args=(role,)) for role in ("accountant", "cashier")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["granted", "separated"]


def test_a_role_is_held_once(place: Place) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        user_id = typeid.new_id()
        grant_role(conn, place.commune, user_id, "cashier", actor=ACTOR)
        with pytest.raises(RoleHeld):
            grant_role(conn, place.commune, user_id, "cashier", actor=ACTOR)


def test_names_are_told_only_where_the_person_holds_or_held_a_role(place: Place) -> None:
    someone = place.person("cashier")
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        assert user_names(conn, [someone.user_id]) == {someone.user_id: someone.name}
        set_tenant(conn, place.elsewhere.tenant_id)
        assert user_names(conn, [someone.user_id]) == {}


# The API


def call(
    place: Place, method: str, path: str, body: Any = None, *, key: str | None = None, token: str = "province"
) -> Any:
    address = f"/v1/associations/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}{path}"
    headers = {"Authorization": f"Bearer {place.secrets[token]}", "Idempotency-Key": key or uuid.uuid4().hex}
    return TestClient(place.app).request(method, address, json=body, headers=headers)


def test_the_api_invites_lists_gives_and_takes_back(place: Place) -> None:
    made = call(place, "POST", "/invitations", {"email": "api@mau.invalid", "role": "cashier"}, key="one").json()
    again = call(place, "POST", "/invitations", {"email": "api@mau.invalid", "role": "cashier"}, key="one").json()
    assert (made["id"], again["path"]) == (again["id"], None)
    assert made["id"] in [row["id"] for row in call(place, "GET", "/invitations").json()["rows"]]
    browser(place.app).post(made["path"], data={"name": "Lê Thị Thử", "new": NEW, "again": NEW})
    (member,) = (row for row in call(place, "GET", "/members").json()["rows"] if row["email"] == "api@mau.invalid")
    assert [held["role"] for held in member["roles"]] == ["cashier"]
    given = call(place, "POST", "/roles", {"user": member["id"], "role": "collector"})
    assert given.status_code == 201
    separated = call(place, "POST", "/roles", {"user": member["id"], "role": "accountant"})
    assert (separated.status_code, separated.json()["code"]) == (409, "duties_separated")
    taken = call(place, "DELETE", f"/roles/{given.json()['id']}")
    assert taken.status_code == 200
    assert call(place, "DELETE", f"/roles/{given.json()['id']}").json()["code"] == "grant_not_found"
    second = call(place, "POST", "/invitations", {"email": "api2@mau.invalid", "role": "cashier"}).json()
    assert call(place, "DELETE", f"/invitations/{second['id']}").status_code == 200
    assert call(place, "DELETE", f"/invitations/{second['id']}").json()["code"] == "invitation_not_found"
    assert browser(place.app).get(second["path"]).status_code == 410


@pytest.mark.parametrize(
    "body", [{"email": "x", "role": "cashier"}, {"email": "a@b", "role": "king"}, {"email": "a@b"}]
)
def test_the_api_refuses_what_invites_nobody(place: Place, body: dict[str, str]) -> None:
    assert call(place, "POST", "/invitations", body).status_code == 422


def test_after_all_of_it_the_books_agree(place: Place, database_admin: sa.Engine) -> None:
    engine = with_vault(database_admin)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        conn.execute(sa.text("SET ROLE soquy_owner"))
        assert list(check(conn)) == []
        conn.rollback()
