"""Health events: written in the transaction of the poll that changed a feed's state, summed up daily."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from aggregator.model import HealthKind, LastHealth, PollOutcome
from aggregator.privacy.masking import masked
from aggregator.schedule.health_changes import LATELY, is_news, is_told
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    feed_is_in_trouble,
    feeds,
    health_events,
    health_is_broken,
    health_is_unsummed,
)

SummaryDay = Callable[[datetime | None, str], date | None]
_STILL = 100  # broken feeds that a summary names
_ROWS = 2000  # that one transaction drops


def note_health(connection: Connection, outcomes: Sequence[PollOutcome]) -> None:
    """Write the events of ``outcomes``, which are not written yet: the feeds' rows are as before."""
    changed = [one for one in outcomes if one.health]
    if not changed:
        return
    ids = [one.feed_id for one in changed]
    known = _latest(connection, ids)
    lately = _told_lately(connection, min(one.polled_at for one in changed))
    moving = [one.feed_id for one in changed if HealthKind.MOVED in one.health]
    urls = _urls(connection, moving)
    for one in changed:
        for kind in one.health:
            last = known.get(one.feed_id)
            if not is_news(kind, last, one.polled_at, one.failures):
                continue
            told = is_told(kind, last, lately)
            lately += told
            if kind is not HealthKind.MOVED:
                _end(connection, one.feed_id)
            connection.execute(insert(health_events), _row(one, kind, urls, told=told))


def _row(
    outcome: PollOutcome, kind: HealthKind, urls: Mapping[int, str], *, told: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "uid": uuid.uuid4().urn,
        "kind": kind.value,
        "at": outcome.polled_at,
        "feed_id": outcome.feed_id,
        "told": told,
        "broken": kind is HealthKind.BROKE,
    }
    if kind is HealthKind.BROKE:
        row |= {"error": masked(outcome.error or ""), "failures": outcome.failures}
    if kind is HealthKind.MOVED and outcome.address is not None:
        # A secret of an address that is history is known to nobody any more.
        row |= {"former_url": masked(urls.get(outcome.feed_id, ""))}
        row |= {"url": masked(outcome.address.url)}
    return row


def _latest(connection: Connection, ids: Sequence[int]) -> dict[int, LastHealth]:
    """The last time that each of these feeds broke or came back."""
    latest = (
        select(func.max(health_events.c.id))
        .where(
            health_events.c.feed_id.in_(ids),
            health_events.c.kind.in_([HealthKind.BROKE.value, HealthKind.BACK.value]),
        )
        .group_by(health_events.c.feed_id)
    )
    columns = health_events.c
    rows = connection.execute(
        select(columns.feed_id, columns.kind, columns.at, columns.told, columns.failures).where(
            columns.id.in_(latest.scalar_subquery())
        )
    )
    return {
        row.feed_id: LastHealth(HealthKind(row.kind), row.at, row.told, row.failures or 0)
        for row in rows
    }


def _told_lately(connection: Connection, now: datetime) -> int:
    return connection.execute(
        select(func.count()).where(health_events.c.told, health_events.c.at > now - LATELY)
    ).scalar_one()


def _urls(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = connection.execute(select(feeds.c.id, feeds.c.url).where(feeds.c.id.in_(ids)))
    return {row.id: row.url for row in rows}


def _end(connection: Connection, feed_id: int) -> None:
    connection.execute(
        update(health_events)
        .where(health_events.c.feed_id == feed_id, health_is_broken)
        .values(broken=False)
    )


def sum_up(connection: Connection, now: datetime, day_of: SummaryDay) -> bool:
    """Write a summary of the events that none has told of, where ``day_of`` says that one is due.

    It is given the time of the earliest of them and the date of the latest summary.
    """
    acquire(connection, AdvisoryLock.SUM_UP)  # of two daemons the second finds nothing to sum up
    first = connection.execute(
        select(func.min(health_events.c.at)).where(health_is_unsummed)
    ).scalar()
    last_day = connection.execute(select(func.max(health_events.c.day))).scalar() or ""
    day = day_of(first, last_day)
    if day is None:
        return False
    row = {
        "uid": uuid.uuid4().urn,
        "kind": HealthKind.SUMMARY.value,
        "at": now,
        "told": True,
        "day": day.isoformat(),
        "still": _broken(connection),
    }
    added = connection.execute(insert(health_events).returning(health_events.c.id), row)
    connection.execute(
        update(health_events).where(health_is_unsummed).values(summary_id=added.scalar_one())
    )
    return True


def _broken(connection: Connection) -> list[int]:
    found = (
        select(health_events.c.feed_id)
        .join(feeds, feeds.c.id == health_events.c.feed_id)
        .where(health_is_broken, feed_is_in_trouble)
        .order_by(health_events.c.id.desc())
        .limit(_STILL)
    )
    return list(connection.execute(found).scalars())


def drop_events(connection: Connection, now: datetime, max_age: timedelta) -> bool:
    """Drop some of the events that are older; is there more of it?

    What a feed that is broken still broke by stays, or it would break anew.
    """
    if not max_age:
        return False
    old = (
        select(health_events.c.id)
        .where(health_events.c.at < now - max_age, ~health_is_broken)
        .limit(_ROWS)
    )
    gone = connection.execute(delete(health_events).where(health_events.c.id.in_(old)))
    return gone.rowcount == _ROWS


def mask_events(connection: Connection, mask: Callable[[str], str]) -> None:
    """Put ``mask`` of each text in its place."""
    columns = [health_events.c[name] for name in ("error", "former_url", "url")]
    rows = connection.execute(select(health_events.c.id, *columns)).all()
    changed = []
    for row in rows:
        texts = {one.name: getattr(row, one.name) for one in columns}
        after = {name: mask(text) if text else text for name, text in texts.items()}
        if after != texts:
            changed.append({"row_id": row.id} | {f"new_{name}": v for name, v in after.items()})
    if changed:
        values: dict[str, Any] = {one.name: bindparam(f"new_{one.name}") for one in columns}
        connection.execute(
            update(health_events).where(health_events.c.id == bindparam("row_id")).values(values),
            changed,
        )
