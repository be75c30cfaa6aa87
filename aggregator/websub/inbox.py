"""Deliveries that wait to be taken, and those being taken: bounded, in memory.

What is lost with the process is not lost: before a delivery is accepted its feed's next poll is
brought forward (:mod:`aggregator.websub.subscriber`), and only taking it puts the poll off again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from aggregator.model import Delivery


class Inbox:
    """At most ``capacity`` bytes of documents, first in, first out."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._waiting: deque[Delivery] = deque()
        self.on_arrival: Callable[[], None] = _nobody

    def put(self, delivery: Delivery) -> bool:
        """Keep ``delivery`` and tell :attr:`on_arrival`; False when there is no room for it."""
        if self._size + len(delivery.body) > self._capacity:
            return False
        self._size += len(delivery.body)
        self._waiting.append(delivery)
        self.on_arrival()
        return True

    def take(self, limit: int) -> list[Delivery]:
        """Up to ``limit`` deliveries, which wait no more; their room is free when forgotten."""
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def forget(self, delivery: Delivery) -> None:
        """One that was taken is done with."""
        self._size -= len(delivery.body)


def _nobody() -> None:
    """Nobody waits for deliveries yet."""
