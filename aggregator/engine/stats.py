"""Counts of what an engine does, kept while it works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from aggregator.model import EngineStats, PollOutcome, PollResult

_FAILED = frozenset({PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE})
_NO_POLLS = frozenset({PollResult.PUSHED, PollResult.ARCHIVE})


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
