"""The bank accounts that people are asked to pay into."""

from typing import Annotated, Final

from pydantic import Field

from api.schemas.field import Account, In, Name, Out
from ledger.banking.vietqr import ACCOUNT_PATTERN, BIN_PATTERN


class BankAccountIn(In):
    """An account to be shown on papers, posters and campaign pages; the newest number counts."""

    account: Annotated[Account, Field(description="The bank account's code in the book, in đồng", examples=["1121A"])]
    bank_bin: Annotated[
        str,
        Field(pattern=f"^{BIN_PATTERN}$", description="The bank's identification number at NAPAS", examples=["970436"]),
    ]
    number: Annotated[
        str,
        Field(
            pattern=f"^{ACCOUNT_PATTERN}$",
            description="The account's number at the bank: up to 19 letters and digits, without spaces",
            examples=["0123456789"],
        ),
    ]
    holder: Annotated[
        Name,
        Field(description="The name the bank knows the account by", examples=["HOI KHUYEN HOC XA THU NGHIEM"]),
    ]


class BankAccountOut(Out):
    """An account as papers and pages show it."""

    account: Account
    bank_bin: str
    bank_name: Annotated[str, Field(description="What people call the bank; its number where it is not known")]
    number: str
    holder: str


class BankAccountsOut(Out):
    """The accounts that a book shows."""

    rows: list[BankAccountOut]


BANK_ACCOUNT_EXAMPLE: Final = {
    "account": "1121A",
    "bank_bin": "970436",
    "number": "0123456789",
    "holder": "HOI KHUYEN HOC XA THU NGHIEM",
}
