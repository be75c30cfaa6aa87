"""A database with rows in every table, of every kind of value that a column may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Float,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    null,
)

from aggregator.store.db.columns import UtcDateTime
from aggregator.store.db.tables import ABOUT_THE_DATABASE, metadata

ROWS = 7
_AT = datetime(2026, 11, 2, 12, 30, 15, 123456, tzinfo=UTC)


def fill_every_table(engine: Engine, first: int = 1) -> None:
    """Put :data:`ROWS` rows into each table that a copy takes along, numbered from ``first``."""
    with engine.execution_options(writes=True).begin() as connection:
        if first == 1:
            connection.execute(delete(metadata.tables["counters"]))
        for table in metadata.sorted_tables:
            if table.name in ABOUT_THE_DATABASE:
                continue
            for number in range(first, first + ROWS):
                connection.execute(insert(table).values(_row(table, number)))


def _row(table: Table, number: int) -> dict[str, Any]:
    # What only PostgreSQL keeps, of a kind of its own, stays empty.
    return {one.name: _value(one, number) for one in table.columns if one.name != "terms"}


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number % 3 == 0:
        # Of documents the absent one, not one that says null.
        return null() if isinstance(column.type, JSON) else None
    match column.type:
        case JSON():
            return None if column.nullable and number % 3 == 1 else {"ä": [number, None, "\u2028"]}
        case UtcDateTime():
            return _AT + timedelta(minutes=number)
        case Boolean():
            return number % 2 == 0
        case LargeBinary():
            return bytes([0, number, 255])
        case Float():
            return number / 3
        case Text():
            return f"{column.name} {number}\t\\N\n“é” 🐘 \\"
        case _:
            return number
