from pathlib import Path

import pytest
import sqlalchemy as sa

from audit import scan
from audit.log_audit import audit_log
from audit.source import open_source
from audit.trust import Named
from tests.demo_province import Demo
from tests.log_folder import SIGNER, export_files, write_files

IN_ORDER = """\
SELECT a.leaf FROM soquy.audit_entry AS a JOIN soquy.audit_pending AS p USING (tenant_id, event_id)
ORDER BY p.tenant_id, p.pending_no"""

MOVED = """\
SELECT sum(value_minor) FILTER (WHERE value_minor > 0) AS debit_minor, count(DISTINCT (tenant_id, book_id)) AS books,
    (SELECT count(*) FROM soquy.entry) AS entries, count(DISTINCT (tenant_id, book_id, account, fund)) AS rows
FROM soquy.posting"""


def test_a_provinces_year_replays_from_its_leaves_alone(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "PARALLEL_SIZE_MIN", 1 << 62)
    with demo.admin.connect() as conn:
        leaves = [bytes(leaf) for leaf in conn.execute(sa.text(IN_ORDER)).scalars()]
        moved = conn.execute(sa.text(MOVED)).one()
    folder = write_files(tmp_path / "export", export_files(leaves))
    report = audit_log(open_source(str(folder)), Named(keys=(SIGNER.verifier,)), state=tmp_path / "state")
    assert report.replayed_size == len(leaves)
    assert (report.book_count, report.entry_count) == (moved.books, moved.entries)
    assert report.debit_minor == report.credit_minor == moved.debit_minor
    assert report.account_count == moved.rows
