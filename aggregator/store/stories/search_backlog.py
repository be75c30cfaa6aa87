"""Entries that were stored before there was an index for searching: indexed some at a time."""

from __future__ import annotations

from sqlalchemy import Connection, or_

from aggregator.dedupe.candidates import candidate_of
from aggregator.store.db.counters import Counter, read_counters, set_counter
from aggregator.store.db.search_index import index_texts
from aggregator.store.db.tables import EntryState, entries
from aggregator.store.stories.entry_sources import select_candidates, source_of

_SLICE = 100  # entries: a transaction's worth, while nothing else is to be settled


def index_stored(connection: Connection) -> int:
    """Index the latest entries that are not indexed yet; return how many were looked at."""
    below = read_counters(connection).get(Counter.SEARCH_BELOW, 0)
    if below <= 0:
        return 0
    rows = connection.execute(
        select_candidates()
        .where(
            entries.c.id < below,
            entries.c.state == EntryState.SETTLED,
            or_(entries.c.filtered.is_(None), entries.c.story_id.is_not(None)),
        )
        .order_by(entries.c.id.desc())
        .limit(_SLICE)
    ).all()
    found = [candidate_of(source_of(row)) for row in rows]
    index_texts(connection, [(one.entry_id, one.title, one.text) for one in found])
    set_counter(connection, Counter.SEARCH_BELOW, rows[-1].id if len(rows) == _SLICE else 0)
    return len(rows)
