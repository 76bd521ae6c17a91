"""What a request to pay or to adjust is about, as approvers see it (``web/desk/approval/subject.py``)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from api.auth import Session
from ledger import typeid
from ledger.approvals.model import Action, Approval
from ledger.calendar import today
from ledger.documents.attachment import attachments_of
from ledger.proposals.model import PAYEE_RIGHTS, WaitingEntry
from ledger.proposals.queries import known_proposals
from ledger.reports.balance import balances
from web import figures
from web.desk.approval.subject import Check, Fact, Finder, Paper, Subject
from web.site import desk_path
from web.translation import _


def sees_payee(rights: Collection[str]) -> bool:
    """Tell whether somebody sees who is paid."""
    return not PAYEE_RIGHTS.isdisjoint(rights)


def find_payments(session: Session, asked: Sequence[Approval]) -> Mapping[UUID, Subject]:
    """Return proposed entries, each with what somebody should know before they agree."""
    conn, book = session.conn, session.book
    found = known_proposals(conn, book, [each.subject_id for each in asked]).values()
    held = {(each.account, each.fund): each.balance_minor for each in balances(conn, book, as_of=today())}
    attached: dict[UUID, list[Paper]] = {}
    for each in attachments_of(conn, book, [each.proposal_id for each in found]):
        if not each.is_disowned and each.document_id is not None and each.name is not None:
            path = desk_path(book.association_id, "documents", typeid.encode(typeid.DOCUMENT, each.document_id), "file")
            attached.setdefault(each.target_id, []).append(Paper(name=each.name, path=path))
    names = figures.dimension_names(conn, session.tenant_id)
    has_names = sees_payee(session.rights)
    return {
        each.proposal_id: Subject(
            title=each.payee if has_names else None,
            facts=tuple(_facts(each, names, has_names=has_names)),
            # Names of files may hold those of people; the files themselves take the same right.
            papers=tuple(attached.get(each.proposal_id, ())) if "people" in session.rights else (),
            checks=_checks(each, held, has_papers=each.proposal_id in attached),
            template="desk/payment/lines.html",
            more={"lines": each.lines, "names": names},
        )
        for each in found
    }


def _facts(
    found: WaitingEntry, names: Mapping[str, Mapping[str, tuple[str, str | None]]], *, has_names: bool
) -> list[Fact]:
    number = f"{found.voucher.kind}/{found.voucher.fiscal_year}/{found.voucher.number}"
    facts = [Fact(label=_("Phiếu"), value=number)]
    if has_names and found.payee is not None:
        facts.append(Fact(label=_("Người nhận"), value=found.payee))
    if found.description is not None:
        facts.append(Fact(label=_("Nội dung"), value=found.description))
    for line in found.lines:
        if line.program is not None:
            name, _english = names["program"].get(line.program, (line.program, None))
            facts.append(Fact(label=_("Chương trình"), value=name))
            if line.quantity is not None:
                facts.append(Fact(label=_("Số suất"), value=str(line.quantity)))
    return facts


def _checks(found: WaitingEntry, held: Mapping[tuple[str, str], int], *, has_papers: bool) -> tuple[Check, ...]:
    if found.state not in {"asked", "approved"}:
        return ()
    checks = []
    if any(
        line.value_minor < 0
        and held.get((line.account, line.fund), 0) < -line.value_minor
        and line.account.startswith(("111", "112"))
        for line in found.lines
    ):
        checks.append(Check(said=_("Hôm nay tài khoản chi không đủ tiền của quỹ này.")))
    if not has_papers:
        checks.append(Check(said=_("Chưa đính kèm giấy tờ nào.")))
    return tuple(checks)


PAYMENT_SUBJECTS: Final[Mapping[Action, Finder]] = {"payment": find_payments, "adjustment": find_payments}
"""How subjects of these actions are found."""
