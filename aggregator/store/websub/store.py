"""The store of subscriptions: every port method, each one transaction in a thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.model import Subscription
from aggregator.store.db.database import Database
from aggregator.store.websub import due_polls, reconcile, subscriptions


class SqlSubscriptions:
    """Implements :class:`aggregator.ports.SubscriptionStore` over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reconcile(self, base: str | None, now: datetime) -> tuple[int, int]:
        """See the port."""
        if not await self._database.read(reconcile.differs, base):
            return 0, 0  # as nearly always; a writer would wait for others
        return await self._database.write(reconcile.reconcile, base, now)

    async def claim_requests(
        self, now: datetime, limit: int, retry_at: Callable[[int], datetime]
    ) -> list[Subscription]:
        """See the port."""
        if not await self._database.read(subscriptions.any_due, now):
            return []
        return await self._database.write(subscriptions.claim_requests, now, limit, retry_at)

    async def request_failed(self, subscription: Subscription, error: str) -> None:
        """See the port."""
        await self._database.write(subscriptions.request_failed, subscription, error)

    async def by_token(self, token: str) -> Subscription | None:
        """See the port."""
        return await self._database.read(subscriptions.by_token, token)

    async def confirm(
        self, subscription: Subscription, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> None:
        """See the port."""
        await self._database.write(subscriptions.confirm, subscription, now, lease_until, renew_at)

    async def deny(
        self, subscription: Subscription, reason: str, retry_at: datetime, poll_by: datetime
    ) -> None:
        """See the port."""
        await self._database.write(subscriptions.deny, subscription, reason, retry_at, poll_by)

    async def drop(self, subscription: Subscription) -> None:
        """See the port."""
        await self._database.write(subscriptions.drop, subscription)

    async def poll_by(self, feed_id: int, when: datetime) -> datetime:
        """See the port."""
        return await self._database.write(due_polls.poll_by, feed_id, when)

    async def catch_up(self, now: datetime, within: timedelta) -> int:
        """See the port."""
        return await self._database.write(due_polls.catch_up, now, within)
