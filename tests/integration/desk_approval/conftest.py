"""A commune's desk with people of every role that approves, and requests that wait for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.access.role import Role
from ledger.approvals.commands import ask
from ledger.approvals.model import Action
from ledger.approvals.queries import approval_by_id
from ledger.books.model import Actor
from ledger.calendar import today
from ledger.tenancy import set_tenant
from tests.integration.access.conftest import Place, database_admin, place
from tests.integration.desk_giving.page import desk
from tests.people_who_sign_in import Person, make_person, signed_in

__all__ = ["Place", "database_admin", "place"]


NAMES: Final[Mapping[Role, str]] = {
    "accountant": "Kiều Văn Toán",
    "chief_accountant": "Trưởng Thị Kế",
    "account_holder": "Chủ Văn Khoản",
    "cashier": "Thủ Thị Quỹ",
    "administrator": "Quản Văn Trị",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """Who sits at the commune's desk; an accountant of another name drafts."""

    place: Place
    admin: sa.Engine
    drafter: Person
    people: dict[Role, Person] = field(repr=False)

    def at(self, role: Role) -> TestClient:
        """Return a browser in which somebody of a role is signed in."""
        return signed_in(self.place.app, self.people[role])

    def ask(self, amount_minor: int = 1_000_000, *, action: Action = "exception", by: Person | None = None) -> str:
        """Have somebody ask for consent to something; return the request's id."""
        actor = Actor(principal_id=(by or self.drafter).user_id, role="accountant", prefix=typeid.USER)
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.place.commune.tenant_id)
            made = ask(conn, self.place.commune, action, typeid.new_id(), amount_minor=amount_minor, actor=actor)
        return typeid.encode(typeid.APPROVAL, made)

    def state(self, approval: str) -> str:
        with self.place.engine.begin() as conn:
            set_tenant(conn, self.place.commune.tenant_id)
            return approval_by_id(conn, self.place.commune, self.uuid(approval)).state

    def expire(self, approval: str) -> None:
        """Make so many days pass for a request that yesterday was its last."""
        with self.admin.begin() as conn:
            conn.execute(sa.text("ALTER TABLE soquy.approval DISABLE TRIGGER approval_append_only"))
            late = sa.text("UPDATE soquy.approval SET expires_on = :day WHERE approval_id = :id")
            conn.execute(late, {"day": today() - timedelta(days=1), "id": self.uuid(approval)})
            conn.execute(sa.text("ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_append_only"))

    def path(self, *more: str) -> str:
        return desk(self.place.commune, "approvals", *more)

    @staticmethod
    def uuid(approval: str) -> UUID:
        return typeid.decode(typeid.APPROVAL, approval)


@pytest.fixture
def council(place: Place, database_admin: sa.Engine) -> Iterator[Council]:
    """Everybody in a commune, and nothing that waits from the test before."""
    with place.engine.begin() as conn:
        drafter = make_person(conn, place.commune, "accountant", name="Lê Thị Lập")
        people = {role: make_person(conn, place.commune, role, name=name) for role, name in NAMES.items()}
    made = Council(place=place, admin=database_admin, drafter=drafter, people=people)
    yield made
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        open_ones = (
            "SELECT approval_id FROM soquy.approval WHERE soquy.approval_state(tenant_id, approval_id) = 'asked'"
        )
        left = conn.execute(sa.text(open_ones)).scalars().all()
    for each in left:
        made.expire(typeid.encode(typeid.APPROVAL, each))
