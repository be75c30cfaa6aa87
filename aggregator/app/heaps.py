"""Heaps of the C library: few of them, and what lies free in them given back.

glibc gives each thread a heap of its own, and keeps in each what was used there once. The threads of
the database took 100 MB so that nothing used.
"""

from __future__ import annotations

import asyncio
import ctypes
import os

TRIM_EVERY_S = 600.0
_ARENA_MAX = -8  # M_ARENA_MAX, mallopt(3)
_HEAPS = 2
_SAID = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")  # by which an operator has a say


def limit() -> bool:
    """Limit the heaps to two; False where the C library knows no such limit, or the operator set one."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or any(name in os.environ for name in _SAID):
        return False
    return bool(mallopt(_ARENA_MAX, _HEAPS))


def trim() -> bool:
    """Give free memory back to the system, some milliseconds of work; False where there was none, or no way."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return malloc_trim is not None and bool(malloc_trim(0))


async def trim_aside() -> None:
    """Trim in a thread: with some hundred MB it takes longer than a loop should stand still."""
    await asyncio.to_thread(trim)
