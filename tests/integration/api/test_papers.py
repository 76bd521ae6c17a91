"""Papers over HTTP: printed for whoever may see the names on them, and never for others."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from api.job_kinds import KINDS
from api.job_worker import JobWorker
from api.public_log import PublicLog
from api.settings import Settings
from audit import receipt_audit
from audit.finding import Tampered
from audit.trust import Named
from ledger import typeid
from ledger.giving.code import shown
from ledger.giving.commands import correct_donor, receive
from ledger.giving.model import Collection, Gift, Received
from ledger.papers import facts
from ledger.tenancy import set_tenant
from tests.database import DatabaseServer
from tests.integration.api.conftest import ACTOR, World
from tests.papers import text_of

NAMES = ["Nguyễn Văn Mẫu", "Trần Thị Thử", "Lê Thị Thí Nghiệm"]


@pytest.fixture
def received(world: World) -> Received:
    """Three gifts on one voucher of the commune; papers have an address."""
    world.app.state.public_url = "https://quy.example"
    gifts = [Gift(donor=name, amount_minor=50_000 * place) for place, name in enumerate(NAMES, start=1)]
    collection = Collection(
        received_on=date(2025, 3, 5), medium="cash", account="1111", fund="QC", channel="household", gifts=gifts
    )
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        return receive(conn, world.commune, collection, actor=ACTOR)


@pytest.fixture
def papers(world: World, received: Received) -> str:
    return world.path(world.commune, f"/entries/{typeid.encode(typeid.ENTRY, received.entry.entry_id)}/papers")


@pytest.fixture
def log(
    world: World, postgresql: psycopg.Connection, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[PublicLog]:
    """The log of the world's database, begun."""
    settings = Settings(home=tmp_path, log_origin="soquy.test/log", log_lag_seconds=0)
    found = PublicLog.open(
        settings, database_server.role_url(postgresql.info.dbname, "soquy_log"), is_own_role=database_server.is_ours
    )
    found.begin(world.engine)
    world.app.state.log = found
    yield found
    found.close()


def test_an_entry_lists_its_papers_and_when_they_were_printed(world: World, papers: str) -> None:
    """Whoever reads the book sees which there are; printing needs another right."""
    listed = world.get(papers, token="reader").json()
    assert listed["gift_count"] == 3
    assert [(row["kind"], row["first_line"], row["last_line"], row["printed_at"]) for row in listed["rows"]] == [
        ("voucher", 1, 1, None),
        ("list", 1, 3, None),
        ("receipts", 1, 3, None),
    ]
    assert world.get(f"{papers}/voucher.pdf").status_code == 200
    assert [row["printed_at"] is not None for row in world.get(papers).json()["rows"]] == [True, False, False]
    refused = world.get(f"{papers}/list.pdf", token="reader")
    assert (refused.status_code, refused.json()["right"]) == (403, "people")


@pytest.mark.parametrize("paper", ["voucher", "list", "receipts", "receipt"])
def test_a_paper_is_printed_and_printed_again(world: World, papers: str, paper: str) -> None:
    """The header says that the second is the first; nothing keeps either."""
    first = world.get(f"{papers}/{paper}.pdf")
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.headers["soquy-paper"] == "first"
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["content-disposition"].startswith('inline; filename="')
    again = world.get(f"{papers}/{paper}.pdf")
    assert again.headers["soquy-paper"] == "same"
    assert again.content == first.content
    assert (NAMES[0] in text_of(first.content)) == (paper != "voucher")


def test_a_receipt_is_found_by_its_gift(world: World, papers: str, received: Received) -> None:
    """Its PDF is the same as by the entry's line."""
    gift = typeid.encode(typeid.CONTRIBUTION, received.contributions[1].contribution_id)
    found = world.get(world.path(world.commune, f"/contributions/{gift}/receipt.pdf"))
    assert NAMES[1] in text_of(found.content)
    assert world.get(f"{papers}/receipt.pdf?line=2").content == found.content


def test_a_givers_own_file_is_proved_with_amount_and_name(
    world: World, received: Received, log: PublicLog, tmp_path: Path
) -> None:
    """What staff hand to the giver verifies offline, and who opened it is written down."""
    log.publisher().publish()
    contribution_id = received.contributions[1].contribution_id
    gift = typeid.encode(typeid.CONTRIBUTION, contribution_id)
    path = world.path(world.commune, f"/contributions/{gift}/receipt.json")
    answer = world.get(path)
    assert answer.headers["content-disposition"] == f'attachment; filename="{gift}.receipt.json"'
    report = receipt_audit.audit_receipt(answer.content, Named(), state=tmp_path / "seen", where="receipt")
    assert dict(report.openings) == {"amount": "100000 VND", "donor": NAMES[1]}
    assert report.leaf.type == "contribution.recorded"
    assert world.get(path, token="reader").status_code == 403
    changed = json.loads(answer.content)
    changed["openings"][1]["value"] = "Ai đó"
    with pytest.raises(Tampered):
        receipt_audit.audit_receipt(json.dumps(changed).encode(), Named(), state=tmp_path / "seen", where="receipt")


def test_a_name_put_right_has_a_file_of_its_own(
    world: World, received: Received, log: PublicLog, tmp_path: Path
) -> None:
    """It opens the name that holds since; without a correction there is none, and a reader of the book gets none."""
    contribution_id = received.contributions[1].contribution_id
    gift = typeid.encode(typeid.CONTRIBUTION, contribution_id)
    path = world.path(world.commune, f"/contributions/{gift}/correction.json")
    assert (world.get(path).status_code, world.get(path).json()["code"]) == (404, "contribution_not_found")
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        told = {"donor": "Trần Thị Thử Nghiệm", "detail": None, "reason": "Viết thiếu chữ"}
        correct_donor(conn, world.commune, contribution_id, **told, actor=ACTOR)  # type: ignore[arg-type]
    log.publisher().publish()
    answer = world.get(path)
    report = receipt_audit.audit_receipt(answer.content, Named(), state=tmp_path / "seen", where="receipt")
    assert (report.leaf.type, report.openings) == (
        "contribution.donor_corrected",
        (("donor", "Trần Thị Thử Nghiệm"),),
    )
    assert world.get(path, token="reader").status_code == 403


def worker(world: World) -> JobWorker:
    return JobWorker(world.engine, KINDS, count=1)


def test_all_receipts_are_printed_in_a_job(world: World, papers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells how far it is, does nothing twice, and leaves no file: the sheets come out as they were printed."""
    monkeypatch.setitem(facts.SIZES, "receipts", 2)
    monkeypatch.setattr("ledger.papers.batch.SHEETS_SIZE", 2)
    asked = world.send(f"{papers}/receipts", b"", key="once")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert world.send(f"{papers}/receipts", b"", key="once").headers["idempotent-replay"] == "true"
    assert world.send(f"{papers}/receipts", b"", key="other").json()["job"] == asked.json()["job"]
    early = world.get(f"{papers}/receipts.pdf")
    assert worker(world).work_one()
    job = world.get(world.path(world.commune, f"/jobs/{asked.json()['job']}")).json()
    assert (job["state"], job["done"], job["total"], job["result"]["receipts"]) == ("done", 3, 3, 3)
    printed = [row for row in world.get(papers).json()["rows"] if row["kind"] == "receipts"]
    assert [(row["first_line"], row["last_line"]) for row in printed] == [(1, 2), (3, 3)]
    assert all(row["printed_at"] for row in printed)
    assert world.get(f"{papers}/receipts.pdf").content == early.content


def test_a_job_is_left_off_by_who_may_keep_papers(world: World, papers: str) -> None:
    job = world.send(f"{papers}/receipts", b"", key="left-off").json()["job"]
    path = world.path(world.commune, f"/jobs/{job}/cancel")
    assert world.send(path, b"", token="reader", key="a").json()["code"] == "right_missing"
    for key in ("b", "b", "c"):
        answer = world.send(path, b"", key=key)
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert not worker(world).work_one()
    none = world.send(
        world.path(world.commune, f"/jobs/{typeid.encode(typeid.JOB, typeid.new_id())}/cancel"), b"", key="d"
    )
    assert (none.status_code, none.json()["code"]) == (404, "job_not_found")


def test_all_receipts_come_in_one_archive(
    world: World, papers: str, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every giver is in it once; asked for again it is the same to the byte."""
    monkeypatch.setitem(facts.SIZES, "receipts", 2)
    monkeypatch.setattr("api.papers.SHEETS_SIZE", 2)
    answer = world.get(f"{papers}/receipts.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        texts = [text_of(archive.read(name)) for name in names]
    assert names == ["giay-ghi-nhan-PT-2025-1-1-2.pdf", "giay-ghi-nhan-PT-2025-1-3-3.pdf"]
    for name, recorded in zip(NAMES, received.contributions, strict=True):
        assert sum(name in text for text in texts) == 1
        assert sum(shown(recorded.code) in text for text in texts) == 1
    assert world.get(f"{papers}/receipts.zip").content == answer.content


REFUSALS: list[tuple[str, int, str]] = [
    ("/list.pdf?line=2", 404, "paper_refused"),
    ("/receipt.pdf?line=4", 404, "paper_refused"),
    ("/receipt.pdf?line=0", 422, "request_refused"),
    ("/receipt.pdf?line=100001", 422, "request_refused"),
    ("/poster.pdf", 422, "request_refused"),
    ("/..%2f..%2fvoucher.pdf", 404, "not_found"),
]


@pytest.mark.parametrize(("rest", "status", "code"), REFUSALS)
def test_what_is_no_paper_is_refused(world: World, papers: str, rest: str, status: int, code: str) -> None:
    """Another line, another kind, another path."""
    answer = world.get(papers + rest)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_without_an_address_no_receipt_is_printed(world: World, papers: str) -> None:
    """A code that leads nowhere would be on paper for ever; the refusal says what to set."""
    del world.app.state.public_url
    for path in (f"{papers}/receipts.pdf", f"{papers}/receipt.pdf", f"{papers}/receipts.zip"):
        answer = world.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (404, "address")
        assert "SOQUY_PUBLIC_URL" in answer.json()["detail_en"]
    assert world.send(f"{papers}/receipts", b"").json()["reason"] == "address"
    assert world.get(f"{papers}/voucher.pdf").status_code == 200


def test_neither_names_nor_codes_are_in_any_log_line(
    world: World, papers: str, received: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed is not told."""
    for paper in ("voucher", "list", "receipts", "receipt"):
        world.get(f"{papers}/{paper}.pdf")
    gift = typeid.encode(typeid.CONTRIBUTION, received.contributions[0].contribution_id)
    world.get(world.path(world.commune, f"/contributions/{gift}/receipt.pdf"))
    told = capsys.readouterr()
    for secret in (*NAMES, *(each.code for each in received.contributions)):
        assert secret not in told.out + told.err


def test_somebody_elses_entry_and_gift_have_no_paper(world: World, papers: str, received: Received) -> None:
    """Neither by the path of one's own association, nor of theirs."""
    entry = papers.split("/")[-2]
    gift = typeid.encode(typeid.CONTRIBUTION, received.contributions[0].contribution_id)
    for rest in (
        f"/entries/{entry}/papers",
        f"/entries/{entry}/papers/list.pdf",
        f"/entries/{entry}/papers/receipts.zip",
    ):
        answer = world.get(world.path(world.elsewhere, rest), token="elsewhere")
        assert (answer.status_code, answer.json()["code"]) == (404, "entry_not_found")
        assert world.get(world.path(world.province, rest), token="province").status_code == 404
        assert world.get(world.path(world.commune, rest), token="elsewhere").json()["code"] == "association_not_found"
    for rest in ("pdf", "json"):
        answer = world.get(world.path(world.elsewhere, f"/contributions/{gift}/receipt.{rest}"), token="elsewhere")
        assert (answer.status_code, answer.json()["code"]) == (404, "contribution_not_found")


def pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def test_two_receipts_are_on_each_sheet(world: World, papers: str) -> None:
    """Three gifts take two sheets of A4; one alone is half of one."""
    found: Any = PdfReader(io.BytesIO(world.get(f"{papers}/receipt.pdf").content)).pages[0].mediabox
    assert (round(float(found.width)), round(float(found.height))) == (595, 421)
    assert pages(world.get(f"{papers}/receipts.pdf").content) == 2
