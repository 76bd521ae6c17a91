"""Two duties are one person's only while an exception joins them, and nobody excepts themselves."""

import json
import re
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.access.commands import DutiesSeparated, grant_role, revoke_role
from ledger.access.exception import (
    ExceptionNotFound,
    ExceptionOwn,
    ExceptionTooLong,
    end_exception,
    list_exceptions,
    make_exception,
)
from ledger.access.member import find_member
from ledger.access.role import JOINABLE, Pair, Role
from ledger.approvals.commands import ask, grant
from ledger.approvals.errors import NotAsked
from ledger.books.model import Actor, Book
from ledger.calendar import today
from ledger.tenancy import set_tenant
from tests.factories import make_tenant
from tests.integration.access.conftest import Place
from tests.integration.api.conftest import _found
from tests.integration.books.plain_sql import refusal, tell
from tests.people_who_sign_in import ACTOR, make_person, signed_in
from tests.waiting import until_waiting_for_a_lock
from web import wording
from web.site import association_path

REASON: Final = "Xã chỉ có một tình nguyện viên"
BOTH: Final[Pair] = ("accountant", "cashier")
INSERT: Final = """\
INSERT INTO soquy.role_exception (tenant_id, exception_id, association_id, first_role, second_role, until_on, made_by)
VALUES (:tenant_id, :exception_id, :association_id, :first, :second, :until_on, :made_by)"""
END: Final = """\
INSERT INTO soquy.role_exception_ending (tenant_id, exception_id, event_id)
VALUES (:tenant_id, :exception_id, :event_id)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """An association below another, whose administrator looks after both; all of it is rolled back after the test."""

    conn: sa.Connection
    top: Book
    book: Book
    above: Actor

    def make(self, roles: Pair = BOTH, *, days: int = 30, actor: Actor | None = None) -> uuid.UUID:
        until_on = today() + timedelta(days=days)
        return make_exception(self.conn, self.book, roles, until_on=until_on, reason=REASON, actor=actor or self.above)

    def appoint(self, *roles: Role, user_id: uuid.UUID | None = None, book: Book | None = None) -> Actor:
        user_id = user_id or typeid.new_id()
        for role in roles:
            grant_role(self.conn, book or self.book, user_id, role, actor=ACTOR)
        return Actor(principal_id=user_id, role=roles[-1], prefix=typeid.USER)

    def end(self, exception_id: uuid.UUID) -> None:
        end_exception(self.conn, self.book, exception_id, actor=self.above)

    def counting(self, someone: Actor) -> list[str]:
        member = find_member(self.conn, self.book, someone.principal_id)
        return sorted(held.role for held in member.roles if held.counts)

    def row(self, exception_id: uuid.UUID, roles: Pair = BOTH, **more: object) -> dict[str, object]:
        return {
            "tenant_id": self.book.tenant_id,
            "exception_id": exception_id,
            "association_id": self.book.association_id,
            "first": roles[0],
            "second": roles[1],
            "until_on": today(),
            "made_by": self.above.principal_id,
            **more,
        }

    def told(self, roles: Pair = BOTH, until: object = None) -> uuid.UUID:
        said = {"roles": list(roles), "until": str(until or today())}
        return tell(self.conn, self.book, "role.exception_made", said)


@pytest.fixture
def commune(connection: sa.Connection) -> Commune:
    tenant_id = make_tenant(connection)
    top = _found(connection, tenant_id, "Tỉnh", "province")
    book = _found(connection, tenant_id, "Xã", "commune", parent=top)
    above = Actor(principal_id=typeid.new_id(), role="administrator", prefix=typeid.USER)
    grant_role(connection, top, above.principal_id, "administrator", actor=ACTOR)
    return Commune(conn=connection, top=top, book=book, above=above)


def test_the_pairs_of_the_program_are_those_of_the_database(commune: Commune) -> None:
    """Every pair that is kept apart may be joined but those with the inspector, and has its words."""
    rows = commune.conn.execute(sa.text("SELECT first_role, second_role FROM soquy.role_separation"))
    pairs = {tuple(row) for row in rows}
    assert set(JOINABLE) == {pair for pair in pairs if "inspector" not in pair} == set(wording.PAIRS)


@pytest.mark.parametrize("pair", JOINABLE)
def test_one_person_holds_a_pair_by_its_exception_in_either_order(commune: Commune, pair: Pair) -> None:
    commune.make(pair)
    for roles in (pair, pair[::-1]):
        assert commune.counting(commune.appoint(*roles)) == sorted(pair)
    for other in set(JOINABLE) - {pair}:
        with pytest.raises(DutiesSeparated):
            commune.appoint(*other)
    with pytest.raises(DutiesSeparated):
        commune.appoint(*pair, book=commune.top)


def test_three_duties_want_an_exception_of_each_pair(commune: Commune) -> None:
    commune.make(("accountant", "cashier"))
    commune.make(("account_holder", "accountant"))
    someone = commune.appoint("accountant", "cashier")
    with pytest.raises(DutiesSeparated):
        commune.appoint("account_holder", user_id=someone.principal_id)
    commune.make(("account_holder", "cashier"))
    commune.appoint("account_holder", user_id=someone.principal_id)
    assert commune.counting(someone) == ["account_holder", "accountant", "cashier"]


@pytest.mark.parametrize("pair", [BOTH, BOTH[::-1]])
def test_the_later_of_two_no_longer_counts_when_the_exception_ends(commune: Commune, pair: Pair) -> None:
    """Both are still held, can be taken back, and count again by another exception."""
    exception_id = commune.make()
    someone = commune.appoint("collector", *pair)
    commune.end(exception_id)
    assert commune.counting(someone) == sorted(["collector", pair[0]])
    asked = {"user": someone.principal_id, "association": commune.book.association_id}
    may = commune.conn.execute(sa.text("SELECT soquy.may_still(:association, :user, 'us', 'people')"), asked)
    assert may.scalar_one() == (pair[0] == "accountant"), "who keeps the books keeps the register"
    commune.make()
    assert commune.counting(someone) == sorted(["collector", *pair])


def test_taking_the_earlier_duty_back_leaves_the_later_one_counting(commune: Commune) -> None:
    exception_id = commune.make()
    someone = commune.appoint("collector", "accountant", "cashier")
    commune.end(exception_id)
    held = {each.role: each for each in find_member(commune.conn, commune.book, someone.principal_id).roles}
    revoke_role(commune.conn, commune.book, held["collector"].grant_id, actor=ACTOR)
    assert commune.counting(someone) == ["accountant"]
    revoke_role(commune.conn, commune.book, held["accountant"].grant_id, actor=ACTOR)
    assert commune.counting(someone) == ["cashier"]
    with pytest.raises(DutiesSeparated):
        commune.appoint("accountant", user_id=someone.principal_id)


def test_one_of_two_exceptions_of_a_pair_is_enough(commune: Commune) -> None:
    """A new one may be recorded before the old one runs out, so that nothing lapses between them."""
    first, second = commune.make(), commune.make()
    someone = commune.appoint(*BOTH)
    commune.end(first)
    assert commune.counting(someone) == sorted(BOTH)
    commune.end(second)
    assert commune.counting(someone) == ["accountant"]


def test_nobody_excepts_themselves(commune: Commune) -> None:
    """Neither who holds one of the two already, nor who takes both afterwards; from above it serves them."""
    mine = commune.appoint("administrator")
    commune.make(actor=mine)
    commune.appoint("accountant", user_id=mine.principal_id)
    with pytest.raises(DutiesSeparated):
        commune.appoint("cashier", user_id=mine.principal_id)
    for pair in (("accountant", "cashier"), ("account_holder", "accountant")):
        with pytest.raises(ExceptionOwn):
            commune.make(pair, actor=mine)
    assert commune.counting(commune.appoint(*BOTH)) == sorted(BOTH), "it serves others"
    commune.make()
    commune.appoint("cashier", user_id=mine.principal_id)
    assert commune.counting(mine) == ["accountant", "administrator", "cashier"]


def test_who_approves_is_still_two_people_and_nobody_approves_their_own(commune: Commune) -> None:
    commune.make(("account_holder", "chief_accountant"))
    one = commune.appoint("chief_accountant", "account_holder")
    drafter = commune.appoint("accountant")
    approval = ask(commune.conn, commune.book, "payment", typeid.new_id(), amount_minor=1, actor=drafter)
    grant(commune.conn, commune.book, approval, actor=one)
    with pytest.raises(NotAsked, match="twice"):
        grant(commune.conn, commune.book, approval, actor=one)
    own = ask(commune.conn, commune.book, "payment", typeid.new_id(), amount_minor=1, actor=one)
    with pytest.raises(NotAsked, match="drafter"):
        grant(commune.conn, commune.book, own, actor=one)


def test_a_duty_that_no_longer_counts_approves_nothing(commune: Commune) -> None:
    """The command says so, and the database does by itself."""
    exception_id = commune.make(("cashier", "chief_accountant"))
    someone = commune.appoint("cashier", "chief_accountant")
    approval = ask(
        commune.conn, commune.book, "payment", typeid.new_id(), amount_minor=1, actor=commune.appoint("accountant")
    )
    commune.end(exception_id)
    with pytest.raises(NotAsked, match="role"):
        grant(commune.conn, commune.book, approval, actor=someone)
    said = {"approval": typeid.encode(typeid.APPROVAL, approval), "step": 1, "role": "chief_accountant"}
    known = {
        "tenant_id": commune.book.tenant_id,
        "approval_id": approval,
        "book_id": commune.book.book_id,
        "user_id": someone.principal_id,
        "event_id": tell(commune.conn, commune.book, "approval.granted", said),
    }
    attack = """\
        INSERT INTO soquy.approval_decision (tenant_id, approval_id, step, book_id, is_granted, user_id, event_id)
        VALUES (:tenant_id, :approval_id, 1, :book_id, true, :user_id, :event_id)"""
    assert refusal(commune.conn, attack, **known) == "approval_decision_role_rule"


def test_an_exception_is_for_a_year_at_most(commune: Commune) -> None:
    for days in (-1, 367):
        with pytest.raises(ExceptionTooLong):
            commune.make(days=days)
    for days in (0, 365):
        commune.make(days=days)
    assert [each.from_on for each in list_exceptions(commune.conn, commune.book)] == [today()] * 2


def test_an_exception_ends_once_and_in_its_own_association(commune: Commune) -> None:
    exception_id = commune.make()
    for book, which in ((commune.top, exception_id), (commune.book, typeid.new_id())):
        with pytest.raises(ExceptionNotFound):
            end_exception(commune.conn, book, which, actor=commune.above)
    commune.end(exception_id)
    with pytest.raises(ExceptionNotFound):
        commune.end(exception_id)
    (listed,) = list_exceptions(commune.conn, commune.book)
    assert (listed.ended_on, listed.is_in_force) == (today(), False)


def test_the_leaf_says_which_duties_and_never_why_or_who(commune: Commune) -> None:
    exception_id = commune.make()
    found = commune.conn.execute(
        sa.text("SELECT leaf FROM soquy.audit_entry WHERE event_id = :event"), {"event": exception_id}
    )
    leaf = json.loads(bytes(found.scalar_one()))
    assert leaf["payload"] == {"roles": list(BOTH), "until": str(today() + timedelta(days=30))}
    assert leaf["private"].keys() == {"reason"}
    assert REASON not in json.dumps(leaf, ensure_ascii=False)


# With the application's connection and plain SQL


def test_plain_sql_makes_no_exception_that_is_none(commune: Commune) -> None:
    """Its leaf comes first and says the same; a year at most; by an administrator, not for themselves."""
    conn, far = commune.conn, today() + timedelta(days=400)
    assert refusal(conn, INSERT, **commune.row(typeid.new_id())) == "role_exception_leaf_given_rule"
    others = [commune.told(("account_holder", "accountant")), commune.told(until=far)]
    elsewhere = tell(conn, commune.top, "role.exception_made", {"roles": list(BOTH), "until": str(today())})
    for wrong in (*others, elsewhere):
        assert refusal(conn, INSERT, **commune.row(wrong)) == "role_exception_leaf_given_rule"
    too_long = commune.row(commune.told(until=far), until_on=far)
    assert refusal(conn, INSERT, **too_long) == "role_exception_until_rule"
    for nobody in (None, typeid.new_id(), commune.appoint("chief_accountant").principal_id):
        assert refusal(conn, INSERT, **commune.row(commune.told(), made_by=nobody)) == "role_exception_right_rule"
    own = commune.appoint("administrator", "cashier").principal_id
    assert refusal(conn, INSERT, **commune.row(commune.told(), made_by=own)) == "role_exception_own_rule"
    for pair, rule in (
        (("cashier", "accountant"), "role_exception_separation_fk"),
        (("accountant", "collector"), "role_exception_separation_fk"),
        (("accountant", "inspector"), "role_exception_inspector_check"),
    ):
        row = commune.row(commune.told(pair), pair)  # type: ignore[arg-type]
        assert refusal(conn, INSERT, **row) == rule
    conn.execute(sa.text(INSERT), commune.row(commune.told()))


def test_plain_sql_ends_no_exception_without_its_leaf_and_changes_none(commune: Commune) -> None:
    conn, exception_id = commune.conn, commune.make()
    other = commune.make()
    said = {"exception": typeid.encode(typeid.EVENT, other)}
    known = {"tenant_id": commune.book.tenant_id, "exception_id": exception_id}
    for event_id in (typeid.new_id(), exception_id, tell(conn, commune.book, "role.exception_ended", said)):
        refused = refusal(conn, END, **known, event_id=event_id)
        assert refused == "role_exception_ending_leaf_given_rule"
    for change in (
        "UPDATE soquy.role_exception SET until_on = until_on + 1",
        "DELETE FROM soquy.role_exception_ending",
        "UPDATE soquy.role_holder SET roles = ARRAY['accountant', 'cashier']",
    ):
        assert refusal(conn, change) == "InsufficientPrivilege"


def test_plain_sql_grants_no_two_duties_in_one_statement(commune: Commune) -> None:
    """Not together, not one after the other, and not by an exception of another association."""
    make_exception(commune.conn, commune.top, BOTH, until_on=today(), reason=REASON, actor=commune.above)
    grants = [typeid.new_id() for _ in BOTH]
    known: dict[str, Any] = {
        "tenant_id": commune.book.tenant_id,
        "association_id": commune.book.association_id,
        "user_id": typeid.new_id(),
    }
    for number, (grant_id, role) in enumerate(zip(grants, BOTH, strict=True)):
        said = {"grant": typeid.encode(typeid.GRANT, grant_id), "role": role}
        known |= {
            f"grant_{number}": grant_id,
            f"event_{number}": tell(commune.conn, commune.book, "role.granted", said),
        }
    attack = """\
        INSERT INTO soquy.role_grant (tenant_id, grant_id, association_id, user_id, role, event_id)
        VALUES (:tenant_id, :grant_0, :association_id, :user_id, 'accountant', :event_0),
            (:tenant_id, :grant_1, :association_id, :user_id, 'cashier', :event_1)"""
    assert refusal(commune.conn, attack, **known) == "role_grant_separation_rule"
    commune.make()
    assert commune.conn.execute(sa.text(attack), known).rowcount == 2


# Two at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The commune of a place, whose administrator sits above; what happens there is kept."""

    place: Place
    above: Actor

    @property
    def book(self) -> Book:
        return self.place.commune

    def make(self, days: int = 30) -> uuid.UUID:
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            until_on = today() + timedelta(days=days)
            return make_exception(conn, self.book, BOTH, until_on=until_on, reason=REASON, actor=self.above)

    def counting(self, user_id: uuid.UUID) -> list[str]:
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            return sorted(held.role for held in find_member(conn, self.book, user_id).roles if held.counts)

    def end(self, exception_id: uuid.UUID) -> None:
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            end_exception(conn, self.book, exception_id, actor=self.above)

    def grant(self, user_id: uuid.UUID, role: Role) -> None:
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            grant_role(conn, self.book, user_id, role, actor=ACTOR)


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    """A desk at which no exception of another test is in force."""
    someone = place.person("administrator", book=place.province)
    above = Actor(principal_id=someone.user_id, role="administrator", prefix=typeid.USER)
    made = Desk(place=place, above=above)
    yield made
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        for each in list_exceptions(conn, place.commune):
            if each.is_in_force:
                end_exception(conn, place.commune, each.exception_id, actor=above)


def test_a_grant_that_comes_while_the_exception_ends_is_refused(desk: Desk) -> None:
    exception_id, user_id = desk.make(), typeid.new_id()
    desk.grant(user_id, "accountant")
    with ThreadPoolExecutor(1) as pool:
        with desk.place.engine.begin() as conn:
            set_tenant(conn, desk.book.tenant_id)
            end_exception(conn, desk.book, exception_id, actor=desk.above)
            granting = pool.submit(desk.grant, user_id, "cashier")
            until_waiting_for_a_lock(desk.place.engine, granting)
        with pytest.raises(DutiesSeparated):
            granting.result()
    assert desk.counting(user_id) == ["accountant"]


def test_an_ending_waits_for_the_grant_before_it(desk: Desk) -> None:
    exception_id, user_id = desk.make(), typeid.new_id()
    desk.grant(user_id, "accountant")
    with ThreadPoolExecutor(1) as pool:
        with desk.place.engine.begin() as conn:
            set_tenant(conn, desk.book.tenant_id)
            grant_role(conn, desk.book, user_id, "cashier", actor=ACTOR)
            ending = pool.submit(desk.end, exception_id)
            until_waiting_for_a_lock(desk.place.engine, ending)
            assert not ending.done()
        ending.result()
    assert desk.counting(user_id) == ["accountant"]


def test_two_who_end_it_at_once_end_it_once(desk: Desk) -> None:
    exception_id, outcomes, both = desk.make(), [], threading.Barrier(2)

    def end() -> None:
        both.wait()
        try:
            desk.end(exception_id)
            outcomes.append("ended")
        except ExceptionNotFound:
            outcomes.append("over")

    threads = [threading.Thread(target=end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "over"]


# On the pages and over the API


def members(place: Place) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}/members"


def typed(**more: str) -> dict[str, str]:
    day = today() + timedelta(days=30)
    asked = {"roles": "accountant-cashier", "until": f"{day.day}/{day.month}/{day.year}", "reason": REASON}
    return {"key": uuid.uuid4().hex, **asked, **more}


def test_an_administrator_above_records_one_and_ends_it(desk: Desk, place: Place) -> None:
    client = signed_in(place.app, place.person("administrator", book=place.province))
    form = typed()
    first, second = (client.post(f"{members(place)}/except", data=form) for _ in range(2))
    assert [first.status_code, second.status_code] == [303, 303]
    page = client.get(first.headers["location"]).text
    assert "Đã ghi cho phép kiêm nhiệm" in page
    assert REASON not in page
    ending = re.findall(r'name="exception" value="(ev_[0-9a-z]{26})"', page)
    assert len(ending) == 1, "sent twice, recorded once"
    someone = place.person("accountant")
    user = typeid.encode(typeid.USER, someone.user_id)
    given = client.post(f"{members(place)}/role", data={"key": uuid.uuid4().hex, "user": user, "role": "cashier"})
    assert given.status_code == 303
    done = client.post(f"{members(place)}/end-exception", data={"key": uuid.uuid4().hex, "exception": ending[0]})
    assert done.status_code == 303
    page = client.get(done.headers["location"]).text
    assert "Đã chấm dứt cho phép kiêm nhiệm" in page
    assert "Không còn hiệu lực: luật tách việc này" in page
    again = client.post(f"{members(place)}/end-exception", data={"key": uuid.uuid4().hex, "exception": ending[0]})
    assert again.status_code == 422


def test_what_is_wrong_stands_at_its_field(desk: Desk, place: Place) -> None:
    client = signed_in(place.app, place.person("administrator", book=place.province))
    for name, value in (("roles", "accountant-inspector"), ("until", "1/1/2020"), ("until", "x"), ("reason", " ")):
        refused = client.post(f"{members(place)}/except", data=typed(**{name: value}))
        assert refused.status_code == 422
        assert f'href="#f-{name}"' in refused.text
        if name != "reason":
            assert REASON in refused.text, "nothing typed is lost"


def test_who_is_the_one_person_is_told_who_may(desk: Desk, place: Place) -> None:
    client = signed_in(place.app, place.person("administrator", "accountant"))
    refused = client.post(f"{members(place)}/except", data=typed())
    assert refused.status_code == 422
    assert "Nhờ một quản trị viên khác, ở hội này hoặc hội cấp trên, ghi." in refused.text


def test_a_refused_grant_says_that_an_exception_can_be_recorded_and_by_whom(desk: Desk, place: Place) -> None:
    user = typeid.encode(typeid.USER, place.person("accountant").user_id)
    client = signed_in(place.app, place.person("administrator"))
    refused = client.post(f"{members(place)}/role", data={"key": uuid.uuid4().hex, "user": user, "role": "cashier"})
    assert refused.status_code == 422
    assert "ở hội này hoặc hội cấp trên, có thể ghi cho phép kiêm nhiệm" in refused.text


def test_the_public_page_says_who_may_hold_two_and_hands_out_the_leaf(desk: Desk, place: Place) -> None:
    client = TestClient(place.app)
    public = association_path(place.commune.association_id)
    exception_id = desk.make()
    page = client.get(public).text
    assert "một người được giữ cả hai việc kế toán và thủ quỹ." in page
    assert "one person may hold both duties: accountant and cashier." in client.get(f"{public}?lang=en").text
    assert REASON not in page
    receipt = f"/log/receipt{public.removeprefix('/a')}/"
    assert f"{receipt}{typeid.encode(typeid.EVENT, exception_id)}" in page
    desk.end(exception_id)
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        (ended,) = (each for each in list_exceptions(conn, place.commune) if each.exception_id == exception_id)
    page = client.get(public).text
    assert "Đã chấm dứt." in page
    assert ended.ending_id is not None
    assert f"{receipt}{typeid.encode(typeid.EVENT, ended.ending_id)}" in page


def test_one_that_ran_out_joins_nothing_and_the_pages_say_so(
    desk: Desk, place: Place, database_admin: sa.Engine
) -> None:
    exception_id, user_id = desk.make(), place.person("accountant").user_id
    desk.grant(user_id, "cashier")
    assert desk.counting(user_id) == sorted(BOTH)
    with database_admin.begin() as conn:
        conn.execute(sa.text("ALTER TABLE soquy.role_exception DISABLE TRIGGER role_exception_append_only"))
        passed = "UPDATE soquy.role_exception SET until_on = soquy.today() - 1 WHERE exception_id = :exception_id"
        conn.execute(sa.text(passed), {"exception_id": exception_id})
        conn.execute(sa.text("ALTER TABLE soquy.role_exception ENABLE ALWAYS TRIGGER role_exception_append_only"))
    assert desk.counting(user_id) == ["accountant"]
    with pytest.raises(DutiesSeparated):
        desk.grant(place.person("accountant").user_id, "cashier")
    with pytest.raises(ExceptionNotFound):
        desk.end(exception_id)
    public = association_path(place.commune.association_id)
    assert "Đã hết hạn." in TestClient(place.app).get(public).text
    page = signed_in(place.app, place.person("administrator")).get(members(place)).text
    assert "đã hết hạn" in page
    assert "Không còn hiệu lực: luật tách việc này" in page


def test_the_session_of_who_holds_two_has_the_rights_that_count(desk: Desk, place: Place) -> None:
    """From the moment the exception ends, the next request of whoever held the later duty is refused."""
    exception_id = desk.make()
    with place.engine.begin() as conn:
        someone = make_person(conn, place.commune, "cashier", "accountant")
    client = signed_in(place.app, someone)
    people = members(place).removesuffix("members") + "people"
    assert client.get(people).status_code == 200
    desk.end(exception_id)
    assert client.get(people).status_code in {403, 404}


def test_the_api_lists_and_ends_but_records_none(desk: Desk, place: Place) -> None:
    """Of a token nobody knows whose it is, and nobody excepts themselves."""
    exception_id = typeid.encode(typeid.EVENT, desk.make())
    where = f"/v1/associations/{typeid.encode(typeid.ASSOCIATION, place.commune.association_id)}/role-exceptions"
    client = TestClient(place.app)

    def call(method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {place.secrets['province']}", "Idempotency-Key": uuid.uuid4().hex}
        return client.request(method, path, headers=headers)

    (listed,) = (row for row in call("GET", where).json()["rows"] if row["is_in_force"])
    assert (listed["id"], listed["roles"], listed["from_on"]) == (exception_id, list(BOTH), str(today()))
    assert call("POST", where).status_code == 405
    assert call("DELETE", f"{where}/{exception_id}").status_code == 200
    for path in (f"{where}/{exception_id}", f"{where}/x"):
        assert call("DELETE", path).json()["code"] == "role_exception_not_found"
