"""Arrivals of items in outputs, as they are stored: :mod:`aggregator.select.arrivals`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, or_, select, tuple_

from aggregator.model import Selection
from aggregator.select.arrivals import Arrival, Door
from aggregator.select.decide import Standing
from aggregator.select.placing import Placed
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import due_stories, output_arrivals, output_now, stories
from aggregator.store.db.upsert import insert_or_update

LONGEST_SPAN = timedelta(days=31)
"""So long it is remembered when an item entered that stands no more: no quota looks further."""


_KNOWN = select(output_arrivals).where(
    output_arrivals.c.log_id == bindparam("log"),
    output_arrivals.c.item_id.in_(bindparam("items", expanding=True)),
)
_ENTERED = select(output_arrivals.c.feed_id, output_arrivals.c.at).where(
    output_arrivals.c.log_id == bindparam("log"),
    output_arrivals.c.feed_id.in_(bindparam("feeds", expanding=True)),
    output_arrivals.c.at.between(bindparam("since"), bindparam("until")),
    ~output_arrivals.c.surplus,
)


def door(
    connection: Connection,
    log_id: int,
    items: Sequence[Placed],
    ended: Sequence[Standing],
    standing: Collection[str],
    selection: Selection,
    now: datetime,
) -> Door:
    """The state of a log before ``items`` come; those that ``ended`` are items no more."""
    coming = {one.item_id for one in items}
    known = known_arrivals(connection, log_id, coming | {one.item_id for one in ended})
    fresh = [one for one in items if one.item_id not in known]
    return Door(
        known={item_id: one for item_id, one in known.items() if item_id in coming},
        standing=standing,
        ended={
            one.entry_id: known[one.item_id].at if one.item_id in known else one.entered_at
            for one in ended
        },
        entered=_entered(connection, log_id, fresh, selection, now),
    )


def known_arrivals(
    connection: Connection, log_id: int, item_ids: Collection[str]
) -> dict[str, Arrival]:
    """Those of these items of which it is known when they entered, or that they were not let in."""
    found: dict[str, Arrival] = {}
    for chunk in chunks(sorted(item_ids)):
        for row in connection.execute(_KNOWN, {"log": log_id, "items": chunk}):
            found[row.item_id] = Arrival(
                row.item_id, row.story_id, row.feed_id, row.at, row.surplus
            )
    return found


def _entered(
    connection: Connection,
    log_id: int,
    items: Sequence[Placed],
    selection: Selection,
    now: datetime,
) -> dict[int, list[datetime]]:
    """When items of the same feeds entered, as far as their quota looks."""
    if selection.quota is None or not items:
        return {}
    span = selection.quota.span
    since, until = min(now, *(one.arrived for one in items)) - span, now + span
    found: dict[int, list[datetime]] = {}
    for chunk in chunks(sorted({one.feed_id for one in items})):
        given = {"log": log_id, "feeds": chunk, "since": since, "until": until}
        for row in connection.execute(_ENTERED, given):
            found.setdefault(row.feed_id, []).append(row.at)
    return found


def remember(connection: Connection, log_id: int, arrivals: Sequence[Arrival]) -> None:
    """Note when items entered, or that they were not let in."""
    rows: list[dict[str, Any]] = [
        {
            "log_id": log_id,
            "item_id": one.item_id,
            "story_id": one.story,
            "feed_id": one.feed_id,
            "at": one.at,
            "surplus": one.is_surplus,
        }
        for one in arrivals
    ]
    insert_or_update(connection, output_arrivals, rows, "log_id", "item_id")


def forget_surplus(connection: Connection, log_id: int) -> None:
    """Forget what was not let in: the output chooses otherwise now."""
    connection.execute(
        delete(output_arrivals).where(output_arrivals.c.log_id == log_id, output_arrivals.c.surplus)
    )


def forget_arrivals(
    connection: Connection, ended: Collection[int], now: datetime, most: int
) -> int:
    """Forget up to ``most`` arrivals that decide nothing any more; return how many.

    Those of logs that ``ended``; of items that stand no more, where they are old; and of surplus
    whose story is stored no more, unless stories wait to be decided on.
    """
    key = tuple_(output_arrivals.c.log_id, output_arrivals.c.item_id)
    stands = exists().where(
        output_now.c.log_id == output_arrivals.c.log_id,
        output_now.c.item_id == output_arrivals.c.item_id,
    )
    old = and_(~output_arrivals.c.surplus, output_arrivals.c.at < now - LONGEST_SPAN, ~stands)
    stored = exists().where(stories.c.id == output_arrivals.c.story_id)
    gone = and_(output_arrivals.c.surplus, ~stored, ~exists(select(due_stories.c.id)))
    found = select(output_arrivals.c.log_id, output_arrivals.c.item_id).where(
        or_(output_arrivals.c.log_id.in_(ended), old, gone)
    )
    return connection.execute(delete(output_arrivals).where(key.in_(found.limit(most)))).rowcount
