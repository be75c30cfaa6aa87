"""Index of the segments of entries, on SQLite and on PostgreSQL: written, and asked.

SQLite keeps the segments beside an FTS5 table, which triggers keep like them; PostgreSQL keeps a
``tsvector``, made here and not by its parser, so that both hold the same segments.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy import table as text_table

from aggregator.select.search_query import SearchQuery, Term
from aggregator.store.db.counters import Counter, set_counter
from aggregator.store.db.tables import entries, search_texts
from aggregator.store.db.upsert import insert_or_update
from aggregator.text.segments import Indexed, indexed

_GAP: Final = 8  # places between title and text, so that no phrase crosses from one into the other
_MOST_PLACES: Final = 255  # of one segment, which is what PostgreSQL keeps
LOOKED_AT: Final = 20_000
"""Entries that have the words, the newest ones: the rest is not looked through."""

_STEPS: Final = 20_000  # of SQLite between two looks at the time


def index_texts(connection: Connection, texts: Iterable[tuple[int, str, str]]) -> None:
    """Have entries found by their texts: entry id, title and text in plain words."""
    index_segments(connection, [(i, indexed(title, said)) for i, title, said in texts])


def index_segments(connection: Connection, found: Iterable[tuple[int, Indexed]]) -> None:
    """Have entries found by their segments."""
    row = _ROWS[connection.dialect.name]
    rows = [{"entry_id": entry_id, **row(one)} for entry_id, one in found]
    insert_or_update(connection, search_texts, rows, "entry_id")


def _sqlite_row(said: Indexed) -> dict[str, Any]:
    return {"title": said.title, "body": said.body}


def _postgres_row(said: Indexed) -> dict[str, Any]:
    title, body = said.title.split(), said.body.split()
    places: dict[str, list[str]] = {}
    for place, segment in enumerate(title, 1):
        places.setdefault(segment, []).append(f"{place}A")
    for place, segment in enumerate(body, len(title) + _GAP):
        places.setdefault(segment, []).append(str(place))
    # Segments are letters, digits and marks: nothing in them needs escaping.
    return {
        "terms": " ".join(f"'{one}':{','.join(at[:_MOST_PLACES])}" for one, at in places.items())
    }


_ROWS: Final[dict[str, Callable[[Indexed], dict[str, Any]]]] = {
    "sqlite": _sqlite_row,
    "postgresql": _postgres_row,
}


def index_anew(connection: Connection) -> None:
    """Have all entries that are stored indexed by and by, whatever the index holds of them now."""
    latest = connection.execute(select(func.max(entries.c.id))).scalar_one() or 0
    set_counter(connection, Counter.SEARCH_BELOW, latest + 1)


@contextmanager
def at_most(connection: Connection, seconds: float) -> Iterator[None]:
    """End what ``connection`` looks for in this block after so long: it fails then as other queries do."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
        yield
        return
    own: Any = connection.connection.driver_connection
    until = time.monotonic() + seconds
    own.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        yield
    finally:
        own.set_progress_handler(None, 0)


def found_entries(
    connection: Connection, query: SearchQuery, below: int | None, most: int = LOOKED_AT
) -> Select[Any]:
    """Select the ids of entries that ``query`` finds, the latest first, those with ids ``below``.

    At most the latest ``most`` that have the words are looked at, whatever else is asked of them.
    """
    if connection.dialect.name == "sqlite":
        column: ColumnElement[int] = literal_column("search_index.rowid", Integer)
        source: FromClause = text_table("search_index")
        asked, given = "search_index MATCH :query", _fts5(query)
    else:
        column, source = search_texts.c.entry_id, search_texts
        asked, given = "search_texts.terms @@ CAST(:query AS tsquery)", _tsquery(query)
    chosen = (
        select(column.label("id")).select_from(source).where(text(asked).bindparams(query=given))
    )
    if below is not None:
        chosen = chosen.where(column < below)
    return chosen.order_by(column.desc()).limit(most)


def _fts5(query: SearchQuery) -> str:
    """``query`` in the language of FTS5 (sqlite.org/fts5.html §3)."""
    all_of = " AND ".join(f"({' OR '.join(map(_fts5_term, some))})" for some in query.all_of)
    if not query.none_of:
        return all_of
    return f"({all_of}) NOT ({' OR '.join(map(_fts5_term, query.none_of))})"


def _fts5_term(term: Term) -> str:
    said = f'"{" ".join(term.row)}"{" *" if term.is_open else ""}'
    return f"title : {said}" if term.in_title else said


def _tsquery(query: SearchQuery) -> str:
    """``query`` as a ``tsquery`` (PostgreSQL §8.11.2)."""
    all_of = " & ".join(f"({' | '.join(map(_ts_term, some))})" for some in query.all_of)
    return all_of + "".join(f" & !({_ts_term(one)})" for one in query.none_of)


def _ts_term(term: Term) -> str:
    weight = "A" if term.in_title else ""
    last = len(term.row) - 1
    marks = [weight + ("*" if term.is_open and place == last else "") for place in range(last + 1)]
    return " <-> ".join(
        f"'{segment}'" + (f":{mark}" if mark else "")
        for segment, mark in zip(term.row, marks, strict=True)
    )
