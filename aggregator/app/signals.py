"""Signals, heard by a thread of their own: a process that is busy, or hangs, ends all the same.

Python's C handler writes the number of every signal to a pipe the moment it comes; a handler in Python, or
one of asyncio's, would wait until the event loop has time for it.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

log = structlog.get_logger("aggregator")

_STOP = (signal.SIGTERM, signal.SIGINT)
_CLOSED = 0  # no signal has this number
PATIENCE_S = 19.0
"""After so long a process that was asked to stop is ended, whatever it still does."""
# One request to stop can arrive twice: to the process, and to its group (timeout(1), terminals).
_ONE_REQUEST_S = 1.0


@contextmanager
def listening(
    stop: Callable[[], object],
    reload: Callable[[], object],
    *,
    patience: float = PATIENCE_S,
    one_request: float = _ONE_REQUEST_S,
) -> Iterator[None]:
    """Call ``stop`` in the event loop on SIGTERM and SIGINT, ``reload`` on SIGHUP, inside the block.

    The process ends at once, with status 1, by a second request to stop that comes later than
    ``one_request`` seconds after the first, and ``patience`` seconds after the first.
    """
    loop = asyncio.get_running_loop()
    heard, told = os.pipe()
    for end in (heard, told):
        os.set_blocking(end, False)
    before = {number: signal.signal(number, _nothing) for number in (*_STOP, signal.SIGHUP)}
    was_told = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    listener = _Listener(loop, heard, stop, reload, patience, one_request)
    thread = threading.Thread(target=listener.listen, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(was_told)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.write(told, bytes([_CLOSED]))
        thread.join()
        os.close(heard)
        os.close(told)


class _Listener:
    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        heard: int,
        stop: Callable[[], object],
        reload: Callable[[], object],
        patience: float,
        one_request: float,
    ) -> None:
        self._loop, self._heard = loop, heard
        self._stop, self._reload = stop, reload
        self._patience, self._one_request = patience, one_request
        self._asked_at: float | None = None

    def listen(self) -> None:
        """Act on what comes until the block ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._heard, selectors.EVENT_READ)
            while True:
                if not selector.select(self._left()):
                    if self._left() == 0:
                        _end("not done in time: what is left is done after the next start")
                    continue
                for number in os.read(self._heard, 64):
                    if number == _CLOSED:
                        return
                    self._act(number)

    def _left(self) -> float | None:
        """Seconds until the process is ended; None: nobody has asked."""
        if self._asked_at is None:
            return None
        return max(self._asked_at + self._patience - time.monotonic(), 0)

    def _act(self, number: int) -> None:
        now = time.monotonic()
        if number == signal.SIGHUP:
            self._call(self._reload)
        elif number not in _STOP:
            return
        elif self._asked_at is None:
            self._asked_at = now
            self._call(self._stop)
        elif now - self._asked_at >= self._one_request:
            _end("asked a second time")

    def _call(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has just been closed
            self._loop.call_soon_threadsafe(function)


def _end(reason: str) -> None:
    log.warning("stopping at once", reason=reason)
    os._exit(1)


def _nothing(_number: int, _frame: object) -> None:
    """Keeps Python from ending the process; the pipe tells what came."""
