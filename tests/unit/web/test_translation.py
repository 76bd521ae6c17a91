import pytest

from web.site import _TEMPLATES
from web.translation import Message, _, _n, gettext, ngettext, said


def test_vietnamese_is_what_is_written_and_english_stands_beside_it() -> None:
    assert gettext("vi", "Chứng từ") == "Chứng từ"
    assert gettext("en", "Chứng từ") == "Voucher"


def test_a_text_without_english_stays_vietnamese() -> None:
    assert gettext("en", "Chưa ai dịch câu này") == "Chưa ai dịch câu này"


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("vi", 1, "1 suất"),
        ("vi", 1_234, "1.234 suất"),
        ("en", 1, "1 award"),
        ("en", 0, "0 awards"),
        ("en", 1_234, "1,234 awards"),
    ],
)
def test_a_number_is_grouped_and_chooses_the_form(language: str, number: int, text: str) -> None:
    assert ngettext("en" if language == "en" else "vi", "%(num)s suất", number) == text


def test_a_message_waits_for_its_language() -> None:
    message = _("Đầu năm %(year)s", year=2023)
    assert (said("vi", message), said("en", message)) == ("Đầu năm 2023", "Start of 2023")
    assert said("en", _n("%(num)s suất", 2)) == "2 awards"
    assert said("en", "Nguyễn Văn Mẫu") == "Nguyễn Văn Mẫu"


def test_a_message_within_a_message_is_said_in_the_same_language() -> None:
    assert said("en", _("%(kind)s số %(seq)s", kind=_("Bút toán đảo"), seq=3)) == "Reversal 3"


def test_a_message_cannot_be_joined_before_its_language_is_known() -> None:
    with pytest.raises(TypeError, match="said"):
        str(_("Chứng từ"))


def test_messages_are_the_same_where_they_say_the_same() -> None:
    assert _("Ngày") == Message("Ngày")
    assert _("Ngày") != _("Tháng")
    assert hash(_("Ngày")) == hash(Message("Ngày"))
    assert _("Ngày") != "Ngày"


def rendered(language: str, source: str, **context: object) -> str:
    return _TEMPLATES["en" if language == "en" else "vi"].from_string(source).render(context)


def test_a_template_prints_a_message_in_its_language() -> None:
    assert rendered("en", "{{ kind }}", kind=_("Bút toán đảo")) == "Reversal"


def test_what_people_typed_is_escaped_in_every_kind_of_text() -> None:
    name = "<script>"
    for source in (
        '{{ _("Đầu năm %(year)s", year=name) }}',
        "{% trans year=name %}Đầu năm {{ year }}{% endtrans %}",
        "{% trans n=2, year=name %}<b>{{ n }}</b> {{ year }}{% pluralize %}<b>{{ n }}</b> {{ year }}{% endtrans %}",
    ):
        assert "&lt;script&gt;" in rendered("vi", source, name=name)


def test_markup_stands_in_a_sentence_that_is_marked_for_it() -> None:
    assert rendered("vi", "{% trans %}Xem <b>sổ</b>{% endtrans %}") == "Xem <b>sổ</b>"
