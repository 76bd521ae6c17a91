"""Keep what was computed for as long as the books it came from have not moved."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

SIZE_MAX: Final = 256


class Memory(Generic[Value]):
    """The latest ``SIZE_MAX`` values by key; a key holds how far the books were, so an old value is never asked for."""

    def __init__(self, size_max: int = SIZE_MAX) -> None:
        self._size_max = size_max
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what is kept under a key, computed where nothing is. Two at once may both compute."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = compute()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._size_max:
                self._kept.popitem(last=False)
        return value
