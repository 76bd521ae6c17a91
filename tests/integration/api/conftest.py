"""An API on a database of its own, with two associations in it and tokens for them."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pytest_postgresql.executors import NoopExecutor
from sqlalchemy import Connection, Engine

from api import tokens
from api.app import create_app
from api.auth import RIGHTS
from api.database import make_engine
from api.prepared import make_partitions
from api.settings import Settings
from ledger import typeid
from ledger.associations.commands import found_association, found_tenant
from ledger.books.chart import open_fund
from ledger.books.model import Actor, Book
from ledger.proposals.model import Proposed
from ledger.proposals.queries import proposal_by_id
from ledger.tenancy import set_tenant
from tests.consent import agree
from tests.database import DatabaseServer, own_database, with_vault

ACTOR = Actor(principal_id=UUID(int=1), role="server")
OPENED_ON = date(2025, 1, 1)
ALL_RIGHTS = tuple(RIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A province with a commune under it, a province elsewhere, and who may do what."""

    app: FastAPI
    client: TestClient
    engine: Engine
    province: Book
    commune: Book
    elsewhere: Book
    secrets: dict[str, str]

    def path(self, book: Book, rest: str = "") -> str:
        return f"/v1/associations/{typeid.encode(typeid.ASSOCIATION, book.association_id)}{rest}"

    def get(self, path: str, token: str = "commune", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secrets[token]}", **more.pop("headers", {})}
        return self.client.get(path, headers=headers, **more)

    def send(
        self,
        path: str,
        body: Any,
        *,
        token: str = "commune",
        key: str | None = None,
        method: str = "POST",
        headers: dict[str, str] | None = None,
    ) -> Any:
        sent = {
            "Authorization": f"Bearer {self.secrets[token]}",
            "Idempotency-Key": key or str(uuid.uuid4()),
            "Content-Type": "application/json",
            **(headers or {}),
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.request(method, path, content=content, headers=sent)

    def agreed(self, body: dict[str, Any], book: Book | None = None) -> dict[str, Any]:
        """Propose an entry over the API and have it agreed to; return it with the voucher that was issued for it."""
        home = book or self.commune
        asked = {name: value for name, value in body.items() if name not in {"entry_on", "id"}}
        proposals = {"proposals": [{**asked, "issued_on": body["entry_on"]}]}
        answer = self.send(self.path(home, "/proposals"), proposals, token="province")
        assert answer.status_code == 201, answer.text
        (row,) = answer.json()["rows"]
        with self.engine.begin() as conn:
            set_tenant(conn, home.tenant_id)
            found = proposal_by_id(conn, home, typeid.decode(typeid.PROPOSAL, row["id"]))
            approval_id = found.approval.approval_id
            agree(conn, home, [Proposed(proposal_id=found.proposal_id, voucher=found.voucher, approval_id=approval_id)])
        return {**body, "voucher": row["voucher"]}


def entry(amount: int = 500_000, **more: Any) -> dict[str, Any]:
    """A cash receipt of the general fund, or a payment where the amount is negative."""
    return {
        "entry_on": "2025-03-05",
        "voucher": "PT" if amount > 0 else "PC",
        "lines": [
            {"account": "1111", "fund": "QC", "value_minor": amount},
            {
                "account": "35381",
                "fund": "QC",
                "value_minor": -amount,
                **({"channel": "household"} if amount > 0 else {}),
            },
        ],
        **more,
    }


def furnish(engine: Engine) -> tuple[Book, Book, Book, dict[str, str]]:
    """Found the associations and make a token for each kind of caller."""
    with engine.begin() as conn:
        set_tenant(conn, 0)
        first, second = (found_tenant(conn, name) for name in ("Một", "Hai"))
        set_tenant(conn, first)
        province = _found(conn, first, "Tỉnh", "province")
        commune = _found(conn, first, "Xã", "commune", parent=province)
        for book in (province, commune):
            open_fund(conn, book, fund="QC", kind="general", name_vi="Quỹ", opened_on=OPENED_ON, actor=ACTOR)
        set_tenant(conn, second)
        elsewhere = _found(conn, second, "Khác", "province")
        own, above, other = commune.association_id, province.association_id, elsewhere.association_id
        secrets = {
            "server": _token(conn, 0, "server", []),
            "province": _token(conn, first, "province", [above], reaches_below=True),
            "commune": _token(conn, first, "commune", [own]),
            "reader": _token(conn, first, "reader", [own], rights=("read",)),
            "poster": _token(conn, first, "poster", [own], rights=("post",)),
            "elsewhere": _token(conn, second, "elsewhere", [other], reaches_below=True),
            "expired": _token(conn, first, "expired", [own], days=-1),
            "revoked": _token(conn, first, "revoked", [own]),
        }
        (revoked,) = (row for row in tokens.list_tokens(conn, first) if row.label == "revoked")
        assert tokens.revoke_token(conn, first, revoked.token_id, actor=None)
    return province, commune, elsewhere, secrets


def _found(conn: Connection, tenant_id: int, name: str, level: str, parent: Book | None = None) -> Book:
    return found_association(
        conn,
        tenant_id=tenant_id,
        name_vi=name,
        kind="learning-promotion",
        level=level,
        founded_on=date(2000, 1, 1),
        books_open_on=OPENED_ON,
        chart="TT24",
        actor=ACTOR,
        parent=parent,
    )


def _token(
    conn: Connection,
    tenant_id: int,
    label: str,
    association_ids: list[UUID],
    *,
    rights: Sequence[str] = ALL_RIGHTS,
    reaches_below: bool = False,
    days: int = 30,
) -> str:
    made = tokens.create_token(
        conn,
        tenant_id=tenant_id,
        label=label,
        rights=rights,
        association_ids=association_ids,
        reaches_below=reaches_below,
        expires_at=tokens.expiry_after(days),
        actor=None,
    )
    return made.secret


@pytest.fixture
def settings() -> Settings:
    return Settings(connection_count_max=8)


@pytest.fixture
def world(database_url: str, app_url: str, settings: Settings) -> Iterator[World]:
    """A world of the test's own."""
    make_partitions(database_url)
    yield from _world(app_url, settings)


@pytest.fixture(scope="module")
def shared_world(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[World]:
    """One world for all tests of a module that leave nothing behind."""
    with own_database(postgresql_noproc, "soquy_api"):
        make_partitions(database_server.url("soquy_api"))
        yield from _world(database_server.app_url("soquy_api"), Settings(connection_count_max=8))


def _world(app_url: str, settings: Settings) -> Iterator[World]:
    engine = with_vault(make_engine(app_url, settings))
    province, commune, elsewhere, secrets = furnish(engine)
    app = create_app(settings, engine)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield World(
            app=app,
            client=client,
            engine=engine,
            province=province,
            commune=commune,
            elsewhere=elsewhere,
            secrets=secrets,
        )
    engine.dispose()
