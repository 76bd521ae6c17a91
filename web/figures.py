"""What the pages ask beside the reports: which trees there are, where an association stands, entries of a month.

Nothing here reads a typed description: it may name a person, and these pages are for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit.tiles import bundle_holding
from ledger import typeid
from ledger.books.model import Book, VoucherNumber
from ledger.calendar import month_end
from ledger.errors import AssociationNotFound
from ledger.reports.journal import voucher_of
from ledger.reports.page import Page, Position, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters
from ledger.tenancy import set_tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """An association at the top of a tree."""

    tenant_id: int
    association_id: UUID
    level: str
    name_vi: str
    name_en: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An association as a page needs it, with those above it, the highest first."""

    book: Book
    level: str
    name_vi: str
    name_en: str | None
    closed_on: date | None
    is_sample: bool
    locked_through: date | None
    above: tuple["Place", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From the first month in which something was received or used to the end of the last that moved at all."""

    first_on: date | None
    last_on: date | None

    @property
    def years(self) -> tuple[int, ...]:
        """The years between, the first first."""
        if self.first_on is None or self.last_on is None:
            return ()
        return tuple(range(self.first_on.year, self.last_on.year + 1))

    def period(self, year: int) -> Period:
        """Return a year as far as the books have come in it: nobody knows yet what the rest of the last one brings."""
        whole = Period.of_year(year)
        if self.last_on is None or self.last_on.year != year:
            return whole
        return Period(from_on=whole.from_on, to_on=self.last_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How far a scope's books are: how many, how many locked to the end of the period, the last entry's time."""

    books: int
    locked: int
    samples: int
    last_recorded_at: datetime | None
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry in a list; ``gained_minor`` is what the book's funds gained by it, ``moved_minor`` its debits."""

    seq: int
    entry_on: date
    kind: str
    voucher: VoucherNumber | None
    channels: Sequence[str]
    programs: Sequence[str]
    quantity: int | None
    gained_minor: int
    moved_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafFacts:
    """What identifies the evidence of an entry.

    ``index`` is its number in the public log, as soon as it has one; ``published_size`` the size of the newest
    checkpoint, where that covers it; ``bundle`` the path of the published file that holds it, where it is public.
    """

    type: str
    event_id: UUID
    recorded_at: datetime
    size: int
    index: int | None
    published_size: int | None
    bundle: str | None


_LEAF: Final = text("""\
SELECT a.type, a.event_id, a.recorded_at, octet_length(a.leaf) AS size, l.leaf_index,
    (SELECT max(c.size) FROM soquy.log_checkpoint AS c WHERE c.log_id = l.log_id) AS published_size,
    (SELECT max(d.size) FROM soquy.log_disclosure AS d WHERE d.log_id = l.log_id) AS disclosed_size
FROM soquy.audit_entry AS a
LEFT JOIN soquy.log_leaf AS l ON l.log_id = (SELECT max(log.log_id) FROM soquy.log)
    AND l.tenant_id = a.tenant_id AND l.event_id = a.event_id
WHERE a.tenant_id = :tenant_id AND a.event_id = :entry_id""")

_PLACE: Final = text("""\
WITH RECURSIVE line AS (
    SELECT a.*, 0 AS depth FROM soquy.association AS a
    WHERE a.tenant_id = :tenant_id AND a.association_id = :association_id
    UNION ALL
    SELECT a.*, line.depth + 1 FROM line
    JOIN soquy.association AS a ON a.tenant_id = line.tenant_id AND a.association_id = line.parent_id
    WHERE line.depth < 10
)
SELECT line.*, b.book_id, h.locked_through
FROM line
JOIN soquy.book AS b USING (tenant_id, association_id)
JOIN soquy.book_head AS h USING (tenant_id, book_id)
ORDER BY line.depth DESC
""")

_SPAN: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT min(first.month_on) AS first_on, max(latest.month_on) AS last_on
FROM scope
CROSS JOIN LATERAL (
    SELECT m.month_on FROM soquy.month_total AS m
    WHERE m.tenant_id = :tenant_id AND m.book_id = scope.book_id AND (m.channel <> '' OR m.program <> '')
    ORDER BY m.month_on LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT m.month_on FROM soquy.month_total AS m
    WHERE m.tenant_id = :tenant_id AND m.book_id = scope.book_id
    ORDER BY m.month_on DESC LIMIT 1
) AS latest
""")  # noqa: S608 - composed of constants

_FRESHNESS: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT count(*) AS books, count(*) FILTER (WHERE h.locked_through >= :to_on) AS locked,
    count(*) FILTER (WHERE a.is_sample) AS samples, max(e.recorded_at) AS last_recorded_at,
    CAST(coalesce(sum(h.last_seq), 0) AS bigint) AS entries
FROM scope
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = scope.association_id
JOIN soquy.book_head AS h ON h.tenant_id = :tenant_id AND h.book_id = scope.book_id
LEFT JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id AND e.seq = h.last_seq
""")  # noqa: S608 - composed of constants

_ENTRY_SQL: Final = """\
SELECT e.seq, e.entry_on, e.kind, e.voucher_kind, e.fiscal_year, e.voucher_number, told.*
FROM soquy.entry AS e
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT p.channel) FILTER (WHERE p.channel IS NOT NULL), '{}') AS channels,
        coalesce(array_agg(DISTINCT p.program) FILTER (WHERE p.program IS NOT NULL), '{}') AS programs,
        sum(p.quantity) AS quantity,
        CAST(coalesce(- sum(p.value_minor) FILTER (WHERE a.role = 'fund'), 0) AS bigint) AS gained_minor,
        CAST(coalesce(sum(p.value_minor) FILTER (WHERE p.value_minor > 0), 0) AS bigint) AS moved_minor
    FROM soquy.posting AS p
    JOIN soquy.account AS a USING (tenant_id, book_id, account)
    WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq AND p.entry_on = e.entry_on
) AS told
WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id"""

_ENTRIES: Final = text(f"""\
{_ENTRY_SQL} AND e.entry_on BETWEEN :from_on AND :to_on AND (e.entry_on, e.seq) > (:after_on, :after_seq)
ORDER BY e.entry_on, e.seq
LIMIT :row_limit
""")

_LATEST: Final = text(f"""\
{_ENTRY_SQL}
ORDER BY e.seq DESC
LIMIT :row_limit
""")


def list_roots(conn: Connection) -> tuple[Root, ...]:
    """Return the associations at the top of a tree, whichever tenant they live in."""
    return tuple(Root(**row) for row in conn.execute(text("SELECT * FROM soquy.public_roots()")).mappings())


def find_place(conn: Connection, association_id: UUID) -> Place:
    """Return an association and those above it; the transaction works in its tenant from here on.

    Raises:
        AssociationNotFound: none of this id keeps a book.
    """
    parameters = {"association_id": association_id}
    tenant_id = conn.execute(text("SELECT soquy.association_home(:association_id)"), parameters).scalar_one()
    if tenant_id is not None:
        set_tenant(conn, tenant_id)
        rows = conn.execute(_PLACE, {**parameters, "tenant_id": tenant_id}).all()
        places = [
            Place(
                book=Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id),
                level=row.level,
                name_vi=row.name_vi,
                name_en=row.name_en,
                closed_on=row.closed_on,
                is_sample=row.is_sample,
                locked_through=row.locked_through,
            )
            for row in rows
        ]
        if places and places[-1].book.association_id == association_id:
            return _with_above(places)
    raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, association_id))


def _with_above(places: Sequence[Place]) -> Place:
    own = places[-1]
    fields = {name: getattr(own, name) for name in Place.__dataclass_fields__ if name != "above"}
    return Place(**fields, above=tuple(places[:-1]))


def find_span(conn: Connection, scope: Scope) -> Span:
    """Return from when to when the books of a scope moved; opening balances alone are no year."""
    found = conn.execute(_SPAN, scope_parameters(conn, scope)).one()
    return Span(first_on=found.first_on, last_on=found.last_on and month_end(found.last_on))


def find_freshness(conn: Connection, scope: Scope, to_on: date) -> Freshness:
    """Return how far the books of a scope are."""
    row = conn.execute(_FRESHNESS, {**scope_parameters(conn, scope), "to_on": to_on}).mappings().one()
    return Freshness(**row)


def list_entries(
    conn: Connection, place: Place, *, from_on: date, to_on: date, after: Position | None, page_size: int
) -> Page[EntryRow, Position]:
    """Return a page of a place's entries between two days, in the journal's order."""
    start = Position.start(after, from_on)
    parameters = {
        "tenant_id": place.book.tenant_id,
        "book_id": place.book.book_id,
        "from_on": from_on,
        "to_on": to_on,
        "after_on": start.entry_on,
        "after_seq": start.seq,
        "row_limit": row_limit(page_size),
    }
    found = conn.execute(_ENTRIES, parameters).all()
    rows = tuple(map(_entry_row, found[:page_size]))
    if len(found) <= page_size:
        return Page(rows=rows, next_cursor=None)
    return Page(rows=rows, next_cursor=Position(entry_on=rows[-1].entry_on, seq=rows[-1].seq))


def latest_entries(conn: Connection, book: Book, *, count: int) -> tuple[EntryRow, ...]:
    """Return the entries that a book recorded last, the newest first."""
    parameters = {"tenant_id": book.tenant_id, "book_id": book.book_id, "row_limit": count}
    return tuple(map(_entry_row, conn.execute(_LATEST, parameters)))


def _entry_row(row: Row[Any]) -> EntryRow:
    return EntryRow(
        seq=row.seq,
        entry_on=row.entry_on,
        kind=row.kind,
        voucher=voucher_of(row),
        channels=row.channels,
        programs=row.programs,
        quantity=row.quantity,
        gained_minor=row.gained_minor,
        moved_minor=row.moved_minor,
    )


def find_leaf(conn: Connection, place: Place, entry_id: UUID) -> LeafFacts | None:
    """Return what identifies an entry's leaf, and how far it has come in the public log."""
    row = conn.execute(_LEAF, {"tenant_id": place.book.tenant_id, "entry_id": entry_id}).one_or_none()
    if row is None:
        return None
    index = row.leaf_index
    is_published = index is not None and index < (row.published_size or 0)
    is_disclosed = index is not None and index < (row.disclosed_size or 0)
    return LeafFacts(
        type=row.type,
        event_id=row.event_id,
        recorded_at=row.recorded_at,
        size=row.size,
        index=index,
        published_size=row.published_size if is_published else None,
        bundle=bundle_holding(index, row.disclosed_size).path if is_disclosed else None,
    )


def dimension_names(conn: Connection, tenant_id: int) -> dict[str, dict[str, tuple[str, str | None]]]:
    """Return the names of channels, campaigns and programs, by what they are and their code."""
    rows = conn.execute(
        text("""\
            SELECT 'channel' AS what, channel AS code, name_vi, name_en FROM soquy.channel
            UNION ALL SELECT 'campaign', campaign, name_vi, name_en FROM soquy.campaign WHERE tenant_id = :tenant_id
            UNION ALL SELECT 'program', program, name_vi, name_en FROM soquy.program WHERE tenant_id = :tenant_id
            LIMIT 10000"""),
        {"tenant_id": tenant_id},
    )
    names: dict[str, dict[str, tuple[str, str | None]]] = {"channel": {}, "campaign": {}, "program": {}}
    for row in rows:
        names[row.what][row.code] = (row.name_vi, row.name_en)
    return names


def code_names(conn: Connection, book: Book) -> dict[str, dict[str, tuple[str, str | None]]]:
    """Return the names of a book's accounts, funds and voucher kinds, by what they are and their code."""
    rows = conn.execute(
        text("""\
            SELECT 'account' AS what, account AS code, name_vi, name_en FROM soquy.account
            WHERE tenant_id = :tenant_id AND book_id = :book_id
            UNION ALL SELECT 'fund', fund, name_vi, name_en FROM soquy.fund
            WHERE tenant_id = :tenant_id AND book_id = :book_id
            UNION ALL SELECT 'voucher', k.voucher_kind, k.name_vi, k.name_en
            FROM soquy.book AS b JOIN soquy.voucher_kind AS k USING (chart)
            WHERE b.tenant_id = :tenant_id AND b.book_id = :book_id
            LIMIT 10000"""),
        {"tenant_id": book.tenant_id, "book_id": book.book_id},
    )
    names: dict[str, dict[str, tuple[str, str | None]]] = {"account": {}, "fund": {}, "voucher": {}}
    for row in rows:
        names[row.what][row.code] = (row.name_vi, row.name_en)
    return names


def minor_digits(conn: Connection) -> dict[str, int]:
    """Return how many decimals the amounts of each currency carry."""
    return {row.currency: row.minor_digits for row in conn.execute(text("SELECT * FROM soquy.currency LIMIT 1000"))}
