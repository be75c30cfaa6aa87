"""Politeness by host: one request at a time, a gap between two, a rest after "too many requests".

A host is its name, whatever the scheme and the port: what a publisher feels is one machine or one
operator. Feeds and articles share a host's turns.

:class:`HostGate` keeps this for one process. The client needs only its two methods, :meth:`turn`
and :meth:`cool`, so a gate that also asks a shared database (a row per host with "free at" and a
lease) can stand in its place: it wraps this one and reserves the row between the local turn and
the slot.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

PATIENCE = 60.0
"""A rest longer than this (seconds) is not waited for: the caller is told to come back later."""


class HostCooling(Exception):
    """The host asked for a rest that is not over for another ``seconds``."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} rests for another {seconds:.0f} s")
        self.host = host
        self.seconds = seconds


class Handle(Protocol):
    """A call to come."""

    def cancel(self) -> None:
        """Do not make it."""
        ...


class Timer(Protocol):
    """Monotonic time and calls at a time; an asyncio event loop is one."""

    def time(self) -> float:
        """Seconds since some moment."""
        ...

    def call_at(self, when: float, callback: Callable[..., Any], /, *args: Any) -> Handle:
        """Call ``callback(*args)`` at ``when``."""
        ...


class Gate(Protocol):
    """What the client needs."""

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """Wait for the host's turn and a slot, and hold both. Raises :class:`HostCooling`."""
        ...

    def cool(self, host: str, seconds: float) -> None:
        """No requests to ``host`` for that long."""
        ...


class _Line:
    """The queue in front of one host."""

    __slots__ = ("busy", "free_at", "handle", "waiters")

    def __init__(self) -> None:
        self.busy = False
        self.free_at = float("-inf")
        self.waiters: deque[asyncio.Future[None]] = deque()
        self.handle: Handle | None = None


class HostGate:
    """First come, first served at each host; waiting for a host takes no global slot.

    ``gap`` (seconds) is counted from the end of the previous exchange. ``concurrency`` bounds the
    exchanges under way over all hosts. A host without a queue is forgotten when its gap or rest is
    over, so memory is bounded by the hosts in use.
    """

    def __init__(self, *, gap: float, concurrency: int, timer: Timer) -> None:
        self._gap = gap
        self._timer = timer
        self._slots = asyncio.Semaphore(concurrency)
        self._lines: dict[str, _Line] = {}
        self._idle: list[tuple[float, str]] = []  # heap: when a line may be forgotten

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._lines)

    def turn(self, host: str) -> _Turn:
        """Hold the host's turn and a global slot; :class:`HostCooling` instead of a long wait."""
        return _Turn(self, host)

    async def _enter(self, host: str) -> _Line:
        line = await self._take_turn(host)
        try:
            await self._slots.acquire()
        except BaseException:
            self._give_back(host, line, gap=0.0)  # no request was made
            raise
        return line

    def _leave(self, host: str, line: _Line) -> None:
        self._slots.release()
        self._give_back(host, line, gap=self._gap)

    def cool(self, host: str, seconds: float) -> None:
        """No requests to ``host`` for ``seconds``; who would wait too long is sent away."""
        line = self._lines.get(host)
        if line is None:
            line = self._lines[host] = _Line()
        now = self._timer.time()
        line.free_at = max(line.free_at, now + seconds)
        if line.free_at - now > PATIENCE:
            for waiter in line.waiters:
                if not waiter.done():
                    waiter.set_exception(HostCooling(host, line.free_at - now))
            line.waiters.clear()
        if not line.busy:
            self._settle(host, line, now)

    async def _take_turn(self, host: str) -> _Line:
        now = self._timer.time()
        self._forget(now)
        line = self._lines.get(host)
        if line is None:
            line = self._lines[host] = _Line()
        if line.free_at - now > PATIENCE:
            raise HostCooling(host, line.free_at - now)
        if line.busy or line.waiters or line.free_at > now:
            await self._queue(host, line, now)
        else:
            line.busy = True
        return line

    async def _queue(self, host: str, line: _Line, now: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiters.append(waiter)
        self._settle(host, line, now)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give_back(host, line, gap=0.0)  # the turn had come, nobody uses it
            raise

    def _give_back(self, host: str, line: _Line, *, gap: float) -> None:
        now = self._timer.time()
        line.busy = False
        line.free_at = max(line.free_at, now + gap)
        self._settle(host, line, now)

    def _settle(self, host: str, line: _Line, now: float) -> None:
        """A line that is not busy: serve it, plan to serve it, or plan to forget it."""
        while line.waiters and line.waiters[0].done():
            line.waiters.popleft()  # cancelled while waiting
        if line.busy:
            return
        if not line.waiters:
            heapq.heappush(self._idle, (line.free_at, host))
            self._forget(now)
        elif line.free_at <= now:
            line.busy = True
            line.waiters.popleft().set_result(None)
        elif line.handle is None:
            line.handle = self._timer.call_at(line.free_at, self._wake, host, line)

    def _wake(self, host: str, line: _Line) -> None:
        line.handle = None
        self._settle(host, line, self._timer.time())  # a rest may have grown meanwhile

    def _forget(self, now: float) -> None:
        while self._idle and self._idle[0][0] <= now:
            _, host = heapq.heappop(self._idle)
            line = self._lines.get(host)
            if line is not None and not (line.busy or line.waiters) and line.free_at <= now:
                del self._lines[host]


class _Turn:
    """One turn, as a context. A class: a generator would cost more than the rest of the gate."""

    __slots__ = ("_gate", "_host", "_line")

    def __init__(self, gate: HostGate, host: str) -> None:
        self._gate = gate
        self._host = host

    async def __aenter__(self) -> None:
        self._line = await self._gate._enter(self._host)  # noqa: SLF001 — the gate's own part

    async def __aexit__(self, *_: object) -> None:
        self._gate._leave(self._host, self._line)  # noqa: SLF001 — the gate's own part
