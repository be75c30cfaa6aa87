"""Fingerprints of texts, by which near duplicates are found, and the lines that feeds repeat."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text

from aggregator.dedupe.near import HOLDERS, Boilerplate, nearest
from aggregator.dedupe.sketch import Sketch
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import feed_lines, fingerprint_keys, fingerprints
from aggregator.store.db.upsert import insert_or_update, insert_rows

_PRUNE = 2000
# A line that came under one title only, and not again for so long, is no boilerplate.
_ONCE_FOR = timedelta(days=7)


def near_entries(connection: Connection, sketches: Iterable[Sketch]) -> dict[int, list[int]]:
    """By entry: up to six others that share keys with it, the likeliest first.

    One statement for all, and in it one look into the index a key, of bounded length however many
    texts there are.
    """
    asked = [one for one in sketches if one.keys]
    holders = _holders(connection, {key for one in asked for key in one.keys})
    return {one.entry_id: nearest(one.keys, holders, one.entry_id) for one in asked}


def _holders(connection: Connection, keys: Collection[int]) -> Mapping[int, Sequence[int]]:
    """By key: the latest entries that have it."""
    found: dict[int, list[int]] = {}
    if keys:
        dialect = connection.dialect.name
        given = json.dumps(list(keys)) if dialect == "sqlite" else list(keys)
        for key, entry_id in connection.execute(_HOLDERS_OF[dialect], {"keys": given}):
            found.setdefault(key, []).append(entry_id)
    return found


# The keys are one parameter, so that the statement is the same for any number of them.
_HOLDERS_OF = {
    dialect: text(
        f"SELECT f.key, f.entry_id FROM {keys} JOIN fingerprint_keys AS f ON f.key = k.value"
        " AND f.entry_id >= coalesce((SELECT entry_id FROM fingerprint_keys WHERE key = k.value"
        f" ORDER BY entry_id DESC LIMIT 1 OFFSET {HOLDERS - 1}), 0)"
    )
    for dialect, keys in {
        "sqlite": "json_each(:keys) AS k CROSS",
        "postgresql": "unnest(CAST(:keys AS integer[])) AS k(value)",
    }.items()
}


def remember(connection: Connection, sketches: Sequence[Sketch], now: datetime) -> None:
    """Let these texts be found from now on, in place of the earlier texts of their entries."""
    _forget(connection, [one.entry_id for one in sketches])
    indexed = [one for one in sketches if one.keys]
    if indexed:
        seen = [{"entry_id": one.entry_id, "seen_at": now} for one in indexed]
        insert_rows(connection, fingerprints, seen)
        # Past what makes a parameter of each value: these are most of the rows of a settled batch.
        connection.exec_driver_sql(
            _ADD_KEYS[connection.dialect.name],
            [(key, one.entry_id) for one in indexed for key in sorted(one.keys)],
        )


_ADD_KEYS = {
    dialect: f"INSERT INTO fingerprint_keys (key, entry_id) VALUES ({sign}, {sign})"
    for dialect, sign in {"sqlite": "?", "postgresql": "%s"}.items()
}


def prune(connection: Connection, since: datetime, now: datetime) -> bool:
    """Drop a batch of what was last seen before ``since``, and lines that did not come again.

    Returns whether there may be more of it.
    """
    old = select(fingerprints.c.entry_id).where(fingerprints.c.seen_at < since).limit(_PRUNE)
    ids = list(connection.execute(old).scalars())
    _forget(connection, ids)
    most = len(ids)
    for lines in (
        select(feed_lines.c.feed_id, feed_lines.c.line).where(feed_lines.c.seen_at < since),
        select(feed_lines.c.feed_id, feed_lines.c.line).where(
            feed_lines.c.seen_at < now - _ONCE_FOR, feed_lines.c.title_2.is_(None)
        ),
    ):
        gone = connection.execute(lines.limit(_PRUNE)).all()
        most = max(most, len(gone))
        if gone:
            connection.execute(
                delete(feed_lines).where(
                    feed_lines.c.feed_id == bindparam("of_feed"),
                    feed_lines.c.line == bindparam("of_line"),
                ),
                [{"of_feed": row.feed_id, "of_line": row.line} for row in gone],
            )
    return most == _PRUNE


def _forget(connection: Connection, ids: Sequence[int]) -> None:
    for chunk in chunks(ids):
        for table in (fingerprint_keys, fingerprints):
            connection.execute(delete(table).where(table.c.entry_id.in_(chunk)))


# A line's place as one number, so that any count of them is one parameter: a statement that has as
# many parameters as there are lines is built anew each time.
_PLACES = {
    "sqlite": "json_each(:places) AS p CROSS JOIN feed_lines AS f ON",
    "postgresql": "unnest(CAST(:places AS bigint[])) AS p(value) JOIN feed_lines AS f ON",
}
_KNOWN_LINES = """
    SELECT f.feed_id, f.line, f.title_1, f.title_2, f.title_3 FROM {}
    f.feed_id = (p.value >> 32) AND f.line = CAST((p.value & 4294967295) - 2147483648 AS integer)
    WHERE :all_of_them OR f.title_2 IS NOT NULL
"""


def boilerplate_of(
    connection: Connection, places: Iterable[tuple[int, int]], *, standing: bool = False
) -> Boilerplate:
    """Titles under which lines came, by (feed, digest); with ``standing`` only of lines seen twice."""
    numbers = sorted({(feed_id << 32) + line + 2**31 for feed_id, line in places})
    known: dict[tuple[int, int], tuple[int, ...]] = {}
    if numbers:
        dialect = connection.dialect.name
        given = json.dumps(numbers) if dialect == "sqlite" else numbers
        asked = {"places": given, "all_of_them": not standing}
        for feed_id, line, *titles in connection.execute(_KNOWN_LINES_BY_DIALECT[dialect], asked):
            known[feed_id, line] = tuple(title for title in titles if title is not None)
    return Boilerplate(known)


_KNOWN_LINES_BY_DIALECT = {
    name: text(_KNOWN_LINES.format(start)) for name, start in _PLACES.items()
}


def save_boilerplate(connection: Connection, boilerplate: Boilerplate, now: datetime) -> None:
    """Write down what was learned of feeds' lines."""
    rows = []
    for place in sorted(boilerplate.changed):
        first, second, third = (*boilerplate.titles(place), None, None)[:3]
        rows.append(
            {
                "feed_id": place[0],
                "line": place[1],
                "title_1": first,
                "title_2": second,
                "title_3": third,
                "seen_at": now,
            }
        )
    insert_or_update(connection, feed_lines, rows, "feed_id", "line")
