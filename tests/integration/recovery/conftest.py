"""A deployment that was lost after its last backup: what it published, and the backup."""

import contextlib
import io
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from pytest_postgresql.executors import NoopExecutor

from api.cli import main
from api.cluster import Binaries
from api.tokens import create_token, expiry_after, revoke_token
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import LogFolder
from audit.keyring import Keyring
from audit.tiles import Tile
from ledger.associations.commands import close_association
from ledger.awards.listing import submit_list
from ledger.awards.model import Listing
from ledger.awards.queries import awards
from ledger.awards.round import open_round
from ledger.banking.account import BankAccount, set_bank_account, withdraw_bank_account
from ledger.books.chart import close_account, close_fund, open_fund, open_program
from ledger.books.commands import issue_voucher, lock_months, void_voucher
from ledger.books.model import Book
from ledger.books.posting import post
from ledger.giving.block import Holder, issue_block
from ledger.giving.commands import receive
from ledger.people.erasure import erase
from ledger.people.person import PersonDraft
from ledger.people.person_erasure import erase_person
from ledger.people.register import add_person
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url
from tests.database import DatabaseServer, key_file, own_database, with_vault
from tests.factories import ACTOR, make_book, payment, receipt
from tests.files_taken_in import take_file_and_take_it_back
from tests.giving import collection, gift
from tests.integration.awards.conftest import ROUND, make_programs, plan_programs, pupil
from tests.province import award_everything, build_province, found_book, give_everything, register_people

ORIGIN = "log.example/soquy"
PENDING = "Ghi ngay trước khi sao lưu"
ERASED = "Chị Lê Thị Kín xin rút tên"
CHILD = "Em Lê Thị Kín"
DAY = date(2024, 3, 5)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A home and a database: where commands are typed."""

    home: Path
    url: str
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return {
            "SOQUY_HOME": str(self.home),
            "SOQUY_DATABASE_URL": self.url,
            "SOQUY_LOG_ORIGIN": ORIGIN,
            "SOQUY_LOG_LAG_SECONDS": "0",
            **self.more,
        }

    def soquy(self, *words: str | Path) -> tuple[int, str]:
        """Run a command; return its status and all that it said."""
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            for name, value in self.environment().items():
                patch.setenv(name, value)
            patch.setenv("PATH", str(Binaries.of_wheel().directory), prepend=":")
            status = main([str(word) for word in words])
        return status, said.getvalue()

    def done(self, *words: str | Path) -> str:
        """Run a command that must succeed."""
        status, said = self.soquy(*words)
        assert status == 0, said
        return said

    def refused(self, *words: str | Path) -> str:
        """Run a command that must be refused."""
        status, said = self.soquy(*words)
        assert status == 1, said
        return said

    @contextmanager
    def app(self, tenant_id: int | None = None) -> Iterator[sa.Connection]:
        """Work as the service does; commit at the end."""
        engine = with_vault(sa.create_engine(driver_url(self.url), poolclass=sa.NullPool))
        with engine.begin() as conn:
            conn.execute(sa.text("SET LOCAL ROLE soquy_app"))
            if tenant_id is not None:
                set_tenant(conn, tenant_id)
            yield conn

    @contextmanager
    def keeper(self, tenant_id: int) -> Iterator[sa.Connection]:
        """Work as the vault's own role."""
        engine = with_vault(sa.create_engine(driver_url(self.url), poolclass=sa.NullPool))
        with engine.begin() as conn:
            conn.execute(sa.text("SET LOCAL ROLE soquy_vault"))
            set_tenant(conn, tenant_id)
            yield conn

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database as a superuser."""
        with psycopg.connect(self.url) as conn:
            return conn.execute(query.encode()).fetchall()

    def held_because(self) -> object:
        return self.ask("SELECT held_because FROM soquy.log_head ORDER BY log_id DESC LIMIT 1")[0][0]

    @property
    def folder(self) -> LogFolder:
        return LogFolder(self.home / "log")

    def checkpoint(self, origin: str = ORIGIN) -> Checkpoint:
        data = self.folder.checkpoint()
        assert data is not None
        return open_checkpoint(data, origin=origin, keys=Keyring(self.home / "keys" / "log", origin).verifiers())[0]

    def read_tile(self, tile: Tile) -> bytes:
        data = self.folder.read(tile.path) or self.folder.read(tile.path.partition(".p/")[0])
        assert data is not None, tile.path
        return data[: tile.size]


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The deployment as it was when it was lost, with a backup from before its last leaves; and one from after."""

    live: Deployment
    backup: Path
    last_backup: Path
    book: Book
    at_backup: Checkpoint
    erased_entry: uuid.UUID


@pytest.fixture(scope="module")
def lost(
    postgresql_noproc: NoopExecutor, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lost]:
    """Build the books, back up in the middle of work, work on, and publish everything."""
    home = tmp_path_factory.mktemp("lost") / "home"
    (home / "keys").mkdir(parents=True)
    key_file(home / "keys" / "vault.key")
    name = f"soquy_lost_{uuid.uuid4().hex[:12]}"
    with own_database(postgresql_noproc, name):
        live = Deployment(home=home, url=database_server.url(name))
        with live.app() as conn:
            book = make_book(conn)
            named = replace(receipt(700_000, DAY), description=ERASED)
            erased_entry = post(conn, book, [named], actor=ACTOR).entries[0].entry_id
            erased_person = add_person(conn, book, PersonDraft(name=ERASED, details={"note": PENDING}), actor=ACTOR)
            register_people(conn, book)
            erased = _name(conn, book)
        with live.app() as conn:
            build_province(conn)
        live.done("log", "publish", "--now")
        at_backup = live.checkpoint()
        with live.app(book.tenant_id) as conn:
            post(conn, book, [replace(receipt(900_000, DAY), description=PENDING)], actor=ACTOR)
        backup = Path(live.done("backup", home.parent / "backups", "--quiet").strip())
        with live.keeper(book.tenant_id) as conn:
            _erase(conn, book.tenant_id, erased_entry)
            for field, event_id in erased.items():
                _erase(conn, book.tenant_id, event_id, field)
            erase_person(conn, book.tenant_id, erased_person, reason="Theo đơn")
        _work_on(live, book)
        live.done("log", "publish", "--now")
        last_backup = Path(live.done("backup", home.parent / "last", "--quiet").strip())
        assert live.checkpoint().size > 256 + at_backup.size // 256 * 256, "several tiles"
        yield Lost(
            live=live,
            backup=backup,
            last_backup=last_backup,
            book=book,
            at_backup=at_backup,
            erased_entry=erased_entry,
        )


def _name(conn: sa.Connection, book: Book) -> dict[str, uuid.UUID]:
    """Keep a name wherever one stands beside what was sealed: of a gift, a receipt book, an award, a payment."""
    received = receive(conn, book, collection(gift(ERASED)), actor=ACTOR)
    carried = {"series": "KIN", "first_number": 1, "last_number": 9, "issued_on": DAY, "holder": Holder(name=ERASED)}
    block_id = issue_block(conn, book, **carried, actor=ACTOR)  # type: ignore[arg-type]
    make_programs(conn, book)
    plan_programs(conn, book)
    listing = Listing(nominees=(pupil(CHILD), pupil()))
    listed = submit_list(conn, book, open_round(conn, book, ROUND, actor=ACTOR), listing, actor=ACTOR)
    award_id = awards(conn, book, listed.list_id).rows[0].award_id
    (proposed,) = propose(conn, book, [Proposal(draft=payment(1_000, DAY), payee=ERASED)], actor=ACTOR)
    return {
        "donor": received.contributions[0].contribution_id,
        "holder": block_id,
        "beneficiary": award_id,
        "payee": proposed.proposal_id,
    }


def _erase(conn: sa.Connection, tenant_id: int, event_id: uuid.UUID, field: str = "description") -> None:
    erase(conn, tenant_id, event_id, [field], reason="Theo đơn", as_of=date(2099, 1, 1))


def _work_on(live: Deployment, book: Book) -> None:
    """Leave a leaf of every type behind: in the books that the backup knows, and in new ones."""
    with live.app() as conn:
        build_province(conn, seed=2)
    with live.app(book.tenant_id) as conn:
        voucher = issue_voucher(conn, book, "PT", issued_on=date(2024, 2, 29), actor=ACTOR)
        executed = issue_voucher(conn, book, "PT", issued_on=date(2024, 2, 29), actor=ACTOR)
        void_voucher(conn, book, voucher, reason="Viết nhầm", actor=ACTOR)
        post(conn, book, [receipt(1_000, DAY, voucher=executed)], actor=ACTOR)
        lock_months(conn, book, through=date(2024, 2, 28), actor=ACTOR)
        for number in ("0123456789", "9876543210"):
            shown = BankAccount(account="1121A", bank_bin="970436", number=number, holder="HOI THU NGHIEM")
            set_bank_account(conn, book, shown, actor=ACTOR)
        withdraw_bank_account(conn, book, "1121A", actor=ACTOR)
        open_program(conn, book, program="HOCBONG", unit="award", name_vi="Học bổng", opened_on=DAY, actor=ACTOR)
        give_everything(conn, book, on=DAY)
        award_everything(conn, book)
        take_file_and_take_it_back(conn, book, on=DAY)
        open_fund(conn, book, fund="TAM", kind="general", name_vi="Quỹ tạm", opened_on=DAY, actor=ACTOR)
        close_fund(conn, book, "TAM", closed_on=date(2024, 12, 31), actor=ACTOR)
        short = found_book(conn, book.tenant_id, level="commune", parent=book)
        close_account(conn, short, "1121B", closed_on=date(2024, 12, 31), actor=ACTOR)
        close_association(conn, short, closed_on=date(2024, 12, 31), actor=ACTOR)
        register_people(conn, book)
    for tenant_id, association_ids in ((DEPLOYMENT, []), (book.tenant_id, [book.association_id])):
        with live.app() as conn:
            made = [
                create_token(
                    conn,
                    tenant_id=tenant_id,
                    label="Mới",
                    rights=["read", "post"],
                    association_ids=association_ids,
                    reaches_below=True,
                    expires_at=expiry_after(30),
                    actor=None,
                )
                for _ in range(2)
            ]
            assert revoke_token(conn, tenant_id, made[0].token_id, actor=None)


@pytest.fixture
def spare(
    lost: Lost, postgresql_noproc: NoopExecutor, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[Deployment]:
    """An empty database beside a copy of the lost home: its keys, and what it published."""
    home = tmp_path / "home"
    shutil.copytree(lost.live.home, home)
    name = f"soquy_spare_{uuid.uuid4().hex[:12]}"
    with own_database(postgresql_noproc, name, template="template1"):
        yield Deployment(home=home, url=database_server.url(name))
