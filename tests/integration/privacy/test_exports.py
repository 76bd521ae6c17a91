"""What somebody typed is never a formula in a file that a spreadsheet opens, whichever route gives the file.

Everything that can be typed begins like a formula. The routes are the application's own list, so that a new export is
looked at by being there.
"""

import csv
import io
import re
from typing import Any, Final

import openpyxl
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.auth import Needs
from ledger.books.chart import open_fund
from ledger.tenancy import set_tenant
from tests.integration.access.test_matrix import ROUTES, asked_of, need_of
from tests.integration.api.conftest import ACTOR, OPENED_ON
from tests.integration.privacy.conftest import House
from tests.integration.privacy.test_foreign_ids import WORDS
from tests.integration.privacy.test_leak import _fill, _known
from tests.one_of_each import ON, Maker
from tests.people_who_sign_in import make_person, signed_in

FORMULA: Final = "=HYPERLINK(1)"
"""Short, so that it fits where a code or a class does."""
IN_A_LIST: Final = "@HYPERLINK(1)"
"""What a program that writes workbooks takes for a text."""

NUMBER: Final = re.compile(r"-?\d+(\.\d+)?").fullmatch
CHOICES: Final = ({"ending": "csv"}, {"ending": "xlsx"})


def test_the_search_knows_a_formula_from_a_number() -> None:
    assert formulas("text/csv", b"a,b\r\n=1+1,-5\r\n'=1,@x\r\n") == ["=1+1", "@x"]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["=1+1", "'=2", -5])
    out = io.BytesIO()
    book.save(out)
    assert formulas("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.getvalue()) == ["=1+1"]


def formulas(media_type: str, data: bytes) -> list[str] | None:
    """Return the cells of a file that a spreadsheet would compute; ``None`` of what no spreadsheet opens."""
    if media_type.startswith("text/csv"):
        cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
        return [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) and not NUMBER(cell)]
    if "spreadsheet" in media_type:
        book = openpyxl.load_workbook(io.BytesIO(data))
        sheets = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        return [str(cell.value) for cell in sheets if cell.data_type == "f"]
    return None


def test_nothing_typed_is_a_formula_in_any_export(house: House) -> None:
    maker = Maker(
        app=house.app,
        engine=house.engine,
        book=house.commune,
        token=house.tokens["commune"],
        word=lambda kind: WORDS.get(kind, FORMULA),
    )
    with house.engine.begin() as conn:
        set_tenant(conn, house.commune.tenant_id)
        named: dict[str, Any] = {"name_vi": FORMULA, "name_en": FORMULA, "opened_on": OPENED_ON, "actor": ACTOR}
        open_fund(conn, house.commune, fund="CT", kind="general", **named)
        treasurer = make_person(conn, house.commune, "chief_accountant", name=FORMULA)
    for make in (
        maker.people,
        maker.documents,
        maker.gifts,
        maker.drafts,
        maker.keeping,
        maker.awards,
        maker.approvals,
        maker.proposals,
    ):
        make()
    typed, maker.word = maker.word, lambda kind: WORDS.get(kind, IN_A_LIST)
    maker.file()
    maker.word = typed
    maker.access()
    lines = [
        {"account": "1111", "fund": "CT", "value_minor": 500_000},
        {"account": "35381", "fund": "CT", "value_minor": -500_000, "channel": "household"},
    ]
    maker.made("/entries", {"entry_on": ON, "voucher": "PT", "lines": lines, "description": FORMULA})
    desk = signed_in(house.app, treasurer)
    exports = {
        f"{route.path} {choice['ending']}": (found, answer)
        for route, method in ROUTES
        if method == "GET"
        for choice in CHOICES
        for answer in (asked(house, maker, desk, route, choice),)
        if (found := formulas(answer.headers.get("content-type", ""), answer.content)) is not None
    }
    assert {name: found for name, (found, _) in exports.items() if found} == {}
    assert {name: answer.status_code for name, (_, answer) in exports.items() if answer.status_code != 200} == {}
    paths = {name.partition(" ")[0] for name in exports}
    offered = {route.path for route, _ in ROUTES if "text/csv" in _described(route)}
    assert offered <= paths, "what says that it gives CSV was asked for it"
    assert len(paths) > len(offered)
    shown = [
        name for name, (_, answer) in exports.items() if f"'{FORMULA}" in answer.text or f"'{IN_A_LIST}" in answer.text
    ]
    assert len(shown) >= 3, "and what was typed is there"


def asked(house: House, maker: Maker, desk: TestClient, route: APIRoute, choice: dict[str, str]) -> Any:
    """Ask a route for a file, as whoever may have it."""
    is_api = isinstance(need_of(route), Needs)
    headers = {"Accept": "text/csv"} | ({"Authorization": f"Bearer {house.tokens['commune']}"} if is_api else {})
    client = maker.client if is_api else desk
    path, wanted = _fill(route, {**_known(maker), **choice}), f"{asked_of(route)}&from=2025-01-01"
    answers = [client.get(path, params=each, headers=headers) for each in (wanted, wanted.replace("=1111", "=1121A"))]
    assert {answer.status_code for answer in answers} & set(range(500, 600)) == set(), route.path
    return min(answers, key=lambda answer: answer.status_code)


def _described(route: APIRoute) -> set[str]:
    answers = [*route.responses.values(), *(route.openapi_extra or {}).get("responses", {}).values()]
    return {media_type for each in answers for media_type in each.get("content", {})}
