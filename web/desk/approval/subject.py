"""What requests are about, as their pages show it: each room that asks for consent registers how its subjects look.

A room writes one function and puts it into ``SUBJECTS`` under its action::

    def payments(session: Session, asked: Sequence[Approval]) -> Mapping[UUID, Subject]:
        found = proposals_by_id(session.conn, session.book, [each.subject_id for each in asked])
        return {each.subject_id: Subject(title=found[each.subject_id].payee, facts=…, checks=…) for each in asked}

- It gets all requests of its action that a page shows, one or a hundred, and asks the database in a fixed number of
  statements. It may write (a scan that is opened is written down), and never changes what is asked about.
- It returns subjects by ``subject_id``; what it leaves out is shown by ``unknown``.
- It asks ``session.rights`` before it shows a name: a page of requests opens to the right ``read``.
- ``checks`` are what somebody should know before they agree, in plain words. One that is ``is_blocking`` keeps the
  pages from granting; it is looked at again in the transaction that grants.
- Where facts, documents and checks are not enough, ``template`` names one of ``desk/approval/`` that the request's own
  page includes below the facts; it finds ``subject``, with ``more`` for itself, and ``asked``, the request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from api.auth import Session
from ledger import typeid
from ledger.approvals.model import PREFIXES, Action, Approval
from web.translation import Message, _


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of what is asked about; ``path`` leads to more of it."""

    label: Message
    value: Message | str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document that it rests on: where its file is, and a picture of its first page, if there is one."""

    name: Message | str
    path: str
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something to know before one agrees: a warning, or what keeps it from being granted at all."""

    said: Message
    is_blocking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about: ``title`` in a few words for lists, the rest for its page."""

    title: Message | str | None = None
    facts: tuple[Fact, ...] = ()
    papers: tuple[Paper, ...] = ()
    checks: tuple[Check, ...] = ()
    template: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_blocked(self) -> bool:
        """Tell whether something keeps it from being granted."""
        return any(check.is_blocking for check in self.checks)


Finder = Callable[[Session, Sequence[Approval]], Mapping[UUID, Subject]]

SUBJECTS: Final[dict[Action, Finder]] = {}
"""How the subjects of an action are found; a room adds its own."""


def unknown(asked: Approval) -> Subject:
    """Return what can be said of any subject: which one it is."""
    public_id = typeid.encode(PREFIXES[asked.action], asked.subject_id)
    return Subject(facts=(Fact(label=_("Việc được hỏi"), value=public_id),))


def find_subjects(session: Session, asked: Sequence[Approval]) -> Mapping[UUID, Subject]:
    """Return what requests are about, by the id of the request."""
    found: dict[UUID, Subject] = {}
    for action in dict.fromkeys(each.action for each in asked):
        of_action = [each for each in asked if each.action == action]
        known = SUBJECTS[action](session, of_action) if action in SUBJECTS else {}
        found |= {each.approval_id: known.get(each.subject_id) or unknown(each) for each in of_action}
    return found
