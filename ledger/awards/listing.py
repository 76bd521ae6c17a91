"""Lay a list before the council: freeze who is given what, each once, in a fixed number of statements.

The list's leaf comes first and commits to who laid it; then those of its awards, what the vault keeps of each, their
rows, and the list's own. The database looks at all of it again (``migrations/sql/0021_award.sql``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit import jcs
from audit.columns import plain_array, text_array
from audit.jcs import Json
from ledger import typeid
from ledger.awards.errors import ListRefused, ListStateRefused
from ledger.awards.identity import identity_of
from ledger.awards.model import OVER, Beneficiary, Listing, Round, Submitted
from ledger.awards.people import find_or_add, minors_without_guardian, person_faults
from ledger.awards.queries import lists_of
from ledger.awards.round import round_by_id
from ledger.awards.rules import FAULT_COUNT_MAX, clean_listing, twin_faults
from ledger.books.event import Event, record_event, record_events
from ledger.books.model import Actor, Book
from ledger.books.posting import BULK_SIZE_MIN
from ledger.books.tables import insert_row, raise_refusal
from ledger.books.taking import take_book
from ledger.calendar import TIME_ZONE, fiscal_year, today
from ledger.errors import Fault
from ledger.money import VND
from ledger.people.vault import vault_of

_REPLAN: Final = text("DISCARD PLANS")

_EARLIER: Final = text("""\
SELECT a.place, max(c.ordinal) AS ordinal,
    max(CAST(l.round_id AS text)) FILTER (WHERE NOT soquy.is_award_list_over(w.tenant_id, w.list_id)) AS round_id,
    coalesce(bool_or(w.list_id IS NULL OR NOT soquy.is_award_list_over(w.tenant_id, w.list_id)), false) AS is_held
FROM unnest(CAST(:place AS integer[]), CAST(:identity AS text[])) AS a (place, identity)
JOIN vault.award_claim AS c ON c.tenant_id = :tenant_id AND c.program = :program AND c.period = :period
    AND c.identity = decode(a.identity, 'hex')
LEFT JOIN soquy.award AS w ON w.tenant_id = c.tenant_id AND w.award_id = c.award_id
LEFT JOIN soquy.award_list AS l ON l.tenant_id = w.tenant_id AND l.list_id = w.list_id
GROUP BY a.place
ORDER BY a.place""")

_ELSEWHERE: Final = text("""\
SELECT vault.count_claims_elsewhere(:program, :period,
    ARRAY(SELECT decode(i, 'hex') FROM unnest(CAST(:identity AS text[])) AS i))""")

# In one order, so that two lists with the same people wait for each other once.
_CLAIM: Final = text("""\
WITH claimed AS (
    INSERT INTO vault.award_claim (tenant_id, program, period, identity, ordinal, award_id)
    SELECT :tenant_id, :program, :period, decode(c.identity, 'hex'), c.ordinal, c.award_id
    FROM unnest(CAST(:identity AS text[]), CAST(:ordinal AS smallint[]), CAST(:award_id AS uuid[]))
        AS c (identity, ordinal, award_id)
    ORDER BY c.identity
    ON CONFLICT ON CONSTRAINT award_claim_pk DO NOTHING
    RETURNING award_id
)
SELECT count(*) FROM claimed""")

_KEEP: Final = text("""\
INSERT INTO vault.beneficiary (tenant_id, book_id, award_id, person_id, name, birth_year, class_name, school, reason)
SELECT :tenant_id, :book_id, b.* FROM unnest(CAST(:award_id AS uuid[]), CAST(:person_id AS uuid[]),
    CAST(:name AS text[]), CAST(:birth_year AS smallint[]), CAST(:class_name AS text[]), CAST(:school AS text[]),
    CAST(:reason AS text[])) AS b""")

_INSERT: Final = text("""\
INSERT INTO soquy.award (tenant_id, book_id, list_id, line_count, award_id, line, amount_minor)
SELECT :tenant_id, :book_id, :list_id, :line_count, a.* FROM unnest(CAST(:award_id AS uuid[]),
    CAST(:line AS integer[]), CAST(:amount_minor AS bigint[])) AS a""")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    """Who is on the list, and the ordinal of each claim."""

    beneficiaries: list[Beneficiary]
    identities: list[bytes]
    ordinals: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """The last claim of a row's beneficiary, and what there is to say of it where it holds."""

    index: int
    ordinal: int
    is_held: bool
    fault: Fault


def amount_text(amount_minor: int) -> str:
    """Return the amount that an award's leaf commits to."""
    return f"{amount_minor} {VND}"


def beneficiary_text(beneficiary: Beneficiary) -> str:
    """Return who an award's leaf commits to, in canonical JSON."""
    return jcs.write(
        {
            "name": beneficiary.name,
            "birth_year": beneficiary.birth_year,
            "class": beneficiary.class_name,
            "school": beneficiary.school,
            "reason": beneficiary.reason,
        }
    )


def submit_list(conn: Connection, book: Book, round_id: UUID, listing: Listing, *, actor: Actor) -> Submitted:
    """Lay a list of a round, or a new version of one that is over; return it with what there is to know of it.

    Raises:
        RoundNotFound: the book has no such round.
        ListStateRefused: the version before is not over.
        ListRefused: carries every fault, with its row.
    """
    taken = take_book(conn, book)
    opened = round_by_id(conn, book, round_id)
    before = lists_of(conn, book, round_id)
    if before and before[0].state not in OVER:
        raise ListStateRefused(list=typeid.encode(typeid.AWARD_LIST, before[0].list_id), state=before[0].state)
    claims = _claims(conn, book, opened, listing)
    is_bulk = len(listing.nominees) >= BULK_SIZE_MIN
    if is_bulk:
        conn.execute(_REPLAN)
    try:
        submitted = _record(
            conn,
            book,
            opened,
            listing,
            claims,
            version=before[0].version + 1 if before else 1,
            at=datetime.fromisoformat(taken["recorded_at"]).astimezone(UTC),
            actor=actor,
        )
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    if is_bulk:
        conn.execute(_REPLAN)
    return submitted


def preview_list(conn: Connection, book: Book, round_id: UUID, listing: Listing, *, actor: Actor) -> Submitted:
    """Lay a list and take it back: the real path with the real verdict, and nothing left behind.

    Raises:
        RoundNotFound, ListStateRefused, ListRefused: as ``submit_list`` would.
    """
    savepoint = conn.begin_nested()
    try:
        return submit_list(conn, book, round_id, listing, actor=actor)
    finally:
        savepoint.rollback()


def _claims(conn: Connection, book: Book, opened: Round, listing: Listing) -> _Claims:
    """Return who is on the list, where nothing is wrong with any row of it."""
    cleaned, faults = clean_listing(listing, opened.category, today=today())
    key = vault_of(conn).identity_key(conn)
    identities = [None if each is None else identity_of(key, each, book) for each in cleaned]
    faults += [*twin_faults(identities), *person_faults(conn, book, listing.nominees[: len(cleaned)])]
    ordinals = dict.fromkeys(range(len(identities)), 1)
    for earlier in _earlier(conn, book, opened, identities):
        ordinals[earlier.index] = earlier.ordinal + 1
        faults += [earlier.fault] if earlier.is_held else []
    if faults:
        faults.sort(key=lambda fault: (fault.line is None, fault.line or 0))
        raise ListRefused(faults[:FAULT_COUNT_MAX])
    return _Claims(
        beneficiaries=[each for each in cleaned if each is not None],
        identities=[each for each in identities if each is not None],
        ordinals=list(ordinals.values()),
    )


def _earlier(conn: Connection, book: Book, opened: Round, identities: Sequence[bytes | None]) -> Iterator[_Earlier]:
    """Yield of each row whose beneficiary has claimed the same before what the last of the claims is."""
    known = [(index, identity) for index, identity in enumerate(identities) if identity is not None]
    asked = {
        **_scope(book, opened),
        "place": plain_array(index for index, _ in known),
        "identity": plain_array(identity.hex() for _, identity in known),
    }
    for row in conn.execute(_EARLIER, asked):
        fields = {
            "program": opened.program,
            "period": opened.period,
            "round": None if row.round_id is None else typeid.encode(typeid.ROUND, UUID(row.round_id)),
        }
        fault = Fault(code="award_given_before", line=row.place, field="name", fields=fields)
        yield _Earlier(index=row.place, ordinal=row.ordinal, is_held=row.is_held, fault=fault)


def _record(
    conn: Connection,
    book: Book,
    opened: Round,
    listing: Listing,
    claims: _Claims,
    *,
    version: int,
    at: datetime,
    actor: Actor,
) -> Submitted:
    """Record a list that is right; whoever else claims one of its people at the same moment comes first or last."""
    count, total_minor = len(listing.nominees), listing.sum_minor
    payload: dict[str, Json] = {
        "round": typeid.encode(typeid.ROUND, opened.round_id),
        "version": version,
        "awards": count,
        "total_minor": total_minor,
    }
    list_id = record_event(conn, book, "round.listed", payload, actor=actor)
    ids = [typeid.new_id() for _ in claims.beneficiaries]
    events = list(_events(list_id, listing, claims.beneficiaries, ids))
    year = fiscal_year(at.astimezone(TIME_ZONE).date())
    record_events(conn, book, events, actor=actor, recorded_at=at, fiscal_year=year)
    scope = {**_scope(book, opened), "identity": plain_array(identity.hex() for identity in claims.identities)}
    claimed = {**scope, "ordinal": plain_array(claims.ordinals), "award_id": plain_array(ids)}
    if conn.execute(_CLAIM, claimed).scalar_one() != count:
        # Somebody was faster, who may have taken their list back since.
        found = _earlier(conn, book, opened, claims.identities)
        raise ListRefused([each.fault for each in found if each.ordinal >= claims.ordinals[each.index]])
    person_ids = find_or_add(conn, book, listing.nominees, claims.beneficiaries, claims.identities, actor=actor)
    conn.execute(_KEEP, _kept(book, claims.beneficiaries, ids, person_ids))
    row = {"tenant_id": book.tenant_id, "book_id": book.book_id, "list_id": list_id}
    amounts = plain_array(nominee.amount_minor for nominee in listing.nominees)
    lines = {"award_id": plain_array(ids), "line": plain_array(range(1, count + 1)), "amount_minor": amounts}
    conn.execute(_INSERT, {**row, "line_count": count, **lines})
    listed = {"round_id": opened.round_id, "version": version, "award_count": count, "total_minor": total_minor}
    insert_row(conn, "award_list", {**row, **listed})
    return Submitted(
        list_id=list_id,
        version=version,
        award_count=count,
        total_minor=total_minor,
        without_guardian=minors_without_guardian(conn, book, claims.beneficiaries, person_ids),
        elsewhere_count=conn.execute(_ELSEWHERE, scope).scalar_one(),
    )


def _events(
    list_id: UUID, listing: Listing, beneficiaries: Sequence[Beneficiary], ids: Sequence[UUID]
) -> Iterator[Event]:
    """Make the leaves: the list, the line of so many, and commitments to who is given how much."""
    common: dict[str, Json] = {"list": typeid.encode(typeid.AWARD_LIST, list_id), "of": len(ids)}
    for index, (event_id, nominee, beneficiary) in enumerate(
        zip(ids, listing.nominees, beneficiaries, strict=True), start=1
    ):
        private = {"amount": amount_text(nominee.amount_minor), "beneficiary": beneficiary_text(beneficiary)}
        yield Event(event_id=event_id, type="award.listed", payload={**common, "line": index}, private=private)


def _kept(
    book: Book, beneficiaries: Sequence[Beneficiary], ids: Sequence[UUID], person_ids: Sequence[UUID]
) -> dict[str, object]:
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "award_id": plain_array(ids),
        "person_id": plain_array(person_ids),
        "name": text_array(each.name for each in beneficiaries),
        "birth_year": plain_array(each.birth_year for each in beneficiaries),
        "class_name": text_array(each.class_name for each in beneficiaries),
        "school": text_array(each.school for each in beneficiaries),
        "reason": text_array(each.reason for each in beneficiaries),
    }


def _scope(book: Book, opened: Round) -> dict[str, object]:
    return {"tenant_id": book.tenant_id, "program": opened.program, "period": opened.period}
