"""Fingerprints of texts, by which near duplicates are found, and the lines that feeds repeat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, TextClause, bindparam, delete, select, text

from aggregator.dedupe.near import CANDIDATES, HOLDERS, Boilerplate
from aggregator.dedupe.sketch import Sketch
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import feed_lines, fingerprint_keys, fingerprints
from aggregator.store.db.upsert import insert_or_update

_PRUNE = 2000
# A line that came under one title only, and not again for so long, is no boilerplate.
_ONCE_FOR = timedelta(days=7)


def near_entries(connection: Connection, sketches: Iterable[Sketch]) -> dict[int, list[int]]:
    """By entry: up to six others that share keys with it, most keys and latest first.

    One look into the index a key, of bounded length however many texts there are.
    """
    found = {}
    for one in sketches:
        if one.keys:
            keys = sorted(one.keys)
            given = {f"k{n}": key for n, key in enumerate(keys)}
            rows = connection.execute(_lookup(len(keys)), {**given, "own": one.entry_id})
            found[one.entry_id] = [row.entry_id for row in rows]
    return found


def _lookup(keys: int) -> TextClause:
    """The statement that finds who shares most of ``keys`` keys; only their number is put in."""
    if keys not in _LOOKUPS:
        holders = " UNION ALL ".join(
            f"SELECT entry_id FROM (SELECT entry_id FROM fingerprint_keys WHERE key = :k{n}"
            f" ORDER BY entry_id DESC LIMIT {HOLDERS}) AS of_{n}"
            for n in range(keys)
        )
        _LOOKUPS[keys] = text(
            f"SELECT entry_id FROM ({holders}) AS shared WHERE entry_id <> :own"
            f" GROUP BY entry_id ORDER BY count(*) DESC, entry_id DESC LIMIT {CANDIDATES}"
        )
    return _LOOKUPS[keys]


_LOOKUPS: dict[int, TextClause] = {}


def remember(connection: Connection, sketches: Sequence[Sketch], now: datetime) -> None:
    """Let these texts be found from now on, in place of the earlier texts of their entries."""
    _forget(connection, [one.entry_id for one in sketches])
    indexed = [one for one in sketches if one.keys]
    if indexed:
        connection.execute(
            fingerprints.insert(), [{"entry_id": one.entry_id, "seen_at": now} for one in indexed]
        )
        connection.execute(
            fingerprint_keys.insert(),
            [{"key": key, "entry_id": one.entry_id} for one in indexed for key in sorted(one.keys)],
        )


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
