"""Threads for libraries that block: so many at once, each given up after a time.

A thread cannot be ended from outside: one that hangs keeps its place until it ends by itself, and the
process does not wait for it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class BoundedThreads:
    """At most ``most`` calls at once, each waited for ``patience`` seconds."""

    def __init__(self, name: str, most: int, patience: float) -> None:
        self._name = name
        self._places = asyncio.Semaphore(most)
        self._patience = patience

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work()``, or what it raises. ``TimeoutError`` when it takes too long, or no place is free."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._patience):
            await self._places.acquire()
        result: asyncio.Future[T] = loop.create_future()
        ended = self._places.release

        def run() -> None:
            try:
                value = work()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                _call(loop, _fail, result, error)
            else:
                _call(loop, _end, result, value)
            finally:
                _call(loop, ended)

        threading.Thread(target=run, name=self._name, daemon=True).start()
        async with asyncio.timeout(self._patience):
            return await result


def _call(loop: asyncio.AbstractEventLoop, what: Callable[..., object], *args: object) -> None:
    try:
        loop.call_soon_threadsafe(what, *args)
    except RuntimeError:  # the loop has ended, and nobody waits
        return


def _end(result: asyncio.Future[T], value: T) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: asyncio.Future[T], error: BaseException) -> None:
    if not result.done():
        shown = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        result.set_exception(shown)
