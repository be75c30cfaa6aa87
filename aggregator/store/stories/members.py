"""Stories that a batch may join: their keys, members and feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from aggregator.dedupe.near import CANDIDATES
from aggregator.model import JoinRule, StoryKey
from aggregator.store.db.chunks import among, chunks
from aggregator.store.db.tables import entries, story_keys


def known_stories(
    connection: Connection, keys: set[StoryKey], since: datetime
) -> tuple[dict[StoryKey, int], dict[StoryKey, int | None]]:
    """The stories to which these keys lead, and the entries that brought the keys."""
    by_text = {str(key): key for key in keys}
    found: dict[StoryKey, int] = {}
    holders: dict[StoryKey, int | None] = {}
    if by_text:  # some thousand keys, hardly any of which is known
        wanted = among(connection, story_keys.c.key, by_text)
        for row in connection.execute(_BY_KEY.where(wanted), {"since": since}):
            found[by_text[row.key]] = row.story_id
            holders[by_text[row.key]] = row.entry_id
    return found, holders


_BY_KEY = select(story_keys.c.key, story_keys.c.story_id, story_keys.c.entry_id).where(
    story_keys.c.seen_at >= bindparam("since")
)


def siblings_of(connection: Connection, story_ids: set[int]) -> dict[int | None, list[int]]:
    """The latest members of these stories."""
    found: dict[int | None, list[int]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(
            select(entries.c.id, entries.c.story_id)
            .where(entries.c.story_id.in_(chunk))
            .order_by(entries.c.id.desc())
        ):
            members = found.setdefault(row.story_id, [])
            if len(members) <= CANDIDATES:
                members.append(row.id)
    return found


def pinned_of(connection: Connection, story_ids: set[int]) -> set[int]:
    """Those of the stories in which the operator put an entry."""
    found: set[int] = set()
    for chunk in chunks(sorted(story_ids)):
        held = select(entries.c.story_id).where(entries.c.story_id.in_(chunk), entries.c.held)
        found.update(connection.execute(held.distinct()).scalars())
    return found


def dependents_of(
    connection: Connection, rows: Iterable[Row[Any]]
) -> dict[int, list[tuple[int, JoinRule]]]:
    """Dependents by entry: members that its guid or address brought to the story, with the rule."""
    story_of = {row.id: row.story_id for row in rows if row.story_id is not None}
    found: dict[int, list[tuple[int, JoinRule]]] = {}
    for chunk in chunks(sorted(set(story_of.values()))):
        for row in connection.execute(
            select(entries.c.id, entries.c.story_id, entries.c.joined_to, entries.c.join_rule)
            .where(entries.c.story_id.in_(chunk))
            .where(entries.c.join_rule.in_((JoinRule.GUID, JoinRule.URL)))
        ):
            if story_of.get(row.joined_to) == row.story_id:
                found.setdefault(row.joined_to, []).append((row.id, JoinRule(row.join_rule)))
    return found


def feeds_of(connection: Connection, story_ids: set[int]) -> dict[int, set[int]]:
    """The ids of the feeds that have an entry in these stories."""
    found: dict[int, set[int]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(
            select(entries.c.story_id, entries.c.feed_id).where(entries.c.story_id.in_(chunk))
        ):
            found.setdefault(row.story_id, set()).add(row.feed_id)
    return found
