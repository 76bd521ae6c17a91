"""Say what a whole list has in common: the day, where the money is, the fund, and what the bank or the count says."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.calendar import today
from ledger.errors import LedgerError
from ledger.giving.choice import Choices, find_choices
from ledger.giving.errors import CollectionRefused
from ledger.intake.commands import set_facts
from ledger.intake.model import CHANNELS, MEDIA, OPEN, REASON_LENGTH_MAX, Facts, Intake, Tally
from ledger.intake.queries import intake_by_id, tally
from ledger.money import VND
from web.access import NeedsPageIn, Visit
from web.desk.intake.show import SEE_OTHER, UNPROCESSABLE, file_path, intake_uuid, show
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]

_FIELDS = {"entry_on": "received_on", "medium": "account", "gifts": "account", "declared": "declared_minor"}


def make_router() -> APIRouter:
    """Return the routes of what a list has in common."""
    router = APIRouter(prefix="/desk/{association_id}/intake/{intake_id}/facts", include_in_schema=False)

    @router.get("")
    def ask(visit: MayKeep, intake_id: str, language: Spoken) -> Response:
        found, choices, counted = _look(visit, intake_uuid(intake_id))
        if found.state not in OPEN:
            return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
        return _page(visit, language, found, choices, counted, form=Form.showing(_values(found, choices)))

    @router.post("")
    def keep(visit: MayKeep, intake_id: str, form: FormBody, language: Spoken) -> Response:
        found, choices, counted = _look(visit, intake_uuid(intake_id))
        try:
            visit.write(lambda session: _keep(session, found.intake_id, choices, form))
        except (FormRefused, LedgerError) as error:
            if found.state not in OPEN:
                raise
            again = form.refused(_told(error))
            return _page(visit, language, found, choices, counted, form=again, status=UNPROCESSABLE)
        return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)

    return router


def _told(error: FormRefused | LedgerError) -> FormRefused | LedgerError:
    """Place what the book does not take at the fields of the form."""
    if not isinstance(error, CollectionRefused):
        return error
    return FormRefused(
        [
            FormFault(name=_FIELDS.get(fault.field or "", fault.field), code=fault.code, fields=fault.fields)
            for fault in error.faults
        ]
    )


def _look(visit: Visit, intake_id: UUID) -> tuple[Intake, Choices, Tally]:
    def work(session: Session) -> tuple[Intake, Choices, Tally]:
        found = intake_by_id(session.conn, session.book, intake_id)
        choices = find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)
        return found, choices, tally(session.conn, session.book, intake_id)

    return visit.read(work)


def _values(found: Intake, choices: Choices) -> dict[str, object]:
    """Return what stands in the form: what was said before, or what such lists usually are and was chosen last."""
    if found.facts is not None:
        values = asdict(found.facts)
        count = values.pop("declared_count")
        return {**values, "declared_count": None if count is None else str(count), "version": str(found.version)}
    accounts = [each.code for each in choices.accounts if each.medium == MEDIA[found.kind] and each.currency == VND]
    funds = [each.code for each in choices.funds]
    last = choices.last
    return {
        "version": str(found.version),
        "received_on": today(),
        "account": last.account if last and last.account in accounts else accounts[0] if len(accounts) == 1 else None,
        "fund": last.fund if last and last.fund in funds else funds[0] if len(funds) == 1 else None,
        "channel": CHANNELS[found.kind],
    }


def _keep(session: Session, intake_id: UUID, choices: Choices, form: Form) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)
        code = read.choice("account", [each.code for each in choices.accounts])
        account = choices.account(code)
        facts = Facts(
            received_on=read.day("received_on"),
            medium="bank" if account is None else account.medium,
            account=code,
            fund=read.choice("fund", [each.code for each in choices.funds]),
            channel=read.choice("channel", [each.code for each in choices.channels]),
            campaign=read.optional_choice("campaign", [each.code for each in choices.campaigns]),
            earmark=read.optional_choice("earmark", [each.code for each in choices.earmarks]),
            description=read.optional_text("description", length_max=REASON_LENGTH_MAX),
            declared_minor=read.optional_amount("declared_minor"),
            declared_count=read.optional_integer("declared_count", low=1, high=100_000),
            difference_reason=read.optional_text("difference_reason", length_max=REASON_LENGTH_MAX),
            paper_series=read.optional_text("paper_series", length_max=20),
        )

    def change() -> Mapping[str, object]:
        set_facts(session.conn, session.book, intake_id, facts, version=version, actor=session.actor)
        return {}

    once(session, form.request("intake-facts"), change)


def _page(
    visit: Visit,
    language: Language,
    found: Intake,
    choices: Choices,
    counted: Tally,
    *,
    form: Form,
    status: int = 200,
) -> Response:
    return show(
        "facts.html",
        visit,
        language,
        file_path(visit, found.intake_id, "facts"),
        found=found,
        status=status,
        form=form,
        choices=choices,
        accounts=[each for each in choices.accounts if each.currency == VND],
        counted=counted,
        has_papers="paper_number" in (found.mapping or {}).get("roles", ()),
    )
