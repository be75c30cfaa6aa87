"""Windows computed from all entries, for outputs that do not take everything; their logs have them at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from aggregator.model import Selection
from aggregator.publish.groups import Group
from aggregator.select.arrivals import Door, admit
from aggregator.select.placing import Placed
from aggregator.select.ranking import Place, floor, is_past
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.groups import groups_of, stories_in_order
from aggregator.store.outputs.log_members import members_of

_MOST: Final = 20_000  # stories that are looked through; a log is filled further


def computed_groups(connection: Connection, selection: Selection) -> list[Group]:
    """The output's items, newest first, as if its log began now."""
    found: list[Placed] = []
    for items, reached in _taken(connection, selection):
        found += items
        bound = floor(reached, selection)
        if sum(one.place >= bound for one in found) >= selection.limit:
            break
    found.sort(key=lambda one: (one.place, one.item_id), reverse=True)
    newest = [one for one in found if not _is_old(one.place, selection)][: selection.limit]
    groups = groups_of(connection, selection, {one.story for one in newest})
    by_id = {group.id: group for own in groups.values() for group in own}
    return [by_id[one.item_id] for one in newest]


def _is_old(place: Place, selection: Selection) -> bool:
    return selection.since is not None and place[0] < selection.since


def _taken(connection: Connection, selection: Selection) -> Iterator[tuple[list[Placed], Place]]:
    """Items that the output takes, some at a time from the newest on, and how far that is."""
    seen = set[int]()
    entered: dict[int, list[datetime]] = {}
    for stories, reached in stories_in_order(connection, selection):
        fresh = set(stories) - seen
        seen |= fresh
        items = items_by(members_of(connection, fresh).values(), selection)
        taken = Judge(connection, [selection]).judged(items, selection).items
        if selection.quota is not None:
            state = Door(known={}, standing=(), ended={}, entered=entered)
            now = max((one.arrived for one in taken), default=reached[0])
            taken = admit(taken, state, selection, now, quiet=True).items
        yield taken, reached
        if len(seen) >= _MOST or is_past(reached, selection):
            return
