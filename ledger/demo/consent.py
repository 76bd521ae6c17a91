"""Two people of every association who consent to what it pays; where nobody signs in, they are made for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ledger.access.role import Role
from ledger.approvals.commands import grant_all
from ledger.books.model import EntryDraft
from ledger.demo.office import ACTOR, Office
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal, Proposed

_PAYING: Final = frozenset({"PC", "BN", "DC"})
_PAYEES: Final[Mapping[str, str]] = {
    "HB": "Các học sinh theo danh sách",
    "KT": "Các học sinh được khen thưởng theo danh sách",
    "TET": "Các gia đình theo danh sách",
    "TC": "Các học sinh theo danh sách",
    "QT": "Các học sinh theo danh sách",
    "NL": "Các học viên theo danh sách",
    "TB": "Công ty Thiết bị trường học Mẫu",
}


def agreed(office: Office, drafts: Sequence[EntryDraft]) -> list[EntryDraft]:
    """Propose what pays or adjusts and have it agreed to; return all drafts, ready to be posted."""
    chosen = [index for index, draft in enumerate(drafts) if draft.voucher in _PAYING]
    ready = list(drafts)
    if not chosen:
        return ready
    proposals = [Proposal(draft=drafts[index], payee=_payee(drafts[index])) for index in chosen]
    drafter = office.users.get("accountant", ACTOR)
    proposed = propose(office.conn, office.book, proposals, actor=drafter)
    _agree(office, proposed, "chief_accountant", [drafts[index].kind == "ordinary" for index in chosen])
    _agree(office, proposed, "account_holder", [True] * len(chosen))
    for index, each in zip(chosen, proposed, strict=True):
        ready[index] = replace(ready[index], voucher=each.voucher)
    return ready


def _agree(office: Office, proposed: Sequence[Proposed], role: Role, is_asked: Sequence[bool]) -> None:
    asked = [each.approval_id for each, is_one in zip(proposed, is_asked, strict=True) if is_one]
    if asked:
        grant_all(office.conn, office.book, asked, actor=office.approvers[role])


def _payee(draft: EntryDraft) -> str | None:
    program = next((line.program for line in draft.lines if line.program is not None), None)
    return None if program is None else _PAYEES[program]
