"""Files of lists: take one in, map it, decide, post it, take it back."""

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, Key, once, replayed
from api.messages import text_for
from api.problems import Refusal
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.intake import (
    DECISION_EXAMPLE,
    FACTS_EXAMPLE,
    FILE_REVERSAL_EXAMPLE,
    MAPPING_EXAMPLE,
    READING_EXAMPLE,
    VERSION_EXAMPLE,
    DecisionIn,
    FactsIn,
    FileReceiptOut,
    FileReversalIn,
    IntakeOut,
    IntakesOut,
    IntakeSummaryOut,
    MappingIn,
    ReadingIn,
    RowOut,
    RowsOut,
    StepIn,
)
from api.upload import UploadedFile, percent_decoded, takes_file
from ledger import typeid
from ledger.books.model import Actor, Book, Request
from ledger.errors import IdMalformed
from ledger.intake import commands, queries
from ledger.intake.container import FILE_SIZE_MAX
from ledger.intake.export import EXPORTS, TEMPLATE_NAME, rows_csv, rows_xlsx, template
from ledger.intake.line import Finding
from ledger.intake.mapping import map_list
from ledger.intake.model import MEDIA_TYPES, Intake, Kind, obstacles
from ledger.intake.queries import ROWS_MAX, IntakeNotFound, Shown
from ledger.intake.settlement import reverse_file

router = APIRouter(prefix="/v1/associations/{association_id}/intake", tags=["files"])

MAY_KEEP: Final = NeedsIn("people")
MAY_POST: Final = NeedsIn("post")
Keep = Annotated[Access, Depends(MAY_KEEP)]
Post = Annotated[Access, Depends(MAY_POST)]
IntakeIdPath = Annotated[
    str, Path(description="The file's id", examples=["in_01h9hsy4k1fz8tq3v2w5n7c9f1"], max_length=40)
]
File = Annotated[UploadedFile, Depends(takes_file(MAY_KEEP, size_max=FILE_SIZE_MAX))]
AgainReason = Annotated[
    str | None,
    Header(
        alias="Intake-Again-Reason",
        max_length=2_000,
        description="Why a file that was taken in before is taken in again; percent-encoded UTF-8",
    ),
]
_FILE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES.values()
        },
    }
}
_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The rows as a file",
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in EXPORTS.values()},
    }
}


@router.post(
    "",
    status_code=201,
    summary="Take a file in",
    response_model=IntakeOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=_FILE_BODY,
)
def post_file(
    access: Keep,
    key: IdempotencyKey,
    file: File,
    kind: Annotated[Kind, Query(description="salary: one transfer and its staff list; household; contribution")],
    again_reason: AgainReason = None,
) -> Response:
    """Keep a spreadsheet (xlsx, xls, ods or csv; 15 MiB at most) and have it read. The same bytes again want a reason.
    Follow the job until the file is `read`, then confirm its columns.
    """  # noqa: D205 - the first sentences are the API's own text
    reason = None if again_reason is None else percent_decoded(again_reason)
    said = f"{key.method}\n{key.path}\n{kind}\n{file.name}\n{reason}\n{sha256(file.data).hexdigest()}"
    request = Request(key=key.value, hash=sha256(said.encode()).digest())

    def work(session: Session) -> tuple[IntakeOut, bool]:
        def take_in() -> Mapping[str, object]:
            made = commands.take_in(
                session.conn,
                session.book,
                kind=kind,
                name=file.name,
                data=file.data,
                actor=session.actor,
                again_reason=reason,
            )
            return {"intake": typeid.encode(typeid.INTAKE, made.intake_id)}

        result, is_replay = once(session, request, take_in)
        return IntakeOut.of(_find(session, result["intake"])), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.get("", summary="Files of a book", response_model=IntakesOut, responses={**BAD, **NO_SUCH})
def get_files(
    access: Keep,
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the page before")] = None,
    page_size: Annotated[int, Query(ge=1, le=queries.INTAKES_MAX, description="Files of a page")] = 50,
) -> Response:
    """Return the files of a book, the newest first, whatever became of them."""
    before = None if cursor is None else intake_uuid(cursor)

    def work(session: Session) -> IntakesOut:
        found = queries.intakes(session.conn, session.book, before=before, limit=page_size + 1)
        page = found[:page_size]
        more = page[-1].intake_id if len(found) > page_size else None
        return IntakesOut(
            files=tuple(map(IntakeOut.of, page)),
            next_cursor=None if more is None else typeid.encode(typeid.INTAKE, more),
        )

    return json_reply(access.read(work))


@router.get(
    "/template.xlsx",
    summary="A template to fill in",
    response_class=Response,
    responses={200: {"description": "A workbook", "content": {MEDIA_TYPES["xlsx"]: {}}}, **BAD, **UNFIT},
)
def get_template(
    access: Keep, kind: Annotated[Kind, Query(description="Which kind of list it is for")] = "contribution"
) -> Response:
    """Return an empty list whose columns are recognised without being asked for."""
    access.read(lambda _: None)
    headers = {"Content-Disposition": f'attachment; filename="{TEMPLATE_NAME[kind]}.xlsx"'}
    return Response(template(kind), headers=headers, media_type=MEDIA_TYPES["xlsx"])


@router.get("/{intake_id}", summary="One file", response_model=IntakeSummaryOut, responses={**BAD, **NO_SUCH})
def get_file(access: Keep, intake_id: IntakeIdPath) -> Response:
    """Return a file with its rows counted, what is wrong with them, what was decided, and what is in the way."""
    uuid = intake_uuid(intake_id)
    return json_reply(access.read(lambda session: _summary(session.conn, session.book, uuid)))


@router.get("/{intake_id}/rows", summary="Rows of a file", response_model=RowsOut, responses={**BAD, **NO_SUCH})
def get_rows(
    access: Keep,
    intake_id: IntakeIdPath,
    show: Annotated[Shown, Query(description="Which rows")] = "all",
    cursor: Annotated[int, Query(ge=0, le=200_000, description="`next_cursor` of the page before")] = 0,
    page_size: Annotated[int, Query(ge=1, le=ROWS_MAX, description="Rows of a page")] = 100,
) -> Response:
    """Return rows as they were understood, each with its verdict and every finding; until the file is posted."""
    uuid = intake_uuid(intake_id)

    def work(session: Session) -> RowsOut:
        queries.intake_by_id(session.conn, session.book, uuid)
        found = queries.lines(session.conn, session.book, uuid, shown=show, after=cursor, limit=page_size + 1)
        page = found[:page_size]
        return RowsOut(rows=tuple(map(RowOut.of, page)), next_cursor=page[-1].row if len(found) > page_size else None)

    return json_reply(access.read(work))


@router.get(
    "/{intake_id}/rows.{ending}",
    summary="Rows of a file, as a file",
    response_class=Response,
    responses={**_EXPORTED, **BAD, **NO_SUCH},
)
def export_rows(
    access: Keep,
    intake_id: IntakeIdPath,
    ending: Annotated[Literal["csv", "xlsx"], Path(description="csv or xlsx")],
    show: Annotated[Shown, Query(description="Which rows")] = "faults",
) -> Response:
    """Return rows with what is wrong with them, for whoever mends the list. No text in it becomes a formula."""
    uuid = intake_uuid(intake_id)

    def work(session: Session) -> bytes:
        queries.intake_by_id(session.conn, session.book, uuid)
        make = rows_csv if ending == "csv" else rows_xlsx
        return make(session.conn, session.book, uuid, show, _said)

    body = access.read(work)
    headers = {"Content-Disposition": f'attachment; filename="{intake_id}-{show}.{ending}"'}
    return Response(body, headers=headers, media_type=EXPORTS[ending])


@router.post(
    "/{intake_id}/reading",
    summary="Read a file anew",
    response_model=IntakeOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReadingIn, READING_EXAMPLE),
)
def post_reading(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Have another sheet read, or the text in another encoding. What was mapped and decided is dropped."""
    asked = parse(ReadingIn, body)
    step = partial(commands.read_again, version=asked.version, sheet=asked.sheet, encoding=asked.encoding)
    return _step(access, key, intake_id, asked, step)


@router.post(
    "/{intake_id}/mapping",
    summary="Say what the columns are for",
    response_model=IntakeSummaryOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(MappingIn, MAPPING_EXAMPLE),
)
def post_mapping(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Judge every row as its columns are to be read; decisions about rows begin anew. `outline.layout` proposes how."""
    asked = parse(MappingIn, body)
    return _step(
        access, key, intake_id, asked, partial(map_list, mapping=asked.mapping(), version=asked.version), whole=True
    )


@router.post(
    "/{intake_id}/facts",
    summary="Say what the list has in common",
    response_model=IntakeSummaryOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(FactsIn, FACTS_EXAMPLE),
)
def post_facts(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Give day, place, fund, channel and what was declared. The book is asked at once whether it takes that."""
    asked = parse(FactsIn, body)
    return _step(
        access,
        key,
        intake_id,
        asked,
        partial(commands.set_facts, facts=asked.facts(), version=asked.version),
        whole=True,
    )


@router.post(
    "/{intake_id}/decisions",
    summary="Leave rows out, or take them back in",
    response_model=IntakeSummaryOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DecisionIn, DECISION_EXAMPLE),
)
def post_decision(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Decide about rows by number, or about all that have one finding. Twins stay unless they are left out here."""
    asked = parse(DecisionIn, body)

    def decide(conn: Connection, book: Book, uuid: UUID, *, actor: Actor) -> Intake:
        finding = None if asked.finding is None else asked.finding.model_dump(exclude_none=True)
        changed, _ = commands.decide(
            conn,
            book,
            uuid,
            version=asked.version,
            actor=actor,
            is_left_out=asked.is_left_out,
            reason=asked.reason,
            rows=asked.rows,
            finding=finding,
        )
        return changed

    return _step(access, key, intake_id, asked, decide, whole=True)


@router.post(
    "/{intake_id}/posting",
    status_code=202,
    summary="Post a file",
    response_model=IntakeOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(StepIn, VERSION_EXAMPLE),
)
def post_posting(access: Post, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Have a ready file posted: one entry, one voucher, a contribution for every row that is a gift. Follow its job."""
    asked = parse(StepIn, body)
    return _step(access, key, intake_id, asked, partial(commands.hand_over, version=asked.version), status=202)


@router.post(
    "/{intake_id}/release",
    summary="Take a file back from a posting that failed",
    response_model=IntakeOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(StepIn, VERSION_EXAMPLE),
)
def post_release(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Make a file ready again whose posting was cancelled, or given up after several attempts."""
    asked = parse(StepIn, body)
    return _step(access, key, intake_id, asked, partial(commands.let_go, version=asked.version))


@router.post(
    "/{intake_id}/discard",
    summary="Drop a file",
    response_model=IntakeOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(StepIn, VERSION_EXAMPLE),
)
def post_discard(access: Keep, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Drop a file that will not be posted. Its rows are forgotten; that it was here is not."""
    asked = parse(StepIn, body)
    return _step(access, key, intake_id, asked, partial(commands.discard, version=asked.version))


@router.get(
    "/{intake_id}/receipt",
    summary="The receipt of a posted file",
    response_model=FileReceiptOut,
    responses={**BAD, **NO_SUCH},
)
def get_receipt(access: Keep, intake_id: IntakeIdPath) -> Response:
    """Return counts, total, hash, leaf and entry of a file that was posted, and what took it back."""
    uuid = intake_uuid(intake_id)
    return json_reply(access.read(lambda session: _receipt(session.conn, session.book, uuid)))


@router.post(
    "/{intake_id}/reversal",
    status_code=201,
    summary="Take a whole file back",
    response_model=FileReceiptOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(FileReversalIn, FILE_REVERSAL_EXAMPLE),
)
def post_file_reversal(access: Post, key: IdempotencyKey, intake_id: IntakeIdPath, body: JsonBytes) -> Response:
    """Post the mirror of the file's entry, in an open month, with an adjustment voucher and a leaf that says so."""
    uuid = intake_uuid(intake_id)
    asked = parse(FileReversalIn, body)

    def work(session: Session) -> tuple[FileReceiptOut, bool]:
        def reverse() -> Mapping[str, object]:
            reverse_file(session.conn, session.book, uuid, on=asked.on, reason=asked.reason, actor=session.actor)
            return {}

        _, is_replay = once(session, key.of(asked), reverse)
        return _receipt(session.conn, session.book, uuid), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


def _step(
    access: Access,
    key: Key,
    intake_id: str,
    asked: BaseModel,
    step: Callable[..., Intake],
    *,
    status: int = 200,
    whole: bool = False,
) -> Response:
    """Take a step with a file, once for a request, and answer with the file as it then stands."""
    uuid = intake_uuid(intake_id)

    def work(session: Session) -> tuple[BaseModel, bool]:
        def change() -> Mapping[str, object]:
            step(session.conn, session.book, uuid, actor=session.actor)
            return {}

        _, is_replay = once(session, key.of(asked), change)
        if whole:
            return _summary(session.conn, session.book, uuid), is_replay
        return IntakeOut.of(queries.intake_by_id(session.conn, session.book, uuid)), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, status, replayed(is_replay=is_replay))


def _summary(conn: Connection, book: Book, intake_id: UUID) -> IntakeSummaryOut:
    found = queries.intake_by_id(conn, book, intake_id)
    counted = queries.tally(conn, book, intake_id)
    return IntakeSummaryOut.whole(
        found,
        counted,
        queries.finding_counts(conn, book, intake_id),
        queries.decisions(conn, book, intake_id),
        obstacles(found, counted) if found.state in {"mapped", "ready"} else [],
    )


def _receipt(conn: Connection, book: Book, intake_id: UUID) -> FileReceiptOut:
    queries.intake_by_id(conn, book, intake_id)
    told = queries.receipt(conn, book, intake_id)
    if told is None:
        raise Refusal("intake_not_posted")
    return FileReceiptOut.of(intake_id, told)


def _said(finding: Finding) -> str:
    return text_for(finding.code, finding.fields).detail


def _find(session: Session, intake_id: str) -> Intake:
    return queries.intake_by_id(session.conn, session.book, intake_uuid(intake_id))


def intake_uuid(intake_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        IntakeNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.INTAKE, intake_id)
    except IdMalformed:
        raise IntakeNotFound(intake=typeid.shown(intake_id)) from None
