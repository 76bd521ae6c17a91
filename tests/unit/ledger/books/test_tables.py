"""A rule of the database that refuses becomes the error it means."""

import json
from datetime import date

import psycopg
import pytest
import sqlalchemy as sa

from ledger.books.tables import raise_refusal
from ledger.errors import (
    ClosingRefused,
    CodeTaken,
    FieldRefused,
    LedgerError,
    MonthNotLockable,
    PostingRefused,
    RuleRefused,
)
from tests.factories import payment, receipt

RULES: dict[str, tuple[type[LedgerError], dict[str, object]]] = {
    "entry_id_unique": (CodeTaken, {"field": "entry_id"}),
    "fund_pk": (CodeTaken, {"field": "fund"}),
    "month_lock_forward_rule": (MonthNotLockable, {}),
    "closing_empty_rule": (ClosingRefused, {}),
    "entry_seq_gapless_rule": (RuleRefused, {"rule": "entry_seq_gapless_rule"}),
}


def refused(connection: sa.Connection, rule: str, detail: object = None) -> sa.exc.DatabaseError:
    """Let the database refuse by a rule; return the driver's error."""
    statement = sa.text("SELECT soquy.refuse(:rule, 'refused', CAST(:detail AS jsonb))")
    with pytest.raises(sa.exc.DatabaseError) as caught, connection.begin_nested():
        connection.execute(statement, {"rule": rule, "detail": json.dumps(detail if detail is not None else {})})
    return caught.value


@pytest.mark.parametrize(("rule", "error"), RULES.items())
def test_a_rule_has_its_error(
    connection: sa.Connection, rule: str, error: tuple[type[LedgerError], dict[str, object]]
) -> None:
    """Codes that are taken, closings, locks, and everything that was not foreseen."""
    with pytest.raises(LedgerError) as caught:
        raise_refusal(refused(connection, rule))
    assert (type(caught.value), caught.value.fields) == error


def test_an_overdraft_names_the_last_line_that_draws_on_it(connection: sa.Connection) -> None:
    """Of a batch, the fault stands at the last entry up to the day that is short; without one, at none."""
    short = {"account": "1111", "fund": "QC", "total_on": "2024-03-02", "balance_minor": -5, "currency": "VND"}
    drafts = [receipt(1, date(2024, 3, 1)), payment(6, date(2024, 3, 2)), payment(1, date(2024, 3, 3))]
    with pytest.raises(PostingRefused) as caught:
        raise_refusal(refused(connection, "day_total_overdraft_rule", [short, {**short, "fund": "TET"}]), drafts)
    assert [(fault.code, fault.entry, fault.line) for fault in caught.value.faults] == [
        ("overdraft", 1, 0), ("overdraft", None, None),
    ]  # fmt: skip
    assert caught.value.faults[0].fields["day"] == "2024-03-02"


def test_a_check_of_a_column_is_a_refused_field(connection: sa.Connection) -> None:
    """CHECK constraints are named after what they check."""
    statement = sa.text(
        "INSERT INTO soquy.campaign (tenant_id, campaign, name_vi, opened_on, event_id)"
        " VALUES (0, 'a', 'b', '2024-01-01', gen_random_uuid())"
    )
    connection.execute(sa.text("SELECT set_config('soquy.tenant_id', '0', true)"))
    with pytest.raises(sa.exc.DatabaseError) as caught, connection.begin_nested():
        connection.execute(statement)
    with pytest.raises(FieldRefused) as field:
        raise_refusal(caught.value)
    assert field.value.fields == {"rule": "campaign_code_format_check"}


def test_what_is_no_refusal_is_raised_as_it_came(connection: sa.Connection) -> None:
    """A division by zero, a lost connection, a serialization failure are nobody's bad input."""
    with pytest.raises(sa.exc.DatabaseError) as caught, connection.begin_nested():
        connection.execute(sa.text("SELECT 1 / 0"))
    with pytest.raises(sa.exc.DatabaseError) as raised:
        raise_refusal(caught.value)
    assert isinstance(raised.value.orig, psycopg.errors.DivisionByZero)
