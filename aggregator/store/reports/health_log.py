"""The latest health events, with the names of their feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.model import FeedName, HealthEvent, HealthKind
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import feeds, health_events

_COVERED = 2000  # events that all summaries of a page tell of


def read_health(connection: Connection, titles: Mapping[str, str], limit: int) -> list[HealthEvent]:
    """Up to ``limit`` events that are told, the latest first; ``titles``: the operator's, by feed key."""
    columns = health_events.c
    latest = (columns.at.desc(), columns.id.desc())
    shown = connection.execute(
        select(health_events).where(columns.told).order_by(*latest).limit(limit)
    ).all()
    summaries = [row.id for row in shown if row.kind == HealthKind.SUMMARY]
    covered = _covered(connection, summaries)
    ids = {row.feed_id for row in (*shown, *(one for some in covered.values() for one in some))}
    ids.update(one for row in shown for one in (row.still or ()))
    names = _names(connection, ids - {None}, titles)
    return [
        event for row in shown if (event := _event(row, names, covered.get(row.id, ()))) is not None
    ]


def _covered(connection: Connection, summaries: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    columns = health_events.c
    rows = connection.execute(
        select(health_events)
        .where(columns.summary_id.in_(summaries))
        .order_by(columns.summary_id.desc(), columns.at, columns.id)
        .limit(_COVERED)
    )
    for row in rows:
        found[row.summary_id].append(row)
    return found


def _names(
    connection: Connection, ids: Collection[int], titles: Mapping[str, str]
) -> dict[int, FeedName]:
    names = {}
    for some in chunks(sorted(ids)):
        columns = (feeds.c.id, feeds.c.key, feeds.c.url, feeds.c.title, feeds.c.site_url)
        for row in connection.execute(select(*columns).where(feeds.c.id.in_(some))):
            title = titles.get(row.key) or row.title or ""
            names[row.id] = FeedName(row.key, row.url, title, row.site_url)
    return names


def _event(
    row: Row[Any], names: Mapping[int, FeedName], covered: Sequence[Row[Any]]
) -> HealthEvent | None:
    if row.feed_id is not None and row.feed_id not in names:
        return None
    events = (_event(one, names, ()) for one in covered)
    return HealthEvent(
        uid=row.uid,
        kind=HealthKind(row.kind),
        at=row.at,
        feed=names.get(row.feed_id),
        error=row.error or "",
        failures=row.failures or 0,
        former_url=row.former_url or "",
        url=row.url or "",
        day=row.day or "",
        covers=tuple(one for one in events if one is not None),
        broken=tuple(names[one] for one in (row.still or ()) if one in names),
    )
