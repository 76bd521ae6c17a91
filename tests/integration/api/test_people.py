"""The register and its documents over the API: what comes back, what is refused, and what never leaks."""

import json
import logging
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.calendar import today
from ledger.tenancy import set_tenant
from tests.integration.api.conftest import World, _token, entry
from tests.integration.documents.files import HEIC, image, pdf
from tests.list_files import HEADER, PEOPLE, xlsx

NAME, PHONE, NOTE = "Nguyễn Văn Cắm Mốc", "0987001122", "ghi chú cắm mốc"


def add(world: World, name: str = "Nguyễn Văn Mẫu", **more: Any) -> str:
    answer = world.send(world.path(world.commune, "/people"), {"name": name, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["person"])


def person(world: World, person_id: str) -> Any:
    return world.get(world.path(world.commune, f"/people/{person_id}")).json()


def found(world: World, query: str, **more: Any) -> list[str]:
    answer = world.send(world.path(world.commune, "/people/search"), {"query": query, **more})
    return [row["name"] for row in answer.json()["rows"]]


def send_file(world: World, data: bytes, name: str = "scan.pdf", **headers: str) -> Any:
    sent = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Content-Type": "application/pdf", **headers}
    return world.send(world.path(world.commune, "/documents"), data, headers=sent)


def test_a_person_is_entered_found_and_put_right(world: World) -> None:
    person_id = add(world, details={"phone": PHONE})
    assert found(world, "nguyen m") == ["Nguyễn Văn Mẫu"]
    told = person(world, person_id)
    assert (told["details"], told["version"], told["agrees_to"]) == (["phone"], 1, [])
    path = world.path(world.commune, f"/people/{person_id}")
    changed = world.send(path, {"name": "Trần Thị Thử", "version": 1}, method="PUT")
    assert changed.json() == {"person": person_id, "version": 2}
    stale = world.send(path, {"name": "Ai Đó", "version": 1}, method="PUT")
    assert (stale.status_code, stale.json()["code"]) == (409, "person_changed")
    assert person(world, person_id)["details"] == ["phone"], "what is left out stays"


def test_every_fault_of_a_person_comes_at_once(world: World) -> None:
    body = {"name": "a\u200bb", "kind": "household", "birth_year": 1990, "details": {"phone": "x", "email": "y"}}
    answer = world.send(world.path(world.commune, "/people"), body)
    assert answer.status_code == 422
    faults = {(each["code"], each["pointer"]) for each in answer.json()["errors"]}
    assert faults == {
        ("text_refused", "/name"),
        ("text_refused", "/phone"),
        ("text_refused", "/email"),
        ("birth_year_not_theirs", "/birth_year"),
    }


def test_the_same_request_enters_one_person(world: World) -> None:
    path = world.path(world.commune, "/people")
    first, second = (world.send(path, {"name": "Mẫu"}, key="one") for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert found(world, "mau") == ["Mẫu"]


def test_details_open_for_who_works_with_them_or_inspects(world: World) -> None:
    person_id = add(world, details={"phone": PHONE, "note": NOTE})
    path = world.path(world.commune, f"/people/{person_id}")
    assert world.send(f"{path}/opening", {"fields": ["phone"]}).json() == {"details": {"phone": PHONE}}
    refused = world.send(f"{path}/inspection", {"fields": ["note"], "reason": " "})
    assert refused.json()["code"] == "text_refused"
    inspected = world.send(f"{path}/inspection", {"fields": ["note"], "reason": "Kiểm tra"})
    assert inspected.json() == {"details": {"note": NOTE}}


def test_a_consent_holds_until_it_is_withdrawn(world: World) -> None:
    person_id = add(world)
    path = world.path(world.commune, f"/people/{person_id}/consents")
    given = {"purpose": "publish_name", "method": "paper", "given_on": str(today())}
    assert world.send(path, given).status_code == 201
    again = world.send(path, given)
    assert [each["code"] for each in again.json()["errors"]] == ["consent_in_force"]
    assert person(world, person_id)["agrees_to"] == ["publish_name"]
    withdrawn = {"purpose": "publish_name", "method": "phone", "withdrawn_on": str(today())}
    assert world.send(f"{path}/withdrawal", withdrawn).status_code == 201
    assert person(world, person_id)["agrees_to"] == []
    assert world.send(f"{path}/withdrawal", withdrawn).status_code == 409


def test_a_child_is_guarded_and_agrees_with_the_guardian(world: World) -> None:
    child, guardian = add(world, "Bé Thử", birth_year=today().year - 10), add(world)
    path = world.path(world.commune, f"/people/{child}")
    linked = world.send(f"{path}/guardians", {"guardian": guardian, "relation": "parent"})
    assert linked.status_code == 201
    given = {"purpose": "minor_data", "method": "paper", "given_on": str(today()), "guardian": guardian}
    assert world.send(f"{path}/consents", given).status_code == 201
    named = world.send(f"{path}/consents", {**given, "purpose": "publish_name"})
    assert [each["code"] for each in named.json()["errors"]] == ["consent_minor_unnamed"]
    ended = world.send(f"{path}/guardians/{guardian}", b"", method="DELETE")
    assert ended.status_code == 200
    assert person(world, child)["guardians"] == []


def test_records_are_merged_and_parted(world: World) -> None:
    kept, merged = add(world), add(world, "N. V. Mẫu")
    path = world.path(world.commune, "/people")
    assert world.send(f"{path}/{kept}/merge", {"merged": merged}).status_code == 200
    assert found(world, "mau") == ["Nguyễn Văn Mẫu"]
    assert world.send(f"{path}/{merged}/part", b"").status_code == 200
    assert len(found(world, "mau")) == 2


def test_a_scan_is_kept_shown_attached_and_disowned(world: World) -> None:
    kept = send_file(world, HEIC, "anh.heic").json()
    base = world.path(world.commune, f"/documents/{kept['document']}")
    content = world.get(f"{base}/content")
    assert content.content == HEIC
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert content.headers["Content-Security-Policy"].startswith("sandbox")
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    drawn = world.get(f"{base}/preview")
    assert (drawn.headers["Content-Type"], drawn.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    posted = world.send(world.path(world.commune, "/entries"), entry()).json()["id"]
    event = world.send(f"{base}/attachments", {"entry": posted, "kind": "photo"}).json()["event"]
    attachments = world.path(world.commune, "/attachments")
    (row,) = world.get(f"{attachments}?entry={posted}").json()["rows"]
    assert (row["document"], row["kind"], row["is_disowned"]) == (kept["document"], "photo", False)
    assert world.send(f"{attachments}/{event}/disowning", {"reason": "Nhầm"}).status_code == 201
    assert world.send(f"{attachments}/{event}/disowning", {"reason": "Nhầm"}).status_code == 409
    both = world.send(f"{base}/attachments", {"kind": "photo"})
    assert both.json()["code"] == "attachment_target_choice"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (image("GIF"), "a.gif", "type_unknown"),
        (image(), "a.png", "extension_differs"),
        (pdf(201), "a.pdf", "pdf_too_long"),
    ],
)
def test_what_is_no_scan_is_refused(world: World, data: bytes, name: str, reason: str) -> None:
    answer = send_file(world, data, name)
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "document_refused", reason)


def test_another_association_has_neither_people_nor_documents(world: World) -> None:
    person_id, kept = add(world), send_file(world, pdf()).json()["document"]
    for path in (f"/people/{person_id}", f"/documents/{kept}", f"/documents/{kept}/content"):
        own, other = world.path(world.commune, path), world.path(world.elsewhere, path)
        assert world.get(own).status_code == 200
        assert world.get(own, token="elsewhere").status_code == 404
        assert world.get(other, token="elsewhere").status_code == 404
        assert world.get(own, token="reader").status_code == 403


def test_what_was_typed_is_in_no_leaf_log_address_error_or_figure(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Marked values go in by every door; then all that comes out beside the register is searched for them."""
    caplog.set_level(logging.DEBUG)
    marks = (NAME, PHONE, NOTE, "cam moc", "tệp cắm mốc", "lý do cắm mốc")
    answers = [world.send(world.path(world.commune, "/people"), {"name": f"{NAME}\u200b", "details": {"phone": NOTE}})]
    person_id = add(world, NAME, details={"phone": PHONE, "note": NOTE})
    path = world.path(world.commune, f"/people/{person_id}")
    found(world, NAME)
    answers += [
        world.send(f"{path}/opening", {"fields": ["phone"], "extra": NOTE}),
        world.send(f"{path}/merge", {"merged": person_id}),
        send_file(world, b"MZ", "t%E1%BB%87p%20c%E1%BA%AFm%20m%E1%BB%91c.pdf"),
        world.send(world.path(world.commune, "/people/search"), {"query": NAME * 30}),
    ]
    scan = send_file(world, pdf(), "t%E1%BB%87p%20c%E1%BA%AFm%20m%E1%BB%91c.pdf").json()["document"]
    posted = world.send(world.path(world.commune, "/entries"), entry()).json()["id"]
    attached = world.send(
        world.path(world.commune, f"/documents/{scan}/attachments"), {"entry": posted, "kind": "voucher"}
    ).json()["event"]
    world.send(world.path(world.commune, f"/attachments/{attached}/disowning"), {"reason": "lý do cắm mốc"})
    given = {"purpose": "publish_name", "method": "paper", "given_on": str(today()), "document": scan}
    world.send(f"{path}/consents", given)
    assert all(answer.status_code >= 400 for answer in answers)
    with world.engine.begin() as conn:
        conn.execute(sa.text("SELECT set_config('soquy.tenant_id', :id, true)"), {"id": str(world.commune.tenant_id)})
        leaves = conn.execute(sa.text("SELECT leaf FROM soquy.audit_entry")).scalars().all()
        kept = conn.execute(sa.text("SELECT result::text FROM soquy.idempotency")).scalars().all()
    told = capsys.readouterr()
    outputs = {
        "leaves": b"".join(map(bytes, leaves)).decode(),
        "results": "".join(kept),
        "errors": json.dumps([answer.json() for answer in answers], ensure_ascii=False),
        "logs": caplog.text + told.out + told.err,
        "metrics": world.client.get("/metrics").text,
    }
    leaks = {(where, mark) for where, text in outputs.items() for mark in marks if mark in text}
    assert leaks == set()
    assert typeid.encode(typeid.PERSON, typeid.decode(typeid.PERSON, person_id)) not in outputs["leaves"]


def own(world: World, rest: str = "", token: str = "collector") -> Any:
    return world.get(world.path(world.commune, f"/own-documents{rest}"), token)


@pytest.fixture
def collectors(world: World) -> World:
    """Two programs that may collect and no more."""
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        for name in ("collector", "other"):
            own = [world.commune.association_id]
            world.secrets[name] = _token(conn, world.commune.tenant_id, name, own, rights=("collect",))
    return world


def test_a_collectors_program_sends_a_scan_that_a_draft_names_and_sees_no_other(collectors: World) -> None:
    world = collectors
    named = {"Content-Disposition": "attachment; filename*=UTF-8''Nguy%E1%BB%85n.jpg", "Content-Type": "image/jpeg"}
    path = world.path(world.commune, "/own-documents")
    first, second = (world.send(path, image(), token="collector", headers=named, key="one") for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    scan = first.json()["document"]
    assert own(world, f"/{scan}").json() == {**first.json(), "is_attached": False}
    assert "name" not in first.json()
    assert [row["document"] for row in own(world).json()["rows"]] == [scan]
    opened = own(world, f"/{scan}/content")
    assert (opened.content, "Nguy" in opened.headers["content-disposition"]) == (image(), False)
    assert own(world, f"/{scan}/preview").headers["content-type"] == "image/jpeg"
    for rest in (f"/{scan}", f"/{scan}/content", f"/{scan}/preview"):
        assert own(world, rest, "other").status_code == 404
    assert own(world, "", "other").json() == {"rows": []}
    assert world.get(world.path(world.commune, f"/documents/{scan}"), "collector").status_code == 403
    body = {"received_on": "5/3/2025", "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}
    lines = [{"donor": "Nguyễn Văn Mẫu", "amount": "500.000"}]
    asked = {"kind": "contribution", "body": {**body, "document": scan, "document_kind": "receipt", "lines": lines}}
    drafts = world.path(world.commune, "/drafts")
    refused = world.send(drafts, asked, token="other")
    assert (refused.status_code, refused.json()["code"]) == (404, "document_not_found")
    draft = world.send(drafts, asked, token="collector").json()["id"]
    posted = world.send(f"{drafts}/{draft}/posting", {"version": 1}).json()["received"]
    attached = world.get(world.path(world.commune, f"/attachments?entry={posted['entry']}")).json()["rows"]
    assert [(row["document"], row["kind"]) for row in attached] == [(scan, "receipt")]
    assert own(world, f"/{scan}").json()["is_attached"] is True


def test_a_list_that_came_as_a_file_is_a_document_too(world: World) -> None:
    named = {"Content-Disposition": "attachment; filename*=UTF-8''a.xlsx", "Content-Type": "application/octet-stream"}
    sent = world.send(world.path(world.commune, "/intake?kind=household"), xlsx([HEADER, *PEOPLE]), headers=named)
    document = sent.json()["document"]
    told = world.get(world.path(world.commune, f"/documents/{document}"))
    assert told.status_code == 200
    assert told.json()["media_type"].endswith("spreadsheetml.sheet")
    assert own(world, "", "commune").json() == {"rows": []}
