"""The plain-text twin: beancount's own checker accepts it, and finds our balances in it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.chart import close_fund, open_fund
from ledger.export.beancount import write_beancount
from ledger.reports.balance import balances
from ledger.reports.scope import Scope
from tests.consent import post_agreed
from tests.factories import ACTOR
from tests.province import FUNDS, Province, received, used

TESTS = Path(__file__).parents[2]
AS_OF = date(2024, 2, 29)


def exported(reader: Connection, scope: Scope, folder: Path, as_of: date = AS_OF) -> Path:
    path = folder / "books.beancount"
    with path.open("w", encoding="utf-8") as out:
        write_beancount(reader, scope, out, as_of=as_of)
    return path


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("bean-check")
    return subprocess.run([program, "--no-cache", path], capture_output=True, text=True, check=False)


def read_back(path: Path) -> dict[str, Any]:
    program = [sys.executable, str(TESTS / "beancount_balances.py"), str(path)]
    found = subprocess.run(program, capture_output=True, text=True, check=True)
    return dict(json.loads(found.stdout))


@pytest.fixture(scope="module")
def twin(reader: Connection, province: Province, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The whole province as text, with a fund that was closed on the way."""
    book = province.root
    opened_on, closed_on = date(2023, 2, 1), date(2023, 5, 17)
    open_fund(reader, book, fund="LU-2023", kind="general", name_vi="Quỹ lũ lụt", opened_on=opened_on, actor=ACTOR)
    FUNDS["LU-2023"] = ("general", "35381")
    drafts = [
        received(opened_on, 1_000_000, "household", fund="LU-2023"),
        used(date(2023, 5, 2), 1_000_000, "HOCBONG", 2, fund="LU-2023"),
    ]
    post_agreed(reader, book, drafts, actor=ACTOR)
    close_fund(reader, book, "LU-2023", closed_on=closed_on, actor=ACTOR)
    yield exported(reader, province.scope, tmp_path_factory.mktemp("twin"))
    del FUNDS["LU-2023"]


def test_beancounts_checker_accepts_the_file(twin: Path) -> None:
    result = checked(twin)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_beancounts_balances_are_ours_by_account_and_fund(reader: Connection, province: Province, twin: Path) -> None:
    found = read_back(twin)
    assert found["errors"] == []
    value = {tuple(account.split(":")[1:]): Decimal(amount) for account, amount in found["value"].items()}
    ours = {
        (f"B{book.book_id}", each.account, each.fund): each.balance_minor
        for book in province.books.values()
        for each in balances(reader, book, as_of=AS_OF)
    }
    assert value.keys() == ours.keys()
    assert all(abs(value[key] - ours[key]) < Decimal("0.000001") for key in ours)


def test_a_foreign_account_carries_its_own_currency_and_a_fund_only_dong(province: Province, twin: Path) -> None:
    units = read_back(twin)["units"]
    book = f"B{province.commune.book_id}"
    assert {currency: Decimal(number) for currency, number in units[f"Assets:{book}:1122USD:QC"].items()} == {
        "USD": Decimal("123.45")
    }
    assert units[f"Liabilities:{book}:35381:QC"].keys() == {"VND"}


@pytest.mark.parametrize("as_of", [date(2022, 12, 31), date(2023, 1, 1), date(2023, 5, 16), date(2023, 5, 18)])
def test_the_books_of_an_earlier_day_are_whole_too(
    reader: Connection, province: Province, twin: Path, tmp_path: Path, as_of: date
) -> None:
    path = exported(reader, province.scope, tmp_path, as_of)
    assert checked(path).returncode == 0
    value = read_back(path)["value"]
    commune = balances(reader, province.commune, as_of=as_of)
    name = f":B{province.commune.book_id}:"
    total = sum(abs(Decimal(amount)) for account, amount in value.items() if name in account)
    assert round(total) == sum(abs(each.balance_minor) for each in commune)


@pytest.mark.parametrize(
    "line",
    [
        r"(  Assets:B\d+:1111:QC )(-?\d+)( VND)",
        r"(balance Liabilities:B\d+:35381:QC )(-?\d+)( ~ 0 VND)",
        r"(  Assets:B\d+:1122USD:QC 123\.45 USD @@ )(\d+)( VND)",
        r"(balance Assets:B\d+:1122USD:QC 123\.4)(5)( ~ 0 USD)",
    ],
)
def test_one_unit_more_anywhere_is_found(twin: Path, tmp_path: Path, line: str) -> None:
    written = twin.read_text(encoding="utf-8")
    tampered, count = re.subn(line, lambda found: f"{found[1]}{int(found[2]) + 1}{found[3]}", written, count=1)
    assert count == 1
    path = tmp_path / "tampered.beancount"
    path.write_text(tampered, encoding="utf-8")
    assert checked(path).returncode == 1


def test_nothing_that_a_person_typed_about_an_entry_is_written(
    reader: Connection, province: Province, twin: Path
) -> None:
    sealed = reader.execute(
        text("SELECT DISTINCT value FROM vault.sealed_value WHERE tenant_id = :tenant_id AND value IS NOT NULL"),
        {"tenant_id": province.scope.tenant_id},
    ).scalars()
    written = twin.read_text(encoding="utf-8")
    values = [*sealed, typeid.encode(typeid.TOKEN, ACTOR.principal_id)]
    assert len(values) >= 3
    assert not [value for value in values if value in written]
    assert "học sinh nghèo" not in written


def test_progress_tells_the_entries_written(reader: Connection, province: Province, tmp_path: Path) -> None:
    heard: list[int] = []
    with (tmp_path / "books").open("w", encoding="utf-8") as out:
        count = write_beancount(reader, province.scope, out, as_of=AS_OF, progress=heard.append)
    assert heard[-1] == count > 160
