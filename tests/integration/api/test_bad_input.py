"""Input that is wrong on its way in: each gets a clear answer, and leaves nothing behind."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from ledger.tenancy import set_tenant
from tests.integration.api.conftest import World, entry


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.fixture(autouse=True)
def _nothing_stays(world: World) -> Any:
    yield
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        assert conn.execute(text("SELECT count(*) FROM soquy.entry")).scalar_one() == 0
        assert conn.execute(text("SELECT count(*) FROM soquy.idempotency")).scalar_one() == 0


def refused(world: World, body: Any, *, path: str = "/entries", **more: Any) -> dict[str, Any]:
    answer = world.send(world.path(world.commune, path), body, **more)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found = answer.json()
    assert found["status"] == answer.status_code
    assert found["detail"]
    assert found["detail_en"]
    return dict(found)


def with_amount(spelling: str) -> bytes:
    return json.dumps(entry()).replace("500000", spelling, 1).encode()


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("1.5", "integer_expected"),
        ("500000.0", "integer_expected"),
        ("5e5", "integer_expected"),
        ('"500000"', "integer_expected"),
        ("true", "integer_expected"),
        ("null", "integer_expected"),
        ("9223372036854775808", "number_out_of_range"),
        ("-9223372036854775809", "number_out_of_range"),
        ("9007199254740992", "number_out_of_range"),
        ("1" + "0" * 100, "number_out_of_range"),
        ("0", "amount_zero"),
    ],
)
def test_amounts_are_integers_within_bounds(world: World, spelling: str, code: str) -> None:
    errors = refused(world, with_amount(spelling))["errors"]
    assert (errors[0]["code"], errors[0]["pointer"]) == (code, "/lines/0/value_minor")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1,]", b'{"entry_on":"\xff\xfe"}', b"NaN", b"[" * 100_000, b"\xef\xbb\xbf{}", b'{"a":"\\ud800"}'],
    ids=["empty", "open", "comma", "not UTF-8", "NaN", "deep", "BOM", "half a surrogate pair"],
)
@pytest.mark.parametrize("path", ["/entries", "/entries/batch"])
def test_what_is_not_json_in_utf8_is_refused(world: World, body: bytes, path: str) -> None:
    answer = world.send(world.path(world.commune, path), body)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["code"] in {"json_malformed", "request_refused"}


@pytest.mark.parametrize(
    "day", ["0000-01-01", "2025-02-30", "1741132800", "20250305", "2025-03-05T00:00:00", "5/3/2025"]
)
def test_days_exist_and_are_spelled_one_way(world: World, day: str) -> None:
    errors = refused(world, entry(entry_on=day))["errors"]
    assert [(error["code"], error["pointer"]) for error in errors] == [("day_malformed", "/entry_on")]


@pytest.mark.parametrize(
    ("day", "code"),
    [("2999-01-01", "day_in_future"), ("2024-12-31", "day_before_opening"), ("0001-01-01", "day_before_opening")],
)
def test_days_are_within_the_book(world: World, day: str, code: str) -> None:
    assert refused(world, entry(entry_on=day))["errors"][0]["code"] == code


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066", "\x00", "\ufeff", "\u00ad", "\U000e0041"])
def test_characters_that_do_not_show_are_refused_with_their_place(world: World, hidden: str) -> None:
    errors = refused(world, entry(description=f"Ủng{hidden} hộ"))["errors"]
    assert (errors[0]["code"], errors[0]["pointer"], errors[0]["position"]) == ("text_refused", "/description", 3)
    assert errors[0]["character"] == f"U+{ord(hidden):04X}"


def test_every_fault_of_form_comes_at_once(world: World) -> None:
    body = {
        "entry_on": "x",
        "voucher": "phieu",
        "colour": "red",
        "lines": [{"account": "cash", "value_minor": 1.5, "fund": "QC"}, {"account": "1111"}],
    }
    errors = refused(world, body)["errors"]
    assert [(error["code"], error["pointer"]) for error in errors] == [
        ("day_malformed", "/entry_on"),
        ("form_refused", "/voucher"),
        ("form_refused", "/lines/0/account"),
        ("integer_expected", "/lines/0/value_minor"),
        ("field_missing", "/lines/1/fund"),
        ("field_missing", "/lines/1/value_minor"),
        ("field_unknown", "/colour"),
    ]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
)
def test_another_content_type_is_refused(world: World, content_type: str) -> None:
    assert refused(world, entry(), headers={"Content-Type": content_type})["code"] == "media_type_unsupported"


@pytest.mark.parametrize("count", [0, 1, 201])
def test_an_entry_has_two_to_two_hundred_lines(world: World, count: int) -> None:
    body = entry()
    body["lines"] = [body["lines"][0]] * count
    errors = refused(world, body)["errors"]
    assert (errors[0]["code"], errors[0]["count"]) == ("line_count", count)


def test_too_many_entries_are_refused_before_they_are_looked_at(world: World) -> None:
    body = b'{"entries":[' + b",".join([b"{}"] * 100_001) + b"]}"
    problem = refused(world, body, path="/entries/batch")
    assert [(error["code"], error["pointer"], error["count"]) for error in problem["errors"]] == [
        ("batch_size", "/entries", 100_001)
    ]
    assert refused(world, {"entries": []}, path="/entries/batch")["errors"][0]["code"] == "batch_size"


def test_a_batch_in_which_everything_is_wrong_answers_with_a_bounded_list(world: World) -> None:
    body = b'{"entries":[' + b",".join([b"{}"] * 100_000) + b"]}"
    problem = refused(world, body, path="/entries/batch")
    assert len(problem["errors"]) == 1_000
    assert problem["errors"][0]["pointer"] == "/entries/0/entry_on"


@pytest.mark.slow
def test_one_bad_line_among_a_hundred_thousand_is_named(world: World) -> None:
    good = json.dumps(entry())
    bad = good.replace("1111", "1119")
    body = ('{"entries":[' + ",".join([good] * 99_999 + [bad]) + "]}").encode()
    errors = refused(world, body, path="/entries/batch")["errors"]
    assert (errors[0]["code"], errors[0]["pointer"], errors[0]["row"]) == (
        "account_unknown",
        "/entries/99999/lines/0/account",
        100_000,
    )


def test_a_body_that_says_it_is_too_large_is_refused_unread(world: World) -> None:
    answer = asyncio.run(raw(world, chunks=[], length=100_000_000))
    assert answer["status"] == 413
    assert answer["read"] == 0


def test_a_body_that_turns_out_too_large_is_refused_as_soon_as_it_is(world: World) -> None:
    answer = asyncio.run(raw(world, chunks=[b"x" * 1_000_000] * 100, length=None))
    assert answer["status"] == 413
    assert answer["read"] <= 34_000_000
    answer = asyncio.run(raw(world, chunks=[b"x" * 100_000] * 10, length=None, path="/entries"))
    assert (answer["status"], answer["read"]) == (413, 300_000)


def test_a_large_body_is_read_for_those_who_may_post_only(world: World) -> None:
    answer = asyncio.run(raw(world, chunks=[b"x" * 1_000_000] * 100, length=None, token="reader"))
    assert (answer["status"], answer["code"], answer["read"]) == (403, "right_missing", 0)


def test_a_caller_who_vanishes_leaves_nothing_behind(world: World) -> None:
    answer = asyncio.run(raw(world, chunks=[b'{"entries":['], length=None, vanishes=True))
    assert answer["status"] is None


def test_a_body_that_drips_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.middleware.asyncio.timeout_at", lambda _: asyncio.timeout(0.05))
    answer = asyncio.run(raw(world, chunks=[b'{"entries":['], length=None, stalls=True))
    assert (answer["status"], answer["code"]) == (408, "body_too_slow")


async def raw(
    world: World,
    *,
    chunks: list[bytes],
    length: int | None,
    path: str = "/entries/batch",
    vanishes: bool = False,
    stalls: bool = False,
    token: str = "commune",
) -> dict[str, Any]:
    """Speak ASGI itself: bodies without a length, callers who leave or fall silent."""
    headers = [
        (b"authorization", f"Bearer {world.secrets[token]}".encode()),
        (b"content-type", b"application/json"),
        (b"idempotency-key", b"raw"),
    ]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": world.path(world.commune, path),
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    found: dict[str, Any] = {"status": None, "read": 0, "code": None}
    waiting = iter(chunks)

    async def receive() -> dict[str, Any]:
        chunk = next(waiting, None)
        if chunk is not None:
            found["read"] += len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": True}
        if stalls:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"} if vanishes else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found["status"] = message["status"]
        elif message.get("body"):
            found["code"] = json.loads(message["body"])["code"]

    await world.app(scope, receive, send)  # type: ignore[arg-type]
    return found
