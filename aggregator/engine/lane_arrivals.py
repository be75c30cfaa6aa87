"""Pieces of work that arrived for a lane, and who waits until they are done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Arrivals(Generic[T]):
    """Pieces for a :class:`~aggregator.engine.lane.Lane` that come by themselves.

    ``key_of`` tells pieces apart.
    """

    def __init__(self, key_of: Callable[[T], Hashable]) -> None:
        self._key_of = key_of
        self._waiting: deque[T] = deque()
        self._ends: dict[Hashable, asyncio.Event] = {}

    @property
    def waiting(self) -> Sequence[T]:
        """Pieces that no slot of the lane was free for yet."""
        return tuple(self._waiting)

    async def work_through(self, pieces: Sequence[T], wake: Callable[[], None]) -> None:
        """Give ``pieces`` to the lane, which ``wake`` wakes, and wait until each is over."""
        ends = [self._ends.setdefault(self._key_of(one), asyncio.Event()) for one in pieces]
        self._waiting.extend(pieces)
        wake()
        for end in ends:
            await end.wait()

    async def claim(self, free: int) -> list[T]:
        """Pieces for the free slots, the first that came."""
        return [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]

    def drop(self, pieces: Collection[T]) -> None:
        """Forget those of ``pieces`` that wait: they are over."""
        lost = {id(piece) for piece in pieces}
        dropped = [one for one in self._waiting if id(one) in lost]
        self._waiting = deque(one for one in self._waiting if id(one) not in lost)
        for one in dropped:
            self.over(one)

    def over(self, piece: T) -> None:
        """Nobody works on ``piece`` any more, however it ended."""
        if end := self._ends.pop(self._key_of(piece), None):
            end.set()
