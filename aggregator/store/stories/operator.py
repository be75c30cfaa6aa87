"""Operator edits: an entry taken out of its story, two stories made one. They stick.

All entries of the stories concerned are ``held`` from then on: settling leaves them where they are,
whatever their texts say later; copies that come may still join. Keys go with the entries that
brought them, so that later copies find the right story.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from aggregator.dedupe.represent import best
from aggregator.errors import StoreError
from aggregator.model import JoinRule, OperatorEdit, StoryMember
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import entries, stories, story_keys

_SPLIT_IDS = uuid.UUID("a3f0c1c2-9a1e-4f5b-8a4c-2f1f0b7d6e55")


def split(connection: Connection, entry_id: int, apart_from: int | None = None) -> OperatorEdit:
    """Take an entry out of its story, for good; with ``apart_from`` only if that one is in it too.

    The part with the story's representative keeps the id that subscribers know, so that what they
    have seen is not new to them; the other part has an id of its own. Raises
    :class:`~aggregator.errors.StoreError` when there is nothing to split.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    entry = _placed(connection, entry_id)
    other = _placed(connection, apart_from) if apart_from is not None else None
    members = _members(connection, entry.story_id)
    if other is not None and other.story_id != entry.story_id:
        raise StoreError(f"the entries {entry_id} and {apart_from} are in two stories already")
    if len(members) == 1 or entry_id == apart_from:
        raise StoreError(f"the entry {entry_id} is alone in its story")
    story = connection.execute(select(stories).where(stories.c.id == entry.story_id)).one()
    is_shown = story.representative_id == entry_id
    leaving = [m for m in members if (m.id != entry_id) == is_shown]
    staying = [m for m in members if m not in leaving]
    fresh = _new_story(connection, story, leaving)
    _part_exact_ids(connection, leaving, staying)
    ids = tuple(m.id for m in leaving)
    _move(connection, ids, fresh)
    _explain_parting(connection, leaving, entry_id)
    _hold(connection, [m.id for m in members])
    connection.execute(
        update(story_keys)
        .where(story_keys.c.story_id == story.id, story_keys.c.entry_id.in_(ids))
        .values(story_id=fresh)
    )
    mark(connection, {story.id, fresh})
    count(connection, {Counter.STORIES: 1}, bump=True)
    public_id = connection.execute(select(stories.c.public_id).where(stories.c.id == fresh))
    return OperatorEdit(story.public_id, public_id.scalar_one(), ids)


def merge(connection: Connection, first_id: int, second_id: int) -> OperatorEdit:
    """Make the stories of two entries one, for good; the one founded first keeps its id.

    Copies that were exact copies of either are one where exact copies alone are. Raises
    :class:`~aggregator.errors.StoreError` when they are one already.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    pair = sorted(
        (_placed(connection, first_id), _placed(connection, second_id)), key=lambda e: e.story_id
    )
    kept, ended = pair
    if kept.story_id == ended.story_id:
        raise StoreError(f"the entries {first_id} and {second_id} are in one story already")
    found = select(stories).where(stories.c.id.in_([kept.story_id, ended.story_id]))
    before = {row.id: row for row in connection.execute(found)}
    public = {story: row.public_id for story, row in before.items()}
    everybody = _members(connection, kept.story_id, ended.story_id)
    moved = tuple(m.id for m in everybody if m.story_id == ended.story_id)
    _share_exact_id(connection, ended, kept.exact_id or public[kept.story_id])
    connection.execute(
        update(story_keys)
        .where(story_keys.c.story_id == ended.story_id)
        .values(story_id=kept.story_id)
    )
    _move(connection, moved, kept.story_id)
    _explain_merge(connection, ended.id, kept.id)
    connection.execute(delete(stories).where(stories.c.id == ended.story_id))
    guests = [entry_id for row in before.values() for entry_id in row.guests or ()]
    connection.execute(
        update(stories)
        .where(stories.c.id == kept.story_id)
        .values(
            representative_id=_best(everybody, guests),
            seen_at=max(row.seen_at for row in before.values()),
            guests=guests or None,
        )
    )
    _hold(connection, [m.id for m in everybody])
    mark(connection, before)
    count(connection, {Counter.STORIES: -1}, bump=True)
    return OperatorEdit(public[kept.story_id], public[ended.story_id], moved)


def _placed(connection: Connection, entry_id: int) -> Row[Any]:
    row = connection.execute(select(entries).where(entries.c.id == entry_id)).one_or_none()
    if row is None:
        raise StoreError(
            f"there is no entry {entry_id}",
            hint="`aggregator explain URL` shows the numbers of entries",
        )
    if row.story_id is None:
        raise StoreError(
            f"the entry {entry_id} has no story yet",
            hint="try again when it is settled, within `extract.max_wait`",
        )
    return row


def _members(connection: Connection, *story_ids: int) -> list[Row[Any]]:
    found = select(entries).where(entries.c.story_id.in_(story_ids)).order_by(entries.c.id)
    return list(connection.execute(found.with_for_update(key_share=True)))


def _new_story(connection: Connection, story: Row[Any], leaving: Sequence[Row[Any]]) -> int:
    first = leaving[0]
    taken = select(stories.c.public_id)
    values = {
        "public_id": _free_id(connection, first.public_id, taken),
        "representative_id": _best(leaving, story.guests or ()),
        "sort_at": first.sort_at,
        "seen_at": story.seen_at,
        "guests": story.guests,
    }
    return int(
        connection.execute(insert(stories).values(values).returning(stories.c.id)).scalar_one()
    )


def _part_exact_ids(
    connection: Connection, leaving: Sequence[Row[Any]], staying: Sequence[Row[Any]]
) -> None:
    """Exact copies on both sides may not have one id any more: no feed has an id twice."""
    ids = {m.exact_id for m in staying}
    shared = [m for m in leaving if m.exact_id in ids]
    if not shared:
        return
    taken = select(entries.c.exact_id).where(entries.c.exact_id.is_not(None))
    fresh = _free_id(connection, shared[0].public_id, taken)
    connection.execute(
        update(entries).where(entries.c.id.in_([m.id for m in shared])).values(exact_id=fresh)
    )


def _free_id(connection: Connection, wanted: str, taken: Any) -> str:
    """``wanted``, or what follows from it: a split that is undone and done again has the same."""
    column, number, found = taken.selected_columns[0], 0, wanted
    while connection.execute(taken.where(column == found).limit(1)).first() is not None:
        number += 1
        found = uuid.uuid5(_SPLIT_IDS, f"{wanted}\n{number}").urn
    return found


def _explain_parting(connection: Connection, leaving: Sequence[Row[Any]], entry_id: int) -> None:
    ids = {m.id for m in leaving}
    parted = [m.id for m in leaving if m.joined_to is None or m.joined_to not in ids]
    connection.execute(
        update(entries)
        .where(entries.c.id.in_([*parted, entry_id]))
        .values(
            join_rule=JoinRule.HAND,
            joined_to=None,
            overlap=None,
            join_note=f"entry {entry_id} was split off by the operator",
        )
    )


def _share_exact_id(connection: Connection, ended: Row[Any], exact_id: str) -> None:
    """Exact copies of ``ended`` become exact copies of the entry it is merged with."""
    connection.execute(
        update(entries)
        .where(entries.c.story_id == ended.story_id, entries.c.exact_id == ended.exact_id)
        .values(exact_id=exact_id)
    )


def _explain_merge(connection: Connection, entry_id: int, joined_to: int) -> None:
    connection.execute(
        update(entries)
        .where(entries.c.id == entry_id)
        .values(
            join_rule=JoinRule.HAND,
            joined_to=joined_to,
            overlap=None,
            join_note="merged by the operator",
        )
    )


def _move(connection: Connection, entry_ids: Collection[int], story_id: int) -> None:
    connection.execute(update(entries).where(entries.c.id.in_(entry_ids)).values(story_id=story_id))


def _hold(connection: Connection, entry_ids: Collection[int]) -> None:
    connection.execute(update(entries).where(entries.c.id.in_(entry_ids)).values(held=True))


def _best(members: Sequence[Row[Any]], guests: Collection[int]) -> int:
    """Which entry stands for the story until it is settled again; ranks count from then on."""
    copies = [
        StoryMember(m.id, m.text_length, m.first_seen_at, stands_back=m.id in guests)
        for m in members
    ]
    return copies[best(copies)].entry_id
