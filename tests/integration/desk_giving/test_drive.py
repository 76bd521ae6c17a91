"""The list of a drive: typed, kept, handed on, returned, posted; by people of different roles."""

import re

import pytest
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.giving.queries import contributions_of
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.factories import ACTOR
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import Filled, desk, faults_of, form_of, text_of
from tests.people_who_sign_in import signed_in

SCRIPT = '"><script>alert(1)</script>'
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def treasurer(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


@pytest.fixture(scope="module")
def collector(place: Place) -> TestClient:
    return signed_in(place.app, place.person("collector"))


def lines(*typed: tuple[str, str], detail: str = "Thôn Mẫu") -> dict[str, str]:
    found: dict[str, str] = {}
    for number, (name, amount) in enumerate(typed):
        found |= {f"lines.{number}.donor": name, f"lines.{number}.amount": amount, f"lines.{number}.detail": detail}
    return found


VILLAGE = lines(("Nguyễn Văn Mẫu", "50.000"), ("Trần Thị Thử", "100,000"))
COUNTED = {"declared_count": "2", "declared_total": "150.000", "received_on": "5/3/2025", "description": "Thôn Mẫu"}


def begun(place: Place, client: TestClient, path: str = "new", **typed: str) -> Filled:
    page = client.get(desk(place.commune, "drives", path))
    assert page.status_code == 200
    form = form_of(page.text)
    return Filled(action=form.action, fields={**form.fields, **COUNTED, **typed})


def draft_path(form: Filled) -> str:
    return form.action.replace("/drives/", "/drafts/")


def form_to(page: str, kind: str) -> Filled:
    """Return the form of a draft's page that goes one of its ways."""
    actions = [form_of(page, at=at) for at in range(len(re.findall('<form method="post" action="/desk', page)))]
    (form,) = (each for each in actions if each.action.endswith(f"/{kind}"))
    return form


def act(client: TestClient, path: str, kind: str, **typed: str) -> str:
    """Press one of the buttons of a draft's page; return where it leads, or what is wrong."""
    answer = form_to(client.get(path).text, kind).send(client, **typed)
    return str(answer.headers["location"]) if answer.status_code == 303 else " ".join(faults_of(answer.text))


def test_a_collector_hands_a_list_on_and_the_chief_accountant_posts_it(
    place: Place, collector: TestClient, treasurer: TestClient
) -> None:
    form = begun(place, collector, **VILLAGE)
    checked = form.send(collector, then="check")
    assert (checked.status_code, checked.headers["location"]) == (303, draft_path(form))
    told = text_of(collector.get(draft_path(form)).text)
    assert "Khớp số đã khai" in told
    assert "Ghi sổ" not in told
    assert act(collector, draft_path(form), "submit") == desk(place.commune, "drafts")
    assert collector.get(form.action).headers["location"] == draft_path(form)
    assert "Chờ duyệt" in text_of(treasurer.get(desk(place.commune, "drafts")).text)
    done = act(treasurer, draft_path(form), "post")
    assert "2 khoản trong một chứng từ" in text_of(treasurer.get(done).text)
    listed = text_of(treasurer.get(done.removesuffix("/done")).text)
    for words in ("Nguyễn Văn Mẫu", "50.000 đ", "Trần Thị Thử", "100.000 đ", "PT/2025/"):
        assert words in listed
    assert "Đã ghi sổ" in text_of(treasurer.get(draft_path(form)).text)


def test_a_list_is_returned_with_a_reason_mended_and_sent_again(
    place: Place, collector: TestClient, treasurer: TestClient
) -> None:
    form = begun(place, collector, **VILLAGE)
    form.send(collector, then="check")
    act(collector, draft_path(form), "submit")
    assert len(act(treasurer, draft_path(form), "return", reason="")) > 0
    assert act(treasurer, draft_path(form), "return", reason="Thiếu hộ ông Mẫu") == desk(place.commune, "drafts")
    again = collector.get(form.action)
    assert "Thiếu hộ ông Mẫu" in text_of(again.text)
    shown = form_of(again.text)
    assert shown.fields["lines.0.donor"] == "Nguyễn Văn Mẫu"
    assert shown.fields["lines.1.amount"] == "100,000"
    more = {**lines(("Nguyễn Văn Mẫu", "50.000"), ("Trần Thị Thử", "100.000"), ("Lê Văn Mẫu", "20.000"))}
    sent = shown.send(collector, **more, declared_count="3", declared_total="170.000", then="check")
    assert sent.status_code == 303
    act(collector, draft_path(form), "submit")
    assert "/lists/en_" in act(treasurer, draft_path(form), "post")


def test_a_list_is_taken_back_by_who_sent_it_and_by_nobody_else(
    place: Place, collector: TestClient, treasurer: TestClient
) -> None:
    form = begun(place, collector, **VILLAGE)
    form.send(collector, then="check")
    act(collector, draft_path(form), "submit")
    assert f"{draft_path(form)}/recall" not in treasurer.get(draft_path(form)).text
    version = form_to(collector.get(draft_path(form)).text, "recall").fields["version"]
    theirs = treasurer.post(f"{draft_path(form)}/recall", data={"key": "t" * 32, "version": version})
    assert theirs.status_code == 404
    # A page that was open before posts nothing of what was taken back.
    posting = form_to(treasurer.get(draft_path(form)).text, "post")
    recalling = form_to(collector.get(draft_path(form)).text, "recall")
    for _ in range(2):  # the double click
        assert recalling.send(collector).headers["location"] == draft_path(form)
    stale = posting.send(treasurer)
    assert stale.status_code == 422
    assert "nay là phiên bản 3" in " ".join(faults_of(stale.text))
    shown = form_of(collector.get(form.action).text)
    assert shown.fields["lines.0.donor"] == "Nguyễn Văn Mẫu"
    assert shown.send(collector, **{"lines.0.donor": "Nguyễn Văn Đúng"}, then="check").status_code == 303
    act(collector, draft_path(form), "submit")
    done = act(treasurer, draft_path(form), "post")
    assert "Nguyễn Văn Đúng" in text_of(treasurer.get(done.removesuffix("/done")).text)
    assert f"{draft_path(form)}/recall" not in collector.get(draft_path(form)).text
    late = collector.post(f"{draft_path(form)}/recall", data={"key": "l" * 32, "version": "7"})
    assert late.status_code == 422


def test_who_was_chosen_for_a_line_is_tied_to_its_gift(
    place: Place, collector: TestClient, treasurer: TestClient
) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        person = add_person(conn, place.commune, PersonDraft(name="Nguyễn Văn Mẫu"), actor=ACTOR)
    named = typeid.encode(typeid.PERSON, person)
    assert "data-suggest" not in collector.get(desk(place.commune, "drives", "new")).text
    page = treasurer.get(desk(place.commune, "drives", "new")).text
    assert f'data-suggest="{desk(place.commune, "contributions", "donors")}"' in page
    form = begun(place, treasurer, **VILLAGE)
    assert form.send(treasurer, **{"lines.0.person": named, "lines.9.person": named}, then="check").status_code == 303
    assert text_of(treasurer.get(draft_path(form)).text).count("Trong danh sách người") == 1
    assert form_of(treasurer.get(form.action).text).fields["lines.0.person"] == named
    done = act(treasurer, draft_path(form), "post")
    entry = typeid.decode(typeid.ENTRY, done.split("/")[-2])
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        found = contributions_of(conn, place.commune, entry).rows
    assert [each.person_id for each in found] == [person, None]


def test_a_gift_is_taken_back_too(place: Place, collector: TestClient) -> None:
    new = form_of(collector.get(desk(place.commune, "contributions", "new")).text)
    checked = form_of(new.send(collector, donor="Lê Văn Lấy Lại", amount="20.000", fund="QC", then="check").text)
    Filled(action=checked.action.replace("/new", "/draft"), fields=checked.fields).send(collector, then="submit")
    listed = collector.get(desk(place.commune, "drafts")).text
    (path,) = set(re.findall(r'href="([^"]*/drafts/dr_[^"]*)"[^>]*>Lê Văn Lấy Lại', listed))
    assert act(collector, path, "recall") == path
    page = collector.get(path).text
    (edit,) = re.findall(r'href="([^"]*/contributions/new\?draft=[^"]*)"', page)
    assert form_of(collector.get(edit).text).fields["donor"] == "Lê Văn Lấy Lại"


def test_a_difference_is_shown_and_accepted_only_with_a_reason(place: Place, treasurer: TestClient) -> None:
    form = begun(place, treasurer, **VILLAGE, declared_count="3", declared_total="170.000")
    assert form.send(treasurer, then="check").status_code == 303
    told = text_of(treasurer.get(draft_path(form)).text)
    assert "thiếu 1 dòng" in told
    assert "thiếu 20.000 đ" in told
    assert act(treasurer, draft_path(form), "post") != ""
    assert "/lists/" not in act(treasurer, draft_path(form), "post")
    assert "/lists/en_" in act(treasurer, draft_path(form), "post", difference_reason="Một phong bì trống")


def test_every_fault_is_told_in_its_cell_and_nothing_is_lost(place: Place, collector: TestClient) -> None:
    typed = lines(("Nguyễn Văn Mẫu", "1tr5"), ("", "20.000"), ("Trần Thị Thử", ""), ("Lê Văn Mẫu", "-5"))
    answer = begun(place, collector, **typed, received_on="31/2/2025").send(collector, then="check")
    assert answer.status_code == 422
    found = set(re.findall(r'<li><a href="#f-([a-z_0-9-]+)">', answer.text))
    assert {"lines-0-amount", "lines-2-amount", "lines-3-amount", "received_on"} <= found
    fields = form_of(answer.text).fields
    assert (fields["lines.0.amount"], fields["lines.1.amount"], fields["lines.3.amount"]) == ("1tr5", "20.000", "-5")
    assert (fields["received_on"], fields["version"]) == ("31/2/2025", "1")


def test_rows_are_added_without_script(place: Place, collector: TestClient) -> None:
    form = begun(place, collector, **VILLAGE)
    before = len([name for name in form.fields if name.endswith(".donor")])
    more = form_of(form.send(collector, more="1").text)
    assert len([name for name in more.fields if name.endswith(".donor")]) >= before + 10
    assert more.fields["lines.1.donor"] == "Trần Thị Thử"
    assert more.action == form.action


def test_twins_are_told_of_and_kept(place: Place, treasurer: TestClient) -> None:
    typed = lines(("Nguyễn Văn Mẫu", "50.000"), ("nguyen van mau", "50000"))
    form = begun(place, treasurer, **typed, declared_total="100.000")
    form.send(treasurer, then="check")
    told = text_of(treasurer.get(draft_path(form)).text)
    assert "trùng dòng 1" in told
    listed = act(treasurer, draft_path(form), "post").removesuffix("/done")
    assert text_of(treasurer.get(listed).text).count("50.000 đ") == 2


def test_a_list_is_saved_while_it_is_typed_and_never_over_another(place: Place, collector: TestClient) -> None:
    form = begun(place, collector, **VILLAGE)
    save = f"{form.action}/save"
    fields = dict(form.fields)
    for _ in range(2):  # the first answer may have been lost
        assert collector.post(save, data=fields, headers=JSON).json() == {"version": 1}
    fields |= {"version": "1", "lines.2.donor": "Lê Văn Mẫu"}
    for _ in range(2):
        assert collector.post(save, data=fields, headers=JSON).json() == {"version": 2}
    stale = {**fields, "version": "1", "lines.2.donor": "Ai đó khác"}
    refused = collector.post(save, data=stale, headers=JSON)
    assert refused.status_code == 409
    assert "vẫn còn nguyên" in refused.json()["detail"]
    # The same without script: the page keeps what was typed, as a second list.
    parted = collector.post(form.action, data={**stale, "then": "check"})
    assert parted.status_code == 409
    other = form_of(parted.text)
    assert other.action != form.action
    assert other.fields["lines.2.donor"] == "Ai đó khác"
    assert other.send(collector, then="save").headers["location"] == other.action
    for path, name in ((form.action, "Lê Văn Mẫu"), (other.action, "Ai đó khác")):
        assert form_of(collector.get(path).text).fields["lines.2.donor"] == name


def test_posting_twice_posts_once_and_a_draft_that_ended_is_not_changed(place: Place, treasurer: TestClient) -> None:
    form = begun(place, treasurer, **VILLAGE)
    form.send(treasurer, then="check")
    page = treasurer.get(draft_path(form)).text
    (posts,) = (each for at in range(3) if (each := form_of(page, at=at)).action.endswith("/post"))
    first, second = (posts.send(treasurer).headers["location"] for _ in range(2))
    assert first == second
    assert treasurer.post(f"{form.action}/save", data={**form.fields, "version": "2"}).status_code == 409
    assert treasurer.get(form.action).headers["location"] == draft_path(form)


def test_the_address_of_drives_leads_to_those_that_are_typed(place: Place, collector: TestClient) -> None:
    answer = collector.get(desk(place.commune, "drives"))
    assert (answer.status_code, answer.headers["location"]) == (303, desk(place.commune, "drafts"))


def test_a_draft_is_thrown_away(place: Place, collector: TestClient) -> None:
    form = begun(place, collector, **VILLAGE)
    form.send(collector, then="save")
    assert act(collector, draft_path(form), "discard") == desk(place.commune, "drafts")
    page = collector.get(draft_path(form))
    assert "Đã bỏ" in text_of(page.text)
    assert "Trần Thị Thử" not in page.text


def test_a_salary_day_is_as_much_as_the_bank_says(place: Place, treasurer: TestClient) -> None:
    form = begun(place, treasurer, "salary", **VILLAGE, description="Trường Mẫu")
    assert form.fields["channel"] == "salary-day"
    assert form.fields["account"].startswith("1121")
    short = form.send(treasurer, then="check", declared_total="150.001")
    assert short.status_code == 422
    assert 'href="#f-declared_total"' in short.text
    path = draft_path(form)
    assert "/lists/" not in "".join(re.findall(r'href="([^"]*)"', treasurer.get(path).text))
    assert form_of(short.text).send(treasurer, then="check", declared_total="150.000").status_code == 303
    done = act(treasurer, path, "post")
    told = text_of(treasurer.get(done).text)
    assert "BC/2025/" in told


def test_others_drafts_are_seen_by_who_may_alone(place: Place, collector: TestClient, treasurer: TestClient) -> None:
    form = begun(place, collector, **VILLAGE)
    form.send(collector, then="save")
    other = signed_in(place.app, place.person("collector"))
    elsewhere = signed_in(place.app, place.person("chief_accountant", book=place.elsewhere))
    for client in (other, elsewhere):
        for path in (form.action, draft_path(form)):
            assert client.get(path).status_code == 404
        assert client.post(form.action, data={**form.fields, "version": "1"}).status_code in {404, 409}
        for kind in ("submit", "discard"):
            assert client.post(f"{draft_path(form)}/{kind}", data={"version": "1", "key": "k" * 32}).status_code == 404
    assert "Trần Thị Thử" not in other.get(desk(place.commune, "drafts")).text
    assert treasurer.get(draft_path(form)).status_code == 200
    for kind in ("post", "return"):
        assert collector.post(f"{draft_path(form)}/{kind}", data={"version": "1"}).status_code == 403
    for path in ("dr_x", "x" * 40, typeid.encode("dr", typeid.new_id())):
        for kind in ("drives", "drafts"):
            assert treasurer.get(desk(place.commune, kind, path)).status_code == 404
        assert treasurer.get(desk(place.commune, "lists", path)).status_code in {404, 422}


def test_script_in_every_field_stays_text(place: Place, treasurer: TestClient) -> None:
    form = begun(place, treasurer, **lines((SCRIPT, "1.000"), (SCRIPT, "2.000"), detail=SCRIPT), description=SCRIPT)
    form.send(treasurer, then="check", declared_total="3.000")
    pages = [treasurer.get(form.action), treasurer.get(draft_path(form)), treasurer.get(desk(place.commune, "drafts"))]
    done = act(treasurer, draft_path(form), "post")
    pages += [treasurer.get(done), treasurer.get(done.removesuffix("/done"))]
    broken = begun(place, treasurer, **{f"lines.0.{name}": SCRIPT for name in ("donor", "amount", "wish", "number")})
    pages.append(broken.send(treasurer, then="check", declared_count=SCRIPT, declared_total=SCRIPT, series=SCRIPT))
    for page in pages:
        assert page.status_code in {200, 422}
        assert "<script>alert" not in page.text
