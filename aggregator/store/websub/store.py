"""The store of WebSub subscriptions in SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.model import Subscription
from aggregator.ports import SubscriptionStore
from aggregator.store.db.database import Database
from aggregator.store.websub import due_polls, reconcile, subscriptions


class SqlSubscriptions(SubscriptionStore):
    """Subscriptions at hubs over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reconcile(self, base: str | None, now: datetime) -> tuple[int, int]:
        """Want one for each active feed that names a hub; end the others. Counts of both."""
        if not await self._database.read(reconcile.differs, base):
            return 0, 0  # as nearly always; a writer would wait for others
        return await self._database.write(reconcile.reconcile, base, now)

    async def claim_requests(
        self, now: datetime, limit: int, retry_at: Callable[[int], datetime]
    ) -> list[Subscription]:
        """Claim up to ``limit`` subscriptions for which a hub is to be asked now."""
        if not await self._database.read(subscriptions.any_due, now):
            return []
        return await self._database.write(subscriptions.claim_requests, now, limit, retry_at)

    async def request_failed(self, subscription: Subscription, error: str) -> None:
        """Note why the request claimed as ``subscription`` failed."""
        await self._database.write(subscriptions.request_failed, subscription, error)

    async def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback holds ``token``."""
        return await self._database.read(subscriptions.by_token, token)

    async def confirm(
        self, subscription: Subscription, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> None:
        """Make a subscription active; the first time its feed becomes due."""
        await self._database.write(subscriptions.confirm, subscription, now, lease_until, renew_at)

    async def deny(
        self, subscription: Subscription, reason: str, retry_at: datetime, poll_by: datetime
    ) -> None:
        """Note the hub's refusal; the feed is polled by ``poll_by`` at the latest."""
        await self._database.write(subscriptions.deny, subscription, reason, retry_at, poll_by)

    async def drop(self, subscription: Subscription) -> None:
        """Delete a subscription that was to end."""
        await self._database.write(subscriptions.drop, subscription)

    async def poll_by(self, feed_id: int, when: datetime) -> datetime:
        """Bring the feed's next poll forward to ``when`` at the latest; return the planned time."""
        return await self._database.write(due_polls.poll_by, feed_id, when)

    async def catch_up(self, now: datetime, within: timedelta) -> int:
        """Spread polls of all feeds with an active subscription over ``within``; count them."""
        return await self._database.write(due_polls.catch_up, now, within)
