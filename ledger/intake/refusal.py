"""Why a file, or a step with it, is refused: facts with stable codes, as everywhere in the ledger."""

from ledger.errors import LedgerError


class FileRefused(LedgerError):
    """A file that is not read at all; ``reason`` says why, other fields what to do about it."""

    code = "file_refused"


class FileUnreadable(LedgerError):
    """Reading was begun and came to no end; ``reason`` is damaged, memory, time or output."""

    code = "file_unreadable"
