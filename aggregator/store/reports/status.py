"""Status of feeds and totals, for the status page, ``aggregator status`` and scripts.

Totals are kept as things change and feeds are listed a page at a time, so that neither costs more the
more is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true

from aggregator.model import FeedPlace, FeedStatus, PollResult, Status
from aggregator.store.db.chunks import among
from aggregator.store.db.counters import Counter, read_counters
from aggregator.store.db.tables import (
    entry_is_filtered,
    entry_is_unsettled,
    feed_is_in_trouble,
    feed_is_offline,
    feed_is_paused,
    feed_is_unpolled,
    feeds,
    page_is_wanted,
)

_COLUMNS = (
    feeds.c.id,
    feeds.c.key,
    feeds.c.url,
    feeds.c.title,
    feeds.c.last_result,
    feeds.c.last_error,
    feeds.c.failures,
    feeds.c.last_poll_at,
    feeds.c.last_success_at,
    feeds.c.next_poll_at,
    feeds.c.gone,
    feeds.c.entries,
    feeds.c.pushed_until,
    feeds.c.paused,
)


def read_status(
    connection: Connection,
    titles: Mapping[str, str],
    categories: Mapping[str, Sequence[str]],
    limit: int | None = None,
    after: FeedPlace | None = None,
    hidden: Collection[str] = (),
    *,
    failing: bool = False,
) -> Status:
    """Active feeds and the totals, see :meth:`aggregator.ports.Overview.status`."""
    shown = ~among(connection, feeds.c.key, hidden) if hidden else true()
    rows, more = _listed(connection, shown, limit, after, failing=failing)
    totals = read_counters(connection)
    waiting, failed = _count(connection, page_is_wanted), totals[Counter.PAGES_FAILED]
    return Status(
        feeds=tuple(
            _feed_status(row, titles.get(row.key), categories.get(row.key, ())) for row in rows
        ),
        entries=totals[Counter.ENTRIES],
        stories=totals[Counter.STORIES],
        articles=totals[Counter.PAGES] - waiting - failed,
        articles_waiting=waiting,
        articles_failed=failed,
        unsettled=_count(connection, entry_is_unsettled),
        outage_since=_outage_since(connection),
        total=totals[Counter.FEEDS] - len(hidden),
        in_trouble=_count(connection, and_(feed_is_in_trouble, shown)),
        unpolled=_count(connection, and_(feed_is_unpolled, ~feed_is_in_trouble, shown)),
        paused=_count(connection, and_(feed_is_paused, shown)),
        next=more,
        dropped=_count(connection, entry_is_filtered),
    )


def read_feeds(
    connection: Connection, keys: Collection[str], titles: Mapping[str, str]
) -> list[FeedStatus]:
    """Those of the feeds ``keys`` that are active; see :meth:`aggregator.ports.Overview.feeds`."""
    found: Select[Any] = select(*_COLUMNS).where(
        feeds.c.active, among(connection, feeds.c.key, keys)
    )
    return [
        _feed_status(row, titles.get(row.key), ())
        for row in connection.execute(found.order_by(feeds.c.key))
    ]


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    """How many rows are ``which``: of an index that holds no others."""
    return connection.execute(select(func.count()).where(which)).scalar_one()


def _listed(
    connection: Connection,
    shown: ColumnElement[bool],
    limit: int | None,
    after: FeedPlace | None,
    *,
    failing: bool,
) -> tuple[list[Row[Any]], str | None]:
    """A page of the list beyond ``after``, and where the next begins."""
    wanted = None if limit is None else limit + 1
    rows: list[Row[Any]] = []
    if after is None or after.failures is not None:
        rows += connection.execute(_in_trouble(shown, after, failing=failing).limit(wanted))
        after = None
    if not failing and (wanted is None or len(rows) < wanted):
        left = None if wanted is None else wanted - len(rows)
        rows += connection.execute(_others(shown, after).limit(left))
    if limit is None or len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    place = FeedPlace(last.id, last.failures if _is_in_trouble(last) else None)
    return rows[:limit], str(place)


def _in_trouble(
    shown: ColumnElement[bool], after: FeedPlace | None, *, failing: bool
) -> Select[Any]:
    found = select(*_COLUMNS).where(feed_is_in_trouble, shown)
    if failing:
        found = found.where(feeds.c.failures > 0)
    if after is not None:
        failures, last = feeds.c.failures, after.failures or 0
        found = found.where(failures <= last, or_(failures < last, feeds.c.id < after.id))
    return found.order_by(feeds.c.failures.desc(), feeds.c.id.desc())


def _others(shown: ColumnElement[bool], after: FeedPlace | None) -> Select[Any]:
    found = select(*_COLUMNS).where(feeds.c.active, ~feed_is_in_trouble, shown)
    if after is not None:
        found = found.where(feeds.c.id < after.id)
    return found.order_by(feeds.c.id.desc())


def _is_in_trouble(row: Row[Any]) -> bool:
    troubled = row.failures or row.gone or row.last_result == PollResult.OFFLINE
    return bool(troubled and not row.paused)


def _feed_status(row: Row[Any], title: str | None, categories: Sequence[str]) -> FeedStatus:
    return FeedStatus(
        key=row.key,
        url=row.url,
        title=title or row.title or row.key,
        category=next(iter(categories), ""),
        categories=tuple(categories),
        result=row.last_result,
        error=row.last_error,
        failures=row.failures,
        last_poll=row.last_poll_at,
        last_success=row.last_success_at,
        next_poll=None if row.gone or row.paused else row.next_poll_at,
        entries=row.entries,
        pushed_until=row.pushed_until,
        paused=row.paused,
    )


def _outage_since(connection: Connection) -> datetime | None:
    """Since when polls have found no host that answers; None when one has answered since."""
    offline = select(func.max(feeds.c.last_poll_at)).where(feed_is_offline)
    if connection.execute(offline).scalar_one() is None:
        return None  # as nearly always: then no feed has to be looked at
    answered = connection.execute(
        select(func.max(feeds.c.last_success_at)).where(feeds.c.active)
    ).scalar_one()
    since = select(func.min(feeds.c.last_poll_at)).where(feed_is_offline)
    if answered is not None:
        since = since.where(feeds.c.last_poll_at > answered)
    found: datetime | None = connection.execute(since).scalar_one()
    return found
