"""People of a register, as they come in and go out; what is sealed of them goes out by an opening alone."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.field import Day, DocumentId, DocumentIdIn, EventId, In, Out, PersonId, PersonIdIn
from ledger import typeid
from ledger.people.consent import Consent, ConsentDraft, in_force
from ledger.people.guardian import Guardianship
from ledger.people.person import PersonDraft
from ledger.people.register import Person

Kind = Literal["individual", "household", "business", "organisation"]
Detail = Literal["address", "phone", "email", "tax_number", "bank_account", "note"]
Purpose = Literal["publish_name", "contact", "minor_data"]
Method = Literal["paper", "in_person", "phone", "message", "online"]
Relation = Literal["parent", "grandparent", "sibling", "relative", "legal"]

PERSON_EXAMPLE: Final = {"name": "Nguyễn Văn Mẫu", "details": {"phone": "0900 000 000"}}
CHANGE_EXAMPLE: Final = {**PERSON_EXAMPLE, "version": 1}
CONSENT_EXAMPLE: Final = {"purpose": "publish_name", "method": "paper", "given_on": "2025-03-05"}
WITHDRAWAL_EXAMPLE: Final = {"purpose": "publish_name", "method": "phone", "withdrawn_on": "2025-03-06"}
GUARDIAN_EXAMPLE: Final = {"guardian": "pe_01h9hsy4k1fz8tq3v2w5n7c9ar", "relation": "parent"}
MERGE_EXAMPLE: Final = {"merged": "pe_01h9hsy4k1fz8tq3v2w5n7c9ar"}
SEARCH_EXAMPLE: Final = {"query": "nguyen mau"}
OPENING_EXAMPLE: Final = {"fields": ["phone"]}
INSPECTION_EXAMPLE: Final = {"fields": ["phone"], "reason": "Kiểm tra theo quyết định 12"}
NOTHING_EXAMPLE: Final[dict[str, object]] = {}

_Typed = Annotated[str | None, Field(max_length=4_000, description="What is sealed; null or blank takes it away")]


class DetailsIn(In):
    """What is sealed of a person; a detail that is left out stays as it is."""

    address: _Typed = None
    phone: Annotated[_Typed, Field(description="8 to 15 digits, spaces and dots aside")] = None
    email: _Typed = None
    tax_number: Annotated[_Typed, Field(description="10, 12 or 13 digits")] = None
    bank_account: _Typed = None
    note: _Typed = None


class PersonIn(In):
    """Somebody to be entered in the register."""

    name: Annotated[str, Field(max_length=2_000, description="The whole name, as it is to be written")]
    kind: Annotated[Kind, Field(description="A human being, or who gives together")] = "individual"
    country: Annotated[str | None, Field(max_length=2, description="Two capital letters, of somebody abroad")] = None
    birth_year: Annotated[int | None, Field(description="Of an individual who may be a minor")] = None
    details: Annotated[DetailsIn, Field(description="What is sealed under the person's own key")] = DetailsIn()

    def draft(self) -> PersonDraft:
        """Return what the register takes."""
        return PersonDraft(
            name=self.name,
            kind=self.kind,
            country=self.country,
            birth_year=self.birth_year,
            details=self.details.model_dump(exclude_unset=True),
        )


class PersonChangeIn(PersonIn):
    """A record put right: all of it, but for details that are left out."""

    version: Annotated[int, Field(ge=1, description="The version that was read; another one is refused")]


class SearchIn(In):
    """Who is looked for; in a body, because a name belongs in no address."""

    query: Annotated[
        str, Field(max_length=200, description="Beginnings of words of the name, with or without marks")
    ] = ""
    kind: Annotated[Kind | None, Field(description="One kind alone")] = None
    cursor: Annotated[PersonIdIn | None, Field(description="`next_cursor` of the page before")] = None
    page_size: Annotated[int, Field(ge=1, le=1_000, description="Rows of a page")] = 50


class OpeningIn(In):
    """Which details are to be opened."""

    fields: Annotated[tuple[Detail, ...], Field(min_length=1, max_length=6, description="Names of details")]


class InspectionIn(OpeningIn):
    """Which details an inspector opens, and why; the reason is kept with the record of it."""

    reason: Annotated[str, Field(max_length=2_000, description="Why, in words")]


class ConsentIn(In):
    """What somebody agreed to."""

    purpose: Annotated[Purpose, Field(description="What is agreed to")]
    method: Annotated[Method, Field(description="How it was said")]
    given_on: Annotated[Day, Field(description="The day on which it was said")]
    by_subject: Annotated[bool, Field(description="By the person themself, or who speaks for a group of them")] = True
    guardian: Annotated[PersonIdIn | None, Field(description="Of a minor: the guardian who agrees")] = None
    document: Annotated[DocumentIdIn | None, Field(description="The paper, if there is one")] = None

    def draft(self) -> ConsentDraft:
        """Return what the register takes."""
        return ConsentDraft(
            purpose=self.purpose,
            method=self.method,
            given_on=self.given_on,
            by_subject=self.by_subject,
            guardian_id=_uuid(typeid.PERSON, self.guardian),
            document_id=_uuid(typeid.DOCUMENT, self.document),
        )


class WithdrawalIn(In):
    """What somebody agrees to no more."""

    purpose: Annotated[Purpose, Field(description="What was agreed to")]
    method: Annotated[Method, Field(description="How it was said")]
    withdrawn_on: Annotated[Day, Field(description="The day on which it was said")]


class GuardianIn(In):
    """Who answers for a minor."""

    guardian: Annotated[PersonIdIn, Field(description="A grown-up individual of the same register")]
    relation: Annotated[Relation, Field(description="What they are to the child")]


class MergeIn(In):
    """Which record is the same person's."""

    merged: Annotated[PersonIdIn, Field(description="The record that leads here from now on")]


class FoundOut(Out):
    """Somebody in a list."""

    person: Annotated[PersonId, Field(validation_alias="person_id")]
    name: str
    kind: Kind
    country: str | None
    birth_year: int | None
    is_minor: bool


class PeopleOut(Out):
    """A page of a register, in Vietnamese order."""

    rows: list[FoundOut]
    next_cursor: PersonId | None


class GuardianOut(Out):
    """A link between a child and who answers for it."""

    minor: Annotated[PersonId, Field(validation_alias="minor_id")]
    guardian: Annotated[PersonId, Field(validation_alias="guardian_id")]
    relation: Relation
    name: Annotated[str, Field(description="The other's name")]


class ConsentOut(Out):
    """A consent, and its end where it was withdrawn."""

    consent: Annotated[EventId, Field(validation_alias="event_id")]
    person: Annotated[PersonId, Field(validation_alias="person_id")]
    purpose: Purpose
    by_subject: bool
    guardian: Annotated[PersonId | None, Field(validation_alias="guardian_id")]
    method: Method
    given_on: Day
    document: Annotated[DocumentId | None, Field(validation_alias="document_id")]
    recorded_at: AwareDatetime
    withdrawn_on: Day | None


class PersonOut(FoundOut):
    """A record of the register."""

    version: int
    details: Annotated[list[Detail], Field(description="What is sealed of them; opened by an opening, on the record")]
    merged_into: PersonId | None
    merged: Annotated[list[PersonId], Field(description="Records that are this person too")]
    agrees_to: Annotated[list[Purpose], Field(description="What they agree to now")]
    consents: list[ConsentOut]
    guardians: list[GuardianOut]

    @classmethod
    def told(cls, person: Person, consents: list[Consent], guardians: list[Guardianship]) -> "PersonOut":
        """Spell a record for the API."""
        purposes: tuple[Purpose, ...] = ("publish_name", "contact", "minor_data")
        facts = {
            name: getattr(person, name) for name in ("name", "kind", "country", "birth_year", "is_minor", "version")
        }
        return cls.model_validate(
            {
                **facts,
                "person_id": person.person_id,
                "details": list(person.details),
                "merged_into": person.merged_into,
                "merged": list(person.merged),
                "agrees_to": [purpose for purpose in purposes if in_force(consents, purpose)],
                "consents": consents,
                "guardians": guardians,
            }
        )


class DetailsOut(Out):
    """Details that were opened; who opened them is on record."""

    details: dict[Detail, str]


class PersonMadeOut(Out):
    """Who was entered or changed."""

    person: PersonId
    version: int


class ConsentMadeOut(Out):
    """The events that were recorded."""

    events: list[EventId]


def _uuid(prefix: str, value: str | None) -> UUID | None:
    return None if value is None else typeid.decode(prefix, value)
