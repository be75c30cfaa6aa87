"""Waiting for what has to happen, for as long as a busy machine may need.

``TESTS_PATIENCE`` multiplies every limit: 1 serves an ordinary machine, 5 a crowded one. A limit
only ends a test that hangs; what is waited for ends the wait, so patience costs nothing.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

FACTOR = float(os.environ.get("TESTS_PATIENCE") or 1)
PATIENCE_S = 60 * FACTOR
TEST_LIMIT_S = 300 * FACTOR  # for a whole test, with its fixtures
_PAUSE_S = 0.01


def patience() -> asyncio.Timeout:
    """A limit for a wait: ``async with patience(): …`` raises :class:`TimeoutError` after it."""
    return asyncio.timeout(PATIENCE_S)


async def until(true: Callable[[], object], what: str = "it") -> None:
    """Return as soon as ``true()``; for what gives no event to wait for.

    Raises :class:`AssertionError`, which names ``what``, when patience ends.
    """
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        await asyncio.sleep(_PAUSE_S)


def wait_until(true: Callable[[], object], what: str = "it") -> None:
    """:func:`until` for a test without an event loop."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(_PAUSE_S)


async def turns(count: int = 20) -> None:
    """Let every task of this loop that can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)
