"""Devices that somebody remembered: a secret in the browser and a PIN of six figures, instead of the password.

For whoever collects, keeps the till or drafts; a role that approves, inspects or administers needs an authenticator,
and no PIN opens it (``soquy.needs_second_factor``). argon2id is told the PIN together with the browser's secret, so
neither the table alone nor the browser alone lets anybody try out a million PINs: the database gives five tries.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from api.sign_in.password import Cost
from api.sign_in.session import begun_parameters, make_secret
from api.visit import SignedIn
from ledger import typeid
from ledger.books.tables import raise_refusal
from ledger.errors import LedgerError

NAME_LENGTH_MAX: Final = 60

_match_pin: Final = re.compile(r"[0-9]{6}").fullmatch
_VARIED_MIN: Final = 3

_ADD: Final = text("""\
SELECT soquy.add_device(:secret_hash, :tag, :device_id, :name, :device_hash, :salt, :time_cost, :memory_kib, :lanes,
    :verifier)""")
_COST: Final = text("SELECT * FROM soquy.device_cost(:device_hash)")
_BEGIN: Final = text("""\
SELECT soquy.begin_device_session(:device_hash, :tag, :session_id, :secret_hash, :client, :idle_seconds, :seconds)""")
_LIST: Final = text("SELECT * FROM soquy.devices_of(:secret_hash)")
_END: Final = text("SELECT soquy.end_device(:secret_hash, :device_id)")


class PinRefused(LedgerError):
    """A PIN of another form, or among the first that anybody would try; ``reason`` says which."""

    code = "pin_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A remembered device that is good: whose it is, and what hashing its PIN needs."""

    name: str
    tries_left: int
    secret: str
    cost: Cost

    def tag(self, pin: str) -> bytes:
        """Work up a PIN."""
        return self.cost.tag(pin, self.secret.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device in the list of its user."""

    device_id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device to be remembered, its PIN worked up; ``secret`` goes into the browser's cookie and nowhere else."""

    secret: str
    secret_hash: bytes
    cost: Cost
    tag: bytes

    @classmethod
    def of(cls, pin: str) -> "NewDevice":
        """Choose a PIN.

        Raises:
            PinRefused: not six figures, or six that are easily guessed.
        """
        check_pin(pin)
        secret, secret_hash = make_secret()
        cost = Cost.fresh()
        return cls(secret=secret, secret_hash=secret_hash, cost=cost, tag=cost.tag(pin, secret.encode()))


def check_pin(pin: str) -> None:
    """Refuse a PIN that is none, one of a few figures, and one that counts up or down.

    Raises:
        PinRefused: carries the reason.
    """
    if not _match_pin(pin):
        raise PinRefused(field="pin", reason="form")
    steps = {int(second) - int(first) for first, second in pairwise(pin)}
    if len(set(pin)) < _VARIED_MIN or steps in ({1}, {-1}) or pin[:3] == pin[3:]:
        raise PinRefused(field="pin", reason="common")


def remember(conn: Connection, caller: SignedIn, password_tag: bytes, device: NewDevice, *, name: str) -> bool:
    """Remember a device of the caller's; ``False`` where the password is another.

    Raises:
        RuleRefused: a role of the caller's needs more than a PIN, or there are twenty devices.
    """
    asked = {
        "secret_hash": caller.secret_hash,
        "tag": password_tag,
        "device_id": typeid.new_id(),
        "name": name,
        "device_hash": device.secret_hash,
        **device.cost.parameters(device.tag),
    }
    try:
        return bool(conn.execute(_ADD, asked).scalar_one())
    except sqlalchemy.exc.IntegrityError as error:
        raise_refusal(error)


def find_device(conn: Connection, secret: str) -> Device | None:
    """Return the device of a browser's secret, if it can be opened by a PIN."""
    row = conn.execute(_COST, {"device_hash": _hash(secret)}).one_or_none()
    if row is None:
        return None
    cost = Cost(salt=row.salt, time_cost=row.time_cost, memory_kib=row.memory_kib, lanes=row.lanes)
    return Device(name=row.name, tries_left=row.tries_left, secret=secret, cost=cost)


def begin(conn: Connection, device: Device, tag: bytes, *, client: str) -> tuple[UUID, str] | None:
    """Begin a session by a PIN; return whose it is and its secret, or ``None``, which costs a try of the device."""
    secret, asked = begun_parameters(client)
    user_id = conn.execute(_BEGIN, {"device_hash": _hash(device.secret), "tag": tag, **asked}).scalar_one()
    return None if user_id is None else (user_id, secret)


def list_devices(conn: Connection, caller: SignedIn) -> Sequence[DeviceRow]:
    """Return the caller's devices."""
    return [DeviceRow(**row) for row in conn.execute(_LIST, {"secret_hash": caller.secret_hash}).mappings()]


def forget(conn: Connection, caller: SignedIn, device_id: UUID) -> bool:
    """Forget a device and end what was begun on it; ``False`` where the caller has none of this id."""
    return bool(conn.execute(_END, {"secret_hash": caller.secret_hash, "device_id": device_id}).scalar_one())


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
