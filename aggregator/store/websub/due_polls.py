"""Polls of feeds whose news hubs tell us of: put off while they do, brought forward when not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, case, literal, select, update

from aggregator.schedule.chance import chance
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import feeds


def poll_again(connection: Connection, feed_ids: Sequence[int], by: datetime) -> None:
    """No hub tells us of these feeds any more."""
    lock_rows(connection, feeds, feed_ids)
    connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(feed_ids), feeds.c.pushed_until.is_not(None))
        .values(pushed_until=None, next_poll_at=at_latest(by))
    )


def at_latest(when: datetime) -> ColumnElement[datetime]:
    """The next poll as planned, or ``when``, whichever comes first."""
    planned = feeds.c.next_poll_at
    return case((planned > when, literal(when, planned.type)), else_=planned)


def poll_by(connection: Connection, feed_id: int, when: datetime) -> datetime:
    """Bring the feed's next poll forward to ``when`` at the latest; return the planned time."""
    planned: datetime | None = connection.execute(
        select(feeds.c.next_poll_at).where(feeds.c.id == feed_id).with_for_update(key_share=True)
    ).scalar()
    if planned is not None and planned > when:
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(next_poll_at=when))
    return planned or when


def catch_up(connection: Connection, now: datetime, within: timedelta) -> int:
    """Spread polls of all feeds with an active subscription over ``within``; count them."""
    pushed = connection.execute(
        select(feeds.c.id).where(feeds.c.active, feeds.c.pushed_until > now).order_by(feeds.c.id)
    ).scalars()
    rows = [{"row_id": feed_id, "poll_by": now + within * chance()} for feed_id in pushed]
    if rows:
        connection.execute(
            update(feeds)
            .where(feeds.c.id == bindparam("row_id"), feeds.c.next_poll_at > bindparam("poll_by"))
            .values(next_poll_at=bindparam("poll_by")),
            rows,
        )
    return len(rows)
