"""``soquy check``: compute every projection and invariant again, over all tenants, and name what is wrong.

It trusts entries, postings, vouchers and leaves to be what they are, and nothing kept beside them; then it holds those
against each other and against the rules they were written under. A sound database yields nothing.

It needs a role that row-level security does not bind (the owner, or a superuser), and a transaction that sees one
state: REPEATABLE READ.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.approvals.check import APPROVAL_EVENT_RULES, APPROVAL_RULES
from ledger.awards.check import AWARD_EVENT_RULES, AWARD_RULES, award_value_faults
from ledger.books.check_event import EVENT_RULES, event_faults
from ledger.books.check_journal import JOURNAL_RULES
from ledger.books.check_leaf import leaf_faults
from ledger.books.check_log import LOG_RULES
from ledger.books.check_people import people_faults
from ledger.books.check_totals import TOTAL_RULES
from ledger.books.check_tree import tree_faults
from ledger.errors import LedgerError
from ledger.giving.check import GIVING_RULES, gift_value_faults
from ledger.giving.check_event import GIVING_EVENT_RULES
from ledger.intake.check import INTAKE_EVENT_RULES, INTAKE_RULES
from ledger.proposals.check import PROPOSAL_EVENT_RULES, PROPOSAL_RULES

FINDINGS_MAX: Final = 100
"""Findings of one rule; what is broken a thousand times is told a hundred times."""

RULES: Final[Mapping[str, str]] = {
    **TOTAL_RULES,
    **JOURNAL_RULES,
    **LOG_RULES,
    **GIVING_RULES,
    **INTAKE_RULES,
    **APPROVAL_RULES,
    **PROPOSAL_RULES,
    **AWARD_RULES,
}
_EVENT_RULES: Final = {
    **EVENT_RULES,
    **GIVING_EVENT_RULES,
    **INTAKE_EVENT_RULES,
    **APPROVAL_EVENT_RULES,
    **PROPOSAL_EVENT_RULES,
    **AWARD_EVENT_RULES,
}


class CheckRoleRefused(LedgerError):
    """Row-level security would hide books from this role, and a check that sees nothing finds nothing."""

    code = "check_role_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it must be: the rule, where, and what differs, as codes and numbers."""

    rule: str
    tenant_id: int | None
    book_id: int | None
    association: str | None
    fields: Mapping[str, Any]


def check(conn: Connection) -> Iterator[Finding]:
    """Yield what is wrong in the books of all tenants, rule by rule, at most ``FINDINGS_MAX`` of each.

    Raises:
        CheckRoleRefused: the connection's role does not see every book.
    """
    if not conn.execute(text("SELECT NOT row_security_active('soquy.entry')")).scalar_one():
        raise CheckRoleRefused
    associations = _associations(conn)
    for rule, query in RULES.items():
        limited = text(f"SELECT to_jsonb(f) AS fields FROM ({query}) AS f LIMIT :count")
        found = conn.execute(limited, {"count": FINDINGS_MAX}).all()
        for (fields,) in found:
            yield _finding(rule, fields.pop("tenant_id"), fields.pop("book_id"), fields, associations)
    counts: Counter[str] = Counter()
    for rule, tenant_id, book_id, fields in chain(
        event_faults(conn, _EVENT_RULES),
        leaf_faults(conn),
        gift_value_faults(conn),
        award_value_faults(conn),
        people_faults(conn),
        tree_faults(conn),
    ):
        counts[rule] += 1
        if counts[rule] <= FINDINGS_MAX:
            yield _finding(rule, tenant_id, book_id, fields, associations)


def _associations(conn: Connection) -> Mapping[int, UUID]:
    """Return the association of each book: some thousand, of which a finding names one."""
    return {
        row.book_id: row.association_id for row in conn.execute(text("SELECT book_id, association_id FROM soquy.book"))
    }


def _finding(
    rule: str, tenant_id: int | None, book_id: int | None, fields: Mapping[str, Any], associations: Mapping[int, UUID]
) -> Finding:
    association_id = associations.get(book_id) if book_id is not None else None
    return Finding(
        rule=rule,
        tenant_id=tenant_id,
        book_id=book_id,
        association=None if association_id is None else typeid.encode(typeid.ASSOCIATION, association_id),
        fields=fields,
    )
