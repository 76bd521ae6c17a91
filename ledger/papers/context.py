"""What a paper shows that is not in the entry and may change: names, the service's address, what was known by then.

It is kept with the first print, so that a reprint shows the same whatever was renamed or moved since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book, VoucherNumber
from ledger.demo.presence import demo_place
from ledger.papers.imprint import Imprint
from ledger.papers.model import Named, Notice, Unit

_NAMES: Final = text("""\
SELECT a.name_vi, a.name_en, a.is_sample, p.name_vi AS above, (
        SELECT jsonb_object_agg(f.fund, jsonb_build_array(f.name_vi, f.name_en)) FROM soquy.fund AS f
        WHERE f.tenant_id = :tenant_id AND f.book_id = :book_id AND f.fund = ANY (CAST(:funds AS text[]))
    ) AS funds, (
        SELECT jsonb_build_array(m.name_vi, m.name_en) FROM soquy.campaign AS m
        WHERE m.tenant_id = :tenant_id AND m.campaign = :campaign
    ) AS campaign, (
        SELECT jsonb_build_array(c.name_vi, c.name_en) FROM soquy.channel AS c WHERE c.channel = :channel
    ) AS channel, (
        SELECT jsonb_build_array(k.name_vi, k.name_en) FROM soquy.earmark AS k
        WHERE k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.earmark = :earmark
    ) AS earmark, (
        SELECT jsonb_build_array(v.voucher_kind, v.fiscal_year, v.voucher_number, v.entry_on) FROM soquy.entry AS v
        WHERE v.tenant_id = :tenant_id AND v.book_id = :book_id AND v.corrects_seq = :seq AND v.kind = 'reversal'
    ) AS reversal, (
        SELECT count(DISTINCT d.document_id) FROM soquy.attachment AS d
        WHERE d.tenant_id = :tenant_id AND d.target_id = :entry_id AND NOT EXISTS (
            SELECT FROM soquy.attachment_disowning AS w
            WHERE w.tenant_id = d.tenant_id AND w.attachment_id = d.event_id)
    ) AS document_count
FROM soquy.association AS a
LEFT JOIN soquy.association AS p ON p.tenant_id = a.parent_tenant_id AND p.association_id = a.parent_id
WHERE a.tenant_id = :tenant_id AND a.association_id = :association_id""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Names by which a paper calls things, and what it had to say when it was printed first."""

    unit: Unit
    funds: Mapping[str, Named]
    campaign: Named | None
    channel: Named | None
    earmark: Named | None
    document_count: int
    notices: tuple[Notice, ...]
    imprint: Imprint

    def members(self) -> dict[str, Any]:
        """Return it as the paper's row keeps it."""
        return {
            "unit": [self.unit.name.vi, self.unit.name.en, self.unit.above],
            "funds": {code: _pair(name) for code, name in self.funds.items()},
            "campaign": _pair(self.campaign),
            "channel": _pair(self.channel),
            "earmark": _pair(self.earmark),
            "documents": self.document_count,
            "notices": [each.members() for each in self.notices],
            "imprint": self.imprint.members(),
        }

    @classmethod
    def parse(cls, members: Mapping[str, Any]) -> Self:
        """Return what ``members`` gave."""
        name_vi, name_en, above = members["unit"]
        return cls(
            unit=Unit(name=Named(vi=name_vi, en=name_en), above=above),
            funds={code: Named(vi=vi, en=en) for code, (vi, en) in members["funds"].items()},
            campaign=_named(members["campaign"]),
            channel=_named(members["channel"]),
            earmark=_named(members["earmark"]),
            document_count=members["documents"],
            notices=tuple(_notice(each) for each in members["notices"]),
            imprint=Imprint.parse(members["imprint"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The entry of a paper, and the codes whose names it shows."""

    entry_id: UUID
    seq: int
    funds: Sequence[str]
    campaign: str | None
    channel: str | None
    earmark: str | None


def context_now(conn: Connection, book: Book, codes: Codes, imprint: Imprint) -> Context:
    """Return the context of a paper that is printed now."""
    row = conn.execute(
        _NAMES,
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "association_id": book.association_id,
            "seq": codes.seq,
            "entry_id": codes.entry_id,
            "funds": list(codes.funds),
            "campaign": codes.campaign,
            "channel": codes.channel,
            "earmark": codes.earmark,
        },
    ).one()
    notices = []
    if row.is_sample or demo_place(conn, book.tenant_id) is not None:
        notices.append(Notice(kind="sample"))
    if row.reversal is not None:
        kind, year, number, on = row.reversal
        voucher = VoucherNumber(kind=kind, fiscal_year=year, number=number)
        notices.append(Notice(kind="reversed", voucher=voucher, on=date.fromisoformat(on)))
    return Context(
        unit=Unit(name=Named(vi=row.name_vi, en=row.name_en), above=row.above),
        funds={code: Named(vi=vi, en=en) for code, (vi, en) in (row.funds or {}).items()},
        campaign=_named(row.campaign),
        channel=_named(row.channel),
        earmark=_named(row.earmark),
        document_count=row.document_count,
        notices=tuple(notices),
        imprint=imprint,
    )


def _pair(name: Named | None) -> list[str | None] | None:
    return None if name is None else [name.vi, name.en]


def _named(pair: Sequence[Any] | None) -> Named | None:
    return None if pair is None else Named(vi=pair[0], en=pair[1])


def _notice(members: Mapping[str, Any]) -> Notice:
    """Return a notice as it was kept; its voucher is spelled as papers spell it."""
    voucher = None
    if members["voucher"] is not None:
        kind, year, number = members["voucher"].split("/")
        voucher = VoucherNumber(kind=kind, fiscal_year=int(year), number=int(number))
    on = None if members["on"] is None else date(*members["on"])
    return Notice(kind=members["kind"], voucher=voucher, on=on)
