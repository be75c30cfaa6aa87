"""Stories that end: their only member turned out to tell another story, and joined that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, select, update

from aggregator.dedupe.seekers import Assignment
from aggregator.store.db.chunks import chunks
from aggregator.store.db.row_locks import lock_at_once
from aggregator.store.db.tables import entries, stories, story_keys


def end_stories(
    connection: Connection,
    assignments: Sequence[Assignment],
    story_of: Mapping[int, int],
    rows: Mapping[int, Row[Any]],
) -> dict[int, int]:
    """Delete the stories that merge into others; return which story each of them went into.

    Those of which the only member merges, and those that a copy of both unites with another.

    Its keys lead there from now on. The one of the two that subscribers have known for longer keeps
    its public id and date: the ended one hands them over when it is older than a story that had one
    member, or none, before this batch. ``rows`` are the entries as they were before it.
    """
    merging = [one for one in assignments if one.merges]
    ended = {rows[one.entry_id].story_id: story_of[one.entry_id] for one in merging}
    united = {old: story_of[one.entry_id] for one in assignments for old in one.unites}
    if not ended and not united:
        return ended
    _move_members(connection, united)
    known = _public(connection, {*ended, *ended.values()})
    alone = _alone(connection, set(ended.values()), rows)
    for old, story in {**ended, **united}.items():
        connection.execute(
            update(story_keys).where(story_keys.c.story_id == old).values(story_id=story)
        )
    _delete(connection, [*ended, *united])
    heirs: dict[int, Assignment] = {}
    for one in sorted(merging, key=lambda one: rows[one.entry_id].story_id):
        story, old = story_of[one.entry_id], rows[one.entry_id].story_id
        if story in alone and old < story:
            heirs.setdefault(story, one)
    for story, one in heirs.items():
        old = known[rows[one.entry_id].story_id]
        connection.execute(
            update(stories)
            .where(stories.c.id == story)
            .values(public_id=old.public_id, sort_at=old.sort_at)
        )
        if one.rule.is_exact:
            _hand_over_exact_id(connection, story, one, rows)
    return {**united, **ended}


def _move_members(connection: Connection, united: Mapping[int, int]) -> None:
    for old, story in united.items():
        ids = connection.execute(select(entries.c.id).where(entries.c.story_id == old)).scalars()
        members = ids.all()
        lock_at_once(connection, entries, members)
        connection.execute(update(entries).where(entries.c.id.in_(members)).values(story_id=story))


def _public(connection: Connection, story_ids: set[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for chunk in chunks(sorted(story_ids)):
        some = select(stories.c.id, stories.c.public_id, stories.c.sort_at).where(
            stories.c.id.in_(chunk)
        )
        for row in connection.execute(some):
            found[row.id] = row
    return found


def _alone(connection: Connection, story_ids: set[int], rows: Mapping[int, Row[Any]]) -> set[int]:
    """Those of the stories that had one member at most, which the operator did not put there."""
    before: dict[int, list[bool]] = {story: [] for story in story_ids}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(
            select(entries.c.id, entries.c.story_id, entries.c.held).where(
                entries.c.story_id.in_(chunk)
            )
        ):
            if row.id not in rows or rows[row.id].story_id == row.story_id:
                before[row.story_id].append(row.held)
    return {story for story, pinned in before.items() if pinned in ([], [False])}


def _delete(connection: Connection, story_ids: Sequence[int]) -> None:
    for chunk in chunks(story_ids):
        connection.execute(delete(stories).where(stories.c.id.in_(chunk)))


def _hand_over_exact_id(
    connection: Connection, story: int, one: Assignment, rows: Mapping[int, Row[Any]]
) -> None:
    """Exact copies keep the older id where they alone are one item, too."""
    joined = connection.execute(
        select(entries.c.exact_id).where(entries.c.id == one.entry_id)
    ).scalar_one()
    copies = and_(entries.c.story_id == story, entries.c.exact_id == joined)
    ids = connection.execute(select(entries.c.id).where(copies)).scalars().all()
    lock_at_once(connection, entries, ids)
    connection.execute(
        update(entries)
        .where(copies)
        .values(exact_id=rows[one.entry_id].exact_id or rows[one.entry_id].public_id)
    )
