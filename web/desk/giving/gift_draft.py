"""Hand a gift to whoever may post it: the form of one gift as a draft, and a draft as that form."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.errors import IdMalformed
from ledger.giving.choice import Choices
from ledger.giving.draft import (
    Draft,
    DraftNotFound,
    draft_by_id,
    post_draft,
    save_draft,
    start_draft,
    submit_draft,
)
from ledger.giving.draft_body import Body
from ledger.giving.model import Received
from ledger.money import VND
from web.desk import scan
from web.desk.giving.show import may_see_names
from web.form import Form
from web.reading import Reading

_HEAD: Final[Mapping[str, str]] = {
    "on": "received_on",
    **{
        name: name
        for name in ("account", "fund", "channel", "campaign", "earmark", "rate", "rate_source", "description")
    },
    **{name: name for name in (scan.KEPT, scan.KIND)},
}
_LINE: Final[Mapping[str, str]] = {
    **{name: name for name in ("donor", "detail", "amount", "series", "person", "pledge")},
    "paper_number": "number",
}
"""The form's names, and the draft's."""


def only_of(session: Session) -> str | None:
    """Return whose drafts somebody sees: their own, or ``None`` for everybody's."""
    return None if may_see_names(session.rights) else session.actor.public_id


def draft_in(form: Form) -> UUID | None:
    """Return the draft that a form came from; raises ``DraftNotFound`` where it names none that there could be."""
    if not form.value("draft"):
        return None
    try:
        return typeid.decode(typeid.DRAFT, form.value("draft"))
    except IdMalformed:
        raise DraftNotFound from None


def form_with(form: Form, draft: Draft) -> Form:
    """Return a form that shows a draft as it was typed."""
    line: Mapping[str, Any] = next(iter(draft.body.get("lines", [])), {})
    typed = {name: draft.body.get(told) for name, told in _HEAD.items()}
    typed |= {name: line.get(told) for name, told in _LINE.items()}
    typed |= {"anonymous": "1" if line.get("wish") == "anonymous" else None}
    typed |= {"draft": typeid.encode(typeid.DRAFT, draft.draft_id), "version": str(draft.version)}
    return Form(values={**form.values, **{name: (value,) for name, value in typed.items() if value}})


def body_of(form: Form, choices: Choices) -> Body:
    """Return what a draft keeps of the form."""
    account = choices.account(form.value("account"))
    body: dict[str, Any] = {told: form.value(name) or None for name, told in _HEAD.items()}
    body |= {"medium": None if account is None else account.medium}
    body |= {"currency": VND if account is None else account.currency}
    if body["currency"] == VND:
        body |= {"rate": None, "rate_source": None}
    if body[scan.KEPT] is None:
        body |= {scan.KIND: None}
    line = {told: form.value(name) or None for name, told in _LINE.items()}
    return {**body, "lines": [line | {"wish": "anonymous" if form.value("anonymous") else "named"}]}


def keep(session: Session, form: Form, choices: Choices, *, is_submitted: bool) -> None:
    """Keep the gift as a draft and, where it is done, hand it on; sent twice, once."""

    def do() -> Mapping[str, object]:
        draft_id, version = _keep(session, form, choices)
        if is_submitted:
            submit_draft(
                session.conn, session.book, draft_id, version=version, actor=session.actor, of=only_of(session)
            )
        return {"draft": typeid.encode(typeid.DRAFT, draft_id)}

    once(session, form.request("draft"), do)


def post_kept(session: Session, form: Form, choices: Choices) -> Received:
    """Save the draft that the form came from, and post it."""
    draft_id = draft_in(form)
    if draft_id is not None:
        found = draft_by_id(session.conn, session.book, draft_id)
        if found.state == "posted":
            return post_draft(session.conn, session.book, draft_id, version=found.version, actor=session.actor)
    draft_id, version = _keep(session, form, choices)
    return post_draft(session.conn, session.book, draft_id, version=version, actor=session.actor)


def _keep(session: Session, form: Form, choices: Choices) -> tuple[UUID, int]:
    draft_id, body = draft_in(form), body_of(form, choices)
    if draft_id is None:
        of = only_of(session)
        return start_draft(session.conn, session.book, "contribution", body, actor=session.actor, of=of), 1
    with Reading(form) as read:
        version = read.integer("version", low=1, high=2**31 - 1)
    saved = save_draft(
        session.conn, session.book, draft_id, body, version=version, actor=session.actor, of=only_of(session)
    )
    return draft_id, saved
