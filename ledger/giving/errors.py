"""What receiving refuses with all its faults at once."""

from ledger.errors import FaultsFound


class CollectionRefused(FaultsFound):
    """Nothing was recorded; ``Fault.line`` counts gifts from 0."""

    code = "collection_refused"
    lists = ("", "gifts")


class DraftRefused(CollectionRefused):
    """What a draft says cannot be recorded; ``Fault.line`` counts the lines of its form from 0."""

    lists = ("", "lines")
