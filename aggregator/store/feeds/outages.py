"""Polls after an outage of our own network: failures taken back, due polls spread.

Rows are written in the order of their ids, see :mod:`aggregator.store.db.row_locks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from aggregator.model import PollResult
from aggregator.schedule.outage import spread
from aggregator.store.db.tables import feeds


def forgive(connection: Connection, next_polls: Mapping[int, datetime]) -> None:
    """Take back the one failure of each of these feeds, and poll it at the given time."""
    if not next_polls:
        return
    connection.execute(
        update(feeds)
        .where(
            feeds.c.id == bindparam("row_id"),
            feeds.c.last_result == PollResult.FAILED.value,
            feeds.c.failures == 1,
        )
        .values(
            failures=0,
            last_result=PollResult.OFFLINE.value,
            next_poll_at=bindparam("next_poll"),
        ),
        [{"row_id": feed, "next_poll": when} for feed, when in sorted(next_polls.items())],
    )


def spread_due(
    connection: Connection, now: datetime, interval: timedelta, own: Mapping[str, timedelta]
) -> None:
    """Spread due polls after an outage, each within its own interval; the longest overdue first."""
    waiting = connection.execute(
        select(feeds.c.id, feeds.c.key)
        .where(
            feeds.c.active,
            ~feeds.c.gone,
            ~feeds.c.paused,
            or_(
                feeds.c.next_poll_at <= now,
                feeds.c.last_result == PollResult.OFFLINE.value,
            ),
            or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),
        )
        .order_by(feeds.c.next_poll_at, feeds.c.id)
    ).all()
    own_of = {row.id: own[row.key] for row in waiting if row.key in own}
    times = spread([row.id for row in waiting], now, interval, own_of)
    if times:
        connection.execute(
            update(feeds)
            .where(feeds.c.id == bindparam("row_id"))
            .values(next_poll_at=bindparam("next_poll")),
            [{"row_id": feed, "next_poll": when} for feed, when in sorted(times.items())],
        )
