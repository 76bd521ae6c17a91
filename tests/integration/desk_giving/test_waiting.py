"""The desk says what waits: one's own drafts, and those that others handed in."""

from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import desk, text_of
from tests.integration.desk_giving.test_drive import VILLAGE, act, begun, draft_path
from tests.people_who_sign_in import signed_in


def test_a_draft_waits_for_whoever_has_to_go_on_with_it(place: Place) -> None:
    collector = signed_in(place.app, place.person("collector"))
    poster = signed_in(place.app, place.person("chief_accountant"))
    other = signed_in(place.app, place.person("collector"))
    home = desk(place.commune)
    assert "Việc cần làm" not in collector.get(home).text
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
