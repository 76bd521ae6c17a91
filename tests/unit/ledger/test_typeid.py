"""What an error says of what was given for an id."""

from uuid import UUID

import pytest

from ledger import typeid


def test_what_looks_like_an_id_is_named() -> None:
    given = typeid.encode(typeid.PERSON, UUID(int=7))
    assert typeid.shown(given) == given


@pytest.mark.parametrize(
    "given", ["", "x", "Nguyễn Văn Mẫu", "pe_" + "ẫ" * 26, "pe_nguyen-van-mau-so-0912345678", "Tạ_" + "0" * 26]
)
def test_other_text_is_not_repeated(given: str) -> None:
    assert typeid.shown(given) == "…"
