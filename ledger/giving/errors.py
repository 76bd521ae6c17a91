"""What receiving refuses with all its faults at once."""

from collections.abc import Sequence

from ledger.errors import Fault, LedgerError


class CollectionRefused(LedgerError):
    """Nothing was recorded; ``faults`` says why, all of it that can be known at once. ``line`` counts gifts from 0."""

    code = "collection_refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(count=len(faults))
        self.faults = tuple(faults)
