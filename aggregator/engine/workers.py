"""Worker processes for strangers' bytes: killed at their time limit, held to a memory limit.

Pebble's pool, because a hanging task must be killed and a crash must cost one task only; the
standard library's pool can do neither (a crash breaks it whole).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import timedelta
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from aggregator.errors import WorkerCrashed, WorkerMemory, WorkerTimeout

T = TypeVar("T")

# A worker is replaced after so many tasks: caches of extraction libraries grow without bound.
_TASKS_PER_WORKER = 1000
# Imported once by the server process that workers are forked from, so that a new one costs little.
_PRELOADED = ["aggregator.parse.feed", "aggregator.extract.article"]


class ProcessWorkers:
    """Implements :class:`aggregator.ports.Workers` with ``count`` processes.

    ``memory`` bounds each worker's address space in bytes. Processes start with the first task.
    """

    def __init__(self, count: int, memory: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._pool = ProcessPool(
            max_workers=count or os.cpu_count() or 1,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_prepare_worker,
            initargs=(memory,),
            context=context,
        )

    async def run(
        self, function: Callable[..., T], *args: object, limit: timedelta, **named: object
    ) -> T:
        """See :class:`aggregator.ports.Workers`."""
        name = function.__name__
        future = self._pool.schedule(
            function, args=args, kwargs=named, timeout=limit.total_seconds()
        )
        try:
            return await asyncio.wrap_future(future)
        except FutureTimeout as error:
            raise WorkerTimeout(
                f"{name} ran past {limit.total_seconds():g} s and was killed",
                hint="extract.timeout sets the limit",
            ) from error
        except MemoryError as error:
            raise WorkerMemory(
                f"{name} asked for more memory than it may have",
                hint="extract.memory sets the limit",
            ) from error
        except ProcessExpired as error:
            raise WorkerCrashed(f"the process that ran {name} died: {error}") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)


def _prepare_worker(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # Signals for the daemon reach its whole process group; only the daemon decides what they mean.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
