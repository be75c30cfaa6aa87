"""The shape of a database, and what of a change of it a release that does not know it would trip over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect, text

_NO_PART = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table: everything in it that a statement may rest on or fail at."""

    columns: Mapping[str, tuple[str, bool, str]]  # type, nullable, default
    key: tuple[str, ...]
    unique: frozenset[tuple[str, ...]]  # constraints and indexes that let no row in twice
    indexes: frozenset[str]
    foreign: frozenset[tuple[tuple[str, ...], str, str]]  # columns, table, ON DELETE
    checks: frozenset[str]
    triggers: frozenset[str]


def shape_of(connection: Connection) -> dict[str, TableShape]:
    """The shape of every table, by name."""
    seen = inspect(connection)
    triggers = _triggers(connection)
    return {
        name: TableShape(
            {
                one["name"]: (str(one["type"]), one["nullable"], str(one["default"]))
                for one in seen.get_columns(name)
            },
            tuple(seen.get_pk_constraint(name)["constrained_columns"]),
            frozenset(
                {tuple(sorted(one["column_names"])) for one in seen.get_unique_constraints(name)}
                | {
                    tuple(sorted(map(str, one["column_names"])))
                    for one in seen.get_indexes(name)
                    if one["unique"]
                }
            ),
            frozenset(str(one["name"]) for one in seen.get_indexes(name)),
            frozenset(
                (
                    tuple(one["constrained_columns"]),
                    one["referred_table"],
                    one.get("options", {}).get("ondelete", ""),
                )
                for one in seen.get_foreign_keys(name)
            ),
            frozenset(str(one["sqltext"]) for one in seen.get_check_constraints(name)),
            frozenset(trigger for table, trigger in triggers if table == name),
        )
        for name in seen.get_table_names()
        if name not in _NO_PART
    }


def _triggers(connection: Connection) -> set[tuple[str, str]]:
    found = (
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.dialect.name == "postgresql"
        else "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    return {(row[0], row[1]) for row in connection.execute(text(found))}


def not_ignorable(before: Mapping[str, TableShape], after: Mapping[str, TableShape]) -> list[str]:
    """What changed that a release which knows ``before`` only cannot ignore; [] for a mere expansion."""
    found = [f"the table {name} is gone" for name in before.keys() - after.keys()]
    for name, old in before.items():
        if name in after:
            found += [f"{name}: {one}" for one in _of_table(old, after[name])]
    for name in after.keys() - before.keys():
        found += [f"{name}: {one}" for one in _stopping(after[name].foreign, before)]
    return sorted(found)


def _of_table(old: TableShape, new: TableShape) -> Iterator[str]:
    for column, was in old.columns.items():
        if column not in new.columns:
            yield f"the column {column} is gone"
        elif new.columns[column] != was:
            yield f"the column {column} was {was}, and is {new.columns[column]}"
    for column in new.columns.keys() - old.columns.keys():
        _, nullable, default = new.columns[column]
        if not nullable and default == "None":
            yield f"the column {column} must be given"
    for what in ("key", "unique", "checks", "triggers", "foreign"):
        was, now = getattr(old, what), getattr(new, what)
        if was != now:
            yield f"{what} was {_said(was)}, and is {_said(now)}"
    for index in old.indexes - new.indexes:
        yield f"the index {index} is gone"


def _stopping(
    foreign: Collection[tuple[tuple[str, ...], str, str]], before: Mapping[str, TableShape]
) -> Iterator[str]:
    for columns, table, ondelete in foreign:
        if table in before and ondelete.upper() not in {"CASCADE", "SET NULL"}:
            yield f"{', '.join(columns)} keeps rows of {table} from being deleted"


def _said(value: Any) -> str:
    return str(sorted(value) if isinstance(value, frozenset) else value)


# Tables that releases read word by word and pass over what they do not know.
_OPEN_TABLES = frozenset({"counters", "works_with", "alembic_version"})
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def rows_written(engine: Engine) -> Iterator[set[str]]:
    """Tables to which statements write rows, apart from those where every release expects it."""
    found: set[str] = set()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if (match := _WRITES.match(statement)) and match[1] not in _OPEN_TABLES:
            found.add(match[1])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
