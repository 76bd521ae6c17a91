"""Put the routes of people together."""

from fastapi import APIRouter

from web.desk.people import choosing, edit, person, register


def make_router() -> APIRouter:
    """Return all routes; fixed paths come before those that are an id."""
    router = APIRouter(include_in_schema=False)
    for part in (register, edit, choosing, person):
        router.include_router(part.make_router())
    return router
