"""Names that nobody bears: whoever reads one in the demo sees that it is a sample.

Every name has one of ``MARKS`` in it as a word of its own, and a number, so that two of them are told apart.
"""

from random import Random
from typing import Final

MARKS: Final = ("Mẫu", "mẫu", "Thử", "Ví Dụ", "Sample")

_FAMILIES: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
_GENDERS: Final = ("Văn", "Thị")
_GIVEN: Final = ("Mẫu", "Thử", "Ví Dụ")

_ORGANISATIONS: Final = ("Hội đồng hương Mẫu", "Câu lạc bộ Mẫu", "Trường Mẫu", "Hội Mẫu", "Đoàn thể Mẫu")
_BUSINESSES: Final = ("Công ty Mẫu", "Hợp tác xã Mẫu", "Doanh nghiệp Mẫu", "Cửa hàng Mẫu", "Xưởng Mẫu")
_ABROAD: Final = ("John Sample", "Sample Foundation", "Hội người Việt Mẫu", "Jane Sample")


def person(chance: Random, number: int) -> str:
    """Draw a person's name."""
    return f"{chance.choice(_FAMILIES)} {chance.choice(_GENDERS)} {chance.choice(_GIVEN)} {number}"


def household(chance: Random, number: int) -> str:
    """Draw a household's name."""
    return f"Hộ {person(chance, number)}"


def business(chance: Random, number: int) -> str:
    """Draw a business's name."""
    return f"{chance.choice(_BUSINESSES)} số {number}"


def organisation(chance: Random, number: int) -> str:
    """Draw an organisation's name."""
    return f"{chance.choice(_ORGANISATIONS)} số {number}"


def abroad(chance: Random, number: int) -> str:
    """Draw the name of somebody abroad."""
    return f"{chance.choice(_ABROAD)} {number}"


def chapter(number: int) -> str:
    """Return the name of a commune's chapter."""
    return f"Chi hội mẫu số {number}"


def agency(number: int) -> str:
    """Return the name of an agency that hands in a list of its staff."""
    return f"Cơ quan mẫu số {number}"
