"""Say in SQL, in one place, which pledge each gift fulfils now, and how much of each pledge has come.

A gift fulfils the pledge that it was recorded with, or the one of its last correction where there is any
(``ledger/giving/pledge_correction.py``), which may be none.

``COME`` and ``LAST_CORRECTION`` look into indexes once for each row. As joins with all that fulfils anything they were
as fast only while the tables had statistics: without them the planner compared every pledge with every gift.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from typing import Final

FULFILLING: Final = """\
SELECT k.tenant_id, k.book_id, k.contribution_id, k.pledge_id
FROM soquy.contribution AS k
WHERE k.pledge_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM soquy.pledge_correction AS x
    WHERE x.tenant_id = k.tenant_id AND x.contribution_id = k.contribution_id)
UNION ALL
SELECT x.tenant_id, x.book_id, x.contribution_id, x.pledge_id
FROM soquy.pledge_correction AS x
WHERE x.pledge_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM soquy.pledge_correction AS later
    WHERE later.tenant_id = x.tenant_id AND later.contribution_id = x.contribution_id AND later.number > x.number)"""
"""A row for each gift that fulfils a pledge, taken back or not."""

COME: Final = f"""\
coalesce((
    SELECT sum(c.amount_minor)
    FROM ({FULFILLING}) AS t
    JOIN soquy.contribution AS c ON c.tenant_id = t.tenant_id AND c.contribution_id = t.contribution_id
    WHERE t.tenant_id = p.tenant_id AND t.pledge_id = p.pledge_id AND NOT EXISTS (
        SELECT FROM soquy.entry AS r
        WHERE r.tenant_id = c.tenant_id AND r.book_id = c.book_id AND r.corrects_seq = c.seq AND r.kind = 'reversal')
), 0)"""
"""How much has come of the pledge ``p``, without what was taken back."""

LAST_CORRECTION: Final = """\
SELECT x.number, x.pledge_id
FROM soquy.pledge_correction AS x
WHERE x.tenant_id = c.tenant_id AND x.contribution_id = c.contribution_id
ORDER BY x.number DESC
LIMIT 1"""
"""What was said last of the contribution ``c``, if anything was."""
