"""The register of a demo's people: consents given and taken back, a minor and who answers for them, and scans."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from ledger.calendar import today
from ledger.demo import name
from ledger.demo.collecting import AnyStep, Gathered
from ledger.demo.dice import dice
from ledger.demo.office import Office
from ledger.giving.model import Gift
from ledger.people.consent import ConsentDraft, give_consent, withdraw_consent
from ledger.people.guardian import link_guardian
from ledger.people.person import PersonDraft
from ledger.people.register import add_people

_KINDS: Final[Mapping[str, str]] = {
    "donor-home": "individual",
    "business": "business",
    "organisation": "organisation",
    "donor-abroad": "organisation",
}
_OF_A_KIND_MAX: Final = 4
_AGE_OF_CHILD: Final = 12
_AGE_OF_GUARDIAN: Final = 40


def know_givers(office: Office, steps: Sequence[AnyStep]) -> list[AnyStep]:
    """Put the first givers of single gifts into the register, and return the steps with their gifts tied to them."""
    kinds: dict[str, str] = {}
    for step in steps:
        kind = _KINDS.get(step.collection.channel) if isinstance(step, Gathered) else None
        if isinstance(step, Gathered) and kind and list(kinds.values()).count(kind) < _OF_A_KIND_MAX:
            kinds |= {gift.donor: kind for gift in step.collection.gifts if gift.donor}
    drafts = [PersonDraft(name=each, kind=kind) for each, kind in kinds.items()]
    ids = dict(zip(kinds, add_people(office.conn, office.book, drafts, actor=office.poster), strict=True))
    _agree(office, [ids[each] for each, kind in kinds.items() if kind == "individual"])
    return list(_tied(steps, ids))


def _tied(steps: Sequence[AnyStep], ids: Mapping[str, UUID]) -> Iterator[AnyStep]:
    def tied(gift: Gift) -> Gift:
        return replace(gift, person_id=ids.get(gift.donor or ""))

    for step in steps:
        if isinstance(step, Gathered) and step.collection.channel in _KINDS:
            gifts = tuple(map(tied, step.collection.gifts))
            yield replace(step, collection=replace(step.collection, gifts=gifts))
        else:
            yield step


def _agree(office: Office, people: Sequence[UUID]) -> None:
    """Have some agree to their name in public, and one take it back."""
    conn, book, actor = office.conn, office.book, office.poster
    given_on = office.year_on + timedelta(days=20)
    for person_id in people[:3]:
        consent = ConsentDraft(purpose="publish_name", method="paper", given_on=given_on)
        give_consent(conn, book, person_id, consent, actor=actor)
    for person_id in people[1:2]:
        consent = ConsentDraft(purpose="contact", method="phone", given_on=given_on)
        give_consent(conn, book, person_id, consent, actor=actor)
    for person_id in people[2:3]:
        withdrawn_on = given_on + timedelta(days=60)
        withdraw_consent(
            conn, book, person_id, purpose="publish_name", method="message", withdrawn_on=withdrawn_on, actor=actor
        )


def add_family(office: Office) -> None:
    """Add a child and who answers for it, who both agree that the child's data are kept."""
    chance = dice(office.plan.seed, office.unit.code, "family")
    year = today().year  # whoever looks at a demo does so today
    drafts = [
        PersonDraft(name=name.person(chance, 1), birth_year=year - _AGE_OF_CHILD, details={"note": "Học sinh (mẫu)"}),
        PersonDraft(
            name=name.person(chance, 2),
            birth_year=year - _AGE_OF_GUARDIAN,
            details={"phone": "0000000000", "address": "Xóm Mẫu số 1"},
        ),
    ]
    child, guardian = add_people(office.conn, office.book, drafts, actor=office.poster)
    link_guardian(office.conn, office.book, child, guardian, relation="parent", actor=office.poster)
    consent = ConsentDraft(
        purpose="minor_data", method="paper", given_on=today() - timedelta(days=30), guardian_id=guardian
    )
    give_consent(office.conn, office.book, child, consent, actor=office.poster)
