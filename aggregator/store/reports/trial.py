"""Trial of an output: which stories it would take, and why not the others, before anything is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from aggregator.model import Selection, TriedItem, Unfit
from aggregator.privacy.masking import masked
from aggregator.publish.order import LATE
from aggregator.select.arrivals import Door, admit
from aggregator.select.placing import Placed
from aggregator.select.ranking import floor
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, feeds
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.groups import stories_in_order
from aggregator.store.outputs.log_members import members_of
from aggregator.store.outputs.why_not import surplus

_MOST: Final = 20_000  # stories
_A_DOCUMENT: Final = timedelta(minutes=1)  # within which the places of one's undated entries stand


def try_output(connection: Connection, selection: Selection, since: datetime) -> list[TriedItem]:
    """The items that the output's feeds give with a place from ``since`` on, as it would sort them.

    Quotas go by when items were published, as where a log begins. At most 20,000 stories are looked at.
    """
    found = list(_tried(connection, selection, since))
    found.sort(key=lambda pair: (pair[0].place, pair[0].item_id), reverse=True)
    shown = _shown(connection, [one.entry_id for one, _ in found], selection)
    return [
        TriedItem(one.item_id, one.entry_id, *shown[one.entry_id], one.place[0], one.sources, why)
        for one, why in found
        if one.entry_id in shown
    ]


def _tried(
    connection: Connection, selection: Selection, since: datetime
) -> Iterator[tuple[Placed, Unfit | None]]:
    seen = set[int]()
    entered: dict[int, list[datetime]] = {}
    for stories, reached in stories_in_order(connection, selection):
        fresh = set(stories) - seen
        seen |= fresh
        made = items_by(members_of(connection, fresh).values(), selection)
        items = _since(connection, made, since)
        judge = Judge(connection, [selection])  # anew, for it holds texts
        judge.prepare([(selection, items)])
        why = {one.item_id: judge.unfit(one, selection) for one in items}
        fit = [one for one in items if why[one.item_id] is None]
        if selection.quota is not None:
            state = Door(known={}, standing=(), ended={}, entered=entered)
            now = max((one.arrived for one in fit), default=since)
            for item_id in admit(fit, state, selection, now, quiet=True).surplus:
                why[item_id] = surplus(selection.quota)
        yield from ((one, why[one.item_id]) for one in items)
        if floor(reached, selection)[0] < since - LATE or len(seen) >= _MOST:
            return


def _since(connection: Connection, made: Sequence[Placed], since: datetime) -> list[Placed]:
    """Those of the items that have a place from ``since`` on.

    What has no date, and came with its feed's first poll, stands below what that listed with dates: it has
    the time of its discovery here.
    """
    older = {one.entry_ids[0]: one for one in made if one.place[0] < since}
    columns = entries.c
    came = select(columns.id, columns.first_seen_at, columns.sort_at).where(
        columns.first_seen_at >= since
    )
    found = [one for one in made if one.place[0] >= since]
    for chunk in chunks(sorted(older)):
        for row in connection.execute(came.where(columns.id.in_(chunk))):
            if abs(row.first_seen_at - LATE - row.sort_at) < _A_DOCUMENT:
                one = older[row.id]
                found.append(replace(one, place=(row.first_seen_at, one.place[1])))
    return found


def _shown(
    connection: Connection, entry_ids: Sequence[int], selection: Selection
) -> dict[int, tuple[str, str]]:
    """Titles of these entries, and names of their feeds."""
    columns = entries.c.id, entries.c.title, feeds.c.key, feeds.c.title.label("feed_title")
    found = select(*columns).join(feeds, feeds.c.id == entries.c.feed_id)
    return {
        row.id: (
            row.title,
            selection.titles.get(row.key) or row.feed_title or masked(row.key),
        )
        for chunk in chunks(sorted(set(entry_ids)))
        for row in connection.execute(found.where(entries.c.id.in_(chunk)))
    }
