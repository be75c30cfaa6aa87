"""Feeds, totals and hosts, read from SQL; imports nothing of items and texts, so it starts fast."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from aggregator.model import FeedPlace, FeedStatus, HostStatus, Status
from aggregator.ports import Overview
from aggregator.store.db.database import Database
from aggregator.store.hosts.counts import read_hosts
from aggregator.store.reports.status import read_feeds, read_status


class SqlOverview(Overview):
    """Overview over a :class:`Database`; each method reads one consistent snapshot.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def status(
        self,
        titles: Mapping[str, str],
        categories: Mapping[str, Sequence[str]],
        limit: int | None = None,
        after: FeedPlace | None = None,
        hidden: Collection[str] = (),
        *,
        failing: bool = False,
    ) -> Status:
        """Active feeds and the totals. ``titles``/``categories``: the operator's, by feed key."""
        return await self._database.read(
            read_status, titles, categories, limit, after, hidden, failing=failing
        )

    async def feeds(self, keys: Collection[str], titles: Mapping[str, str]) -> list[FeedStatus]:
        """Those of the feeds ``keys`` that are active, by key."""
        return await self._database.read(read_feeds, keys, titles)

    async def hosts(self, now: datetime) -> list[HostStatus]:
        """Every host asked in the 24 hours before ``now``, and every cooldown; most asked first."""
        return await self._database.read(read_hosts, now)
