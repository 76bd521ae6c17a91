"""The public log over HTTP: what any reader gets, receipts, and the worker that publishes beside the service."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.log_worker import LogWorker
from api.public_log import PublicLog, published_faults
from api.settings import Settings
from audit import canonical, commitment
from audit.checkpoint import open_checkpoint
from audit.merkle import leaf_hash, root_of
from audit.policy import parse_policy
from audit.proof import parse_proof
from audit.tiles import bundles_of, decode_bundle
from ledger import typeid
from tests.database import DatabaseServer
from tests.integration.api.conftest import World

TYPED = "Bác Sáu gửi tặng các cháu"


@pytest.fixture
def log(
    world: World, postgresql: psycopg.Connection, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[PublicLog]:
    """The log of the world's database, begun, with its files in a folder of the test's."""
    settings = Settings(home=tmp_path, log_origin="soquy.test/log", log_lag_seconds=0, log_numbering_seconds=0.05)
    found = PublicLog.open(
        settings, database_server.role_url(postgresql.info.dbname, "soquy_log"), is_own_role=database_server.is_ours
    )
    found.begin(world.engine)
    world.app.state.log = found
    yield found
    del world.app.state.log
    found.close()


def post_entry(world: World, value_minor: int = 500_000) -> str:
    """Post a contribution; return the entry's id."""
    lines = [
        {"account": "1111", "fund": "QC", "value_minor": value_minor},
        {"account": "35381", "fund": "QC", "value_minor": -value_minor, "channel": "household"},
    ]
    body = {"entry_on": "2025-03-05", "voucher": "PT", "description": TYPED, "lines": lines}
    answer = world.send(world.path(world.commune, "/entries"), body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def receipt_of(world: World, entry: str, token: str = "commune") -> Any:
    return world.get(world.path(world.commune, f"/events/{entry}/receipt"), token=token)


def test_any_reader_rebuilds_the_log_from_what_is_served(world: World, log: PublicLog) -> None:
    for _ in range(3):
        post_entry(world)
    log.publisher().publish()
    answer = world.client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    keys = [each.key for each in parse_policy(world.client.get("/log/policy").content).logs]
    checkpoint, _ = open_checkpoint(answer.content, origin="soquy.test/log", keys=keys)
    leaves: list[bytes] = []
    for bundle in bundles_of(checkpoint.size):
        found = world.client.get(f"/log/{bundle.path}")
        assert "immutable" in found.headers["cache-control"]
        leaves += decode_bundle(found.content, bundle.width)
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == checkpoint.root
    assert TYPED not in b"".join(leaves).decode()


@pytest.mark.parametrize(
    "path",
    ["tile/0/x000/001", "tile/0/000.p/07", "tile/0/000.p/256", "tile/9/000", "tile/../checkpoint", "tile/0/999", "x"],
)
def test_what_is_no_tile_is_not_found(world: World, log: PublicLog, path: str) -> None:
    assert world.client.get(f"/log/{path}").status_code == 404


def test_nothing_is_served_before_the_first_checkpoint(world: World, log: PublicLog) -> None:
    assert world.client.get("/log/checkpoint").status_code == 404


def test_a_receipt_is_accepted_until_a_checkpoint_covers_it(world: World, log: PublicLog) -> None:
    entry = post_entry(world)
    early = receipt_of(world, entry).json()
    assert (early["status"], early["proof"]) == ("accepted", None)
    log.publisher().publish()
    late = receipt_of(world, entry).json()
    assert late["status"] == "published"
    leaf = late["leaf"].encode()
    keys = [key.verifier for key in log.keyring("soquy.test/log").signers()]
    checkpoint = parse_proof(late["proof"].encode()).verify(leaf, origin="soquy.test/log", keys=keys)
    assert checkpoint.size > 1
    assert canonical.decode(leaf).event_id == entry
    assert late["keys"] == [str(key) for key in keys]


def test_a_receipt_opens_what_its_asker_may_read_and_the_public_one_opens_nothing(world: World, log: PublicLog) -> None:
    entry = post_entry(world)
    log.publisher().publish()
    found = receipt_of(world, entry).json()
    leaf = canonical.decode(found["leaf"].encode())
    opened = {each["field"]: each for each in found["openings"]}
    assert set(opened) == {"actor", "description"}
    assert opened["description"]["value"] == TYPED
    for field, each in opened.items():
        published = leaf.actor.commitment if field == "actor" else leaf.private[field]
        assert commitment.opens(published or "", bytes.fromhex(each["salt"]), entry, field, each["value"])
    other = receipt_of(world, entry, token="province").json()
    assert [each["field"] for each in other["openings"]] == ["description"]
    association = typeid.encode(typeid.ASSOCIATION, world.commune.association_id)
    public = world.client.get(f"/log/receipt/{association}/{entry}")
    assert public.json() == {**found, "openings": []}
    assert f'filename="{entry}.receipt.json"' in public.headers["content-disposition"]
    assert TYPED not in public.text


@pytest.mark.parametrize("event", ["en_01h9hsy4k1fz8tq3v2w5n7c9ar", "ev_01h9hsy4k1fz8tq3v2w5n7c9ar", "x", "as_1"])
def test_a_receipt_of_nothing_is_not_found(world: World, log: PublicLog, event: str) -> None:
    association = typeid.encode(typeid.ASSOCIATION, world.commune.association_id)
    assert world.client.get(f"/log/receipt/{association}/{event}").status_code == 404
    assert receipt_of(world, event).status_code == 404
    assert world.client.get(f"/log/receipt/x/{event}").status_code == 404


def test_an_entry_of_another_association_has_no_receipt_here(world: World, log: PublicLog) -> None:
    entry = post_entry(world)
    elsewhere = typeid.encode(typeid.ASSOCIATION, world.elsewhere.association_id)
    assert world.client.get(f"/log/receipt/{elsewhere}/{entry}").status_code == 404


def test_the_worker_publishes_what_comes_by_itself(world: World, log: PublicLog) -> None:
    worker = LogWorker(log)
    worker.start()
    try:
        entry = post_entry(world)
        deadline = time.monotonic() + 60
        while receipt_of(world, entry).json()["status"] == "accepted":
            assert time.monotonic() < deadline
    finally:
        worker.stop()
    assert list(published_faults(log)) == []


def test_the_worker_lives_through_a_database_that_goes_away(world: World, log: PublicLog, capsys: Any) -> None:
    """What went wrong is tried again, and said once."""
    worker = LogWorker(log)
    log.keyring("soquy.test/log").folder.rename(log.settings.home / "gone")
    worker.start()
    try:
        entry = post_entry(world)
        deadline = time.monotonic() + 30
        while worker.trouble is None:
            assert time.monotonic() < deadline
        assert worker.trouble == "log_key_missing"
        (log.settings.home / "gone").rename(log.keyring("soquy.test/log").folder)
        while receipt_of(world, entry).json()["status"] == "accepted":
            assert time.monotonic() < deadline
    finally:
        worker.stop()


def test_a_leaf_that_was_rewritten_with_every_hash_is_found_by_what_was_published(
    world: World, log: PublicLog, database_url: str
) -> None:
    """Who owns the database can change it all, but cannot sign, nor take back what the world has seen."""
    entry = post_entry(world)
    log.publisher().publish()
    assert list(published_faults(log)) == []
    with psycopg.connect(database_url) as conn:
        conn.execute("ALTER TABLE soquy.audit_entry DISABLE TRIGGER ALL")
        conn.execute("ALTER TABLE soquy.log_leaf DISABLE TRIGGER ALL")
        found = conn.execute(
            "SELECT leaf FROM soquy.audit_entry WHERE event_id = %s", [typeid.decode(typeid.ENTRY, entry)]
        ).fetchone()
        assert found is not None
        members = json.loads(found[0])
        members["payload"]["lines"][0][2] += 1
        members["payload"]["lines"][1][2] -= 1
        leaf = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
        event = typeid.decode(typeid.ENTRY, entry)
        conn.execute("UPDATE soquy.audit_entry SET leaf = %s WHERE event_id = %s", [leaf, event])
        conn.execute("UPDATE soquy.log_leaf SET leaf_hash = %s WHERE event_id = %s", [leaf_hash(leaf), event])
    rules = [rule for rule, _ in published_faults(log)]
    assert rules[0] == "log_published_checkpoint"
    assert "log_published_file" in rules
