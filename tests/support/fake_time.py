"""A timer for tests: time passes when they say so."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import Any

from tests.support.patience import turns


class Call:
    """A planned call that can be cancelled."""

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.callback: Callable[..., Any] | None = callback
        self.args = args

    def cancel(self) -> None:
        self.callback = None


class FakeTime:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._calls: list[tuple[float, int, Call]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., Any], /, *args: Any) -> Call:
        call = Call(callback, args)
        heapq.heappush(self._calls, (when, next(self._order), call))
        return call

    async def pass_by(self, seconds: float) -> None:
        """Let ``seconds`` pass, making the calls on the way, and let every task act on them."""
        end = self.now + seconds
        await turns()
        while self._calls and self._calls[0][0] <= end:
            self.now, _, call = heapq.heappop(self._calls)
            if call.callback is not None:
                call.callback(*call.args)
            await turns()
        self.now = end
        await turns()
