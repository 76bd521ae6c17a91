"""Put the routes of files together."""

from fastapi import APIRouter

from web.desk.intake import columns, facts, files, post, preview, receipt


def make_router() -> APIRouter:
    """Return the routes of files; those with fixed words come before those that take an id for one."""
    router = APIRouter(include_in_schema=False)
    for each in (files, columns, facts, post, receipt, preview):
        router.include_router(each.make_router())
    return router
