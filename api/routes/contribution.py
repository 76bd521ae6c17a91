"""Receive gifts, find them again, put a giver's name right; and the purposes that givers name."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import MAY_POST, BatchBytes, JsonBytes, parse, parse_collection, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.parameters import PageSize, Paging
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.entry import DryRun, EntryIdPath, entry_uuid
from api.routes.paper import ContributionPath, contribution_uuid
from api.schemas.field import CHANNEL_PATTERN, CODE_PATTERN, Day
from api.schemas.giving import (
    COLLECTION_EXAMPLE,
    DONOR_EXAMPLE,
    EARMARK_EXAMPLE,
    GIFT_PLEDGE_EXAMPLE,
    CollectionIn,
    ContributionOut,
    ContributionsOut,
    DonorIn,
    EarmarkIn,
    EarmarkOut,
    EarmarksOut,
    GiftPledgeIn,
    ReceivedOut,
    contribution_out,
    contributions_out,
)
from ledger import typeid
from ledger.giving.code import TYPED_LENGTH_MAX
from ledger.giving.code import parse as parse_code
from ledger.giving.commands import correct_donor, open_earmark, preview, receive
from ledger.giving.model import Received
from ledger.giving.pledge_correction import correct_pledge
from ledger.giving.queries import (
    Search,
    contribution_by_id,
    contributions_of,
    earmarks,
    search_contributions,
)
from ledger.money import AMOUNT_MAX

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["giving"])

Post = Annotated[Access, Depends(MAY_POST)]
Read = Annotated[Access, Depends(NeedsIn("read"))]
People = Annotated[Access, Depends(NeedsIn("people"))]
Chart = Annotated[Access, Depends(NeedsIn("chart"))]
CodeAsked = Annotated[str | None, Query(pattern=CODE_PATTERN)]


def sees_names(session: Session) -> bool:
    """Tell whether the caller may see people."""
    return "people" in session.rights


@router.post(
    "/contributions",
    status_code=201,
    summary="Record gifts that came in together",
    response_model=ReceivedOut,
    responses={200: {"model": ReceivedOut, "description": "A dry run: nothing was kept"}, **BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(CollectionIn, COLLECTION_EXAMPLE),
)
def post_contributions(access: Post, key: IdempotencyKey, body: BatchBytes, *, dry_run: DryRun = False) -> Response:
    """Record up to 100,000 gifts as one entry with one voucher, and for each giver a contribution with a receipt code;
    all or none. What is wrong comes back at once, with its `row`. To take a list back, reverse its entry.
    """  # noqa: D205 - the first sentences are the API's own text
    asked = parse_collection(body)
    collection = asked.collection()
    request = key.of(asked)

    def work(session: Session) -> Received:
        if dry_run:
            return preview(session.conn, session.book, collection, actor=session.actor)
        return receive(session.conn, session.book, collection, actor=session.actor, request=request)

    received = access.write(work)
    status = 200 if dry_run else 201
    return json_reply(ReceivedOut.of(received), status, replayed(is_replay=received.repeated))


@router.get("/contributions", summary="Find contributions", response_model=ContributionsOut, responses={**BAD, **UNFIT})
def get_contributions(
    access: Read,
    paging: Paging,
    *,
    from_: Annotated[Day | None, Query(alias="from", description="First day")] = None,
    to: Annotated[Day | None, Query(description="Last day")] = None,
    code: Annotated[
        str | None, Query(max_length=TYPED_LENGTH_MAX, description="A receipt's code, however it is typed")
    ] = None,
    amount_minor: Annotated[int | None, Query(ge=1, le=AMOUNT_MAX, description="Exactly this much")] = None,
    fund: CodeAsked = None,
    channel: Annotated[str | None, Query(pattern=CHANNEL_PATTERN)] = None,
    campaign: CodeAsked = None,
    earmark: CodeAsked = None,
    is_reversed: Annotated[bool | None, Query(description="Only what was taken back, or only what was not")] = None,
) -> Response:
    """Return contributions of the book, the newest first: those of which everything holds that is asked for."""
    search = Search(
        from_on=from_,
        to_on=to,
        code=None if code is None else parse_code(code),
        amount_minor=amount_minor,
        fund=fund,
        channel=channel,
        campaign=campaign,
        earmark=earmark,
        is_reversed=is_reversed,
    )

    def work(session: Session) -> ContributionsOut:
        page = search_contributions(session.conn, session.book, search, after=paging.after, page_size=paging.size)
        rows = contributions_out(page.rows, with_names=sees_names(session))
        return ContributionsOut.model_validate({"rows": rows, "next_cursor": page.next_cursor})

    return json_reply(access.read(work))


@router.get(
    "/contributions/{contribution_id}",
    summary="One contribution",
    response_model=ContributionOut,
    responses={**BAD, **NO_SUCH},
)
def get_contribution(access: Read, contribution_id: ContributionPath) -> Response:
    """Return a gift with the day, fund, drive and voucher of its entry; null amounts came back from a lost database."""
    uuid = contribution_uuid(contribution_id)

    def work(session: Session) -> ContributionOut:
        found = contribution_by_id(session.conn, session.book, uuid)
        return contribution_out(found, with_names=sees_names(session))

    return json_reply(access.read(work))


@router.get(
    "/entries/{entry_id}/contributions",
    summary="The list of gifts of an entry",
    response_model=ContributionsOut,
    responses={**BAD, **NO_SUCH},
)
def get_entry_contributions(
    access: Read,
    entry_id: EntryIdPath,
    after_line: Annotated[int, Query(ge=0, le=100_000, description="`next_cursor` of the page before")] = 0,
    page_size: PageSize = 1_000,
) -> Response:
    """Return the gifts that an entry's credit is made of (*bảng kê*), line by line; none of an entry without gifts."""
    uuid = entry_uuid(entry_id)

    def work(session: Session) -> ContributionsOut:
        page = contributions_of(session.conn, session.book, uuid, after_line=after_line, page_size=page_size)
        rows = contributions_out(page.rows, with_names=sees_names(session))
        return ContributionsOut.model_validate({"rows": rows, "next_cursor": page.next_cursor})

    return json_reply(access.read(work))


@router.post(
    "/contributions/{contribution_id}/donor",
    summary="Put a giver's name right",
    response_model=ContributionOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DonorIn, DONOR_EXAMPLE),
)
def post_donor(access: People, key: IdempotencyKey, contribution_id: ContributionPath, body: JsonBytes) -> Response:
    """Change the name of a gift without touching money; the log says that it was changed and commits to the new one."""
    uuid = contribution_uuid(contribution_id)
    asked = parse(DonorIn, body)
    request = key.of(asked)

    def change(session: Session) -> dict[str, object]:
        correct_donor(
            session.conn,
            session.book,
            uuid,
            donor=asked.donor,
            detail=asked.detail,
            person_id=None if asked.person is None else typeid.decode(typeid.PERSON, asked.person),
            reason=asked.reason,
            actor=session.actor,
        )
        return {}

    def work(session: Session) -> tuple[ContributionOut, bool]:
        _, is_replay = once(session, request, lambda: change(session))
        return contribution_out(contribution_by_id(session.conn, session.book, uuid), with_names=True), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 200, replayed(is_replay=is_replay))


@router.post(
    "/contributions/{contribution_id}/pledge",
    summary="Put right which pledge a gift fulfils",
    response_model=ContributionOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(GiftPledgeIn, GIFT_PLEDGE_EXAMPLE),
)
def post_fulfilled(access: People, key: IdempotencyKey, contribution_id: ContributionPath, body: JsonBytes) -> Response:
    """Tie a recorded gift to the pledge that was overlooked, or with null to none. Money, voucher and receipt stay; the
    log says that it was put right and commits to the pledge.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = contribution_uuid(contribution_id)
    asked = parse(GiftPledgeIn, body)
    request = key.of(asked)
    pledge_id = None if asked.pledge is None else typeid.decode(typeid.PLEDGE, asked.pledge)

    def change(session: Session) -> dict[str, object]:
        correct_pledge(session.conn, session.book, uuid, pledge_id, reason=asked.reason, actor=session.actor)
        return {}

    def work(session: Session) -> tuple[ContributionOut, bool]:
        _, is_replay = once(session, request, lambda: change(session))
        return contribution_out(contribution_by_id(session.conn, session.book, uuid), with_names=True), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 200, replayed(is_replay=is_replay))


@router.get("/earmarks", summary="The earmarks", response_model=EarmarksOut, responses={**BAD, **UNFIT})
def get_earmarks(access: Read) -> Response:
    """Return the purposes within funds that givers may name."""
    rows = access.read(lambda session: earmarks(session.conn, session.book))
    return json_reply(EarmarksOut(rows=[EarmarkOut.model_validate(row) for row in rows]))


@router.post(
    "/earmarks",
    status_code=201,
    summary="Open an earmark",
    response_model=EarmarkOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(EarmarkIn, EARMARK_EXAMPLE),
)
def post_earmark(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open a purpose within a fund; what is given for it goes into that fund."""
    asked = parse(EarmarkIn, body)
    request = key.of(asked)

    def change(session: Session) -> dict[str, object]:
        open_earmark(session.conn, session.book, **dict(asked), actor=session.actor)
        return {}

    def work(session: Session) -> tuple[EarmarkOut, bool]:
        _, is_replay = once(session, request, lambda: change(session))
        found = earmarks(session.conn, session.book, asked.earmark)
        return EarmarkOut.model_validate(found[0]), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))
