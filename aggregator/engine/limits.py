"""One task in a worker, within its limits on CPU time and memory.

Both are the kernel's: whatever a task does, in Python or in compiled code, it cannot go on.
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable
from typing import TypeVar

from aggregator.model import TaskLimits

T = TypeVar("T")

# Nobody handles it, so it ends the process. A handler that raises would end the task only: but not
# while compiled code runs, and libraries catch what is raised in them.
CPU_SPENT = signal.SIGPROF
_ASSUMED = 1 << 30  # bytes a worker holds, where the system does not say


def run_bounded(
    limits: TaskLimits, function: Callable[..., T], *args: object, **named: object
) -> T:
    """``function(*args, **named)``; :class:`MemoryError` when it wants more memory than it may.

    A process that takes more CPU time dies of ``CPU_SPENT``.
    """
    signal.signal(CPU_SPENT, signal.SIG_DFL)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (_at_most(_held() + limits.memory, before[1]), before[1])
    )
    if limits.cpu is not None:
        signal.setitimer(signal.ITIMER_PROF, limits.cpu.total_seconds())
    try:
        return function(*args, **named)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _at_most(wanted: int, hard: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _held() -> int:
    """The address space of this process, in bytes: what it has, not what it uses."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - for every task
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return _ASSUMED
