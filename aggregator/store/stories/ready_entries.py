"""Ready entries: those that settling takes next, in their order, and since when the first one waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from aggregator.dedupe.candidates import EntrySource
from aggregator.model import SettleOrder
from aggregator.store.db.columns import UtcDateTime
from aggregator.store.db.row_locks import free_rows
from aggregator.store.db.tables import EntryState, entries, entry_is_unsettled
from aggregator.store.stories.entry_sources import SOURCE, LatestEntries, select_candidates

_LOOKED_AT = 1000  # ready entries, for the one that has been it longest


def release_overdue(connection: Connection, now: datetime, max_wait: timedelta) -> int:
    """Make entries ready that waited longer than ``max_wait`` for their page; count them."""
    overdue = and_(
        entries.c.state == EntryState.WAITING,
        entry_is_unsettled,
        entries.c.state_since <= now - max_wait,
    )
    # What another transaction writes at this moment is looked at again with the next tick.
    return connection.execute(
        update(entries)
        .where(entries.c.id.in_(free_rows(entries, overdue)))
        .values(state=EntryState.READY, state_since=now)
    ).rowcount


def ready_entries(connection: Connection, limit: int, order: SettleOrder) -> dict[int, Row[Any]]:
    """The first ready entries in ``order`` by id, locked, in the order in which they may found stories.

    Who founds a story does not depend on which feed was polled first.
    """
    ready = connection.execute(_READY[order], {"most": limit}).all()
    return {row.id: row for row in sorted(ready, key=_order)}


def ready_sources(connection: Connection, limit: int, order: SettleOrder) -> list[EntrySource]:
    """See :meth:`aggregator.ports.StoryStore.ready_sources`."""
    rows = connection.execute(_SOURCES[order], {"most": limit})
    return LatestEntries(connection).sources(rows)


def _order(row: Row[Any]) -> tuple[datetime, str, int]:
    """By date; of equal dates by the id that subscribers see, of undated entries as they came."""
    return row.sort_at, "" if row.published_at is None else row.public_id, row.id


def ready_since(connection: Connection) -> datetime | None:
    """See :meth:`aggregator.ports.StoryStore.ready_since`."""
    return connection.execute(_LONGEST_READY).scalar_one_or_none()


_IS_READY = and_(entries.c.state == EntryState.READY, entry_is_unsettled)
_ORDERS: dict[SettleOrder, tuple[ColumnElement[Any], ...]] = {
    SettleOrder.FIRST_COME: (entries.c.id,),
    SettleOrder.OLDEST: (entries.c.sort_at, entries.c.public_id),
    SettleOrder.NEWEST: (entries.c.sort_at.desc(), entries.c.public_id.desc()),
}


def _first(order: SettleOrder) -> Select[Any]:
    """The first ready entries in ``order``, in the order in which they came."""
    chosen = (
        select(entries.c.id)
        .where(_IS_READY)
        .order_by(*_ORDERS[order])
        .limit(bindparam("most"))
        .cte("ready")
    )
    return (
        select_candidates()
        .where(entries.c.id.in_(select(chosen.c.id)), _IS_READY)
        .order_by(entries.c.id)
    )


# Statements are built once: to build one takes longer than to run it.
_SOURCES = {order: _first(order).with_only_columns(*SOURCE) for order in SettleOrder}
# A poll that changes one of them meanwhile must not have its change marked as settled.
_READY = {order: _first(order).with_for_update(of=entries, key_share=True) for order in SettleOrder}
# Among a bounded number: one that became ready again may stand before them by its id.
_LONGEST_READY = select(func.min(literal_column("state_since", UtcDateTime()))).select_from(
    select(entries.c.state_since)
    .where(entries.c.state == EntryState.READY, entry_is_unsettled)
    .order_by(entries.c.id)
    .limit(_LOOKED_AT)
    .subquery()
)
