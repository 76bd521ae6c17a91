"""The desk says what waits, a line each that leads on, and says so kindly where nothing does."""

import re

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ledger.access.role import Role
from ledger.calendar import today
from ledger.jobs.queue import enqueue
from ledger.tenancy import set_tenant
from tests.factories import ACTOR
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import desk, text_of
from tests.integration.desk_giving.test_drive import VILLAGE, act, begun, draft_path
from tests.integration.desk_giving.test_keeping import form_to, issued, promised, received, treasurer
from tests.people_who_sign_in import signed_in

__all__ = ["treasurer"]

NOTHING = "Không có việc nào đang chờ"


def lines(place: Place, client: TestClient) -> dict[str, tuple[int, str]]:
    """Return what the desk says is to do: how many, and where it leads below the desk."""
    page = client.get(desk(place.commune)).text
    found = re.findall(r'<a class="task \w+" href="([^"]*)"><b>([\d.]+)</b><span>(.*?)</span></a>', page)
    assert (NOTHING in page) == (not found)
    return {title: (int(count), href.removeprefix(f"{desk(place.commune)}/")) for href, count, title in found}


def test_a_draft_waits_for_whoever_has_to_go_on_with_it(place: Place) -> None:
    collector = signed_in(place.app, place.person("collector"))
    poster = signed_in(place.app, place.person("chief_accountant"))
    other = signed_in(place.app, place.person("collector"))
    home = desk(place.commune)
    assert NOTHING in collector.get(home).text
    form = begun(place, collector, **VILLAGE)
    form.send(collector, then="check")
    assert "1 Nháp đang làm dở" in text_of(collector.get(home).text)
    assert "Việc cần làm" not in other.get(home).text
    act(collector, draft_path(form), "submit")
    assert "Việc cần làm" not in collector.get(home).text
    page = poster.get(home).text
    assert "Danh sách đã nộp, chờ ghi sổ" in page
    assert f'href="{home}/drafts"' in page
    act(poster, draft_path(form), "return", reason="Thiếu một hộ")
    assert "1 Nháp bị trả lại, cần sửa" in text_of(collector.get(home).text)


def test_everything_that_waits_has_a_line_that_leads_to_it(
    place: Place, treasurer: TestClient, database_admin: sa.Engine
) -> None:
    assert lines(place, treasurer) == {}
    late = promised(place, treasurer)
    promised(place, treasurer, due_on=f"1/1/{today().year + 1}")
    block = issued(place, treasurer, series="ZZ26")
    form_to(treasurer.get(block).text, "/close").send(treasurer, returned_from="8")
    goods = received(place, treasurer)
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        enqueue(conn, place.commune, "test.waiting", subject="one", actor=ACTOR)
    found = lines(place, treasurer)
    assert found == {
        "Số biên lai thiếu khi thu quyển về": (7, "blocks"),
        "Cam kết đến hạn hoặc quá hạn": (1, "pledges"),
        "Hiện vật chưa trao hết": (1, "goods"),
        "Việc đang chạy nền": (1, "jobs"),
    }
    for _, path in found.values():
        assert treasurer.get(desk(place.commune, path)).status_code == 200
    assert "test.waiting" not in treasurer.get(desk(place.commune, "jobs")).text
    english = text_of(treasurer.get(desk(place.commune) + "?lang=en").text)
    assert "7 Receipt numbers missing from returned books" in english
    treasurer.get(desk(place.commune) + "?lang=vi")
    form_to(treasurer.get(late).text, "/cancel").send(treasurer, reason="Thôi")
    form_to(treasurer.get(goods).text, "/withdraw").send(treasurer, reason="Nhầm")
    with database_admin.begin() as conn:
        conn.execute(sa.text("UPDATE soquy.job SET state = 'cancelled', finished_at = now()"))
        # As after the month was locked in which the book came back.
        conn.execute(
            sa.text(
                "UPDATE soquy.book_head SET locked_through = soquy.today() WHERE book_id = :book AND tenant_id = :t"
            ),
            {"book": place.commune.book_id, "t": place.commune.tenant_id},
        )
    assert lines(place, treasurer) == {}


@pytest.mark.parametrize("role", ["cashier", "collector", "inspector", "account_holder", "administrator"])
def test_nobody_is_told_of_what_their_role_cannot_open(place: Place, treasurer: TestClient, role: Role) -> None:
    promised(place, treasurer)
    received(place, treasurer)
    client = signed_in(place.app, place.person(role))
    found = lines(place, client)
    assert ("Cam kết đến hạn hoặc quá hạn" in found) == (role == "account_holder")
    assert "Hiện vật chưa trao hết" not in found
    for _, path in found.values():
        assert client.get(desk(place.commune, path)).status_code == 200
