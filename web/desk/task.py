"""What waits for somebody at an association's desk: each room tells its own, the desk shows them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from api.auth import Session
from web.translation import Message

Urgency = Literal["info", "warn", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do, and where: ``path`` is below the association's desk, ``count`` how many of it there are."""

    title: Message
    path: str
    count: int
    urgency: Urgency = "info"


Finder = Callable[[Session], Sequence[Task]]

FINDERS: Final[tuple[Finder, ...]] = ()
"""In the order they are shown. Each room adds a function of its own, of one query; it asks ``session.rights`` first."""


def find_tasks(session: Session) -> tuple[Task, ...]:
    """Return what waits for whoever asks; what there is none of is left out."""
    return tuple(task for find in FINDERS for task in find(session) if task.count)
