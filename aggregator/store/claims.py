"""Feeds that are due, leased: the longest overdue first, the places shared out between hosts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from aggregator.model import ClaimedFeed, Lease
from aggregator.store.feeds import load_feed
from aggregator.store.tables import feeds

_LOOK_AHEAD = 4  # due feeds looked at for each that is claimed, where hosts are shared out


def claim_due(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    busy_hosts: Collection[str] = (),
    per_host: int | None = None,
) -> list[ClaimedFeed]:
    """See :meth:`aggregator.ports.FeedStore.claim_due`."""
    due = and_(
        feeds.c.active,
        ~feeds.c.gone,
        feeds.c.next_poll_at <= now,
        or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),
    )
    if busy_hosts:
        due &= feeds.c.host.not_in(sorted(busy_hosts))
    chosen = (
        (_longest_overdue(due, limit) if per_host is None else _shared_out(due, limit, per_host))
        .with_for_update(skip_locked=True)
        .cte("due")  # a CTE is evaluated once; a subquery could lock more rows than the limit
    )
    rows = connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(select(chosen.c.id)))
        .values(lease_until=now + lease_for, lease_token=feeds.c.lease_token + 1)
        .returning(*feeds.c)
    ).all()
    return [_claimed(row) for row in sorted(rows, key=lambda row: row.next_poll_at)]


def _longest_overdue(due: ColumnElement[bool], limit: int) -> Select[int]:
    return select(feeds.c.id).where(due).order_by(feeds.c.next_poll_at).limit(limit)


def _shared_out(due: ColumnElement[bool], limit: int, per_host: int) -> Select[int]:
    """The longest overdue ones, at most ``per_host`` of each host."""
    # Among a bounded number only: a backlog of any length costs no more than this.
    first = (
        select(feeds.c.id, feeds.c.host, feeds.c.next_poll_at)
        .where(due)
        .order_by(feeds.c.next_poll_at)
        .limit(limit * _LOOK_AHEAD)
        .subquery()
    )
    turn = func.row_number().over(partition_by=first.c.host, order_by=first.c.next_poll_at)
    ranked = select(first.c.id, first.c.next_poll_at, turn.label("turn")).subquery()
    turns = (
        select(ranked.c.id)
        .where(ranked.c.turn <= per_host)
        .order_by(ranked.c.next_poll_at)
        .limit(limit)
        .cte("turns")
    )
    # Window functions cannot lock rows; the rows they chose are locked, and checked again.
    return select(feeds.c.id).where(feeds.c.id.in_(select(turns.c.id)), due)


def claim_feed(
    connection: Connection, feed_id: int, now: datetime, lease_for: timedelta
) -> ClaimedFeed | None:
    """See :meth:`aggregator.ports.FeedStore.claim_feed`."""
    row = connection.execute(
        update(feeds)
        .where(
            feeds.c.id == feed_id,
            feeds.c.active,
            or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),
        )
        .values(lease_until=now + lease_for, lease_token=feeds.c.lease_token + 1)
        .returning(*feeds.c)
    ).one_or_none()
    return _claimed(row) if row is not None else None


def _claimed(row: Row[Any]) -> ClaimedFeed:
    return ClaimedFeed(
        feed=load_feed(row),
        lease=Lease(row.lease_token, row.lease_until),
        recent=tuple(datetime.fromtimestamp(seconds, UTC) for seconds in row.recent),
        host=row.host,
    )
