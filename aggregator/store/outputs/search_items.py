"""Items of an output that a query finds, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.model import FoundItems, Selection
from aggregator.publish.groups import Group
from aggregator.select.search_query import SearchQuery
from aggregator.store.db.search_index import at_most, found_entries
from aggregator.store.db.tables import entries, feeds
from aggregator.store.outputs.groups import allowed, groups_of
from aggregator.store.outputs.items import items_of
from aggregator.store.outputs.why_not import unfit_items

_PATIENCE_S = 5.0  # for a query, so that none keeps the others waiting for ever


def search_items(
    connection: Connection, selection: Selection, query: SearchQuery, below: int | None
) -> FoundItems:
    """Find up to ``selection.limit`` items that show an entry that ``query`` finds.

    Only entries that the output may show are found. ``below`` goes on where the last answer ended.
    It fails after a few seconds rather than going on.
    """
    # Found before it is asked what it belongs to: PostgreSQL does not know how rare a word is, and goes through all
    # entries from the newest on, where it expects to have enough soon.
    found = found_entries(connection, query, below).cte("found")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    asked = (
        select(entries.c.id, entries.c.story_id)
        .join(found, found.c.id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.story_id.is_not(None), allowed(connection, selection))
        .order_by(entries.c.id.desc())
        .limit(selection.limit + 1)
    )
    with at_most(connection, _PATIENCE_S):
        rows = connection.execute(asked).all()
    more, rows = len(rows) > selection.limit, rows[: selection.limit]
    groups = _groups(connection, selection, rows)
    return FoundItems(
        tuple(items_of(connection, selection, groups)), rows[-1].id if more and rows else None
    )


def _groups(
    connection: Connection, selection: Selection, rows: Sequence[Row[Any, Any]]
) -> list[Group]:
    """The items of the entries in ``rows``, in their order, each once."""
    stories = {row.story_id for row in rows}
    of_story = groups_of(connection, selection, stories)
    unfit = unfit_items(connection, selection, stories)
    holder = {
        i: g
        for groups in of_story.values()
        for g in groups
        if g.id not in unfit
        for i in g.entry_ids
    }
    return list({holder[row.id].id: holder[row.id] for row in rows if row.id in holder}.values())
