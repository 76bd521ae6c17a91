"""What kinds of papers there are: published with a leaf, so a list of ours and nothing typed. Pure."""

from typing import Final

KINDS: Final = (
    "voucher",
    "list",
    "receipt",
    "decision",
    "minutes",
    "contract",
    "statement",
    "consent",
    "photo",
    "other",
)
OTHER: Final = "other"
