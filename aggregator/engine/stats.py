"""Counts of what an engine does, kept while it works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.model import ClaimedFeed, EngineStats, Feed, PollOutcome, PollResult

_FAILED = frozenset({PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE})
_NO_POLLS = frozenset({PollResult.PUSHED, PollResult.ARCHIVE})


_OLD = timedelta(days=1)


def lateness(claimed: ClaimedFeed, began: datetime) -> float:
    """Seconds by which a poll began late; negative for one that had no time: a page of archives, a probe."""
    planned = claimed.feed.next_poll
    if planned is None or claimed.trail is not None:
        return -1.0
    return (began - planned).total_seconds()


def delays(feed: Feed, outcome: PollOutcome) -> list[float]:
    """Seconds from publication to poll of the new entries that say when they were published.

    Of feeds that were read before, and without what is older than a day before that: archives, and what was listed late.
    """
    before = feed.last_success
    if before is None or outcome.result is PollResult.ARCHIVE:
        return []
    told = (one.entry.published for one in outcome.delta.new)
    return [
        (outcome.polled_at - at).total_seconds()
        for at in told
        if at is not None and before - _OLD <= at <= outcome.polled_at
    ]


class StatsCounter:
    """Grows as work is done; :meth:`snapshot` is what it holds now."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._failures: dict[str, str] = {}

    def add(self, **counts: int) -> None:
        """Add to fields of :class:`~aggregator.model.EngineStats`."""
        self._counts.update(counts)

    def count_poll(self, key: str, outcome: PollOutcome, named: Callable[[str], str]) -> None:
        """Count one poll of the feed ``key``; of what was pushed, or stood in archives, only the entries.

        ``named`` puts its title and address before an error.
        """
        if outcome.result in _FAILED:
            self.add(failed=1)
            self._failures[key] = named(outcome.error or outcome.result.value)
        elif outcome.result is PollResult.POSTPONED:
            self.add(postponed=1)
        elif outcome.result is PollResult.UPDATED:
            self.add(updated=1)
        elif outcome.result not in _NO_POLLS:
            self.add(unchanged=1)
        self.add(new_entries=len(outcome.delta.new), changed_entries=len(outcome.delta.changed))

    def snapshot(self, *, published: int, backlog_age: timedelta) -> EngineStats:
        """The counts so far, with the items that all outputs show, ``published`` of them."""
        return EngineStats(
            **self._counts,
            published=published,
            backlog_age=backlog_age,
            failures=dict(self._failures),
        )
