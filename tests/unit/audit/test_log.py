"""What the writer of the log hands to the database; that the database takes it is an integration test."""

from uuid import UUID

from sqlalchemy import text

from audit import log

RECORD = log.Record(event_id=UUID(int=1), type="entry", association_id=UUID(int=2), leaf=b"{}", book_id=3, book_seq=4)


def test_every_parameter_of_the_statement_is_given_and_no_other() -> None:
    assert set(text(log.INSERT_SQL).compile().params) == set(log.parameters(1, [RECORD]))


def test_parameters_and_statement_can_stand_inside_another_statement() -> None:
    assert all(name.startswith("leaf_") for name in log.parameters(1, []))
    assert not log.INSERT_SQL.rstrip().endswith(";")


def test_each_record_is_one_row_across_the_columns() -> None:
    alone = log.Record(event_id=UUID(int=5), type="token.made", association_id=None, leaf=b"[1]")
    assert log.parameters(7, [RECORD, alone]) == {
        "leaf_tenant_id": 7,
        "leaf_event_id": "{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000005}",
        "leaf_type": '{"entry","token.made"}',
        "leaf_association_id": "{00000000-0000-0000-0000-000000000002,NULL}",
        "leaf_book_id": "{3,NULL}",
        "leaf_book_seq": "{4,NULL}",
        "leaf_start": "{1,3}",
        "leaf_size": "{2,3}",
        "leaf_bytes": b"{}[1]",
    }
