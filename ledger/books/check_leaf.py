"""Rules of ``soquy check`` on what leaves say: the same as the rows beside them, and what the sealed values open.

The database can insist that a leaf exists (I9), not that its bytes are right; this reads every one. Rows stream, so
memory does not grow with the books.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit import canonical, commitment
from audit.jcs import CanonicalError
from ledger import typeid
from ledger.books.event import document_field
from ledger.books.event_type import LayoutError, check_layout
from ledger.books.leaf import entry_payload
from ledger.books.model import EntryDraft, Line, VoucherNumber
from ledger.money import VND, Rate
from ledger.people.sealing import DataKey, Opened, SealBroken, unseal
from ledger.people.vault import vault_of

FETCH_SIZE: Final = 500

_FIELDS: Final = tuple(each.name for each in fields(canonical.Leaf))

_LEAVES: Final = text("""\
SELECT a.tenant_id, a.book_id, a.event_id, a.type, a.association_id, a.book_seq, a.recorded_at, a.leaf,
    e.seq, e.kind, e.entry_on, e.actor_id, e.voucher_kind, e.fiscal_year, e.voucher_number, e.rate_currency, e.rate,
    e.rate_source,
    corrected.entry_id AS corrects_id,
    (
        SELECT jsonb_agg(jsonb_build_array(p.account, p.fund, p.value_minor, p.currency, p.amount_minor, p.channel,
            p.campaign, p.program, p.quantity) ORDER BY p.line)
        FROM soquy.posting AS p
        WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq AND p.entry_on = e.entry_on
    ) AS lines,
    (
        SELECT jsonb_agg(jsonb_build_array(s.field, s.value, encode(s.sealed, 'hex'), s.key_id) ORDER BY s.field)
        FROM vault.sealed_value AS s
        WHERE s.tenant_id = a.tenant_id AND s.event_id = a.event_id
    ) AS sealed,
    (
        SELECT array_agg(x.field) FROM vault.erasure AS x WHERE x.tenant_id = a.tenant_id AND x.event_id = a.event_id
    ) AS erased
FROM soquy.audit_entry AS a
LEFT JOIN soquy.entry AS e ON e.tenant_id = a.tenant_id AND e.entry_id = a.event_id AND a.type = 'entry'
LEFT JOIN soquy.entry AS corrected ON corrected.tenant_id = e.tenant_id AND corrected.book_id = e.book_id
    AND corrected.seq = e.corrects_seq
""")


def leaf_faults(conn: Connection) -> Iterator[tuple[str, int, int | None, dict[str, Any]]]:
    """Yield rule, tenant, book and what differs, for every leaf and sealed value that is not what it should be."""
    keys = data_keys(conn)
    rows = conn.execute(_LEAVES, execution_options={"stream_results": True, "yield_per": FETCH_SIZE})
    for row in rows:
        event = {"event_id": str(row.event_id), "type": row.type, "seq": row.book_seq}
        try:
            leaf = canonical.decode(row.leaf)
        except CanonicalError as error:
            yield "leaf_canonical", row.tenant_id, row.book_id, {**event, "code": error.code}
            continue
        if row.seq is None and (misplaced := _misplaced(leaf)) is not None:
            yield "leaf_layout", row.tenant_id, row.book_id, {**event, "where": misplaced}
        expected = _expected(leaf, row)
        differing = [name for name in _FIELDS if getattr(leaf, name) != getattr(expected, name)]
        if differing:
            yield "leaf_content", row.tenant_id, row.book_id, {**event, "fields": differing}
        opened = {each[0]: unsealed(keys, row, *each) for each in row.sealed or ()}
        closed = [field for field, found in opened.items() if found is None or not _opens(leaf, found)]
        if closed:
            yield "sealed_value_opens", row.tenant_id, row.book_id, {**event, "fields": closed}
        gone = sorted(_committed(leaf).keys() - opened.keys() - set(row.erased or ()))
        if gone:
            yield "sealed_value_kept", row.tenant_id, row.book_id, {**event, "fields": gone}
        if row.seq is not None and not _names_actor(row, opened.get("actor")):
            yield "entry_actor", row.tenant_id, row.book_id, event


def _misplaced(leaf: canonical.Leaf) -> str | None:
    """Return the member that is not as the leaf's type declares; an entry's are held against the entry itself."""
    try:
        check_layout(leaf)
    except LayoutError as error:
        return error.where
    return None


def _expected(leaf: canonical.Leaf, row: Row[tuple[object, ...]]) -> canonical.Leaf:
    """Return the leaf as the row beside it would have it; what only the leaf knows is taken from it."""
    expected = replace(
        leaf,
        type=row.type,
        event_id=typeid.encode(leaf.event_id.partition("_")[0], row.event_id),
        recorded_at=row.recorded_at.astimezone(UTC),
        book_seq=row.book_seq,
    )
    if row.association_id is not None:
        expected = replace(expected, association=typeid.encode(typeid.ASSOCIATION, row.association_id))
    if row.seq is None:
        return expected
    voucher = row.voucher_kind and VoucherNumber(
        kind=row.voucher_kind, fiscal_year=row.fiscal_year, number=row.voucher_number
    )
    draft = EntryDraft(
        entry_on=row.entry_on,
        lines=_lines(row.lines or ()),
        voucher=voucher,
        kind=row.kind,
        rate=row.rate and Rate(currency=row.rate_currency, value=row.rate, source=row.rate_source),
    )
    return replace(
        expected,
        event_id=typeid.encode(typeid.ENTRY, row.event_id),
        entry_on=row.entry_on,
        payload=entry_payload(draft, voucher),
        corrects=row.corrects_id and typeid.encode(typeid.ENTRY, row.corrects_id),
    )


def _names_actor(row: Row[tuple[object, ...]], sealed: Opened | None) -> bool:
    """Tell whether the actor that was sealed, while it is kept, is the one in the entry's row: a token or a user."""
    return sealed is None or sealed.value in {typeid.encode(kind, row.actor_id) for kind in (typeid.TOKEN, typeid.USER)}


def data_keys(conn: Connection) -> dict[UUID, DataKey]:
    """Return every data key of the deployment."""
    vault = vault_of(conn)
    # Not people's own: no leaf commits to what those seal.
    rows = conn.execute(text("SELECT tenant_id, key_id, wrapped, kek_id FROM vault.data_key WHERE subject_id IS NULL"))
    return {row.key_id: vault.data_key(row.tenant_id, row.key_id, row.wrapped, row.kek_id) for row in rows}


def unsealed(
    keys: Mapping[UUID, DataKey], row: Row[tuple[object, ...]], field: str, value: str | None, *rest: str
) -> Opened | None:
    """Open what a row has sealed of an event; none where it does not open, which another rule tells."""
    sealed, key_id = rest
    try:
        return unseal(keys[UUID(key_id)], row.event_id, field, value, bytes.fromhex(sealed))
    except (SealBroken, KeyError):
        return None


def _committed(leaf: canonical.Leaf) -> dict[str, str]:
    """Return everything that a leaf commits to, by the field under which the vault has it."""
    committed = {document_field(index): document.commitment for index, document in enumerate(leaf.documents)}
    if leaf.actor.commitment is not None:
        committed["actor"] = leaf.actor.commitment
    return {**committed, **leaf.private}


def _lines(rows: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(
            account=account,
            fund=fund,
            value_minor=value_minor,
            currency=currency,
            amount_minor=None if currency == VND else amount_minor,
            channel=channel,
            campaign=campaign,
            program=program,
            quantity=quantity,
        )
        for account, fund, value_minor, currency, amount_minor, channel, campaign, program, quantity in rows
    )


def _opens(leaf: canonical.Leaf, opened: Opened) -> bool:
    field = opened.field
    published = _committed(leaf).get(field)
    try:
        return published is not None and commitment.opens(published, opened.salt, leaf.event_id, field, opened.value)
    except commitment.CommitmentError:
        return False
