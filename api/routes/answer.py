"""Describe the answers that routes share, for the OpenAPI document."""

from typing import Any, Final

from api.problems import PROBLEM_JSON

Answers = dict[int | str, dict[str, Any]]

_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


def _refusal(status: int, description: str) -> Answers:
    return {status: {"description": description, "content": {PROBLEM_JSON: {"schema": _SCHEMA}}}}


BAD: Final[Answers] = {
    **_refusal(400, "The request cannot be read, or its Idempotency-Key is missing"),
    **_refusal(401, "No token, or one that opens nothing"),
    **_refusal(403, "The token does not have the right"),
    **_refusal(404, "No such association within the token's reach"),
    **_refusal(503, "The database cannot answer; the same request with the same key may be sent again"),
}
NO_SUCH: Final[Answers] = {
    **_refusal(404, "None of this name, or out of the token's reach"),
    **_refusal(422, "Something in the request is not right"),
}
PUBLIC: Final[Answers] = {
    **_refusal(404, "Nothing was published yet"),
    **_refusal(503, "Too many ask at once, or the database cannot answer; try again later"),
}
CONFLICT: Final[Answers] = {
    **_refusal(409, "It was done already, or the key came with another request"),
    **_refusal(408, "The body took too long to arrive"),
    **_refusal(413, "The body is too large"),
    **_refusal(415, "The body is not JSON"),
}
UNFIT: Final[Answers] = _refusal(422, "Something in the request is not right; `errors` lists all of it")
CSV_TOO: Final[Answers] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "JSON, or CSV with all rows"}
}
