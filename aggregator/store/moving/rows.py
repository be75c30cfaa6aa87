"""Rows of the tables read in order of their keys, and written, on SQLite and PostgreSQL alike.

Documents (JSON) travel as the text that they are stored as: an absent one stays apart from one that
says ``null``, and nothing is written in another way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import StoreError
from aggregator.store.db import tables
from aggregator.store.db.columns import UtcDateTime
from aggregator.store.db.search_index import index_anew
from aggregator.store.moving.tally import Tally

SLICE = 5000  # rows of one step: what a kill loses at most

Rows = Sequence[Sequence[Any]]
# How far it is: the table at hand, rows done in all, rows in all.
Told = Callable[[str, int, int], None]


def _portable(table: Table) -> Table:
    columns = (
        Column(
            one.name,
            Text() if isinstance(one.type, JSON) else one.type,
            primary_key=one.primary_key,
        )
        for one in table.columns
    )
    return Table(table.name, MetaData(), *columns)


# The index for searching is another one on each database: the target makes its own from the entries.
INDEX = tables.search_texts.name
# Parents before children, so that every foreign key finds its row.
TABLES = tuple(
    _portable(t)
    for t in tables.metadata.sorted_tables
    if t.name != INDEX and t.name not in tables.ABOUT_THE_DATABASE
)
_OWN_IDS = tuple(
    table.name for table in tables.metadata.sorted_tables if table.autoincrement_column is not None
)


@contextmanager
def errors_of(what: str) -> Iterator[None]:
    """Turn what a driver raises into a :class:`StoreError` about ``what``; no secret is in it."""
    import sqlite3  # noqa: PLC0415 - drivers are imported where one is used

    import psycopg  # noqa: PLC0415 - as above

    try:
        yield
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise StoreError(
            f"{what}: {reason}", hint="check the address, the disk's free space and the server"
        ) from error


def count(connection: Connection) -> int:
    """Rows of all tables together."""
    return sum(
        int(connection.execute(select(func.count()).select_from(one)).scalar_one())
        for one in TABLES
    )


def key_of(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """The primary key of ``row``."""
    return tuple(
        value for column, value in zip(table.columns, row, strict=True) if column.primary_key
    )


def key_as_text(key: Sequence[Any]) -> str:
    """``key`` to be kept: one JSON list."""
    return json.dumps([one.isoformat() if isinstance(one, datetime) else one for one in key])


def key_from_text(table: Table, kept: str) -> tuple[Any, ...]:
    """The key of which :func:`key_as_text` made ``kept``."""
    return tuple(
        datetime.fromisoformat(value) if isinstance(column.type, UtcDateTime) else value
        for column, value in zip(table.primary_key.columns, json.loads(kept), strict=True)
    )


def slices(
    connection: Connection, table: Table, after: Sequence[Any] | None = None
) -> Iterator[Rows]:
    """Rows of ``table`` behind the key ``after``, by their keys, some at a time."""
    query = _all_of(table)
    if after is not None:
        query = query.where(_key(table) > _literal(table, after))
    yield from _read(connection, query)


def tally_of(connection: Connection, table: Table, upto: Sequence[Any] | None = None) -> Tally:
    """Number and digest of the rows of ``table``, those up to the key ``upto`` or all of them."""
    query = _all_of(table)
    if upto is not None:
        query = query.where(_key(table) <= _literal(table, upto))
    tally = Tally()
    for rows in _read(connection, query):
        tally = tally.plus(rows)
    return tally


def _all_of(table: Table) -> Select[Any]:
    columns = (cast(one, Text) if isinstance(one.type, Text) else one for one in table.columns)
    return select(*columns).order_by(*table.primary_key.columns)


def _key(table: Table) -> ColumnElement[Any]:
    return tuple_(*table.primary_key.columns)


def _literal(table: Table, key: Sequence[Any]) -> ColumnElement[Any]:
    return tuple_(
        *(literal(one, c.type) for c, one in zip(table.primary_key.columns, key, strict=True))
    )


def _read(connection: Connection, query: Select[Any]) -> Iterator[Rows]:
    with connection.execute(query, execution_options={"yield_per": SLICE}) as result:
        yield from result.partitions()


def write(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert ``rows``, which have all columns of ``table``."""
    names = [one.name for one in table.columns]
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    # COPY, many times as fast as INSERT, over the same connection and so in its transaction.
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def clear(connection: Connection) -> None:
    """Delete every row of every table."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {', '.join([INDEX, *(one.name for one in TABLES)])}"))
        return
    connection.execute(tables.search_texts.delete())
    for table in reversed(TABLES):
        connection.execute(table.delete())


def complete(connection: Connection) -> None:
    """Do what the rows alone do not bring: what comes next is numbered behind them, all is indexed anew."""
    index_anew(connection)
    # SQLite numbers by itself.
    if connection.dialect.name != "postgresql":
        return
    for name in _OWN_IDS:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1),"
                f" max(id) IS NOT NULL) FROM {name}"
            )
        )
    connection.execute(text("ANALYZE"))  # the planner knows nothing of what COPY brought


def fill(source: Connection, target: Connection, told: Told) -> dict[str, Tally]:
    """Write all rows of ``source`` into ``target``, whose tables are empty; what each table came to.

    Raises :class:`StoreError` when what is read back is not what was written.
    """
    total, done, found = count(source), 0, {}
    for table in TABLES:
        with errors_of(f"cannot copy the table {table.name}"):
            tally = Tally()
            for rows in slices(source, table):
                write(target, table, rows)
                tally = tally.plus(rows)
                done += len(rows)
                told(table.name, done, total)
            proven(table.name, tally, tally_of(target, table))
        found[table.name] = tally
    complete(target)
    return found


def proven(name: str, given: Tally, found: Tally) -> None:
    """Raise :class:`StoreError` unless what is ``found`` in the table ``name`` is what was ``given``."""
    if given != found:
        raise StoreError(
            f"the table {name} came over wrong: {given.rows} rows ({given.short}) were read, "
            f"{found.rows} ({found.short}) are there",
            hint="does somebody else write to it? Try again; a disk or memory may be faulty, too",
        )
