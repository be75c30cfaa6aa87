"""Leases on rows: whoever claimed a row may write its result, until another claims it.

``lease_token`` grows with every claim and fences: a result is written only by the holder of the
latest one, however late it comes. ``lease_until`` is short and renewed while the work goes on, so
that what a killed process held is taken up by another soon.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select, true, update

from aggregator.errors import LeaseLost
from aggregator.model import Lease
from aggregator.store.db.tables import articles, deliveries, feeds, page_is_wanted


def held(connection: Connection, table: Table, leases: Sequence[tuple[int, Lease]]) -> set[int]:
    """Row ids of the leases that still hold, locked until the transaction ends."""
    tokens = {
        row.id: row.lease_token
        for row in connection.execute(_tokens(table), {"ids": [row_id for row_id, _ in leases]})
    }
    return {row_id for row_id, lease in leases if tokens.get(row_id) == lease.token}


@lru_cache  # of the tables that have leases: to build a statement takes longer than to run it
def _tokens(table: Table) -> Select[Any]:
    return (
        select(table.c.id, table.c.lease_token)
        .where(table.c.id.in_(bindparam("ids", expanding=True)))
        .order_by(table.c.id)  # one order for all, or two groups could lock each other out
        .with_for_update(key_share=True)
    )


def lost(what: str) -> LeaseLost:
    """The refusal of a result that came too late."""
    return LeaseLost(
        f"{what} took longer than its lease",
        hint="its result was dropped; another worker redoes it",
    )


def renew(
    connection: Connection, table: Table, leases: Sequence[tuple[int, Lease]], until: datetime
) -> None:
    """Extend these (row id, lease) of ``table`` to ``until``; a lost lease stays lost."""
    if leases:
        connection.execute(
            update(table)
            .where(table.c.id == bindparam("row_id"), table.c.lease_token == bindparam("token"))
            .where(table.c.lease_until.is_not(None))
            .values(lease_until=until),
            # In one order for all, see `row_locks`.
            [
                {"row_id": row_id, "token": lease.token}
                for row_id, lease in sorted(leases, key=_row_id)
            ],
        )


def _row_id(held: tuple[int, Lease]) -> int:
    return held[0]


def release(connection: Connection, table: Table, row_id: int, lease: Lease) -> None:
    """End a lease; a lost one is ignored."""
    connection.execute(
        update(table)
        .where(table.c.id == row_id, table.c.lease_token == lease.token)
        .values(lease_until=None)
    )


def free_all(connection: Connection) -> None:
    """End every lease. Only for a process that knows it is the only one on this database."""
    for table, may_be_leased in (
        (feeds, true()),
        (articles, page_is_wanted),  # of an index: no start reads all pages
        (deliveries, true()),
    ):
        held = table.c.lease_until.is_not(None)
        connection.execute(update(table).where(may_be_leased, held).values(lease_until=None))
