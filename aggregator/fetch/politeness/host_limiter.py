"""Politeness by host: one request at a time, a gap between two, a cooldown after "too many requests".

A host is its name, whatever the scheme and the port: what a publisher feels is one machine or one
operator. Feeds, articles and robots.txt share a host's slot. A cooldown is of a *group*: the host, or
its registrable domain (:mod:`aggregator.fetch.politeness.cooldown_scope`).

:class:`HostLimiter` keeps this for one process; :class:`aggregator.fetch.politeness.shared_limiter.SharedLimiter` keeps it
between processes that share a database, with one of these inside.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.request_counts import RequestCounts

PATIENCE = 60.0
"""A cooldown longer than this (seconds) is not waited for: the caller is told to come back later."""

_MOST_SLOW = 10_000  # hosts with a gap of their own that are remembered


class CooldownActive(Exception):
    """The host is in a cooldown for another ``seconds``."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} is in a cooldown for another {seconds:.0f} s")
        self.host = host
        self.seconds = seconds


class Handle(Protocol):
    """A call to come."""

    def cancel(self) -> None:
        """Cancel the call."""
        ...


class Timer(Protocol):
    """Monotonic time and calls at a time; an asyncio event loop is one."""

    def time(self) -> float:
        """Seconds since some moment."""
        ...

    def call_at(self, when: float, callback: Callable[..., Any], /, *args: Any) -> Handle:
        """Call ``callback(*args)`` at ``when``."""
        ...


class Limiter(Protocol):
    """Host slots, as the client asks for them."""

    def slot(self, host: str, *, page: bool = False) -> AbstractAsyncContextManager[None]:
        """Acquire the host's slot and a global one, and release both at the end.

        ``page``: for a page, or the robots.txt before it. Pages and all else take turns.
        Raises :class:`CooldownActive`.
        """
        ...

    def cool_down(self, host: str, seconds: float) -> None:
        """No requests to ``host``, or to its whole domain, for that long."""
        ...

    def slow(self, host: str, gap: float) -> None:
        """At least ``gap`` seconds between two requests to ``host`` from now on."""
        ...


class _Waiters:
    """Those who wait for one host: pages and all else take turns, each first come, first served.

    A host of ten feeds whose pages waited behind all of them would show its first entry after ten gaps.
    """

    __slots__ = ("_last", "_queues")

    def __init__(self) -> None:
        self._queues: tuple[deque[asyncio.Future[None]], ...] = (deque(), deque())
        self._last = 0  # whose turn it was

    def __bool__(self) -> bool:
        """True while anybody waits; those that were cancelled meanwhile are forgotten."""
        for queue in self._queues:
            while queue and queue[0].done():
                queue.popleft()
        return any(self._queues)

    def add(self, waiter: asyncio.Future[None], *, page: bool) -> None:
        """Have ``waiter`` wait for its turn."""
        self._queues[page].append(waiter)

    def next(self) -> asyncio.Future[None]:
        """Take who is next; somebody waits."""
        other = 1 - self._last
        self._last = other if self._queues[other] else self._last
        return self._queues[self._last].popleft()

    def send_away(self, error: Callable[[], Exception]) -> None:
        """End the waiting of all of them."""
        for queue in self._queues:
            for waiter in queue:
                if not waiter.done():
                    waiter.set_exception(error())
            queue.clear()


class _Line:
    """The queue in front of one host."""

    __slots__ = ("busy", "free_at", "handle", "waiters")

    def __init__(self) -> None:
        self.busy = False
        self.free_at = float("-inf")
        self.waiters = _Waiters()
        self.handle: Handle | None = None


class HostLimiter:
    """First come, first served at each host, pages and feeds in turn; waiting for a host takes no global slot.

    ``gap`` (seconds) is counted from the end of the previous exchange. ``concurrency`` bounds the
    exchanges under way over all hosts. A host without a queue is forgotten when its gap or cooldown is
    over, so memory is bounded by the hosts in use.
    """

    def __init__(
        self,
        *,
        gap: float,
        concurrency: int,
        timer: Timer,
        scope: CooldownGroups | None = None,
        request_counts: RequestCounts | None = None,
    ) -> None:
        self._gap = gap
        self._timer = timer
        self._scope = scope or CooldownGroups()
        self._request_counts = request_counts or RequestCounts()
        self._cooldowns: dict[str, float] = {}  # group → end of its cooldown
        self._slow: dict[str, float] = {}  # host → its own gap
        self._exchanges = asyncio.Semaphore(concurrency)
        self._lines: dict[str, _Line] = {}
        self._idle: list[tuple[float, str]] = []  # heap: when a line may be forgotten
        self._cooldown_ends: list[tuple[float, str]] = []  # heap: when a cooldown may be forgotten

    def __len__(self) -> int:
        """Number of hosts and cooldowns remembered."""
        return len(self._lines) + len(self._cooldowns)

    def slot(self, host: str, *, page: bool = False) -> _Slot:
        """The host's slot and a global one; :class:`CooldownActive` instead of a long wait."""
        return _Slot(self, host, page=page)

    async def _acquire(self, host: str, *, page: bool) -> _Line:
        line = await self._acquire_host(host, page=page)
        try:
            await self._exchanges.acquire()
        except BaseException:
            self._release_host(host, line, gap=0.0)  # no request was made
            raise
        return line

    def _release(self, host: str, line: _Line) -> None:
        self._exchanges.release()
        self._release_host(host, line, gap=self.gap(host))

    def gap(self, host: str) -> float:
        """Seconds from the end of one exchange with ``host`` to the next."""
        return max(self._gap, self._slow.get(host, 0.0))

    def slow(self, host: str, gap: float) -> None:
        """At least ``gap`` seconds between two requests to ``host`` from now on."""
        if gap <= self._gap:
            self._slow.pop(host, None)
        elif host in self._slow or len(self._slow) < _MOST_SLOW:
            self._slow[host] = gap

    def cool_down(self, host: str, seconds: float) -> None:
        """No requests to ``host``, or its domain, for ``seconds``; it is written down."""
        group = self._scope.group(host)
        self._request_counts.cooled_down(group, seconds)
        self.set_cooldown(group, seconds)

    def set_cooldown(self, group: str, seconds: float) -> None:
        """No requests to ``group`` for ``seconds``; who would wait too long is sent away."""
        now = self._timer.time()
        until = max(now + seconds, self._cooldowns.get(group, now))
        self._cooldowns[group] = until
        heapq.heappush(self._cooldown_ends, (until, group))
        concerned = [one for one in self._lines.items() if self._scope.group(one[0]) == group]
        for host, line in concerned:
            self._hold(host, line, until, now)
        self._forget(now)

    def _hold(self, host: str, line: _Line, until: float, now: float) -> None:
        line.free_at = max(line.free_at, until)
        if line.free_at - now > PATIENCE:
            line.waiters.send_away(lambda: CooldownActive(host, line.free_at - now))
        if not line.busy:
            self._settle(host, line, now)

    async def _acquire_host(self, host: str, *, page: bool) -> _Line:
        now = self._timer.time()
        self._forget(now)
        line = self._lines.get(host)
        cooldown_end = self._cooldowns.get(self._scope.group(host), now) if self._cooldowns else now
        if cooldown_end - now > PATIENCE:
            raise CooldownActive(host, cooldown_end - now)
        if line is None:
            line = self._lines[host] = _Line()
        line.free_at = max(line.free_at, cooldown_end)
        if line.busy or line.waiters or line.free_at > now:
            self._request_counts.waited(host)
            await self._queue(host, line, now, page=page)
        else:
            line.busy = True
        return line

    async def _queue(self, host: str, line: _Line, now: float, *, page: bool) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiters.add(waiter, page=page)
        self._settle(host, line, now)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release_host(host, line, gap=0.0)  # the slot was acquired, nobody uses it
            raise

    def _release_host(self, host: str, line: _Line, *, gap: float) -> None:
        now = self._timer.time()
        line.busy = False
        line.free_at = max(line.free_at, now + gap)
        self._settle(host, line, now)

    def _settle(self, host: str, line: _Line, now: float) -> None:
        """A line that is not busy: serve it, plan to serve it, or plan to forget it."""
        if line.busy:
            return
        if not line.waiters:
            heapq.heappush(self._idle, (line.free_at, host))
            self._forget(now)
        elif line.free_at <= now:
            line.busy = True
            line.waiters.next().set_result(None)
        elif line.handle is None:
            line.handle = self._timer.call_at(line.free_at, self._wake, host, line)

    def _wake(self, host: str, line: _Line) -> None:
        line.handle = None
        self._settle(host, line, self._timer.time())  # a cooldown may have grown meanwhile

    def _forget(self, now: float) -> None:
        while self._idle and self._idle[0][0] <= now:
            _, host = heapq.heappop(self._idle)
            line = self._lines.get(host)
            if line is not None and not (line.busy or line.waiters) and line.free_at <= now:
                del self._lines[host]
        while self._cooldown_ends and self._cooldown_ends[0][0] <= now:
            _, group = heapq.heappop(self._cooldown_ends)
            if self._cooldowns.get(group, now + 1.0) <= now:
                del self._cooldowns[group]


class _Slot:
    """One slot, as a context. A class: a generator would cost more than all else here."""

    __slots__ = ("_host", "_limiter", "_line", "_page")

    def __init__(self, limiter: HostLimiter, host: str, *, page: bool) -> None:
        self._limiter = limiter
        self._host = host
        self._page = page

    async def __aenter__(self) -> None:
        self._line = await self._limiter._acquire(self._host, page=self._page)  # noqa: SLF001 — the limiter's own part

    async def __aexit__(self, *_: object) -> None:
        self._limiter._release(self._host, self._line)  # noqa: SLF001 — the limiter's own part
