"""The store of our hub in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from aggregator.model import (
    Cursor,
    HubAddress,
    HubAnswer,
    HubCaps,
    HubPing,
    HubReport,
    HubRequest,
    HubSubscription,
    HubTopic,
)
from aggregator.ports import HubStore
from aggregator.store.db import tables
from aggregator.store.db.database import Database
from aggregator.store.deliveries import hub_asked, hub_pings, hub_report, hub_subscriptions
from aggregator.store.deliveries.hub_due import any_due


class SqlHub(HubStore):
    """Our hub over a :class:`Database`; each method is one transaction, after a look whether there is anything to do.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, request: HubRequest, caps: HubCaps, now: datetime) -> HubAnswer:
        """Keep a request until its callback is asked."""
        return await self._database.write(hub_asked.ask, request, caps, now)

    async def claim_requests(
        self, now: datetime, until: datetime, limit: int, busy: Collection[str]
    ) -> list[HubRequest]:
        """Up to ``limit`` requests whose callbacks are to be asked."""
        if not await self._database.read(any_due, tables.hub_requests, now):
            return []
        return await self._database.write(hub_asked.claim_requests, now, until, limit, busy)

    async def confirm(
        self, request: HubRequest, now: datetime, cursor: Cursor | None, caps: HubCaps
    ) -> HubAnswer | None:
        """Do what was asked for."""
        return await self._database.write(hub_asked.confirm, request, now, cursor, caps)

    async def retry_request(self, request: HubRequest, at: datetime | None) -> None:
        """Ask the callback again ``at`` that time, or not any more."""
        await self._database.write(hub_asked.retry_request, request, at)

    async def mark(self, output: str, head: Cursor | None, now: datetime) -> int:
        """Have all subscriptions of ``output`` told that do not know ``head``."""
        return await self._database.write(hub_subscriptions.mark, output, head, now)

    async def claim_subscriptions(
        self, now: datetime, until: datetime, limit: int, busy: Mapping[str, int], *, slow: bool
    ) -> list[HubSubscription]:
        """Up to ``limit`` subscriptions to be told."""
        if not await self._database.read(any_due, tables.hub_subscriptions, now):
            return []
        return await self._database.write(
            hub_subscriptions.claim, now, until, limit, busy, slow=slow
        )

    async def told(
        self,
        claimed: HubSubscription,
        upto: Cursor,
        now: datetime,
        *,
        more: bool,
        slow: bool,
        delivered: bool,
    ) -> None:
        """Note that the subscription knows everything up to there."""
        await self._database.write(
            hub_subscriptions.told, claimed, upto, now, more=more, slow=slow, delivered=delivered
        )

    async def failed(
        self, claimed: HubSubscription, error: str, now: datetime, at: datetime | None
    ) -> None:
        """Note a failure."""
        await self._database.write(hub_subscriptions.failed, claimed, error, now, at)

    async def postpone(self, claimed: HubSubscription, at: datetime, *, slow: bool = False) -> None:
        """Have it told ``at`` that time; nobody failed."""
        await self._database.write(hub_subscriptions.postpone, claimed, at, slow=slow)

    async def end(self, claimed: HubSubscription) -> None:
        """Nobody listens there any more."""
        await self._database.write(hub_subscriptions.end, claimed)

    async def begin(self, now: datetime) -> None:
        """Let nothing be claimed."""
        await self._database.write(hub_subscriptions.begin, now)

    async def expire(self, now: datetime) -> int:
        """Remove subscriptions whose lease is over, and what was dropped long ago."""
        if not await self._database.read(hub_subscriptions.any_over, now):
            return 0
        return await self._database.write(hub_subscriptions.expire, now)

    async def sync_topics(self, resolve: Callable[[str], HubTopic | None], now: datetime) -> int:
        """End subscriptions of topics that are none any more."""
        return await self._database.write(hub_subscriptions.sync_topics, resolve, now)

    async def announce(self, wanted: Sequence[HubAddress], now: datetime) -> None:
        """Have other hubs told of what changed."""
        if await self._database.read(hub_pings.differs, wanted):
            await self._database.write(hub_pings.announce, wanted, now)

    async def sync_hubs(self, hubs: Collection[str]) -> None:
        """Forget all other hubs."""
        await self._database.write(hub_pings.sync_hubs, hubs)

    async def claim_pings(self, now: datetime, until: datetime, limit: int) -> list[HubPing]:
        """Up to ``limit`` hubs to be told now."""
        if not await self._database.read(any_due, tables.hub_pings, now):
            return []
        return await self._database.write(hub_pings.claim, now, until, limit)

    async def pinged(
        self, claimed: HubPing, now: datetime, error: str = "", at: datetime | None = None
    ) -> None:
        """Note that a hub was told, or was not."""
        await self._database.write(hub_pings.pinged, claimed, now, error, at)

    async def report(self, now: datetime) -> HubReport:
        """Counts, for the operator."""
        return await self._database.read(hub_report.report, now)
