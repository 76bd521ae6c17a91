"""A restored backup never forks the log: it is held, until it has all that was published or a successor follows."""

import json
import shutil
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.database import make_engine
from api.settings import Settings
from audit import canonical
from audit.merkle import verify_consistency
from audit.tiles import TileHashes, bundles_of, decode_bundle
from ledger.books.posting import post
from ledger.books.replay_entry import NOBODY
from ledger.errors import RuleRefused
from tests.database import with_vault
from tests.factories import ACTOR, receipt
from tests.integration.recovery.conftest import CHILD, DAY, ERASED, ORIGIN, PENDING, Deployment, Lost

pytestmark = pytest.mark.embedded  # its programs write what an older server does not read


def leaves_of(at: Deployment, origin: str = ORIGIN) -> list[canonical.Leaf]:
    """Read every published leaf."""
    leaves: list[bytes] = []
    for bundle in bundles_of(at.checkpoint(origin).size):
        data = at.folder.read(bundle.path)
        assert data is not None, bundle.path
        leaves += decode_bundle(data, bundle.width)
    return [canonical.decode(leaf) for leaf in leaves]


def balances_of(at: Deployment, out: Path) -> list[str]:
    """Export the log, have the auditor accept it, and return the published balances."""
    at.done("log", "export", out)
    return (out / "trial-balances.jsonl").read_text().splitlines()[1:]


def dump_of(at: Deployment, tmp_path: Path) -> str:
    """Return everything that the database holds, as text."""
    backup = Path(at.done("backup", tmp_path / "dumped", "--quiet").strip())
    shown = ""
    with psycopg.connect(at.url) as conn:
        shown += str(conn.execute("SELECT * FROM vault.sealed_value").fetchall())
    return shown + (backup / "manifest.json").read_text()


def test_a_backup_that_the_log_has_left_behind_records_nothing_and_says_why(lost: Lost, spare: Deployment) -> None:
    said = spare.refused("restore", lost.backup)
    published = lost.live.checkpoint().size
    assert f"{published}" in said
    assert "--recover" in said
    assert "--succeed" in said
    assert spare.held_because() == "restored"
    with pytest.raises(RuleRefused, match="log_held"), spare.app(lost.book.tenant_id) as conn:
        post(conn, lost.book, [receipt(1_000, DAY)], actor=ACTOR)
    spare.refused("log", "publish")
    assert spare.checkpoint() == lost.live.checkpoint()


def test_a_held_service_answers_that_it_is_not_ready(lost: Lost, spare: Deployment) -> None:
    spare.refused("restore", lost.backup)
    settings = Settings(connection_count_max=2, home=spare.home)
    engine = with_vault(make_engine(spare.url, settings))
    with TestClient(create_app(settings, engine)) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["log_held"])
        assert "soquy_last_backup_timestamp_seconds 1" in client.get("/metrics").text
    engine.dispose()


def test_recovered_books_are_the_published_ones_and_the_log_goes_on(
    lost: Lost, spare: Deployment, tmp_path: Path
) -> None:
    spare.refused("restore", lost.backup)
    said = spare.done("restore", "--recover")
    assert "name lost: fund TAM" in said
    assert "private values are lost" in said
    spare.done("check")
    with spare.app(lost.book.tenant_id) as conn:
        post(conn, lost.book, [receipt(1_000, DAY)], actor=ACTOR)
    spare.done("log", "publish", "--now")
    new = spare.checkpoint()
    for old in (lost.at_backup, lost.live.checkpoint()):
        proof = TileHashes(spare.read_tile, new.size).consistency_proof(old.size)
        verify_consistency(old_size=old.size, old_root=old.root, size=new.size, root=new.root, proof=proof)
    types = [leaf.type for leaf in leaves_of(spare)[lost.live.checkpoint().size :]]
    assert types == ["log.recovered", "entry"]
    spare.done("check")


def test_recovered_balances_are_those_that_were_lost(lost: Lost, spare: Deployment, tmp_path: Path) -> None:
    spare.done("restore", lost.backup, "--recover")
    spare.done("log", "publish", "--now")
    assert balances_of(spare, tmp_path / "after") == balances_of(lost.live, tmp_path / "before")


def test_leaves_that_waited_in_the_backup_keep_their_rows_and_their_words(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.backup, "--recover", "--quiet")
    kept = spare.ask(f"""\
        SELECT e.actor_id, l.leaf_index >= {lost.at_backup.size}
        FROM vault.sealed_value AS s JOIN soquy.entry AS e ON e.entry_id = s.event_id
        JOIN soquy.log_leaf AS l ON l.event_id = e.entry_id
        WHERE s.value = '{PENDING}'""")
    assert kept == [(ACTOR.principal_id, True)]
    assert spare.ask(f"SELECT count(*) > 100 FROM soquy.entry WHERE actor_id = '{NOBODY}'") == [(True,)]


def test_recovered_lists_are_as_long_as_they_were_and_tell_nobody(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.backup, "--recover", "--quiet")
    query = """\
        SELECT l.list_id, l.version, l.award_count, l.total_minor, soquy.is_award_list_over(l.tenant_id, l.list_id),
            d.decided_on, s.collected_count, s.total_minor, (SELECT count(*) FROM soquy.award AS w
            WHERE w.list_id = l.list_id)
        FROM soquy.award_list AS l LEFT JOIN soquy.award_decision AS d USING (tenant_id, list_id)
        LEFT JOIN soquy.award_sitting AS s USING (tenant_id, list_id)
        ORDER BY l.list_id"""
    before, after = (at.ask(query) for at in (lost.live, spare))
    assert before == after
    assert len(after) == 3, "one of them was in the backup"
    kept = "SELECT count(amount_minor), (SELECT count(*) FROM vault.beneficiary) FROM soquy.award"
    assert spare.ask(kept) == [(2, 1)]


def test_a_name_that_was_erased_after_the_backup_stands_beside_nothing(lost: Lost, spare: Deployment) -> None:
    names = f"""\
        SELECT 'giver' FROM vault.contributor WHERE name = '{ERASED}'
        UNION ALL SELECT 'holder' FROM vault.block_holder WHERE name = '{ERASED}'
        UNION ALL SELECT 'payee' FROM vault.payee WHERE name = '{ERASED}'
        UNION ALL SELECT 'beneficiary' FROM vault.beneficiary WHERE name = '{CHILD}'
        UNION ALL SELECT 'claim' FROM vault.award_claim HAVING count(*) <> 1"""
    spare.done("restore", lost.backup, "--recover", "--quiet")
    assert spare.ask(names) == []


def test_a_recovered_token_opens_nothing(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.backup, "--recover", "--quiet")
    before, after = (
        at.ask("""\
            SELECT token_id, tenant_id > 0, ARRAY(SELECT r FROM unnest(rights) AS r ORDER BY r), association_ids
            FROM soquy.api_token ORDER BY 1""")
        for at in (lost.live, spare)
    )
    assert after == before
    hashes = [{row[0] for row in at.ask("SELECT secret_hash FROM soquy.api_token")} for at in (lost.live, spare)]
    assert hashes[0].isdisjoint(hashes[1])


def test_a_backup_of_all_that_was_published_is_let_go_of_at_once(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.last_backup)
    assert spare.held_because() is None
    spare.done("check")
    assert spare.ask("SELECT count(*) FROM soquy.audit_entry WHERE type = 'log.recovered'") == [(0,)]
    assert "nothing to recover" in spare.refused("restore", "--recover")


def test_what_was_erased_after_the_backup_is_erased_again_though_the_log_stays_held(
    lost: Lost, spare: Deployment, tmp_path: Path
) -> None:
    assert lost.live.ask(f"SELECT count(*) FROM vault.sealed_value WHERE value = '{ERASED}'") == [(0,)]
    spare.refused("restore", lost.backup)
    assert spare.held_because() == "restored"
    assert ERASED not in dump_of(spare, tmp_path)
    assert PENDING in dump_of(spare, tmp_path / "again")
    people = "SELECT person_id, name, birth_year, version, merged_into FROM vault.person ORDER BY 1"
    kept = spare.ask(people)
    assert [row for row in kept if row[1] == ERASED] == [], "a person who was erased meanwhile stays erased"
    assert len(kept) == 6
    assert set(kept) <= set(lost.live.ask(people))
    spare.done("restore", "--recover")
    spare.done("check")
    assert spare.ask("SELECT count(*) > 0 FROM soquy.attachment WHERE document_id IS NULL") == [(True,)]


def test_a_backup_without_its_vault_comes_back_without_private_values(
    lost: Lost, spare: Deployment, tmp_path: Path
) -> None:
    backup = tmp_path / "without"
    shutil.copytree(lost.last_backup, backup)
    (backup / "vault.dump").unlink()
    said = spare.done("restore", backup)
    assert "vault part is gone" in said
    kept = lost.live.ask("SELECT count(*) FROM vault.sealed_value")[0][0]
    assert f"{kept:,} private values are lost" in said
    assert spare.ask("SELECT count(*) FROM vault.retention_class") != [(0,)]
    spare.done("check")


def test_a_log_without_its_folder_is_held_until_somebody_says_where_it_is(
    lost: Lost, spare: Deployment, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "mirror"
    (spare.home / "log").rename(elsewhere)
    assert "--recover PATH|URL" in spare.refused("restore", lost.backup)
    assert spare.held_because() == "restored"
    assert "checkpoint_missing" in spare.refused("restore", "--recover", tmp_path)
    spare.done("restore", "--recover", elsewhere)
    spare.done("log", "publish", "--now")
    leaves_of(spare)


def test_lost_verifier_keys_are_answered_by_a_policy(lost: Lost, spare: Deployment, tmp_path: Path) -> None:
    lost.live.done("log", "export", tmp_path / "export")
    shutil.rmtree(spare.home / "keys" / "log")
    assert "note_no_known_signature" in spare.refused("restore", lost.backup, "--recover")
    spare.done("restore", "--recover", "--policy", tmp_path / "export" / "policy")


@pytest.mark.parametrize("what", ["tile/0/000", "tile/entries/{tile:03d}", "checkpoint"])
def test_a_published_file_that_was_changed_is_not_replayed(lost: Lost, spare: Deployment, what: str) -> None:
    size = lost.live.checkpoint().size
    path = spare.home / "log" / what.format(tile=lost.at_backup.size // 256)
    if not path.exists():
        path = path.with_name(f"{path.name}.p") / str(size % 256)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    spare.refused("restore", lost.backup)
    spare.refused("restore", "--recover")
    assert spare.held_because() == "restored"
    assert spare.ask("SELECT size FROM soquy.log_head") == [(lost.at_backup.size,)]


def test_leaves_that_are_lost_are_counted_and_leave_a_successor_only(lost: Lost, spare: Deployment) -> None:
    last = lost.live.checkpoint().size // 256
    shutil.rmtree(spare.home / "log" / "tile" / "entries" / f"{last:03d}.p")
    said = spare.refused("restore", lost.backup, "--recover")
    assert f"leaves before {last * 256}" in said
    assert "--succeed" in said
    assert spare.held_because() == "restored"
    spare.done("restore", "--succeed", "--origin", "log.example/second")


def test_leaves_that_were_not_public_yet_are_replayed_from_the_private_folder(lost: Lost, spare: Deployment) -> None:
    held = spare.home / "log-held" / "tile" / "entries"
    held.mkdir(parents=True, mode=0o700, exist_ok=True)
    for path in (spare.home / "log" / "tile" / "entries").iterdir():
        if int(path.name[:3]) >= lost.at_backup.size // 256:
            path.rename(held / path.name)
    spare.done("restore", lost.backup, "--recover")
    assert spare.held_because() is None
    spare.done("log", "publish", "--now")
    spare.done("check")


def test_a_successor_begins_with_where_the_old_log_ended_and_has_every_leaf_again(
    lost: Lost, spare: Deployment
) -> None:
    spare.refused("restore", lost.backup)
    said = spare.done("restore", "--succeed", "--origin", "log.example/second")
    assert "-ended-1" in said
    spare.done("log", "publish", "--now")
    first, *rest = leaves_of(spare, "log.example/second")
    ended = lost.live.checkpoint()
    assert first.type == "log.succeeded"
    assert first.payload == {
        "origin": ORIGIN,
        "size": ended.size,
        "root": ended.root.hex(),
        "agreed_size": lost.at_backup.size,
    }
    old = leaves_of(lost.live)[: lost.at_backup.size]
    assert rest[: len(old)] == old
    assert {leaf.type for leaf in rest[len(old) :]} == {"entry", "log.key_added"}
    assert (spare.home / "log-ended-1" / "checkpoint").read_bytes() == lost.live.folder.checkpoint()
    spare.done("check")
    assert "call it a fork" in spare.refused("log", "succeed", "--origin", ORIGIN)


def test_a_database_that_went_another_way_is_told_where_and_can_only_be_succeeded(
    lost: Lost, spare: Deployment
) -> None:
    spare.refused("restore", lost.backup)
    with psycopg.connect(spare.url) as conn:
        conn.execute("UPDATE soquy.log_head SET held_because = NULL")
        conn.execute("SELECT soquy.number_leaves(10)")
    with spare.app(lost.book.tenant_id) as conn:
        post(conn, lost.book, [receipt(1_000, DAY)], actor=ACTOR)
    with psycopg.connect(spare.url) as conn:
        conn.execute("SELECT soquy.number_leaves(10)")
    assert "nothing is recorded for now" in spare.refused("log", "publish")
    assert spare.held_because() == "behind"
    said = spare.refused("restore", "--recover")
    assert f"The first {lost.at_backup.size} leaves" in said
    spare.done("log", "succeed", "--origin", "log.example/second")
    spare.done("log", "publish", "--now")
    assert leaves_of(spare, "log.example/second")[0].payload["agreed_size"] == lost.at_backup.size
    spare.done("check")


def test_a_successor_that_was_killed_before_its_commit_is_begun_again(lost: Lost, spare: Deployment) -> None:
    spare.refused("restore", lost.backup)
    for name in ("log", "log-held"):
        if (spare.home / name).exists():
            (spare.home / name).rename(spare.home / f"{name}-ended-1")
    spare.done("restore", "--succeed", "--origin", "log.example/second")
    spare.done("log", "publish", "--now")
    assert leaves_of(spare, "log.example/second")[0].payload["size"] == lost.live.checkpoint().size


def test_status_tells_that_the_log_is_held(lost: Lost, spare: Deployment) -> None:
    spare.refused("restore", lost.backup)
    status, said = spare.soquy("log", "status", "--json")
    assert (status, json.loads(said)["held"]) == (1, "restored")
    assert spare.ask("SELECT count(*) FROM soquy.audit_pending") == [(1,)]
