"""Make one of everything that an association keeps, over the API and the pages, in words that the caller chooses.

Every text that somebody could type is asked of ``word`` by what it is; so a test can mark them all and look for them
afterwards, or make things only for their ids. ``ids`` names each thing as routes call it in their paths.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.job_kinds import KINDS
from api.job_worker import JobWorker
from ledger import typeid
from ledger.access.commands import grant_role
from ledger.approvals.commands import ask
from ledger.books.chart import open_campaign, open_fund, open_program
from ledger.books.model import Book
from ledger.calendar import today
from ledger.giving.commands import open_earmark
from ledger.proposals.model import Proposed
from ledger.proposals.queries import proposal_by_id
from ledger.tenancy import set_tenant
from tests.consent import agree
from tests.integration.api.conftest import ACTOR, OPENED_ON
from tests.integration.documents.files import pdf
from tests.list_files import HEADER, xlsx
from tests.people_who_sign_in import browser, make_person, signed_in

ON: Final = "2025-03-05"
CASH: Final = {"received_on": ON, "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}
SHEET: Final = "application/octet-stream"


def open_what_is_given_to(engine: sa.Engine, top: Book, book: Book) -> None:
    """Open a campaign and a program for the province, and for a book a fund of goods and an earmark."""
    with engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        named: dict[str, Any] = {"opened_on": OPENED_ON, "actor": ACTOR}
        open_campaign(conn, top, campaign="TSDT-2025", name_vi="Tiếp sức đến trường", **named)
        open_program(conn, top, program="SACH", unit="school", name_vi="Sách", **named)
        open_fund(conn, book, fund="HV", kind="in-kind", name_vi="Hiện vật", purpose="Hiện vật", **named)
        open_earmark(conn, book, earmark="LT", fund="QC", name_vi="học sinh vùng lũ", **named)


@dataclass(slots=True, kw_only=True)
class Maker:
    """Makes things in one association with a token that may do everything there."""

    app: FastAPI
    engine: sa.Engine
    book: Book
    token: str
    word: Callable[[str], str]
    ids: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.ids["association_id"] = typeid.encode(typeid.ASSOCIATION, self.book.association_id)

    def ask(self, rest: str, body: Any = None, *, method: str = "POST", **headers: str) -> Any:
        """Send a request, and keep what was answered; a body of bytes goes as it is."""
        sent = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex, **headers}
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        path = f"/v1/associations/{self.ids['association_id']}{rest}"
        answer = self.client.request(method, path, headers=sent, **content)
        self.answers.append(answer)
        return answer

    def made(self, rest: str, body: Any = None, **more: Any) -> Any:
        """Send a request that is done."""
        answer = self.ask(rest, body, **more)
        assert answer.status_code in {200, 201, 202}, (rest, answer.text)
        return answer.json()

    def work(self) -> None:
        """Work off the jobs that wait."""
        worker = JobWorker(self.engine, KINDS, count=1)
        while worker.work_one():
            pass

    def make(self) -> None:
        """Make one of each."""
        self.people()
        self.documents()
        self.gifts()
        self.drafts()
        self.keeping()
        self.approvals()
        self.proposals()
        self.file()
        self.awards()
        self.access()
        self.exception()

    def person(self) -> dict[str, Any]:
        named = ("address", "phone", "email", "tax_number", "bank_account", "note")
        return {"name": self.word("name"), "details": {name: self.word(name) for name in named}}

    def people(self) -> None:
        """Enter two people and a child, who agree, disagree, are guarded, merged, looked for and looked at."""
        one, two = (self.made("/people", self.person())["person"] for _ in range(2))
        child = self.made("/people", {"name": self.word("name"), "birth_year": today().year - 9})["person"]
        self.made("/people/search", {"query": self.word("name")})
        self.made(f"/people/{one}/opening", {"fields": ["phone", "note"]})
        self.made(f"/people/{one}/inspection", {"fields": ["note"], "reason": self.word("reason")})
        said = {"purpose": "publish_name", "method": "paper"}
        self.made(f"/people/{one}/consents", {**said, "given_on": str(today())})
        self.made(f"/people/{one}/consents/withdrawal", {**said, "withdrawn_on": str(today())})
        self.made(f"/people/{child}/guardians", {"guardian": one, "relation": "parent"})
        self.made(f"/people/{one}/merge", {"merged": two})
        self.ids |= {"person_id": child, "guardian_id": one}

    def documents(self) -> None:
        """Keep a scan, attach it and disown it."""
        named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.word('file'))}.pdf"}
        kept = self.made("/documents", pdf(), **named, **{"Content-Type": "application/pdf"})["document"]
        lines = [
            {"account": "1111", "fund": "QC", "value_minor": 500_000},
            {"account": "35381", "fund": "QC", "value_minor": -500_000, "channel": "household"},
        ]
        described = {"entry_on": ON, "voucher": "PT", "lines": lines, "description": self.word("description")}
        entry = self.made("/entries", described)["id"]
        attached = [
            self.made(f"/documents/{kept}/attachments", {"entry": entry, "kind": kind})["event"]
            for kind in ("voucher", "photo")
        ]
        self.made(f"/attachments/{attached[0]}/disowning", {"reason": self.word("reason")})
        self.ids |= {"document_id": kept, "attachment_id": attached[1]}

    def gift(self, **more: Any) -> dict[str, Any]:
        return {"donor": self.word("name"), "detail": self.word("class"), "amount_minor": 500_000, **more}

    def gifts(self) -> None:
        """Receive a gift, put its name right, reverse another, and print what there is to print."""
        asked = {**CASH, "campaign": "TSDT-2025", "earmark": "LT", "description": self.word("description")}
        received, wrong = (self.made("/contributions", {**asked, "gifts": [self.gift()]}) for _ in range(2))
        one = received["contributions"][0]
        right = {"donor": self.word("name"), "detail": self.word("class"), "reason": self.word("reason")}
        self.made(f"/contributions/{one['id']}/donor", right)
        self.made(f"/entries/{wrong['entry']}/reversal", {"on": ON, "reason": self.word("reason")})
        job = self.made(f"/entries/{received['entry']}/papers/receipts")
        self.work()
        differs = {**asked, "gifts": [self.gift()], "declared": {"count": 2, "total_minor": 5}}
        self.made("/contributions", {**differs, "difference_reason": self.word("reason")})
        self.ids |= {
            "contribution_id": one["id"],
            "entry_id": received["entry"],
            "job_id": job["job"],
            "campaign": "TSDT-2025",
        }
        self.codes.append(one["code"])

    def drafts(self) -> None:
        """Hand a draft on, give it back, keep one, and drop one."""
        lines = [{"donor": self.word("name"), "detail": self.word("class"), "amount": "500.000"}]
        body = {**CASH, "received_on": "5/3/2025", "declared_count": "1", "declared_total": "500.000", "lines": lines}
        kept, gone = (self.made("/drafts", {"kind": "drive", "body": body})["id"] for _ in range(2))
        self.made(f"/drafts/{kept}/submission", {"version": 1})
        self.made(f"/drafts/{kept}/return", {"version": 2, "reason": self.word("reason")})
        self.made(f"/drafts/{gone}/discard", {"version": 1})
        self.ids["draft_id"] = kept

    def keeping(self) -> None:
        """Promise twice, issue two receipt books, take goods in and hand some over; give up or end one of each."""
        giver = {"name": self.word("name"), "detail": self.word("class")}
        promised = {"giver": giver, "amount_minor": 5, "pledged_on": ON, "due_on": "2025-06-30", "fund": "QC"}
        pledge, gone = (self.made("/pledges", promised)["id"] for _ in range(2))
        self.made(f"/pledges/{gone}/cancellation", {"reason": self.word("reason")})
        tied = {"pledge": pledge, "reason": self.word("reason")}
        self.made(f"/contributions/{self.ids['contribution_id']}/pledge", tied)
        blocks = [
            self.made(
                "/receipt-blocks",
                {
                    "series": f"AA{self.book.association_id.hex[-4:].upper()}",
                    "first_number": first,
                    "last_number": first + 4,
                    "issued_on": "2025-03-01",
                    "holder": self.word("name"),
                },
            )["id"]
            for first in (1, 11)
        ]
        self.made(f"/receipt-blocks/{blocks[1]}/voids", {"number": 12, "reason": self.word("reason")})
        self.made(f"/receipt-blocks/{blocks[1]}/closing", {"returned_from": 14})
        brought = {
            "received_on": ON,
            "description": self.word("description"),
            "quantity": 7,
            "unit": "set",
            "giver": giver,
        }
        goods, back = (self.made("/goods", brought)["goods"]["id"] for _ in range(2))
        handed = {"on": "2025-04-01", "quantity": 3, "program": "SACH", "recipient": self.word("name")}
        handover = self.made(f"/goods/{goods}/handovers", handed)["goods"]["id"]
        listed = self.made(f"/goods/{handover}", method="GET")["handovers"]
        self.made(f"/goods/{back}/withdrawal", {"reason": self.word("reason")})
        self.ids |= {"pledge_id": pledge, "block_id": blocks[0], "goods_id": goods, "event_id": listed[0]["id"]}

    def approvals(self) -> None:
        """Have somebody ask for consent twice; a token that was given the role says yes to one and no to the other."""
        with self.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            asked: dict[str, Any] = {"amount_minor": 500_000, "actor": ACTOR}
            made = [ask(conn, self.book, "exception", typeid.new_id(), **asked) for _ in range(2)]
            token = sa.text("SELECT token_id FROM soquy.api_token WHERE secret_hash = :hash")
            token_id = conn.execute(token, {"hash": sha256(self.token.encode()).digest()}).scalar_one()
            grant_role(conn, self.book, token_id, "chief_accountant", actor=ACTOR)
        granted, denied = (typeid.encode(typeid.APPROVAL, each) for each in made)
        self.made(f"/approvals/{granted}/grant")
        self.made(f"/approvals/{denied}/denial", {"reason": self.word("reason")})
        policy = {"action": "exception", "from_minor": 5, "roles": ["account_holder"], "ordered": True, "days": 9}
        self.made("/approval-policies", policy)
        self.ids["approval_id"] = denied

    def proposals(self) -> None:
        """Propose two payments: one is agreed to and paid, the other is asked about once more and given up."""
        lines = [
            {"account": "35381", "fund": "QC", "value_minor": 1_000},
            {"account": "1111", "fund": "QC", "value_minor": -1_000},
        ]
        proposal = {
            "issued_on": ON,
            "voucher": "PC",
            "payee": self.word("name"),
            "description": self.word("description"),
            "lines": lines,
        }
        paid, given_up = (row["id"] for row in self.made("/proposals", {"proposals": [proposal, proposal]})["rows"])
        with self.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            found = proposal_by_id(conn, self.book, typeid.decode(typeid.PROPOSAL, paid))
            asked = found.approval.approval_id
            agree(conn, self.book, [Proposed(proposal_id=found.proposal_id, voucher=found.voucher, approval_id=asked)])
        self.made("/proposals/payments", {"proposals": [paid], "on": ON})
        self.made(f"/proposals/{given_up}/void", {"reason": self.word("reason")})
        self.ids["proposal_id"] = given_up

    def awards(self) -> None:
        """Plan, open a round, lay a list and take it back, lay another, decide and ask for consent to it."""
        plan = {"program": "SACH", "year": 2025, "category": "scholarship", "fund": "QC", "budget_minor": 9}
        self.made("/program-plans", {**plan, "criteria": "Vượt khó"})
        opened = {"program": "SACH", "year": 2025, "fund": "QC", "collect_by": "2025-12-31", "name": "Đợt 1"}
        period = self.book.association_id.hex[-6:].upper()
        opened = self.made("/award-rounds", {**opened, "period": period})["id"]
        nominee = {
            "name": self.word("name"),
            "amount_minor": 5,
            "birth_year": 2012,
            "class_name": self.word("class"),
            "school": self.word("class"),
            "reason": self.word("reason"),
        }
        listed = self.made(f"/award-rounds/{opened}/lists", {"nominees": [nominee]})["id"]
        self.made(f"/award-lists/{listed}/withdrawal", {"reason": self.word("reason")})
        listed = self.made(f"/award-rounds/{opened}/lists", {"nominees": [nominee]})["id"]
        scan = self.ids["document_id"]
        decided = {"number": "12/QĐ-HKH", "decided_on": "2025-08-15", "document": scan}
        self.made(f"/award-lists/{listed}/decision", decided)
        self.made(f"/award-lists/{listed}/request")
        self.made(f"/award-lists/{listed}/awards", method="GET")
        self.ids |= {"round_id": opened, "award_list_id": listed}

    def file(self) -> None:
        """Take a list in, leave a row out, post it, take it back; leave another where it waits for a person."""
        rows = [
            [*HEADER, self.word("cell")],
            [1, self.word("name"), self.word("class"), 5_000, self.word("phone")],
            [2, self.word("name"), "", "1tr5", self.word("cell")],
        ]
        posted = self._mapped(rows)
        step = f"/intake/{posted['intake']}"
        posted = self.made(
            f"{step}/decisions", {"version": posted["version"], "rows": [3], "reason": self.word("reason")}
        )
        facts = {"version": posted["version"], **CASH, "description": self.word("description")}
        posted = self.made(f"{step}/facts", facts)
        self.made(f"{step}/posting", {"version": posted["version"]})
        self.work()
        self.made(f"{step}/reversal", {"on": ON, "reason": self.word("reason")})
        self.ids["intake_id"] = self._mapped([*rows, [3, self.word("name"), "", 7_000, ""]])["intake"]

    def _mapped(self, rows: list[list[Any]]) -> Any:
        named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.word('file'))}.xlsx"}
        data = xlsx(rows, title=self.word("sheet"))
        intake = self.made("/intake?kind=household", data, **named, **{"Content-Type": SHEET})["intake"]
        self.work()
        found = self.made(f"/intake/{intake}", method="GET")
        columns = [
            {"column": "ABCDEFGH"[column["index"]], "role": column["role"]}
            for column in found["outline"]["layout"]["columns"]
            if column["role"] != "other"
        ]
        return self.made(f"/intake/{intake}/mapping", {"version": found["version"], "first_row": 2, "columns": columns})

    def access(self) -> None:
        """Invite two people; one comes, with a name and a password of their own, and goes in again."""
        invited = [
            self.made("/invitations", {"email": self.word("user_email").replace("@", f"{place}@"), "role": "cashier"})
            for place in range(2)
        ]
        path = invited[0]["path"]
        visitor = browser(self.app)
        typed = {"name": self.word("user_name"), "new": self.word("password"), "again": self.word("password")}
        self.answers += [visitor.get(path), visitor.post(path, data=typed), visitor.get("/account")]
        assert self.answers[-1].status_code == 200, self.answers[-1].text
        signing = {"email": self.word("user_email").replace("@", "0@"), "password": self.word("password")}
        self.answers.append(browser(self.app).post("/sign-in", data=signing))
        self.answers.append(
            browser(self.app).post("/sign-in", data={**signing, "password": self.word("password") + "x"})
        )
        member = next(row for row in self.made("/members", method="GET")["rows"] if row["email"] == signing["email"])
        grant = self.made("/roles", {"user": member["id"], "role": "collector"})["id"]
        self.ids |= {"invitation_id": invited[1]["id"], "grant_id": grant}
        self.codes += [re.sub(r".*/", "", each["path"]) for each in invited]

    def exception(self) -> None:
        """Let one person hold two duties, at the desk: nobody does it over the API."""
        with self.engine.begin() as conn:
            address = self.word("user_email").replace("@", "9@")
            someone = make_person(conn, self.book, "administrator", name=self.word("user_name"), email=address)
        day = today()
        typed = {"key": uuid.uuid4().hex, "roles": "accountant-cashier", "until": f"{day.day}/{day.month}/{day.year}"}
        desk = f"/desk/{self.ids['association_id']}/members"
        client = signed_in(self.app, someone)
        self.answers += [client.post(f"{desk}/except", data={**typed, "reason": self.word("reason")}), client.get(desk)]
        assert self.answers[-2].status_code == 303, self.answers[-2].text
        self.ids["exception_id"] = self.made("/role-exceptions", method="GET")["rows"][0]["id"]
