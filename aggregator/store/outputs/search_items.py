"""Items of an output that a query finds, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.model import FoundItems, Selection
from aggregator.publish.groups import Group
from aggregator.select.search_query import SearchQuery
from aggregator.store.db.search_index import LOOKED_AT, at_most, found_entries
from aggregator.store.db.tables import entries, feeds
from aggregator.store.outputs.groups import allowed, groups_of
from aggregator.store.outputs.items import items_of
from aggregator.store.outputs.why_not import unfit_items

_PATIENCE_S = 5.0  # for a query, so that none keeps the others waiting for ever
_FIRST = 500  # entries that have the words, and are asked for before the rest of them is


def search_items(
    connection: Connection, selection: Selection, query: SearchQuery, below: int | None
) -> FoundItems:
    """Find up to ``selection.limit`` items that show an entry that ``query`` finds.

    Only entries that the output may show are found. ``below`` goes on where the last answer ended.
    It fails after a few seconds rather than going on.
    """
    with at_most(connection, _PATIENCE_S):
        rows = _shown(connection, selection, query, below)
    more, rows = len(rows) > selection.limit, rows[: selection.limit]
    groups = _groups(connection, selection, rows)
    return FoundItems(
        tuple(items_of(connection, selection, groups)), rows[-1].id if more and rows else None
    )


def _shown(
    connection: Connection, selection: Selection, query: SearchQuery, below: int | None
) -> list[Row[Any, Any]]:
    """Up to ``selection.limit + 1`` entries that are found and may be shown, the latest first."""
    asked = (
        select(entries.c.id, entries.c.story_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.story_id.is_not(None), allowed(connection, selection))
        .order_by(entries.c.id.desc())
    )
    wanted, looked_at, rows = selection.limit + 1, 0, list[Row[Any, Any]]()
    # Of common words the newest few entries are enough, nearly always. PostgreSQL does not know how rare a
    # word is: for so few it would go through all entries from the newest on.
    if connection.dialect.name == "sqlite":
        first = list(connection.execute(found_entries(connection, query, below, _FIRST)).scalars())
        rows += connection.execute(asked.where(entries.c.id.in_(first)).limit(wanted)).all()
        if len(rows) == wanted or len(first) < _FIRST:
            return rows
        below, looked_at = first[-1], _FIRST
    # Found before it is asked what it belongs to, for the same reason.
    found = found_entries(connection, query, below, LOOKED_AT - looked_at).cte("found")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    rest = asked.join(found, found.c.id == entries.c.id).limit(wanted - len(rows))
    return [*rows, *connection.execute(rest).all()]


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
