"""Requests for consent, what was said to them, and whose consent an association asks."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from api.schemas.field import Amount, ApprovalId, ApprovalIdIn, Description, EventId, In, Out
from ledger import typeid
from ledger.approvals.model import (
    DAYS_MAX,
    DECISION_COUNT_MAX,
    PREFIXES,
    ROLE_COUNT_MAX,
    Action,
    Approval,
    Approver,
    Decision,
    Policy,
    State,
    Terms,
)

Roles = Annotated[
    list[Approver],
    Field(min_length=1, max_length=ROLE_COUNT_MAX, description="Who is asked; in this order, where it matters"),
]
FromMinor = Annotated[Amount, Field(ge=0, description="In đồng: it holds for this amount and more", examples=[0])]
Days = Annotated[int, Field(ge=1, le=DAYS_MAX, description="For how many days they are asked", examples=[30])]


class DecisionsIn(In):
    """One answer to many requests."""

    approvals: Annotated[
        list[ApprovalIdIn],
        Field(min_length=1, max_length=DECISION_COUNT_MAX, description="Each once; all are answered, or none"),
    ]
    grant: Annotated[bool, Field(description="True is yes; false is no, and needs a reason")]
    reason: Annotated[Description | None, Field(description="Why it is denied, for all of them; sealed")] = None


class PolicyIn(In):
    """Whose consent is asked from an amount on."""

    action: Annotated[Action, Field(description="What needs the consent")]
    from_minor: FromMinor = 0
    roles: Roles
    ordered: Annotated[bool, Field(description="Whether each is asked after the one before")] = True
    days: Days

    def terms(self) -> Terms:
        """Return the ledger's value."""
        return Terms(roles=tuple(self.roles), is_ordered=self.ordered, days=self.days)


class StepOut(Out):
    """One role that is asked, and what its holder said; all null while nobody did."""

    step: int
    role: Approver
    granted: bool | None
    decided_at: datetime | None
    name: Annotated[str | None, Field(description="Who; null to those without the right `people` or `member`")]


class ApprovalOut(Out):
    """A request, and how it stands."""

    id: ApprovalId
    action: Action
    subject: Annotated[
        str, Field(description="The id of what is asked about", examples=["po_01h455vb4pex5vsknk084sn02q"])
    ]
    amount_minor: int
    state: State
    ordered: bool
    steps: list[StepOut]
    asked_at: datetime
    expires_on: Annotated[date, Field(description="The last day on which it can be answered")]
    own: Annotated[bool, Field(description="Whether the caller asked it")]
    name: Annotated[str | None, Field(description="Who asked; null to those without the right `people` or `member`")]


class ApprovalDetailOut(ApprovalOut):
    """A request, with why it was denied: null to those without the right `people` who did not ask."""

    reason: Annotated[str | None, Field(description="Why it was denied; that the caller read it is recorded")]


class ApprovalsOut(Out):
    """A page of requests."""

    rows: list[ApprovalOut]
    next_cursor: str | None


class DecidedOut(Out):
    """The requests that were answered, as they stand then."""

    rows: list[ApprovalOut]


class PolicyOut(Out):
    """Whose consent is asked from an amount on; `id` is null for what holds where nothing was decided."""

    id: EventId | None
    action: Action
    from_minor: int
    roles: list[Approver]
    ordered: bool
    days: int


class PoliciesOut(Out):
    """What holds, by action and amount."""

    rows: list[PolicyOut]


def approval_out(found: Approval, names: Mapping[UUID, str], caller_id: UUID) -> ApprovalOut:
    """Return a request as it goes out; ``names`` are those that the caller may see."""
    said = {each.step: each for each in found.decisions}
    steps = [_step_out(step, role, said.get(step), names) for step, role in enumerate(found.roles, start=1)]
    return ApprovalOut(
        id=typeid.encode(typeid.APPROVAL, found.approval_id),
        action=found.action,
        subject=typeid.encode(PREFIXES[found.action], found.subject_id),
        amount_minor=found.amount_minor,
        state=found.state,
        ordered=found.is_ordered,
        steps=steps,
        asked_at=found.recorded_at,
        expires_on=found.expires_on,
        own=found.drafted_by == caller_id,
        name=names.get(found.drafted_by) if found.drafted_by else None,
    )


def _step_out(step: int, role: str, said: Decision | None, names: Mapping[UUID, str]) -> StepOut:
    told: dict[str, Any] = {"granted": None, "decided_at": None, "name": None}
    if said is not None:
        name = names.get(said.user_id) if said.user_id else None
        told = {"granted": said.is_granted, "decided_at": said.recorded_at, "name": name}
    return StepOut.model_validate({"step": step, "role": role, **told})


def policy_out(found: Policy) -> PolicyOut:
    """Return a policy as it goes out."""
    return PolicyOut.model_validate(
        {
            "id": found.policy_id,
            "action": found.action,
            "from_minor": found.from_minor,
            "roles": list(found.terms.roles),
            "ordered": found.terms.is_ordered,
            "days": found.terms.days,
        }
    )


DENIAL_EXAMPLE: Final[dict[str, Any]] = {"reason": "Thiếu biên bản họp xét"}
DECISIONS_EXAMPLE: Final[dict[str, Any]] = {"approvals": ["ap_01h455vb4pex5vsknk084sn02q"], "grant": True}
POLICY_EXAMPLE: Final[dict[str, Any]] = {
    "action": "payment",
    "from_minor": 50000000,
    "roles": ["accountant", "chief_accountant", "account_holder"],
    "ordered": True,
    "days": 30,
}
