"""What waits for somebody at an association's desk: each room tells its own, the desk shows them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

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
"""One query, which asks ``session.rights`` first; a room adds its own to ``web.desk.home.FINDERS``."""
