from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest

from ledger import typeid
from ledger.errors import CodeTaken, Fault, PostingRefused
from web.form import Form, FormRefused, Upload
from web.reading import Reading

KEY = "k" * 32


def faults(form: Form) -> dict[str | None, str]:
    return {fault.name: fault.said("vi", "Ô này") for fault in form.faults}


def test_what_was_typed_is_understood() -> None:
    id_ = typeid.encode(typeid.PERSON, UUID(int=7))
    form = Form.of(
        [
            ("name", "  Nguyễn Văn Mẫu "),
            ("amount", "1.500.000 đ"),
            ("on", "5/9/2026"),
            ("fund", "HB"),
            ("wish", "named"),
            ("wish", "public"),
            ("count", "1.200"),
            ("rate", "25.480,5"),
            ("note", "dòng một\r\ndòng hai"),
            ("person", id_),
            ("sure", "1"),
        ]
    )
    with Reading(form) as read:
        assert read.text("name", length_max=200) == "Nguyễn Văn Mẫu"
        assert read.amount("amount") == 1_500_000
        assert read.day("on") == date(2026, 9, 5)
        assert read.choice("fund", ("QC", "HB")) == "HB"
        assert read.choices("wish", ("named", "public", "secret")) == {"named", "public"}
        assert read.integer("count", low=1, high=2_000) == 1_200
        assert read.decimal("rate") == Decimal("25480.5")
        assert read.text("note", length_max=50, multiline=True) == "dòng một\ndòng hai"
        assert read.typeid("person", typeid.PERSON) == UUID(int=7)
        assert read.agreed("sure")
        assert read.optional_text("other", length_max=5) is None
        assert read.optional_amount("other") is None
        assert read.optional_day("other") is None
        assert read.optional_choice("other", ("a",)) is None
        assert read.optional_integer("other", high=3) is None
        assert read.optional_typeid("other", typeid.PERSON) is None
        assert not read.flag("other")


def read_all(form: Form) -> None:
    with Reading(form) as read:
        read.text("name", length_max=200)
        read.amount("amount")
        read.day("on")
        read.choice("fund", ("QC",))
        read.choices("wish", ("named",))
        read.integer("count", low=1, high=2_000)
        read.decimal("rate")
        read.typeid("person", typeid.PERSON)
        read.agreed("sure")
        read.choice("medium", ("cash",))
        read.upload("scan", size_max=1)


def test_all_faults_are_found_at_once_and_nothing_typed_is_lost() -> None:
    typed = [
        ("name", "a\u200bb"),
        ("amount", "1tr5"),
        ("on", "31/2/2026"),
        ("fund", "XX"),
        ("wish", "XX"),
        ("count", "3000"),
        ("rate", "viele"),
        ("person", "pe_1"),
    ]
    form = Form.of(typed)
    with pytest.raises(FormRefused) as refused:
        read_all(form)
    shown = form.refused(refused.value)
    found = faults(shown)
    assert set(found) == {name for name, _ in typed} | {"sure", "medium", "scan"}
    assert found["amount"] == "Có phải là 1.500.000 đ? Nếu đúng, gõ đủ con số đó."
    assert found["count"] == "Ô này: từ 1 đến 2000."
    assert "U+200B" in found["name"]
    assert [shown.value(name) for name, _ in typed] == [value for _, value in typed]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("25480", "25480"),
        ("25.480", "25480"),
        ("25,480", "25480"),
        ("25.480,5", "25480.5"),
        ("25,480.5", "25480.5"),
        ("1.025.480,125", "1025480.125"),
        ("0,125", "0.125"),
        ("165,52", "165.52"),
        ("165.5", "165.5"),
        ("1 025 480", "1025480"),
    ],
)
def test_decimals_are_read_as_either_language_writes_them(typed: str, number: str) -> None:
    with Reading(Form.of([("rate", typed)])) as read:
        assert read.decimal("rate") == Decimal(number)


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.2.3", "1,480,5", "1..5", ",5", "25.480.5"])
def test_what_is_no_decimal_is_refused(typed: str) -> None:
    with pytest.raises(FormRefused), Reading(Form.of([("rate", typed)])) as read:
        read.decimal("rate")


def test_rows_that_were_never_begun_are_left_out_and_others_keep_their_number() -> None:
    form = Form.of(
        [
            ("gift.0.name", "Nguyễn Văn Mẫu"),
            ("gift.0.amount", "50.000"),
            ("gift.1.name", " "),
            ("gift.1.amount", ""),
            ("gift.10.name", "Trần Thị Thử"),
            ("gift.10.amount", "x"),
        ]
    )
    with pytest.raises(FormRefused) as refused, Reading(form) as read:
        rows = [
            (row.number, row.text("name", length_max=9 * 9), row.amount("amount"))
            for row in read.rows("gift", ("name", "amount"))
        ]
    assert [(number, name) for number, name, _ in rows] == [(0, "Nguyễn Văn Mẫu"), (10, "Trần Thị Thử")]
    assert [fault.name for fault in refused.value.faults] == ["gift.10.amount"]


def test_more_rows_than_may_be_sent_are_refused_together() -> None:
    form = Form.of([(f"gift.{number}.name", "a") for number in range(4)])
    with pytest.raises(FormRefused) as refused, Reading(form) as read:
        assert list(read.rows("gift", ("name",), count_max=3)) == []
    assert faults(form.refused(refused.value)) == {None: "Một lần gửi được tối đa 3 dòng."}


def test_a_refusal_of_the_ledger_stands_at_its_field() -> None:
    form = Form.showing({"code": "QC"})
    assert [fault.name for fault in form.refused(CodeTaken(field="code", value="QC")).faults] == ["code"]
    assert [fault.name for fault in form.refused(CodeTaken()).faults] == [None]
    error = PostingRefused(
        [
            Fault(code="period_locked", field="entry_on", fields={"day": "2026-08-01"}),
            Fault(code="overdraft", line=2, field="amount_minor"),
            Fault(code="unbalanced"),
        ]
    )
    shown = form.refused(error, {"entry_on": "received", "amount_minor": "gift.*.amount"})
    assert [fault.name for fault in shown.faults] == ["received", "gift.2.amount", None]


def test_what_is_wrong_with_no_field_of_the_page_is_told_above() -> None:
    form = Form.showing({}).refused(CodeTaken(field="code"))
    assert len(form.faults_elsewhere()) == 1
    form.call("code", "Mã quỹ")
    assert form.faults_elsewhere() == ()


def test_an_error_is_told_in_the_language_of_the_page() -> None:
    form = Form.of([("amount", "1tr5")])
    with pytest.raises(FormRefused) as refused, Reading(form) as read:
        read.amount("amount")
    assert form.refused(refused.value).faults[0].said("en", "Amount") == (
        "Did you mean 1,500,000 đ? If so, type it in full."
    )


def test_the_same_form_sent_twice_is_one_request() -> None:
    typed = [("key", KEY), ("amount", "1"), ("name", "a")]
    first, again = Form.of(typed).request("gift"), Form.of(list(reversed(typed))).request("gift")
    assert first == again
    assert first.key == KEY
    assert Form.of([("key", KEY), ("amount", "2"), ("name", "a")]).request("gift").hash != first.hash
    assert Form.of(typed).request("other").hash != first.hash


def test_another_file_makes_another_request_and_is_still_read_from_its_beginning() -> None:
    def sent(content: bytes) -> Form:
        return Form.of([("key", KEY)], {"scan": (Upload(name="a.pdf", size=len(content), file=BytesIO(content)),)})

    form = sent(b"one")
    assert form.request("gift") == sent(b"one").request("gift")
    assert form.request("gift") != sent(b"two").request("gift")
    assert form.uploads["scan"][0].file.read() == b"one"


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "ключ" * 8])
def test_a_form_without_its_key_records_nothing_and_gets_one_when_shown_again(key: str) -> None:
    form = Form.of([("key", key)])
    with pytest.raises(FormRefused):
        form.request("gift")
    assert len(form.key) == 32
    assert form.key != Form.of([("key", key)]).key


def test_values_are_shown_as_people_type_them() -> None:
    form = Form.showing(
        {"amount": 1_500_000, "on": date(2026, 9, 5), "sure": True, "no": False, "none": None, "wish": ("a", "b")}
    )
    assert [form.value(name) for name in ("amount", "on", "sure", "no", "none")] == [
        "1.500.000",
        "5/9/2026",
        "1",
        "",
        "",
    ]
    assert form.has("wish", "b")
    assert not form.has("wish", "c")
