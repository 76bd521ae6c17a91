"""A scan comes with a gift in the same step, is never chosen twice, and opens to who sent it or keeps the documents."""

import re

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from ledger import typeid
from ledger.access.role import Role
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import Filled, desk, faults_of, form_of, text_of
from tests.integration.desk_giving.test_drive import act
from tests.integration.desk_giving.test_new import begun
from tests.integration.documents.files import HEIC, image, pdf
from tests.people_who_sign_in import signed_in


@pytest.fixture
def treasurer(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


@pytest.fixture
def collector(place: Place) -> TestClient:
    return signed_in(place.app, place.person("collector"))


def send(client: TestClient, form: Filled, name: str, data: bytes, **typed: str) -> Response:
    """Send a form as a browser does whose reader chose a file."""
    fields = {**form.fields, "then": "check", **typed}
    answer: Response = client.post(form.action, data=fields, files={"scan": (name, data, "application/octet-stream")})
    return answer


def scan_in(page: Response) -> str:
    return form_of(page.text).fields.get("document", "")


@pytest.mark.parametrize(
    ("name", "data"), [("a.pdf", pdf()), ("a.jpg", image()), ("a.png", image("PNG")), ("a.heic", HEIC)]
)
def test_a_scan_is_recorded_with_its_gift_and_shown_with_it(
    place: Place, treasurer: TestClient, name: str, data: bytes
) -> None:
    checked = send(treasurer, begun(place, treasurer), name, data, document_kind="photo")
    assert checked.status_code == 200, faults_of(checked.text)
    assert f"Ảnh chụp · {name.partition('.')[2].upper().replace('JPG', 'JPEG')}" in text_of(checked.text)
    form = form_of(checked.text)
    first, second = form.post(treasurer), form.post(treasurer)
    assert first.headers["location"] == second.headers["location"]
    gift = treasurer.get(first.headers["location"].removesuffix("/done")).text
    assert text_of(gift).count("Ảnh chụp · ") == 1
    (opened,) = re.findall(r'href="([^"]*/documents/dc_[^"]*/file)"', gift)
    assert treasurer.get(opened).content == data


def test_a_form_that_is_refused_has_its_scan_already(place: Place, treasurer: TestClient) -> None:
    refused = send(treasurer, begun(place, treasurer, amount="1tr5"), "a.pdf", pdf(3))
    assert refused.status_code == 422
    assert len(faults_of(refused.text)) == 1
    assert "Đã có bản quét, không cần chọn lại: PDF, 3 trang" in text_of(refused.text)
    form = form_of(refused.text)
    checked = form.send(treasurer, amount="500.000", then="check")
    assert scan_in(checked) == scan_in(refused) != ""
    back = form_of(checked.text).send(treasurer, then="edit-scan")
    assert scan_in(back) == scan_in(refused)
    # Another file takes its place, and it can go.
    other = send(treasurer, form_of(back.text), "b.jpg", image())
    assert scan_in(other) not in {"", scan_in(refused)}
    again = form_of(form_of(other.text).send(treasurer, then="edit-scan").text)
    without = again.send(treasurer, then="check", scan_drop="1")
    assert scan_in(without) == ""
    assert "scan_drop" not in form_of(without.text).fields


@pytest.mark.parametrize(("name", "data"), [("a.pdf", b"MZ"), ("a.png", pdf()), ("a.pdf", b"")])
def test_a_file_that_is_none_is_told_at_its_field_with_everything_else(
    place: Place, treasurer: TestClient, name: str, data: bytes
) -> None:
    both = send(treasurer, begun(place, treasurer, amount="1tr5"), name, data)
    assert both.status_code == 422
    assert {"scan", "amount"} == set(re.findall(r'<li><a href="#f-([a-z_]+)">', both.text))
    alone = send(treasurer, begun(place, treasurer), name, data)
    assert alone.status_code == 422
    assert re.findall(r'<li><a href="#f-([a-z_]+)">', alone.text) == ["scan"]
    assert form_of(alone.text).fields["donor"] == "Nguyễn Văn Mẫu"
    assert scan_in(alone) == ""
    assert '<details class="more" open>' in alone.text


def test_a_collectors_scan_goes_on_with_the_draft_and_stays_theirs(
    place: Place, collector: TestClient, treasurer: TestClient
) -> None:
    photo = image(size=(21, 34))
    typed = {"donor": "Lê Văn Quét", "amount": "35.000"}
    checked = send(collector, begun(place, collector, **typed), "phong-bi.jpg", photo, document_kind="receipt")
    document = scan_in(checked)
    draft = Filled(action=checked.url.path.replace("/new", "/draft"), fields=form_of(checked.text).fields)
    assert draft.send(collector, then="submit").status_code == 303
    drafts = desk(place.commune, "drafts")
    (path,) = set(re.findall(r'href="([^"]*/drafts/dr_[^"]*)"[^>]*>Lê Văn Quét', collector.get(drafts).text))
    own = desk(place.commune, "own-documents")
    assert f'href="{own}/{document}/file"' in collector.get(path).text
    assert f'href="{desk(place.commune, "documents", document)}/file"' in treasurer.get(path).text
    assert "Chờ ghi sổ" in text_of(collector.get(own).text)
    posted = act(treasurer, path, "post")
    gift = re.findall(r'href="([^"]*/contributions/ct_[^"/]*)"', treasurer.get(posted.removesuffix("/done")).text)[0]
    assert "Giấy biên nhận · phong-bi.jpg" in text_of(treasurer.get(gift).text)
    assert f'href="{own}"' in collector.get(drafts).text
    listed = collector.get(own).text
    assert "Đã đính vào chứng từ" in text_of(listed)
    assert collector.get(f"{own}/{document}/preview.jpg").headers["content-type"] == "image/jpeg"
    opened = collector.get(f"{own}/{document}/file")
    assert opened.content == photo
    assert opened.headers["content-disposition"] == f"attachment; filename*=UTF-8''{document}.jpg"
    assert "sandbox" in opened.headers["content-security-policy"]


@pytest.mark.parametrize("role", ["collector", "cashier", "accountant", "chief_accountant"])
def test_nobody_opens_as_their_own_what_another_sent(place: Place, collector: TestClient, role: Role) -> None:
    document = scan_in(send(collector, begun(place, collector), "a.png", image("PNG", (33, 44))))
    client = signed_in(place.app, place.person(role))
    own = desk(place.commune, "own-documents")
    for end in (
        f"{document}/file",
        f"{document}/preview.jpg",
        "dc_x/file",
        f"{typeid.encode('dc', typeid.new_id())}/file",
    ):
        assert client.get(f"{own}/{end}").status_code == 404, end
    assert document not in client.get(own).text
    keeps = 200 if role in {"accountant", "chief_accountant"} else 403
    assert client.get(desk(place.commune, "documents", document, "file")).status_code == keeps
    assert collector.get(desk(place.commune, "documents", document, "file")).status_code == 403
    assert collector.get(f"{own}/{document}/file").status_code == 200


def test_a_collector_hands_on_no_scan_of_another(place: Place, collector: TestClient, treasurer: TestClient) -> None:
    theirs = scan_in(send(treasurer, begun(place, treasurer), "rieng.pdf", pdf(2)))
    checked = begun(place, collector, document=theirs).send(collector, then="check")
    assert f"{theirs}/file" not in checked.text
    assert "Bản quét do người khác gửi" in text_of(checked.text)
    for then in ("submit", "keep"):
        draft = Filled(action=checked.url.path.replace("/new", "/draft"), fields=form_of(checked.text).fields)
        refused = draft.send(collector, then=then)
        assert refused.status_code == 422
        assert "Sổ này không có tài liệu đó" in " ".join(faults_of(refused.text))


@pytest.mark.parametrize("named", ["dc_x", "<script>", typeid.encode("dc", typeid.new_id())])
def test_a_scan_that_is_none_is_told_and_nothing_is_recorded(place: Place, treasurer: TestClient, named: str) -> None:
    checked = begun(place, treasurer, document=named).send(treasurer, then="check")
    assert checked.status_code == 200
    assert "<script>" not in checked.text
    posted = form_of(checked.text).post(treasurer)
    assert posted.status_code == 422
    # The form that comes back has it no more, so that the gift can be recorded without.
    again = form_of(posted.text).send(treasurer, then="check")
    assert form_of(again.text).post(treasurer).status_code == 303


def test_the_page_of_ones_own_scans_speaks_english(place: Place, collector: TestClient) -> None:
    own = desk(place.commune, "own-documents")
    assert "You have sent no scans yet" in text_of(collector.get(f"{own}?lang=en").text)
    send(collector, begun(place, collector), "a.pdf", pdf(2))
    assert "2 pages" in text_of(collector.get(own).text)
