"""A beneficiary who is erased: nothing is left of who they were, and the list is what it was decided to be."""

from datetime import date

import sqlalchemy as sa

from ledger.awards.queries import awards, list_by_id
from ledger.books.check import check
from ledger.people.erasure import erase, erase_expired
from ledger.people.person_erasure import erase_person
from tests.integration.awards.conftest import Commune, pupil

LONG_AFTER = date(2999, 1, 1)


def become(commune: Commune, role: str) -> None:
    commune.conn.execute(sa.text(f"SET LOCAL ROLE {role}"))


def left_in_the_vault(commune: Commune) -> tuple[int, int]:
    query = "SELECT (SELECT count(*) FROM vault.beneficiary WHERE tenant_id = :t), count(*) FROM vault.award_claim"
    row = commune.conn.execute(sa.text(f"{query} WHERE tenant_id = :t"), {"t": commune.book.tenant_id}).one()
    return int(row[0]), int(row[1])


def test_a_person_who_is_erased_is_on_no_list_and_the_list_adds_up(kept: Commune) -> None:
    listed = kept.submit(kept.open(), pupil(), pupil("Trần Văn Thử", reason="Hộ nghèo"))
    gone = awards(kept.conn, kept.book, listed.list_id).rows[1].person_id
    assert gone is not None
    become(kept, "soquy_vault")
    assert erase_person(kept.conn, kept.book.tenant_id, gone, reason="Gia đình xin rút") == 1
    become(kept, "soquy_app")
    row = awards(kept.conn, kept.book, listed.list_id).rows[1]
    assert (row.name, row.person_id, row.school, row.reason, row.amount_minor) == (None, None, None, None, 500_000)
    assert left_in_the_vault(kept) == (1, 1)
    assert list_by_id(kept.conn, kept.book, listed.list_id).total_minor == 1_000_000
    become(kept, "soquy_owner")
    assert [each for each in check(kept.conn) if each.tenant_id == kept.book.tenant_id] == []


def test_what_is_sealed_of_a_beneficiary_goes_when_its_time_is_over(kept: Commune) -> None:
    kept.submit(kept.open(), pupil(), pupil("Trần Văn Thử"))
    become(kept, "soquy_vault")
    while erase_expired(kept.conn, kept.book.tenant_id, as_of=LONG_AFTER):
        pass
    assert left_in_the_vault(kept) == (0, 0)


def test_a_value_that_is_erased_by_decision_takes_its_row_along(kept: Commune) -> None:
    listed = kept.submit(kept.open(), pupil(), pupil("Trần Văn Thử"))
    award_id = awards(kept.conn, kept.book, listed.list_id).rows[0].award_id
    become(kept, "soquy_vault")
    erase(kept.conn, kept.book.tenant_id, award_id, ["beneficiary"], reason="Hết hạn", as_of=LONG_AFTER)
    assert left_in_the_vault(kept) == (1, 1)
