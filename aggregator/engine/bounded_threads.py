"""Threads for libraries that block: so many at once, each given up after a time.

A thread cannot be ended from outside. One that hangs gives its place to others, and goes on until it ends by
itself; what it was for is not tried again before that, so that each thing holds one thread at most. The
process does not wait for it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class BoundedThreads:
    """At most ``most`` calls at once, each waited for ``patience`` seconds."""

    def __init__(self, name: str, most: int, patience: float) -> None:
        self._name = name
        self._places = asyncio.Semaphore(most)
        self._patience = patience
        self._hanging: dict[asyncio.Event, Hashable] = {}  # threads nobody waits for any more

    async def run(self, work: Callable[[], T], what: Hashable) -> T:
        """The result of ``work()``, or what it raises.

        ``TimeoutError`` when it takes too long, no place is free, or a former call for the same ``what`` hangs.
        """
        async with asyncio.timeout(self._patience):
            await self._places.acquire()
        try:
            if what in self._hanging.values():
                raise TimeoutError
            return await self._waited_for(work, what)
        finally:
            self._places.release()

    async def _waited_for(self, work: Callable[[], T], what: Hashable) -> T:
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        ended = asyncio.Event()

        def run() -> None:
            try:
                tell = partial(_end, result, work())
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                tell = partial(_fail, result, error)
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(self._over, ended, tell)

        threading.Thread(target=run, name=self._name, daemon=True).start()
        try:
            async with asyncio.timeout(self._patience):
                return await result
        finally:
            if not ended.is_set():
                self._hanging[ended] = what

    def _over(self, ended: asyncio.Event, tell: Callable[[], None]) -> None:
        ended.set()
        self._hanging.pop(ended, None)
        tell()


def _end(result: asyncio.Future[T], value: T) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: asyncio.Future[T], error: BaseException) -> None:
    if not result.done():
        shown = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        result.set_exception(shown)
