"""Filling of a log from the store: its first lines, and whatever its window comes to lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from aggregator.model import Selection
from aggregator.select.ranking import Place, floor, is_past
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import output_logs, output_now
from aggregator.store.outputs.groups import stories_in_order
from aggregator.store.outputs.log import Log, fill_with, open_logs, rests_on

MOST = 1000  # stories that one transaction looks through, where few of them fit


@dataclass(frozen=True, slots=True)
class Filled:
    """Work of one transaction: how many stories were looked through, how many items are new, is it done."""

    stories: int = 0
    items: int = 0
    is_whole: bool = True


def fill(connection: Connection, selection: Selection, now: datetime) -> Filled:
    """Look through some of the store for an output, from the newest story down, until its window is whole.

    Everything that is met stands in the log afterwards, and how far it was looked is remembered: the
    next call goes on there. Nothing happens where the log rests on another selection by now.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    basis = selection.basis
    row = open_logs(connection).get(basis.name) if basis is not None else None
    if row is None or not rests_on(row, basis):
        return Filled()
    before = _count(connection, row.id)
    is_whole, reached, looked = _looked_down(connection, selection, row, now)
    connection.execute(
        update(output_logs)
        .where(output_logs.c.id == row.id)
        .values(
            filled=is_whole,
            floor_at=reached[0] if reached is not None else None,
            floor_tie=reached[1] if reached is not None else None,
        )
    )
    return Filled(looked, _count(connection, row.id) - before, is_whole)


def _looked_down(
    connection: Connection, selection: Selection, row: Row[Any], now: datetime
) -> tuple[bool, Place | None, int]:
    """Is the window whole; the place down to which the store was looked through (None: all of it); stories."""
    looked, below = 0, (row.floor_at, row.floor_tie) if row.floor_at is not None else None
    have = _count(connection, row.id, floor(below, selection)) if below is not None else 0
    for stories, reached in _in_slices(connection, selection, below, have):
        log = connection.execute(select(output_logs).where(output_logs.c.id == row.id)).one()
        fill_with(connection, stories, Log(log, selection, row.id), now)
        looked += len(stories)
        bound = floor(reached, selection)
        if _count(connection, row.id, bound) >= selection.limit or is_past(reached, selection):
            return True, reached, looked
        if looked >= MOST:
            return False, reached, looked
    return True, None, looked


def _in_slices(
    connection: Connection, selection: Selection, below: Place | None, have: int
) -> Iterator[tuple[set[int], Place]]:
    seen: set[int] = set()
    for stories, reached in stories_in_order(connection, selection, below, have):
        fresh = set(stories) - seen
        seen |= fresh
        yield fresh, reached


def _count(connection: Connection, log_id: int, floor: Place | None = None) -> int:
    """The number of items that stand in a log, at or above ``floor``."""
    query = select(func.count()).select_from(output_now).where(output_now.c.log_id == log_id)
    if floor is not None:
        when, tie = floor
        query = query.where(
            output_now.c.sort_at >= when,
            (output_now.c.sort_at > when) | (output_now.c.tie >= tie),
        )
    return connection.execute(query).scalar_one()
