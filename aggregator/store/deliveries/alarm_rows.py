"""Alarms in the database: each is written once when it begins, and once when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.model import AlarmChanges, FeedName
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    alarm_events,
    alarm_stands,
    entries,
    entry_is_unsettled,
    feed_is_in_trouble,
    feeds,
    health_events,
    health_is_broken,
)

KEPT = timedelta(days=30)
_FEEDS = 1000  # broken ones that are told of, the latest


def standing_alarms(connection: Connection) -> Mapping[str, str]:
    """Keys of the alarms that are not over → their texts."""
    rows = connection.execute(select(alarm_events.c.key, alarm_events.c.text).where(alarm_stands))
    return {row.key: row.text for row in rows}


def note_alarms(
    connection: Connection, decide: Callable[[Collection[str]], AlarmChanges], now: datetime
) -> int:
    """Write what ``decide`` says of the alarms that stand: it is given their keys; how many lines?

    One transaction at a time: of two daemons one tells.
    """
    acquire(connection, AdvisoryLock.SUM_UP)
    texts = standing_alarms(connection)
    found = decide(texts.keys())
    for one in found.begun:
        row = {"key": one.key, "text": one.text, "at": now, "is_over": False, "stands": True}
        connection.execute(insert(alarm_events).values(**row))
    for key in found.over:
        own = alarm_events.c.key == key
        connection.execute(update(alarm_events).where(own, alarm_stands).values(stands=False))
        row = {"key": key, "text": f"Over: {texts[key]}", "at": now}
        connection.execute(insert(alarm_events).values(is_over=True, stands=False, **row))
    old = alarm_events.c.at < now - KEPT
    connection.execute(delete(alarm_events).where(old, ~alarm_stands))
    return len(found.begun) + len(found.over)


def mask_alarms(connection: Connection, mask: Callable[[str], str]) -> None:
    """Put ``mask`` of each text in its place: a secret may be known as such only now."""
    columns = alarm_events.c
    for row in connection.execute(select(columns.id, columns.text)).all():
        if (masked := mask(row.text)) != row.text:
            own = columns.id == row.id
            connection.execute(update(alarm_events).where(own).values(text=masked))


def oldest_unsettled(connection: Connection) -> datetime | None:
    """The time since which the entry that waits longest is not published."""
    found = select(func.min(entries.c.state_since)).where(entry_is_unsettled)
    return connection.execute(found).scalar()


def broken_feeds(connection: Connection) -> list[tuple[FeedName, str]]:
    """Feeds of which it was told that they broke, and that are so still, with what went wrong."""
    columns = (feeds.c.id, feeds.c.key, feeds.c.url, feeds.c.title, feeds.c.site_url)
    found = (
        select(*columns, health_events.c.error)
        .join(health_events, health_events.c.feed_id == feeds.c.id)
        .where(health_is_broken, health_events.c.told, feed_is_in_trouble)
        .order_by(health_events.c.id.desc())
        .limit(_FEEDS)
    )
    return [
        (FeedName(row.key, row.url, row.title or "", row.site_url), row.error or "")
        for row in connection.execute(found)
    ]
