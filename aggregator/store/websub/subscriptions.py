"""Subscriptions at hubs: what a hub is to be asked, and what follows from its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from aggregator.model import Subscription, SubscriptionState
from aggregator.store.db.tables import feeds, subscriptions
from aggregator.store.websub.due_polls import at_latest, poll_again

# ── asking ───────────────────────────────────────────────────────────────────────────────────


def any_due(connection: Connection, now: datetime) -> bool:
    """True when :func:`claim_requests` would find anything."""
    due = select(subscriptions.c.id).where(subscriptions.c.next_at <= now).limit(1)
    return connection.execute(due).first() is not None


def claim_requests(
    connection: Connection, now: datetime, limit: int, retry_at: Callable[[int], datetime]
) -> list[Subscription]:
    """Claim up to ``limit`` subscriptions for which a hub is to be asked now."""
    due = connection.execute(
        select(subscriptions.c.id, subscriptions.c.state, subscriptions.c.failures)
        .where(subscriptions.c.next_at <= now)
        .order_by(subscriptions.c.next_at)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    if not due:
        return []
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == bindparam("row_id"))
        .values(
            state=bindparam("new_state"),
            requested_at=now,
            next_at=bindparam("retry_at"),
            failures=subscriptions.c.failures + 1,
            error="the hub has not verified it",
        ),
        [
            {
                "row_id": row.id,
                "new_state": _asked_again(row.state),
                "retry_at": retry_at(row.failures + 1),
            }
            for row in due
        ],
    )
    claimed = (
        select(subscriptions, feeds.c.inside)
        .join(feeds, feeds.c.id == subscriptions.c.feed_id)
        .where(subscriptions.c.id.in_([row.id for row in due]))
        .order_by(subscriptions.c.id)
    )
    return [replace(_load(row), inside=row.inside) for row in connection.execute(claimed)]


def _asked_again(state: str) -> str:
    denied = state == SubscriptionState.DENIED
    return SubscriptionState.PENDING if denied else state


def request_failed(connection: Connection, subscription: Subscription, error: str) -> None:
    """Note why the request claimed as ``subscription`` failed."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.id == subscription.id,
            # A hub may verify what it was asked for before it answers, or fails to.
            subscriptions.c.failures == subscription.failures,
        )
        .values(error=error)
    )


# ── being answered ───────────────────────────────────────────────────────────────────────────


def by_token(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose callback holds ``token``."""
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.token == token)
    ).one_or_none()
    return _load(row) if row is not None else None


def confirm(
    connection: Connection,
    subscription: Subscription,
    now: datetime,
    lease_until: datetime,
    renew_at: datetime,
) -> None:
    """Make a subscription active, unless nobody wants it any more."""
    written = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.id == subscription.id,
            subscriptions.c.state.in_((SubscriptionState.PENDING, SubscriptionState.ACTIVE)),
        )
        .values(
            state=SubscriptionState.ACTIVE,
            lease_until=lease_until,
            next_at=renew_at,
            failures=0,
            error=None,
        )
    )
    if not written.rowcount:
        return  # meanwhile nobody wants it any more
    values: dict[str, Any] = {"pushed_until": lease_until}
    if subscription.lease_until is None or subscription.lease_until <= now:
        values["next_poll_at"] = at_latest(now)  # what came out since the last poll
    connection.execute(update(feeds).where(feeds.c.id == subscription.feed_id).values(values))


def deny(
    connection: Connection,
    subscription: Subscription,
    reason: str,
    retry_at: datetime,
    poll_by: datetime,
) -> None:
    """Note the hub's refusal; the feed is polled by ``poll_by`` at the latest."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.id == subscription.id,
            subscriptions.c.state != SubscriptionState.ENDING,
        )
        .values(
            state=SubscriptionState.DENIED,
            lease_until=None,
            next_at=retry_at,
            error=f"denied by the hub: {reason}" if reason else "denied by the hub",
        )
    )
    poll_again(connection, [subscription.feed_id], poll_by)


def drop(connection: Connection, subscription: Subscription) -> None:
    """Delete a subscription that was to end."""
    connection.execute(
        delete(subscriptions).where(
            subscriptions.c.id == subscription.id,
            subscriptions.c.state == SubscriptionState.ENDING,
        )
    )


def _load(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        feed_id=row.feed_id,
        hub=row.hub,
        topic=row.topic,
        base=row.base,
        token=row.token,
        secret=row.secret,
        state=SubscriptionState(row.state),
        lease_until=row.lease_until,
        requested_at=row.requested_at,
        failures=row.failures,
    )
