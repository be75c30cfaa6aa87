"""Status of feeds and totals, for the status page, ``aggregator status`` and scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from aggregator.model import FeedStatus, PollResult, Status
from aggregator.store.db.tables import (
    ArticleState,
    articles,
    entries,
    entry_is_unsettled,
    feeds,
    stories,
)


def read_status(
    connection: Connection,
    titles: Mapping[str, str],
    categories: Mapping[str, str],
) -> Status:
    """Every active feed and the totals. ``titles``/``categories``: the operator's, by feed key."""
    counts = {
        row.feed_id: row.number
        for row in connection.execute(
            select(entries.c.feed_id, func.count().label("number")).group_by(entries.c.feed_id)
        )
    }
    rows = connection.execute(select(feeds).where(feeds.c.active).order_by(feeds.c.key)).all()
    pages = {
        row.state: row.number
        for row in connection.execute(
            select(articles.c.state, func.count().label("number")).group_by(articles.c.state)
        )
    }
    return Status(
        feeds=tuple(
            _feed_status(row, counts.get(row.id, 0), titles.get(row.key), categories.get(row.key))
            for row in rows
        ),
        entries=sum(counts.values()),
        stories=connection.execute(select(func.count()).select_from(stories)).scalar_one(),
        articles=pages.get(ArticleState.DONE, 0),
        articles_waiting=pages.get(ArticleState.WAITING, 0),
        articles_failed=pages.get(ArticleState.FAILED, 0),
        unsettled=connection.execute(
            select(func.count()).select_from(entries).where(entry_is_unsettled)
        ).scalar_one(),
        outage_since=_outage_since(rows),
    )


def _feed_status(
    row: Row[Any], entry_count: int, title: str | None, category: str | None
) -> FeedStatus:
    return FeedStatus(
        key=row.key,
        url=row.url,
        title=title or row.title or row.key,
        category=category or "",
        result=row.last_result,
        error=row.last_error,
        failures=row.failures,
        last_poll=row.last_poll_at,
        last_success=row.last_success_at,
        next_poll=None if row.gone else row.next_poll_at,
        entries=entry_count,
        pushed_until=row.pushed_until,
    )


def _outage_since(rows: Sequence[Row[Any]]) -> datetime | None:
    """Since when polls have found no host that answers; None when one has answered since."""
    answered = max((row.last_success_at for row in rows if row.last_success_at), default=None)
    return min(
        (
            row.last_poll_at
            for row in rows
            if row.last_result == PollResult.OFFLINE.value
            and (answered is None or row.last_poll_at > answered)
        ),
        default=None,
    )
