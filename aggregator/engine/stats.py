"""What an engine has done so far, counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.model import PollOutcome, PollResult


@dataclass(slots=True)
class EngineStats:
    """Counts since the engine started; grows as work is done."""

    unchanged: int = 0
    updated: int = 0
    failed: int = 0
    postponed: int = 0  # not asked: the host rests
    new_entries: int = 0
    changed_entries: int = 0
    articles: int = 0
    articles_failed: int = 0
    settled: int = 0
    new_stories: int = 0
    published: int = 0
    failures: dict[int, str] = field(default_factory=dict)  # feed id → what went wrong

    @property
    def polled(self) -> int:
        """Polls that ended."""
        return self.unchanged + self.updated + self.failed

    def count_poll(self, outcome: PollOutcome) -> None:
        """Count one poll's outcome."""
        if outcome.result in (PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE):
            self.failed += 1
            self.failures[outcome.feed_id] = outcome.error or outcome.result.value
        elif outcome.result is PollResult.POSTPONED:
            self.postponed += 1
        elif outcome.result is PollResult.PUSHED:
            pass  # its entries count; nobody was asked
        elif outcome.result is PollResult.UPDATED:
            self.updated += 1
        else:
            self.unchanged += 1
        self.new_entries += len(outcome.delta.new)
        self.changed_entries += len(outcome.delta.changed)

    def in_words(self) -> Iterator[str]:
        """The summary that ``aggregator once`` prints, line by line."""
        yield (
            f"feeds: {self.polled} polled, {self.updated} updated, "
            f"{self.unchanged} unchanged, {self.failed} failed"
        )
        yield f"entries: {self.new_entries} new, {self.changed_entries} changed"
        yield f"articles: {self.articles} extracted, {self.articles_failed} not to be had"
        duplicates = self.settled - self.new_stories
        yield f"stories: {self.new_stories} new; {duplicates} entries joined or updated one"
        yield f"published: {self.published} items over all outputs"
        for error in self.failures.values():
            yield f"failed: {error}"
