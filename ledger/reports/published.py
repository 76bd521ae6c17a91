"""The trial balances of every association, as the published log must bear them out.

An auditor replays the leaves of the log and compares. So what is told here comes from the totals that all reports read,
less what came since, and never from the leaves or from adding up postings: an edited total shows.

One JSON object a line: first ``{"format":"soquy-trial-balances","v":1,"origin":"…","size":K}``, then one for each
account and fund that an association ever moved, by association, account and fund,
``{"association":"as_…","account":"1111","fund":"QC","debit_minor":N,"credit_minor":N}`` with the sums of all entries
known at K, whatever their day, in đồng; last ``{"end":true,"rows":N}``, so that a cut-off answer is known as one.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.associations.reach import tenants
from ledger.errors import LedgerError
from ledger.reports.known import Known, LogTooShort, ReportQuery
from ledger.reports.scope import BOOK_COUNT_MAX, SCOPE_SQL
from ledger.tenancy import set_tenant

FORMAT: Final = "soquy-trial-balances"
BOOKS_AT_ONCE_MAX: Final = 200
"""Books of one query: some thousand rows, however large the country."""


class LogUnpublished(LedgerError):
    """No leaf was published yet, so there is nothing that figures could rest on."""

    code = "log_unpublished"


_PUBLISHED: Final = text("""\
SELECT l.log_id, l.origin, (
    SELECT c.size FROM soquy.log_checkpoint AS c WHERE c.log_id = l.log_id ORDER BY c.size DESC LIMIT 1
) AS published_size, (
    SELECT d.size FROM soquy.log_disclosure AS d WHERE d.log_id = l.log_id ORDER BY d.size DESC LIMIT 1
) AS disclosed_size
FROM soquy.log AS l
ORDER BY l.log_id DESC
LIMIT 1
""")

_BOOKS: Final = text("""\
SELECT association_id, book_id
FROM soquy.book
WHERE tenant_id = :tenant_id
LIMIT :book_count_max
""")

_SUMS: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}
SELECT scope.association_id, k.account, k.fund, latest.debit_to_date_minor, latest.credit_to_date_minor
FROM scope
JOIN known.balance_key(scope) AS k ON k.tenant_id = :tenant_id AND k.book_id = scope.book_id
CROSS JOIN LATERAL known.latest(t.total_on <= '2999-12-31') AS latest
ORDER BY scope.association_id, k.account, k.fund
""")  # noqa: S608 - composed of constants


def trial_balance_lines(
    conn: Connection, size: int | None = None, *, is_public: bool = True
) -> Iterator[dict[str, str | int | bool]]:
    """Give the lines at a size of the published log, over all tenants; at the largest there is unless told.

    What is public ends where leaves do: figures of a size whose leaves are held back would tell what these are to
    keep for a day. Otherwise the newest checkpoint is the end.

    The transaction should see one state of the database from its first statement to its last (REPEATABLE READ); it is
    left in some tenant. Everything that may be refused is refused before the first line.

    Raises:
        LogUnpublished: there is no such size yet.
        LogTooShort: the size is beyond it.
    """
    row = conn.execute(_PUBLISHED).one_or_none()
    newest_size = None if row is None else row.disclosed_size if is_public else row.published_size
    if row is None or newest_size is None:
        raise LogUnpublished
    asked = newest_size if size is None else size
    if asked > newest_size:
        raise LogTooShort(known_at=asked, size=newest_size)
    known = Known(at=asked, log_id=row.log_id)
    yield {"format": FORMAT, "v": 1, "origin": row.origin, "size": asked}
    row_count = 0
    for tenant_id, book_ids in _runs(_books(conn)):
        set_tenant(conn, tenant_id)
        for row in _SUMS.run(conn, {"tenant_id": tenant_id, "scope_book_ids": book_ids}, known):
            row_count += 1
            yield {
                "association": typeid.encode(typeid.ASSOCIATION, row.association_id),
                "account": row.account,
                "fund": row.fund,
                "debit_minor": row.debit_to_date_minor,
                "credit_minor": row.credit_to_date_minor,
            }
    yield {"end": True, "rows": row_count}


def _books(conn: Connection) -> list[tuple[UUID, int, int]]:
    """Return every association with its tenant and book, by association: TypeIDs sort as their UUIDs do."""
    found: list[tuple[UUID, int, int]] = []
    for tenant_id in tenants(conn):
        set_tenant(conn, tenant_id)
        rows = conn.execute(_BOOKS, {"tenant_id": tenant_id, "book_count_max": BOOK_COUNT_MAX})
        found.extend((row.association_id, tenant_id, row.book_id) for row in rows)
    return sorted(found)


def _runs(books: list[tuple[UUID, int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Cut into runs of one tenant, so that each is one query and their order stays."""
    for tenant_id, run in groupby(books, key=lambda book: book[1]):
        book_ids = [book_id for _, _, book_id in run]
        for start in range(0, len(book_ids), BOOKS_AT_ONCE_MAX):
            yield tenant_id, book_ids[start : start + BOOKS_AT_ONCE_MAX]
