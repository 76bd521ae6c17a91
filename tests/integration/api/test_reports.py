"""The books as the API tells them; what the figures are is tested beside the reports themselves."""

from typing import Any

import pytest

from tests.integration.api.conftest import World, entry

YEAR = "from=2025-01-01&to=2025-12-31"


@pytest.fixture(scope="module")
def filled(shared_world: World) -> World:
    body = {"entries": [entry(900_000), shared_world.agreed(entry(-100_000)), entry(50_000, entry_on="2025-04-01")]}
    assert shared_world.send(shared_world.path(shared_world.commune, "/entries/batch"), body).status_code == 201
    posted = shared_world.send(shared_world.path(shared_world.province, "/entries"), entry(1_000), token="province")
    assert posted.status_code == 201
    return shared_world


def ask(world: World, path: str, token: str = "province") -> Any:
    answer = world.get(world.path(world.commune, path), token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_ledger_runs_from_opening_to_closing(filled: World) -> None:
    found = ask(filled, f"/ledger?account=1111&{YEAR}")
    assert [row["balance_minor"] for row in found["rows"]] == [900_000, 800_000, 850_000]
    assert (found["opening_minor"], found["closing_minor"]) == (0, 850_000)
    page = ask(filled, f"/ledger?account=111&{YEAR}&page_size=2")
    rest = ask(filled, f"/ledger?account=111&{YEAR}&page_size=2&cursor={page['next_cursor']}")
    assert [row["balance_minor"] for row in rest["rows"]] == [850_000]


def test_the_trial_balance_agrees_alone_and_consolidated(filled: World) -> None:
    alone = ask(filled, f"/trial-balance?{YEAR}")
    assert (alone["agrees"], alone["closing_debit_minor"]) == (True, 850_000)
    answer = filled.get(filled.path(filled.province, f"/trial-balance?{YEAR}&consolidated=true"), token="province")
    assert answer.json()["closing_debit_minor"] == 851_000


def test_cash_and_bank_books_take_their_own_accounts_only(filled: World) -> None:
    cash = ask(filled, f"/cash-book?{YEAR}")
    assert (cash["in_minor"], cash["out_minor"], cash["closing_minor"]) == (950_000, 100_000, 850_000)
    assert cash["rows"][1]["payment"] == "PC/2025/1"
    assert ask(filled, f"/bank-book?{YEAR}")["rows"] == []
    answer = filled.get(filled.path(filled.commune, f"/bank-book?account=1111&{YEAR}"))
    assert (answer.status_code, answer.json()["code"]) == (422, "reference_unknown")


def test_the_fund_statement_reconciles(filled: World) -> None:
    found = ask(filled, f"/fund-statement?{YEAR}&fund=QC")
    assert found["totals"]["closing_minor"] == 850_000
    assert found["totals"]["reconciles"] is True
    assert found["received"][0]["channel"] == "household"


def test_balances_are_those_of_the_day(filled: World) -> None:
    found = ask(filled, "/balances?as_of=2025-03-31")
    assert {(row["account"], row["balance_minor"]) for row in found["rows"]} == {("1111", 800_000), ("35381", -800_000)}


def test_the_overview_is_one_sentence_and_its_parts(filled: World) -> None:
    found = ask(filled, f"/overview?{YEAR}")
    totals = found["totals"]
    assert (
        totals["opening_minor"]
        + totals["received_minor"]
        - totals["used_minor"]
        + totals["other_in_minor"]
        - totals["other_out_minor"]
        == totals["closing_minor"]
    )
    assert len(found["months"]) == 12


REPORTS = ("ledger?account=1111&", "trial-balance?", "cash-book?", "bank-book?", "fund-statement?", "overview?")


@pytest.mark.parametrize("report", [*REPORTS, "balances?as_of=2025-12-31&", "entries?"])
def test_every_report_comes_as_csv_too(filled: World, report: str) -> None:
    answer = filled.get(filled.path(filled.commune, f"/{report}{YEAR}&format=csv"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    header = answer.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()[0]
    assert all(line.count(",") >= header.count(",") for line in answer.text.splitlines())
    assert not {"True", "False"} & set(answer.text.replace("\r\n", ",").split(",")), "true and false, as in JSON"


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("from=2025-01-32", "day_malformed", "from"),
        ("from=1741132800", "day_malformed", "from"),
        ("page_size=0", "number_out_of_range", "page_size"),
        ("page_size=1001", "number_out_of_range", "page_size"),
        ("page_size=x", "integer_expected", "page_size"),
        ("format=xml", "choice_refused", "format"),
        ("account=cash", "form_refused", "account"),
    ],
)
def test_wrong_parameters_are_named(filled: World, query: str, code: str, parameter: str) -> None:
    given = "" if parameter == "account" else "account=1111&"
    answer = filled.get(filled.path(filled.commune, f"/ledger?{given}{query}"))
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [(error["code"], error["parameter"]) for error in errors] == [(code, parameter)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2025-12-31&to=2025-01-01", "period_refused"),
        ("cursor=x", "cursor_malformed"),
        ("account=9999", "reference_unknown"),
    ],
)
def test_refused_questions_say_why_in_both_forms(filled: World, query: str, code: str) -> None:
    given = "" if "account" in query else "account=1111&"
    for form in ("", "&format=csv"):
        answer = filled.get(filled.path(filled.commune, f"/ledger?{given}{query}{form}"))
        assert (answer.status_code, answer.json()["code"]) == (422, code)
