"""Costly answers: made when asked for, one at a time, and kept for a few seconds."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from math import inf
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_FRESH_S = 5.0
_MOST = 16


def _nothing(_value: object) -> int:
    """Values of which only the number is bounded."""
    return 0


class Kept(Generic[Key, Value]):
    """At most a few values by key, of so much weight together; who asks while one is being made waits for that one."""

    def __init__(
        self,
        make: Callable[[Key], Awaitable[Value]],
        fresh: float = _FRESH_S,
        most: int = _MOST,
        *,
        weigh: Callable[[Value], int] = _nothing,
        most_weight: float = inf,
    ) -> None:
        self._make = make
        self._fresh = fresh
        self._most = most
        self._weigh = weigh
        self._room = most_weight
        self._values: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._making: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """The value, as old as may be at most. Raises what making it raises, for all who wait."""
        loop = asyncio.get_running_loop()
        if self.has(key):
            return self._values[key][1]
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = loop.create_task(self._made(key))
            task.add_done_callback(lambda done: self._done(key, done))
        # Who hangs up ends the wait of nobody else.
        return await asyncio.shield(task)

    def has(self, key: Key) -> bool:
        """True where nothing needs to be made for ``key``."""
        kept = self._values.get(key)
        return kept is not None and asyncio.get_running_loop().time() - kept[0] < self._fresh

    async def _made(self, key: Key) -> Value:
        value = await self._make(key)
        self._drop(key)
        self._values[key] = (asyncio.get_running_loop().time(), value)
        self._room -= self._weigh(value)
        while len(self._values) > self._most or (self._room < 0 and len(self._values) > 1):
            self._drop(next(iter(self._values)))
        return value

    def _drop(self, key: Key) -> None:
        kept = self._values.pop(key, None)
        if kept is not None:
            self._room += self._weigh(kept[1])

    def _done(self, key: Key, task: asyncio.Task[Value]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # all who waited may be gone: nobody else asks for it then
