"""What requests may name in every book: regimes with their kinds, and channels. Only migrations change it."""

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Response

from api.auth import Access, Needs
from api.reply import json_reply
from api.routes.answer import BAD
from api.schemas.chart import Unit
from api.schemas.reference import ChartsOut
from ledger.books.reference import reference

router = APIRouter(prefix="/v1/charts", tags=["chart"])


@router.get("", summary="Regimes, kinds and channels", response_model=ChartsOut, responses=BAD)
def get_charts(access: Annotated[Access, Depends(Needs("read"))]) -> Response:
    """List accounting regimes with their kinds of funds and vouchers, the channels, and the units of programs."""
    return json_reply(
        ChartsOut.model_validate(
            {**access.read(lambda session: reference(session.conn)), "program_units": get_args(Unit)}
        )
    )
