"""What requests may name in every book: regimes with their kinds, and channels. Only migrations change it."""

from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Connection, text

from api.auth import Access, Needs
from api.reply import json_reply
from api.routes.answer import BAD
from api.schemas.chart import Unit
from api.schemas.reference import ChartsOut

router = APIRouter(prefix="/v1/charts", tags=["chart"])

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


@router.get("", summary="Regimes, kinds and channels", response_model=ChartsOut, responses=BAD)
def get_charts(access: Annotated[Access, Depends(Needs("read"))]) -> Response:
    """List accounting regimes with their kinds of funds and vouchers, the channels, and the units of programs."""
    return json_reply(ChartsOut.model_validate(access.read(lambda session: _reference(session.conn))))


def _reference(conn: Connection) -> dict[str, Any]:
    return {
        "rows": [dict(row) for row in conn.execute(_CHARTS).mappings()],
        "channels": [dict(row) for row in conn.execute(_CHANNELS).mappings()],
        "program_units": get_args(Unit),
    }
