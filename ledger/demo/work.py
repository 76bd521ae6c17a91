"""Do a year's work in an association's office: everything between its founding and the locking of its months."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from ledger.banking.account import BankAccount, set_bank_account
from ledger.books.commands import issue_voucher, reverse_entry, void_voucher
from ledger.books.model import EntryDraft, PostedEntry, Request
from ledger.books.posting import post
from ledger.demo.collecting import Gathered, book_steps, is_whole
from ledger.demo.consent import agreed
from ledger.demo.correction import Adjustment, Reversal
from ledger.demo.desk import leave_drafts
from ledger.demo.drafts import BANK, book_drafts, planned_id
from ledger.demo.office import ACTOR, Office
from ledger.demo.promise import promise
from ledger.demo.register import add_family, know_givers
from ledger.demo.scan import draw_list
from ledger.demo.scenario import EARMARK, EARMARK_NAMES, EARMARKED
from ledger.demo.slip import take_back, use_slips
from ledger.demo.stock import Delivered, HandedOver, StockStep, count_goods, stock
from ledger.documents.attachment import attach_document
from ledger.documents.content import check_content
from ledger.documents.store import keep_document
from ledger.giving.commands import correct_donor, open_earmark, receive
from ledger.giving.delivery import hand_over, receive_goods
from ledger.giving.model import Received

_NO_BANK: Final = "999999"
"""A bank that there is not: whoever scans a demo's code cannot pay anybody."""

_CORRECTED: Final = 3
"""Whose name in a list is put right, counted from 0."""


@dataclass(slots=True, kw_only=True)
class Done:
    """What was posted, by the ids that entries were planned with."""

    entries: dict[UUID, PostedEntry] = field(default_factory=dict)
    goods: dict[UUID, UUID] = field(default_factory=dict)
    lists: list[tuple[Gathered, Received]] = field(default_factory=list)


def work(office: Office) -> None:
    """Post an association's year, with all that its people leave on paper and on their desks."""
    plan, unit = office.plan, office.unit
    drafts = book_drafts(plan.books[unit.code], plan.scenario.opens_on, plan.seed, plan.scenario.key)
    steps = list(book_steps(plan, unit, drafts))
    if not is_whole(plan, unit):
        _take_all(office, steps)
        return
    _open_doors(office)
    if not office.has_desk:
        _take_all(office, list(stock(steps)))
        return
    steps = list(promise(office, know_givers(office, steps)))
    blocks: dict[str, UUID] = {}
    if unit.level == "commune":
        steps, blocks = use_slips(office, steps)
    done = _take_all(office, list(stock(steps)))
    if blocks:
        take_back(office, blocks)
    count_goods(office)
    add_family(office)
    leave_drafts(office)
    _see_to_list(office, *max(done.lists, key=lambda each: len(each[0].collection.gifts)))


def _open_doors(office: Office) -> None:
    """Show where to pay, which leads nowhere, and open what givers may ask for."""
    number = f"{office.plan.place(office.unit) + 1:010}"
    shown = BankAccount(account=BANK, bank_bin=_NO_BANK, number=number, holder=f"{office.unit.name_vi} (mẫu)".upper())
    set_bank_account(office.conn, office.book, shown, actor=ACTOR)
    if office.unit.level == "province":
        name_vi, name_en = EARMARK_NAMES
        open_earmark(
            office.conn,
            office.book,
            earmark=EARMARK,
            fund=EARMARKED,
            name_vi=name_vi,
            name_en=name_en,
            opened_on=office.plan.scenario.opens_on,
            actor=ACTOR,
        )


def _take_all(office: Office, steps: Sequence[StockStep]) -> Done:
    done = Done()
    scenario = office.plan.scenario
    for number, step in enumerate(steps):
        key = f"demo/{scenario.key}/{office.plan.seed}/{office.unit.code}/{number}"
        _take(office, step, done, key)
    return done


def _take(office: Office, step: StockStep, done: Done, key: str) -> None:
    conn, book, poster = office.conn, office.book, office.poster
    request = Request(key=key, hash=hashlib.sha256(repr(step).encode()).digest())
    match step:
        case Gathered():
            received = receive(conn, book, step.collection, actor=poster, request=request)
            done.entries[step.entry_id] = received.entry
            if step.collection.is_list:
                done.lists.append((step, received))
        case Reversal():
            entry_id = done.entries[step.entry_id].entry_id
            reverse_entry(conn, book, entry_id, on=step.on, reason=step.reason, actor=poster, request=request)
        case Adjustment():
            seq = done.entries[step.entry_id].seq
            draft = replace(step.draft, corrects_seq=seq, entry_id=planned_id(step.on, key))
            post(conn, book, agreed(office, [draft]), actor=ACTOR, request=request)
        case Delivered():
            done.goods[step.entry_id] = receive_goods(conn, book, step.delivery, actor=poster).goods_id
        case HandedOver():
            _hand_over(office, step, done)
        case tuple():
            _post(office, step, done, request)
        case _:
            voucher = issue_voucher(conn, book, "PC", issued_on=step.on, actor=ACTOR)
            void_voucher(conn, book, voucher, reason="Lập trùng phiếu, không chi", actor=ACTOR)


def _post(office: Office, drafts: tuple[EntryDraft, ...], done: Done, request: Request) -> None:
    if drafts:
        posted = post(office.conn, office.book, agreed(office, drafts), actor=ACTOR, request=request).entries
        done.entries |= {each.entry_id: each for each in posted}


def _hand_over(office: Office, step: HandedOver, done: Done) -> None:
    hand_over(
        office.conn,
        office.book,
        done.goods[step.delivery_id],
        quantity=step.quantity,
        on=step.on,
        program=step.program,
        program_quantity=step.awards,
        recipient="Trường Mẫu số 1",
        actor=office.poster,
    )


def _see_to_list(office: Office, step: Gathered, received: Received) -> None:
    """Put one name of a list right, and attach a picture of the list."""
    gifts = step.collection.gifts
    conn, book, poster = office.conn, office.book, office.poster
    wrong = gifts[_CORRECTED]
    correct_donor(
        conn,
        book,
        received.contributions[_CORRECTED].contribution_id,
        donor=f"{wrong.donor} (mẫu, đã sửa tên)",
        detail=wrong.detail,
        reason="Đọc nhầm chữ viết tay",
        actor=poster,
    )
    picture = check_content("danh-sach-mau.png", draw_list("DANH SÁCH ỦNG HỘ", gifts))
    document = keep_document(conn, book, picture, actor=office.collector)
    attach_document(
        conn, book, document.document_id, target_id=received.entry.entry_id, kind="list", actor=office.collector
    )
