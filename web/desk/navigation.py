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


class Visit(Protocol):
    """A visit of theirs to a page; ``here`` is the association whose desk they sit at, if it is one's."""

    @property
    def visitor(self) -> Visitor:
        """Who it is."""

    @property
    def here(self) -> Place | None:
        """Where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A page of an association's desk; ``path`` is below it, ``right`` what it takes to see it, if more than a role."""

    path: str
    name: Message
    right: str | None = None
    also: tuple[str, ...] = ()
    """Other paths whose pages belong to it."""


ITEMS: Final[tuple[Item, ...]] = (
    Item(path="", name=_("Bàn làm việc")),
    Item(path="approvals", name=_("Duyệt"), right="read"),
    Item(path="payments", name=_("Chi tiền"), right="read"),
    Item(path="contributions", name=_("Các khoản ủng hộ"), right="read", also=("lists", "entries")),
    Item(path="drafts", name=_("Nháp và đợt thu"), right="collect", also=("drives", "own-documents")),
    Item(path="pledges", name=_("Cam kết ủng hộ"), right="read"),
    Item(path="goods", name=_("Hiện vật"), right="read"),
    Item(path="blocks", name=_("Quyển biên lai"), right="read"),
    Item(path="bank-accounts", name=_("Tài khoản nhận tiền"), right="chart"),
    Item(path="people", name=_("Danh sách người"), right="people"),
    Item(path="intake", name=_("Danh sách từ tệp"), right="people"),
    Item(path="members", name=_("Thành viên"), right="member"),
)
"""In the order they are shown. Each room adds its own line, with the path that its page answers at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What somebody often begins with: a large button on the desk, and found by searching."""

    path: str
    name: Message
    hint: Message
    right: str


DOORS: Final[tuple[Door, ...]] = (
    Door(
        path="contributions/new",
        name=_("Ghi khoản ủng hộ"),
        hint=_("Một người, một khoản"),
        right="collect",
    ),
    Door(path="drives/new", name=_("Đợt thu hộ gia đình"), hint=_("Cả danh sách của một thôn"), right="collect"),
    Door(path="drives/salary", name=_("Ngày lương"), hint=_("Một lần chuyển khoản, một danh sách"), right="collect"),
    Door(path="payments/new", name=_("Lập phiếu chi"), hint=_("Hai người duyệt rồi mới chi"), right="propose"),
    Door(
        path="intake/new",
        name=_("Nhập danh sách từ tệp"),
        hint=_("Excel, LibreOffice hoặc .csv"),
        right="people",
    ),
)
"""In the order they are shown. Each room adds its own."""


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


def navigation(place: Place | None, here: str) -> Desk:
    """Return what stands around the page at ``here`` of an association's desk; nothing where it is no one's."""
    if place is None:
        return NOWHERE
    home = home_path(place)
    items = [item for item in ITEMS if may(place, item.right)]
    # The longest path that leads here: the desk's own is the beginning of all.
    leading = {f"{home}/{path}".rstrip("/"): item for item in items for path in (item.path, *item.also)}
    current = max((path for path in leading if here == path or here.startswith(f"{path}/")), key=len, default=None)
    links = tuple(
        Link(path=f"{home}/{item.path}".rstrip("/"), name=item.name, is_here=item is leading.get(current or ""))
        for item in items
    )
    return Desk(place=place, links=links)


def doors(place: Place) -> tuple[Door, ...]:
    """Return what somebody may begin with at an association's desk."""
    return tuple(door for door in DOORS if may(place, door.right))


def may(place: Place, right: str | None) -> bool:
    """Tell whether somebody has a right in a place; a role of any kind is enough for none."""
    return right is None or right in place.rights


def home_path(place: Place) -> str:
    """Return the path of an association's desk."""
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, place.association_id)}"
