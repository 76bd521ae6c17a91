"""Drafts keep every word that was typed, and become gifts once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ledger import typeid
from ledger.books.model import Actor
from ledger.documents.attachment import attachments_of
from ledger.documents.content import check_content
from ledger.documents.store import DocumentNotFound, keep_document
from ledger.errors import FieldRefused, TextRefused
from ledger.giving.draft import (
    LINE_COUNT_MAX,
    DraftNotFound,
    DraftStale,
    DraftStateRefused,
    DraftTooLarge,
    discard_draft,
    draft_by_id,
    drafts,
    look_at,
    post_draft,
    recall_draft,
    return_draft,
    save_draft,
    start_draft,
    submit_draft,
)
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import Received
from ledger.giving.queries import contributions_of
from ledger.typeid import new_id
from tests.factories import ACTOR, Ledger, make_book
from tests.integration.documents.files import image, pdf
from tests.integration.giving.conftest import Room

OTHER = replace(ACTOR, principal_id=UUID(int=77))


def line(donor: str | None = "Nguyễn Văn Mẫu", amount: str | None = "500.000", **more: Any) -> dict[str, Any]:
    return {"donor": donor, "amount": amount, **more}


def body(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "received_on": "5/3/2024",
        "medium": "cash",
        "account": "1111",
        "fund": "QC",
        "channel": "household",
        "lines": list(lines or (line(),)),
        **more,
    }


DRIVE = body(line(), line("Trần Thị Thử", "250000"), declared_count="2", declared_total="750.000")


def start(room: Room, typed: dict[str, Any] | None = None, kind: Any = "contribution") -> UUID:
    return start_draft(room.conn, room.book, kind, typed or body(), actor=ACTOR)


def faults(refused: CollectionRefused) -> set[tuple[str, int | None, str | None]]:
    return {(fault.code, fault.line, fault.field) for fault in refused.faults}


def test_what_was_typed_is_kept_word_for_word(room: Room) -> None:
    typed = body(line("  nguyễn  ", "1tr5"), line(None, ""), received_on="hôm qua")
    draft = draft_by_id(room.conn, room.book, start(room, typed))
    assert draft.body == typed
    assert (draft.state, draft.version, draft.line_count) == ("open", 1, 2)
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, draft, actor=ACTOR)
    assert faults(refused.value) == {("amount_refused", 0, "amount"), ("day_refused", None, "received_on")}


def test_a_draft_is_submitted_and_posted_and_keeps_no_name_then(room: Room) -> None:
    draft_id = start(room, DRIVE, "drive")
    version = submit_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    received = post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    rows = contributions_of(room.conn, room.book, received.entry.entry_id).rows
    assert [(row.name, row.amount_minor) for row in rows] == [("Nguyễn Văn Mẫu", 500_000), ("Trần Thị Thử", 250_000)]
    posted = draft_by_id(room.conn, room.book, draft_id)
    assert (posted.state, posted.body, posted.entry_id) == ("posted", {}, received.entry.entry_id)
    assert room.ask("SELECT source FROM soquy.collection WHERE book_id = :book_id") == [("drive",)]
    again = post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    assert (again.repeated, again.contributions) == (True, received.contributions)


def test_whoever_drafted_it_takes_it_back_until_it_is_posted(room: Room) -> None:
    draft_id = start(room, DRIVE, "drive")
    version = submit_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    with pytest.raises(DraftNotFound):
        recall_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    with pytest.raises(DraftStale):
        recall_draft(room.conn, room.book, draft_id, version=version - 1, actor=ACTOR)
    version = recall_draft(room.conn, room.book, draft_id, version=version, actor=ACTOR)
    found = draft_by_id(room.conn, room.book, draft_id)
    assert (found.state, found.body, found.return_reason) == ("open", DRIVE, None)
    with pytest.raises(DraftStateRefused):
        recall_draft(room.conn, room.book, draft_id, version=version, actor=ACTOR)
    version = submit_draft(room.conn, room.book, draft_id, version=version, actor=ACTOR)
    post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    with pytest.raises(DraftStateRefused) as refused:
        recall_draft(room.conn, room.book, draft_id, version=version + 1, actor=ACTOR)
    assert refused.value.fields["state"] == "posted"


def kept(room: Room, data: bytes, name: str, actor: Actor = ACTOR) -> str:
    document = keep_document(room.conn, room.book, check_content(name, data), actor=actor)
    return typeid.encode(typeid.DOCUMENT, document.document_id)


def test_a_drafts_scan_is_attached_to_what_it_becomes_once(room: Room) -> None:
    scan = kept(room, pdf(), "bien-lai.pdf")
    draft_id = start(room, body(document=scan, document_kind="receipt"))
    received = post_draft(room.conn, room.book, draft_id, version=1, actor=OTHER)
    post_draft(room.conn, room.book, draft_id, version=1, actor=OTHER)
    attached = attachments_of(room.conn, room.book, [received.entry.entry_id])
    assert [(each.kind, each.name) for each in attached] == [("receipt", "bien-lai.pdf")]


def test_whoever_sees_their_own_alone_names_no_scan_of_another(room: Room) -> None:
    mine, theirs = kept(room, pdf(), "a.pdf"), kept(room, image(), "b.jpg", OTHER)
    me = ACTOR.public_id
    elsewhere = replace(room, book=make_book(room.conn, tenant_id=room.book.tenant_id))
    with pytest.raises(DocumentNotFound):
        start_draft(room.conn, room.book, "contribution", body(document=theirs), actor=ACTOR, of=me)
    with pytest.raises(DocumentNotFound):
        start_draft(room.conn, room.book, "contribution", body(document=kept(elsewhere, pdf(2), "c.pdf")), actor=ACTOR)
    draft_id = start_draft(room.conn, room.book, "contribution", body(document=mine), actor=ACTOR, of=me)
    with pytest.raises(DocumentNotFound):
        save_draft(room.conn, room.book, draft_id, body(document=theirs), version=1, actor=ACTOR, of=me)
    # What somebody who sees all put there stays when its drafter goes on.
    version = save_draft(room.conn, room.book, draft_id, body(document=theirs), version=1, actor=OTHER)
    again = body(line("Trần Thị Thử"), document=theirs)
    assert save_draft(room.conn, room.book, draft_id, again, version=version, actor=ACTOR, of=me) == version + 1


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ({"document": "dc_x"}, ("id_malformed", None, "document")),
        ({"document": "", "document_kind": "secret"}, None),
        ({"document_kind": "secret"}, ("choice_refused", None, "document_kind")),
    ],
)
def test_a_scan_that_cannot_be_read_is_kept_as_typed_and_told(
    room: Room, named: dict[str, str], fault: tuple[str, int | None, str | None] | None
) -> None:
    typed = body(**{"document": kept(room, pdf(), "a.pdf"), **named})
    draft = draft_by_id(room.conn, room.book, start(room, typed))
    assert draft.body == typed
    if fault is None:
        look_at(room.conn, room.book, draft, actor=ACTOR)
        return
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, draft, actor=ACTOR)
    assert faults(refused.value) == {fault}


def test_a_scan_that_is_gone_is_told_before_anything_is_posted(room: Room) -> None:
    gone = replace(
        draft_by_id(room.conn, room.book, start(room)), body=body(document=typeid.encode(typeid.DOCUMENT, new_id()))
    )
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, gone, actor=ACTOR)
    assert faults(refused.value) == {("document_not_found", None, "document")}


def test_a_second_tab_with_an_older_version_is_refused_and_loses_nothing(room: Room) -> None:
    draft_id = start(room)
    first = save_draft(room.conn, room.book, draft_id, body(line("Bản thứ nhất")), version=1, actor=ACTOR)
    with pytest.raises(DraftStale) as refused:
        save_draft(room.conn, room.book, draft_id, body(line("Bản thứ hai")), version=1, actor=ACTOR)
    assert refused.value.fields["version_now"] == first == 2
    assert draft_by_id(room.conn, room.book, draft_id).body["lines"][0]["donor"] == "Bản thứ nhất"


def test_a_submitted_draft_goes_back_with_a_reason_and_can_be_submitted_again(room: Room) -> None:
    draft_id = start(room)
    version = submit_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    with pytest.raises(DraftStateRefused):
        save_draft(room.conn, room.book, draft_id, body(), version=version, actor=ACTOR)
    with pytest.raises(TextRefused):
        return_draft(room.conn, room.book, draft_id, version=version, reason=" ", actor=OTHER)
    version = return_draft(room.conn, room.book, draft_id, version=version, reason="Thiếu thôn", actor=OTHER)
    assert draft_by_id(room.conn, room.book, draft_id).return_reason == "Thiếu thôn"
    version = save_draft(room.conn, room.book, draft_id, body(line(detail="Thôn Đông")), version=version, actor=ACTOR)
    version = submit_draft(room.conn, room.book, draft_id, version=version, actor=ACTOR)
    assert draft_by_id(room.conn, room.book, draft_id).return_reason is None
    post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    with pytest.raises(DraftStateRefused):
        return_draft(room.conn, room.book, draft_id, version=version + 1, reason="Muộn", actor=OTHER)


def test_a_discarded_draft_keeps_nothing(room: Room) -> None:
    draft_id = start(room)
    version = discard_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    assert draft_by_id(room.conn, room.book, draft_id).body == {}
    with pytest.raises(DraftStateRefused):
        post_draft(room.conn, room.book, draft_id, version=version, actor=ACTOR)
    assert drafts(room.conn, room.book) == ()


def test_a_drafter_sees_and_changes_their_own_drafts_alone(room: Room) -> None:
    own, others = start(room), start_draft(room.conn, room.book, "drive", DRIVE, actor=OTHER)
    assert [each.draft_id for each in drafts(room.conn, room.book, of=OTHER.public_id)] == [others]
    assert {each.draft_id for each in drafts(room.conn, room.book)} == {own, others}
    with pytest.raises(DraftNotFound):
        draft_by_id(room.conn, room.book, own, of=OTHER.public_id)
    with pytest.raises(DraftNotFound):
        save_draft(room.conn, room.book, own, body(), version=1, actor=OTHER, of=OTHER.public_id)
    with pytest.raises(DraftNotFound):
        submit_draft(room.conn, room.book, new_id(), version=1, actor=ACTOR)


def test_a_drive_declares_first_and_its_difference_is_accepted_by_who_posts(room: Room) -> None:
    undeclared = start(room, body(), "drive")
    with pytest.raises(CollectionRefused) as refused:
        submit_draft(room.conn, room.book, undeclared, version=1, actor=ACTOR)
    assert faults(refused.value) == {("declared_missing", None, "declared_count")}
    draft_id = start(room, {**DRIVE, "declared_total": "800.000"}, "drive")
    version = submit_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    with pytest.raises(CollectionRefused) as refused:
        post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER)
    assert faults(refused.value) == {("declared_differs", None, "declared_total")}
    post_draft(room.conn, room.book, draft_id, version=version, actor=OTHER, difference_reason="Đếm lại: thiếu 50.000")
    assert room.ask("SELECT declared_minor FROM soquy.collection WHERE book_id = :book_id") == [(800_000,)]


def test_faults_stand_at_the_lines_as_they_were_typed(room: Room) -> None:
    typed = body(line(), {}, line("  ", " "), line(None, "5"), line("Trần Thị Thử", "-5"), line("x\u202e", "7"))
    draft = draft_by_id(room.conn, room.book, start(room, typed))
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, draft, actor=ACTOR)
    assert faults(refused.value) == {("amount_refused", 4, "amount")}
    typed["lines"][4]["amount"] = "5"
    draft = replace(draft, body=typed)
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, draft, actor=ACTOR)
    assert faults(refused.value) == {("donor_missing", 3, "donor"), ("text_refused", 5, "donor")}


def test_an_empty_form_says_all_that_it_lacks(room: Room) -> None:
    draft = draft_by_id(room.conn, room.book, start(room, {"lines": [{}]}))
    with pytest.raises(CollectionRefused) as refused:
        look_at(room.conn, room.book, draft, actor=ACTOR)
    assert faults(refused.value) == {
        ("lines_empty", None, "lines"),
        ("day_refused", None, "received_on"),
        ("medium_missing", None, "medium"),
        ("field_missing", None, "account"),
        ("field_missing", None, "fund"),
        ("field_missing", None, "channel"),
    }


def test_foreign_money_is_typed_with_its_decimals_and_its_rate(room: Room) -> None:
    typed = body(line(amount="1,250.50"), currency="USD", rate="24650,5", rate_source="SBV", account="1112USD")
    draft_id = start(room, typed)
    received = post_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    rows = contributions_of(room.conn, room.book, received.entry.entry_id).rows
    assert [(row.amount_minor, row.currency) for row in rows] == [(125_050, "USD")]
    ((rate,),) = room.ask("SELECT rate FROM soquy.entry WHERE book_id = :book_id")
    assert rate == Decimal("24650.5")
    for wrong, fault in ({"rate": "0"}, "rate_range"), ({"rate": None}, "rate_unreadable"):
        draft = draft_by_id(room.conn, room.book, start(room, {**typed, **wrong}))
        with pytest.raises(CollectionRefused) as refused:
            look_at(room.conn, room.book, draft, actor=ACTOR)
        assert fault in {code for code, _, _ in faults(refused.value)}


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ({"lines": [{"amount": 5}]}, FieldRefused),
        ({"lines": [{"phone": "0900000000"}]}, FieldRefused),
        ({"lines": "x"}, FieldRefused),
        ({"lines": ["x"]}, FieldRefused),
        ({"note": "x"}, FieldRefused),
        ({"fund": "x" * 2_001}, FieldRefused),
        ({"fund": "a\x00b"}, FieldRefused),
        ({"lines": [{}] * (LINE_COUNT_MAX + 1)}, DraftTooLarge),
        ({"lines": [{"donor": "x" * 1_900}] * 600}, DraftTooLarge),
    ],
)
def test_what_is_no_draft_is_not_kept(room: Room, typed: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        start(room, typed)


def test_two_posts_of_one_draft_are_one_entry(committed_ledger: Ledger) -> None:
    with committed_ledger.transaction() as conn:
        draft_id = start_draft(conn, committed_ledger.book, "drive", DRIVE, actor=ACTOR)
        version = submit_draft(conn, committed_ledger.book, draft_id, version=1, actor=ACTOR)

    def post(_: int) -> Received:
        with committed_ledger.transaction() as conn:
            return post_draft(conn, committed_ledger.book, draft_id, version=version, actor=OTHER)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(post, range(4)))
    assert len({each.entry.entry_id for each in results}) == 1
    assert sorted(each.repeated for each in results) == [False, True, True, True]


def test_a_draft_is_taken_back_or_posted_and_never_both(committed_ledger: Ledger) -> None:
    """Whoever takes it back and whoever posts it at the same moment: one of them is told that it is too late."""
    ledger, book = committed_ledger, committed_ledger.book
    for _ in range(6):
        with ledger.transaction() as conn:
            draft_id = start_draft(conn, book, "drive", DRIVE, actor=ACTOR)
            submit_draft(conn, book, draft_id, version=1, actor=ACTOR)

        def act(is_posting: bool, draft_id: UUID = draft_id) -> bool:
            try:
                with ledger.transaction() as conn:
                    if is_posting:
                        post_draft(conn, book, draft_id, version=2, actor=OTHER)
                    else:
                        recall_draft(conn, book, draft_id, version=2, actor=ACTOR)
            except (DraftStale, DraftStateRefused):
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            recalled, posted = pool.map(act, (False, True))
        assert recalled != posted
        with ledger.transaction() as conn:
            found = draft_by_id(conn, book, draft_id)
        assert found.state == ("posted" if posted else "open")


def test_a_draft_is_not_marked_posted_by_an_entry_of_another_transaction(room: Room) -> None:
    """The function that ends a draft looks whether the gifts were recorded just now."""
    draft_id = start(room)
    move = "SELECT vault.move_draft(:tenant_id, :book_id, :id, 1, 'posted', NULL, 1, 'x')"
    assert room.ask(move, id=draft_id) == [(None,)]


def test_receiving_and_posting_a_draft_agree(room: Room) -> None:
    draft_id = start(room, DRIVE, "drive")
    draft = draft_by_id(room.conn, room.book, draft_id)
    seen = look_at(room.conn, room.book, draft, actor=ACTOR)
    posted = post_draft(room.conn, room.book, draft_id, version=1, actor=ACTOR)
    assert (seen.entry.seq, seen.entry.voucher) == (posted.entry.seq, posted.entry.voucher)
