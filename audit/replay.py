"""Replay a log's events in their order: numbers of entries and vouchers, corrections, and what they add up to.

What is small is kept in memory, per book: the last number, the vouchers that wait to be executed, the sums. What grows
with the log, the ids of its events, goes to a temporary SQLite database, which is a file as soon as it is large.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from audit.balances import Sums
from audit.entry import Event
from audit.finding import Tampered, leaf_place

_CACHE_SIZE_KIB: Final = 32_768

_SCHEMA: Final = """\
CREATE TABLE event (id TEXT PRIMARY KEY, leaf INTEGER, association TEXT, kind TEXT, lines BLOB) WITHOUT ROWID;
CREATE TABLE reversed (id TEXT PRIMARY KEY, leaf INTEGER) WITHOUT ROWID;
"""

_Known = tuple[int, str | None, str | None, bytes | None]


class Replay:
    """The books as far as they have been replayed."""

    def __init__(self) -> None:
        self.sums: Sums = {}
        self.entry_count = 0
        self.event_count = 0
        self._seqs: dict[str, int] = {}
        self._vouchers: dict[tuple[str, str, int], _Numbers] = {}
        self._store = sqlite3.connect("", isolation_level=None)  # an unnamed file, gone when it is closed
        for pragma in (f"cache_size = -{_CACHE_SIZE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
            self._store.execute(f"PRAGMA {pragma}")
        self._store.executescript(_SCHEMA)

    @property
    def book_count(self) -> int:
        """Associations that have entries."""
        return len(self._seqs)

    def close(self) -> None:
        """Forget everything but the sums and counts."""
        self._store.close()

    def add(self, events: Iterable[Event], sums: Sums) -> None:
        """Take the next events, and what their entries add up to.

        Raises:
            Tampered: the first event that does not follow from those before it.
        """
        recent: dict[str, _Known] = {}
        for event in events:
            self._add_event(event, recent)
        self._keep(recent)
        for place, (debit, credit) in sums.items():
            total = self.sums.setdefault(place, [0, 0])
            total[0] += debit
            total[1] += credit

    def _add_event(self, event: Event, recent: dict[str, _Known]) -> None:
        index, type_, event_id, association, book_seq, voucher, corrects, kind, lines, _ = event
        if book_seq is not None and association is not None:
            last = self._seqs.get(association, 0)
            if book_seq != last + 1:
                code = "book_seq_missing" if book_seq > last + 1 else "book_seq_repeated"
                raise Tampered(code, leaf_place(index), association=association, expected=last + 1, found=book_seq)
            self._seqs[association] = book_seq
        if voucher is not None and association is not None:
            self._take_voucher(index, type_, association, voucher)
        if corrects is not None:
            self._correct(event, corrects, recent)
        if event_id in recent:
            raise Tampered("event_repeated", leaf_place(index), event=event_id, earlier=recent[event_id][0])
        recent[event_id] = (index, association, kind, lines)
        self.event_count += 1
        self.entry_count += type_ == "entry"

    def _take_voucher(self, index: int, type_: str, association: str, voucher: tuple[str, int, int]) -> None:
        kind, year, number = voucher
        numbers = self._vouchers.get((association, kind, year))
        if numbers is None:
            numbers = self._vouchers[association, kind, year] = _Numbers()
        code = numbers.take(type_, number)
        if code is not None:
            named = f"{kind} {number}/{year}"
            raise Tampered(code, leaf_place(index), association=association, voucher=named, last=numbers.last)

    def _correct(self, event: Event, corrects: str, recent: dict[str, _Known]) -> None:
        found = recent.get(corrects) or self._find(corrects)
        where = leaf_place(event.leaf_index)
        if found is None or found[1] != event.association:
            raise Tampered("corrects_unknown", where, event=event.event_id, corrects=corrects)
        if event.kind != "reversal":
            return
        earlier, _, kind, lines = found
        if kind == "reversal" or lines != event.mirror:
            raise Tampered("reversal_not_mirror", where, event=event.event_id, corrects=corrects, earlier=earlier)
        try:
            self._store.execute("INSERT INTO reversed VALUES (?, ?)", (corrects, event.leaf_index))
        except sqlite3.IntegrityError:
            raise Tampered("reversed_twice", where, event=event.event_id, corrects=corrects) from None

    def _find(self, event_id: str) -> _Known | None:
        found: _Known | None = self._store.execute(
            "SELECT leaf, association, kind, lines FROM event WHERE id = ?", (event_id,)
        ).fetchone()
        return found

    def _keep(self, recent: dict[str, _Known]) -> None:
        rows = [(event_id, *known) for event_id, known in recent.items()]
        try:
            self._store.execute("BEGIN")
            self._store.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows)
            self._store.execute("COMMIT")
        except sqlite3.IntegrityError:
            for event_id, known in recent.items():
                earlier = self._find(event_id)
                if earlier is not None and earlier[0] != known[0]:
                    where = leaf_place(known[0])
                    raise Tampered("event_repeated", where, event=event_id, earlier=earlier[0]) from None
            raise


class _Numbers:
    """The vouchers of one book, kind and year: the last number issued, and those issued but not yet executed."""

    __slots__ = ("last", "waiting")

    def __init__(self) -> None:
        self.last = 0
        self.waiting: set[int] | None = None

    def take(self, type_: str, number: int) -> str | None:
        """Take a voucher as an event names it; return the code of what is wrong with that."""
        if type_ == "voucher.issued":
            if number != self.last + 1:
                return "voucher_missing" if number > self.last else "voucher_repeated"
            self.last = number
            self.waiting = self.waiting or set()
            self.waiting.add(number)
            return None
        if self.waiting and number in self.waiting:
            self.waiting.remove(number)
            return None
        if type_ == "voucher.voided":
            return "voucher_not_waiting"
        if number != self.last + 1:
            return "voucher_missing" if number > self.last else "voucher_repeated"
        self.last = number  # issued with its entry
        return None
