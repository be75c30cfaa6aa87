"""Reconcile wanted WebSub subscriptions with the stored ones."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)

from aggregator.model import SubscriptionState
from aggregator.store.db.chunks import chunks
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.row_locks import lock_where
from aggregator.store.db.tables import feeds, subscriptions
from aggregator.store.websub.due_polls import poll_again

_BATCH = 500  # of what a configuration changes at once; the rest follows at the next look
_SECRET_BYTES = 32

_WANTED = and_(
    feeds.c.active, not_(feeds.c.gone), not_(feeds.c.paused), feeds.c.hub_url.is_not(None)
)
_SAME = and_(
    subscriptions.c.feed_id == feeds.c.id,
    subscriptions.c.hub == feeds.c.hub_url,
    subscriptions.c.topic == feeds.c.topic_url,
)


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
    """True when :func:`reconcile` has anything to do."""
    unwanted = select(subscriptions.c.id).where(_unwanted(base)).limit(1)
    if connection.execute(unwanted).first() is not None:
        return True
    missing = None if base is None else select(feeds.c.id).where(_missing(base)).limit(1)
    return missing is not None and connection.execute(missing).first() is not None


def reconcile(connection: Connection, base: str | None, now: datetime) -> tuple[int, int]:
    """Add wanted subscriptions and end unwanted ones; return the counts of both."""
    acquire(connection, AdvisoryLock.RECONCILE)
    lock_where(connection, subscriptions, true())
    ended = connection.execute(
        update(subscriptions)
        .where(_unwanted(base))
        .values(state=SubscriptionState.ENDING, next_at=now, failures=0)
        .returning(subscriptions.c.feed_id)
    ).all()
    # What no hub was ever asked for needs no end there.
    connection.execute(
        delete(subscriptions).where(
            subscriptions.c.state == SubscriptionState.ENDING,
            subscriptions.c.requested_at.is_(None),
        )
    )
    added = 0 if base is None else _add_missing(connection, base, now)
    for chunk in chunks(sorted({row.feed_id for row in ended})):
        poll_again(connection, chunk, now)
    return added, len(ended)


def _add_missing(connection: Connection, base: str, now: datetime) -> int:
    missing = connection.execute(
        select(feeds.c.id, feeds.c.hub_url, feeds.c.topic_url).where(_missing(base)).limit(_BATCH)
    ).all()
    for row in missing:
        key = {"feed_id": row.id, "hub": row.hub_url, "topic": row.topic_url, "base": base}
        _want(connection, key, now)
    return len(missing)


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
