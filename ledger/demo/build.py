"""Build a demo province in a database, through the commands that real work uses.

Every association is founded, furnished, posted and locked in one transaction of its own: a build that was killed goes
on where it stopped, two builds at once take turns, and one that has finished is recognised by counting its
associations. The books are the same every time; only the ids of associations and the salts are new.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from ledger.associations.commands import found_association, found_tenant
from ledger.books.chart import open_campaign, open_fund, open_program
from ledger.books.commands import lock_months
from ledger.books.model import Book
from ledger.calendar import month_start
from ledger.demo.dice import dice
from ledger.demo.office import ACTOR, Office
from ledger.demo.plan import Plan, plan_province
from ledger.demo.provinces import scenario
from ledger.demo.scenario import CAMPAIGNS, FUNDS, OPEN_CAMPAIGN, OPEN_CAMPAIGN_NAMES, PROGRAMS, Scenario, unit_funds
from ledger.demo.units import Unit
from ledger.demo.users import SampleUser, approvers_of, make_users, sample_users, users_of
from ledger.demo.work import work
from ledger.tenancy import DEPLOYMENT, set_tenant

SEED: Final = 2023
CHART: Final = "TT24-MAU"

LOCK_KEY: Final = 0x536F_5175_79_44
"""Whoever builds a demo holds this lock."""

_FOUNDED_ON: Final = {"province": date(1999, 10, 2), "district": date(2000, 10, 2), "commune": date(2001, 10, 2)}
_LATE_ONE_IN: Final = 16

Progress = Callable[[int, int, str], None]
"""Is told how many associations are done, of how many, and which one was last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A demo that is there; ``is_new`` where this call built any of it."""

    province: str
    tenant_id: int
    association_id: UUID
    associations: int
    entries: int
    is_new: bool
    users: tuple[SampleUser, ...]


def build(engine: Engine, *, province: str = "ha-nam", progress: Progress | None = None, seed: int = SEED) -> Built:
    """Build a province's demo, or what is missing of it; return what is there.

    Raises:
        ValueError: no such province.
        LedgerError: the database refused; what was built before stays, and the next call goes on from there.
    """
    chosen = scenario(province, seed=seed)
    tenant_id = _tenant(engine, chosen)
    with engine.begin() as conn:
        set_tenant(conn, tenant_id)
        founded = founded_books(conn)
    missing = [unit for unit in chosen.units if unit.code not in founded]
    if missing:
        plan = plan_province(province, seed=seed)
        for unit in missing:
            with engine.begin() as conn:
                _build_book(conn, tenant_id, plan, unit)
            if progress is not None:
                done = len(chosen.units) - len(missing) + missing.index(unit) + 1
                progress(done, len(chosen.units), unit.name_vi)
    return look(engine, chosen, is_new=bool(missing))


def look(engine: Engine, chosen: Scenario, *, is_new: bool) -> Built:
    """Return what is there of a demo whose first association is."""
    tenant_id = _tenant(engine, chosen)
    with engine.begin() as conn:
        set_tenant(conn, tenant_id)
        founded = founded_books(conn)
        entries = conn.execute(text("SELECT coalesce(sum(last_seq), 0) FROM soquy.book_head")).scalar_one()
    return Built(
        province=chosen.key,
        tenant_id=tenant_id,
        association_id=founded[chosen.units[0].code].association_id,
        associations=len(founded),
        entries=int(entries),
        is_new=is_new,
        users=sample_users(chosen),
    )


def _tenant(engine: Engine, chosen: Scenario) -> int:
    with engine.begin() as conn:
        set_tenant(conn, DEPLOYMENT)
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        named = conn.execute(
            text("SELECT tenant_id FROM soquy.tenant WHERE name = :name ORDER BY tenant_id LIMIT 100"),
            {"name": chosen.tenant},
        )
        for tenant_id in named.scalars().all():
            if _is_demo(conn, tenant_id):
                return int(tenant_id)
        set_tenant(conn, DEPLOYMENT)
        return found_tenant(conn, chosen.tenant)


def _is_demo(conn: Connection, tenant_id: int) -> bool:
    """Tell a demo's tenant, begun or built, from a real one that is called the same: only we post as its actor."""
    set_tenant(conn, tenant_id)
    return bool(
        conn.execute(
            text("""\
                SELECT NOT EXISTS (SELECT FROM soquy.association)
                    OR EXISTS (SELECT FROM soquy.idempotency WHERE principal_id = :principal_id)"""),
            {"principal_id": ACTOR.principal_id},
        ).scalar_one()
    )


def founded_books(conn: Connection) -> dict[str, Book]:
    """Return the books of the transaction's tenant by the codes of their units."""
    rows = conn.execute(
        text("""\
            SELECT a.unit_code, b.tenant_id, b.book_id, b.association_id
            FROM soquy.association AS a JOIN soquy.book AS b USING (tenant_id, association_id)
            LIMIT 10000""")
    )
    return {
        row.unit_code: Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id)
        for row in rows
    }


def _build_book(conn: Connection, tenant_id: int, plan: Plan, unit: Unit) -> None:
    set_tenant(conn, tenant_id)
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    founded = founded_books(conn)
    if unit.code in founded:
        return  # another build at the same time was faster
    opens_on = plan.scenario.opens_on
    book = found_association(
        conn,
        tenant_id=tenant_id,
        name_vi=unit.name_vi,
        name_en=unit.name_en,
        kind="learning-promotion",
        level=unit.level,
        founded_on=_FOUNDED_ON[unit.level],
        books_open_on=opens_on,
        chart=CHART,
        actor=ACTOR,
        parent=founded[unit.parent_code] if unit.parent_code else None,
        unit_code=unit.code,
        is_sample=unit.is_sample,
    )
    if unit.parent_code is None:
        _open_dimensions(conn, book, plan.scenario)
    for fund in unit_funds(unit):
        kind, name_vi, name_en, purpose = FUNDS[fund]
        open_fund(
            conn,
            book,
            fund=fund,
            kind=kind,
            name_vi=name_vi,
            name_en=name_en,
            purpose=purpose,
            opened_on=opens_on,
            actor=ACTOR,
        )
    users = make_users(conn, book, users_of(plan.scenario, unit), actor=ACTOR)
    approvers = users | make_users(conn, book, approvers_of(plan.scenario, unit), actor=ACTOR)
    work(Office(conn=conn, book=book, plan=plan, unit=unit, users=users, approvers=approvers))
    lock_months(conn, book, through=_lock_through(plan, unit), actor=ACTOR)


def _open_dimensions(conn: Connection, book: Book, chosen: Scenario) -> None:
    for program, (unit, name_vi, name_en) in PROGRAMS.items():
        open_program(
            conn,
            book,
            program=program,
            unit=unit,
            name_vi=name_vi,
            name_en=name_en,
            opened_on=chosen.opens_on,
            actor=ACTOR,
        )
    for year in sorted({each.from_on.year for each in chosen.years}):
        for campaign, (name_vi, name_en) in CAMPAIGNS.items():
            open_campaign(
                conn,
                book,
                campaign=campaign.format(year=year),
                name_vi=name_vi.format(year=year),
                name_en=name_en.format(year=year),
                opened_on=date(year, 1, 1),
                closed_on=date(year, 12, 31),
                actor=ACTOR,
            )
    name_vi, name_en = OPEN_CAMPAIGN_NAMES
    open_campaign(
        conn,
        book,
        campaign=OPEN_CAMPAIGN,
        name_vi=name_vi,
        name_en=name_en,
        opened_on=chosen.years[0].from_on,
        actor=ACTOR,
    )


def _lock_through(plan: Plan, unit: Unit) -> date:
    """Return the last day locked: the last month of the demo, or for the few who are late the one before it."""
    ends_on = plan.scenario.ends_on
    late = unit.level == "commune" and dice(plan.seed, "late", unit.code).randrange(_LATE_ONE_IN) == 0
    return month_start(ends_on) - timedelta(days=1) if late else ends_on
