"""Slow down whoever asks too often: so many at once, then one in so many seconds (GCRA), in memory.

A limit is for a key: an address, an account, a code. In memory, because a stranger's tries must not become writes of
the database, and because what they slow down is forgotten in minutes anyway; what has to outlive a restart (the tries
of a PIN, those of a session's code) is counted in the database. One ``Limiter`` an application; a service that runs as
several processes allows as many times more.

    limiter = request.app.state.limiter
    wait_seconds = limiter.take(RECEIPT_LOOKUP, address_of(request))
    if wait_seconds: …
"""

import ipaddress
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil
from typing import Final

from fastapi import Request

KEY_COUNT_MAX: Final = 100_000
"""Keys in memory, some 20 MB; beyond it the oldest are forgotten."""

_NETWORK_BITS: Final = 64
"""Of an IPv6 address: the rest is one household's or one machine's to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``burst`` turns at once, then one in ``seconds``."""

    name: str
    burst: int
    seconds: float


class Limiter:
    """Remembers for each limit and key until when its turns are used up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[tuple[str, Hashable], float] = {}

    def take(self, limit: Limit, key: Hashable) -> int:
        """Take a turn; return 0, or in how many seconds there will be one, and then none was taken."""
        now = self._clock()
        with self._lock:
            due = max(self._due.pop((limit.name, key), now), now)
            wait = due - now - (limit.burst - 1) * limit.seconds
            if wait > 0:
                self._due[limit.name, key] = due
                return ceil(wait)
            self._make_room(now)
            self._due[limit.name, key] = due + limit.seconds
            return 0

    def give_back(self, limit: Limit, key: Hashable) -> None:
        """Give a turn back that was not a guess."""
        with self._lock:
            if (limit.name, key) in self._due:
                self._due[limit.name, key] -= limit.seconds

    def _make_room(self, now: float) -> None:
        """Forget what slows nobody down any more; where that is not enough, what was asked longest ago."""
        if len(self._due) < KEY_COUNT_MAX:
            return
        self._due = {key: due for key, due in self._due.items() if due > now}
        for key in list(self._due)[: len(self._due) - KEY_COUNT_MAX * 9 // 10]:
            del self._due[key]


def address_of(request: Request) -> str:
    """Return where a request comes from, as limits tell callers apart.

    Behind a proxy on the same machine it is whom the proxy names: uvicorn reads ``X-Forwarded-For`` from it alone.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:60]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False).network_address)
    return str(address)
