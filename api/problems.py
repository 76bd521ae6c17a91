"""Answer refusals as RFC 9457 problems: a stable code, texts in Vietnamese and English, and every fault at once.

The only place that knows both the ledger's errors and HTTP. A problem looks like this::

    {"type": "urn:soquy:problem:posting_refused", "status": 422, "code": "posting_refused",
     "title": …, "title_en": …, "detail": …, "detail_en": …, "request_id": …,
     "errors": [{"code": "account_unknown", "pointer": "/entries/3/lines/0/account", "row": 4, "field": "account",
                 "detail": …, "detail_en": …, "account": "1119"}]}

``pointer`` is a JSON pointer (RFC 6901) into the request's body; ``parameter`` names a query, path or header
parameter instead. ``row`` counts the entries of a batch from 1, as a spreadsheet does.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.database import DatabaseProblem
from api.messages import text_for
from ledger.errors import Fault, FaultsFound, LedgerError, PostingRefused, Value

PROBLEM_JSON: Final = "application/problem+json"
ERROR_COUNT_MAX: Final = 1_000

_UNPROCESSABLE: Final = 422
_STATUS: Final[Mapping[str, int]] = {
    "token_missing": 401,
    "token_malformed": 401,
    "token_unknown": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "session_over": 401,
    "right_missing": 403,
    "second_factor_needed": 403,
    "cross_origin_refused": 403,
    "reach_below_missing": 403,
    "founding_refused": 403,
    "token_scope_refused": 403,
    "token_right_refused": 403,
    "association_not_found": 404,
    "grant_not_found": 404,
    "invitation_not_found": 404,
    "member_not_found": 404,
    "user_not_found": 404,
    "entry_not_found": 404,
    "voucher_not_found": 404,
    "token_not_found": 404,
    "sealed_value_not_found": 404,
    "job_not_found": 404,
    "person_not_found": 404,
    "document_not_found": 404,
    "event_not_found": 404,
    "attachment_not_found": 404,
    "log_unpublished": 404,
    "paper_refused": 404,
    "contribution_not_found": 404,
    "pledge_not_found": 404,
    "block_not_found": 404,
    "goods_not_found": 404,
    "handover_not_found": 404,
    "draft_not_found": 404,
    "intake_not_found": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "already_reversed": 409,
    "duties_separated": 409,
    "role_exception_own": 403,
    "role_exception_until": 422,
    "role_exception_not_found": 404,
    "role_held": 409,
    "last_administrator": 409,
    "job_right_lost": 409,
    "user_holds_role": 409,
    "renewal_refused": 403,
    "invitation_over": 410,
    "email_taken": 409,
    "code_taken": 409,
    "not_at_top": 409,
    "idempotency_conflict": 409,
    "reversal_not_reversible": 409,
    "rule_refused": 409,
    "person_changed": 409,
    "merge_refused": 409,
    "consent_not_given": 409,
    "attachment_disowned": 409,
    "voucher_executed": 409,
    "voucher_void": 409,
    "value_retained": 409,
    "donor_not_kept": 409,
    "pledge_cancelled": 409,
    "pledge_currency": 409,
    "approval_not_found": 404,
    "round_not_found": 404,
    "list_not_found": 404,
    "list_state": 409,
    "decision_number_taken": 409,
    "plan_missing": 409,
    "approval_state": 409,
    "approval_not_asked": 409,
    "approval_asked_already": 409,
    "approval_decisions_refused": 409,
    "approval_withdrawal_refused": 403,
    "proposal_not_found": 404,
    "proposal_state": 409,
    "execution_refused": 403,
    "pledge_unchanged": 409,
    "pledge_corrected_too_often": 409,
    "gift_taken_back": 409,
    "block_closed": 409,
    "block_overlaps": 409,
    "slip_not_voidable": 409,
    "block_count_refused": 409,
    "goods_not_there": 409,
    "goods_gone": 409,
    "goods_valued": 409,
    "draft_stale": 409,
    "draft_state_refused": 409,
    "intake_file_again": 409,
    "intake_changed": 409,
    "intake_step_refused": 409,
    "intake_not_posted": 409,
    "body_too_large": 413,
    "media_type_unsupported": 415,
    "json_malformed": 400,
    "form_malformed": 400,
    "idempotency_key_missing": 400,
    "idempotency_key_malformed": 400,
    "internal_error": 500,
    "seal_broken": 500,
    "vault_closed": 503,
    "vault_key_wrong": 503,
    "database_unavailable": 503,
    "database_busy": 503,
    "log_held": 503,
    "outcome_unknown": 503,
    "public_busy": 503,
}
_RETRY_AFTER_SECONDS: Final = "2"

_BY_HTTP: Final[Mapping[int, str]] = {
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
    415: "media_type_unsupported",
}

_log: Final = structlog.get_logger("soquy.api")


class Refusal(LedgerError):
    """What the edge itself refuses; ``code`` says why."""

    def __init__(self, code: str, **fields: Value) -> None:
        super().__init__(**fields)
        self.code = code  # type: ignore[misc] # one class for the edge's codes, all in messages.toml


class BodyRefused(Exception):
    """The body is not what the route takes; carries every fault, as pydantic describes it."""

    def __init__(self, faults: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.faults = faults


def status_of(code: str) -> int:
    """Return the status of a refusal."""
    return _STATUS.get(code, _UNPROCESSABLE)


def problem(
    request: Request,
    code: str,
    fields: Mapping[str, Value],
    errors: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make the answer of a refusal, and leave its codes for the request's log line."""
    status = status_of(code)
    text = text_for(code, fields)
    body: dict[str, object] = {
        "type": f"urn:soquy:problem:{code}",
        "status": status,
        "code": code,
        "title": text.title,
        "title_en": text.title_en,
        "detail": text.detail,
        "detail_en": text.detail_en,
        "request_id": request.scope.get("soquy.request_id"),
        "errors": list(errors),
    }
    body.update({name: value for name, value in fields.items() if name not in body})
    request.scope["soquy.codes"] = sorted({code, *(str(error["code"]) for error in errors)})[:20]
    sent = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = 'Bearer realm="soquy"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        sent["Retry-After"] = _RETRY_AFTER_SECONDS
    return JSONResponse(body, status_code=status, headers=sent, media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Answer every error that a route may raise as a problem; ``middleware`` answers what nobody foresaw."""
    app.add_exception_handler(LedgerError, _ledger)
    app.add_exception_handler(BodyRefused, _body)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(DatabaseProblem, _database)
    app.add_exception_handler(HTTPException, _http)


async def _ledger(request: Request, error: Exception) -> Response:
    if isinstance(error, PostingRefused):
        of = next((name for ending, name in _LISTS.items() if request.url.path.endswith(ending)), None)
        return problem(request, error.code, error.fields, [fault_item(fault, of) for fault in error.faults])
    if isinstance(error, FaultsFound):
        return problem(request, error.code, error.fields, [_placed(fault, error.lists) for fault in error.faults])
    if not isinstance(error, LedgerError):
        raise error
    field = error.fields.get("field")
    items = []
    if isinstance(field, str) and request.method == "POST":
        items.append(_item(error.code, error.fields, pointer=f"/{field}", field=field))
    return problem(request, error.code, error.fields, items)


_LISTS: Final[Mapping[str, str]] = {
    "/batch": "entries",
    "/proposals": "proposals",
    "/proposals/payments": "proposals",
    "/proposals/postings": "proposals",
}
"""End of a route's path → the list of its body that faults of entries are counted in; other bodies are one entry."""


def fault_item(fault: Fault, of: str | None) -> dict[str, object]:
    """Place a fault of the books in the request that it was found in; ``of`` is the list that holds the entries."""
    steps: list[object] = []
    if fault.entry is not None and of is not None:
        steps += [of, fault.entry]
    if fault.line is not None:
        steps += ["lines", fault.line]
    if fault.field is not None and not (fault.line is not None and fault.field in {"rate", "voucher"}):
        steps.append(fault.field)
    elif fault.field is not None:
        steps = [*steps[:-2], fault.field]  # found at a line, but a field of its entry
    if not steps and of is not None:
        steps = [of]
    row = fault.entry + 1 if fault.entry is not None and of is not None else None
    return _item(fault.code, fault.fields, pointer=_pointer(steps), field=fault.field, row=row)


def _placed(fault: Fault, lists: tuple[str, str]) -> dict[str, object]:
    """Place a fault in the request by the names of the lists that it is counted in."""
    steps: list[object] = []
    for name, index in zip(lists, (fault.entry, fault.line), strict=True):
        steps += [] if index is None else [name, index]
    counted = fault.line if fault.entry is None else fault.entry
    row = None if counted is None else counted + 1
    pointer = _pointer([*steps, *([] if fault.field is None else [fault.field])])
    return _item(fault.code, fault.fields, pointer=pointer, field=fault.field, row=row)


def _item(
    code: str,
    fields: Mapping[str, Value],
    *,
    pointer: str | None = None,
    parameter: str | None = None,
    field: str | None = None,
    row: int | None = None,
) -> dict[str, object]:
    text = text_for(code, {"field": field, **fields})
    placed = {"pointer": pointer, "parameter": parameter, "row": row, "field": field}
    item: dict[str, object] = {"code": code, **{name: value for name, value in placed.items() if value is not None}}
    item |= {"detail": text.detail, "detail_en": text.detail_en}
    return item | {name: value for name, value in fields.items() if name not in item}


def _pointer(steps: Sequence[object]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


async def _body(request: Request, error: Exception) -> Response:
    found = error.faults if isinstance(error, BodyRefused) else []
    if found and found[0]["type"] == "json_invalid":
        return problem(request, "json_malformed", _json_place(str(found[0].get("ctx", {}).get("error", ""))))
    items = [_body_item(detail) for detail in found[:ERROR_COUNT_MAX]]
    return problem(request, "request_refused", {"count": len(found)}, items)


def _json_place(said: str) -> dict[str, Value]:
    words = said.split()
    if "line" not in words or "column" not in words:
        return {}
    line, column = words[words.index("line") + 1], words[words.index("column") + 1]
    return {"line": int(line), "column": int(column)} if line.isdigit() and column.isdigit() else {}


_COUNTED: Final = frozenset({"entries", "gifts", "proposals"})
"""Lists of a body whose rows a spreadsheet would count."""


def _body_item(detail: Mapping[str, Any]) -> dict[str, object]:
    steps = list(detail["loc"])
    code, fields = _code_of(detail)
    row = steps[1] + 1 if len(steps) > 1 and steps[0] in _COUNTED and isinstance(steps[1], int) else None
    field = next((step for step in reversed(steps) if isinstance(step, str)), None)
    return _item(code, fields, pointer=_pointer(steps), field=field or "body", row=row)


async def _parameters(request: Request, error: Exception) -> Response:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    items = []
    for detail in details[:ERROR_COUNT_MAX]:
        where, *steps = detail["loc"]
        name = str(steps[0]) if steps else str(where)
        if where == "header" and name.lower() == "idempotency-key":
            is_missing = detail["type"] == "missing"
            return problem(request, "idempotency_key_missing" if is_missing else "idempotency_key_malformed", {})
        code, fields = _code_of(detail)
        items.append(_item(code, fields, parameter=name, field=name))
    return problem(request, "request_refused", {"count": len(items)}, items)


_CODES: Final[Mapping[str, str]] = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "int_type": "integer_expected",
    "int_parsing": "integer_expected",
    "int_from_float": "integer_expected",
    "int_parsing_size": "number_out_of_range",
    "greater_than_equal": "number_out_of_range",
    "less_than_equal": "number_out_of_range",
    "string_type": "text_expected",
    "bool_type": "boolean_expected",
    "bool_parsing": "boolean_expected",
    "list_type": "list_expected",
    "model_type": "object_expected",
    "model_attributes_type": "object_expected",
    "date_type": "day_malformed",
    "date_parsing": "day_malformed",
    "date_from_datetime_parsing": "day_malformed",
    "date_from_datetime_inexact": "day_malformed",
    "datetime_type": "instant_malformed",
    "datetime_parsing": "instant_malformed",
    "datetime_from_date_parsing": "instant_malformed",
    "timezone_aware": "instant_malformed",
    "string_pattern_mismatch": "form_refused",
    "string_too_long": "text_too_long",
    "string_too_short": "text_too_short",
    "too_long": "list_too_long",
    "too_short": "list_too_short",
    "literal_error": "choice_refused",
    "enum": "choice_refused",
}


def _code_of(detail: Mapping[str, Any]) -> tuple[str, dict[str, Value]]:
    """Return our code of a fault that pydantic found, and the fields that its text wants."""
    kind = str(detail["type"])
    context: Mapping[str, Any] = detail.get("ctx") or {}
    if kind.startswith("soquy."):  # from api.schemas.field, which speaks our codes
        return kind.removeprefix("soquy."), dict(context)
    code = _CODES.get(kind, "value_refused")
    fields: dict[str, Value] = {}
    for name, given in (("ge", "limit_minor"), ("le", "limit_minor"), ("pattern", "pattern"), ("expected", "expected")):
        if name in context:
            fields[given] = context[name]
    size = context.get("max_length", context.get("min_length"))
    if size is not None:
        fields["size_max" if "max_length" in context else "size_min"] = size
    return code, fields


async def _database(request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, DatabaseProblem) else "internal_error"
    cause = error.__cause__
    _log.warning(
        "database_problem",
        request_id=request.scope.get("soquy.request_id"),
        code=code,
        error=cause and type(cause).__name__,
        sqlstate=getattr(getattr(cause, "orig", cause), "sqlstate", None),
    )
    return problem(request, code, {})


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem(request, _BY_HTTP.get(error.status_code, "request_refused"), {}, headers=error.headers)


def unforeseen(request: Request, error: Exception) -> Response:
    """Answer an error that nobody foresaw; the log hears where it was, the caller only its request's id."""
    # The message of an unforeseen error may quote what a person typed; type and place are enough to find it.
    trace = error.__traceback__
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    _log.error(
        "unforeseen",
        request_id=request.scope.get("soquy.request_id"),
        error=type(error).__name__,
        sqlstate=getattr(getattr(error, "orig", None), "sqlstate", None),
        constraint=getattr(getattr(getattr(error, "orig", None), "diag", None), "constraint_name", None),
        places=places[-8:],
    )
    return refusal(request, "internal_error", {})


def refusal(request: Request, code: str, fields: Mapping[str, Value]) -> Response:
    """Refuse in a page where the application has them and a person asks, otherwise in a problem."""
    page = getattr(request.app.state, "refusal_page", None)
    return (page and page(request, code, fields)) or problem(request, code, fields)
