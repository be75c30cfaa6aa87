"""This process's view of its name servers."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from aggregator.config.choices import own_intervals
from aggregator.config.config import Config
from aggregator.ports import FeedStore
from aggregator.schedule.name_servers import GRACE, NameServers, Unresolved
from aggregator.schedule.outage import PROBE_EVERY, SPREAD, needed, spread
from aggregator.urls import host_of, is_address, registrable_domain

log = structlog.get_logger("aggregator")


class NameWatch:
    """Holds the :class:`~aggregator.schedule.name_servers.NameServers` of the moment.

    Time comes from the caller. :meth:`look` is to be called now and then.
    """

    def __init__(self) -> None:
        self._seen = NameServers()
        self._domains: tuple[Config, int] | None = None
        self._innocent: set[int] = set()
        self._told: datetime | None = None  # the beginning of the outage that the log knows
        self._over: datetime | None = None  # the end of the outage that is dealt with
        self._probed_at: datetime | None = None

    @property
    def down(self) -> bool:
        """True while no name server answers."""
        return self._seen.down_since is not None

    def answered(self, now: datetime) -> None:
        """Note that a name server has answered, if only that there is no such name."""
        self._judge(now)
        self._seen = self._seen.answered(now)

    def missed(
        self, config: Config, feed_id: int, host: str, began: datetime, now: datetime
    ) -> None:
        """Note a failure that was counted against a feed whose name got no answer."""
        self._count(config)
        domain = registrable_domain(host) or host
        self._seen = self._seen.missed(Unresolved(feed_id, domain, began, now))

    def to_blame_since(self, began: datetime, now: datetime) -> datetime | None:
        """The beginning of the outage that a poll met which ``began`` then; None: none that is known."""
        return self._seen.to_blame_since(began, now)

    def may_probe(self, now: datetime) -> bool:
        """True once a minute while they are down: a feed is asked then, due or not."""
        last = self._probed_at
        if not self.down or (last is not None and timedelta(0) <= now - last < PROBE_EVERY):
            return False
        self._probed_at = now
        return True

    async def look(
        self, config: Config, store: FeedStore, now: datetime, *, all_ended: bool = False
    ) -> None:
        """Tell an outage or its end; forgive who is not to blame, and spread what it held up.

        ``all_ended``: nothing is under way any more that could bring an answer.
        """
        self._judge(now + GRACE if all_ended else now)
        interval = config.settings.schedule.min_interval
        if self._innocent:
            innocent = sorted(self._innocent)
            await store.forgive(spread(innocent, now + min(interval, SPREAD), interval))
            self._innocent.difference_update(innocent)
        if self.down and self._told != self._seen.down_since:
            self._probed_at, self._told = now, self._seen.down_since
            log.warning(
                "no name resolves", hint="do the name servers answer? No feed is blamed for it"
            )
        if self._over != self._seen.back_at:
            self._over = self._seen.back_at
            log.warning("names resolve again", down_since=self._seen.lasted_since)
            await store.spread_due(now, interval, own_intervals(config))

    def _judge(self, now: datetime) -> None:
        if self._domains is not None and self._seen.unresolved:
            self._seen = self._seen.judged(needed(self._domains[1]), now)
            innocent, self._seen = self._seen.innocent()
            self._innocent.update(innocent)

    def _count(self, config: Config) -> None:
        if self._domains is None or self._domains[0] is not config:
            hosts = {host_of(feed.url) for feed in config.feeds}
            names = {registrable_domain(host) or host for host in hosts if not is_address(host)}
            self._domains = (config, len(names))
