"""This process's view of its own network: the one thing that polls tell each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aggregator.config.choices import own_intervals
from aggregator.config.config import Config
from aggregator.flow.name_watch import NameWatch
from aggregator.model import PollResult
from aggregator.ports import FeedStore
from aggregator.schedule.outage import (
    PROBE_EVERY,
    SPREAD,
    Network,
    Reach,
    Silence,
    hosts_of,
    reach,
    spread,
)

log = structlog.get_logger("aggregator")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The end of one poll, so far as it says something of the network."""

    feed_id: int
    host: str
    reach: Reach
    was_well: bool  # at its last poll
    failures: int  # in a row, before this poll
    result: PollResult
    began: datetime


class NetworkWatch:
    """Holds the :class:`~aggregator.schedule.outage.Network` of the moment; decides nothing itself."""

    def __init__(self) -> None:
        self._seen = Network()
        self.names = NameWatch()
        self._hosts: tuple[Config, int] | None = None
        self._probed_at: datetime | None = None
        self._ending = False
        self._ever_heard = False
        self._suspected = False
        self._under_way = 0
        self.single_run = False
        """Everything due is tried once, in an outage too, and nothing is put off after it."""

    @property
    def down_since(self) -> datetime | None:
        """The beginning of the outage that lasts; None: there is none."""
        return self._seen.down_since

    @property
    def down(self) -> bool:
        """True while no host answers."""
        return self._seen.down

    def to_blame_since(self, error: Exception, began: datetime, now: datetime) -> datetime | None:
        """The beginning of the outage of ours that a request met which ``began`` then; None: none."""
        reached = reach(error)
        if self.down_since is not None and reached.silent:
            return self.down_since
        return self.names.to_blame_since(began, now) if reached is Reach.UNRESOLVED else None

    def may_probe(self, now: datetime) -> bool:
        """True when feeds may be asked: always, but in an outage only one a minute."""
        since, last = self._seen.down_since, self._probed_at
        if self.single_run:
            return True
        if since is None:
            # A suspicion is cleared by what is under way, not by asking ever more in vain.
            return not self._suspected or not self._under_way
        if last is not None and timedelta(0) <= now - last < PROBE_EVERY:
            return False
        self._probed_at = now
        return True

    def answered(self) -> None:
        """Note, while a poll goes on, that something answered; an outage ends when it is stored."""
        if not self.down:
            self.heard()

    async def observe(
        self, attempt: Attempt, config: Config, store: FeedStore, now: datetime
    ) -> None:
        """Once a poll is stored: tell an outage, or an outage's end, from the ``attempt``.

        ``store`` forgives the feeds that are not to blame, and spreads what fell due meanwhile.
        """
        self._miss_name(attempt, config, now)
        await self.names.look(config, store, now)
        interval = config.settings.schedule.min_interval
        if attempt.reach is Reach.ANSWERED:
            if self.begin_end():
                log.warning("the network is back", down_since=self.down_since)
                try:
                    # Before feeds are claimed as usual: all that fell due would come at once.
                    await store.spread_due(now, interval, own_intervals(config))
                finally:
                    self.heard()
            elif self.single_run or not self.down:
                self.heard()
            return
        was_down, silent = self.down, attempt.reach.silent
        innocent = self.missed(attempt, config, now) if silent else self.judge(config, now)
        if self.down and not was_down:
            log.warning("no host answers", hint="is the network up? No feed is blamed for it")
        if innocent:
            await store.forgive(spread(innocent, now + min(interval, SPREAD), interval))

    def _miss_name(self, attempt: Attempt, config: Config, now: datetime) -> None:
        """Note a name that no server answered, of a feed that was well before."""
        if attempt.reach is not Reach.UNRESOLVED or attempt.result is PollResult.OFFLINE:
            return
        if not attempt.failures and (attempt.was_well or not self._ever_heard):
            self.names.missed(config, attempt.feed_id, attempt.host, attempt.began, now)

    def missed(self, attempt: Attempt, config: Config, now: datetime) -> Sequence[int]:
        """Note a poll that nobody answered.

        Returns the feeds against which a failure was counted that is not theirs: all of the row
        when it is now long enough to be an outage. Only feeds that were well before count, and as
        long as this process has heard nothing, those that never failed: an operator's list of
        dead addresses is no outage.
        """
        if attempt.failures or (self._ever_heard and not attempt.was_well):
            return ()
        self._seen = self._seen.missed(
            Silence(
                attempt.feed_id, attempt.host, now, unresolved=attempt.reach is Reach.UNRESOLVED
            )
        )
        if self._seen.down:
            return () if attempt.result is PollResult.OFFLINE else (attempt.feed_id,)
        return self.judge(config, now)

    def judge(self, config: Config, now: datetime) -> Sequence[int]:
        """Tell whether it is an outage now; return what :meth:`missed` does."""
        if self._seen.down or not self._seen.silent:
            return ()
        hosts = self._hosts_in(config)
        self._suspected = self._seen.suspects(hosts)
        self._seen = self._seen.judged(hosts, self._under_way, now)
        if not self._seen.down:
            return ()
        self._probed_at = now
        return tuple(dict.fromkeys(one.feed_id for one in self._seen.silent))

    def heard(self) -> None:
        """Something answered: an outage, if there was one, is over."""
        self._seen = self._seen.heard()
        self._ending = self._suspected = False
        self._ever_heard = True

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count a poll as under way while the block runs."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def begin_end(self) -> bool:
        """True for the first caller that sees the outage end; it must spread the backlog."""
        first = self._seen.down and not self._ending and not self.single_run
        self._ending = self._seen.down
        return first

    def _hosts_in(self, config: Config) -> int:
        if self._hosts is None or self._hosts[0] is not config:
            self._hosts = (config, hosts_of(feed.url for feed in config.feeds))
        return self._hosts[1]
