"""All routes of consent; fixed paths come before those that are an id."""

from fastapi import APIRouter

from web.desk.approval import history, policy, queue, request


def make_router() -> APIRouter:
    """Return all routes."""
    router = APIRouter(include_in_schema=False)
    for part in (queue, history, policy, request):
        router.include_router(part.make_router())
    return router
