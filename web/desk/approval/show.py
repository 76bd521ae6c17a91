"""What the pages of consent share: who may open them, what they show of a request, and the way between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path
from fastapi.responses import Response

from api.auth import Session
from ledger import typeid
from ledger.access.member import names_seen
from ledger.access.role import SECOND_FACTOR
from ledger.approvals.errors import ApprovalNotFound
from ledger.approvals.model import APPROVERS, Approval, Decision
from ledger.approvals.queries import roles_held
from ledger.errors import IdMalformed
from web.access import NeedsPageIn, Visit
from web.desk.approval import words
from web.desk.approval.subject import Subject, find_subjects
from web.site import desk_path, render
from web.translation import Language

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayApprove = Annotated[Visit, Depends(NeedsPageIn("approve"))]
MayChart = Annotated[Visit, Depends(NeedsPageIn("chart"))]
ApprovalText = Annotated[str, Path(max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One role that is asked; ``said`` is what somebody said in it, ``is_next`` whether it is asked now."""

    role: str
    said: Decision | None
    name: str | None
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A request as a page shows it; ``step`` is the one that the visitor can take."""

    asked: Approval
    subject: Subject
    drafter: str | None
    is_own: bool
    steps: tuple[Step, ...]
    step: int | None

    @property
    def public_id(self) -> str:
        """The id as addresses and forms carry it."""
        return typeid.encode(typeid.APPROVAL, self.asked.approval_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """The visitor: which of their roles may answer now, and which would after a code of their authenticator."""

    user_id: UUID
    roles: frozenset[str]
    unproved: frozenset[str]


def decider_of(session: Session) -> Decider:
    """Return in which roles the visitor answers requests of this book."""
    held = roles_held(session.conn, session.book, session.actor.principal_id) & frozenset(APPROVERS)
    counting = held if session.counting is None else held & session.counting
    return Decider(user_id=session.actor.principal_id, roles=counting, unproved=(held - counting) & SECOND_FACTOR)


def cards_of(session: Session, who: Decider, asked: Sequence[Approval]) -> tuple[Card, ...]:
    """Return requests as pages show them."""
    names = names_seen(session.conn, session.rights, (person for each in asked for person in each.people))
    subjects = find_subjects(session, asked)
    return tuple(
        Card(
            asked=each,
            subject=subjects[each.approval_id],
            drafter=None if each.drafted_by is None else names.get(each.drafted_by),
            is_own=each.drafted_by == who.user_id,
            steps=_steps(each, names),
            step=each.step_for(who.user_id, who.roles),
        )
        for each in asked
    )


def _steps(asked: Approval, names: Mapping[UUID, str]) -> tuple[Step, ...]:
    said = {each.step: each for each in asked.decisions}
    first_left = next((step for step in range(1, len(asked.roles) + 1) if step not in said), None)
    return tuple(
        Step(
            role=role,
            said=said.get(step),
            name=names.get(said[step].user_id) if step in said else None,  # type: ignore[arg-type] # None names nobody
            is_next=asked.state == "asked" and step not in said and (step == first_left or not asked.is_ordered),
        )
        for step, role in enumerate(asked.roles, start=1)
    )


def path(visit: Visit, *more: object) -> str:
    """Return the path of the queue, or of a page below it."""
    return desk_path(visit.place.association_id, "approvals", *more)


def approval_uuid(text: str) -> UUID:
    """Return the id of a request.

    Raises:
        ApprovalNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.APPROVAL, text)
    except IdMalformed:
        raise ApprovalNotFound(approval=typeid.shown(text)) from None


def show(template: str, visit: Visit, language: Language, here: str, *, status: int = 200, **more: object) -> Response:
    """Return a page of consent."""
    told = {"words": words, "home": path(visit), **more}
    # What a template is told has other names than render's own parameters.
    return render(f"desk/approval/{template}", language, here, visit=visit, status=status, **told)  # type: ignore[arg-type]
