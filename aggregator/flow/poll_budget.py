"""Polls an hour kept under the operator's limit, by making the cadence's intervals longer, all alike.

The factor is found from the stored habits of feeds, now and then, by whichever process comes first; the
others take it from the store. Nothing is dropped: who is polled rarely stays the same, and so does the order.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from aggregator.config.config import Config
from aggregator.config.paces import bounds_of, paced_feed
from aggregator.model import PaceSample, StoredStretch
from aggregator.ports import PaceStore
from aggregator.schedule.expected_polls import expected_polls, stretch_for

log = structlog.get_logger("aggregator")

SAMPLE = 2000
"""Feeds from which the factor is found, where there are more."""

_FRESH = timedelta(minutes=30)
_WORTH_SAYING = 0.2  # of the factor that was said last


class PollBudget:
    """The factor that polls are planned with, as this process knows it."""

    def __init__(self) -> None:
        self.stretch = 1.0
        self._said = 1.0

    async def refresh(self, config: Config, store: PaceStore, now: datetime) -> None:
        """Take the factor from the store, or find it anew when it is old or of other settings.

        May raise :class:`~aggregator.errors.StoreError`; the factor stays then.
        """
        most = config.settings.schedule.max_polls_per_hour
        if not most:
            self.stretch = 1.0
            return
        stored, basis = await store.stretch(), _basis(config)
        if stored is not None:
            fits = stored.basis == basis
            if fits:
                self.stretch = stored.factor
            if fits and abs(now - stored.at) < _FRESH:
                self._say(most)
                return
        if not await store.begin_stretch(stored, now):
            return  # another process is at it
        sample = await store.pace_sample(SAMPLE)
        self.stretch = await asyncio.to_thread(find_stretch, config, sample, now)
        await store.set_stretch(StoredStretch(self.stretch, now, basis))
        self._say(most)

    def _say(self, most: int) -> None:
        """A line when the factor moved by much."""
        if abs(self.stretch / self._said - 1) < _WORTH_SAYING:
            return
        self._said = self.stretch
        log.info("intervals stretched", factor=round(self.stretch, 2), max_polls_per_hour=most)


def find_stretch(config: Config, sample: PaceSample, now: datetime) -> float:
    """The factor at which the sampled feeds, and all that they stand for, stay under the limit."""
    if not sample.feeds:
        return 1.0
    policy, most = bounds_of(config), config.settings.schedule.max_polls_per_hour
    feeds = [paced_feed(config, one, policy, now) for one in sample.feeds]
    standing = sample.total / len(feeds)
    found = stretch_for(feeds, policy, most, standing=standing)
    fixed = [one for one in feeds if one.is_fixed]
    if found > 1 and fixed and (own := expected_polls(fixed, policy).busiest * standing) >= most:
        log.warning(
            "more polls than allowed",
            max_polls_per_hour=most,
            fixed=round(own),
            hint="feeds with `every` or `cron`, and those that fail, are polled as ever",
        )
    return found


def _basis(config: Config) -> int:
    """A number of the settings that the factor depends on."""
    given = config.settings.schedule
    said: Sequence[object] = (
        given.max_polls_per_hour,
        given.min_interval.total_seconds(),
        given.max_interval.total_seconds(),
    )
    return zlib.crc32(repr(said).encode())
