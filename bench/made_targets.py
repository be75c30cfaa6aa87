"""Databases that a made store is written into, and what the two spell differently."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from aggregator.store.db.database import sqlite_path

_AT_ONCE = 4  # connections that fill PostgreSQL


class Target(ABC):
    """A database to be filled; what the two spell differently."""

    is_sqlite = False
    yes, no = "true", "false"

    @abstractmethod
    def run(self, statement: str) -> None:
        """Run one statement."""

    def run_all(self, statements: Iterable[str]) -> None:
        """Run some that know nothing of each other."""
        for statement in statements:
            self.run(statement)

    @abstractmethod
    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows that were made here."""

    @abstractmethod
    def series(self, first: int, last: int, name: str = "n") -> str:
        """A table of the numbers from ``first`` to ``last``, called ``name``."""

    @abstractmethod
    def at(self, seconds: str) -> str:
        """A time, of Unix seconds."""

    @abstractmethod
    def hexed(self, number: str, digits: int) -> str:
        """A number in so many hexadecimal digits."""

    @abstractmethod
    def blob(self, size: int) -> str:
        """So many bytes."""

    @abstractmethod
    def begin(self) -> None:
        """Take away what would be kept up row by row."""

    @abstractmethod
    def end(self) -> None:
        """Make it anew."""


class _Sqlite(Target):
    is_sqlite = True
    yes, no = "1", "0"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._made_later: list[str] = []
        for pragma in (
            "journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "temp_store = FILE",
            "foreign_keys = OFF", "locking_mode = EXCLUSIVE",
        ):  # fmt: skip
            self._connection.execute(f"PRAGMA {pragma}")

    def run(self, statement: str) -> None:
        self._connection.execute(statement)

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        signs = ", ".join("?" * len(columns))
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({signs})", rows
        )
        self._connection.execute("COMMIT")

    def series(self, first: int, last: int, name: str = "n") -> str:
        numbers = (
            f"SELECT {first} AS {name} UNION ALL SELECT {name} + 1 FROM s WHERE {name} < {last}"
        )
        return f"(WITH RECURSIVE s({name}) AS ({numbers}) SELECT {name} FROM s) AS series_{name}"

    def at(self, seconds: str) -> str:
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"

    def hexed(self, number: str, digits: int) -> str:
        return f"printf('%0{digits}x', {number})"

    def blob(self, size: int) -> str:
        return f"randomblob({size})"

    def begin(self) -> None:
        found = self._connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        ).fetchall()
        self._made_later = [made for _, _, made in found]
        for kind, name, _ in found:
            self.run(f"DROP {kind} {name}")

    def end(self) -> None:
        self.run("INSERT INTO search_index(search_index) VALUES ('rebuild')")
        for statement in self._made_later:
            self.run(statement)
        self._connection.close()


class _Postgres(Target):
    def __init__(self, url: str) -> None:
        self._url = url.replace("+psycopg", "")
        self._connection = psycopg.connect(self._url, autocommit=True)
        self._made_later: list[str] = []
        self.run("SET TIME ZONE 'UTC'")

    def run(self, statement: str) -> None:
        self._connection.execute(statement)

    def run_all(self, statements: Iterable[str]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(self._run_alone, statements))

    def _run_alone(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")  # no look at foreign keys
            connection.execute(statement)

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement) as copied:
            for row in rows:
                copied.write_row(row)

    def series(self, first: int, last: int, name: str = "n") -> str:
        return f"generate_series({first}::bigint, {last}::bigint) AS series_{name}({name})"

    def at(self, seconds: str) -> str:
        return f"to_timestamp({seconds})"

    def hexed(self, number: str, digits: int) -> str:
        return f"lpad(to_hex({number}), {digits}, '0')"

    def blob(self, size: int) -> str:
        return f"decode(repeat(md5(random()::text), {size // 16}), 'hex')"

    def begin(self) -> None:
        found = self._connection.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
        ).fetchall()
        self._made_later = [made for _, made in found]
        for name, _ in found:
            self.run(f"DROP INDEX {name}")

    def end(self) -> None:
        self.run_all(self._made_later)
        for table in ("feeds", "articles", "stories", "entries", "output_logs", "health_events"):
            self.run(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        self.run("VACUUM ANALYZE")
        self._connection.close()


def target_at(url: str) -> Target:
    """The database at ``url``, which has its tables and no rows."""
    path = sqlite_path(url)
    return _Sqlite(path) if path is not None else _Postgres(url)
