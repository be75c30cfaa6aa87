"""Memory of what renderings are made of, from one to the next: bounded, and nothing depends on it but time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Remembered(Generic[Key]):
    """Bytes by key. What is in use stays when more is in use than there is room for.

    Else a window that is a little too large would put out each piece just before it is asked for.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._round = 0
        self._known: OrderedDict[Key, tuple[bytes, int, int]] = OrderedDict()
        self._lock = Lock()

    def next_round(self) -> None:
        """All outputs are rendered again: what none of them used, this time or the last, may go."""
        with self._lock:
            self._round += 1

    def get(self, key: Key, make: Callable[[], bytes], key_bytes: int = 0) -> bytes:
        """The bytes that ``make`` gives, or gave for ``key`` before; ``key_bytes`` are those of the key, about."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known[key] = known[0], known[1], self._round
                self._known.move_to_end(key)
                return known[0]
        made = make()
        with self._lock:
            self._keep(key, made, len(made) + key_bytes)
        return made

    def _keep(self, key: Key, made: bytes, size: int) -> None:
        while self._held + size > self._most and self._known:
            oldest, (_, its_size, used) = next(iter(self._known.items()))
            if used >= self._round - 1:
                return
            del self._known[oldest]
            self._held -= its_size
        if key not in self._known and self._held + size <= self._most:
            self._known[key] = made, size, self._round
            self._held += size
