"""Take a file in, read it anew, say what the list has in common, decide about rows, hand it over for posting, drop it.

Every command takes an open connection, changes one file that nobody else changed meanwhile (``version`` is what the
caller saw), and leaves the commit to the caller. How a list is mapped is in ``mapping.py``, how it is posted and taken
back in ``settlement.py``; reading and posting are jobs (``work.py``).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from audit.columns import plain_array
from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.books.tables import raise_refusal
from ledger.documents.content import Content
from ledger.documents.store import keep_document
from ledger.errors import Fault, FaultsFound, LedgerError
from ledger.giving.commands import preview
from ledger.giving.model import Collection, Gift, Source
from ledger.intake.container import check_file
from ledger.intake.delimited import Encoding
from ledger.intake.model import (
    MEDIA_TYPES,
    NAME_LENGTH_MAX,
    OPEN,
    REASON_LENGTH_MAX,
    Facts,
    Intake,
    Kind,
    State,
    obstacles,
)
from ledger.intake.queries import intake_by_id, tally
from ledger.jobs.queue import enqueue, job_by_id
from ledger.text import clean_text

READ_JOB: Final = "intake.read"
POST_JOB: Final = "intake.post"

_INSERT: Final = text("""\
INSERT INTO vault.intake (tenant_id, intake_id, book_id, kind, form, name, document_id, again_reason, job_id,
    uploaded_by, changed_by)
VALUES (:tenant_id, :intake_id, :book_id, :kind, :form, :name, :document_id, :again_reason, :job_id, :principal_id,
    :principal_id)""")

_AGAIN: Final = text("""\
SELECT intake_id FROM vault.intake
WHERE tenant_id = :tenant_id AND book_id = :book_id AND document_id = :document_id
    AND state NOT IN ('unreadable', 'discarded', 'reversed')
ORDER BY intake_id DESC LIMIT 1""")

_CHANGE: Final = text("""\
SELECT vault.change_intake(:tenant_id, :book_id, :intake_id, :version, CAST(:changes AS jsonb), :principal_id)""")

_CLEAR: Final = text("SELECT vault.clear_intake(:tenant_id, :book_id, :intake_id, :with_pages)")
_DECIDE: Final = text("""\
SELECT vault.decide_intake(:tenant_id, :book_id, :intake_id, :decision_id, CAST(:rows AS integer[]), :is_left_out,
    :reason, :principal_id)""")
_ROWS_WITH: Final = text("""\
SELECT row FROM vault.intake_line
WHERE tenant_id = :tenant_id AND intake_id = :intake_id AND findings @> CAST(:finding AS jsonb)
    AND verdict IN ('ok', 'warning', 'fault') AND is_left_out <> :is_left_out
ORDER BY row""")

_ENDING: Final = re.compile(r"\.([A-Za-z0-9]{1,10})$").search


class FileAgain(LedgerError):
    """The same bytes are a file of this book already; carries which, and wants a reason."""

    code = "intake_file_again"


class IntakeChanged(LedgerError):
    """Somebody changed the file meanwhile."""

    code = "intake_changed"


class IntakeStepRefused(LedgerError):
    """A file in this state does not take that step."""

    code = "intake_step_refused"


class IntakeNotReady(FaultsFound):
    """Something is in the way of posting."""

    code = "intake_not_ready"


def take_in(
    conn: Connection,
    book: Book,
    *,
    kind: Kind,
    name: str,
    data: bytes,
    actor: Actor,
    again_reason: str | None = None,
) -> Intake:
    """Take a file in: look at what it is, keep it as a document, and have it read.

    Raises:
        FileRefused: it is none that is read; carries the reason.
        FileAgain: it was taken in before, and no reason is given.
        TextRefused: name or reason has characters that do not show, or is too long.
    """
    name = clean_text(re.split(r"[\\/]", name)[-1], field="name", length_max=NAME_LENGTH_MAX)
    if again_reason is not None:
        again_reason = clean_text(again_reason, field="again_reason", length_max=REASON_LENGTH_MAX)
    ending = _ENDING(name)
    form = check_file(data, ending[1] if ending else "")
    content = Content(name=name, data=data, media_type=MEDIA_TYPES[form], page_count=1, sha256=sha256(data).digest())
    document = keep_document(conn, book, content, actor=actor)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "document_id": document.document_id}
    earlier = conn.execute(_AGAIN, place).scalar()
    if earlier is not None and again_reason is None:
        raise FileAgain(intake=typeid.encode(typeid.INTAKE, earlier), field="again_reason")
    intake_id = typeid.new_id()
    row = {
        **place,
        "intake_id": intake_id,
        "kind": kind,
        "form": form,
        "name": name,
        "again_reason": again_reason if earlier is not None else None,
        "job_id": _ask_to_read(conn, book, intake_id, version=1, actor=actor),
        "principal_id": actor.principal_id,
    }
    conn.execute(_INSERT, row)
    return intake_by_id(conn, book, intake_id)


def read_again(
    conn: Connection,
    book: Book,
    intake_id: UUID,
    *,
    version: int,
    actor: Actor,
    sheet: int | None = None,
    encoding: Encoding | None = None,
) -> Intake:
    """Have a file read anew: another sheet of it, or in another encoding; what was mapped and decided is dropped.

    Raises:
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, version, states=OPEN | {"unreadable"})
    clear(conn, book, intake_id, with_pages=True)
    job_id = _ask_to_read(conn, book, intake_id, version=found.version + 1, actor=actor, sheet=sheet, encoding=encoding)
    empty = {"outline": None, "mapping": None, "alike": None, "problem": None}
    return change(conn, book, found, actor, state="uploaded", job_id=job_id, **empty)


def set_facts(conn: Connection, book: Book, intake_id: UUID, facts: Facts, *, version: int, actor: Actor) -> Intake:
    """Say what a list has in common: day, place, fund, channel, what was declared.

    Whether the book takes it is asked by the real path, taken back at its end.

    Raises:
        CollectionRefused: the book does not take an entry like that; every fault, in the fields of the facts.
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
        TextRefused: the description or a reason has characters that do not show, or is too long.
    """
    found = open_intake(conn, book, intake_id, version)
    kept = _clean(facts)
    total_minor = tally(conn, book, intake_id).total_minor
    preview(
        conn, book, collection_of(intake_id, kept, [Gift(donor="x", amount_minor=max(total_minor, 1))]), actor=actor
    )
    return refresh(conn, book, change(conn, book, found, actor, facts=facts_json(kept)), actor)


def collection_of(intake_id: UUID, facts: Facts, gifts: Sequence[Gift]) -> Collection:
    """Return what giving takes: the gifts of a file with all that they have in common."""
    return Collection(
        received_on=facts.received_on,
        medium=facts.medium,
        account=facts.account,
        fund=facts.fund,
        channel=facts.channel,
        campaign=facts.campaign,
        earmark=facts.earmark,
        description=facts.description,
        gifts=gifts,
        source=Source(kind="file", file_id=intake_id),
    )


def _clean(facts: Facts) -> Facts:
    return replace(
        facts,
        description=_clean_text(facts.description, "description"),
        difference_reason=_clean_text(facts.difference_reason, "difference_reason"),
    )


def _clean_text(value: str | None, field: str) -> str | None:
    return None if value is None else clean_text(value, field=field, length_max=REASON_LENGTH_MAX)


def facts_json(facts: Facts) -> dict[str, Any]:
    """Return facts as they are kept."""
    return {**asdict(facts), "received_on": facts.received_on.isoformat()}


def decide(
    conn: Connection,
    book: Book,
    intake_id: UUID,
    *,
    version: int,
    actor: Actor,
    is_left_out: bool,
    reason: str,
    rows: Sequence[int] = (),
    finding: Mapping[str, str] | None = None,
) -> tuple[Intake, int]:
    """Leave rows out of a list, or take them back in; return the file and how many rows changed.

    ``rows`` names them as the file does; ``finding`` (code, and reason where it has one) means every row that has it.
    Totals and headings are no gifts, and there is nothing to decide about them.

    Raises:
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    found = open_intake(conn, book, intake_id, version, states=frozenset({"mapped", "ready"}))
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id}
    chosen = list(rows)
    if finding is not None:
        asked = {**place, "finding": json.dumps([dict(finding)]), "is_left_out": is_left_out}
        chosen += conn.execute(_ROWS_WITH, asked).scalars().all()
    decision = {"rows": plain_array(chosen), "is_left_out": is_left_out, "reason": reason}
    who = {"decision_id": typeid.new_id(), "principal_id": actor.principal_id}
    changed: int = conn.execute(_DECIDE, {**place, **decision, **who}).scalar_one()
    if not changed:
        return found, 0
    return refresh(conn, book, change(conn, book, found, actor, problem=None), actor), changed


def hand_over(conn: Connection, book: Book, intake_id: UUID, *, version: int, actor: Actor) -> Intake:
    """Have a ready file posted; what was decided stands still from here on.

    Raises:
        IntakeNotReady: something is in the way; carries all of it.
        CollectionRefused: the book does not take such an entry any more.
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, version, states=OPEN)
    counted = tally(conn, book, intake_id)
    in_the_way = [Fault(code="intake_not_mapped")] if found.mapping is None else obstacles(found, counted)
    if in_the_way or found.facts is None:
        raise IntakeNotReady(in_the_way)
    gift = Gift(donor="x", amount_minor=counted.total_minor)
    preview(conn, book, collection_of(intake_id, found.facts, [gift]), actor=actor)
    named = typeid.encode(typeid.INTAKE, intake_id)
    job_id = enqueue(conn, book, POST_JOB, subject=f"{named}/{found.version}", arguments={"intake": named}, actor=actor)
    return change(conn, book, found, actor, state="posting", job_id=job_id, problem=None)


def let_go(conn: Connection, book: Book, intake_id: UUID, *, version: int, actor: Actor) -> Intake:
    """Take a file back from a posting that came to nothing, because its job failed or was cancelled.

    Raises:
        IntakeStepRefused: the job may still post it.
        IntakeNotFound, IntakeChanged: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, version, states=frozenset({"posting"}))
    if found.job_id is not None and job_by_id(conn, book, found.job_id).state not in {"failed", "cancelled"}:
        raise IntakeStepRefused(state=found.state)
    return change(conn, book, found, actor, state="ready")


def discard(conn: Connection, book: Book, intake_id: UUID, *, version: int, actor: Actor) -> Intake:
    """Drop a file that will not be posted: its rows are forgotten, that it was here is not.

    Raises:
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, version, states=OPEN | {"uploaded", "unreadable"})
    clear(conn, book, intake_id, with_pages=True)
    return change(conn, book, found, actor, state="discarded", problem=None)


def open_intake(
    conn: Connection, book: Book, intake_id: UUID, version: int | None, states: frozenset[State] = OPEN
) -> Intake:
    """Return a file to change, which then waits for nobody else.

    Raises:
        IntakeNotFound: the book has none of this id.
        IntakeStepRefused: it is in a state that does not take the step.
        IntakeChanged: it is of another version than the caller saw.
    """
    found = intake_by_id(conn, book, intake_id, for_change=True)
    if found.state not in states:
        raise IntakeStepRefused(state=found.state)
    if version is not None and found.version != version:
        raise IntakeChanged(version=found.version)
    return found


def refresh(conn: Connection, book: Book, found: Intake, actor: Actor) -> Intake:
    """Move a mapped file to ready or back, by what is in its way."""
    if found.state not in {"mapped", "ready"}:
        return found
    state: State = "mapped" if obstacles(found, tally(conn, book, found.intake_id)) else "ready"
    return found if state == found.state else change(conn, book, found, actor, state=state)


def change(conn: Connection, book: Book, found: Intake, actor: Actor, **changes: Json | UUID) -> Intake:
    """Change what is named of a file, which makes it one version newer."""
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": found.intake_id}
    told = {"version": found.version, "changes": json.dumps(changes, default=str)}
    try:
        changed = conn.execute(_CHANGE, {**place, **told, "principal_id": actor.principal_id}).scalar()
    except DatabaseError as error:
        raise_refusal(error)
    if changed is None:
        raise IntakeChanged(version=found.version)
    return intake_by_id(conn, book, found.intake_id)


def clear(conn: Connection, book: Book, intake_id: UUID, *, with_pages: bool) -> None:
    """Forget the lines of a file, and with its pages what was read of it."""
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id}
    conn.execute(_CLEAR, {**place, "with_pages": with_pages})


def _ask_to_read(
    conn: Connection,
    book: Book,
    intake_id: UUID,
    *,
    version: int,
    actor: Actor,
    sheet: int | None = None,
    encoding: Encoding | None = None,
) -> UUID:
    named = typeid.encode(typeid.INTAKE, intake_id)
    arguments = {"intake": named, "sheet": sheet, "encoding": encoding}
    return enqueue(conn, book, READ_JOB, subject=f"{named}/{version}", arguments=arguments, actor=actor)
