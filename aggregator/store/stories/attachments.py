"""Rows that settling writes of an entry: its story, why it is there, and the keys that lead to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, null, select, true, update

from aggregator.dedupe.seekers import Assignment, Known
from aggregator.model import Labels, StoryCandidate, StoryKey
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import EntryState, articles, entries, story_keys
from aggregator.store.db.upsert import insert_or_update
from aggregator.store.feeds.entry_labels import dump_labels


def part(connection: Connection, assignments: Sequence[Assignment]) -> None:
    """Keys of entries that leave their story lead there no longer."""
    gone = [one.entry_id for one in assignments if one.leaves]
    for chunk in chunks(gone):
        connection.execute(delete(story_keys).where(story_keys.c.entry_id.in_(chunk)))


def attach(
    connection: Connection,
    story_of: Mapping[int, int],
    reasons: Mapping[int, Mapping[str, Any]],
    candidates: Mapping[int, StoryCandidate],
    labels: Mapping[int, Labels],
    now: datetime,
    recalled: Collection[int],
) -> None:
    """Write each row once: PostgreSQL locks the feed of a row that is written twice, as polls do."""
    stay: list[dict[str, Any]] = []
    join: list[dict[str, Any]] = []
    for entry_id, story in story_of.items():
        values = {
            "row_id": entry_id,
            "story": story,
            "length": len(candidates[entry_id].text),
            "voice": candidates[entry_id].own_voice,
            "state": EntryState.READY if entry_id in recalled else EntryState.SETTLED,
            "now": now,
            "labels": dump_labels(labels.get(entry_id)),
        }
        if entry_id in reasons:
            join.append({**values, **reasons[entry_id]})
        else:
            stay.append(values)
    for statement, rows in ((_STAY, stay), (_JOIN, join)):
        if rows:
            connection.execute(statement, rows)


# Fixed once: neither a page that comes late nor a date that moves makes it another.
_PUBLISHED = case(
    (entries.c.published_fixed, entries.c.published_at),
    else_=func.coalesce(
        entries.c.published_at,
        select(articles.c.published_at)
        .where(articles.c.id == entries.c.article_id)
        .scalar_subquery(),
        entries.c.updated_at,
    ),
)
_STAY = (
    update(entries)
    .where(entries.c.id == bindparam("row_id"))
    .values(
        published_at=_PUBLISHED,
        published_fixed=true(),
        story_id=bindparam("story"),
        text_length=bindparam("length"),
        own_voice=bindparam("voice"),
        state=bindparam("state"),
        state_since=bindparam("now"),
        filtered=null(),
        labels=bindparam("labels", type_=entries.c.labels.type),
    )
)
_JOIN = _STAY.values(
    join_rule=bindparam("rule"),
    joined_to=bindparam("to"),
    overlap=bindparam("shared"),
    join_note=bindparam("note"),
    exact_id=bindparam("exact"),
)


def remember_keys(
    connection: Connection,
    assignments: Sequence[Assignment],
    story_of: Mapping[int, int],
    keys: Mapping[int, Sequence[StoryKey]],
    known: Known,
    now: datetime,
) -> None:
    """Lead the keys of all these entries to their stories."""
    rows: dict[str, dict[str, Any]] = {}
    leaving = {one.entry_id for one in assignments if one.leaves}
    taken = {key: one.entry_id for one in assignments for key in one.takes}
    for entry_id, story in story_of.items():
        for key in keys[entry_id]:
            holder = known.holders.get(key)
            if key in taken:
                if taken[key] == entry_id:
                    rows[str(key)] = _key_row(key, story, entry_id, now)
            # A key that leads to another story keeps leading there.
            elif holder in leaving or known.stories.get(key, story) == story:
                own = holder is None or holder in leaving
                rows.setdefault(
                    str(key), _key_row(key, story, entry_id if own else holder or entry_id, now)
                )
    insert_or_update(connection, story_keys, list(rows.values()), "key")


def _key_row(key: StoryKey, story_id: int, entry_id: int, now: datetime) -> dict[str, Any]:
    return {"key": str(key), "story_id": story_id, "seen_at": now, "entry_id": entry_id}
