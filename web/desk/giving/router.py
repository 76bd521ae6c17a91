"""Bring the routes of receiving together."""

from fastapi import APIRouter

from web.desk.giving import (
    bank_account,
    blocks,
    contribution,
    contributions,
    donors,
    drafts,
    drive,
    goods,
    lists,
    new,
    pledges,
)


def make_router() -> APIRouter:
    """Return all routes; fixed paths come before those that are an id."""
    router = APIRouter(include_in_schema=False)
    for part in (new, donors, contributions, contribution, drive, drafts, lists, pledges, goods, blocks, bank_account):
        router.include_router(part.make_router())
    return router
