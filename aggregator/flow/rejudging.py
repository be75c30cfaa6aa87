"""Entries that filters dropped, judged anew once other filters and rules are configured, some at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from aggregator.config.choices import feed_rules
from aggregator.config.config import Config
from aggregator.config.sieves import sieve_of
from aggregator.extract.judging.need import feed_is_whole
from aggregator.flow.changes import PollContext, judged_again
from aggregator.model import JudgedEntry
from aggregator.ports import Clock, FeedStore
from aggregator.privacy.masking import masked

log = structlog.get_logger("aggregator")

_SLICE = 200  # entries that one transaction judges


@dataclass(slots=True)
class Rejudging:
    """A pass over the feeds whose entries were dropped by what is configured no more.

    Whoever is stopped within one begins it anew: what was judged by then is not met again.
    """

    config: Config
    clock: Clock
    store: FeedStore
    _left: list[tuple[int, str]] | None = field(default=None, init=False)  # feeds; None: not begun
    _after: int = field(
        default=0, init=False
    )  # id of the entry of the last of them that was judged

    async def step(self) -> bool:
        """Judge some entries; False when the pass is over."""
        if self._left is None:
            found = await self.store.feeds_with_filtered()
            stale = {
                (feed_id, key): None
                for feed_id, key, dropped_by in found
                if dropped_by != self._digest(key)
            }
            self._left, self._after = list(stale), 0
        if not self._left:
            self._left = None
            return False
        feed_id, key = self._left[-1]
        found_here = await self.store.filtered_entries(
            feed_id, self._digest(key), self._after, _SLICE
        )
        if found_here:
            await self._judge(feed_id, key, found_here)
            self._after = found_here[-1].id
        if len(found_here) < _SLICE:
            self._left.pop()
            self._after = 0
        return True

    async def _judge(self, feed_id: int, key: str, found: list[JudgedEntry]) -> None:
        rules = feed_rules(self.config, key, "")
        whole = feed_is_whole(await self.store.text_sources(feed_id))
        context = PollContext(
            key,
            None,
            self.clock.now(),
            rules.extract_mode,
            whole,
            sieve=rules.sieve,
            feed_title=found[0].feed_title,
        )
        judged = [judged_again(context, one)[0] for one in found]
        let_in = await self.store.rejudge(judged)
        log.info("filters changed", feed=masked(key), judged=len(judged), let_in=let_in)

    def _digest(self, key: str) -> str:
        sieve = sieve_of(self.config, key)
        return sieve.digest if sieve is not None else ""
