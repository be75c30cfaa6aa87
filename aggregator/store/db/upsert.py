"""``INSERT … ON CONFLICT``, which SQLAlchemy spells per database and both spell alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, case
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return _INSERTS[connection.dialect.name](table)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, all of the same columns."""
    insert_or_update(connection, table, rows)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def count_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Like :func:`insert_missing`; returns how many were not there. ``table`` has an ``id``."""
    if not rows:
        return 0
    statement = _insert(connection, table).on_conflict_do_nothing().returning(table.c.id)
    return len(connection.execute(statement, rows).all())


def insert_or_update(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *keys: str
) -> None:
    """Insert the rows, all of the same columns; where one with the same ``keys`` exists, set its other columns.

    Without ``keys`` there is none.
    """
    if rows:
        # Past what SQLAlchemy does for each row of any statement: these are most of the rows that are written.
        text, given = _upsert(connection.dialect, table, tuple(rows[0]), keys)
        connection.exec_driver_sql(text, [given(row) for row in rows])


@lru_cache(maxsize=64)  # of what the program's own tables allow
def _upsert(
    dialect: Dialect, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]
) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    """The statement as ``dialect`` spells it, and what makes its parameters of a row."""
    statement = _INSERTS[dialect.name](table)
    if keys:
        others = {name: statement.excluded[name] for name in columns if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=list(keys), set_=others)
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    process = {
        name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns
    }
    order = compiled.positiontup

    def by_name(row: Mapping[str, Any]) -> dict[str, Any]:
        return {n: row[n] if one is None else one(row[n]) for n, one in process.items()}

    def by_place(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[n] if (one := process[n]) is None else one(row[n]) for n in order or ())

    return str(compiled), by_name if order is None else by_place


def insert_or_most(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *keys: str
) -> None:
    """Insert the rows; where one with the same ``keys`` exists, the greater of each other value stands."""
    if rows:
        statement = _insert(connection, table)
        greater = _greater(table, statement, [name for name in rows[0] if name not in keys])
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=greater), rows
        )


def _greater(
    table: Table, statement: sqlite.Insert | postgresql.Insert, names: Sequence[str]
) -> dict[str, Any]:
    return {
        name: case(
            (table.c[name] > statement.excluded[name], table.c[name]),
            else_=statement.excluded[name],
        )
        for name in names
    }


def add_up(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *keys: str
) -> None:
    """Insert the rows; where one with the same ``keys`` exists, add their other columns to it."""
    if rows:
        statement = _insert(connection, table)
        sums = {
            name: table.c[name] + statement.excluded[name] for name in rows[0] if name not in keys
        }
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=sums), rows
        )
