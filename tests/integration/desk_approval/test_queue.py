"""What waits for somebody at the desk: chosen, looked at once more, granted together or not at all."""

import re

import pytest

from ledger.access.role import Role
from tests.integration.desk_approval.conftest import Council
from tests.integration.desk_giving.page import Filled, desk, form_of, text_of
from tests.people_who_sign_in import make_person, signed_in
from web.desk.approval import subject as subjects
from web.desk.approval.subject import Check, Fact, Subject
from web.translation import _


def chosen(page: str, *approvals: str) -> dict[str, object]:
    """Return what a browser sends where these boxes are checked."""
    return {"key": form_of(page).fields.get("key", ""), "approval": list(approvals)}


def test_two_are_chosen_looked_at_once_more_and_granted_at_once(council: Council) -> None:
    first, second, third = council.ask(1_500_000), council.ask(2_000_000), council.ask(9_000_000)
    client = council.at("chief_accountant")
    queue = client.get(council.path())
    assert queue.status_code == 200
    told = text_of(queue.text)
    assert "Việc ngoại lệ" in told
    assert "1.500.000 đ" in told
    assert "bởi Lê Thị Lập" in told
    assert "Hạn duyệt" in told
    assert queue.text.count('name="approval"') == 3
    check = client.post(council.path("check"), data=chosen(queue.text, first, second))
    assert check.status_code == 200
    assert "2 mục, cộng 3.500.000 đ" in text_of(check.text)
    assert third not in check.text
    body = chosen(check.text, first, second)
    done = client.post(council.path("grant"), data=body)
    assert (done.status_code, done.headers["location"]) == (303, f"{council.path()}?done=2")
    assert "Đã duyệt 2 mục." in text_of(client.get(done.headers["location"]).text)
    again = client.post(council.path("grant"), data=body)
    assert again.headers["location"] == done.headers["location"], "a double click is one answer"
    holder = council.at("account_holder")
    waits = holder.get(council.path()).text
    assert (first in waits, second in waits, third in waits) == (True, True, False)


def test_the_desk_counts_what_waits_for_whoever_sits_there(council: Council) -> None:
    council.ask()
    council.ask(by=council.people["chief_accountant"])
    home = desk(council.place.commune)
    counted = re.search(rf'href="{council.path()}"><b>(\d+)</b>', council.at("chief_accountant").get(home).text)
    assert counted is not None
    assert counted[1] == "1", "nobody is asked about what they drafted"
    for role in ("account_holder", "accountant", "cashier"):
        assert "chờ tôi duyệt" not in council.at(role).get(home).text


def test_what_somebody_else_decided_meanwhile_is_told_at_its_place_and_the_rest_goes_on(council: Council) -> None:
    """Two tabs, or somebody quicker: nothing is decided, and it is said why."""
    first, second = council.ask(), council.ask(2_000_000)
    client = council.at("chief_accountant")
    check = client.post(council.path("check"), data=chosen(client.get(council.path()).text, first, second))
    other = client.post(council.path("check"), data=chosen(client.get(council.path()).text, first))
    assert client.post(council.path("grant"), data=chosen(other.text, first)).status_code == 303
    late = client.post(council.path("grant"), data=chosen(check.text, first, second))
    told = text_of(late.text)
    assert late.status_code == 422
    assert "Chưa duyệt mục nào" in told
    assert "Bạn đã trả lời đề nghị này" in told
    assert "1 mục, cộng 2.000.000 đ" in told
    rest = form_of(late.text)
    assert rest.fields["approval"] == second
    assert rest.send(client).headers["location"] == f"{council.path()}?done=1"
    back = client.post(council.path("check"), data=chosen(check.text, first, second))
    assert back.status_code == 422, "the page before, out of the browser's memory"
    assert "Bạn không phải người được hỏi lúc này" in text_of(back.text)


@pytest.mark.parametrize("address", ["check", "grant"])
def test_nothing_chosen_and_too_much_is_said(council: Council, address: str) -> None:
    client = council.at("chief_accountant")
    council.ask()
    page = client.get(council.path()).text
    none = client.post(council.path(address), data=chosen(page))
    assert (none.status_code, "Chọn ít nhất một mục" in none.text) == (422, True)
    many = [f"ap_{'0' * 24}{number:02d}" for number in range(101)]
    unknown = client.post(council.path("check"), data=chosen(page, *many[:2], "x"))
    assert (unknown.status_code, "Không tìm thấy đề nghị nào" in unknown.text) == (422, True)


def test_a_form_without_its_key_grants_nothing(council: Council) -> None:
    asked = council.ask()
    client = council.at("chief_accountant")
    answer = client.post(council.path("grant"), data={"approval": asked})
    assert answer.status_code == 422
    assert form_of(answer.text).send(client).status_code == 303, "shown again, it has one"


def test_nobody_else_opens_the_queue(council: Council) -> None:
    asked = council.ask()
    for role in ("cashier", "administrator"):
        client = council.at(role)
        assert client.get(council.path()).headers["location"] == council.path("all")
        assert client.post(council.path("grant"), data={"approval": asked}).status_code == 403
        assert asked in client.get(council.path("all")).text
    assert council.state(asked) == "asked"


def test_an_empty_queue_says_so_and_what_expired_is_told(council: Council) -> None:
    asked = council.ask()
    council.expire(asked)
    page = council.at("chief_accountant").get(council.path()).text
    told = text_of(page)
    assert "Không có gì chờ bạn duyệt" in told
    assert "quá hạn trong 30 ngày qua" in told
    assert f"{council.path('all')}?state=expired" in page


def test_a_role_that_needs_a_code_approves_nothing_before_it(council: Council) -> None:
    """Somebody is accountant, for which a password is enough, and chief accountant, for which it is not."""
    asked = council.ask()
    with council.place.engine.begin() as conn:
        both = make_person(conn, council.place.commune, "accountant", "chief_accountant", has_totp=False)
    client = signed_in(council.place.app, both)
    queue = client.get(council.path())
    assert "Không có gì chờ bạn duyệt" in queue.text
    assert "/account/authenticator" in queue.text
    answer = client.post(council.path("grant"), data={"key": "k" * 24, "approval": asked})
    assert answer.status_code == 401
    assert council.state(asked) == "asked"


@pytest.mark.parametrize("role", ["chief_accountant", "cashier"])
def test_a_room_shows_its_subjects_and_what_keeps_them_from_being_granted(
    council: Council, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    good, short = council.ask(action="payment"), council.ask(2_000_000, action="payment")
    calls: list[int] = []

    def payments(session: object, asked: object) -> object:
        found = list(asked)  # type: ignore[call-overload]
        calls.append(len(found))
        return {
            each.subject_id: Subject(
                title="Học bổng thôn Đông",
                facts=(Fact(label=_("Quỹ"), value="HB", path="/x"),),
                checks=(Check(said=_("Quỹ không đủ tiền."), is_blocking=each.amount_minor > 1_000_000),),
            )
            for each in found
        }

    monkeypatch.setitem(subjects.SUBJECTS, "payment", payments)
    client = council.at(role)
    if role == "cashier":
        page = client.get(council.path(good)).text
        assert "Học bổng thôn Đông" in page
        assert "Duyệt 1.000.000" not in text_of(page)
        return
    queue = client.get(council.path()).text
    assert calls == [2], "asked about all of them at once"
    assert "Chi tiền: Học bổng thôn Đông" in text_of(queue)
    assert queue.count('name="approval"') == 1
    page = client.get(council.path(short)).text
    assert "Chưa duyệt được:" in page
    assert 'href="/x"' in page
    refused = Filled(action=council.path("grant"), fields={"key": "k" * 24, "approval": short}).send(client)
    assert refused.status_code == 422
    assert "xem cảnh báo ở mục này" in refused.text
    assert council.state(short) == "asked"
    assert (
        Filled(action=council.path("grant"), fields={"key": "l" * 24, "approval": good}).send(client).status_code == 303
    )
