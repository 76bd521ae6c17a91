"""Which passwords and PINs are taken, and how they are worked up."""

import pytest
from argon2.low_level import Type, hash_secret_raw

from api.sign_in.device import PinRefused, check_pin
from api.sign_in.password import Cost, PasswordRefused, check_password
from api.sign_in.totp import STEP_SECONDS, code_at, recovery_hash, uri_of
from web.cookie import own_path

GOOD = (
    "ba con bò vàng gặm cỏ",
    "correct horse battery",
    "mưa rào trên mái ngói đỏ",
    "Tr0ub4dor&3xyzw",
    "dung-de-ai-biet-nhe",
)


@pytest.mark.parametrize("password", GOOD)
def test_a_long_password_of_ones_own_is_taken(password: str) -> None:
    check_password(password, email="ke-toan@mau.invalid", name="Nguyễn Văn Mẫu")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("ngắn quá", "too_short"),
        ("x" * 201, "too_long"),
        ("aaaaaaaaaaaa", "common"),
        ("abababababab", "common"),
        ("123456789012", "common"),
        ("Matkhau123456", "common"),
        ("Mật khẩu 2026!", "common"),
        ("password1234", "common"),
        ("P@ssw0rd123456", "common"),
        ("QWERTYUIOP123", "common"),
        ("vietnam@2026!!", "common"),
        ("soquysoquysoquy", "common"),
        ("Khuyến học 2026", "common"),
        ("anh yêu em 1314", "common"),
        ("iloveyou20262026", "common"),
        ("ke-toan@mau.invalid", "own"),
        ("Nguyễn Văn Mẫu 1975", "own"),
        ("nguyenvanmau1975", "own"),
    ],
)
def test_what_is_tried_first_is_refused(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, email="ke-toan@mau.invalid", name="Nguyễn Văn Mẫu")
    assert refused.value.fields["reason"] == reason
    assert password not in str(refused.value)


def test_a_password_is_worked_up_by_argon2id_as_owasp_has_it() -> None:
    cost = Cost.fresh()
    assert (cost.memory_kib, cost.time_cost, cost.lanes) == (19_456, 2, 1)
    assert cost.is_of_today
    assert not Cost(salt=cost.salt, memory_kib=8).is_of_today
    expected = hash_secret_raw("bò vàng".encode(), cost.salt, 2, 19_456, 1, 32, Type.ID)
    assert cost.tag("bò vàng") == cost.tag("bo\u0300 va\u0300ng") == expected
    assert cost.tag("bò vàng", b"device") != expected


@pytest.mark.parametrize("pin", ["12345", "1234567", "12a456", "", "123456", "987654", "000000", "112112", "111122"])
def test_a_pin_that_is_tried_first_is_refused(pin: str) -> None:
    with pytest.raises(PinRefused):
        check_pin(pin)


@pytest.mark.parametrize("pin", ["470913", "802461", "135790"])
def test_another_pin_is_taken(pin: str) -> None:
    check_pin(pin)


RFC_6238 = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B: the last six of its eight figures."""
    assert code_at(RFC_6238, seconds // STEP_SECONDS) == code


def test_an_app_reads_the_secret_from_the_address() -> None:
    address = uri_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "a b@mau.invalid")
    assert address == (
        "otpauth://totp/S%E1%BB%95%20Qu%E1%BB%B9%3Aa%20b%40mau.invalid"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=S%E1%BB%95%20Qu%E1%BB%B9"
    )


def test_letters_that_look_like_figures_are_read_as_those() -> None:
    assert recovery_hash("0123456789abcdef") == recovery_hash("oi23456789abcdef")
    assert recovery_hash("0123456789abcdef") != recovery_hash("0123456789abcdee")


@pytest.mark.parametrize("path", ["/", "/desk/as_x?y=1&z=%2F%2Fevil", "/account"])
def test_a_path_of_this_site_is_where_to_go_on(path: str) -> None:
    assert own_path(path) == path
