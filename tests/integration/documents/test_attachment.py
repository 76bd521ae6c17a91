"""Documents are kept once, given out on the record, attached for good, and disowned where they are wrong."""

import hashlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import canonical, commitment
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.books.posting import post
from ledger.documents.attachment import (
    AttachmentDisowned,
    AttachmentNotFound,
    EventNotFound,
    attach_document,
    attachments_of,
    disown_attachment,
)
from ledger.documents.content import check_content
from ledger.documents.store import (
    DocumentNotFound,
    document_by_id,
    documents_sent,
    keep_document,
    open_document,
    sent_document,
)
from ledger.errors import FieldRefused, TextRefused
from ledger.people.opening import open_for_inspection
from ledger.people.sealing import SealBroken
from tests.factories import ACTOR, make_book, receipt
from tests.integration.documents.files import image, pdf

MARCH = date(2024, 3, 1)


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    return make_book(connection)


@pytest.fixture
def entry_id(connection: sa.Connection, book: Book) -> UUID:
    return post(connection, book, [receipt(500, MARCH)], actor=ACTOR).entries[0].entry_id


def keep(
    connection: sa.Connection, book: Book, data: bytes = b"", name: str = "phieu-thu.pdf", actor: Actor = ACTOR
) -> UUID:
    return keep_document(connection, book, check_content(name, data or pdf()), actor=actor).document_id


def test_the_same_bytes_are_kept_once_in_a_book(connection: sa.Connection, book: Book) -> None:
    first = keep(connection, book)
    assert keep(connection, book, name="ten-khac.pdf") == first
    assert document_by_id(connection, book, first).name == "phieu-thu.pdf"
    assert keep(connection, book, image(), "a.jpg") != first
    sibling = make_book(connection, tenant_id=book.tenant_id)
    assert keep(connection, sibling) != first
    with pytest.raises(DocumentNotFound):
        document_by_id(connection, sibling, first)


def test_bytes_come_back_as_they_were_and_leave_a_record(connection: sa.Connection, book: Book) -> None:
    data = image("PNG", (300, 200))
    document_id = keep(connection, book, data, "a.png")
    document, opened = open_document(connection, book, document_id, purpose="download", principal_id=ACTOR.principal_id)
    assert opened == data
    assert document.sha256 == hashlib.sha256(data).digest()


def test_who_sent_a_document_sees_it_and_whoever_did_not_does_not(connection: sa.Connection, book: Book) -> None:
    """At the row: whoever is held to what they sent finds those rows alone, be the bytes another's too."""
    other, third = (replace(ACTOR, principal_id=UUID(int=number)) for number in (71, 72))
    mine, theirs = keep(connection, book), keep(connection, book, image(), "Trần Thị Thử.jpg", actor=other)
    me = ACTOR.principal_id
    assert document_by_id(connection, book, mine, of=me).document_id == mine
    for stranger in (other.principal_id, third.principal_id):
        with pytest.raises(DocumentNotFound):
            document_by_id(connection, book, mine, of=stranger)
        with pytest.raises(DocumentNotFound):
            open_document(connection, book, mine, purpose="download", principal_id=stranger, of=stranger)
        with pytest.raises(DocumentNotFound):
            sent_document(connection, book, mine, stranger)
    query = sa.text("SELECT count(*) FROM vault.document_sending WHERE document_id = :document_id")
    assert connection.execute(query, {"document_id": mine}).scalar_one() == 1
    # Who sends the same bytes has them, and is not told what another called them.
    assert keep(connection, book, image(), "cua-toi.jpg") == theirs
    assert open_document(connection, book, theirs, purpose="preview", principal_id=me, of=me)[1] == image()
    assert [each.document_id for each in documents_sent(connection, book, me)] == [theirs, mine]
    assert "Thử" not in repr(documents_sent(connection, book, me))
    sibling = make_book(connection, tenant_id=book.tenant_id)
    assert documents_sent(connection, sibling, me) == ()
    with pytest.raises(DocumentNotFound):
        document_by_id(connection, sibling, mine, of=me)


def test_an_attachment_commits_to_the_bytes(connection: sa.Connection, book: Book, entry_id: UUID) -> None:
    document_id = keep(connection, book)
    event_id = attach_document(connection, book, document_id, target_id=entry_id, kind="voucher", actor=ACTOR)
    query = sa.text("SELECT leaf FROM soquy.audit_entry WHERE event_id = :event_id")
    leaf = canonical.decode(connection.execute(query, {"event_id": event_id}).scalar_one())
    assert leaf.payload == {"event": typeid.encode(typeid.ENTRY, entry_id)}
    (opened,) = open_for_inspection(
        connection, book.tenant_id, event_id, ["document_0"], reason="Kiểm tra", principal_id=None
    )
    assert opened.value == hashlib.sha256(pdf()).hexdigest()
    said = leaf.documents[0].commitment
    assert commitment.opens(said, opened.salt, leaf.event_id, "document_0", opened.value)


def test_what_is_attached_is_listed_with_what_it_is(connection: sa.Connection, book: Book, entry_id: UUID) -> None:
    scan, photo = keep(connection, book), keep(connection, book, image(), "a.jpg")
    first = attach_document(connection, book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
    assert attach_document(connection, book, scan, target_id=entry_id, kind="voucher", actor=ACTOR) == first
    second = attach_document(connection, book, photo, target_id=first, kind="photo", actor=ACTOR)
    found = attachments_of(connection, book, [entry_id, first])
    assert {(each.event_id, each.target_id, each.is_entry, each.kind, each.name) for each in found} == {
        (first, entry_id, True, "voucher", "phieu-thu.pdf"),
        (second, first, False, "photo", "a.jpg"),
    }
    sibling = make_book(connection, tenant_id=book.tenant_id)
    assert attachments_of(connection, sibling, [entry_id]) == []


def test_a_wrong_scan_is_disowned_once_and_may_be_answered(
    connection: sa.Connection, book: Book, entry_id: UUID
) -> None:
    scan = keep(connection, book)
    wrong = attach_document(connection, book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
    with pytest.raises(TextRefused):
        disown_attachment(connection, book, wrong, reason=" ", actor=ACTOR)
    disown_attachment(connection, book, wrong, reason="Nhầm phiếu", actor=ACTOR)
    with pytest.raises(AttachmentDisowned):
        disown_attachment(connection, book, wrong, reason="Nhầm phiếu", actor=ACTOR)
    right = attach_document(connection, book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
    assert right != wrong
    assert {each.event_id: each.is_disowned for each in attachments_of(connection, book, [entry_id])} == {
        wrong: True,
        right: False,
    }


def test_what_is_not_of_the_book_is_neither_attached_nor_attached_to(
    connection: sa.Connection, book: Book, entry_id: UUID
) -> None:
    scan = keep(connection, book)
    sibling = make_book(connection, tenant_id=book.tenant_id)
    theirs = keep(connection, sibling)
    with pytest.raises(DocumentNotFound):
        attach_document(connection, book, theirs, target_id=entry_id, kind="voucher", actor=ACTOR)
    with pytest.raises(EventNotFound):
        attach_document(connection, sibling, theirs, target_id=entry_id, kind="voucher", actor=ACTOR)
    with pytest.raises(EventNotFound):
        attach_document(connection, book, scan, target_id=typeid.new_id(), kind="voucher", actor=ACTOR)
    with pytest.raises(FieldRefused):
        attach_document(connection, book, scan, target_id=entry_id, kind="secret", actor=ACTOR)
    attached = attach_document(connection, book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
    with pytest.raises(AttachmentNotFound):
        disown_attachment(connection, sibling, attached, reason="x", actor=ACTOR)


def test_a_row_in_anothers_place_does_not_open(connection: sa.Connection, book: Book) -> None:
    """Whoever could write a ciphertext under another document's id would be found out when it is opened."""
    document_id = keep(connection, book)
    connection.execute(
        sa.text("""\
            INSERT INTO vault.document (tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count,
                name, sealed, key_id, uploaded_by)
            SELECT d.tenant_id, :other, d.book_id, sha256('x'), d.media_type, d.byte_size, 1, 'x.pdf', o.sealed,
                o.key_id, d.uploaded_by
            FROM vault.document AS d, vault.open_document(d.tenant_id, d.book_id, d.document_id, 'download', NULL) AS o
            WHERE d.tenant_id = :tenant_id AND d.document_id = :document_id"""),
        {"tenant_id": book.tenant_id, "document_id": document_id, "other": (other := typeid.new_id())},
    )
    with pytest.raises(SealBroken):
        open_document(connection, book, other, purpose="download", principal_id=None)
