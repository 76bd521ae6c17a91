"""A payment at the desk: looked at, proposed, approved twice, paid by the cashier; and everything that is refused."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.books.chart import open_program
from ledger.books.posting import post
from ledger.documents.attachment import attach_document
from ledger.documents.content import check_content
from ledger.documents.store import keep_document
from ledger.proposals.queries import proposal_by_id
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, receipt
from tests.integration.api.conftest import OPENED_ON
from tests.integration.desk_approval.conftest import Council
from tests.integration.desk_giving.page import desk, form_of, text_of
from tests.integration.documents.files import pdf

TYPED = {
    "payee": "Trường Mẫu",
    "amount": "300.000",
    "description": "Học bổng học kỳ I",
    "account": "1111",
    "fund": "QC",
    "issued_on": "05/03/2025",
}


def path(council: Council, *more: str) -> str:
    return desk(council.place.commune, "payments", *more)


def earn(council: Council, amount_minor: int = 1_000_000) -> None:
    """Have cash on the first day of the year."""
    with council.place.engine.begin() as conn:
        set_tenant(conn, council.place.commune.tenant_id)
        post(conn, council.place.commune, [receipt(amount_minor, OPENED_ON)], actor=ACTOR)


def sent(page: str, **typed: Any) -> dict[str, Any]:
    """Return what a browser sends of a page's form, with what was typed into it."""
    return {**form_of(page).fields, **typed}


def proposed(council: Council, client: TestClient, **changes: str) -> str:
    """Propose a payment through the pages; return its page's path."""
    new = client.get(path(council, "new"))
    assert new.status_code == 200
    check = client.post(path(council, "new"), data=sent(new.text, **(TYPED | changes)))
    assert check.status_code == 200, text_of(check.text)
    done = client.post(path(council, "propose"), data=sent(check.text))
    assert done.status_code == 303, text_of(done.text)
    again = client.post(path(council, "propose"), data=sent(check.text))
    assert again.headers["location"] == done.headers["location"], "a double click is one voucher"
    return str(done.headers["location"].partition("?")[0])


def approve(council: Council) -> None:
    """Have both consent to the one request that waits."""
    for role in ("chief_accountant", "account_holder"):
        client = council.at(role)
        queue = client.get(council.path()).text
        approval = queue.partition('name="approval" value="')[2].partition('"')[0]
        asked = client.get(council.path(approval))
        told = text_of(asked.text)
        assert "Trường Mẫu" in told
        assert "Học bổng học kỳ I" in told
        assert "PC/2025/" in told
        assert "Chưa đính kèm giấy tờ nào" in told
        key = form_of(asked.text).fields
        granted = client.post(council.path("grant"), data={**key, "approval": approval})
        assert granted.status_code == 303, text_of(granted.text)


def test_a_payment_goes_from_the_form_to_the_cashier(council: Council) -> None:
    earn(council)
    one = proposed(council, council.at("accountant"))
    cashier = council.at("cashier")
    waiting = cashier.get(one)
    assert "Đang chờ duyệt" in text_of(waiting.text)
    assert 'action="' + one + '/pay"' not in waiting.text
    approve(council)
    assert "Phiếu đã duyệt, chờ chi" in text_of(cashier.get(desk(council.place.commune)).text)
    ready = cashier.get(one)
    paid = cashier.post(f"{one}/pay", data=sent(ready.text, on="10/03/2025"))
    assert paid.status_code == 303, text_of(paid.text)
    again = cashier.post(f"{one}/pay", data=sent(ready.text, on="10/03/2025"))
    assert again.headers["location"] == paid.headers["location"]
    told = text_of(cashier.get(paid.headers["location"]).text)
    assert "Đã ghi khoản chi vào sổ" in told
    assert "10/3/2025" in told
    assert one not in council.at("accountant").get(path(council)).text
    assert one in council.at("accountant").get(f"{path(council)}?all=1").text


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(council: Council) -> None:
    client = council.at("accountant")
    new = client.get(path(council, "new")).text
    wrong = client.post(path(council, "new"), data=sent(new, **TYPED, quantity="x") | {"amount": "0", "payee": " "})
    assert wrong.status_code == 422
    assert 'id="f-amount-fault"' in wrong.text
    assert 'id="f-payee-fault"' in wrong.text
    assert "Học bổng học kỳ I" in wrong.text
    late = client.post(path(council, "propose"), data=sent(new, **TYPED) | {"issued_on": "05/03/2031"})
    assert late.status_code == 422
    assert 'id="f-issued_on-fault"' in late.text


def test_too_little_money_is_a_warning_before_and_a_refusal_when_it_is_paid(council: Council) -> None:
    client = council.at("accountant")
    new = client.get(path(council, "new")).text
    check = client.post(path(council, "new"), data=sent(new, **(TYPED | {"amount": "9.000.000.000"})))
    assert "Ngày này chỉ còn" in text_of(check.text)
    one = proposed(council, client, amount="9.000.000.000")
    approve(council)
    cashier = council.at("cashier")
    paid = cashier.post(f"{one}/pay", data=sent(cashier.get(one).text, on="10/03/2025"))
    assert paid.status_code == 422
    assert "Tiền và quỹ không được âm" in text_of(paid.text)


def test_the_accountant_does_not_pay_cash_nor_the_cashier_propose(council: Council) -> None:
    earn(council)
    one = proposed(council, council.at("accountant"))
    approve(council)
    assert council.at("accountant").post(f"{one}/pay", data={"on": "10/03/2025"}).status_code == 403
    chief = council.at("chief_accountant")
    key = form_of(council.at("cashier").get(one).text).fields
    refused = chief.post(f"{one}/post", data={**key, "on": "10/03/2025"})
    assert refused.status_code == 422
    assert "do thủ quỹ chi" in text_of(refused.text)
    assert council.at("cashier").get(path(council, "new")).status_code == 403


def test_a_voucher_is_voided_with_a_reason_and_its_approval_goes_with_it(council: Council) -> None:
    client = council.at("accountant")
    one = proposed(council, client)
    page = client.get(one).text
    bare = client.post(f"{one}/void", data=sent(page, reason=" "))
    assert bare.status_code == 422
    done = client.post(f"{one}/void", data=sent(page, reason="Không chi nữa"))
    assert done.status_code == 303
    assert "Đã hủy phiếu" in text_of(client.get(one).text)
    assert 'name="approval"' not in council.at("chief_accountant").get(council.path()).text


def test_who_neither_sees_people_nor_pays_sees_no_payee(council: Council) -> None:
    one = proposed(council, council.at("accountant"))
    for where in (one, path(council)):
        for role in ("account_holder", "cashier"):
            assert "Trường Mẫu" in text_of(council.at(role).get(where).text)
        assert "Trường Mẫu" not in text_of(council.at("administrator").get(where).text)


def test_a_scan_is_opened_by_who_may_see_people_and_named_to_nobody_else(council: Council) -> None:
    one = proposed(council, council.at("accountant"))
    name = "Giay-cua-Tran-Van-Dau-Vet.pdf"
    book = council.place.commune
    with council.place.engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        kept = keep_document(conn, book, check_content(name, pdf()), actor=ACTOR)
        proposal_id = typeid.decode(typeid.PROPOSAL, one.rpartition("/")[2])
        attach_document(conn, book, kept.document_id, target_id=proposal_id, kind="voucher", actor=ACTOR)
        asked = proposal_by_id(conn, book, proposal_id).approval.approval_id
    approval = council.path(typeid.encode(typeid.APPROVAL, asked))
    holder = council.at("account_holder")
    for page in (one, approval):
        shown = holder.get(page).text
        (link,) = set(re.findall(r'href="([^"]*/documents/[^"]*)"', shown))
        assert name in shown
        assert holder.get(link).status_code == 200
        for role in ("cashier", "administrator"):
            assert name not in council.at(role).get(page).text


@pytest.mark.parametrize("proposal", ["po_1", "po_01h455vb4pex5vsknk084sn02q", "en_01h455vb4pex5vsknk084sn02q"])
def test_what_is_not_there_is_not_found(council: Council, proposal: str) -> None:
    client = council.at("accountant")
    assert client.get(path(council, proposal)).status_code == 404
    assert client.post(path(council, proposal, "void"), data={"reason": "x"}).status_code == 404


def test_a_program_and_its_awards_stand_on_the_line_of_the_fund(council: Council) -> None:
    with council.place.engine.begin() as conn:
        set_tenant(conn, council.place.province.tenant_id)
        opened: dict[str, Any] = {"name_vi": "Học bổng", "opened_on": OPENED_ON, "actor": ACTOR}
        open_program(conn, council.place.province, program="HB", unit="award", **opened)
    one = proposed(council, council.at("accountant"), program="HB", quantity="3")
    told = text_of(council.at("accountant").get(one).text)
    assert "Học bổng" in told
    assert "Số suất" in told
