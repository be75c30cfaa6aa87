"""``aggregator db copy``: all rows of one database in another one, with their ids.

The target says in a table of its own how far it is. A copy that was ended goes on behind the last
row that it wrote, if what is there is still what the source has; else it begins anew. The table goes
in the transaction that makes the target whole: until then no daemon starts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, inspect, select

from aggregator.errors import StoreError
from aggregator.store.db.migrations import UNFINISHED, Opening, migrate
from aggregator.store.moving import rows
from aggregator.store.moving.in_use import alone_with, must_be_present, name_of, opened
from aggregator.store.moving.rows import TABLES, Told, errors_of
from aggregator.store.moving.tally import Tally

_progress = Table(
    UNFINISHED,
    MetaData(),
    Column("name", Text, primary_key=True),  # of a table; "" for the source
    Column("reached", Text, nullable=False),  # key of the last row; of "" the source's name
)
_WHOLE = "whole"  # reached the end of a table


@dataclass(frozen=True, slots=True)
class Copied:
    """Tables of a copy that is whole, and whether it went on with what was there."""

    tables: dict[str, Tally]
    resumed: bool


def copy_database(source_url: str, target_url: str, told: Told) -> Copied:
    """Copy all of the one database into the other, which is empty or an unfinished copy of the same.

    Raises :class:`StoreError`: the target has something else, the source is of another release, what
    was read back is not what was written; :class:`AlreadyRunning` when a daemon uses one of them.
    """
    with errors_of("cannot copy the database"), opened(source_url, there=True) as source:
        reading = source
        if source.dialect.name != "sqlite":
            reading = source.execution_options(isolation_level="REPEATABLE READ")
        # One snapshot, whatever happens meanwhile; a target that is refused is not made.
        with alone_with(source), reading.begin() as given:
            must_be_present(given)
            with _opened_other(target_url, source) as target:
                _prepare(target, name_of(source))
                return _Copying(given, target, told).all()


@contextmanager
def _opened_other(url: str, source: Engine) -> Iterator[Engine]:
    with opened(url) as target:
        if name_of(source) == name_of(target):
            raise StoreError(
                f"{name_of(source)} cannot be copied to itself", hint="give another TO"
            )
        with alone_with(target):
            yield target


def _prepare(target: Engine, source: str) -> None:
    """Have the tables in ``target``, empty or with what a copy of ``source`` left there."""
    with target.execution_options(writes=True).begin() as connection:
        there = inspect(connection)
        if there.has_table(UNFINISHED):
            of = connection.execute(select(_progress.c.reached).where(_progress.c.name == ""))
            if (other := of.scalar_one_or_none()) != source:
                raise StoreError(
                    f"{name_of(target)} is an unfinished copy of {other}, not of {source}",
                    hint="finish that one, or give an empty database",
                )
        else:
            _must_be_empty(connection, target, set(there.get_table_names()))
            _progress.create(connection)
            connection.execute(_progress.insert(), {"name": "", "reached": source})
    migrate(target, opening=Opening(being_copied=True))


def _must_be_empty(connection: Connection, target: Engine, names: set[str]) -> None:
    for table in TABLES:
        if table.name not in names or table.name == "counters":  # which migrations begin
            continue
        if connection.execute(select(table.primary_key.columns[0]).limit(1)).first() is not None:
            raise StoreError(
                f"{name_of(target)} is not empty: it has rows in the table {table.name}",
                hint="give an empty database; nothing was changed",
            )


class _Copying:
    """One run of a copy, from one snapshot of the source."""

    def __init__(self, source: Connection, target: Engine, told: Told) -> None:
        self._source = source
        self._target = target.execution_options(writes=True)
        self._told = told
        self._total = rows.count(source)
        self._done = 0

    def all(self) -> Copied:
        reached = self._reached()
        before = self._proven(reached)
        if before is None:
            reached, before = {}, {}
            self._begin()
        self._done = sum(tally.rows for tally in before.values())
        given = {
            table.name: self._rest(table, reached.get(table.name), before.get(table.name, Tally()))
            for table in TABLES
        }
        self._finish(given)
        return Copied(given, resumed=bool(before))

    def _reached(self) -> dict[str, str]:
        with self._target.begin() as target:
            found = target.execute(select(_progress).where(_progress.c.name != "")).all()
        return {row.name: row.reached for row in found}

    def _proven(self, reached: dict[str, str]) -> dict[str, Tally] | None:
        """What is there of each table; None unless the source has the same, or where nothing is."""
        found = {}
        for table in TABLES:
            if (at := reached.get(table.name)) is None:
                continue
            upto = None if at == _WHOLE else rows.key_from_text(table, at)
            tally = rows.tally_of(self._source, table, upto)
            with self._target.begin() as target:
                if rows.tally_of(target, table) != tally:
                    return None
            found[table.name] = tally
        return found or None

    def _begin(self) -> None:
        with self._target.begin() as target:
            target.execute(_progress.delete().where(_progress.c.name != ""))
            rows.clear(target)

    def _rest(self, table: Table, reached: str | None, before: Tally) -> Tally:
        """Copy what is missing of ``table``; what the whole of it is."""
        if reached == _WHOLE:
            return before
        tally, after = before, None if reached is None else rows.key_from_text(table, reached)
        with errors_of(f"cannot copy the table {table.name}"):
            for some in rows.slices(self._source, table, after):
                with self._target.begin() as target:
                    rows.write(target, table, some)
                    self._note(target, table.name, rows.key_as_text(rows.key_of(table, some[-1])))
                tally = tally.plus(some)
                self._done += len(some)
                self._told(table.name, self._done, self._total)
            with self._target.begin() as target:
                self._note(target, table.name, _WHOLE)
        return tally

    def _note(self, target: Connection, name: str, reached: str) -> None:
        target.execute(_progress.delete().where(_progress.c.name == name))
        target.execute(_progress.insert(), {"name": name, "reached": reached})

    def _finish(self, given: dict[str, Tally]) -> None:
        with self._target.begin() as target:
            for table in TABLES:
                rows.proven(table.name, given[table.name], rows.tally_of(target, table))
            rows.complete(target)
            _progress.drop(target)
