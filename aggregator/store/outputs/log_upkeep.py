"""Upkeep of logs: they begin and end with the configuration, and old lines go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, tuple_, update

from aggregator.model import Basis
from aggregator.store.db.counters import Counter, note_counters, read_counters
from aggregator.store.db.due_stories import mark_standing
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    due_stories,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.outputs.arrivals_kept import forget_arrivals, forget_surplus
from aggregator.store.outputs.log import open_logs

KEPT = timedelta(days=30)
"""So long a line is kept that is not the latest of an item which stands."""
_ROWS = 2000  # that one transaction drops
_LOOKED_AT = 20_000  # lines, each time


def sync_logs(connection: Connection, wanted: Sequence[Basis], now: datetime) -> None:
    """Let the open logs be those of outputs that rest on ``wanted``, and no others.

    One whose items are others now ends, and another begins. One that chooses otherwise goes on: all
    that stands in it is due, and the store is looked through again.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    known, by_name = open_logs(connection), {one.name: one for one in wanted}
    ended = [
        row.id
        for name, row in known.items()
        if name not in by_name or row.identity != by_name[name].identity
    ]
    connection.execute(update(output_logs).where(output_logs.c.id.in_(ended)).values(ended_at=now))
    connection.execute(delete(due_stories).where(due_stories.c.log_id.in_(ended)))
    for name, one in by_name.items():
        row = known.get(name)
        if row is None or row.id in ended:
            values = {"name": name, "identity": one.identity, "began_at": now}
            choice = {"choice": one.choice, "facts": one.facts}
            connection.execute(insert(output_logs).values(**values, **choice))
            continue
        if row.choice != one.choice:
            mark_standing(connection, row.id)
            forget_surplus(connection, row.id)
            anew = {"filled": False, "floor_at": None, "floor_tie": None}
            _change(connection, row.id, choice=one.choice, **anew)
        if row.facts != one.facts:
            _change(connection, row.id, facts=one.facts)


def _change(connection: Connection, log_id: int, **values: object) -> None:
    connection.execute(update(output_logs).where(output_logs.c.id == log_id).values(**values))


def drop_lines(connection: Connection, now: datetime) -> bool:
    """Drop some of the lines that nobody needs any more; is there more of it?

    All that is left of ended logs goes as well, but for the logs' own rows: a number that was an
    epoch is none again. Where pages are kept, lines stay until they are in a closed one.
    """
    in_pages = ~output_logs.c.archived | (output_logs.c.closed_seq >= output_logs.c.next_seq - 1)
    # Their numbers and no subquery: PostgreSQL would look for them among all lines.
    asked = select(output_logs.c.id).where(~log_is_open, in_pages)
    ended = connection.execute(asked).scalars().all()
    line = tuple_(output_items.c.log_id, output_items.c.seq)
    columns = select(output_items.c.log_id, output_items.c.seq)
    item = tuple_(output_now.c.log_id, output_now.c.item_id)
    items = select(output_now.c.log_id, output_now.c.item_id)
    gone = [
        connection.execute(delete(table).where(key.in_(found.limit(_ROWS)))).rowcount
        for table, key, found in (
            (output_items, line, columns.where(output_items.c.log_id.in_(ended))),
            (output_now, item, items.where(output_now.c.log_id.in_(ended))),
        )
    ]
    gone.append(_drop_superseded(connection, now))
    gone.append(forget_arrivals(connection, ended, now, _ROWS))
    return _ROWS in gone


def _drop_superseded(connection: Connection, now: datetime) -> int:
    """Drop up to 2,000 old lines that no item stands by any more; return how many.

    Most lines are the latest of items that stand, for as long as these are stored. So logs are gone
    through in turn, so many lines each time, and the next time goes on where this one ends.
    """
    known = read_counters(connection)
    log_id, after = known.get(Counter.LINES_SWEPT_LOG, 0), known.get(Counter.LINES_SWEPT, 0)
    gone, left, begun = 0, _LOOKED_AT, set[int]()
    while left > 0 and gone < _ROWS and log_id not in begun:
        if not after:
            begun.add(log_id)
        lines = _lines(connection, log_id, after, left)
        left -= lines.number
        if lines.number:
            gone += _drop_between(connection, log_id, after, lines.last, now, _ROWS - gone)
        if gone < _ROWS:
            # Numbers run with time: beyond a young line nothing is old.
            is_past = not lines.number or lines.at >= now - KEPT
            log_id, after = (_next_log(connection, log_id), 0) if is_past else (log_id, lines.last)
    note_counters(connection, {Counter.LINES_SWEPT_LOG: log_id, Counter.LINES_SWEPT: after})
    return gone


def _lines(connection: Connection, log_id: int, after: int, most: int) -> Row[Any]:
    """Up to ``most`` lines of a log: how many, the last one's number and the latest time of one."""
    lines = (
        select(output_items.c.seq, output_items.c.at)
        .where(output_items.c.log_id == log_id, output_items.c.seq > after)
        .order_by(output_items.c.seq)
        .limit(most)
        .subquery()
    )
    found = select(
        func.count().label("number"),
        func.max(lines.c.seq).label("last"),
        func.max(lines.c.at).label("at"),
    )
    return connection.execute(found).one()


def _next_log(connection: Connection, log_id: int) -> int:
    """The next log that has lines; after the last one the first."""
    first = select(func.min(output_items.c.log_id))
    later = connection.execute(first.where(output_items.c.log_id > log_id)).scalar_one()
    return later or connection.execute(first).scalar_one() or 0


def _drop_between(
    connection: Connection, log_id: int, after: int, last: int, now: datetime, most: int
) -> int:
    waits = exists().where(
        output_logs.c.id == output_items.c.log_id, output_logs.c.archived,
        output_logs.c.closed_seq < output_items.c.seq,
    )  # fmt: skip
    stands = exists().where(
        output_now.c.log_id == output_items.c.log_id, output_now.c.seq == output_items.c.seq
    )
    own = output_items.c.log_id == log_id
    between = output_items.c.seq > after, output_items.c.seq <= last
    old = output_items.c.at < now - KEPT
    found = select(output_items.c.seq).where(own, *between, old, ~stands, ~waits).limit(most)
    chosen = delete(output_items).where(own, output_items.c.seq.in_(found))
    return connection.execute(chosen).rowcount
