"""Nothing that somebody typed into a file is anywhere but in the vault."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from ledger.tenancy import set_tenant
from tests.integration.intake.conftest import HOUSEHOLD, Office
from tests.list_files import HEADER, xlsx

MARKED = "Kẻ Bí Mật Được Đánh Dấu"
PHONE = "0912345678"


def test_planted_values_are_in_no_leaf_row_or_log_line(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """A name, a telephone number, a file's name, a sheet's name and reasons, each marked, posted and taken back."""
    rows: list[list[Any]] = [
        [*HEADER, "Số điện thoại"],
        [1, MARKED, f"Phòng {MARKED}", 5_000, PHONE],
        [2, f"{MARKED} hai", "", "1tr5", PHONE],
    ]
    found = office.take_in(xlsx(rows, title=MARKED[:20]), name=f"{MARKED}.xlsx")
    found = office.state(office.decide(office.map(found), 3), HOUSEHOLD)
    found = office.post(found)
    assert found.state == "posted"
    office.reverse(found, reason=f"Vì {MARKED}")
    told = capsys.readouterr()
    assert MARKED not in told.out + told.err
    assert PHONE not in told.out + told.err
    with office.engine.begin() as conn:
        set_tenant(conn, office.book.tenant_id)
        tables = conn.execute(
            sa.text("""\
                SELECT relname FROM pg_class
                WHERE relnamespace = 'soquy'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                    AND has_table_privilege(oid, 'SELECT')""")
        ).scalars()
        for table in tables:
            for (row,) in conn.execute(sa.text(f"SELECT CAST(to_jsonb(t) AS text) FROM soquy.{table} AS t")):
                assert MARKED not in row, table
                assert PHONE not in json.dumps(row), table
        leaves = conn.execute(sa.text("SELECT leaf FROM soquy.audit_entry")).scalars()
        assert all(MARKED.encode() not in bytes(leaf) for leaf in leaves)
        # A column that nobody chose was in sealed pages alone, which are gone.
        assert conn.execute(sa.text("SELECT count(*) FROM vault.intake_page")).scalar_one() == 0


def test_what_is_refused_tells_codes_alone(office: Office) -> None:
    found = office.take_in(f"Họ và tên;Số tiền\n{MARKED};5000\n".encode("utf-16-le") + b"\0", name="a.csv")
    assert found.problem is not None
    assert MARKED not in json.dumps(found.problem, ensure_ascii=False)
    assert MARKED not in str(office.job(found))
