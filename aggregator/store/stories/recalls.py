"""Settled entries that are looked at again: what is known since speaks against how they were judged.

The next batch settles them like entries that changed. What the operator placed stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, not_, select, update

from aggregator.dedupe.sketch import digest
from aggregator.store.db.chunks import chunks
from aggregator.store.db.row_locks import free_rows
from aggregator.store.db.tables import EntryState, entries

_LATEST = 500  # entries of a feed whose titles are looked at


def under_titles(
    connection: Connection, titles: Mapping[int, Collection[int]], since: datetime
) -> set[int]:
    """The latest entries by feed under ``titles`` (digests by feed), first seen after ``since``."""
    found: set[int] = set()
    for feed_id, wanted in sorted(titles.items()):
        latest = (
            select(entries.c.id, entries.c.title)
            .where(entries.c.feed_id == feed_id, entries.c.first_seen_at >= since)
            .order_by(entries.c.id.desc())
            .limit(_LATEST)
        )
        found.update(row.id for row in connection.execute(latest) if digest(row.title) in wanted)
    return found


def recall(connection: Connection, entry_ids: Collection[int], now: datetime) -> None:
    """Make these entries ready again; those that somebody writes at this moment are ready soon anyhow."""
    for chunk in chunks(sorted(entry_ids)):
        settled = and_(
            entries.c.id.in_(chunk),
            entries.c.state == EntryState.SETTLED,
            not_(entries.c.held),
            entries.c.story_id.is_not(None),
            entries.c.filtered.is_(None),
        )
        connection.execute(
            update(entries)
            .where(entries.c.id.in_(free_rows(entries, settled)))
            .values(state=EntryState.READY, state_since=now)
        )
