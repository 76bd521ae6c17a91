"""What the pages of receiving share: who may see what, and how amounts and codes are shown."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from fastapi.responses import Response

from ledger.giving.choice import Choice
from ledger.giving.queries import Contribution
from ledger.money import VND
from web import wording
from web.access import Visit
from web.site import render
from web.translation import Language

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
CONFLICT: Final = 409


def may_post(rights: Collection[str]) -> bool:
    """Tell whether somebody posts what they record, or hands it to who does."""
    return "post" in rights


def may_see_names(rights: Collection[str]) -> bool:
    """Tell whether somebody sees who gave."""
    return "people" in rights


def nameless(gift: Contribution) -> Contribution:
    """Return a gift as it is shown to who may not see who gave."""
    return replace(gift, name=None, detail=None, person_id=None, pledge_id=None)


def show(
    template: str,
    visit: Visit,
    language: Language,
    here: str,
    digits: Mapping[str, int],
    *,
    status: int = 200,
    **more: object,
) -> Response:
    """Return a page of receiving; ``digits`` are the decimals of currencies."""

    def amount(amount_minor: int | None, currency: str = VND) -> str:
        if amount_minor is None:
            return "–"
        if currency == VND:
            return wording.money(language, amount_minor)
        return wording.foreign_money(language, amount_minor, digits[currency], currency)

    def named(choices: Iterable[Choice], code: str | None) -> str:
        found = next((each for each in choices if each.code == code), None)
        return code or "" if found is None else wording.pick(language, found.name_vi, found.name_en)

    told = {"amount": amount, "named": named, **more}
    # What a template is told has other names than render's own parameters.
    return render(f"desk/giving/{template}", language, here, visit=visit, status=status, **told)  # type: ignore[arg-type]
