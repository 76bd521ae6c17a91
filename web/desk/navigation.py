"""Where somebody who signed in can go: the places they have a right in, and what each of these offers them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from ledger import typeid
from web.translation import Message, _


class Place(Protocol):
    """An association in which somebody has rights."""

    @property
    def association_id(self) -> UUID:
        """Its id."""

    @property
    def name_vi(self) -> str:
        """Its name."""

    @property
    def name_en(self) -> str | None:
        """Its English name, where it has one."""

    @property
    def rights(self) -> Collection[str]:
        """What they may do there."""


class Visitor(Protocol):
    """Somebody who signed in; ``places`` are the associations they have rights in."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def places(self) -> Sequence[Place]:
        """Where they have rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A page of an association's desk; ``path`` is below it, ``right`` what it takes to see it."""

    path: str
    name: Message
    right: str


ITEMS: Final[tuple[Item, ...]] = (Item(path="", name=_("Bàn làm việc"), right="read"),)
"""In the order they are shown. Each room adds its own line, with the path that its page answers at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An item as it stands on a page."""

    path: str
    name: Message
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the frame of a page shows: whose desk it is, and what it offers."""

    place: Place | None
    links: tuple[Link, ...]


NOWHERE: Final = Desk(place=None, links=())


def navigation(visitor: Visitor | None, association_id: UUID | None, here: str) -> Desk:
    """Return what somebody sees around the page at ``here``; nothing of an association they have no right in."""
    place = next((each for each in visitor.places if each.association_id == association_id), None) if visitor else None
    if place is None:
        return NOWHERE
    home = f"/desk/{typeid.encode(typeid.ASSOCIATION, place.association_id)}"
    items = [(f"{home}/{item.path}".rstrip("/"), item.name) for item in ITEMS if item.right in place.rights]
    # The longest path that leads here: the desk's own is the beginning of all.
    current = max((path for path, _ in items if here == path or here.startswith(f"{path}/")), key=len, default=None)
    return Desk(place=place, links=tuple(Link(path=path, name=name, is_here=path == current) for path, name in items))
