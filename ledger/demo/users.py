"""The people who sign in to a demo: one for each role at the province, and three at each of two communes.

Here they get their names and roles; a password is given where signing in is known (``api/demo_sign_in.py``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import ROLES, Role
from ledger.access.user import create_user
from ledger.books.model import Actor, Book
from ledger.demo import name
from ledger.demo.dice import dice
from ledger.demo.scenario import Scenario
from ledger.demo.units import Unit
from ledger.tenancy import set_tenant

COMMUNES: Final = (0, 4)
"""Places among the communes of those that have people who sign in."""

APPROVING: Final[tuple[Role, ...]] = ("chief_accountant", "account_holder")
"""Roles without which nothing is paid."""

_COMMUNE_ROLES: Final[tuple[Role, ...]] = ("collector", "accountant", "chief_accountant")

_ADDRESSES: Final[Mapping[Role, str]] = {
    "collector": "nguoi-thu",
    "cashier": "thu-quy",
    "accountant": "ke-toan",
    "chief_accountant": "ke-toan-truong",
    "account_holder": "chu-tai-khoan",
    "inspector": "kiem-tra",
    "administrator": "quan-tri",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleUser:
    """Somebody who signs in: the address is at a domain that nobody can have (RFC 2606)."""

    unit: Unit
    role: Role
    email: str
    name: str


def sample_users(chosen: Scenario) -> tuple[SampleUser, ...]:
    """Return who signs in to a province's demo, the province's people first."""
    return tuple(_planned(chosen))


def users_of(chosen: Scenario, unit: Unit) -> tuple[SampleUser, ...]:
    """Return who signs in to one association of a demo."""
    return tuple(user for user in _planned(chosen) if user.unit == unit)


def _planned(chosen: Scenario) -> Iterator[SampleUser]:
    communes = [unit for unit in chosen.units if unit.level == "commune"]
    places = [(chosen.units[0], chosen.key, ROLES)]
    places += [(communes[place], f"xa-{place + 1}.{chosen.key}", _COMMUNE_ROLES) for place in COMMUNES]
    for unit, domain, roles in places:
        for role in roles:
            email = f"{_ADDRESSES[role]}@{domain}.invalid"
            number = len(_ADDRESSES) - ROLES.index(role)
            yield SampleUser(unit=unit, role=role, email=email, name=name.person(dice(email), number))


def approvers_of(chosen: Scenario, unit: Unit) -> tuple[SampleUser, ...]:
    """Return who consents to what an association pays and does not sign in to the demo."""
    here = {user.role for user in users_of(chosen, unit)}
    place = f"{unit.code}.{chosen.key}".lower()
    return tuple(
        SampleUser(
            unit=unit,
            role=role,
            email=f"{_ADDRESSES[role]}@{place}.invalid",
            name=name.person(dice(place, role), number),
        )
        for number, role in enumerate(APPROVING, start=1)
        if role not in here
    )


def make_users(conn: Connection, book: Book, users: tuple[SampleUser, ...], *, actor: Actor) -> dict[Role, Actor]:
    """Make the users of a book's association, give each their role, and return them as those who act."""
    made: dict[Role, Actor] = {}
    for user in users:
        user_id = create_user(conn, email=user.email, name=user.name)
        set_tenant(conn, book.tenant_id)
        grant_role(conn, book, user_id, user.role, actor=actor)
        made[user.role] = Actor(principal_id=user_id, role=user.role, prefix=typeid.USER)
    return made
