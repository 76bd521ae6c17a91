"""Founding and closing associations."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
import sqlalchemy as sa

from ledger.associations.commands import close_association, found_association
from ledger.books.chart import open_account, open_campaign
from ledger.books.model import Book, EntryDraft, Line
from ledger.books.posting import post
from ledger.errors import (
    AssociationNotFound,
    ClosingRefused,
    CodeRefused,
    FieldRefused,
    NotAtTop,
    PostingRefused,
    ReferenceUnknown,
)
from ledger.money import Rate
from ledger.reports.period import Period
from ledger.reports.scope import Scope
from ledger.reports.trial_balance import trial_balance
from tests.consent import post_agreed
from tests.factories import ACTOR, GENERAL, make_book, make_tenant, payment, receipt, two_lines

MARCH = date(2024, 3, 15)


@pytest.fixture
def found(connection: sa.Connection) -> Callable[..., Book]:
    top = make_book(connection)
    return partial(
        found_association,
        connection,
        tenant_id=top.tenant_id,
        name_vi="Hội Khuyến học xã Thử",
        kind="learning-promotion",
        level="commune",
        founded_on=date(1997, 1, 1),
        actor=ACTOR,
        parent=top,
    )


def test_a_book_opens_on_the_eve_of_its_regime(found: Callable[..., Book]) -> None:
    """Circular 24 rules from 2025-01-01; what was left the evening before opens the book under it, and no earlier."""
    assert found(chart="TT24", books_open_on=date(2024, 12, 31)).book_id
    with pytest.raises(ReferenceUnknown) as refused:
        found(chart="TT24", books_open_on=date(2024, 12, 30))
    assert refused.value.fields["valid_from"] == "2025-01-01"


def test_an_association_is_closed_when_nothing_is_left(connection: sa.Connection) -> None:
    """It is closed once, with a leaf, and its book takes no more entries."""
    book = make_book(connection)
    post(connection, book, [receipt(100, MARCH)], actor=ACTOR)
    savepoint = connection.begin_nested()
    with pytest.raises(ClosingRefused):
        close_association(connection, book, closed_on=MARCH, actor=ACTOR)
    savepoint.rollback()
    post_agreed(connection, book, [payment(100, MARCH)], actor=ACTOR)
    close_association(connection, book, closed_on=MARCH, actor=ACTOR)
    leaves = sa.text("SELECT count(*) FROM soquy.audit_entry WHERE type = 'association.closed'")
    assert connection.execute(leaves).scalar_one() == 1
    with pytest.raises(PostingRefused) as refused:
        post(connection, book, [receipt(1, MARCH)], actor=ACTOR)
    assert refused.value.faults[0].code == "association_closed"
    with pytest.raises(AssociationNotFound):
        close_association(connection, book, closed_on=MARCH, actor=ACTOR)


def test_what_the_tree_shares_is_opened_at_its_top(connection: sa.Connection, found: Callable[..., Book]) -> None:
    """A commune cannot take a campaign's code from the whole province."""
    commune = found(chart="TT24-MAU", books_open_on=date(2024, 1, 1))
    with pytest.raises(NotAtTop):
        open_campaign(connection, commune, campaign="TET", name_vi="Tết", opened_on=MARCH, actor=ACTOR)


def test_foreign_lines_that_differ_are_told_in_their_own_money(connection: sa.Connection) -> None:
    """A dollar line against a đồng line is short of dollars, whatever it is worth."""
    book = make_book(connection)
    lines = (
        Line(account="1122USD", fund=GENERAL, value_minor=2_500_000, currency="USD", amount_minor=10_000),
        Line(account="35381", fund=GENERAL, value_minor=-2_500_000, channel="donor-abroad"),
    )
    rate = Rate(currency="USD", value=Decimal(25_000), source="SBV")
    draft = EntryDraft(entry_on=MARCH, lines=lines, voucher="BC", rate=rate)
    with pytest.raises(PostingRefused) as refused:
        post(connection, book, [draft], actor=ACTOR)
    (dollars, dong) = refused.value.faults
    assert (dollars.code, dollars.fields["difference_minor"]) == ("unbalanced_foreign", 10_000)
    assert (dong.code, dong.fields["difference_minor"]) == ("unbalanced", -2_500_000)


def test_opening_balances_come_first(connection: sa.Connection) -> None:
    """Without a voucher money comes into a book only before anything else does."""
    opened_on = date(2024, 1, 1)
    opening = EntryDraft(entry_on=opened_on, lines=two_lines(500), voucher=None, kind="opening")
    book = make_book(connection, opened_on=opened_on)
    post(connection, book, [opening, opening, receipt(1, opened_on)], actor=ACTOR)
    with pytest.raises(PostingRefused) as refused:
        post(connection, book, [opening], actor=ACTOR)
    assert [fault.code for fault in refused.value.faults] == ["opening_first"]


def test_a_fund_has_no_account_that_nobody_watches(connection: sa.Connection) -> None:
    """Balance accounts of funds are the chart's; another beside or below them could fall below nothing unseen."""
    book = make_book(connection)
    names = {"name_vi": "Quỹ lạ", "name_en": "Strange fund", "opened_on": MARCH, "actor": ACTOR}
    for account, parent in (("35386", "3538"), ("353811", "35381")):
        with pytest.raises((FieldRefused, CodeRefused)):
            open_account(connection, book, account=account, parent=parent, **names)  # type: ignore[arg-type]


def test_a_heading_of_one_book_that_another_posts_to_counts_once(connection: sa.Connection) -> None:
    """Totals come from what was posted, not from rows, of which one may be a heading here and an account there."""
    tenant_id = make_tenant(connection)
    top = make_book(connection, tenant_id=tenant_id)
    below = make_book(connection, tenant_id=tenant_id)
    names = {"name_vi": "Ngân hàng", "name_en": "Bank", "opened_on": date(2024, 1, 1), "actor": ACTOR}
    open_account(connection, below, account="1121A9", parent="1121A", **names)  # type: ignore[arg-type]
    day = date(2024, 3, 15)
    post(connection, top, [receipt(700, day, account="1121A", voucher="BC")], actor=ACTOR)
    post(connection, below, [receipt(300, day, account="1121A9", voucher="BC")], actor=ACTOR)
    for with_headings in (False, True):
        found = trial_balance(connection, Scope(tenant_id=tenant_id), Period.of_year(2024), with_headings=with_headings)
        assert found.agrees
        assert found.closing_debit_minor == 1_000
