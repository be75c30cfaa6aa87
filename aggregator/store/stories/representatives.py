"""Representatives: the member whose text a story shows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select, update

from aggregator.dedupe.represent import best
from aggregator.model import StoryMember
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, stories

_MEMBERS = (
    select(
        entries.c.id,
        entries.c.story_id,
        entries.c.text_length,
        entries.c.first_seen_at,
        stories.c.representative_id,
    )
    .join(stories, stories.c.id == entries.c.story_id)
    .where(entries.c.story_id.in_(bindparam("wanted", expanding=True)))
    .order_by(entries.c.id)
)


def choose_representatives(connection: Connection, story_ids: Collection[int]) -> None:
    """Let each of these stories be shown by the best of its members."""
    members: dict[int, list[StoryMember]] = {}
    current: dict[int, int] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(_MEMBERS, {"wanted": chunk}):
            member = StoryMember(row.id, row.text_length, row.first_seen_at)
            members.setdefault(row.story_id, []).append(member)
            current[row.story_id] = row.representative_id
    changed = []
    for story, group in members.items():
        chosen = group[best(group)].entry_id
        if chosen != current[story]:
            changed.append({"row_id": story, "entry": chosen})
    if changed:
        connection.execute(
            update(stories)
            .where(stories.c.id == bindparam("row_id"))
            .values(representative_id=bindparam("entry")),
            changed,
        )
