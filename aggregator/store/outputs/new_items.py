"""Items of an output that are new since a place in its log, found by an index over the lines that stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from aggregator.model import Cursor, LineReason, NewItems, Selection
from aggregator.store.db.tables import output_items, output_now
from aggregator.store.outputs.archives import current_log
from aggregator.store.outputs.groups import groups_of
from aggregator.store.outputs.items import items_of

_QUIET = tuple(reason.value for reason in LineReason if reason.quiet)


def cursor_of(connection: Connection, selection: Selection) -> Cursor | None:
    """The place of the latest line; None where the output has no log that rests on ``selection``."""
    log = current_log(connection, selection)
    return Cursor(log.id, log.next_seq - 1) if log is not None else None


def items_since(
    connection: Connection,
    selection: Selection,
    since: Cursor | datetime,
    most: int,
    *,
    announced: bool = False,
) -> NewItems | None:
    """The first ``most`` items, in the log's order, that entered or changed after ``since`` and stand.

    None where the log is no more, or not yet, the one of ``since``. A time means the place at that time.
    ``announced``: of those that entered quietly, only what has a later date than the line at ``since``.
    """
    log = current_log(connection, selection)
    if log is None:
        return None
    after = _place_at(connection, log, since) if isinstance(since, datetime) else since
    if after.epoch != log.id:
        return None
    newer = and_(output_now.c.log_id == log.id, output_now.c.seq > after.seq)
    if announced:
        newer &= _is_news(connection, after)
    rows = connection.execute(
        select(output_now.c.item_id, output_now.c.story_id, output_now.c.seq)
        .where(newer)
        .order_by(output_now.c.seq)
        .limit(most + 1)
    ).all()
    more, rows = len(rows) > most, rows[:most]
    groups = groups_of(connection, selection, {row.story_id for row in rows})
    by_id = {group.id: group for own in groups.values() for group in own}
    shown = [by_id[row.item_id] for row in reversed(rows) if row.item_id in by_id]
    upto = Cursor(log.id, rows[-1].seq if more else log.next_seq - 1)
    return NewItems(tuple(items_of(connection, selection, shown)), upto, more)


def _is_news(connection: Connection, after: Cursor) -> ColumnElement[bool]:
    """Lines that something happened for; of the others those of a later date than the line ``after``."""
    lines = output_items.c
    of_item = and_(lines.log_id == output_now.c.log_id, lines.seq == output_now.c.seq)
    quiet = select(lines.seq).where(of_item, lines.reason.in_(_QUIET)).exists()
    told = select(lines.at).where(lines.log_id == after.epoch, lines.seq == after.seq)
    known: datetime | None = connection.execute(told).scalar_one_or_none()
    return ~quiet if known is None else or_(~quiet, output_now.c.sort_at > known)


def _place_at(connection: Connection, log: Row[Any], when: datetime) -> Cursor:
    """The place before the first line that is later than ``when``."""
    later = (
        select(output_items.c.seq)
        .where(output_items.c.log_id == log.id, output_items.c.at > when)
        .order_by(output_items.c.at, output_items.c.seq)
        .limit(1)
    )
    seq = connection.execute(later).scalar_one_or_none()
    return Cursor(log.id, log.next_seq - 1 if seq is None else seq - 1)
