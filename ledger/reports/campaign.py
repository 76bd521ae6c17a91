"""What a campaign has brought in: from the totals, in the books of an association and of all below it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from ledger.errors import ReferenceUnknown
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChannel:
    """What came by one channel, less what was reversed of it."""

    channel: str
    name_vi: str
    name_en: str
    received_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStanding:
    """A campaign, what it has brought in so far by channel, the largest first, and how many gifts that were."""

    campaign: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None
    channels: tuple[CampaignChannel, ...]
    gift_count: int

    @property
    def received_minor(self) -> int:
        """What came in all."""
        return sum(each.received_minor for each in self.channels)


_CAMPAIGN: Final = text("""\
SELECT name_vi, name_en, opened_on, closed_on FROM soquy.campaign
WHERE tenant_id = :tenant_id AND campaign = :campaign""")

# A fund's lines alone: the other side of each entry is the same money.
_CHANNELS: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT m.channel, c.name_vi, c.name_en, CAST(sum(m.credit_minor - m.debit_minor) AS bigint) AS received_minor
FROM scope
JOIN soquy.month_total AS m ON m.tenant_id = :tenant_id AND m.book_id = scope.book_id
JOIN soquy.account AS a ON a.tenant_id = m.tenant_id AND a.book_id = m.book_id AND a.account = m.account
JOIN soquy.channel AS c ON c.channel = m.channel
WHERE m.campaign = :campaign AND m.channel <> '' AND a.role = 'fund'
GROUP BY m.channel, c.name_vi, c.name_en
ORDER BY received_minor DESC, m.channel
LIMIT 100""")  # noqa: S608 - composed of constants

_GIFTS: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT CAST(coalesce(sum(lines.line_count), 0) AS bigint)
FROM scope
JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = scope.book_id
JOIN soquy.posting AS p ON p.tenant_id = :tenant_id AND p.book_id = f.book_id AND p.account = f.balance_account
    AND p.fund = f.fund AND p.entry_on >= :opened_on AND p.campaign = :campaign AND p.channel IS NOT NULL
CROSS JOIN LATERAL (
    SELECT max(c.line) AS line_count FROM soquy.contribution AS c
    WHERE c.tenant_id = :tenant_id AND c.book_id = p.book_id AND c.seq = p.seq
) AS lines
WHERE NOT EXISTS (
    SELECT FROM soquy.entry AS v
    WHERE v.tenant_id = :tenant_id AND v.book_id = p.book_id AND v.corrects_seq = p.seq AND v.kind = 'reversal')
""")  # noqa: S608 - composed of constants


def campaign_standing(conn: Connection, scope: Scope, campaign: str) -> CampaignStanding:
    """Return how a campaign stands in the books of a scope.

    Raises:
        ReferenceUnknown: the tenant has no such campaign.
    """
    named = {"tenant_id": scope.tenant_id, "campaign": campaign}
    row = conn.execute(_CAMPAIGN, named).one_or_none()
    if row is None:
        raise ReferenceUnknown(field="campaign", value=campaign[:40])
    asked = {**scope_parameters(conn, scope), **named}
    gift_count: int = conn.execute(_GIFTS, {**asked, "opened_on": row.opened_on}).scalar_one()
    return CampaignStanding(
        campaign=campaign,
        name_vi=row.name_vi,
        name_en=row.name_en,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        channels=tuple(CampaignChannel(**each) for each in conn.execute(_CHANNELS, asked).mappings()),
        gift_count=gift_count,
    )
