"""Row locks, taken in one order by all, so that no two transactions lock each other out.

Whoever writes rows that others write, too, takes the advisory lock first, then table by table
``subscriptions``, ``feeds``, ``articles``, ``entries``, ``site_pages``, ``stories`` with all that hangs
on them, ``hosts``, and ``counters`` last; within a table the rows by their ids (or names), all in one go.
``FOR NO KEY UPDATE``: a row that others only refer to is not waited for. On SQLite a transaction
that writes is alone anyhow. See ``docs/decisions/locks.md``.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from aggregator.errors import RowsBusy
from aggregator.store.db.chunks import chunks


def lock_rows(
    connection: Connection, table: Table, ids: Collection[int], *, to_delete: bool = False
) -> None:
    """Hold the rows with these ids to the end of the transaction; ``to_delete``: nobody may refer to them."""
    if connection.dialect.name != "sqlite":
        for chunk in chunks(sorted(ids)):
            _lock(connection, table, table.c.id.in_(chunk), to_delete=to_delete)


def lock_where(connection: Connection, table: Table, which: ColumnElement[bool]) -> None:
    """Hold the rows ``which`` to the end of the transaction."""
    if connection.dialect.name != "sqlite":
        _lock(connection, table, which)


def free_rows(table: Table, which: ColumnElement[bool]) -> Select[int]:
    """Ids of the rows ``which``, held from then on, without those that another transaction holds."""
    rows = select(table.c.id).where(which).order_by(table.c.id)
    return rows.with_for_update(key_share=True, skip_locked=True)


def lock_at_once(connection: Connection, table: Table, ids: Collection[int]) -> None:
    """Hold the rows with these ids although others of the table are held already, out of order.

    Nobody is waited for: raises :class:`RowsBusy` where another transaction holds one of them.
    """
    if ids and connection.dialect.name != "sqlite":
        held = connection.execute(free_rows(table, table.c.id.in_(sorted(ids)))).all()
        if len(held) < len(set(ids)):
            raise RowsBusy(f"another transaction writes rows of {table.name} that are needed")


def _lock(
    connection: Connection, table: Table, which: ColumnElement[bool], *, to_delete: bool = False
) -> None:
    rows = select(table.c.id).where(which).order_by(table.c.id)
    connection.execute(rows.with_for_update(key_share=not to_delete)).all()
