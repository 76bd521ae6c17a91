"""Roles of an association, as the field knows them; what each may do stands in ``soquy.role_right``."""

from typing import Final, Literal

Role = Literal["chief_accountant", "accountant", "cashier", "collector", "account_holder", "inspector", "administrator"]

ROLES: Final[tuple[Role, ...]] = (
    "chief_accountant",
    "accountant",
    "cashier",
    "collector",
    "account_holder",
    "inspector",
    "administrator",
)
"""In the order of ``soquy.role_kind``: the first of a person's roles that has a right is who acts by it."""

Pair = tuple[Role, Role]
JOINABLE: Final[tuple[Pair, ...]] = (
    ("accountant", "cashier"),
    ("cashier", "chief_accountant"),
    ("account_holder", "accountant"),
    ("account_holder", "chief_accountant"),
    ("account_holder", "cashier"),
)
"""Pairs of ``soquy.role_separation`` that an exception may join, each in the order of its letters: none with the
inspector, who inspects the others."""

SECOND_FACTOR: Final[frozenset[Role]] = frozenset({"chief_accountant", "account_holder", "inspector", "administrator"})
"""Roles that count only after a code of an authenticator."""
