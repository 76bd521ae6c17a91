"""Reports as known at a size of the log, what changed between two, and what the public may ask."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from api.contract import document
from api.routes.public import ANSWERS_AT_ONCE_MAX, _places
from ledger import typeid
from tests.integration.api.conftest import World, entry

YEAR = "from=2025-01-01&to=2025-12-31"
REPORTS = (
    f"ledger?account=1111&{YEAR}",
    f"ledger?account=353&{YEAR}&page_size=2",
    f"trial-balance?{YEAR}&headings=true",
    f"trial-balance?{YEAR}&consolidated=true",
    f"cash-book?{YEAR}",
    f"bank-book?{YEAR}",
    f"fund-statement?{YEAR}&consolidated=true",
    "balances?as_of=2025-12-31",
    f"overview?{YEAR}&consolidated=true",
    f"entries?{YEAR}",
    f"entries?{YEAR}&page_size=3",
)


class Sequencer:
    """Numbers leaves and publishes checkpoints, as the role that does."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.conn = conn
        self._do("SELECT soquy.begin_log('example.org/so-quy')")

    def _do(self, statement: str, *values: object) -> Any:
        with self.conn.transaction():
            self.conn.execute("SET LOCAL ROLE soquy_log")
            return self.conn.execute(statement, values or None)

    def number(self) -> int:
        """Number all that waits; return the size of the log."""
        self._do("SELECT soquy.number_leaves(100000)")
        found = self.conn.execute("SELECT max(size) FROM soquy.log_head").fetchone()
        assert found is not None
        return int(found[0])

    def publish(self, *, is_disclosed: bool = True) -> int:
        """Publish a checkpoint of all that is numbered, and its leaves, unless they are held back."""
        size = self.number()
        self._do("INSERT INTO soquy.log_tree (log_id, size, root) VALUES (1, %s, sha256('root'))", size)
        self._do("INSERT INTO soquy.log_checkpoint (log_id, size, note) VALUES (1, %s, 'note')", size)
        if is_disclosed:
            self._do("INSERT INTO soquy.log_disclosure (log_id, size) VALUES (1, %s)", size)
        return size


@pytest.fixture
def sequencer(database_url: str, world: World) -> Iterator[Sequencer]:
    assert world.app is not None
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield Sequencer(conn)


def ask(world: World, path: str, *, status: int = 200) -> Any:
    answer = world.get(world.path(world.province, f"/{path}"), token="province")
    assert answer.status_code == status, answer.text
    return answer.json()


def post(world: World, *entries: dict[str, Any], to: str = "province") -> list[Any]:
    book = getattr(world, to)
    ready = [each if each["voucher"] != "PC" else world.agreed(each, book) for each in entries]
    answer = world.send(world.path(book, "/entries/batch"), {"entries": ready}, token="province")
    assert answer.status_code == 201, answer.text
    return list(answer.json()["entries"])


@pytest.fixture
def told(world: World, sequencer: Sequencer) -> dict[int, dict[str, Any]]:
    """Let a book live and be asked everything each time the log has grown."""
    found: dict[int, dict[str, Any]] = {}

    def note() -> None:
        size = sequencer.number()
        found[size] = {path: ask(world, path) for path in REPORTS}
        found[size]["csv"] = world.get(
            world.path(world.province, f"/ledger?account=1111&{YEAR}&format=csv"), token="province"
        ).text

    note()
    (_, second, *_) = post(
        world, entry(900_000), entry(50_000, entry_on="2025-04-01"), entry(-10_000, entry_on="2025-06-30")
    )
    note()
    post(world, entry(7_000, entry_on="2025-01-02"), entry(70_000, entry_on="2025-12-31"), to="commune")
    note()
    reversal = {"on": "2025-05-31", "reason": "Sai"}
    answer = world.send(world.path(world.province, f"/entries/{second['id']}/reversal"), reversal, token="province")
    assert answer.status_code == 201, answer.text
    post(world, entry(1_000, entry_on="2025-02-01"), entry(-40_000, entry_on="2025-04-02"))
    note()
    post(world, entry(123_000, entry_on="2025-03-06"))
    return found


def test_every_report_says_the_same_years_later(world: World, told: dict[int, dict[str, Any]]) -> None:
    assert len(told) == 4
    for size, answers in told.items():
        for path in REPORTS:
            assert answers[path]["as_known_at"] is None
            again = ask(world, f"{path}&as_known_at={size}")
            assert again == {**answers[path], "as_known_at": size}, (size, path)
        csv = world.get(
            world.path(world.province, f"/ledger?account=1111&{YEAR}&format=csv&as_known_at={size}"), token="province"
        )
        assert csv.text == answers["csv"]
        assert f"-k{size}.csv" in csv.headers["content-disposition"]


def test_pages_go_on_as_known(world: World, told: dict[int, dict[str, Any]]) -> None:
    size = list(told)[-1]
    rows, query = [], f"entries?{YEAR}&page_size=2&as_known_at={size}"
    page = ask(world, query)
    while page["next_cursor"]:
        rows += page["rows"]
        page = ask(world, f"{query}&cursor={page['next_cursor']}")
    assert rows + page["rows"] == told[size][f"entries?{YEAR}"]["rows"]


def test_an_entry_is_there_from_when_it_was_known(world: World, sequencer: Sequencer) -> None:
    before = sequencer.number()
    (posted,) = post(world, entry(5_000))
    after = sequencer.number()
    path = f"entries/{posted['id']}"
    assert ask(world, f"{path}?as_known_at={after}") == {**ask(world, path), "as_known_at": after}
    assert ask(world, f"{path}?as_known_at={before}", status=404)["code"] == "entry_not_found"


@pytest.mark.parametrize("path", REPORTS)
def test_sizes_that_are_none_are_refused(world: World, sequencer: Sequencer, path: str) -> None:
    size = sequencer.number()
    refused = ask(world, f"{path}&as_known_at={size + 1}", status=422)
    assert (refused["code"], refused["size"]) == ("log_too_short", size)
    refused = ask(world, f"{path}&as_known_at={size + 1}&format=csv", status=422)
    assert refused["code"] == "log_too_short"
    refused = ask(world, f"{path}&as_known_at=-1", status=422)
    assert refused["errors"][0]["parameter"] == "as_known_at"


def test_the_difference_of_two_sizes_is_after_less_before(world: World, told: dict[int, dict[str, Any]]) -> None:
    for before, after in [*pairwise(told), (next(iter(told)), list(told)[-1])]:
        query = f"restatement?{YEAR}&known_before={before}&known_after={after}&consolidated=true"
        found = ask(world, query)
        was, became = (
            {
                row["account"]: row
                for row in ask(world, f"trial-balance?{YEAR}&consolidated=true&as_known_at={size}")["rows"]
            }
            for size in (before, after)
        )
        changed = {account for account in was.keys() | became.keys() if was.get(account) != became.get(account)}
        assert {each["account"] for each in found["accounts"]} == changed
        for each in found["accounts"]:
            for size, rows in (("before", was), ("after", became)):
                row = rows.get(each["account"])
                assert each[size]["debit_minor"] == (row["debit_minor"] if row else 0)
                assert each[size]["closing_minor"] == (
                    row["closing_debit_minor"] - row["closing_credit_minor"] if row else 0
                )
            for name, value in each["difference"].items():
                assert value == each["after"][name] - each["before"][name]
        indexes = [each["leaf_index"] for each in found["entries"]]
        assert indexes == sorted(indexes)
        assert all(before <= index < after for index in indexes)
        pages, page = [], ask(world, f"{query}&page_size=1")
        while page["next_cursor"]:
            pages += page["entries"]
            page = ask(world, f"{query}&page_size=1&cursor={page['next_cursor']}")
        assert pages + page["entries"] == found["entries"]
        csv = world.get(world.path(world.province, f"/{query}&format=csv&part=entries"), token="province").text
        assert len(csv.splitlines()) == 1 + len(found["entries"])
        csv = world.get(world.path(world.province, f"/{query}&format=csv"), token="province").text
        assert len(csv.splitlines()) == 1 + len(found["accounts"])
    refused = ask(world, f"restatement?{YEAR}&known_before=2&known_after=1", status=422)
    assert refused["code"] == "known_refused"


def test_every_report_route_takes_a_size_of_the_log() -> None:
    """A report to come must not forget it."""
    asked = 0
    for path, operations in document()["paths"].items():
        operation = operations.get("get")
        if operation is None or {"reports", "entries"}.isdisjoint(operation["tags"]):
            continue
        names = {each["name"] for each in operation["parameters"]}
        expected = {"known_before", "known_after"} if path.endswith("/restatement") else {"as_known_at"}
        assert expected <= names, path
        asked += 1
    assert asked == 10


def lines_of(world: World, query: str = "") -> list[dict[str, Any]]:
    answer = world.client.get(f"/v1/public/trial-balances{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_public_asks_for_trial_balances_without_a_token(world: World, sequencer: Sequencer) -> None:
    post(world, entry(900_000), entry(-10_000))
    post(world, entry(3_000), to="commune")
    first = sequencer.publish()
    head, *rows, end = lines_of(world)
    assert head == {"format": "soquy-trial-balances", "v": 1, "origin": "example.org/so-quy", "size": first}
    assert end == {"end": True, "rows": len(rows)}
    province, commune = (
        typeid.encode(typeid.ASSOCIATION, book.association_id) for book in (world.province, world.commune)
    )
    assert sorted(rows, key=lambda row: (row["association"], row["account"], row["fund"])) == rows
    assert {(row["association"], row["account"]): (row["debit_minor"], row["credit_minor"]) for row in rows} == {
        (province, "1111"): (900_000, 10_000),
        (province, "35381"): (10_000, 900_000),
        (commune, "1111"): (3_000, 0),
        (commune, "35381"): (0, 3_000),
    }
    told = lines_of(world)
    post(world, entry(1, entry_on="2025-01-02"))
    sequencer.number()
    assert lines_of(world) == told, "what is not published is not told"
    second = sequencer.publish()
    assert lines_of(world)[0]["size"] == second
    assert lines_of(world, f"?known_at={first}") == told
    assert lines_of(world, "?known_at=0")[1:] == [{"end": True, "rows": 0}]


def test_an_edited_total_shows_in_what_is_published(world: World, sequencer: Sequencer) -> None:
    post(world, entry(900_000))
    sequencer.publish()
    with sequencer.conn.transaction():
        sequencer.conn.execute("UPDATE soquy.day_total SET debit_to_date_minor = 800000 WHERE account = '1111'")
    assert {row["debit_minor"] for row in lines_of(world) if row.get("account") == "1111"} == {800_000}


def test_public_figures_rest_on_published_checkpoints(world: World, sequencer: Sequencer) -> None:
    answer = world.client.get("/v1/public/trial-balances")
    assert (answer.status_code, answer.json()["code"]) == (404, "log_unpublished")
    size = sequencer.publish()
    post(world, entry(5_000))
    assert sequencer.publish(is_disclosed=False) > size
    assert lines_of(world)[0]["size"] == size, "figures whose leaves are held back are held back too"
    answer = world.client.get(f"/v1/public/trial-balances?known_at={size + 1}")
    assert (answer.status_code, answer.json()["code"]) == (422, "log_too_short")


def test_only_few_at_once_get_all_balances(world: World, sequencer: Sequencer) -> None:
    sequencer.publish()
    for _ in range(ANSWERS_AT_ONCE_MAX):
        assert _places.acquire(blocking=False), "every answer before gave its place back"
    try:
        answer = world.client.get("/v1/public/trial-balances")
        assert (answer.status_code, answer.json()["code"]) == (503, "public_busy")
        assert answer.headers["retry-after"]
    finally:
        for _ in range(ANSWERS_AT_ONCE_MAX):
            _places.release()
    assert lines_of(world)[-1] == {"end": True, "rows": 0}
