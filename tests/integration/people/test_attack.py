"""Plain SQL as the service's own role: it adds to the register, and neither opens, changes nor erases what is there."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.model import Book
from ledger.calendar import today
from ledger.documents.store import keep_document
from ledger.people.consent import ConsentDraft, give_consent
from ledger.people.guardian import link_guardian
from ledger.people.person import PersonDraft
from ledger.people.register import add_people
from tests.factories import ACTOR, make_book
from tests.integration.books.plain_sql import refusal, tell
from tests.province import scan_of

YEAR = today().year
PERSONAL = ("person", "person_detail", "guardianship", "consent", "consent_withdrawal", "document")
RECORDS = ("person_opening", "document_opening", "person_erasure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A book with a grown-up, a child of theirs and a document; and a neighbour in the same tenant and in another."""

    conn: sa.Connection
    book: Book
    sibling: Book
    grown: uuid.UUID
    child: uuid.UUID
    document: uuid.UUID
    consent: uuid.UUID

    @property
    def keys(self) -> dict[str, Any]:
        return {"tenant_id": self.book.tenant_id, "book_id": self.book.book_id}

    def refused(self, attack: str, **more: Any) -> str:
        known = {name: value for name, value in (self.keys | more).items() if f":{name}" in attack}
        return refusal(self.conn, attack, **known)


@pytest.fixture
def home(connection: sa.Connection) -> Home:
    book = make_book(connection)
    sibling = make_book(connection, tenant_id=book.tenant_id)
    drafts = [
        PersonDraft(name="Nguyễn Văn Mẫu", details={"phone": "0900000000"}),
        PersonDraft(name="Bé Thử", birth_year=YEAR - 10),
    ]
    grown, child = add_people(connection, book, drafts, actor=ACTOR)
    link_guardian(connection, book, child, grown, relation="parent", actor=ACTOR)
    document = keep_document(connection, book, scan_of("dong-y.pdf"), actor=ACTOR).document_id
    draft = ConsentDraft(purpose="contact", method="paper", given_on=today())
    consent = give_consent(connection, book, grown, draft, actor=ACTOR)
    return Home(
        conn=connection, book=book, sibling=sibling, grown=grown, child=child, document=document, consent=consent
    )


@pytest.mark.parametrize("table", [*PERSONAL, *RECORDS, "document_sending"])
@pytest.mark.parametrize("change", ["UPDATE vault.{} SET tenant_id = 1", "DELETE FROM vault.{}", "TRUNCATE vault.{}"])
def test_nothing_is_changed_or_taken_away(home: Home, table: str, change: str) -> None:
    assert home.refused(change.format(table)) == "InsufficientPrivilege"


@pytest.mark.parametrize(
    "look",
    [
        "SELECT sealed FROM vault.person_detail",
        "SELECT sealed FROM vault.document",
        "SELECT * FROM vault.document",
        "SELECT wrapped FROM vault.data_key",
        "SELECT * FROM vault.person_opening",
        "SELECT * FROM vault.document_opening",
        "SELECT * FROM vault.person_erasure",
        "COPY vault.person_detail TO STDOUT",
    ],
)
def test_what_is_sealed_is_not_read(home: Home, look: str) -> None:
    assert home.refused(look) == "InsufficientPrivilege"


@pytest.mark.parametrize("table", RECORDS)
def test_records_of_who_looked_are_written_by_looking_alone(home: Home, table: str) -> None:
    assert home.refused(f"INSERT INTO vault.{table} DEFAULT VALUES") == "InsufficientPrivilege"


@pytest.mark.parametrize(
    "function",
    [
        "vault.destroy_subject_keys(1, '{}')",
        "vault.rewrap_keys(1, '{}', '{}', '{}', 'x')",
        "vault.check_consents()",
    ],
)
def test_maintenance_is_not_the_services(home: Home, function: str) -> None:
    assert home.refused(f"SELECT {function}") == "InsufficientPrivilege"


def test_an_inspection_without_a_reason_opens_nothing(home: Home) -> None:
    attack = "SELECT * FROM vault.open_person(:tenant_id, :book_id, :person_id, '{phone}', 'inspection', ' ', NULL)"
    assert home.refused(attack, person_id=home.grown) == "opening_reason_given_rule"
    attack = attack.replace("'inspection'", "'curiosity'")
    assert home.refused(attack, person_id=home.grown) == "person_opening_purpose_check"


FUNCTIONS = {
    "use_subject_keys(:tenant_id, ARRAY[CAST(:person_id AS uuid)], '{}', '{}', 'x')",
    "put_details(:tenant_id, :book_id, '{}', '{}', '{}', '{}')",
    "open_person(:tenant_id, :book_id, :person_id, '{phone}', 'care', NULL, NULL)",
    "merge_people(:tenant_id, :book_id, :person_id, :person_id, :person_id)",
    "open_document(:tenant_id, :book_id, :person_id, 'download', NULL)",
}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_another_tenants_people_are_out_of_reach(home: Home, function: str) -> None:
    make_book(home.conn)  # and go on in its tenant
    assert home.refused(f"SELECT * FROM vault.{function}", person_id=home.grown) == "tenant_isolation"


@pytest.mark.parametrize(
    "quiet",
    [
        "SELECT * FROM vault.records_of(:tenant_id, :person_id)",
        """SELECT 1 FROM vault.change_person(:tenant_id, :book_id, :person_id, 1, 'individual', 'X', 'x', 'x', NULL,
            NULL, :person_id) AS v WHERE v IS NOT NULL""",
        "SELECT 1 FROM vault.part_people(:tenant_id, :book_id, :person_id, :person_id) AS v WHERE v",
        "SELECT 1 FROM vault.end_guardianship(:tenant_id, :book_id, :child_id, :person_id) AS v WHERE v",
        "SELECT 1 FROM vault.renew_guardianship(:tenant_id, :book_id, :child_id, :person_id, 'legal') AS v WHERE v",
        "SELECT * FROM vault.person",
        "SELECT * FROM vault.consent",
        "SELECT document_id FROM vault.document",
    ],
)
def test_another_tenant_has_nobody(home: Home, quiet: str) -> None:
    make_book(home.conn)
    known = {**home.keys, "person_id": home.grown, "child_id": home.child}
    asked = {name: value for name, value in known.items() if f":{name}" in quiet}
    assert home.conn.execute(sa.text(quiet), asked).all() == []


def test_details_are_sealed_by_the_persons_own_key_alone(home: Home) -> None:
    """A key of the tenant, or another's, seals nothing of a person: their erasure would leave it open."""
    attack = """\
        SELECT vault.put_details(:tenant_id, :book_id, ARRAY[CAST(:person_id AS uuid)], '{note}',
            ARRAY[decode(repeat('00', 40), 'hex')],
            ARRAY(SELECT key_id FROM vault.data_key WHERE tenant_id = :tenant_id LIMIT 1))"""
    put = home.conn.execute(sa.text(attack), {**home.keys, "person_id": home.child}).scalar_one()
    assert put == 0


CONSENT = """\
    INSERT INTO vault.consent (tenant_id, event_id, book_id, person_id, purpose, by_subject, guardian_id, method,
        given_on)
    VALUES (:tenant_id, :event_id, :book_id, :person_id, :purpose, :by_subject, :guardian_id, 'paper', '2025-03-05')"""


def consent(home: Home, **changes: Any) -> dict[str, Any]:
    event_id = tell(home.conn, home.book, "consent.given", {})
    given = {
        "event_id": event_id,
        "person_id": home.grown,
        "purpose": "publish_name",
        "by_subject": True,
        "guardian_id": None,
    }
    return {**given, **changes}


def test_a_consent_after_its_leaf_is_taken(home: Home) -> None:
    """What the attacks below start from is no attack."""
    home.conn.execute(sa.text(CONSENT), {**home.keys, **consent(home)})


def test_a_consent_needs_a_leaf_of_its_own(home: Home) -> None:
    for event_id in (
        typeid.new_id(),
        tell(home.conn, home.book, "consent.withdrawn", {}),
        tell(home.conn, home.sibling, "consent.given", {}),
        tell(home.conn, home.book, "consent.given", {"person": "x"}),
    ):
        assert home.refused(CONSENT, **consent(home, event_id=event_id)) == "consent_leaf_given_rule"
    assert home.refused(CONSENT, **consent(home, event_id=home.consent)) == "consent_pk"


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("child", {"purpose": "publish_name", "guardian": True}),
        ("child", {"purpose": "contact"}),
        ("child", {"purpose": "minor_data", "by_subject": False, "guardian": True}),
        ("grown", {"purpose": "minor_data"}),
        ("grown", {"purpose": "contact", "guardian": True}),
    ],
)
def test_a_consent_that_is_not_theirs_to_give_is_refused(home: Home, who: str, changes: dict[str, Any]) -> None:
    row = consent(home, person_id=getattr(home, who), **changes)
    row["guardian_id"] = home.grown if row.pop("guardian", False) else None
    assert home.refused(CONSENT, **row) == "consent_giver_rule"


def test_a_stranger_is_no_guardian(home: Home) -> None:
    (stranger,) = add_people(home.conn, home.book, [PersonDraft(name="Trần Thị Thử")], actor=ACTOR)
    row = consent(home, person_id=home.child, purpose="minor_data", guardian_id=stranger)
    assert home.refused(CONSENT, **row) == "consent_giver_rule"
    link = """\
        INSERT INTO vault.guardianship (tenant_id, minor_id, guardian_id, relation, created_by)
        VALUES (:tenant_id, :minor_id, :guardian_id, 'parent', :guardian_id)"""
    assert home.refused(link, minor_id=stranger, guardian_id=home.grown) == "guardianship_age_rule"
    assert home.refused(link, minor_id=home.child, guardian_id=home.child) == "guardianship_other_check"


WITHDRAWAL = """\
    INSERT INTO vault.consent_withdrawal (tenant_id, event_id, book_id, consent_id, method, withdrawn_on)
    VALUES (:tenant_id, :event_id, :book_id, :consent_id, 'paper', '2025-03-05')"""


def test_a_withdrawal_needs_its_leaf_and_a_consent_of_the_book(home: Home) -> None:
    right = tell(home.conn, home.book, "consent.withdrawn", {})
    for event_id, consent_id in (
        (typeid.new_id(), home.consent),
        (home.consent, home.consent),
        (right, typeid.new_id()),
    ):
        refused = home.refused(WITHDRAWAL, event_id=event_id, consent_id=consent_id)
        assert refused == "consent_withdrawal_leaf_given_rule"
    home.conn.execute(sa.text(WITHDRAWAL), {**home.keys, "event_id": right, "consent_id": home.consent})
    again = tell(home.conn, home.book, "consent.withdrawn", {})
    refused = home.refused(WITHDRAWAL, event_id=again, consent_id=home.consent)
    assert refused == "consent_withdrawal_consent_unique"


ATTACHMENT = """\
    INSERT INTO soquy.attachment (tenant_id, event_id, book_id, target_id, is_entry, kind, document_id)
    VALUES (:tenant_id, :event_id, :book_id, :target_id, false, 'consent', :document_id)"""


def attached(
    home: Home, target_id: uuid.UUID, *, kinds: list[str] | None = None, says: uuid.UUID | None = None
) -> uuid.UUID:
    """Write the leaf of an attachment as an intruder could."""
    event_id = typeid.new_id()
    leaf = {
        "type": "document.attached",
        "event_id": typeid.encode(typeid.EVENT, event_id),
        "association": typeid.encode(typeid.ASSOCIATION, home.book.association_id),
        "payload": {"event": typeid.encode(typeid.EVENT, says or target_id)},
        "documents": [{"kind": kind, "commitment": "0" * 64} for kind in (["consent"] if kinds is None else kinds)],
    }
    home.conn.execute(
        sa.text("""\
            INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, leaf)
            VALUES (:tenant_id, :event_id, 'document.attached', :association_id, :book_id, :leaf)"""),
        {
            **home.keys,
            "event_id": event_id,
            "association_id": home.book.association_id,
            "leaf": json.dumps(leaf).encode(),
        },
    )
    return event_id


def test_an_attachment_needs_a_leaf_that_says_the_same(home: Home) -> None:
    right = {"target_id": home.consent, "document_id": home.document}
    for event_id in (
        typeid.new_id(),
        attached(home, home.consent, kinds=[]),
        attached(home, home.consent, kinds=["consent", "consent"]),
        attached(home, home.consent, kinds=["photo"]),
        attached(home, home.consent, says=typeid.new_id()),
    ):
        assert home.refused(ATTACHMENT, event_id=event_id, **right) == "attachment_leaf_given_rule"
    nowhere = typeid.new_id()
    told = attached(home, nowhere)
    assert (
        home.refused(ATTACHMENT, event_id=told, target_id=nowhere, document_id=home.document)
        == "attachment_leaf_given_rule"
    )
    for document_id in (typeid.new_id(), None):
        refused = home.refused(
            ATTACHMENT, event_id=attached(home, home.consent), target_id=home.consent, document_id=document_id
        )
        assert refused == "attachment_document_rule"
    known = {**home.keys, "event_id": attached(home, home.consent), **right}
    home.conn.execute(sa.text(ATTACHMENT), known)
    disowning = """\
        INSERT INTO soquy.attachment_disowning (tenant_id, attachment_id, event_id, book_id)
        VALUES (:tenant_id, :attachment_id, :event_id, :book_id)"""
    said = {"attached": typeid.encode(typeid.EVENT, known["event_id"])}
    for event_id in (
        typeid.new_id(),
        tell(home.conn, home.sibling, "document.disowned", said),
        tell(home.conn, home.book, "document.disowned", {"attached": typeid.encode(typeid.EVENT, home.consent)}),
    ):
        refused = home.refused(disowning, attachment_id=known["event_id"], event_id=event_id)
        assert refused == "attachment_disowning_leaf_given_rule"
    right_one = tell(home.conn, home.book, "document.disowned", said)
    home.conn.execute(sa.text(disowning), {**home.keys, "attachment_id": known["event_id"], "event_id": right_one})
