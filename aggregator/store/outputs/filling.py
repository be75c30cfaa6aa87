"""Filling of a log from the store: its first lines, and whatever its window comes to lack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from aggregator.model import Selection
from aggregator.select.placing import Place
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import output_logs, output_now
from aggregator.store.outputs.groups import stories_in_order
from aggregator.store.outputs.log import Log, fill_with, open_logs, rests_on


def fill(connection: Connection, selection: Selection, now: datetime) -> int:
    """Look through the store for an output, from the newest story down, until its window is whole.

    Everything that is met stands in the log afterwards. Returns how many items did not stand there
    before. Nothing happens where the log rests on another selection by now.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    basis = selection.basis
    if basis is None or not rests_on(open_logs(connection).get(basis.name), basis):
        return 0
    log_id = open_logs(connection)[basis.name].id
    before = _count(connection, log_id)
    floor = _filled_down_to(connection, selection, log_id, now)
    connection.execute(
        update(output_logs)
        .where(output_logs.c.id == log_id)
        .values(
            filled=True,
            floor_at=floor[0] if floor is not None else None,
            floor_tie=floor[1] if floor is not None else None,
        )
    )
    return _count(connection, log_id) - before


def _filled_down_to(
    connection: Connection, selection: Selection, log_id: int, now: datetime
) -> Place | None:
    """The place down to which the store was looked through; None: it was all of it."""
    for stories, last in _in_slices(connection, selection):
        row = connection.execute(select(output_logs).where(output_logs.c.id == log_id)).one()
        fill_with(connection, stories, Log(row, selection), now)
        if _count(connection, log_id, last) >= selection.limit:
            return last
    return None


def _in_slices(connection: Connection, selection: Selection) -> Iterator[tuple[set[int], Place]]:
    seen: set[int] = set()
    for stories, last in stories_in_order(connection, selection):
        fresh = set(stories) - seen
        seen |= fresh
        yield fresh, last


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
