"""What a deployment's papers carry of it: where they are checked, whose key signs the log, how numbers are spelled."""

from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from ledger import typeid
from ledger.books.model import Book
from ledger.words import STANDARD, Spelling

CHECK_PATH: Final = "/r"
CAMPAIGN_PATH: Final = "/c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """``public_url`` is the address without a slash at its end, ``log_key`` the name and hash of the log's key."""

    public_url: str | None
    log_key: str | None = None
    spelling: Spelling = STANDARD

    def members(self) -> dict[str, Any]:
        """Return it as a row or a job keeps it."""
        return {
            "public_url": self.public_url,
            "log_key": self.log_key,
            "is_le": self.spelling.nought_tens == "lẻ",
            "is_ngan": self.spelling.thousand == "ngàn",
        }

    @classmethod
    def parse(cls, members: dict[str, Any]) -> Self:
        """Return what ``members`` gave."""
        spelling = Spelling(
            nought_tens="lẻ" if members["is_le"] else "linh", thousand="ngàn" if members["is_ngan"] else "nghìn"
        )
        return cls(public_url=members["public_url"], log_key=members["log_key"], spelling=spelling)

    @property
    def check_page(self) -> str | None:
        """The address of the page that checks receipts, as somebody types it."""
        if self.public_url is None:
            return None
        parts = urlsplit(self.public_url)
        return f"{parts.netloc}{parts.path}{CHECK_PATH}"

    def check_url(self, shown_code: str) -> str | None:
        """Return the address that a receipt's code leads to."""
        return None if self.public_url is None else f"{self.public_url}{CHECK_PATH}/{shown_code}"

    def entry_url(self, book: Book, seq: int) -> str | None:
        """Return the address of an entry's public page."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/e/{typeid.encode(typeid.ASSOCIATION, book.association_id)}/{seq}"

    def campaign_url(self, book: Book, campaign: str) -> str | None:
        """Return the address of a campaign's public page."""
        if self.public_url is None:
            return None
        association = typeid.encode(typeid.ASSOCIATION, book.association_id)
        return f"{self.public_url}{CAMPAIGN_PATH}/{association}/{campaign}"
