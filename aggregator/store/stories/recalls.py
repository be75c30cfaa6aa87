"""Settled entries that are looked at again: what is known since speaks against how they were judged.

The next batch settles them like entries that changed. What the operator placed stays.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, not_, select, update

from aggregator.dedupe.sketch import digest
from aggregator.store.db.chunks import chunks
from aggregator.store.db.row_locks import free_rows
from aggregator.store.db.tables import EntryState, entries

_LATEST = 500  # entries of a feed whose titles are looked at
# Times that texts may have an entry looked at again within an hour: as often as it takes to come to rest.
_LOOKS = 4
_WITHIN = timedelta(hours=1)
_MOST_LOOKS = 20_000  # entries that are remembered: some 3 MB


class Looks:
    """Looks at settled entries: how often this process had each looked at again of late.

    What an entry is compared with is what was loaded beside it, and two verdicts may differ by that: a page that
    tells several stories joined one of them and left it without end, and each time was shown anew.
    """

    def __init__(self) -> None:
        self._looks: OrderedDict[int, tuple[datetime, int]] = OrderedDict()

    def allowed(self, entry_ids: Collection[int], now: datetime) -> set[int]:
        """Those of ``entry_ids`` that may be looked at again, which counts as done."""
        found = set()
        for entry_id in sorted(entry_ids):
            since, looks = self._looks.get(entry_id, (now, 0))
            if abs(now - since) >= _WITHIN:
                since, looks = now, 0
            if looks < _LOOKS:
                found.add(entry_id)
                self._looks[entry_id] = since, looks + 1
                self._looks.move_to_end(entry_id)
        while len(self._looks) > _MOST_LOOKS:
            self._looks.popitem(last=False)
        return found


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
