"""Two people who consent to what a test proposes, so that tests can post payments as they post receipts."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import Role
from ledger.approvals.commands import grant_all
from ledger.approvals.queries import known_approvals
from ledger.books.model import Actor, Book, EntryDraft, PostedBatch, Request, VoucherNumber
from ledger.books.posting import post
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal, Proposed

APPROVERS: Final[tuple[Actor, ...]] = tuple(
    Actor(principal_id=uuid.UUID(int=0x018F0000_0000_7000_8000_0000000000C0 + place), role=role, prefix=typeid.USER)
    for place, role in enumerate(("chief_accountant", "account_holder"))
)
_HELD: Final = text("""\
SELECT user_id FROM soquy.role_holder WHERE tenant_id = :tenant_id AND association_id = :association_id""")


def needs_consent(draft: EntryDraft) -> bool:
    """Tell whether an entry takes money out, pays or adjusts; a voucher issued before is taken as agreed to."""
    if isinstance(draft.voucher, VoucherNumber) or draft.kind not in {"ordinary", "adjustment"}:
        return False
    money = sum(line.value_minor for line in draft.lines if line.account.startswith(("111", "112")))
    return draft.kind == "adjustment" or draft.voucher in {"PC", "BN"} or money < 0


def agree(conn: Connection, book: Book, proposed: Sequence[Proposed]) -> None:
    """Consent to proposals, in the roles that are asked."""
    consent_to(conn, book, [each.approval_id for each in proposed])


def consent_to(conn: Connection, book: Book, approval_ids: Sequence[uuid.UUID]) -> None:
    """Consent to requests, in the roles that are asked."""
    asked = {"tenant_id": book.tenant_id, "association_id": book.association_id}
    held = set(conn.execute(_HELD, asked).scalars())
    for approver in APPROVERS:
        if approver.principal_id not in held:
            role: Role = "chief_accountant" if approver.role == "chief_accountant" else "account_holder"
            grant_role(conn, book, approver.principal_id, role, actor=approver)
    for approver in APPROVERS:
        waiting = [each for each in known_approvals(conn, book, approval_ids).values() if approver.role in each.roles]
        if waiting:
            grant_all(conn, book, [each.approval_id for each in waiting], actor=approver)


def consented(conn: Connection, book: Book, drafts: Sequence[EntryDraft], *, actor: Actor) -> list[EntryDraft]:
    """Propose what needs consent and have it agreed to; return all drafts, ready to be posted."""
    chosen = [index for index, draft in enumerate(drafts) if needs_consent(draft)]
    if not chosen:
        return list(drafts)
    proposed = propose(conn, book, [Proposal(draft=drafts[index]) for index in chosen], actor=actor)
    agree(conn, book, proposed)
    ready = list(drafts)
    for index, each in zip(chosen, proposed, strict=True):
        ready[index] = replace(ready[index], voucher=each.voucher)
    return ready


def post_agreed(
    conn: Connection, book: Book, drafts: Sequence[EntryDraft], *, actor: Actor, request: Request | None = None
) -> PostedBatch:
    """Post drafts, with consent to those that need it."""
    return post(conn, book, consented(conn, book, drafts, actor=actor), actor=actor, request=request)
