"""Counts and traces of the work, taken at its edges; pure stages know nothing of them.

Every method is quick, raises nothing and is called in the event loop's thread. Labels are words of closed sets:
no address, no host, no name of a feed reaches them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from aggregator.model import Backlog, PollResult, SettleStats


class Metrics(Protocol):
    """Counts and durations (seconds) of what happens."""

    def polled(self, result: PollResult, late: float, delays: Iterable[float]) -> None:
        """A poll ended that began ``late`` (negative: it had no time); ``delays`` are those of new entries from their publication."""
        ...

    def extracted(self, verdict: str) -> None:
        """A page was read: ``article``, or the name of the error in one word."""
        ...

    def settled(self, stats: SettleStats) -> None:
        """Entries were given their stories."""
        ...

    def published(self, seconds: float, *, worked: bool) -> None:
        """A round of renderings ended."""
        ...

    def delivered(self, road: str, result: str) -> None:
        """A message was sent, or not, on a kind of road: ``hub``, ``webhook``, ``notification``, ``mail`` …"""
        ...

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered, by the pattern that its path matched."""
        ...

    def lagged(self, seconds: float) -> None:
        """The event loop was late for a timer by so much."""
        ...

    def measured(self, backlog: Backlog) -> None:
        """So much waits now."""
        ...


class Span(Protocol):
    """A span that lasts."""

    def tell(self, **attributes: str) -> None:
        """Add what is known by now; it is masked."""
        ...


class Tracer(Protocol):
    """Spans of the work, one inside the other as the calls are."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Span]:
        """A span that lasts as long as the context; ``attributes`` are masked."""
        ...


class NoMetrics:
    """Counts nothing."""

    def polled(self, result: PollResult, late: float, delays: Iterable[float]) -> None:
        """See :class:`Metrics`."""

    def extracted(self, verdict: str) -> None:
        """See :class:`Metrics`."""

    def settled(self, stats: SettleStats) -> None:
        """See :class:`Metrics`."""

    def published(self, seconds: float, *, worked: bool) -> None:
        """See :class:`Metrics`."""

    def delivered(self, road: str, result: str) -> None:
        """See :class:`Metrics`."""

    def answered(self, route: str, status: int, seconds: float) -> None:
        """See :class:`Metrics`."""

    def lagged(self, seconds: float) -> None:
        """See :class:`Metrics`."""

    def measured(self, backlog: Backlog) -> None:
        """See :class:`Metrics`."""


class NoSpan:
    """A span of nothing."""

    def tell(self, **attributes: str) -> None:
        """See :class:`Span`."""


class NoTraces:
    """Traces nothing."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Span]:
        """See :class:`Tracer`."""
        del name, attributes
        return _NOTHING


_NOTHING = nullcontext[Span](NoSpan())
NO_METRICS: Metrics = NoMetrics()
NO_TRACES: Tracer = NoTraces()
