"""``soquy vault``: what people typed and who they are, opened for a reason, erased in time, under keys that change."""

import argparse
import json
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from api.prepared import Prepared, prepared
from api.problems import Refusal
from api.settings import Settings
from ledger import typeid
from ledger.access.erasure import erase_user
from ledger.calendar import today
from ledger.errors import IdMalformed
from ledger.people import person_erasure
from ledger.people.erasure import erase, erase_expired
from ledger.people.kek import read_key_file
from ledger.people.opening import SealedValueNotFound, open_for_inspection
from ledger.people.register import PersonNotFound
from ledger.people.rotation import retire_data_keys, rotate_kek, tenants_of
from ledger.tenancy import set_tenant

_STATUS = text("""\
SELECT s.retention, s.fiscal_year, count(*) AS count,
    vault.keep_through(s.retention, s.fiscal_year, :as_of) AS keep_through
FROM vault.sealed_value AS s
WHERE s.tenant_id = :tenant_id
GROUP BY s.retention, s.fiscal_year
ORDER BY s.retention, s.fiscal_year""")

_KEYS = text("SELECT count(*) FROM vault.data_key WHERE tenant_id = :tenant_id")

_IS_HERE = text("""\
SELECT EXISTS (SELECT FROM vault.sealed_value WHERE tenant_id = :tenant_id AND event_id = :event_id)""")


def status(settings: Settings, asked: argparse.Namespace) -> int:
    """Print the key's id, and for each storage home how many values are kept until when, one line each."""
    with prepared(settings) as ready, ready.keeper() as conn:
        if not asked.quiet:
            print(f"Key-encryption key {ready.kek.id}.")
        for tenant_id in tenants_of(conn):
            set_tenant(conn, tenant_id)
            place = {"tenant_id": tenant_id}
            keys = conn.execute(_KEYS, place).scalar_one()
            if not asked.quiet:
                print(f"Storage home {tenant_id}: data keys: {keys}.")
            for row in conn.execute(_STATUS, place | {"as_of": today()}):
                print(tenant_id, row.retention, row.fiscal_year, row.count, row.keep_through, sep="\t")
    return 0


def rotate(settings: Settings, asked: argparse.Namespace) -> int:
    """Wrap every data key by the key in a file, or retire the data keys."""
    new = None if asked.new_key_file is None else read_key_file(asked.new_key_file)
    with prepared(settings) as ready, ready.keeper() as conn:
        count = retire_data_keys(conn) if new is None else rotate_kek(conn, ready.kek, new)
    if not asked.quiet and new is None:
        print(f"Data keys retired: {count}. The next values are sealed by new ones.")
    elif not asked.quiet and new is not None:
        print(
            f"Data keys wrapped by {new.id}: {count}. Start the service with SOQUY_VAULT_KEY_FILE={asked.new_key_file}"
        )
        print("(or put that file in the old one's place), keep a copy apart, and destroy the old key with its copies.")
    return 0


def open_value(settings: Settings, asked: argparse.Namespace) -> int:
    """Print a value and its salt, as JSON; the opening and its reason are recorded."""
    event_id = _event_id(asked.event_id)
    with prepared(settings) as ready:
        tenant_id = _home_of(ready, event_id)
        with ready.engine.begin() as conn:
            set_tenant(conn, tenant_id)
            (opened,) = open_for_inspection(
                conn, tenant_id, event_id, [asked.field], reason=asked.reason, principal_id=None
            )
    # After the commit: what could not be recorded is not shown.
    shown = {"field": opened.field, "value": opened.value, "salt": opened.salt.hex()}
    print(json.dumps(shown, ensure_ascii=False))
    return 0


def erase_values(settings: Settings, asked: argparse.Namespace) -> int:
    """Erase everything whose time is over, or named values of one event for a reason."""
    as_of: date = asked.as_of or today()
    if as_of > today():
        raise Refusal("erasure_day_refused", day=str(as_of))
    is_one = bool((asked.person_id or (asked.event_id and asked.fields)) and asked.reason)
    chosen = [asked.expired, asked.event_id is not None, asked.person_id is not None]
    if sum(chosen) != 1 or not (asked.expired or is_one):
        raise Refusal("erasure_choice_needed")
    if asked.person_id is not None:
        return _erase_registered(settings, asked)
    with prepared(settings) as ready:
        if asked.expired:
            count = sum(_erase_expired(ready, tenant_id, as_of) for tenant_id in _tenants(ready))
        else:
            event_id = _event_id(asked.event_id)
            tenant_id = _home_of(ready, event_id)
            with ready.keeper() as conn:
                set_tenant(conn, tenant_id)
                count = len(erase(conn, tenant_id, event_id, asked.fields, reason=asked.reason, as_of=as_of)) and 1
    if not asked.quiet:
        print(f"Events whose values were erased: {count:,}.")
    return 0


def erase_person(settings: Settings, asked: argparse.Namespace) -> int:
    """Erase the name, address and proofs of somebody who signs in no more."""
    with prepared(settings) as ready, ready.keeper() as conn:
        erase_user(conn, asked.email, tenants_of(conn))
    if not asked.quiet:
        print(f"{asked.email} is erased. What they did stays, under an id that names nobody.")
    return 0


def _erase_registered(settings: Settings, asked: argparse.Namespace) -> int:
    person_id = typeid.decode(typeid.PERSON, asked.person_id)
    with prepared(settings) as ready:
        for tenant_id in _tenants(ready):
            with ready.keeper() as conn:
                set_tenant(conn, tenant_id)
                try:
                    count = person_erasure.erase_person(conn, tenant_id, person_id, reason=asked.reason)
                except PersonNotFound:
                    continue
            if not asked.quiet:
                print(f"Records that were erased: {count:,}.")
            return 0
    raise PersonNotFound(person=asked.person_id)


def _erase_expired(ready: Prepared, tenant_id: int, as_of: date) -> int:
    """Erase batch by batch, each committed on its own, so that an interruption loses nothing."""
    total = 0
    while True:
        with ready.keeper() as conn:
            set_tenant(conn, tenant_id)
            count = erase_expired(conn, tenant_id, as_of=as_of)
        if count == 0:
            return total
        total += count


def _tenants(ready: Prepared) -> list[int]:
    with ready.keeper() as conn:
        return tenants_of(conn)


def _home_of(ready: Prepared, event_id: UUID) -> int:
    with ready.keeper() as conn:
        for tenant_id in tenants_of(conn):
            if _is_here(conn, tenant_id, event_id):
                return tenant_id
    raise SealedValueNotFound


def _is_here(conn: Connection, tenant_id: int, event_id: UUID) -> bool:
    set_tenant(conn, tenant_id)
    return bool(conn.execute(_IS_HERE, {"tenant_id": tenant_id, "event_id": event_id}).scalar_one())


def _event_id(value: str) -> UUID:
    try:
        return typeid.decode(typeid.ENTRY, value)
    except IdMalformed:
        return typeid.decode(typeid.EVENT, value)
