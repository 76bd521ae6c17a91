"""``soquy check`` and ``soquy export``: the books held against themselves, and written for other tools."""

import argparse
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from api.prepared import prepared
from api.problems import Refusal
from api.public_log import published_faults
from api.settings import Settings
from ledger import typeid
from ledger.associations.reach import everything, home_of, tenants
from ledger.books.check import check as check_books
from ledger.calendar import today
from ledger.errors import AssociationNotFound
from ledger.export.beancount import write_beancount
from ledger.export.csv_folder import write_csv
from ledger.reports.scope import Scope
from ledger.tenancy import set_tenant


def check(settings: Settings, asked: argparse.Namespace) -> int:
    """Print what is wrong, one line each; 1 if anything is."""
    count = 0
    with prepared(settings) as ready, ready.owner() as conn:
        for finding in check_books(conn):
            count += 1
            where = finding.association or ("log" if finding.tenant_id is None else f"tenant {finding.tenant_id}")
            fields = json.dumps(finding.fields, ensure_ascii=False, default=str)
            print(f"{finding.rule}: {where}: {fields}")
        for rule, file in published_faults(ready.log):
            count += 1
            print(f"{rule}: log: {file}")
    if not asked.quiet:
        print(f"Findings: {count}." if count else "Everything agrees.", file=sys.stderr)
    return 1 if count else 0


def export(settings: Settings, asked: argparse.Namespace) -> int:
    """Write a beancount file or a folder of CSV files."""
    as_of = asked.as_of or today()
    if asked.format == "beancount" and not asked.out.parent.is_dir():
        raise Refusal("folder_missing", folder=str(asked.out.parent))
    with prepared(settings) as ready, ready.owner() as conn:
        scope = _scope(conn, asked.association)
        set_tenant(conn, scope.tenant_id)
        if asked.format == "csv":
            rows = sum(write_csv(conn, scope, asked.out, as_of=as_of).values())
            said = f"{rows:,} rows"
        else:
            said = f"{_beancount(conn, scope, asked):,} entries"
    if not asked.quiet:
        print(f"{said} up to {as_of} are in {asked.out}.", file=sys.stderr)
    return 0


def _beancount(conn: Connection, scope: Scope, asked: argparse.Namespace) -> int:
    """Write the file beside its place and put it there when it is whole."""
    out: Path = asked.out
    unfinished = out.with_name(out.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            count = write_beancount(conn, scope, file, as_of=asked.as_of or today())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _scope(conn: Connection, association: str | None) -> Scope:
    """Return what to export: a tree that was named, or the only storage home there is.

    Raises:
        Refusal: there is none, or several, whose tops are printed then.
    """
    if association is not None:
        association_id: UUID = typeid.decode(typeid.ASSOCIATION, association)
        home = home_of(conn, association_id)
        if home is None:
            raise AssociationNotFound(association=association)
        return Scope(tenant_id=home, association_id=association_id)
    homes = tenants(conn)
    if not homes:
        raise Refusal("export_empty")
    if len(homes) > 1:
        tops = [each for each in everything(conn) if each.depth == 0]
        for top in tops:
            print(typeid.encode(typeid.ASSOCIATION, top.association_id), top.name_vi, file=sys.stderr)
        raise Refusal("export_choice_needed", count=len(tops))
    return Scope(tenant_id=homes[0])
