"""What an approval is: who is asked about what, and what they said. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

Action = Literal["payment", "round", "release", "adjustment", "exception"]
State = Literal["asked", "approved", "used", "denied", "withdrawn", "expired"]

PREFIXES: Final[Mapping[Action, str]] = {
    "payment": "po",
    "round": "al",
    "release": "po",
    "adjustment": "po",
    "exception": "ex",
}
"""Of the public ids of what is asked about."""

Approver = Literal["accountant", "chief_accountant", "account_holder"]

APPROVERS: Final[tuple[Approver, ...]] = ("accountant", "chief_accountant", "account_holder")
"""The roles that a policy may ask."""

ROLE_COUNT_MAX: Final = 5
DECISION_COUNT_MAX: Final = 100
DAYS_MAX: Final = 180
REASON_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whose consent is asked: roles in their order, whether it matters, and for how many days."""

    roles: tuple[str, ...]
    is_ordered: bool
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an association decided to ask, from an amount on; ``policy_id`` is ``None`` for what the law asks."""

    policy_id: UUID | None
    action: Action
    from_minor: int
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one of them said, for which step (1, 2 …)."""

    step: int
    role: str
    is_granted: bool
    user_id: UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request, and how it stands; who asked and who decided are unknown where a lost database was made again."""

    approval_id: UUID
    action: Action
    subject_id: UUID
    amount_minor: int
    roles: tuple[str, ...]
    is_ordered: bool
    drafted_by: UUID | None
    expires_on: date
    recorded_at: datetime
    state: State
    decisions: tuple[Decision, ...]

    @property
    def people(self) -> tuple[UUID, ...]:
        """Who asked and who decided, as far as it is known; a token may be among them."""
        return tuple(each for each in (self.drafted_by, *(d.user_id for d in self.decisions)) if each is not None)

    def is_withdrawn_by(self, user_id: UUID, roles: Collection[str]) -> bool:
        """Tell whether somebody who holds these roles may take it back, as long as anybody may."""
        return self.drafted_by == user_id or not frozenset(self.roles).isdisjoint(roles)

    def step_for(self, user_id: UUID, roles: Collection[str]) -> int | None:
        """Return the step that somebody who holds these roles can take now, if there is one.

        Nobody answers what they drafted themselves, and nobody twice.
        """
        if (
            self.state != "asked"
            or self.drafted_by in {None, user_id}
            or any(d.user_id == user_id for d in self.decisions)
        ):
            return None
        taken = {decision.step for decision in self.decisions}
        left = [step for step in range(1, len(self.roles) + 1) if step not in taken]
        return next((step for step in left[: 1 if self.is_ordered else None] if self.roles[step - 1] in roles), None)
