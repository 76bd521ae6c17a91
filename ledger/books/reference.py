"""What entries of every book may name: regimes with their kinds, and channels. Only migrations change it."""

from typing import Any, Final

from sqlalchemy import Connection, text

_CHARTS: Final = text("""\
SELECT c.chart, c.name_vi, c.name_en, c.source, c.valid_from, c.valid_to, c.is_sample,
    (
        SELECT jsonb_agg(jsonb_build_object('kind', f.fund_kind, 'account', f.account,
            'is_restricted', f.is_restricted, 'name_vi', f.name_vi, 'name_en', f.name_en) ORDER BY f.account)
        FROM soquy.fund_kind AS f
        WHERE f.chart = c.chart
    ) AS fund_kinds,
    (
        SELECT jsonb_agg(jsonb_build_object('kind', v.voucher_kind, 'moves', v.moves,
            'name_vi', v.name_vi, 'name_en', v.name_en) ORDER BY v.voucher_kind)
        FROM soquy.voucher_kind AS v
        WHERE v.chart = c.chart
    ) AS voucher_kinds
FROM soquy.chart AS c
ORDER BY c.chart
LIMIT 100""")

_CHANNELS: Final = text("SELECT channel, name_vi, name_en FROM soquy.channel ORDER BY channel LIMIT 1000")


def reference(conn: Connection) -> dict[str, Any]:
    """Return regimes (``rows``, each with fund and voucher kinds) and ``channels``, as plain values."""
    return {
        "rows": [dict(row) for row in conn.execute(_CHARTS).mappings()],
        "channels": [dict(row) for row in conn.execute(_CHANNELS).mappings()],
    }
