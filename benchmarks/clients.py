"""Clients in processes of their own, so that Python's lock is no part of what is measured."""

import gc
import multiprocessing as mp
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any, Final, Self

Latencies = list[float]
Operation = Callable[[float], Latencies]
"""Works for so many seconds; returns how long each piece of work took."""

START_SECONDS_MAX: Final = 120
WARM_UP_COUNT: Final = 12
_START_DELAY_SECONDS: Final = 0.1
"""Enough for every client to have heard when the measurement begins."""

_context: Final = mp.get_context("forkserver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What all clients together did in one measurement."""

    rate: float
    """Pieces of work a second."""
    latencies: Latencies


class Clients:
    """Processes that wait for orders. ``make(index, *args)`` runs in each and returns what it can do."""

    def __init__(self, count: int, make: Callable[..., Mapping[str, Operation]], *args: object) -> None:
        _context.set_forkserver_preload(["benchmarks.clients", make.__module__])
        self._pipes: list[Connection] = []
        self._processes: list[ForkServerProcess] = []
        for index in range(count):
            ours, theirs = _context.Pipe()
            process = _context.Process(target=_obey, args=(theirs, make, index, args), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            _answer(pipe)

    def measure(self, operation: str, seconds: float) -> Load:
        """Let all clients work at once for some seconds."""
        begin_at = time.monotonic() + _START_DELAY_SECONDS
        for pipe in self._pipes:
            pipe.send((operation, begin_at, seconds))
        answers = [_answer(pipe) for pipe in self._pipes]
        rate = sum(len(latencies) / elapsed for elapsed, latencies in answers)
        return Load(rate=rate, latencies=[each for _, latencies in answers for each in latencies])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(timeout=10)
            if process.is_alive():
                process.terminate()


def repeat(work: Callable[[], object]) -> Operation:
    """Return an operation that does one piece of work after the other.

    It is done some times now: a connection plans its statements and compiles the triggers' code when it first uses
    them, and the driver prepares what it has sent five times.
    """
    for _ in range(WARM_UP_COUNT):
        work()

    def operate(seconds: float) -> Latencies:
        latencies = []
        ends_at = time.perf_counter() + seconds
        begun = time.perf_counter()
        while begun < ends_at:
            work()
            done = time.perf_counter()
            latencies.append(done - begun)
            begun = done
        return latencies

    return operate


def _answer(pipe: Connection) -> tuple[float, Latencies]:
    if not pipe.poll(START_SECONDS_MAX):
        raise TimeoutError("a benchmark's client does not answer")
    answer = pipe.recv()
    if isinstance(answer, BaseException):
        raise answer
    elapsed, latencies = answer
    return elapsed, latencies


def _obey(pipe: Connection, make: Callable[..., Mapping[str, Operation]], index: int, args: tuple[Any, ...]) -> None:
    try:
        operations = make(index, *args)
        gc.freeze()
        pipe.send((0.0, []))
        while True:
            name, begin_at, seconds = pipe.recv()
            time.sleep(max(0.0, begin_at - time.monotonic()))
            begun = time.perf_counter()
            latencies = operations[name](seconds)
            pipe.send((time.perf_counter() - begun, latencies))
    except (EOFError, BrokenPipeError):
        return  # the parent is done with us
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent reports it
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))
