"""Metrics for Prometheus, in a registry of their own.

Labels are closed sets: results, verdicts, kinds, patterns of routes and statuses. No feed, host, output or
address is one, so that what is counted tells nothing of what is private, and there are some hundred series
however many feeds there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import generate_latest

from aggregator.model import Backlog, PollResult, SettleStats
from aggregator.observe.series import Counts, Distribution

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_LATE = (1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400)
_DELAYS = (60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800)
_ANSWERS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROUNDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class PrometheusMetrics:
    """Implements :class:`aggregator.ports.Metrics`; :meth:`text` is what is scraped."""

    def __init__(self, version: str) -> None:
        self._registry = own = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=own)
        Gauge("aggregator_build_info", "The release.", ["version"], registry=own).labels(
            version
        ).set(1)
        self._polls = Counts("aggregator_polls", "Polls that ended.", ["result"])
        self._late = Distribution(
            "aggregator_poll_lateness_seconds",
            "Time between when polls were due and when they began.",
            _LATE,
        )
        self._delays = Distribution(
            "aggregator_publication_delay_seconds",
            "Time between the publication of an entry, as its feed says, and the poll that found it.",
            _DELAYS,
        )
        self._extractions = Counts(
            "aggregator_extractions", "Article pages read, by verdict.", ["verdict"]
        )
        self._settled = Counts(
            "aggregator_settled_entries",
            "Entries that were given a story, by the rule that joined them; `new` began one.",
            ["rule"],
        )
        self._deliveries = Counts(
            "aggregator_deliveries",
            "Messages to subscribers, by road and result.",
            ["road", "result"],
        )
        self._rounds = Distribution(
            "aggregator_publish_duration_seconds",
            "Time to render the outputs that changed.",
            _ROUNDS,
            ["result"],
        )
        self._answers = Distribution(
            "aggregator_http_request_duration_seconds",
            "Time to answer requests, by route and status.",
            _ANSWERS,
            ["route", "status"],
        )
        self._lag = Distribution(
            "aggregator_event_loop_lag_seconds",
            "Time by which the event loop was late for a timer.",
            _LAGS,
        )
        self._begin()
        for series in (
            self._polls, self._late, self._delays, self._extractions, self._settled,
            self._deliveries, self._rounds, self._answers, self._lag,
        ):  # fmt: skip
            own.register(series)
        self._published_at = Gauge(
            "aggregator_last_publish_timestamp_seconds",
            "When outputs were rendered last.",
            registry=own,
        )
        self._depths = Gauge(
            "aggregator_queue_depth", "Pieces of work that wait, by kind.", ["kind"], registry=own
        )
        self._feeds = Gauge("aggregator_feeds", "Feeds, by state.", ["state"], registry=own)
        self._oldest = Gauge(
            "aggregator_oldest_unsettled_seconds",
            "Time that the entry waits which has waited longest for its story.",
            registry=own,
        )
        self._network = Gauge(
            "aggregator_network_down", "1 while no host answers: our own network.", registry=own
        )
        self._stretch = Gauge(
            "aggregator_poll_stretch_ratio",
            "Factor by which intervals are longer to keep `schedule.max_polls_per_hour`.",
            registry=own,
        )

    def _begin(self) -> None:
        """Series that are there from the start: a rate over what appears with its first count misses it."""
        for end in PollResult:
            self._polls.add((end,), 0)
        for result in ("ok", "failed"):
            self._rounds.begin((result,))
        for road in ("hub", "hub_ping", "webhook", "notification", "mail"):
            for result in ("delivered", "failed", "given_up"):
                self._deliveries.add((road, result), 0)

    def text(self) -> bytes:
        """All of it, in the text format."""
        return generate_latest(self._registry)

    def polled(self, result: PollResult, late: float, delays: Iterable[float]) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._polls.add((result,))
        if late >= 0:
            self._late.add(late)
        for delay in delays:
            self._delays.add(delay)

    def extracted(self, verdict: str) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._extractions.add((verdict,))

    def settled(self, stats: SettleStats) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        for rule, count in stats.rules:
            self._settled.add((rule,), count)

    def published(self, seconds: float, *, worked: bool) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._rounds.add(seconds, ("ok" if worked else "failed",))
        if worked:
            self._published_at.set_to_current_time()

    def delivered(self, road: str, result: str) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._deliveries.add((road, result))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._answers.add(seconds, (route, status))

    def lagged(self, seconds: float) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        self._lag.add(seconds)

    def measured(self, backlog: Backlog) -> None:
        """See :class:`aggregator.ports.Metrics`."""
        _set_all(self._depths, backlog.waiting)
        _set_all(self._feeds, backlog.feeds)
        self._oldest.set(backlog.oldest_unsettled)
        self._network.set(backlog.network_down)
        self._stretch.set(backlog.stretch)


def _set_all(gauge: Gauge, values: Mapping[str, int]) -> None:
    for name, value in values.items():
        gauge.labels(name).set(value)
