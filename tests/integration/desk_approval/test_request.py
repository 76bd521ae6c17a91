"""One request at the desk, all of them, and whose consent is asked."""

import pytest
from fastapi.testclient import TestClient

from ledger.access.role import Role
from tests.integration.desk_approval.conftest import Council
from tests.integration.desk_giving.page import Filled, faults_of, form_of, text_of

REASON = "Thiếu biên bản họp xét"


def forms(page: str) -> dict[str, Filled]:
    """Return the forms of a page by the last part of where they go."""
    found: dict[str, Filled] = {}
    for at in range(page.count('<form method="post"') - page.count('action="/sign-out"')):
        form = form_of(page, at=at)
        found[form.action.rpartition("/")[2]] = form
    found.pop("jump", None)
    return found


def page_of(council: Council, client: TestClient, approval: str) -> str:
    answer = client.get(council.path(approval))
    assert answer.status_code == 200
    return str(answer.text)


def test_its_page_says_what_is_asked_and_of_whom(council: Council) -> None:
    asked = council.ask(2_500_000)
    told = text_of(page_of(council, council.at("chief_accountant"), asked))
    for said in ("2.500.000 đ", "Việc ngoại lệ", "Lê Thị Lập", "Đang chờ duyệt", "Lần lượt từng bước", "ex_"):
        assert said in told
    assert set(forms(page_of(council, council.at("chief_accountant"), asked))) == {"grant", "deny"}
    assert set(forms(page_of(council, council.at("account_holder"), asked))) == {"withdraw"}
    assert forms(page_of(council, council.at("accountant"), asked)) == {}
    seen = text_of(page_of(council, council.at("cashier"), asked))
    assert "Lê Thị Lập" not in seen, "names of colleagues are for those who see people"


def test_a_no_keeps_what_was_typed_wants_a_reason_and_is_read_by_who_drafted(council: Council) -> None:
    asked = council.ask()
    client = council.at("chief_accountant")
    deny = forms(page_of(council, client, asked))["deny"]
    empty = deny.send(client, reason=" ")
    assert empty.status_code == 422
    assert faults_of(empty.text) != []
    long = deny.send(client, reason="x" * 501)
    assert (long.status_code, "x" * 501 in long.text) == (422, True), "nothing typed is lost"
    done = deny.send(client, reason=REASON)
    assert done.status_code == 303
    assert REASON in client.get(done.headers["location"]).text
    assert deny.send(client, reason=REASON).headers["location"] == done.headers["location"]
    assert REASON in page_of(council, council.at("accountant"), asked)
    seen = page_of(council, council.at("cashier"), asked)
    assert REASON not in seen
    assert "Lý do được niêm phong" in seen
    late = Filled(action=council.path("grant"), fields={"key": "k" * 24, "approval": asked}).send(client)
    assert (late.status_code, "Đề nghị này đã bị từ chối" in late.text) == (422, True)


@pytest.mark.parametrize(("what", "role"), [("deny", "chief_accountant"), ("withdraw", "account_holder")])
def test_what_is_over_is_told_and_not_changed(council: Council, what: str, role: Role) -> None:
    asked = council.ask()
    client = council.at(role)
    form = forms(page_of(council, client, asked))[what]
    council.expire(asked)
    answer = form.send(client, reason=REASON)
    assert (answer.status_code, "Đề nghị này đã quá hạn" in answer.text) == (422, True)
    told = text_of(page_of(council, client, asked))
    assert "Quá hạn: hạn duyệt là" in told
    assert forms(answer.text) == {}


def test_who_drafted_takes_it_back_and_approves_nothing(council: Council) -> None:
    own = council.ask(by=council.people["chief_accountant"])
    client = council.at("chief_accountant")
    page = page_of(council, client, own)
    assert set(forms(page)) == {"withdraw"}
    refused = Filled(action=council.path("grant"), fields={"key": "k" * 24, "approval": own}).send(client)
    assert (refused.status_code, "Người lập không tự duyệt" in refused.text) == (422, True)
    done = forms(page)["withdraw"].send(client)
    assert "Đã rút đề nghị." in client.get(done.headers["location"]).text
    assert council.state(own) == "withdrawn"


def test_a_stranger_to_it_does_not_take_it_back(council: Council) -> None:
    asked = council.ask()
    client = council.at("accountant")
    answer = Filled(action=council.path(asked, "withdraw"), fields={"key": "k" * 24}).send(client)
    assert (answer.status_code, "Bạn không rút được đề nghị này" in answer.text) == (422, True)
    assert council.state(asked) == "asked"


@pytest.mark.parametrize("address", ["ap_1", "ap_01h455vb4pex5vsknk084sn04t"])
def test_one_that_is_not_there_is_not_found(council: Council, address: str) -> None:
    client = council.at("chief_accountant")
    assert client.get(council.path(address)).status_code == 404
    for what in ("deny", "withdraw"):
        answer = client.post(council.path(address, what), data={"key": "k" * 24, "reason": REASON})
        assert answer.status_code == 404


def test_the_history_has_every_state_and_is_filtered(council: Council) -> None:
    asked, late, own = council.ask(), council.ask(action="adjustment"), council.ask(by=council.people["accountant"])
    council.expire(late)
    client = council.at("accountant")
    forms(page_of(council, client, own))["withdraw"].send(client)
    everything = client.get(council.path("all")).text
    assert all(each in everything for each in (asked, late, own))
    for query, expected in (
        ("?state=asked", {asked}),
        ("?state=withdrawn", {own}),
        ("?action=adjustment", {late}),
        ("?action=adjustment&state=asked", set()),
    ):
        found = client.get(council.path("all") + query).text
        assert {each for each in (asked, late, own) if each in found} == expected, query
    assert client.get(council.path("all") + "?state=x&after=y").status_code == 200


@pytest.mark.parametrize("role", ["chief_accountant", "administrator"])
def test_a_policy_is_set_and_holds_from_then_on(council: Council, role: Role) -> None:
    client = council.at(role)
    page = client.get(council.path("policies"))
    assert "Luật Kế toán 2015" in page.text
    form = form_of(page.text)
    amount = {"chief_accountant": "70.000.000", "administrator": "80.000.000"}[role]
    typed = {"action": "release", "from_minor": amount, "step_1": "accountant", "step_2": "", "step_3": ""}
    typed |= {"is_ordered": "1", "days": "12"}
    fewer = form.send(client, **typed)
    assert fewer.status_code == 422
    assert any("Không bỏ được" in each for each in faults_of(fewer.text))
    assert f'value="{amount}"' in fewer.text
    done = form.send(client, **{**typed, "step_2": "account_holder"})
    assert done.status_code == 303
    told = text_of(client.get(done.headers["location"]).text)
    assert f"Từ {amount} đ trở lên: Kế toán → Chủ tài khoản. Lần lượt từng bước. Hỏi trong 12 ngày." in told
    asked = council.ask(int(amount.replace(".", "")), action="release")
    assert council.state(asked) == "asked"
    assert asked in council.at("accountant").get(council.path()).text


def test_who_may_not_set_policies_reads_them(council: Council) -> None:
    client = council.at("account_holder")
    page = client.get(council.path("policies"))
    assert (page.status_code, "step_1" in page.text) == (200, False)
    assert client.post(council.path("policies"), data={"key": "k" * 24}).status_code == 403
    wrong = council.at("chief_accountant").post(council.path("policies"), data={"key": "k" * 24, "days": "x"})
    assert (wrong.status_code, len(faults_of(wrong.text)) >= 4) == (422, True)
