"""One task in a worker, within its limits on CPU time and memory, and with an error that crosses.

Both limits are the kernel's: whatever a task does, in Python or in compiled code, it cannot go on.
"""

from __future__ import annotations

import pickle
import resource
import signal
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

from aggregator.errors import AggregatorError, WorkerError
from aggregator.model import TaskLimits

T = TypeVar("T")

# Nobody handles it, so it ends the process. A handler that raises would end the task only: but not
# while compiled code runs, and libraries catch what is raised in them.
CPU_SPENT = signal.SIGPROF
_ASSUMED = 1 << 30  # bytes a worker holds, where the system does not say
_MAX_TEXT = 500  # characters of an unexpected error's text that are told


def run_bounded(
    limits: TaskLimits, function: Callable[..., T], *args: object, **named: object
) -> T:
    """``function(*args, **named)``; :class:`MemoryError` when it wants more memory than it may.

    A process that takes more CPU time dies of ``CPU_SPENT``. What is raised else is an
    :class:`AggregatorError` that can be pickled: any other exception becomes a
    :class:`WorkerError` with its kind, text and place.
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
    except MemoryError:
        raise
    except BaseException as error:  # a panic of compiled Rust code is no Exception
        if isinstance(error, AggregatorError) and _crosses(error):
            raise
        raise failed(function.__name__, error) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)


def failed(name: str, error: BaseException) -> WorkerError:
    """The error that task ``name`` ended with, typed: one line, of bounded length."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception that cannot even be written
        text = "?"
    text = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
    frames = traceback.extract_tb(error.__traceback__)
    place = f", at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return WorkerError(f"{name} failed: {type(error).__name__}: {text}{place}")


def _crosses(error: AggregatorError) -> bool:
    """True when ``error`` arrives as it is in another process."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever keeps it from crossing
        return False


def _at_most(wanted: int, hard: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _held() -> int:
    """The address space of this process, in bytes: what it has, not what it uses."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - for every task
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return _ASSUMED
