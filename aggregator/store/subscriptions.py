"""Subscriptions at hubs: which are wanted, which are to be asked for, how they stand."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)

from aggregator.model import Subscription, SubscriptionState
from aggregator.store.tables import feeds, subscriptions

_BATCH = 500  # of what a configuration changes at once; the rest follows at the next look
_SECRET_BYTES = 32

_WANTED = and_(feeds.c.active, not_(feeds.c.gone), feeds.c.hub_url.is_not(None))
_SAME = and_(
    subscriptions.c.feed_id == feeds.c.id,
    subscriptions.c.hub == feeds.c.hub_url,
    subscriptions.c.topic == feeds.c.topic_url,
)

# ── what is wanted ───────────────────────────────────────────────────────────────────────────


def _unwanted(base: str | None) -> ColumnElement[bool]:
    """Subscriptions that no feed asks for: of another hub, topic or address of ours, or of none."""
    living = subscriptions.c.state != SubscriptionState.ENDING
    if base is None:
        return living
    wanted = select(feeds.c.id).where(_WANTED, _SAME).exists()
    return and_(living, or_(subscriptions.c.base != base, not_(wanted)))


def _missing(base: str) -> ColumnElement[bool]:
    """Feeds that ask for a subscription and have none."""
    there = (
        select(subscriptions.c.id)
        .where(
            _SAME,
            subscriptions.c.base == base,
            subscriptions.c.state != SubscriptionState.ENDING,
        )
        .exists()
    )
    return and_(_WANTED, feeds.c.topic_url.is_not(None), not_(there))


def differs(connection: Connection, base: str | None) -> bool:
    """Whether :func:`reconcile` has anything to do."""
    unwanted = select(subscriptions.c.id).where(_unwanted(base)).limit(1)
    if connection.execute(unwanted).first() is not None:
        return True
    missing = None if base is None else select(feeds.c.id).where(_missing(base)).limit(1)
    return missing is not None and connection.execute(missing).first() is not None


def reconcile(connection: Connection, base: str | None, now: datetime) -> tuple[int, int]:
    """See :meth:`aggregator.ports.SubscriptionStore.reconcile`."""
    ended = connection.execute(
        update(subscriptions)
        .where(_unwanted(base))
        .values(state=SubscriptionState.ENDING, next_at=now, failures=0)
        .returning(subscriptions.c.feed_id)
    ).all()
    for start in range(0, len(ended), _BATCH):
        _poll_again(connection, [row.feed_id for row in ended[start : start + _BATCH]], now)
    # What no hub was ever asked for needs no end there.
    connection.execute(
        delete(subscriptions).where(
            subscriptions.c.state == SubscriptionState.ENDING,
            subscriptions.c.requested_at.is_(None),
        )
    )
    if base is None:
        return 0, len(ended)
    missing = connection.execute(
        select(feeds.c.id, feeds.c.hub_url, feeds.c.topic_url).where(_missing(base)).limit(_BATCH)
    ).all()
    for row in missing:
        key = {"feed_id": row.id, "hub": row.hub_url, "topic": row.topic_url, "base": base}
        _want(connection, key, now)
    return len(missing), len(ended)


def _want(connection: Connection, key: Mapping[str, Any], now: datetime) -> None:
    """A subscription with these columns: one that was to end lives on, else a new one."""
    fresh = {"state": SubscriptionState.PENDING, "next_at": now, "failures": 0}
    revived = connection.execute(
        update(subscriptions)
        .where(*(subscriptions.c[name] == value for name, value in key.items()))
        .values(fresh)
    )
    if not revived.rowcount:
        made = {
            "token": secrets.token_urlsafe(_SECRET_BYTES),
            "secret": secrets.token_urlsafe(_SECRET_BYTES),
        }
        connection.execute(insert(subscriptions).values({**key, **fresh, **made}))


def _poll_again(connection: Connection, feed_ids: Sequence[int], by: datetime) -> None:
    """No hub tells us of these feeds any more."""
    connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(feed_ids), feeds.c.pushed_until.is_not(None))
        .values(pushed_until=None, next_poll_at=_at_latest(by))
    )


def _at_latest(when: datetime) -> ColumnElement[datetime]:
    planned = feeds.c.next_poll_at
    return case((planned > when, literal(when, planned.type)), else_=planned)


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether :func:`claim_requests` would find anything."""
    due = select(subscriptions.c.id).where(subscriptions.c.next_at <= now).limit(1)
    return connection.execute(due).first() is not None


def claim_requests(
    connection: Connection, now: datetime, limit: int, retry_at: Callable[[int], datetime]
) -> list[Subscription]:
    """See :meth:`aggregator.ports.SubscriptionStore.claim_requests`."""
    due = connection.execute(
        select(subscriptions.c.id, subscriptions.c.state, subscriptions.c.failures)
        .where(subscriptions.c.next_at <= now)
        .order_by(subscriptions.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
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
    claimed = select(subscriptions).where(subscriptions.c.id.in_([row.id for row in due]))
    return [_load(row) for row in connection.execute(claimed.order_by(subscriptions.c.id))]


def _asked_again(state: str) -> str:
    denied = state == SubscriptionState.DENIED
    return SubscriptionState.PENDING if denied else state


def request_failed(connection: Connection, subscription: Subscription, error: str) -> None:
    """See :meth:`aggregator.ports.SubscriptionStore.request_failed`."""
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
    """See :meth:`aggregator.ports.SubscriptionStore.by_token`."""
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
    """See :meth:`aggregator.ports.SubscriptionStore.confirm`."""
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
        values["next_poll_at"] = _at_latest(now)  # what came out since the last poll
    connection.execute(update(feeds).where(feeds.c.id == subscription.feed_id).values(values))


def deny(
    connection: Connection,
    subscription: Subscription,
    reason: str,
    retry_at: datetime,
    poll_by: datetime,
) -> None:
    """See :meth:`aggregator.ports.SubscriptionStore.deny`."""
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
    _poll_again(connection, [subscription.feed_id], poll_by)


def drop(connection: Connection, subscription: Subscription) -> None:
    """See :meth:`aggregator.ports.SubscriptionStore.drop`."""
    connection.execute(
        delete(subscriptions).where(
            subscriptions.c.id == subscription.id,
            subscriptions.c.state == SubscriptionState.ENDING,
        )
    )


# ── polls ────────────────────────────────────────────────────────────────────────────────────


def poll_by(connection: Connection, feed_id: int, when: datetime) -> datetime:
    """See :meth:`aggregator.ports.SubscriptionStore.poll_by`."""
    planned: datetime | None = connection.execute(
        select(feeds.c.next_poll_at).where(feeds.c.id == feed_id).with_for_update()
    ).scalar()
    if planned is not None and planned > when:
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(next_poll_at=when))
    return planned or when


def catch_up(connection: Connection, now: datetime, within: timedelta) -> int:
    """See :meth:`aggregator.ports.SubscriptionStore.catch_up`."""
    pushed = connection.execute(
        select(feeds.c.id).where(feeds.c.active, feeds.c.pushed_until > now)
    ).scalars()
    rows = [
        {"row_id": feed_id, "poll_by": now + within * random.random()}  # noqa: S311 - it spreads load
        for feed_id in pushed
    ]
    if rows:
        connection.execute(
            update(feeds)
            .where(feeds.c.id == bindparam("row_id"), feeds.c.next_poll_at > bindparam("poll_by"))
            .values(next_poll_at=bindparam("poll_by")),
            rows,
        )
    return len(rows)


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
