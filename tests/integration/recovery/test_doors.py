"""What opened a door before a restoration opens none after it: nobody knows what was ended or used up meanwhile."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.sign_in import device, totp
from api.sign_in import session as sessions
from api.visit import SignedIn
from ledger.access.invitation import InvitationOver, Link, invite, open_invitation
from tests.integration.recovery.conftest import Deployment, Lost
from tests.people_who_sign_in import Person, make_person

pytestmark = pytest.mark.embedded  # its programs write what an older server does not read

PIN = "190577"


@dataclass(frozen=True, kw_only=True)
class Doors:
    """What one person could come in by when the backup was made."""

    person: Person
    session: str
    device: str
    recovery_code: str
    link: str


@pytest.fixture
def doors(lost: Lost) -> Doors:
    with lost.live.app(lost.book.tenant_id) as conn:
        person = make_person(conn, has_totp=True)
        session = _raise(conn, person)
        codes = totp.renew_recovery_codes(conn, SignedIn.of(session))
        remembered = device.NewDevice.of(PIN)
        assert device.remember(conn, SignedIn.of(session), person.tag, remembered, name="Máy thử")
    with lost.live.app(lost.book.tenant_id) as conn:
        link = invite(conn, lost.book, email="moi@mau.invalid", role="collector", actor=None).secret
    return Doors(person=person, session=session, device=remembered.secret, recovery_code=codes[0], link=link)


def _half(conn: sa.Connection, person: Person) -> SignedIn:
    """Sign in by the password alone."""
    begun = sessions.begin(conn, person.user_id, person.tag, client="")
    assert begun is not None
    return SignedIn.of(begun.secret)


def _raise(conn: sa.Connection, person: Person) -> str:
    """Sign in by the password and the authenticator."""
    assert person.totp is not None
    step = totp.step_now()
    raised = totp._raise(conn, _half(conn, person), step - 10, totp._STRENGTHEN)
    assert raised is not None
    return raised


def open_doors(at: Deployment, doors: Doors) -> set[str]:
    """Try every door, and leave none of them used."""
    found = set()
    with at.app() as conn:
        asked = {"secret_hash": sha256(doors.session.encode()).digest()}
        if conn.execute(sa.text("SELECT soquy.authenticate_session(:secret_hash)"), asked).scalar() is not None:
            found.add("session")
        if device.find_device(conn, doors.device) is not None:
            found.add("device")
        try:
            open_invitation(conn, Link.parse(doors.link))
            found.add("link")
        except InvitationOver:
            pass
        with conn.begin_nested() as trial:
            if totp.prove(conn, _half(conn, doors.person), doors.recovery_code, lambda _: True) is not None:
                found.add("recovery code")
            trial.rollback()
        with conn.begin_nested() as trial:
            code = totp.code_at(doors.person.totp or b"", totp.step_now())
            if totp.prove(conn, _half(conn, doors.person), code, lambda _: True) is not None:
                found.add("password and authenticator")
            trial.rollback()
    return found


def test_a_restoration_ends_whatever_opens_by_itself(
    lost: Lost, spare: Deployment, doors: Doors, tmp_path: Path
) -> None:
    assert open_doors(lost.live, doors) == {
        "session",
        "device",
        "link",
        "recovery code",
        "password and authenticator",
    }
    backup = Path(lost.live.done("backup", tmp_path / "backups", "--quiet").strip())
    said = spare.done("restore", backup)
    assert "Everybody signs in anew" in said
    assert open_doors(spare, doors) == {"password and authenticator"}
    spare.done("check")


def test_doors_are_shut_while_the_database_is_held(lost: Lost, spare: Deployment, doors: Doors, tmp_path: Path) -> None:
    """A log that is nowhere leaves it held; whoever is let in by then reads."""
    backup = Path(lost.live.done("backup", tmp_path / "backups", "--quiet").strip())
    for name in ("log", "log-held"):
        if (spare.home / name).exists():
            (spare.home / name).rename(spare.home / f"{name}-away")
    spare.refused("restore", backup)
    assert spare.held_because() == "restored"
    assert open_doors(spare, doors) == {"password and authenticator"}


def test_links_are_over_where_the_vaults_part_is_gone(
    lost: Lost, spare: Deployment, doors: Doors, tmp_path: Path
) -> None:
    backup = Path(lost.live.done("backup", tmp_path / "backups", "--quiet").strip())
    (backup / "vault.dump").unlink()
    spare.done("restore", backup)
    left = "SELECT count(*) FROM soquy.invitation WHERE taken_at IS NULL AND withdrawn_at IS NULL"
    assert spare.ask(left) == [(0,)]
    assert lost.live.ask(left) != [(0,)]
