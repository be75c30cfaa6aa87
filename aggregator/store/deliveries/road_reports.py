"""States of roads, for the operator."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from aggregator.model import DeadLetter, RoadKey, RoadKind, RoadSource, RoadStatus
from aggregator.store.db.tables import (
    alarm_events,
    dead_letters,
    deliveries,
    editions,
    log_is_open,
    output_logs,
)
from aggregator.store.deliveries.road_rows import letter_of

_LETTERS = 1000


def read_roads(connection: Connection) -> list[RoadStatus]:
    """The roads of the configuration, by kind, name and output."""
    letters = {
        row.delivery_id: row.letters
        for row in connection.execute(
            select(dead_letters.c.delivery_id, func.count().label("letters")).group_by(
                dead_letters.c.delivery_id
            )
        )
    }
    order = (deliveries.c.kind, deliveries.c.name, deliveries.c.output)
    rows = connection.execute(
        select(deliveries).where(deliveries.c.gone_at.is_(None)).order_by(*order)
    )
    return [
        RoadStatus(
            kind=RoadKind(row.kind),
            name=row.name,
            output=row.output,
            waiting=_waiting(connection, row),
            sent=row.sent,
            sent_at=row.sent_at,
            failures=row.failures,
            failing_since=row.failing_since,
            next_at=row.next_at,
            error=row.error,
            disabled=row.disabled,
            dead_letters=letters.get(row.id, 0),
        )
        for row in rows.all()
    ]


def _waiting(connection: Connection, row: Row[Any]) -> int:
    """Lines, editions or alarms after the place of the road; not all of them need be told."""
    if not row.epoch:
        return 0
    if row.source == RoadSource.ALARMS:
        found = select(func.count()).where(alarm_events.c.id > row.seq)
        return connection.execute(found).scalar_one()
    if row.source == RoadSource.EDITIONS:
        later = (editions.c.name == row.output, editions.c.id > row.seq)
        return connection.execute(select(func.count()).where(*later)).scalar_one()
    log = connection.execute(
        select(output_logs).where(output_logs.c.name == row.output, log_is_open)
    ).one_or_none()
    if log is None:
        return 0
    return int(log.next_seq - 1 - (row.seq if log.id == row.epoch else 0))


def read_letters(connection: Connection, name: str | None = None) -> list[DeadLetter]:
    """Dead letters, of the roads called ``name`` where it is given; the latest last."""
    columns = (deliveries.c.kind, deliveries.c.name, deliveries.c.output)
    found = (
        select(dead_letters, *columns)
        .join(deliveries, deliveries.c.id == dead_letters.c.delivery_id)
        .where(deliveries.c.gone_at.is_(None))
        .order_by(dead_letters.c.id.desc())
        .limit(_LETTERS)
    )
    if name is not None:
        found = found.where(deliveries.c.name == name)
    return [
        letter_of(row, RoadKey(RoadKind(row.kind), row.name, row.output))
        for row in reversed(connection.execute(found).all())
    ]
