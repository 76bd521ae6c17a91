"""Ask who of the register a giver is: whoever was chosen while typing, or is called alike; a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.auth import Session
from ledger import typeid
from ledger.people.order import search_key
from ledger.people.register import people_by_id
from ledger.people.search import same_names
from web.desk.giving.show import may_see_names
from web.desk.people.words import KINDS
from web.translation import Message, _


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody of the register whom a gift may be tied to."""

    person_id: UUID
    name: str
    kind: str
    birth_year: int | None

    @property
    def public_id(self) -> str:
        """The id as forms carry it."""
        return typeid.encode(typeid.PERSON, self.person_id)

    @property
    def hint(self) -> Message:
        """What tells them from others of the name."""
        if self.birth_year is None:
            return KINDS[self.kind]
        return _("%(kind)s, sinh năm %(year)s", kind=KINDS[self.kind], year=self.birth_year)


def candidates_of(session: Session, name: str | None, chosen: UUID | None) -> Sequence[Candidate]:
    """Return whom a gift may be tied to, the chosen one first; nobody to who may not see people."""
    if not may_see_names(session.rights):
        return ()
    conn, book = session.conn, session.book
    found: dict[UUID, Candidate] = {}
    if chosen is not None:
        people = people_by_id(conn, book, [chosen])
        kept = {person.merged_into or person.person_id for person in people.values()}
        for person in people_by_id(conn, book, kept).values():
            found[person.person_id] = Candidate(
                person_id=person.person_id, name=person.name, kind=person.kind, birth_year=person.birth_year
            )
    for alike in same_names(conn, book, [name]).get(search_key(name), []) if name else []:
        candidate = Candidate(person_id=alike.person_id, name=alike.name, kind=alike.kind, birth_year=alike.birth_year)
        found.setdefault(alike.person_id, candidate)
    return tuple(found.values())


def chosen_of(candidates: Sequence[Candidate], name: str | None, chosen: UUID | None) -> str:
    """Return who stands chosen: whoever was, unless another name was typed since."""
    first = next(iter(candidates), None)
    is_theirs = chosen is not None and first is not None and search_key(first.name) == search_key(name or "")
    return first.public_id if is_theirs and first is not None else ""
