"""Say what an audit found: one fact with a stable code, the place it is about, and what a text about it needs.

Two outcomes end an audit early. ``Tampered``: what is there contradicts itself, a signature, or what was seen before.
``Unusable``: too much is missing to tell. Texts for both, in two languages, are in ``audit.wording``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Fact: TypeAlias = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``where`` is a file's path inside the export, a leaf as ``leaf N``, or a row of figures."""

    code: str
    where: str
    fields: Mapping[str, Fact] = field(default_factory=dict)


class AuditStopped(Exception):
    """End the audit with a finding."""

    def __init__(self, code: str, where: str, **fields: Fact) -> None:
        super().__init__(code, where)
        self.finding = Finding(code=code, where=where, fields=fields)

    @property
    def code(self) -> str:
        """The finding's code."""
        return self.finding.code


class Tampered(AuditStopped):
    """Something is wrong: exit status 1."""


class Unusable(AuditStopped):
    """Something is missing, so nothing is said about the rest: exit status 2."""


def leaf_place(index: int) -> str:
    """Return how a leaf is named: by its index in the log, from 0."""
    return f"leaf {index}"
