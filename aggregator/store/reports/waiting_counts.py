"""Work that waits, counted in indexes that hold nothing else, and no further than a bound."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal_column, or_, select

from aggregator.model import Backlog
from aggregator.store.db.counters import Counter, read_counters
from aggregator.store.db.tables import (
    EntryState,
    articles,
    entries,
    entry_is_unsettled,
    feed_is_in_trouble,
    feed_is_paused,
    feed_is_unpolled,
    feeds,
    hub_subscriptions,
    page_is_wanted,
)
from aggregator.store.stories.ready_entries import ready_since

_MOST = 100_000  # counted; whoever has more waiting knows enough


def read_backlog(connection: Connection, now: datetime) -> Backlog:
    """The work that waits ``now``; network and stretch are for the process to say."""
    polled = and_(feeds.c.active, ~feeds.c.gone, ~feeds.c.paused)
    free = or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now)
    ready = and_(entries.c.state == literal_column(str(int(EntryState.READY))), entry_is_unsettled)
    waits = and_(
        entries.c.state == literal_column(str(int(EntryState.WAITING))), entry_is_unsettled
    )
    since = ready_since(connection)
    failing = _count(connection, feeds, feed_is_in_trouble)
    return Backlog(
        waiting={
            "poll": _count(connection, feeds, and_(polled, feeds.c.next_poll_at <= now, free)),
            "page": _count(
                connection, articles, and_(page_is_wanted, articles.c.next_attempt_at <= now)
            ),
            "entry_with_page": _count(connection, entries, waits),
            "entry": _count(connection, entries, ready),
            "hub_delivery": _count(
                connection, hub_subscriptions, hub_subscriptions.c.due_at <= now
            ),
        },
        feeds={
            "configured": read_counters(connection)[Counter.FEEDS],
            "in_trouble": failing,
            "unpolled": _count(connection, feeds, and_(feed_is_unpolled, ~feed_is_in_trouble)),
            "paused": _count(connection, feeds, feed_is_paused),
        },
        oldest_unsettled=max((now - since).total_seconds(), 0.0) if since else 0.0,
    )


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    some = select(table.c.id).where(which).limit(_MOST).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
