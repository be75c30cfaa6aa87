"""Plans made by a clock that has been set back since, brought to the time that it shows now.

A plan is known by when it was made: of a feed that was polled in the future the next poll is off by
as much. So a second process that does the same finds nothing left to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    update,
)

from aggregator.store.db.row_locks import lock_where
from aggregator.store.db.tables import (
    archive_trails,
    articles,
    deliveries,
    entries,
    entry_is_unsettled,
    feeds,
    hub_pings,
    hub_requests,
    hub_subscriptions,
    page_is_wanted,
)
from aggregator.store.db.tables import subscriptions as subs

_SKEW = timedelta(minutes=1)  # clocks of machines that share a database


def pull_back(connection: Connection, now: datetime, by: timedelta | None = None) -> int:
    """Bring plans forward ``by`` so much as the clock was set back; return of how many feeds.

    ``by`` None: as far as the latest poll lies in the future, for a process that did not see it.
    """
    if by is None:
        latest = connection.execute(select(func.max(feeds.c.last_poll_at))).scalar_one()
        if latest is None or latest - now <= _SKEW:
            return 0
        by = latest - now
    _earlier(connection, subs, "next_at", subs.c.next_at > now, now, by)
    for table in (hub_requests, hub_subscriptions, hub_pings):
        _earlier(connection, table, "due_at", table.c.due_at > now, now, by)
    for plan in ("next_at", "lease_until"):
        _earlier(connection, deliveries, plan, deliveries.c[plan] > now, now, by)
    lock_where(connection, feeds, true())
    made_later = or_(
        feeds.c.last_poll_at > now, and_(feeds.c.last_poll_at.is_(None), feeds.c.added_at > now)
    )
    count = _earlier(connection, feeds, "next_poll_at", made_later, now, by)
    # No lease is as long as a jump that is noticed.
    _earlier(connection, feeds, "lease_until", feeds.c.lease_until > now + by, now, by)
    for column in (feeds.c.last_poll_at, feeds.c.last_success_at, feeds.c.added_at):
        connection.execute(update(feeds).where(column > now).values({column: now}))
    leased = articles.c.lease_until > now + by
    lock_where(connection, articles, or_(leased, page_is_wanted))
    _earlier(connection, articles, "lease_until", leased, now, by)
    _earlier(connection, articles, "next_attempt_at", page_is_wanted, now, by)
    trails = archive_trails.c
    connection.execute(update(archive_trails).where(trails.next_at > now).values(next_at=now))
    since = and_(entry_is_unsettled, entries.c.state_since > now)
    lock_where(connection, entries, since)
    connection.execute(update(entries).where(since).values(state_since=now))
    return count


def _earlier(
    connection: Connection,
    table: Table,
    column: str,
    which: ColumnElement[bool],
    now: datetime,
    by: timedelta,
) -> int:
    """Make the future times in ``column`` of the rows ``which`` earlier, not before ``now``; count them."""
    rows: list[dict[str, Any]] = [
        {"row_id": row.id, "time": max(row.planned - by, now)}
        for row in connection.execute(
            select(table.c.id, table.c[column].label("planned"))
            .where(which, table.c[column] > now)
            .order_by(table.c.id)  # one order for all, or two processes could lock each other out
        )
    ]
    if rows:
        connection.execute(
            update(table)
            .where(table.c.id == bindparam("row_id"))
            .values({column: bindparam("time")}),
            rows,
        )
    return len(rows)
