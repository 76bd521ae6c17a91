"""Bank accounts over HTTP: who may change them, and what everybody may see."""

import pytest

from tests.integration.api.conftest import World

SHOWN = {"account": "1121A", "bank_bin": "970436", "number": "0123456789", "holder": "HOI THU NGHIEM"}


@pytest.fixture
def path(world: World) -> str:
    return world.path(world.commune, "/bank-accounts")


def test_an_account_is_shown_changed_and_withdrawn(world: World, path: str) -> None:
    """The answer is what is shown from now on; the same key does nothing twice."""
    assert world.get(path).json() == {"rows": []}
    first = world.send(path, SHOWN, key="one")
    assert (first.status_code, first.json()) == (201, {"rows": [{**SHOWN, "bank_name": "Vietcombank"}]})
    again = world.send(path, SHOWN, key="one")
    assert (again.status_code, again.headers["idempotent-replay"]) == (201, "true")
    changed = world.send(path, {**SHOWN, "bank_bin": "970499", "number": "9"})
    assert changed.json()["rows"] == [{**SHOWN, "bank_bin": "970499", "bank_name": "970499", "number": "9"}]
    assert world.send(f"{path}/1121A/withdrawal", b"").json() == {"rows": []}
    gone = world.send(f"{path}/1121A/withdrawal", b"")
    assert (gone.status_code, gone.json()["code"]) == (422, "reference_unknown")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"account": "1111"}, "field_refused", "/account"),
        ({"account": "1121"}, "field_refused", "/account"),
        ({"account": "9999"}, "reference_unknown", "/account"),
        ({"bank_bin": "97"}, "request_refused", "/bank_bin"),
        ({"number": "1 2"}, "request_refused", "/number"),
        ({"holder": ""}, "request_refused", "/holder"),
    ],
)
def test_what_nobody_could_pay_into_is_refused(
    world: World, path: str, changes: dict[str, str], code: str, pointer: str
) -> None:
    """Each fault names its field, and nothing is shown."""
    answer = world.send(path, {**SHOWN, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert world.get(path).json() == {"rows": []}
