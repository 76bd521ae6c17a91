"""Write and read the text of a VietQR code: who is paid, how much, and what the transfer says.

NAPAS' profile of the EMVCo QR code for payments (merchant-presented): fields of two digits of tag, two of length, and
the value, nested once or twice::

    00 01                     payload format
    01 11 | 12                the payer chooses the amount | the amount is given
    38                        the account
       00 A000000727          NAPAS
       01                     the beneficiary
          00 six digits       the bank (BIN)
          01 1 to 19 letters and digits: the account
       02 QRIBFTTA            a transfer to an account
    53 704                    đồng (ISO 4217)
    54 1 to 13 digits         the amount, where it is given
    58 VN
    62                        more
       08 1 to 25 characters  the text of the transfer
    63 four hexadecimal digits  CRC-16/CCITT-FALSE of all before it, and of ``6304``

Banks take letters without marks, digits and spaces in a transfer's text, and drop or refuse other signs, so nothing
else is written.
"""

import re
import unicodedata
from binascii import crc_hqx
from dataclasses import dataclass
from typing import Final

TEXT_LENGTH_MAX: Final = 25
AMOUNT_MAX: Final = 10**13 - 1
"""Field 54 has thirteen digits."""

BIN_PATTERN: Final = "[0-9]{6}"
ACCOUNT_PATTERN: Final = "[0-9A-Za-z]{1,19}"

_GUID: Final = "A000000727"
_TO_ACCOUNT: Final = "QRIBFTTA"
_VND: Final = "704"

_match_bin: Final = re.compile(BIN_PATTERN).fullmatch
_match_account: Final = re.compile(ACCOUNT_PATTERN).fullmatch
_match_amount: Final = re.compile("[1-9][0-9]{0,12}").fullmatch
_match_field: Final = re.compile("([0-9]{2})([0-9]{2})").match


class VietQrError(ValueError):
    """Refuse what is no VietQR code, or could be none; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer to be made: ``amount`` in đồng, or ``None`` where the payer chooses; ``text`` as banks take it.

    Raises:
        VietQrError: a part that the code cannot carry.
    """

    bank_bin: str
    account: str
    amount: int | None = None
    text: str = ""

    def __post_init__(self) -> None:
        for reason, holds in (
            ("bank_bin", _match_bin(self.bank_bin)),
            ("account", _match_account(self.account)),
            ("amount", self.amount is None or 1 <= self.amount <= AMOUNT_MAX),
            ("text", len(self.text) <= TEXT_LENGTH_MAX and self.text.isascii() and self.text.isprintable()),
        ):
            if not holds:
                raise VietQrError(reason)


def transfer_text(*parts: str) -> str:
    """Return parts as the text of a transfer: large letters without marks, digits, single spaces, 25 characters.

    What is too long loses its end, so the part that a payment is recognised by comes first.
    """
    plain = unicodedata.normalize("NFD", " ".join(parts).replace("đ", "d").replace("Đ", "D"))
    spoken = "".join(each for each in plain if not unicodedata.combining(each)).upper()
    return " ".join(re.sub("[^A-Z0-9]+", " ", spoken).split())[:TEXT_LENGTH_MAX].strip()


def encode(transfer: Transfer) -> str:
    """Return the text of the code."""
    beneficiary = _field("00", transfer.bank_bin) + _field("01", transfer.account)
    parts = [
        _field("00", "01"),
        _field("01", "11" if transfer.amount is None else "12"),
        _field("38", _field("00", _GUID) + _field("01", beneficiary) + _field("02", _TO_ACCOUNT)),
        _field("53", _VND),
        "" if transfer.amount is None else _field("54", str(transfer.amount)),
        _field("58", "VN"),
        _field("62", _field("08", transfer.text)) if transfer.text else "",
        "6304",
    ]
    text = "".join(parts)
    return text + _crc(text)


def decode(text: str) -> Transfer:
    """Return the transfer that a code asks for; fields that it does not need are left alone.

    Raises:
        VietQrError: not ASCII, a wrong check sum, a field cut off or doubled, or no transfer in đồng to an account.
    """
    if not text.isascii():
        raise VietQrError("not_ascii")
    if text[-8:-4] != "6304" or text[-4:] != _crc(text[:-4]):
        raise VietQrError("crc")
    fields = _fields(text)
    account = _fields(fields.get("38", ""))
    beneficiary = _fields(account.get("01", ""))
    for reason, holds in (
        ("format", fields.get("00") == "01" and text.startswith("000201") and fields.get("01") in {"11", "12"}),
        ("not_napas", account.get("00") == _GUID),
        ("not_to_account", account.get("02", _TO_ACCOUNT) == _TO_ACCOUNT),
        ("currency", fields.get("53") == _VND),
        ("country", fields.get("58") == "VN"),
        ("amount", "54" not in fields or _match_amount(fields["54"])),
    ):
        if not holds:
            raise VietQrError(reason)
    return Transfer(
        bank_bin=beneficiary.get("00", ""),
        account=beneficiary.get("01", ""),
        amount=int(fields["54"]) if "54" in fields else None,
        text=_fields(fields.get("62", "")).get("08", ""),
    )


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        head = _match_field(text, place)
        if head is None:
            raise VietQrError("field_malformed")
        start, place = head.end(), head.end() + int(head[2])
        if place > len(text) or head[1] in found:
            raise VietQrError("field_malformed")
        found[head[1]] = text[start:place]
    return found


def _crc(text: str) -> str:
    """CRC-16/CCITT-FALSE: polynomial 1021, from FFFF, nothing reflected, which is ``crc_hqx`` begun there."""
    return f"{crc_hqx(text.encode('ascii'), 0xFFFF):04X}"
