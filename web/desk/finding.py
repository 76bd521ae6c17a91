"""What can be found from anywhere: a room adds a ``Source`` to ``web.desk.jump.SOURCES`` for each kind of things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from api.auth import Session
from web.desk.navigation import Place
from web.translation import Language, Message

HIT_COUNT_MAX: Final = 8
"""Of each kind: what is not among them wants a letter more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Somewhere to go."""

    name: Message | str
    path: str
    hint: Message | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody looks for: as they typed it, and its search key."""

    session: Session
    place: Place
    language: Language
    typed: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of things that can be found; ``find`` gives the first ``HIT_COUNT_MAX`` of them."""

    title: Message
    right: str | None
    find: Callable[[Asked], Sequence[Hit]]
