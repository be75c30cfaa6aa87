"""Stored entries, judged anew once other filters and rules are configured, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from aggregator.config.choices import feed_rules
from aggregator.config.config import Config
from aggregator.config.sieves import asks_something, sieve_of, waits_for_texts
from aggregator.extract.judging.need import feed_is_whole
from aggregator.flow.changes import PollContext, judged_again
from aggregator.model import JudgedEntry, RejudgedCounts
from aggregator.ports import Clock, Store

log = structlog.get_logger("aggregator")

_SLICE = 200  # entries that one transaction judges
_FEEDS = 50  # whose entries are looked for at once
_TELL_EVERY = 5000  # entries
# Ids of entries are given before these are stored: so far back one may come that was judged by what was before.
_LATE = 1000


class _Work(NamedTuple):
    """Feeds whose entries are to be judged (id → key): all, or those that ``dropped_by`` dropped."""

    feeds: Mapping[int, str]
    beyond: int = 0  # this entry's id
    dropped_by: str | None = None
    is_whole: bool = False  # all entries of the feeds are judged by what is configured then


@dataclass(slots=True)
class Rejudging:
    """A pass over the feeds whose entries were judged by what is configured no more.

    Whoever is stopped within one begins it anew with the feeds that were not judged to their end. The pass
    after the first one looks once more at what polls brought that had begun under the former configuration.
    """

    config: Config
    clock: Clock
    store: Store
    _work: list[_Work] | None = field(default=None, init=False)  # None: not begun
    _ids: list[int] = field(default_factory=list, init=False)  # of the first of it, descending
    _began: int | None = field(default=None, init=False)  # the last entry when the first pass began
    _judged: int = field(default=0, init=False)
    _counts: RejudgedCounts = field(default_factory=RejudgedCounts, init=False)
    _told: int = field(default=0, init=False)

    async def step(self) -> bool:
        """Judge some entries; False when the pass is over."""
        if self._work is None:
            self._work = list(await self._begin())
            await self._look_up()
        while self._work:
            if self._ids:
                ids = [self._ids.pop() for _ in range(min(_SLICE, len(self._ids)))]
                await self._judge(self._work[-1], ids)
                return True
            done = self._work.pop()
            if done.is_whole:
                await self.store.note_judged({one: self._terms(k) for one, k in done.feeds.items()})
            await self._look_up()
        self._tell(at_end=True)
        self._work = None
        return False

    async def _begin(self) -> Iterator[_Work]:
        feeds = await self.store.judged_feeds()
        stale = {one: key for one, key, judged_by in feeds if judged_by != self._terms(key)}
        dropped = await self.store.feeds_with_filtered()
        again, beyond = dict[int, str](), 0
        if self._began is None:
            self._began = await self.store.last_entry()
        elif self._began and asks_something(self.config):
            again = {one: key for one, key, _ in feeds if one not in stale and self._terms(key)}
            self._began, beyond = 0, max(self._began - _LATE, 1)
        return self._planned(stale, again, beyond, dropped)

    def _planned(
        self,
        stale: Mapping[int, str],
        again: Mapping[int, str],
        beyond: int,
        dropped: Sequence[tuple[int, str, str]],
    ) -> Iterator[_Work]:
        for feed_id, key, dropped_by in dropped:
            if feed_id not in stale and dropped_by != self._digest(key):
                yield _Work({feed_id: key}, dropped_by=dropped_by)
        yield from (_Work(some, beyond) for some in _parts(again))
        yield from (_Work(some, is_whole=True) for some in _parts(stale))

    async def _look_up(self) -> None:
        if self._work:
            feeds, beyond, dropped_by, _ = self._work[-1]
            found = await self.store.entry_ids(feeds.keys(), beyond, dropped_by)
            self._ids = found[::-1]

    async def _judge(self, work: _Work, ids: Sequence[int]) -> None:
        found = await self.store.judged_entries(ids, texts=waits_for_texts(self.config))
        feed_ids = {key: feed_id for feed_id, key in work.feeds.items()}
        judged = []
        for key in dict.fromkeys(one.feed_key for one in found):
            if key not in feed_ids:  # it was given another key meanwhile: the next pass finds it
                continue
            own = [one for one in found if one.feed_key == key]
            context = await self._context(feed_ids[key], own)
            judged += [one for entry in own if (one := judged_again(context, entry)) is not None]
        if judged:
            self._counts += await self.store.rejudge(judged)
        self._judged += len(found)
        self._tell()

    async def _context(self, feed_id: int, own: Sequence[JudgedEntry]) -> PollContext:
        key, rules = own[0].feed_key, feed_rules(self.config, own[0].feed_key, "")
        may_be_let_in = any(one.filtered for one in own)
        sources = await self.store.text_sources(feed_id) if may_be_let_in else []
        return PollContext(
            key,
            None,
            self.clock.now(),
            rules.extract_mode,
            feed_is_whole(sources),
            sieve=rules.sieve,
            feed_title=own[0].feed_title,
        )

    def _tell(self, *, at_end: bool = False) -> None:
        """Say how far it is, once in a while, and what came of it."""
        if self._judged < self._told + (1 if at_end else _TELL_EVERY):
            return
        self._told = self._judged
        counts = {"let_in": self._counts.let_in, "dropped": self._counts.dropped}
        log.info("filters changed", judged=self._judged, **counts, done=at_end)
        if at_end:
            self._judged, self._told, self._counts = 0, 0, RejudgedCounts()

    def _terms(self, key: str) -> str:
        sieve = sieve_of(self.config, key)
        return sieve.terms if sieve is not None else ""

    def _digest(self, key: str) -> str:
        sieve = sieve_of(self.config, key)
        return sieve.digest if sieve is not None else ""


def _parts(feeds: Mapping[int, str]) -> Iterator[Mapping[int, str]]:
    pairs = list(feeds.items())
    for start in range(0, len(pairs), _FEEDS):
        yield dict(pairs[start : start + _FEEDS])
