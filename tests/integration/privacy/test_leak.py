"""Nothing that somebody typed about a person is anywhere but in the vault.

Marked values go in by every door. Then all that comes out is searched: the tables by the catalog and the routes by the
application's own list, so that a new table or route is searched by being there.
"""

import base64
import json
import logging
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api import tokens
from api.auth import Needs
from ledger import typeid
from ledger.people.order import search_key
from ledger.tenancy import set_tenant
from tests.integration.access.test_matrix import PLAIN, ROUTES, asked_of, need_of
from tests.integration.privacy.conftest import House
from tests.one_of_each import Maker
from tests.people_who_sign_in import make_person, signed_in
from web.pages import PUBLIC_PAGES

MARKS: Final = {
    "name": "Tạ Thị Dấu Kín",
    "user_name": "Đỗ Văn Dấu Ngầm",
    "phone": "0987001122",
    "email": "dau.kin@thu.invalid",
    "user_email": "dau.ngam@thu.invalid",
    "tax_number": "8012345678",
    "bank_account": "0071000999888",
    "address": "Ngõ Khuất, thôn Ẩn",
    "note": "Ghi Chú Giấu",
    "class": "Lớp Chín Giấu",
    "description": "Phong Bì Giấu",
    "reason": "Lý Do Giấu",
    "file": "Tệp Giấu Tên",
    "sheet": "Trang Giấu",
    "cell": "Ô Giấu",
    "password": "mưa giấu trên mái ngói",
}
"""What is typed → what is typed there; of the user's address the part before its number."""
SEALED: Final = ("phone", "email", "tax_number", "bank_account", "address", "note", "password")
"""What even the vault does not hold in the open."""


def test_the_search_finds_a_value_in_every_disguise() -> None:
    mark = MARKS["name"]
    raw = mark.encode()
    for shown in (mark, mark.lower(), mark.upper(), "ta thi dau kin", unicodedata.normalize("NFD", mark)):
        assert found_in([f"…{shown}…"]) == {"name"}
    for hidden in (raw.hex(), quote(mark), json.dumps(mark)):
        assert found_in([hidden]) == {"name"}
    for before in range(3):
        assert found_in([base64.b64encode(b"x" * before + raw + b"yz").decode()]) == {"name"}
        assert found_in([base64.urlsafe_b64encode(b"x" * before + raw + b"yz").decode()]) == {"name"}
    assert found_in([b"\0" + raw, {"a": ["0987 001 122"]}]) == {"name"}
    assert found_in(["Nguyễn Văn Mẫu"]) == set()


def _disguises(mark: str) -> set[bytes]:
    """Return how a value may look in text that was made plain by ``_plain``."""
    raw = mark.encode()
    # Of each of the three ways in which base64 cuts bytes, the characters that the value alone decides.
    cut = {base64.b64encode(b"\0" * skip + raw)[(skip * 8 + 5) // 6 : (skip + len(raw)) * 8 // 6] for skip in range(3)}
    coded = {raw.hex().encode(), quote(mark).encode(), json.dumps(mark)[1:-1].encode(), *cut}
    return {search_key(mark).encode(), *(each.lower() for each in coded)}


DISGUISES: Final = {name: _disguises(mark.rpartition("@")[0] or mark) for name, mark in MARKS.items()}


def _plain(value: Any) -> bytes:
    """Return everything that a value says, with and without marks, in lower case."""
    if isinstance(value, bytes | memoryview):
        text = bytes(value).decode("utf-8", "replace")
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    without = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    standard = text.replace("-", "+").replace("_", "/")
    return "\n".join([text, without.replace("đ", "d").replace("Đ", "d"), standard]).lower().encode()


def found_in(values: Iterable[Any]) -> set[str]:
    """Return which of the marked values are in what came out."""
    plain = b"\n".join(map(_plain, values))
    return {name for name, looks in DISGUISES.items() if any(look in plain for look in looks)}


def rows_of(house: House, schema: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield every table of a schema, with all that is in it."""
    listed = """\
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition ORDER BY 1"""
    with house.admin.connect() as conn:
        for table in conn.execute(sa.text(listed), {"schema": schema}).scalars().all():
            yield table, [value for row in conn.execute(sa.text(f"SELECT * FROM {table}")) for value in row]


def test_marked_values_are_nowhere_but_in_the_vault(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    maker = Maker(
        app=house.app,
        engine=house.engine,
        book=house.commune,
        token=house.tokens["commune"],
        word=MARKS.__getitem__,
    )
    maker.make()
    house.log.publisher().publish()
    leaks: dict[str, set[str]] = {table: found_in(values) for table, values in rows_of(house, "soquy")}
    assert {"soquy.audit_entry", "soquy.job", "soquy.contribution", "soquy.intake_posting", "soquy.idempotency"} <= set(
        leaks
    )
    leaks |= {
        str(path): found_in([path.read_bytes()])
        for path in house.home.rglob("*")
        if path.is_file() and "keys" not in path.parts
    }
    leaks |= {f"public {path}": found for path, found in _public(house, maker)}
    leaks |= {f"reader {path}": found for path, found in _read_without_people(house, maker)}
    leaks |= {f"refused {path}": found for path, found in _refused(house, maker)}
    leaks |= {f"desk {path}": found for path, found in _desk(house, maker)}
    leaks["addresses"] = found_in(_addresses(maker.answers))
    # The test's own client tells what it asks for; the service does not.
    said = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    told = "\n".join([*capfd.readouterr(), *said])
    assert told.count("request_id") > 300
    leaks["log"] = found_in([told])
    assert [code for code in maker.codes if code in told] == []
    found = sorted(f"{where}: {name}" for where, names in leaks.items() for name in names)
    assert found == []

    vault = {name for _, values in rows_of(house, "vault") for name in found_in(values)}
    assert {"name", "class", "user_name", "user_email", "reason"} <= vault, "or the search finds nothing"
    assert vault & set(SEALED) == set()


def _addresses(answers: Iterable[Any]) -> list[str]:
    """Return what answers lead to: in browsers' histories, in other sites' logs."""
    led: list[str] = []
    for answer in answers:
        led += [str(answer.url), *(each for name, each in answer.headers.items() if name == "location")]
        if "html" in answer.headers.get("content-type", ""):
            led += re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
    return led


def _fill(route: APIRoute, ids: dict[str, str]) -> str:
    """Put what was made in the place of every parameter; one that nobody made is a failure."""

    def value(found: re.Match[str]) -> str:
        name = found[1].partition(":")[0]
        return ids[name] if name in ids else PLAIN[name]

    return re.sub(r"\{([\w:]+)\}", value, route.path)


def _known(maker: Maker) -> dict[str, str]:
    choices = {
        "version": "0",
        "name": "x.css",
        "paper": "receipt",
        "ending": "csv",
        "path": "0/000",
        "what": "guardian",
    }
    return {
        **choices,
        **maker.ids,
        "code": maker.codes[0],
        "secret": maker.codes[1],
        "token_id": typeid.encode("tk", uuid.uuid4()),
    }


def _public(house: House, maker: Maker) -> Iterator[tuple[str, set[str]]]:
    """Ask every page and operation that needs nobody, about what was made."""
    client = TestClient(house.app, raise_server_exceptions=False, follow_redirects=False)
    known = _known(maker)
    events = [known["contribution_id"], known["entry_id"], known["event_id"]]
    for route, method in ROUTES:
        if need_of(route) is not None or method != "GET" or "secret" in route.path:
            continue
        for event in events if "{event_id}" in route.path else events[:1]:
            path = _fill(route, {**known, "event_id": event})
            answer = client.get(path, params=asked_of(route))
            assert answer.status_code != 500, path
            yield path, found_in([answer.content, dict(answer.headers), *_addresses([answer])])
    shown = client.get(f"/r/{known['code']}")
    assert shown.status_code == 200
    assert "500.000" in shown.text
    assert "/r/{code}" in PUBLIC_PAGES


def _read_without_people(house: House, maker: Maker) -> Iterator[tuple[str, set[str]]]:
    """Read all there is with the right to read alone: figures and codes, and nobody.

    What a bookkeeper wrote on an entry is part of the books, which that right is for.
    """
    client = TestClient(house.app, raise_server_exceptions=False)
    for route, method in ROUTES:
        if method != "GET" or not isinstance(need_of(route), Needs):
            continue
        path = _fill(route, _known(maker))
        headers = {"Authorization": f"Bearer {house.tokens['reader']}"}
        answer = client.get(path, params=asked_of(route), headers=headers)
        assert answer.status_code != 500, path
        yield path, found_in([answer.content, dict(answer.headers)]) - {"description"}


def _marked(value: Any) -> Any:
    """Put marked values in the place of every text."""
    if isinstance(value, dict):
        return {key: _marked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each) for each in value]
    return MARKS["name"] + "\u202e" if isinstance(value, str) else value


def _refused(house: House, maker: Maker) -> Iterator[tuple[str, set[str]]]:
    """Send marked values where they are no good: in every text of every body, and as everything's id."""
    for route, method in ROUTES:
        if not isinstance(need_of(route), Needs):
            continue
        described = (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        headers = {"Authorization": f"Bearer {house.tokens['commune']}", "Idempotency-Key": uuid.uuid4().hex}
        body = {"json": _marked(described["example"])} if "example" in described else {}
        bad = {name: quote(MARKS["name"]) for name in _known(maker) if name != "association_id"}
        for path in (_fill(route, _known(maker)), _fill(route, {**_known(maker), **bad})):
            answer = maker.client.request(method, path, headers=headers, **body)
            assert answer.status_code != 500, path
            if answer.status_code >= 400:
                yield f"{method} {route.path}", found_in([answer.content, dict(answer.headers)])


def _desk(house: House, maker: Maker) -> Iterator[tuple[str, set[str]]]:
    """Send every form of the desk with a marked value in every field, and look at where it leads."""
    with house.engine.begin() as conn:
        treasurer = make_person(conn, house.commune, "chief_accountant")
    client = signed_in(house.app, treasurer)
    fields = ("name", "donor", "detail", "description", "reason", "q", "amount", "note", "phone", "email", "holder")
    for route, method in ROUTES:
        if not route.path.startswith("/desk"):
            continue
        path = _fill(route, _known(maker))
        typed = {"key": uuid.uuid4().hex, "version": "1", **dict.fromkeys(fields, MARKS["name"])}
        answer = client.request(method, path, data=typed if method == "POST" else None)
        assert answer.status_code != 500, path
        yield f"{method} {route.path}", found_in(_addresses([answer]))


def test_a_token_that_only_reads_is_what_it_says(house: House) -> None:
    """The proof above rests on it."""
    with house.engine.begin() as conn:
        set_tenant(conn, house.commune.tenant_id)
        (reader,) = (row for row in tokens.list_tokens(conn, house.commune.tenant_id) if row.label == "reader")
    assert tuple(reader.rights) == ("read",)
