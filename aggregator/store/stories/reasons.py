"""Reasons for which entries are in their stories, stored as they join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.dedupe.seekers import Assignment
from aggregator.model import JoinRule
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, stories


def reasons_of(
    connection: Connection,
    assignments: Sequence[Assignment],
    story_of: Mapping[int, int],
    rows: Mapping[int, Row[Any]],
) -> dict[int, dict[str, Any]]:
    """Join reasons as values of entries' rows; an entry that keeps its old reason is left out."""
    joining = [one for one in assignments if one.rule is not JoinRule.OWN]
    exact = _exact_ids(connection, joining, story_of)
    values = {}
    for one in joining:
        own = rows[one.entry_id].exact_id or rows[one.entry_id].public_id
        if one.leaves:
            own = exact[None, story_of[one.entry_id]]
        elif one.rule.is_exact:
            joined = exact.get((one.joined_to, 0))
            own = joined or exact[None, story_of[one.entry_id]]
        exact[one.entry_id, 0] = own
        values[one.entry_id] = {
            "rule": one.rule,
            "to": one.joined_to,
            "shared": one.overlap,
            "note": one.note,
            "exact": own,
        }
    return values


def _exact_ids(
    connection: Connection, joining: Sequence[Assignment], story_of: Mapping[int, int]
) -> dict[tuple[int | None, int], str]:
    """By (entry, 0) its ``exact_id``, by (None, story) the story's public id."""
    found: dict[tuple[int | None, int], str] = {}
    joined_stories = sorted({story_of[one.entry_id] for one in joining})
    for chunk in chunks(sorted({one.joined_to for one in joining if one.joined_to is not None})):
        for row in connection.execute(
            select(entries.c.id, entries.c.exact_id).where(
                entries.c.id.in_(chunk), entries.c.exact_id.is_not(None)
            )
        ):
            found[row.id, 0] = row.exact_id
    for chunk in chunks(joined_stories):
        for row in connection.execute(
            select(stories.c.id, stories.c.public_id).where(stories.c.id.in_(chunk))
        ):
            found[None, row.id] = row.public_id
    return found
