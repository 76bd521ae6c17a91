"""Find gifts from anywhere: by who gave, and by the code on a receipt."""

from typing import Final

from ledger import typeid
from ledger.errors import LedgerError
from ledger.giving import code as receipt_code
from ledger.giving.queries import Contribution, Search, search_contributions
from ledger.money import VND
from web import wording
from web.desk.finding import HIT_COUNT_MAX, Asked, Hit, Source
from web.desk.giving.show import may_see_names
from web.site import desk_path
from web.translation import Language, Message, _

NAME_LENGTH_MIN: Final = 2
"""One letter is in nearly every name."""


def _by_code(asked: Asked) -> list[Hit]:
    try:
        code = receipt_code.parse(asked.typed)
    except LedgerError:
        return []
    return _found(asked, Search(code=code), has_names=may_see_names(asked.place.rights))


def _by_name(asked: Asked) -> list[Hit]:
    if len(asked.key) < NAME_LENGTH_MIN or not any(character.isalpha() for character in asked.key):
        return []
    return _found(asked, Search(name=asked.typed), has_names=True)


def _found(asked: Asked, search: Search, *, has_names: bool) -> list[Hit]:
    book = asked.session.book
    page = search_contributions(asked.session.conn, book, search, page_size=HIT_COUNT_MAX)
    return [
        Hit(
            name=gift.name if has_names and gift.name else _("Khoản ủng hộ"),
            path=desk_path(
                book.association_id, "contributions", typeid.encode(typeid.CONTRIBUTION, gift.contribution_id)
            ),
            hint=_hint(asked.language, gift),
        )
        for gift in page.rows
    ]


def _hint(language: Language, gift: Contribution) -> Message | str:
    on = wording.day(language, gift.entry_on)
    if gift.amount_minor is None or gift.currency != VND:
        return on
    return _("%(amount)s, %(day)s", amount=wording.money(language, gift.amount_minor), day=on)


RECEIPTS: Final = Source(title=_("Giấy ghi nhận"), right="read", find=_by_code)
GIFTS: Final = Source(title=_("Khoản ủng hộ của"), right="people", find=_by_name)
