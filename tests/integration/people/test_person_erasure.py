"""A person who is erased is nowhere in the register; what vouchers commit to stays sealed, and every proof holds."""

import subprocess
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.check import check
from ledger.calendar import TIME_ZONE, today
from ledger.documents.attachment import attach_document, disown_attachment
from ledger.documents.store import keep_document
from ledger.errors import TextRefused
from ledger.giving.block import Holder, issue_block
from ledger.giving.commands import receive
from ledger.giving.draft import start_draft
from ledger.giving.model import Collection, Gift
from ledger.giving.queries import contribution_by_id
from ledger.intake.commands import take_in
from ledger.intake.mapping import map_list, proposed
from ledger.intake.queries import intake_by_id
from ledger.people.consent import ConsentDraft, give_consent, public_names, withdraw_consent
from ledger.people.detail import open_details
from ledger.people.erasure import ValueRetained, erase, erase_expired
from ledger.people.guardian import guardianships, link_guardian
from ledger.people.opening import open_for_inspection
from ledger.people.person import PersonDraft
from ledger.people.person_erasure import erase_person
from ledger.people.register import PersonNotFound, add_people, merge_people, person_by_id
from ledger.people.search import search_people
from ledger.people.unfinished import _DROP_DOCUMENTS, LEFT_DAYS
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, Ledger, receipt
from tests.files_taken_in import WholeWorker
from tests.integration.people.conftest import MARCH
from tests.list_files import HEADER, PEOPLE, xlsx
from tests.province import scan_of

NAME, ALIAS, PHONE = "Nguyễn Văn Xoá", "N. V. Xoá", "0987654321"
REASON = "Theo đề nghị của người có dữ liệu"


def dump_of(database_server: DatabaseServer, url: str) -> str:
    if database_server.pg_dump is None:
        pytest.skip("no pg_dump of this server is at hand")
    command = [str(database_server.pg_dump), f"--dbname={url}"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def faults(database_url: str) -> list[str]:
    engine = with_vault(sa.create_engine(driver_url(database_url), poolclass=sa.NullPool))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        return [finding.rule for finding in check(conn)]


def leaves_of(conn: sa.Connection) -> dict[UUID, bytes]:
    return {
        row.event_id: bytes(row.leaf) for row in conn.execute(sa.text("SELECT event_id, leaf FROM soquy.audit_entry"))
    }


def register(ledger: Ledger) -> tuple[UUID, UUID, UUID]:
    """Enter somebody under two names who guards a child, with consents on paper; return person, child and scan."""
    with ledger.transaction() as conn:
        drafts = [
            PersonDraft(name=NAME, details={"phone": PHONE, "note": "Gọi buổi tối"}),
            PersonDraft(name=ALIAS, details={"email": "xoa@vidu.vn"}),
            PersonDraft(name="Bé Thử", birth_year=today().year - 10),
        ]
        person, alias, child = add_people(conn, ledger.book, drafts, actor=ACTOR)
        merge_people(conn, ledger.book, person, alias, actor=ACTOR)
        link_guardian(conn, ledger.book, child, person, relation="parent", actor=ACTOR)
        scan = keep_document(conn, ledger.book, scan_of("dong-y.pdf"), actor=ACTOR).document_id
    for purpose in ("publish_name", "contact"):
        draft = ConsentDraft(purpose=purpose, method="paper", given_on=today(), document_id=scan)
        with ledger.transaction() as conn:
            give_consent(conn, ledger.book, person, draft, actor=ACTOR)
    with ledger.transaction() as conn:
        said = {"purpose": "contact", "method": "phone", "withdrawn_on": today(), "actor": ACTOR}
        withdraw_consent(conn, ledger.book, person, **said)  # type: ignore[arg-type]
        open_details(conn, ledger.book, person, ["note"], purpose="inspection", reason="Hỏi " + NAME, principal_id=None)
    return person, child, scan


def test_whoever_is_erased_is_in_no_table_and_no_dump(
    ledger: Ledger, keeper: sa.Engine, database_server: DatabaseServer, database_url: str
) -> None:
    person, child, _ = register(ledger)
    ledger.post(replace(receipt(500, MARCH), description="Ủng hộ"))
    with ledger.transaction() as conn:
        leaves = leaves_of(conn)
    dump = dump_of(database_server, database_url)
    assert NAME in dump
    assert PHONE not in dump, "details are sealed"
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        with pytest.raises(TextRefused):
            erase_person(conn, ledger.book.tenant_id, person, reason="")
        assert erase_person(conn, ledger.book.tenant_id, person, reason=REASON) == 2
        with pytest.raises(PersonNotFound):
            erase_person(conn, ledger.book.tenant_id, person, reason=REASON)
    dump = dump_of(database_server, database_url)
    for trace in (NAME, ALIAS, "nguyen van xoa", str(person), "dong-y.pdf"):
        gone = dump.replace(str(person), "", 1) if trace == str(person) else dump
        assert trace not in gone, trace
    with ledger.transaction() as conn:
        assert [each.name for each in search_people(conn, ledger.book).rows] == ["Bé Thử"]
        assert guardianships(conn, ledger.book, child) == []
        assert public_names(conn, ledger.book, [person]) == {}
        with pytest.raises(PersonNotFound):
            person_by_id(conn, ledger.book, person)
        after = leaves_of(conn)
    assert {event_id: after[event_id] for event_id in leaves} == leaves, "every proof holds"
    assert faults(database_url) == []


def test_the_leaf_of_an_erasure_names_nobody(ledger: Ledger, keeper: sa.Engine) -> None:
    person, _, _ = register(ledger)
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        erase_person(conn, ledger.book.tenant_id, person, reason=REASON)
    with ledger.transaction() as conn:
        leaves = [
            bytes(leaf).decode() for leaf in conn.execute(sa.text("SELECT leaf FROM soquy.audit_entry")).scalars()
        ]
    (told,) = [leaf for leaf in leaves if "person.erased" in leaf]
    handles = told.partition('"people":[')[2].partition("]")[0].replace('"', "").split(",")
    assert len(handles) == 2
    for handle in handles:
        assert sum(handle in leaf for leaf in leaves) == 1
        assert handle[12] == "4", "of chance: it tells no time"


def test_the_service_cannot_erase(ledger: Ledger) -> None:
    person, _, _ = register(ledger)
    with pytest.raises(sa.exc.ProgrammingError), ledger.transaction() as conn:
        erase_person(conn, ledger.book.tenant_id, person, reason=REASON)


def test_a_scan_stays_with_its_voucher_until_its_time_is_over(
    ledger: Ledger, keeper: sa.Engine, database_url: str
) -> None:
    """The law keeps it ten years, whoever is erased; disowned, it is no voucher's and may go."""
    person, _, scan = register(ledger)
    entry_id = ledger.post(receipt(500, MARCH)).entries[0].entry_id
    with ledger.transaction() as conn:
        attached = attach_document(conn, ledger.book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        erase_person(conn, ledger.book.tenant_id, person, reason=REASON)
        with pytest.raises(ValueRetained):
            erase(conn, ledger.book.tenant_id, attached, ["document_0"], reason=REASON, as_of=today())
    assert kept_documents(ledger) == 1
    with ledger.transaction() as conn:
        disown_attachment(conn, ledger.book, attached, reason="Nhầm phiếu", actor=ACTOR)
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        assert erase(conn, ledger.book.tenant_id, attached, ["document_0"], reason=REASON, as_of=today()) == [
            "document_0"
        ]
    assert kept_documents(ledger) == 0
    assert faults(database_url) == []


def test_what_expired_goes_with_what_stands_beside_it(ledger: Ledger, keeper: sa.Engine, database_url: str) -> None:
    person, _, scan = register(ledger)
    entry_id = ledger.post(receipt(500, MARCH)).entries[0].entry_id
    with ledger.transaction() as conn:
        attach_document(conn, ledger.book, scan, target_id=entry_id, kind="voucher", actor=ACTOR)
        gift = Gift(donor=NAME, amount_minor=500_000)
        given = Collection(
            received_on=MARCH, medium="cash", account="1111", fund="QC", channel="household", gifts=[gift]
        )
        gift_id = receive(conn, ledger.book, given, actor=ACTOR).contributions[0].contribution_id
        holder = Holder(name=ALIAS)
        issue_block(
            conn, ledger.book, series="A", first_number=1, last_number=5, holder=holder, issued_on=MARCH, actor=ACTOR
        )
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        while erase_expired(conn, ledger.book.tenant_id, as_of=today() + timedelta(days=366 * 12)):
            pass
    assert kept_documents(ledger) == 0
    with ledger.transaction() as conn:
        assert public_names(conn, ledger.book, [person]) == {}, "a consent outlives no evidence of it"
        assert contribution_by_id(conn, ledger.book, gift_id).name is None
        assert conn.execute(sa.text("SELECT count(*) FROM vault.block_holder")).scalar_one() == 0
    assert faults(database_url) == []


def test_what_was_begun_and_left_goes_after_half_a_year(
    ledger: Ledger, keeper: sa.Engine, database_server: DatabaseServer, database_url: str
) -> None:
    """A scan that belongs to nothing, a draft that nobody posted, a list that nobody decided on."""
    typed = {"draft": "Lê Thị Nháp", "row": PEOPLE[0][1], "file": "cua-nguyen-van-mau.xlsx"}
    with ledger.transaction() as conn:
        keep_document(conn, ledger.book, scan_of("quen.pdf"), actor=ACTOR)
        start_draft(conn, ledger.book, "contribution", {"lines": [{"donor": typed["draft"]}]}, actor=ACTOR)
        take_in(conn, ledger.book, kind="household", name=typed["file"], data=xlsx([HEADER, *PEOPLE]), actor=ACTOR)
        assert WholeWorker(conn).work_one()
        (intake_id,) = conn.execute(sa.text("SELECT intake_id FROM vault.intake")).scalars()
        found = intake_by_id(conn, ledger.book, intake_id)
        map_list(conn, ledger.book, intake_id, proposed(found.outline or {}), version=found.version, actor=ACTOR)
    for days, left in ((LEFT_DAYS, 2), (LEFT_DAYS + 1, 0)):
        with keeper.begin() as conn:
            set_tenant(conn, ledger.book.tenant_id)
            erase_expired(conn, ledger.book.tenant_id, as_of=today() + timedelta(days=days))
        assert kept_documents(ledger) == left
        dump = dump_of(database_server, database_url)
        assert {name: value in dump for name, value in typed.items()} == dict.fromkeys(typed, left > 0)
    assert faults(database_url) == []


def test_a_scan_waits_as_long_as_the_draft_that_names_it(ledger: Ledger, keeper: sa.Engine) -> None:
    with ledger.transaction() as conn:
        scan = keep_document(conn, ledger.book, scan_of("nhap.pdf"), actor=ACTOR)
        named = {"document": typeid.encode(typeid.DOCUMENT, scan.document_id), "lines": []}
        start_draft(conn, ledger.book, "contribution", named, actor=ACTOR)
        keep_document(conn, ledger.book, scan_of("quen.pdf"), actor=ACTOR)
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        before = datetime.combine(today() + timedelta(days=1), time(), TIME_ZONE)
        conn.execute(_DROP_DOCUMENTS, {"tenant_id": ledger.book.tenant_id, "before": before})
    assert kept_documents(ledger) == 1


def test_a_scan_that_was_sent_again_waits_from_then_on(ledger: Ledger, keeper: sa.Engine) -> None:
    with ledger.transaction() as conn:
        keep_document(conn, ledger.book, scan_of("quen.pdf"), actor=ACTOR)
    between = datetime.now(TIME_ZONE)
    with ledger.transaction() as conn:
        keep_document(conn, ledger.book, scan_of("quen.pdf"), actor=ACTOR)
    for before, left in ((between, 1), (datetime.now(TIME_ZONE), 0)):
        with keeper.begin() as conn:
            set_tenant(conn, ledger.book.tenant_id)
            conn.execute(_DROP_DOCUMENTS, {"tenant_id": ledger.book.tenant_id, "before": before})
        assert kept_documents(ledger) == left


def kept_documents(ledger: Ledger) -> int:
    with ledger.transaction() as conn:
        return int(conn.execute(sa.text("SELECT count(document_id) FROM vault.document")).scalar_one())


def test_a_givers_name_goes_and_the_gift_stays(
    ledger: Ledger, keeper: sa.Engine, database_server: DatabaseServer, database_url: str
) -> None:
    """What was given is in the books for good; by whom is sealed with the voucher, and found by no name any more."""
    with ledger.transaction() as conn:
        person = add_people(conn, ledger.book, [PersonDraft(name=NAME)], actor=ACTOR)[0]
        gifts = [Gift(donor=NAME, amount_minor=500_000, person_id=person), Gift(donor="Trần Thị Thử", amount_minor=1)]
        given = Collection(
            received_on=MARCH, medium="cash", account="1111", fund="QC", channel="household", gifts=gifts
        )
        gift_id = receive(conn, ledger.book, given, actor=ACTOR).contributions[0].contribution_id
    assert NAME in dump_of(database_server, database_url)
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        erase_person(conn, ledger.book.tenant_id, person, reason=REASON)
    assert NAME not in dump_of(database_server, database_url)
    with ledger.transaction() as conn:
        found = contribution_by_id(conn, ledger.book, gift_id)
        opened = open_for_inspection(
            conn, ledger.book.tenant_id, gift_id, ["donor"], reason="Thanh tra", principal_id=None
        )
    assert (found.amount_minor, found.name) == (500_000, None)
    assert NAME in opened[0].value, "the law keeps it with the voucher"
    assert faults(database_url) == []
