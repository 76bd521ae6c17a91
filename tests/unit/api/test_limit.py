"""So many at once, then one in so many seconds; and no more memory than was set aside."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import limit
from api.limit import Limit, Limiter, address_of

THREE = Limit(name="three", burst=3, seconds=10)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_and_then_one_in_so_many_seconds(clock: Clock) -> None:
    limiter = Limiter(clock)
    assert [limiter.take(THREE, "a") for _ in range(5)] == [0, 0, 0, 10, 10]
    clock.now += 9.5
    assert limiter.take(THREE, "a") == 1
    clock.now += 0.5
    assert [limiter.take(THREE, "a") for _ in range(2)] == [0, 10]
    clock.now += 1_000
    assert [limiter.take(THREE, "a") for _ in range(4)] == [0, 0, 0, 10]


def test_keys_and_limits_do_not_meet(clock: Clock) -> None:
    limiter = Limiter(clock)
    for _ in range(3):
        limiter.take(THREE, "a")
    assert limiter.take(THREE, "b") == 0
    assert limiter.take(Limit(name="other", burst=1, seconds=1), "a") == 0


def test_a_turn_given_back_is_there_again(clock: Clock) -> None:
    limiter = Limiter(clock)
    limiter.give_back(THREE, "a")
    for _ in range(10):
        assert limiter.take(THREE, "a") == 0
        limiter.give_back(THREE, "a")


@given(st.lists(st.floats(0, 60), max_size=60))
def test_no_pace_gets_more_than_is_allowed(pauses: list[float]) -> None:
    """In any stretch of time: the burst, and one for every ten seconds of it."""
    clock = Clock()
    limiter = Limiter(clock)
    taken = []
    for pause in pauses:
        clock.now += pause
        if limiter.take(THREE, "a") == 0:
            taken.append(clock.now)
    for first, begun in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= THREE.burst + (taken[last] - begun) / THREE.seconds + 1e-6


def test_memory_has_an_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What slows nobody goes first, then what was asked longest ago; who asks now keeps their turns' count."""
    monkeypatch.setattr(limit, "KEY_COUNT_MAX", 100)
    limiter = Limiter(clock)
    for number in range(1_000):
        limiter.take(THREE, number)
        limiter.take(THREE, "steady")
        assert len(limiter._due) <= 100
    assert limiter.take(THREE, "steady") > 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_household_is_one_address(host: str, address: str) -> None:
    request: Any = SimpleNamespace(client=SimpleNamespace(host=host) if host else None)
    assert address_of(request) == address
