"""The books as a folder of CSV files."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ledger import typeid
from ledger.export.csv_folder import write_csv
from ledger.reports.balance import balances
from tests.province import Province, all_lines

AS_OF = date(2023, 12, 31)


def read(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def folder(reader: Connection, province: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "books"
    write_csv(reader, province.scope, path, as_of=AS_OF)
    return path


def test_the_folder_holds_whole_files_in_utf8_with_its_mark_and_crlf(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    tables = ("associations", "accounts", "funds", "campaigns", "programs", "vouchers", "entries", "postings")
    assert names == {f"{table}.csv" for table in (*tables, "trial_balance")}
    for path in folder.iterdir():
        data = path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\n") == data.count(b"\r\n") > 1


def test_postings_are_the_journals_and_balance_by_entry_and_fund(
    reader: Connection, province: Province, folder: Path
) -> None:
    rows = read(folder, "postings")
    assert len(rows) == sum(line.entry_on <= AS_OF for line in all_lines(reader, province.scope))
    sums = Counter[tuple[str, str, str]]()
    for row in rows:
        sums[row["association"], row["seq"], row["fund"]] += int(row["debit_minor"]) - int(row["credit_minor"])
    assert set(sums.values()) == {0}
    assert len(read(folder, "entries")) == len({(row["association"], row["seq"]) for row in rows})


def test_the_trial_balance_is_that_of_the_day(reader: Connection, province: Province, folder: Path) -> None:
    found = {
        (row["association"], row["account"], row["fund"]): int(row["debit_minor"]) - int(row["credit_minor"])
        for row in read(folder, "trial_balance")
    }
    assert found == {
        (typeid.encode(typeid.ASSOCIATION, book.association_id), each.account, each.fund): each.balance_minor
        for book in province.books.values()
        for each in balances(reader, book, as_of=AS_OF)
    }


def test_a_name_is_never_a_formula(folder: Path) -> None:
    assert {row["name_vi"][:2] for row in read(folder, "funds")} == {"'="}
    assert 'Hội "Thử"' in read(folder, "associations")[0]["name_vi"]


def test_ids_and_instants_are_the_public_ones(province: Province, folder: Path) -> None:
    entry = read(folder, "entries")[0]
    assert entry["entry"].startswith("en_")
    assert entry["recorded_at"].endswith("Z")
    assert read(folder, "associations")[1]["parent"] == typeid.encode(typeid.ASSOCIATION, province.root.association_id)
