"""Events that a road tells next: lines of an output's log, editions, alarms, after a place.

An item is told as it is now. A line whose item stands no more is passed over, but that it left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from aggregator.model import (
    EventKind,
    Guards,
    LineKind,
    LineReason,
    RoadEvent,
    RoadEvents,
    Selection,
    WantedEvents,
)
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import alarm_events, entries, output_items, output_now
from aggregator.store.outputs.archives import current_log
from aggregator.store.outputs.edition_rows import editions_after, latest_number
from aggregator.store.outputs.groups import groups_of
from aggregator.store.outputs.items import items_of

EDITIONS: Final = 10**17
"""Epoch of places among editions: no log has such a number."""
ALARMS: Final = 10**17 + 1
"""Epoch of places among alarms."""
_CLOCKS = timedelta(minutes=1)  # by which those of two processes may differ


# ── where a road begins ─────────────────────────────────────────────────────────────────────


def log_end(connection: Connection, selection: Selection) -> tuple[int, int] | None:
    """Epoch and latest line of the output's log; None: it cannot be read yet."""
    log = current_log(connection, selection)
    return (log.id, log.next_seq - 1) if log is not None else None


def editions_end(connection: Connection, names: Sequence[str]) -> tuple[int, int]:
    """Epoch and number of the output's latest edition."""
    return EDITIONS, latest_number(connection, names)


def alarms_end(connection: Connection) -> tuple[int, int]:
    """Epoch and number of the latest alarm."""
    return ALARMS, connection.execute(select(func.max(alarm_events.c.id))).scalar() or 0


# ── lines of a log ──────────────────────────────────────────────────────────────────────────


def log_events(
    connection: Connection,
    selection: Selection,
    epoch: int,
    seq: int,
    wanted: WantedEvents,
    *,
    told_at: datetime | None,
    quiet_upto: int = 0,
    upto: int | None = None,
) -> RoadEvents | None:
    """Events of the next lines after ``seq``, up to ``upto``; None: the log cannot be read.

    Where another log took the place of ``epoch``, its lines from the first one on: what stood when it
    began is news only if it was settled after ``told_at``.
    """
    log = current_log(connection, selection)
    if log is None:
        return None
    if log.id != epoch:
        seq, quiet_upto, upto = 0, 0, None
    last = log.next_seq - 1 if upto is None else upto
    rows = _lines(connection, log.id, seq, last, wanted.lines + 1)
    more, rows = len(rows) > wanted.lines, rows[: wanted.lines]
    lines = [row for row in rows if EventKind(row.kind) in wanted.kinds and _is_young(row, wanted)]
    news = _late(connection, lines, told_at) if log.id != epoch else frozenset[int]()
    loud = [row for row in lines if _is_told(row, news, quiet_upto)]
    shown = loud[: wanted.items]
    items = _items(connection, selection, log.id, shown)
    events = [
        RoadEvent(row.seq, EventKind(row.kind), row.at, row.item_id, items.get(row.item_id))
        for row in shown
        if row.kind == LineKind.WITHDRAW or row.item_id in items
    ]
    end = rows[-1].seq if more else last
    beyond = len(loud) - len(shown)
    return RoadEvents(
        epoch=log.id,
        events=tuple(events),
        upto=shown[-1].seq if beyond else end,
        last=end,
        beyond=beyond,
        last_at=rows[-1].at if rows else None,
        more=more or beyond > 0,
    )


def _lines(
    connection: Connection, log_id: int, after: int, last: int, most: int
) -> Sequence[Row[Any]]:
    """Lines of a log, with the dates of the entries that they show."""
    columns = output_items.c
    found = (
        select(output_items, entries.c.sort_at)
        .outerjoin(entries, entries.c.id == columns.entry_id)
        .where(columns.log_id == log_id, columns.seq > after, columns.seq <= last)
        .order_by(columns.seq)
        .limit(most)
    )
    return connection.execute(found).all()


def _is_young(row: Row[Any], wanted: WantedEvents) -> bool:
    if not wanted.max_age or row.kind == LineKind.WITHDRAW or row.sort_at is None:
        return True
    return bool(row.sort_at >= row.at - wanted.max_age)


def _is_told(row: Row[Any], news: Collection[int], quiet_upto: int) -> bool:
    """True of a line by which something happened, and of what is to be told all the same."""
    if row.kind == LineKind.WITHDRAW:
        return True
    return not LineReason(row.reason).quiet or row.seq <= quiet_upto or row.entry_id in news


def _late(
    connection: Connection, rows: Sequence[Row[Any]], told_at: datetime | None
) -> frozenset[int]:
    """Entries of quiet lines that were settled after ``told_at``."""
    quiet = sorted({row.entry_id for row in rows if LineReason(row.reason).quiet})
    if told_at is None:
        return frozenset()
    since = entries.c.state_since >= told_at - _CLOCKS
    found = (
        connection.execute(select(entries.c.id).where(entries.c.id.in_(chunk), since)).scalars()
        for chunk in chunks(quiet)
    )
    return frozenset(one for ids in found for one in ids)


def _items(
    connection: Connection, selection: Selection, log_id: int, rows: Sequence[Row[Any]]
) -> Mapping[str, Any]:
    """The items of these lines that stand, as the output may show them, by id."""
    ids = sorted({row.item_id for row in rows if row.kind != LineKind.WITHDRAW})
    standing: dict[str, int] = {}
    for chunk in chunks(ids):
        found = select(output_now.c.item_id, output_now.c.story_id).where(
            output_now.c.log_id == log_id, output_now.c.item_id.in_(chunk)
        )
        standing |= {row.item_id: row.story_id for row in connection.execute(found)}
    made = groups_of(connection, selection, set(standing.values()))
    groups = [group for own in made.values() for group in own if group.id in standing]
    return {one.id: one for one in items_of(connection, selection, groups)}


# ── editions and alarms ─────────────────────────────────────────────────────────────────────


def edition_events(
    connection: Connection,
    names: Sequence[str],
    guards: Guards,
    seq: int,
    most: int,
    upto: int | None = None,
) -> RoadEvents | None:
    """The next editions; None where what they may tell must be looked through first."""
    found = editions_after(connection, names, guards.digest, seq, most, upto=upto)
    if found is None:
        return None
    events = tuple(
        RoadEvent(one.number, EventKind.ENTER, one.made_at, one.id, edition=one)
        for one in found.editions
    )
    end = found.upto if found.more else max(found.upto, upto or 0)
    return RoadEvents(EDITIONS, events, end, end, last_at=_last(events), more=found.more)


def _last(events: Sequence[RoadEvent]) -> datetime | None:
    return events[-1].at if events else None


def read_alarms(connection: Connection, seq: int, most: int, upto: int | None = None) -> RoadEvents:
    """The next alarms, and ends of alarms."""
    found = select(alarm_events).where(alarm_events.c.id > seq)
    if upto is not None:
        found = found.where(alarm_events.c.id <= upto)
    rows = connection.execute(found.order_by(alarm_events.c.id).limit(most + 1)).all()
    more, rows = len(rows) > most, rows[:most]
    events = tuple(
        RoadEvent(
            row.id,
            EventKind.OVER if row.is_over else EventKind.ALARM,
            row.at,
            row.key,
            text=row.text,
        )
        for row in rows
    )
    end = rows[-1].id if rows else upto or seq
    return RoadEvents(ALARMS, events, end, end, last_at=_last(events), more=more)
