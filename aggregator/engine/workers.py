"""Worker processes for strangers' bytes: each task killed at its time limits, held to its memory.

Pebble's pool, because a hanging task must be killed and a crash must cost one task only; the
standard library's pool can do neither (a crash breaks it whole).
"""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from aggregator.engine.task_limits import CPU_SPENT, failed, run_bounded
from aggregator.errors import (
    AggregatorError,
    WorkerCrashed,
    WorkerError,
    WorkerMemory,
    WorkerTimeout,
    WorkerUnavailable,
)
from aggregator.model import TaskLimits
from aggregator.sanitize import allow_pictures_in
from aggregator.urls import use_tracking_parameters
from aggregator.urls.networks import Allowed

T = TypeVar("T")

# A worker is replaced after so many tasks: caches of extraction libraries grow without bound.
_TASKS_PER_WORKER = 1000
# Tasks in the pool a worker: it always has the next one, and what goes ahead is soon done.
_QUEUED = 3
# Imported once by the server process that workers are forked from. All that a worker needs must be
# among them: a worker that starts after an upgrade on disk must not mix old modules with new ones.
_PRELOADED = [
    "aggregator.parse.feed",
    "aggregator.extract.article",
    "aggregator.dedupe.readings",
    __name__,
]
# Service managers, containers and terminals may send these to every process there is. Only the
# daemon decides what they mean: it drains, and its workers have to live for that.
_FOR_THE_DAEMON = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class _WorkerProcess(ForkServerProcess):
    """A worker's process; what ends it is a signal that nobody can send by mistake."""

    def terminate(self) -> None:
        """End it at once: it holds nothing that another one could miss."""
        self.kill()


class _WorkerContext(ForkServerContext):
    """Context in which the pool starts its processes."""

    Process = _WorkerProcess


class ProcessWorkers:
    """Implements :class:`aggregator.ports.Workers` with ``count`` processes (0: one per core).

    ``tracking`` is what the operator says of query parameters, ``allowed`` of networks. Processes
    start with the first task.
    """

    def __init__(
        self, count: int, tracking: Sequence[str] = (), allowed: Sequence[Allowed] = ()
    ) -> None:
        self._count = count or os.cpu_count() or 1
        self._wishes = (tuple(tracking), tuple(allowed))
        self._context = _WorkerContext()
        self._context.set_forkserver_preload(_PRELOADED)
        self._pool = self._new_pool()
        self._waiting: set[ProcessFuture[Any]] = set()
        self._places = asyncio.Semaphore(_QUEUED * self._count)

    async def run(
        self,
        function: Callable[..., T],
        *args: object,
        limits: TaskLimits,
        ahead: bool = False,
        **named: object,
    ) -> T:
        """See :class:`aggregator.ports.Workers`."""
        async with nullcontext() if ahead else self._places:
            return await self._run(function, *args, limits=limits, **named)

    async def _run(
        self, function: Callable[..., T], *args: object, limits: TaskLimits, **named: object
    ) -> T:
        pool, name = self._pool, function.__name__
        try:
            future = pool.schedule(
                run_bounded,
                args=(limits, function, *args),
                kwargs=named,
                timeout=limits.wall.total_seconds(),
            )
        except RuntimeError as error:  # what pebble raises for a pool that has failed
            self._replace(pool)
            raise _unavailable(name, "could not be started") from error
        self._waiting.add(future)
        try:
            return await asyncio.wrap_future(future)
        except FutureTimeout as error:
            raise _late(name, limits) from error
        except MemoryError as error:
            raise WorkerMemory(
                f"{name} exceeded its memory limit",
                hint=f"{limits.section}.memory sets the limit",
            ) from error
        except ProcessExpired as error:
            raise _dead(name, limits, error) from error
        except BrokenProcessPool as error:
            self._replace(pool)
            raise _unavailable(name, "broke down") from error
        except asyncio.CancelledError:
            if future.cancelled() and pool is not self._pool:
                raise _unavailable(name, "were replaced") from None
            raise
        except AggregatorError:
            raise
        except Exception as error:  # a result that cannot be pickled or restored
            raise failed(name, error) from error
        finally:
            self._waiting.discard(future)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._count,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_prepare_worker,
            initargs=self._wishes,
            context=self._context,
        )

    def _replace(self, broken: ProcessPool) -> None:
        """A pool that failed as a whole answers nothing more: what waits for it must not hang."""
        if broken is not self._pool:
            return
        self._pool = self._new_pool()
        for future in list(self._waiting):
            future.cancel()  # type: ignore[no-untyped-call]
        broken.stop()  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> Self:
        _start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)
        # On a busy machine the pool may end before it has told who waits for a task that it killed.
        for future in list(self._waiting):
            future.cancel()  # type: ignore[no-untyped-call]


def _unavailable(name: str, what: str) -> WorkerUnavailable:
    return WorkerUnavailable(
        f"the processes that run {name} {what}",
        hint="look at this machine's free memory, and its limits on processes and open files",
    )


def _late(name: str, limits: TaskLimits) -> WorkerTimeout:
    """Past the limit by the clock, which only a machine with much else to do reaches first."""
    hint = f"{limits.section}.timeout sets the limit"
    if limits.cpu:
        hint += f": {limits.wall / limits.cpu:g} times that by the clock"
    return WorkerTimeout(
        f"{name} took more than {limits.wall.total_seconds():g} s and was killed", hint=hint
    )


def _dead(name: str, limits: TaskLimits, error: ProcessExpired) -> WorkerError:
    """The error that the death of the process that ran ``name`` means."""
    if error.exitcode == -CPU_SPENT and limits.cpu is not None:
        return WorkerTimeout(
            f"{name} took {limits.cpu.total_seconds():g} s of CPU and was killed",
            hint=f"{limits.section}.timeout sets the limit",
        )
    hint = ""
    if error.exitcode == -signal.SIGABRT:  # what compiled code does that is refused memory
        hint = f"it may have asked for more than {limits.section}.memory"
    return WorkerCrashed(f"the process that ran {name} died: {error}", hint=hint)


def _prepare_worker(tracking: Sequence[str], allowed: Sequence[Allowed]) -> None:
    _end_with_the_parent()
    use_tracking_parameters(tracking)
    allow_pictures_in(allowed)
    for number in _FOR_THE_DAEMON:
        signal.signal(number, signal.SIG_IGN)


def _start_server() -> None:
    """Start the process that workers are forked from, deaf to what is sent to all processes.

    What is blocked here while it starts stays blocked there, and in all that it forks, from the
    first moment on. Without it, the end of every worker would be told.
    """
    resource_tracker.ensure_running()  # which unblocks signals when it starts
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_THE_DAEMON)
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _end_with_the_parent() -> None:
    """Have the kernel end this process when its parent, which would kill it at its limit, is gone.

    Idle workers see that by themselves; a hanging task may never let Python run again. The end of
    the parent's side of a pipe raises SIGIO, which ends a process (on Linux; elsewhere a worker
    ends with its task).
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
