"""No row that a command makes or closes gets in without the leaf that tells of it: not by plain SQL either."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import sqlalchemy as sa

from api.tokens import create_token
from ledger import typeid
from ledger.access.commands import grant_role
from ledger.associations.commands import found_association
from ledger.books.chart import close_account, close_fund, open_account, open_campaign, open_fund, open_program
from ledger.books.commands import issue_voucher
from ledger.books.model import Book
from ledger.errors import LedgerError, ReferenceUnknown
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR
from tests.integration.books.plain_sql import MAY, Scene, make_scene, refusal, tell

TOKEN_ID: Final = uuid.UUID("018f0000-0000-7000-8000-00000000abcd")
TOKEN: Final = typeid.encode(typeid.TOKEN, TOKEN_ID)
GRANT_ID: Final = uuid.UUID("018f0000-0000-7000-8000-00000000abce")
GRANT: Final = typeid.encode(typeid.GRANT, GRANT_ID)
NOWHERE: Final[dict[str, Any]] = {"association": None, "association_id": None, "book_id": None}
"""A token's leaf is of no association."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of row: what its leaf says, how it is inserted, and which rule looks for the leaf."""

    type: str
    payload: Mapping[str, Any]
    insert: str
    rule: str
    home: Mapping[str, Any]


def kind(
    table: str, type_: str, payload: Mapping[str, Any], home: Mapping[str, Any] | None = None, /, **row: str
) -> Kind:
    values = ", ".join(row.values())
    return Kind(
        type=type_,
        payload=payload,
        insert=f"INSERT INTO soquy.{table} (tenant_id, {', '.join(row)}, event_id)"
        f" VALUES (:tenant_id, {values}, :event_id)",
        rule=f"{table}_leaf_given_rule",
        home=home or {},
    )


BOOK: Final = {"book_id": ":book_id"}
NAMED: Final = {"name_vi": "'Tên'", "opened_on": "'2024-02-29'"}
VOUCHER: Final = {"voucher_kind": "'PT'", "fiscal_year": "2024", "number": "2"}

KINDS: Final = {
    "fund": kind(
        "fund",
        "fund.opened",
        {"fund": "NEW", "kind": "tet", "account": "35383", "opened_on": "2024-02-29"},
        **BOOK,
        fund="'NEW'",
        kind="'tet'",
        balance_account="'35383'",
        is_restricted="true",
        purpose="'Quà'",
        **NAMED,
    ),
    "account": kind(
        "account",
        "account.opened",
        {"account": "1121C", "parent": "1121", "currency": "VND", "opened_on": "2024-02-29"},
        **BOOK,
        account="'1121C'",
        parent="'1121'",
        name_en="'Name'",
        side="'D'",
        role="'bank'",
        currency="'VND'",
        **NAMED,
    ),
    "bank_account": kind(
        "bank_account",
        "bank_account.set",
        {"account": "1121A", "bank": "970436", "number": "0123456789", "version": 1},
        **BOOK,
        account="'1121A'",
        version="1",
        bank_bin="'970436'",
        number="'0123456789'",
        holder="'HOI THU NGHIEM'",
    ),
    "campaign": kind(
        "campaign",
        "campaign.opened",
        {"campaign": "NEW", "opened_on": "2024-02-29", "closed_on": None},
        campaign="'NEW'",
        **NAMED,
    ),
    "program": kind(
        "program",
        "program.opened",
        {"program": "NEW", "unit": "award", "opened_on": "2024-02-29", "closed_on": "2024-12-31"},
        program="'NEW'",
        unit="'award'",
        closed_on="'2024-12-31'",
        **NAMED,
    ),
    "voucher": kind(
        "voucher",
        "voucher.issued",
        {"voucher": ["PT", 2024, 2], "issued_on": "2024-05-15"},
        **BOOK,
        **VOUCHER,
        issued_on="'2024-05-15'",
    ),
    "month_lock": kind(
        "month_lock",
        "month.locked",
        {"locked_through": "2024-02-29", "last_seq": 1},
        **BOOK,
        locked_through="'2024-02-29'",
        last_seq="1",
    ),
    "api_token": kind(
        "api_token",
        "token.created",
        {
            "token": TOKEN,
            "rights": ["post", "read"],
            "associations": [typeid.encode(typeid.ASSOCIATION, uuid.UUID(int=each)) for each in (7, 2**128 - 1)],
            "reaches_below": False,
            "expires_at": "2030-01-31T17:00:00.000120+00:00",
        },
        NOWHERE,
        token_id=f"'{TOKEN_ID}'",
        secret_hash="CAST(repeat('x', 32) AS bytea)",
        label="'Thủ quỹ'",
        rights="'{read,post}'",
        association_ids=f"'{{{uuid.UUID(int=7)},{uuid.UUID(int=2**128 - 1)}}}'",
        reaches_below="false",
        expires_at="'2030-02-01 00:00:00.00012+07'",
    ),
    "role_grant": kind(
        "role_grant",
        "role.granted",
        {"grant": GRANT, "role": "cashier"},
        grant_id=f"'{GRANT_ID}'",
        association_id="(SELECT association_id FROM soquy.book WHERE book_id = :book_id)",
        user_id=f"'{uuid.UUID(int=7)}'",
        role="'cashier'",
    ),
}
"""Kinds whose leaf says all of it in its payload; documents' and consents' own tests attack theirs."""


def told(scene: Scene, each: Kind, **changes: Any) -> uuid.UUID:
    return tell(scene.conn, scene.book, each.type, each.payload, **{**each.home, **changes})


def keys(scene: Scene, each: Kind, event_id: uuid.UUID) -> dict[str, Any]:
    known = {**scene.keys, "event_id": event_id}
    return {name: value for name, value in known.items() if f":{name}" in each.insert}


@pytest.mark.parametrize("each", KINDS.values(), ids=KINDS.keys())
def test_a_row_after_its_leaf_is_taken(scene: Scene, each: Kind) -> None:
    """What the attacks below start from is no attack."""
    assert scene.conn.execute(sa.text(each.insert), keys(scene, each, told(scene, each))).rowcount == 1


def of_a_sibling(scene: Scene, each: Kind) -> uuid.UUID:
    return tell(scene.conn, scene.sibling, each.type, each.payload)


def of_an_entry(scene: Scene, each: Kind) -> uuid.UUID:
    found = scene.conn.execute(sa.text("SELECT entry_id FROM soquy.entry WHERE book_id = :book_id"), scene.keys)
    entry_id: uuid.UUID = found.scalar_one()
    return entry_id


def column_alone(scene: Scene, each: Kind) -> uuid.UUID:
    return told(scene, each, said_type="fund.renamed")


def bytes_alone(scene: Scene, each: Kind) -> uuid.UUID:
    return told(scene, each, type="fund.renamed")


LEAVES: Final[dict[str, Callable[[Scene, Kind], uuid.UUID]]] = {
    "no leaf": lambda _, __: typeid.new_id(),
    "an entry's leaf": of_an_entry,
    "a leaf of another type, by its column": bytes_alone,
    "a leaf of another type, by its bytes": column_alone,
    "a leaf that names another association": lambda scene, each: told(
        scene, each, association=typeid.encode(typeid.ASSOCIATION, scene.sibling.association_id)
    ),
    "a leaf that says nothing": lambda scene, each: told(scene, each, payload={}),
    "a leaf that says more": lambda scene, each: told(scene, each, payload={**each.payload, "more": 1}),
    "bytes that are no JSON": lambda scene, each: told(scene, each, leaf=r"\x7b22"),
    "bytes that are no text": lambda scene, each: told(scene, each, leaf=r"\xff00"),
}


@pytest.mark.parametrize("leaf", LEAVES.values(), ids=LEAVES.keys())
@pytest.mark.parametrize("each", KINDS.values(), ids=KINDS.keys())
def test_a_row_without_its_own_leaf_is_refused(
    scene: Scene, each: Kind, leaf: Callable[[Scene, Kind], uuid.UUID]
) -> None:
    """Neither a missing leaf nor any other gets a row in."""
    assert refusal(scene.conn, each.insert, **keys(scene, each, leaf(scene, each))) == each.rule


@pytest.mark.parametrize(
    ("each", "member"),
    [(each, member) for each in KINDS.values() for member in each.payload],
    ids=[f"{name} {member}" for name, each in KINDS.items() for member in each.payload],
)
def test_a_leaf_that_says_something_else_is_refused(scene: Scene, each: Kind, member: str) -> None:
    """Every member of the payload is held against the row: so one leaf is never good for two rows either."""
    others: tuple[object, ...] = ("X1", None if each.payload[member] is not None else 0, [])
    for other in others:
        wrong = told(scene, each, payload={**each.payload, member: other})
        assert refusal(scene.conn, each.insert, **keys(scene, each, wrong)) == each.rule


@pytest.mark.parametrize("name", ["fund", "account", "bank_account", "voucher", "month_lock", "role_grant"])
def test_a_neighbours_leaf_is_refused(scene: Scene, name: str) -> None:
    """The same event in another book is another event."""
    each = KINDS[name]
    assert refusal(scene.conn, each.insert, **keys(scene, each, of_a_sibling(scene, each))) == each.rule


def test_one_leaf_is_not_good_for_two_rows(scene: Scene) -> None:
    """Two funds, accounts, campaigns on one leaf, in one statement or one after the other."""
    for name, other in (("fund", "'TWO'"), ("account", "'1121D'"), ("campaign", "'TWO'"), ("program", "'TWO'")):
        each = KINDS[name]
        known = keys(scene, each, told(scene, each))
        code = {"account": "'1121C'"}.get(name, "'NEW'")
        head, row = each.insert.split(" VALUES ")
        assert refusal(scene.conn, f"{head} VALUES {row}, {row.replace(code, other)}", **known) == each.rule
        scene.conn.execute(sa.text(each.insert), known)
        assert refusal(scene.conn, each.insert.replace(code, other), **known) == each.rule


def test_a_voucher_names_the_entry_that_it_was_issued_with(scene: Scene) -> None:
    """Not an earlier entry, not none, and it is issued on the entry's day: no other leaf says which."""
    right = scene.attempt()
    for change in ({"event_id": typeid.new_id()}, {"event_id": of_an_entry(scene, KINDS["voucher"])}):
        wrong = scene.attempt()
        wrong.voucher[0].update(change)
        assert refusal(scene.conn, wrong) == "voucher_leaf_given_rule"
    wrong = scene.attempt()
    wrong.voucher[0]["issued_on"] = "2024-05-14"
    assert refusal(scene.conn, wrong) == "voucher_leaf_given_rule"
    right.insert(scene.conn)


def test_a_voucher_prepared_for_an_entry_to_come_is_refused(scene: Scene) -> None:
    """It has neither a leaf nor an entry when it is issued."""
    ahead = scene.attempt()
    ahead.entry, ahead.posting, ahead.audit_entry = [], [], []
    assert refusal(scene.conn, ahead) == "voucher_leaf_given_rule"


def test_a_void_and_a_revocation_say_what_they_take_back(scene: Scene) -> None:
    """The leaf of another voucher's voiding, or of another token's or role's revocation, is refused."""
    voucher = issue_voucher(scene.conn, scene.book, "PT", issued_on=MAY, actor=ACTOR)
    void = kind("voucher_void", "voucher.voided", {"voucher": ["PT", 2024, voucher.number]}, **BOOK, **VOUCHER)
    for number in (1, 3):
        wrong = told(scene, void, payload={"voucher": ["PT", 2024, number]})
        assert refusal(scene.conn, void.insert, **keys(scene, void, wrong)) == void.rule
    scene.conn.execute(sa.text(void.insert), keys(scene, void, told(scene, void)))

    token_id = create_token(
        scene.conn,
        tenant_id=scene.book.tenant_id,
        label="Thủ quỹ",
        rights=["read"],
        association_ids=[],
        reaches_below=False,
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        actor=None,
    ).token_id
    revoked = {"token": typeid.encode(typeid.TOKEN, token_id)}
    revocation = kind("token_revocation", "token.revoked", revoked, NOWHERE, token_id=f"'{token_id}'")
    for leaf in (typeid.new_id(), told(scene, revocation, payload={"token": TOKEN})):
        refused = refusal(scene.conn, revocation.insert, **keys(scene, revocation, leaf))
        assert refused == "token_revocation_leaf_given_rule"
    scene.conn.execute(sa.text(revocation.insert), keys(scene, revocation, told(scene, revocation)))

    grant_id = grant_role(scene.conn, scene.book, uuid.UUID(int=7), "cashier", actor=ACTOR)
    back = {"grant": typeid.encode(typeid.GRANT, grant_id)}
    revocation = kind("role_revocation", "role.revoked", back, grant_id=f"'{grant_id}'")
    for leaf in (typeid.new_id(), told(scene, revocation, payload={"grant": GRANT}), of_a_sibling(scene, revocation)):
        refused = refusal(scene.conn, revocation.insert, **keys(scene, revocation, leaf))
        assert refused == "role_revocation_leaf_given_rule"
    scene.conn.execute(sa.text(revocation.insert), keys(scene, revocation, told(scene, revocation)))


FOUNDING: Final = {
    "kind": "learning-promotion",
    "level": "commune",
    "parent": None,
    "unit_code": "00001",
    "founded_on": "2024-01-01",
    "books_open_on": "2024-02-29",
    "chart": "TT24-MAU",
    "is_sample": False,
}
FOUND: Final = """\
INSERT INTO soquy.association (tenant_id, association_id, kind, level, name_vi, unit_code, founded_on, event_id)
VALUES (:tenant_id, :association_id, 'learning-promotion', 'commune', 'Hội', '00001', '2024-01-01', :event_id)"""
OPEN: Final = """\
INSERT INTO soquy.book (tenant_id, association_id, chart, opened_on, event_id)
VALUES (:tenant_id, :association_id, :chart, CAST(:opened_on AS date), :event_id)"""


def test_an_association_and_its_book_are_what_the_founding_says(scene: Scene) -> None:
    """Kind, level, parent, place and days of the association; chart and opening day of its book; no second founding."""
    new = Book(tenant_id=scene.book.tenant_id, book_id=0, association_id=typeid.new_id())
    home = {"tenant_id": new.tenant_id, "association_id": new.association_id}
    for member in FOUNDING.keys() - {"chart", "books_open_on"}:
        leaf = tell(scene.conn, new, "association.founded", {**FOUNDING, member: "X"}, book_id=None)
        assert refusal(scene.conn, FOUND, event_id=leaf, **home) == "association_leaf_given_rule"
    assert refusal(scene.conn, FOUND, event_id=typeid.new_id(), **home) == "association_leaf_given_rule"
    event_id = tell(scene.conn, new, "association.founded", FOUNDING, book_id=None)
    others = {**home, "association_id": typeid.new_id()}
    assert refusal(scene.conn, FOUND, event_id=event_id, **others) == "association_leaf_given_rule"
    scene.conn.execute(sa.text(FOUND), {**home, "event_id": event_id})
    right = {**home, "chart": "TT24-MAU", "opened_on": "2024-02-29", "event_id": event_id}
    for wrong in ({"chart": "TT24"}, {"opened_on": "2024-02-28"}, {"event_id": typeid.new_id()}):
        assert refusal(scene.conn, OPEN, **{**right, **wrong}) == "book_leaf_given_rule"
    scene.conn.execute(sa.text(OPEN), right)


def test_the_leaf_of_a_founding_opens_no_account_that_the_chart_has_not(scene: Scene) -> None:
    """Naming the book's own event is no way round the leaf of an account."""
    each = KINDS["account"]
    founded = sa.text("SELECT event_id FROM soquy.book WHERE book_id = :book_id")
    event_id = scene.conn.execute(founded, {"book_id": scene.book.book_id}).scalar_one()
    assert refusal(scene.conn, each.insert, **keys(scene, each, event_id)) == each.rule


CLOSINGS: Final = {
    "account": ("account.closed", {"account": "1388", "closed_on": "2024-12-31"}, ":book_id, '1388'"),
    "fund": ("fund.closed", {"fund": "TET", "closed_on": "2024-12-31"}, ":book_id, 'TET'"),
    "association": ("association.closed", {"closed_on": "2024-12-31"}, ":association_id"),
}


@pytest.mark.parametrize(("type_", "payload", "what"), CLOSINGS.values(), ids=CLOSINGS.keys())
def test_nothing_is_closed_without_its_leaf(scene: Scene, type_: str, payload: dict[str, object], what: str) -> None:
    """Nor with a neighbour's, with one of another type, or with one for another day; the right one is kept."""
    if type_ == "association.closed":
        scene.payment(1_000).insert(scene.conn)
    table = type_.partition(".")[0]
    call = f"SELECT soquy.close_{table}(:tenant_id, {what}, '2024-12-31', :event_id)"
    known: dict[str, object] = {**scene.keys, "association_id": scene.book.association_id}
    known = {name: value for name, value in known.items() if f":{name}" in call}
    for leaf in (
        None,
        typeid.new_id(),
        tell(scene.conn, scene.sibling, type_, payload),
        tell(scene.conn, scene.book, "month.locked", payload),
        tell(scene.conn, scene.book, type_, {**payload, "closed_on": "2024-12-30"}),
    ):
        assert refusal(scene.conn, call, event_id=leaf, **known) == "closing_leaf_given_rule"
    event_id = tell(scene.conn, scene.book, type_, payload)
    assert scene.conn.execute(sa.text(call), {**known, "event_id": event_id}).scalar_one() is True
    kept = sa.text(f"SELECT closed_event_id FROM soquy.{table} WHERE closed_event_id IS NOT NULL")
    assert scene.conn.execute(kept).scalars().all() == [event_id]


@pytest.fixture(params=["origin", "replica"])
def superuser(
    request: pytest.FixtureRequest, shared_database: str, database_server: DatabaseServer
) -> Iterator[sa.Connection]:
    """A superuser's connection to a scene, as an ordinary session and as a replica's; rolled back."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database))))
    with engine.connect() as conn:
        transaction = conn.begin()
        conn.info["scene"] = make_scene(conn)
        conn.execute(sa.text("SELECT set_config('session_replication_role', :mode, true)"), {"mode": request.param})
        yield conn
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize("each", KINDS.values(), ids=KINDS.keys())
def test_not_even_a_superuser_inserts_a_row_without_its_leaf(superuser: sa.Connection, each: Kind) -> None:
    """The triggers are always enabled, under replica mode as well."""
    scene: Scene = superuser.info["scene"]
    assert refusal(superuser, each.insert, **keys(scene, each, typeid.new_id())) == each.rule


def test_the_database_spells_ids_as_the_program_does(superuser: sa.Connection) -> None:
    """One alphabet, twenty-six characters, the same order of bits."""
    values = [uuid.UUID(int=number) for number in (0, 1, 31, 32, 2**127, 2**128 - 1)]
    values += [typeid.new_id() for _ in range(100)]
    spell = sa.text(
        "SELECT soquy.type_id('ev', id) FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS v (id, n) ORDER BY n"
    )
    spelled = superuser.execute(spell, {"ids": values}).scalars().all()
    assert spelled == [typeid.encode(typeid.EVENT, value) for value in values]


TYPED: Final[dict[str, Callable[[sa.Connection, Book], object]]] = {
    "an account": lambda conn, book: open_account(
        conn, book, account="1121Đ", parent="1121", name_vi="Tên", name_en="Name", opened_on=MAY, actor=ACTOR
    ),
    "an account's currency": lambda conn, book: open_account(
        conn,
        book,
        account="1121C",
        parent="1121",
        name_vi="Tên",
        name_en="Name",
        opened_on=MAY,
        actor=ACTOR,
        currency="đồng",
    ),
    "a fund": lambda conn, book: open_fund(
        conn, book, fund="QUỸ", kind="general", name_vi="Quỹ", opened_on=MAY, actor=ACTOR
    ),
    "a fund's kind": lambda conn, book: open_fund(
        conn, book, fund="QUY", kind="tết", name_vi="Quỹ", opened_on=MAY, actor=ACTOR
    ),
    "a campaign": lambda conn, book: open_campaign(
        conn, book, campaign="TẾT", name_vi="Tết", opened_on=MAY, actor=ACTOR
    ),
    "a program": lambda conn, book: open_program(
        conn, book, program="١", unit="award", name_vi="Tết", opened_on=MAY, actor=ACTOR
    ),
    "a program's unit": lambda conn, book: open_program(
        conn, book, program="HB", unit="suất", name_vi="Tết", opened_on=MAY, actor=ACTOR
    ),
    "a voucher's kind": lambda conn, book: issue_voucher(conn, book, "PĐ", issued_on=MAY, actor=ACTOR),
    "an association's kind": lambda conn, book: found(conn, book, kind="khuyến-học"),
    "an association's level": lambda conn, book: found(conn, book, level="xã"),
    "an association's place": lambda conn, book: found(conn, book, unit_code="Hà Nam"),
    "a name too long": lambda conn, book: open_fund(
        conn, book, fund="DAI", kind="general", name_vi="Quỹ" * 100, opened_on=MAY, actor=ACTOR
    ),
    "an association's name": lambda conn, book: found(conn, book, name_vi=""),
    "a chart": lambda conn, book: found(conn, book, chart="Thông tư 24"),
}


def found(conn: sa.Connection, book: Book, **changes: Any) -> Book:
    words = {"kind": "learning-promotion", "level": "commune", "chart": "TT24-MAU", "name_vi": "Hội", **changes}
    return found_association(
        conn,
        tenant_id=book.tenant_id,
        founded_on=MAY,
        books_open_on=MAY,
        actor=ACTOR,
        **words,
    )


@pytest.mark.parametrize("command", TYPED.values(), ids=TYPED.keys())
def test_a_code_or_name_that_is_none_is_refused_before_a_leaf_is_made(
    scene: Scene, command: Callable[[sa.Connection, Book], object]
) -> None:
    """What goes into leaves is ASCII of a known form: the commands say so themselves, and no leaf is left behind."""
    count = sa.text("SELECT count(*) FROM soquy.audit_entry")
    before = scene.conn.execute(count).scalar_one()
    with pytest.raises(LedgerError):
        command(scene.conn, scene.book)
    assert scene.conn.execute(count).scalar_one() == before


def test_a_refused_closing_leaves_no_leaf(scene: Scene) -> None:
    """A fund that is none or was closed, an account likewise, an association closed before."""
    close_fund(scene.conn, scene.book, "TET", closed_on=MAY, actor=ACTOR)
    count = sa.text("SELECT count(*) FROM soquy.audit_entry")
    before = scene.conn.execute(count).scalar_one()
    for close, code in ((close_fund, "TET"), (close_fund, "NONE"), (close_account, "9999")):
        with pytest.raises(ReferenceUnknown):
            close(scene.conn, scene.book, code, closed_on=MAY, actor=ACTOR)
    assert scene.conn.execute(count).scalar_one() == before
