"""Counters: the version of what outputs show, and totals of what is stored.

They are kept in the transaction that changes what they count, so that a crash leaves them right and
nobody ever has to count a million rows. Each is one row that every such transaction writes: so that is
done last (:mod:`aggregator.store.db.row_locks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, bindparam, select, update

from aggregator.store.db.tables import counters
from aggregator.store.db.upsert import insert_or_update


class Counter(StrEnum):
    """Names of the counters."""

    VERSION = "version"
    FEEDS = "feeds"  # in the configuration
    ENTRIES = "entries"
    STORIES = "stories"
    PAGES = "pages"
    PAGES_FAILED = "pages_failed"  # of these: given up
    SEARCH_BELOW = "search_below"  # entries with lower ids are not in the index yet: an id
    ARCHIVES = "archives"  # times that something was taken out of closed archive pages
    STRETCH = (
        "stretch"  # of the cadence's intervals, in millionths; not there before a limit was set
    )
    STRETCH_AT = "stretch_at"  # when that was found, Unix seconds
    STRETCH_BASIS = "stretch_basis"  # a number of the settings that it was found for
    PAGES_SWEPT = "pages_swept"  # how far retention has looked for unlinked ones: an id
    # Likewise for lines that are needed no more: a log, and a number in it; not there at first.
    LINES_SWEPT_LOG = "lines_swept_log"
    LINES_SWEPT = "lines_swept"
    # By which rules of addresses keys are made, and how far that is; not there before the first time.
    KEYED_BY = "keyed_by"  # see aggregator.store.stories.key_backlog
    KEYED_BELOW = "keyed_below"  # entries with lower ids are still to be keyed: an id


_ADD = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + bindparam("by"))
)


def bump_version(connection: Connection) -> None:
    """Count a change that an output might show, in the transaction that makes it, at its end."""
    connection.execute(_ADD, {"counter": Counter.VERSION.value, "by": 1})


def count(connection: Connection, changes: dict[Counter, int], *, bump: bool = False) -> None:
    """Add ``changes``, and one to the version if ``bump``; the last that a transaction does."""
    changed = {**changes, Counter.VERSION: int(bump)}
    rows = [{"counter": name.value, "by": by} for name, by in sorted(changed.items()) if by]
    if rows:
        connection.execute(_ADD, rows)


def read_version(connection: Connection) -> int:
    """The current version; grows with every change."""
    return read_counters(connection)[Counter.VERSION]


_KNOWN = frozenset(Counter)


def read_counters(connection: Connection) -> dict[Counter, int]:
    """All counters that this release knows; a later one, which may run beside it, has others too."""
    rows = connection.execute(select(counters.c.name, counters.c.value))
    return {Counter(row.name): row.value for row in rows if row.name in _KNOWN}


def set_counter(connection: Connection, name: Counter, value: int) -> None:
    """Make ``name`` equal ``value``."""
    connection.execute(update(counters).where(counters.c.name == name.value).values(value=value))


def note_counters(connection: Connection, values: Mapping[Counter, int]) -> None:
    """Make these counters equal these values, whether or not they were there."""
    rows = [{"name": name.value, "value": value} for name, value in sorted(values.items())]
    insert_or_update(connection, counters, rows, "name")
