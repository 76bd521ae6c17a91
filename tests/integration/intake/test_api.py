"""Files over the API: by programs, with tokens."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from api.job_kinds import KINDS
from api.job_worker import JobWorker
from ledger.intake.container import FILE_SIZE_MAX
from tests.integration.api.conftest import World, settings, world
from tests.list_files import HEADER, PEOPLE, csv, xls, xlsx

__all__ = ["settings", "world"]

ROWS: list[list[Any]] = [HEADER, *PEOPLE]
FACTS = {"received_on": "2025-03-05", "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}


def upload(world: World, data: bytes, name: str = "Danh sách.xlsx", token: str = "commune", **headers: str) -> Any:
    sent = {
        "Authorization": f"Bearer {world.secrets[token]}",
        "Idempotency-Key": headers.pop("key", str(uuid.uuid4())),
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        **headers,
    }
    return world.client.post(world.path(world.commune, "/intake?kind=household"), content=data, headers=sent)


def work(world: World) -> None:
    worker = JobWorker(world.engine, KINDS, count=1)
    while worker.work_one():
        pass


def taken(world: World, data: bytes, name: str = "Danh sách.xlsx") -> Any:
    answer = upload(world, data, name)
    assert answer.status_code == 201, answer.text
    work(world)
    return world.get(world.path(world.commune, f"/intake/{answer.json()['intake']}")).json()


def columns_of(found: Any) -> list[dict[str, Any]]:
    return [
        {"column": "ABCDEFGH"[column["index"]], "role": column["role"]}
        for column in found["outline"]["layout"]["columns"]
        if column["role"] != "other"
    ]


def step(world: World, found: Any, name: str, status: Any = 200, **body: Any) -> Any:
    path = world.path(world.commune, f"/intake/{found['intake']}/{name}")
    answer = world.send(path, {"version": found["version"], **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def ready(world: World, data: bytes) -> Any:
    found = taken(world, data)
    found = step(world, found, "mapping", first_row=2, columns=columns_of(found))
    return step(world, found, "facts", **FACTS)


def test_a_list_goes_from_upload_to_receipt_and_back(world: World) -> None:
    found = taken(world, xlsx(ROWS))
    assert (found["state"], found["name"]) == ("read", "Danh sách.xlsx")
    found = step(world, found, "mapping", first_row=2, columns=columns_of(found))
    assert (found["state"], found["tally"]["gift_count"], found["tally"]["total_minor"]) == ("mapped", 3, 500_000)
    assert [each["code"] for each in found["obstacles"]] == ["intake_facts_missing"]
    found = step(world, found, "facts", **FACTS)
    assert (found["state"], found["obstacles"]) == ("ready", [])
    found = step(world, found, "posting", 202)
    assert found["state"] == "posting"
    work(world)
    told = world.get(world.path(world.commune, f"/intake/{found['intake']}/receipt")).json()
    assert (told["row_count"], told["total_minor"], told["voucher"]) == (3, 500_000, "PT/2025/1")
    assert told["event"].startswith("ev_")
    path = world.path(world.commune, f"/intake/{found['intake']}/reversal")
    body, key = {"on": "2025-03-06", "reason": "Nhập nhầm"}, str(uuid.uuid4())
    first, again = (world.send(path, body, key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.json() == again.json()
    assert first.json()["reversed_on"] == "2025-03-06"


def test_rows_come_in_pages_with_their_findings_in_words(world: World) -> None:
    found = taken(world, xlsx([*ROWS, [4, "Phạm Mẫu", "", "1tr5"]]))
    found = step(world, found, "mapping", first_row=2, columns=columns_of(found))
    path = world.path(world.commune, f"/intake/{found['intake']}/rows")
    first = world.get(f"{path}?page_size=3").json()
    assert ([row["row"] for row in first["rows"]], first["next_cursor"]) == ([2, 3, 4], 4)
    rest = world.get(f"{path}?page_size=3&cursor=4").json()
    ((row,), cursor) = rest["rows"], rest["next_cursor"]
    assert cursor is None
    ((said,)) = row["findings"]
    assert (said["column"], said["reason"]) == ("D", "shorthand")
    assert "1.500.000" in said["detail"]
    assert "1,500,000" in said["detail_en"]
    found = step(world, found, "decisions", rows=[5], reason="Sẽ nộp sau")
    assert found["tally"]["left_out_count"] == 1
    assert found["decisions"][0]["rows"] == [5]
    table = world.get(f"{path}.csv?show=left_out").content.decode("utf-8-sig")
    assert "Phạm Mẫu" in table
    assert world.get(f"{path}.xlsx").content.startswith(b"PK")


def test_the_same_file_wants_a_reason(world: World) -> None:
    data = csv(ROWS)
    first = upload(world, data, "a.csv").json()
    answer = upload(world, data, "b.csv")
    assert (answer.status_code, answer.json()["intake"]) == (409, first["intake"])
    reason = {"Intake-Again-Reason": quote("Đợt hai")}
    assert upload(world, data, "b.csv", **reason).status_code == 201


def test_one_key_is_one_upload(world: World) -> None:
    first, again = (upload(world, csv(ROWS), "a.csv", key="k-1") for _ in range(2))
    assert first.json()["intake"] == again.json()["intake"]
    assert again.headers["Idempotent-Replay"] == "true"
    other = upload(world, csv([*ROWS, [4, "Phạm Mẫu", "", 1]]), "a.csv", key="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (xls(ROWS), "a.xlsx", (422, "file_refused", "other_ending")),
        (b"", "a.csv", (422, "file_refused", "empty")),
        (b"x" * (FILE_SIZE_MAX + 1), "a.csv", (413, "body_too_large", None)),
    ],
)
def test_what_is_no_list_is_refused(world: World, data: bytes, name: str, told: tuple[Any, ...]) -> None:
    answer = upload(world, data, name)
    assert (answer.status_code, answer.json()["code"], answer.json().get("reason")) == told


@pytest.mark.parametrize("disposition", ["attachment", "attachment; filename*=UTF-8''%ff.csv", "filename="])
def test_a_name_that_cannot_be_read_is_refused(world: World, disposition: str) -> None:
    answer = upload(world, csv(ROWS), **{"Content-Disposition": disposition})
    assert (answer.status_code, answer.json()["code"]) == (422, "file_name_malformed")


def test_a_plain_name_in_quotation_marks_is_read_too(world: World) -> None:
    answer = upload(world, csv(ROWS), **{"Content-Disposition": 'attachment; filename="a \\"b\\".csv"'})
    assert answer.json()["name"] == 'a "b".csv'


def test_what_is_in_the_way_of_posting_is_all_told(world: World) -> None:
    found = taken(world, xlsx([*ROWS, [4, "Phạm Mẫu", "", ""]]))
    found = step(world, found, "mapping", first_row=2, columns=columns_of(found))
    refused = step(world, found, "posting", 422)
    assert [each["code"] for each in refused["errors"]] == ["intake_rows_faulty", "intake_facts_missing"]
    refused = step(world, found, "facts", 422, **{**FACTS, "fund": "KHONG", "received_on": "2020-01-01"})
    assert {each["pointer"] for each in refused["errors"]} >= {"/fund", "/received_on"}
    stale = world.send(world.path(world.commune, f"/intake/{found['intake']}/facts"), {"version": 1, **FACTS})
    assert (stale.status_code, stale.json()["code"]) == (409, "intake_changed")


def test_nobody_elses_file_exists(world: World) -> None:
    found = taken(world, xlsx(ROWS))
    for token, status in (("elsewhere", 404), ("reader", 403), ("poster", 403)):
        answer = world.get(world.path(world.commune, f"/intake/{found['intake']}"), token)
        assert answer.status_code == status
    answer = world.get(world.path(world.elsewhere, f"/intake/{found['intake']}"), "elsewhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "intake_not_found")
    assert world.get(world.path(world.commune, "/intake/in_nonsense")).status_code == 404


def test_files_are_listed_the_newest_first(world: World) -> None:
    made = [upload(world, csv([*ROWS, [n, f"Mẫu {n}", "", 1]]), f"{n}.csv").json()["intake"] for n in range(3)]
    path = world.path(world.commune, "/intake")
    first = world.get(f"{path}?page_size=2").json()
    assert [each["intake"] for each in first["files"]] == made[:0:-1]
    rest = world.get(f"{path}?page_size=2&cursor={first['next_cursor']}").json()
    assert ([each["intake"] for each in rest["files"]], rest["next_cursor"]) == (made[:1], None)


def test_a_file_may_be_read_anew_dropped_and_has_no_receipt_before_it_is_posted(world: World) -> None:
    found = taken(world, xlsx(ROWS, more={"Khác": [HEADER, PEOPLE[0]]}))
    assert world.get(world.path(world.commune, f"/intake/{found['intake']}/receipt")).status_code == 409
    found = step(world, found, "reading", sheet=1)
    work(world)
    found = world.get(world.path(world.commune, f"/intake/{found['intake']}")).json()
    assert found["outline"]["row_count"] == 2
    refused = step(world, found, "release", 409)
    assert refused["code"] == "intake_step_refused"
    assert step(world, found, "discard")["state"] == "discarded"


@pytest.mark.parametrize("kind", ["salary", "household", "contribution"])
def test_a_template_is_recognised_when_it_comes_back(world: World, kind: str) -> None:
    answer = world.get(world.path(world.commune, f"/intake/template.xlsx?kind={kind}"))
    found = taken(world, answer.content, "mau.xlsx")
    roles = {column["role"] for column in found["outline"]["layout"]["columns"]}
    assert roles >= {"number", "name", "detail", "amount"}
