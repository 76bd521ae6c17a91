"""Rules of ``soquy check`` on consent, and the leaves that tell of it (``ledger/books/check_event.py``)."""

from collections.abc import Mapping
from typing import Final, cast

from ledger import typeid
from ledger.approvals.model import PREFIXES, Action
from ledger.books.check_event import Payload, Told, spelled

APPROVAL_RULES: Final[Mapping[str, str]] = {
    "approval_decider": """\
        SELECT d.tenant_id, d.book_id, d.approval_id, d.step
        FROM soquy.approval_decision AS d
        LEFT JOIN soquy.approval AS a USING (tenant_id, approval_id)
        WHERE a.book_id IS DISTINCT FROM d.book_id OR d.step > cardinality(a.roles) OR d.user_id = a.drafted_by
            OR a.is_ordered AND d.step > 1 AND NOT EXISTS (SELECT FROM soquy.approval_decision AS before
                WHERE before.tenant_id = d.tenant_id AND before.approval_id = d.approval_id
                    AND before.step = d.step - 1 AND before.is_granted)""",
    "approval_used": """\
        SELECT u.tenant_id, u.book_id, u.approval_id
        FROM soquy.approval_use AS u
        LEFT JOIN soquy.approval AS a USING (tenant_id, approval_id)
        WHERE a.book_id IS DISTINCT FROM u.book_id OR cardinality(a.roles) <> (
            SELECT count(*) FROM soquy.approval_decision AS d
            WHERE d.tenant_id = u.tenant_id AND d.approval_id = u.approval_id AND d.is_granted)""",
}
"""Name → rows that must not be: consent of who was not asked, or used before it was complete."""


def _approval(payload: Payload) -> Payload:
    return {**payload, "approval": spelled(typeid.APPROVAL, payload["approval"])}


def _asked(payload: Payload) -> Payload:
    action = cast("Action", payload["action"])
    return {**payload, "subject": spelled(PREFIXES[action], payload["subject"])}


def _decided(type_: str, *, is_granted: bool) -> Told:
    return Told(
        type=type_,
        rows=f"""\
            SELECT d.tenant_id, d.event_id, d.book_id, b.association_id, jsonb_build_object('approval', d.approval_id,
                'step', d.step, 'role', a.roles[d.step]) AS payload
            FROM soquy.approval_decision AS d
            JOIN soquy.approval AS a USING (tenant_id, approval_id)
            JOIN soquy.book AS b ON b.tenant_id = d.tenant_id AND b.book_id = d.book_id
            WHERE d.is_granted = {is_granted}""",  # noqa: S608 - a constant of the program
        spell=_approval,
    )


APPROVAL_EVENT_RULES: Final[Mapping[str, Told]] = {
    "approval_policy_leaf": Told(
        type="approval.policy_set",
        rows="""\
            SELECT tenant_id, p.policy_id AS event_id, book_id, association_id, jsonb_build_object('action', p.action,
                'from_minor', p.from_minor, 'roles', p.roles, 'ordered', p.is_ordered, 'days', p.days) AS payload
            FROM soquy.approval_policy AS p
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "approval_leaf": Told(
        type="approval.asked",
        rows="""\
            SELECT tenant_id, a.approval_id AS event_id, book_id, association_id, jsonb_build_object('action', a.action,
                'subject', a.subject_id, 'amount_minor', a.amount_minor, 'roles', a.roles, 'ordered', a.is_ordered,
                'expires_on', a.expires_on) AS payload
            FROM soquy.approval AS a
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_asked,
    ),
    "approval_granted_leaf": _decided("approval.granted", is_granted=True),
    "approval_denied_leaf": _decided("approval.denied", is_granted=False),
    "approval_withdrawal_leaf": Told(
        type="approval.withdrawn",
        rows="""\
            SELECT tenant_id, w.event_id, book_id, association_id,
                jsonb_build_object('approval', w.approval_id) AS payload
            FROM soquy.approval_withdrawal AS w
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_approval,
    ),
}
"""Name → the rows that leaves of a type tell of, and how the leaf says it."""
