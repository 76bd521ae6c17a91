"""What somebody who records a gift may choose from, and what they chose last: so that most is chosen already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.giving.model import Medium
from ledger.giving.rules import GOODS_ACCOUNTS

RECENT_ENTRY_COUNT: Final = 500
"""How far back what somebody chose last is looked for."""

_CHOICES: Final = text("""\
SELECT jsonb_build_object(
    'accounts', (
        SELECT jsonb_agg(jsonb_build_array(a.account, a.name_vi, a.name_en, a.role, a.currency, c.minor_digits)
            ORDER BY a.account)
        FROM soquy.account AS a
        JOIN soquy.currency AS c USING (currency)
        WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND NOT a.is_parent AND a.closed_on IS NULL
            AND (a.role IN ('cash', 'bank') OR left(a.account, 3) = ANY (CAST(:goods AS text[])))
    ),
    'funds', (
        SELECT jsonb_agg(jsonb_build_array(f.fund, f.name_vi, f.name_en) ORDER BY f.opened_on, f.fund)
        FROM soquy.fund AS f
        WHERE f.tenant_id = :tenant_id AND f.book_id = :book_id AND f.closed_on IS NULL
    ),
    'channels', (
        SELECT jsonb_agg(jsonb_build_array(n.channel, n.name_vi, n.name_en) ORDER BY n.channel) FROM soquy.channel AS n
    ),
    'campaigns', (
        SELECT jsonb_agg(jsonb_build_array(m.campaign, m.name_vi, m.name_en) ORDER BY m.opened_on DESC, m.campaign)
        FROM soquy.campaign AS m
        WHERE m.tenant_id = :tenant_id AND coalesce(m.closed_on, :on) >= :on
    ),
    'earmarks', (
        SELECT jsonb_agg(jsonb_build_array(k.earmark, k.name_vi, k.name_en, k.fund) ORDER BY k.fund, k.earmark)
        FROM soquy.earmark AS k
        WHERE k.tenant_id = :tenant_id AND k.book_id = :book_id AND coalesce(k.closed_on, :on) >= :on
    ),
    'last', (
        SELECT jsonb_build_array(
            (SELECT p.account FROM soquy.posting AS p WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id
                AND p.seq = e.seq AND p.entry_on = e.entry_on AND p.value_minor > 0 ORDER BY p.line LIMIT 1),
            (SELECT jsonb_build_array(p.fund, p.channel, p.campaign) FROM soquy.posting AS p
                WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq
                AND p.entry_on = e.entry_on AND p.channel IS NOT NULL ORDER BY p.line LIMIT 1))
        FROM soquy.entry AS e
        WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.kind = 'ordinary'
            AND e.actor_id = :principal_id AND e.seq > h.last_seq - :recent
            AND EXISTS (SELECT FROM soquy.contribution AS g
                WHERE g.tenant_id = e.tenant_id AND g.book_id = e.book_id AND g.seq = e.seq)
        ORDER BY e.seq DESC
        LIMIT 1
    ),
    'digits', (SELECT jsonb_object_agg(u.currency, u.minor_digits) FROM soquy.currency AS u),
    'locked_through', h.locked_through
)
FROM soquy.book_head AS h
WHERE h.tenant_id = :tenant_id AND h.book_id = :book_id""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something with a code and names."""

    code: str
    name_vi: str
    name_en: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoice(Choice):
    """Where a gift may be now; ``minor_digits`` are the decimals of its currency."""

    medium: Medium
    currency: str
    minor_digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarmarkChoice(Choice):
    """A purpose within a fund."""

    fund: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What stood on the last gift that somebody recorded."""

    account: str
    fund: str
    channel: str
    campaign: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may be chosen in a book at the moment, and what the one who asks chose last.

    ``digits`` are the decimals of every currency.
    """

    accounts: tuple[AccountChoice, ...]
    funds: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    campaigns: tuple[Choice, ...]
    earmarks: tuple[EarmarkChoice, ...]
    digits: Mapping[str, int]
    last: Chosen | None
    locked_through: date | None

    def account(self, code: str) -> AccountChoice | None:
        """Return an account by its code."""
        return next((each for each in self.accounts if each.code == code), None)


def find_choices(conn: Connection, book: Book, *, on: date, principal_id: UUID | None = None) -> Choices:
    """Return what may be chosen of a book on a day. One query."""
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "goods": list(GOODS_ACCOUNTS),
        "on": on,
        "principal_id": principal_id,
        "recent": RECENT_ENTRY_COUNT,
    }
    facts: Mapping[str, Any] = conn.execute(_CHOICES, asked).scalar_one()
    locked = facts["locked_through"]
    return Choices(
        accounts=tuple(_account(row) for row in facts["accounts"] or ()),
        funds=_choices(facts["funds"]),
        channels=_choices(facts["channels"]),
        campaigns=_choices(facts["campaigns"]),
        earmarks=tuple(
            EarmarkChoice(code=code, name_vi=vi, name_en=en, fund=fund)
            for code, vi, en, fund in facts["earmarks"] or ()
        ),
        digits=facts["digits"],
        last=_last(facts["last"]),
        locked_through=None if locked is None else date.fromisoformat(locked),
    )


def _choices(rows: list[list[Any]] | None) -> tuple[Choice, ...]:
    return tuple(Choice(code=code, name_vi=vi, name_en=en) for code, vi, en in rows or ())


def _account(row: list[Any]) -> AccountChoice:
    code, vi, en, role, currency, digits = row
    medium: Medium = role if role in {"cash", "bank"} else "goods"
    return AccountChoice(code=code, name_vi=vi, name_en=en, medium=medium, currency=currency, minor_digits=digits)


def _last(found: list[Any] | None) -> Chosen | None:
    if found is None or found[0] is None or found[1] is None:
        return None
    account, (fund, channel, campaign) = found
    return Chosen(account=account, fund=fund, channel=channel, campaign=campaign)
