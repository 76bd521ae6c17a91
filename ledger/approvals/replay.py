"""Make requests for consent and what came of them again from their leaves, which only commit to who said it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from audit.columns import text_array
from ledger import typeid
from ledger.approvals.model import PREFIXES
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row

_POLICY: Final = text("""\
INSERT INTO soquy.approval_policy (tenant_id, book_id, policy_id, action, from_minor, roles, is_ordered, days,
    recorded_at)
VALUES (:tenant_id, :book_id, :policy_id, :action, :from_minor, CAST(:roles AS text[]), :is_ordered, :days,
    :recorded_at)""")
_APPROVAL: Final = text("""\
INSERT INTO soquy.approval (tenant_id, book_id, approval_id, action, subject_id, amount_minor, roles, is_ordered,
    expires_on, recorded_at)
VALUES (:tenant_id, :book_id, :approval_id, :action, :subject_id, :amount_minor, CAST(:roles AS text[]), :is_ordered,
    :expires_on, :recorded_at)""")


def _policy(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    conn.execute(_POLICY, {**home(book), **_terms(payload), "policy_id": event_id, "recorded_at": leaf.recorded_at})


def _asked(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    subject_id = typeid.decode(PREFIXES[payload["action"]], payload.pop("subject"))
    row = {**_terms(payload), "approval_id": event_id, "subject_id": subject_id, "recorded_at": leaf.recorded_at}
    conn.execute(_APPROVAL, {**home(book), **row})


def _terms(payload: dict[str, Any]) -> dict[str, Any]:
    told = dict(payload)
    return told | {"roles": text_array(told["roles"]), "is_ordered": told.pop("ordered")}


def _decision(*, is_granted: bool) -> Maker:
    def make(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        approval_id = typeid.decode(typeid.APPROVAL, payload["approval"])
        said = {"step": payload["step"], "is_granted": is_granted, "event_id": event_id}
        row = {"approval_id": approval_id, **said, "recorded_at": leaf.recorded_at}
        insert_row(conn, "approval_decision", {**home(book), **row})

    return make


def _withdrawal(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    approval_id = typeid.decode(typeid.APPROVAL, payload["approval"])
    row = {"approval_id": approval_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "approval_withdrawal", {**home(book), **row})


APPROVAL_MAKERS: Final[Mapping[str, Maker]] = {
    "approval.policy_set": _policy,
    "approval.asked": _asked,
    "approval.granted": _decision(is_granted=True),
    "approval.denied": _decision(is_granted=False),
    "approval.withdrawn": _withdrawal,
}
"""Type of leaf → what makes its row again."""
