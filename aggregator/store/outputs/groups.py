"""Items of an output: the newest groups of entries, without their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select

from aggregator.model import DedupeMode, Selection
from aggregator.publish.groups import Copy, Group, grouped
from aggregator.store.db.chunks import CHUNK, chunks
from aggregator.store.db.tables import entries, feeds, stories


def newest_groups(connection: Connection, selection: Selection) -> list[Group]:
    """The output's items, newest first.

    Where a story is one item, it is sorted under the date of its first entry, for ever; where it
    is several, or may have entries that the output hides, each is sorted under that of its first
    entry that the output shows.
    """
    if (
        selection.dedupe is DedupeMode.NEAR
        and selection.window is None
        and selection.categories is None
        and not selection.hidden  # a story's date may be that of an entry which must not be told of
    ):
        order = newest_stories(connection, selection)
        groups = groups_of(connection, selection, order)
        return [group for story in order for group in groups.get(story, ())]
    return _scanned(connection, selection)


def allowed(selection: Selection) -> Any:
    """The condition that a feed belongs to the output, and may be shown there."""
    belongs: list[Any] = [feeds.c.active]
    if selection.keys is not None:
        belongs.append(feeds.c.key.in_(sorted(selection.keys)))
    return and_(*belongs, *_shown(selection))


def _shown(selection: Selection) -> list[Any]:
    hidden = sorted(selection.hidden)
    return [feeds.c.key.not_in(hidden)] if hidden else []


def newest_stories(connection: Connection, selection: Selection) -> list[int]:
    """Ids of the newest stories that have an entry of the output's feeds."""
    member = (
        exists()
        .where(entries.c.story_id == stories.c.id)
        .where(feeds.c.id == entries.c.feed_id)
        .where(allowed(selection))
    )
    return list(
        connection.execute(
            select(stories.c.id)
            .where(member)
            .order_by(stories.c.sort_at.desc(), stories.c.id.desc())
            .limit(selection.limit)
        ).scalars()
    )


def groups_of(
    connection: Connection, selection: Selection, story_ids: Collection[int]
) -> dict[int, list[Group]]:
    """Items that ``selection`` makes of these stories, by story id.

    Entries that it hides take no part: no item's bounds in time follow from them.
    """
    copies: dict[int, list[Copy]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(_members(chunk, selection)):
            copies.setdefault(row.story_id, []).append(_copy(row, selection))
    return {story: grouped(members, selection) for story, members in copies.items()}


def _members(story_ids: Sequence[int], selection: Selection) -> Any:
    return (
        select(
            entries.c.id,
            entries.c.story_id,
            entries.c.public_id,
            entries.c.exact_id,
            entries.c.first_seen_at,
            feeds.c.key,
            feeds.c.active,
            stories.c.public_id.label("story_public_id"),
        )
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(stories, stories.c.id == entries.c.story_id)
        .where(entries.c.story_id.in_(story_ids), *_shown(selection))
        .order_by(entries.c.id)
    )


def _copy(row: Row[Any], selection: Selection) -> Copy:
    return Copy(
        entry_id=row.id,
        public_id=row.public_id,
        exact_id=row.exact_id or row.story_public_id,
        story_id=row.story_public_id,
        feed_key=row.key,
        first_seen=row.first_seen_at,
        visible=row.active and (selection.keys is None or row.key in selection.keys),
    )


def _scanned(connection: Connection, selection: Selection) -> list[Group]:
    """Entries from the newest on; each item is met at the first of its entries that is visible."""
    found: list[Group] = []
    led: dict[int, Group] = {}  # leader's entry id → its item
    seen: set[int] = set()
    for rows in _newest_entries(connection, selection):
        fresh = {row.story_id for row in rows} - seen
        seen |= fresh
        for groups in groups_of(connection, selection, fresh).values():
            led.update((group.leader, group) for group in groups)
        found += [led[row.id] for row in rows if row.id in led]
        if len(found) >= selection.limit:
            break
    return found[: selection.limit]


def _newest_entries(
    connection: Connection, selection: Selection
) -> Iterator[Sequence[Row[Any, Any, Any]]]:
    newest = (
        select(entries.c.id, entries.c.story_id, entries.c.sort_at)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.story_id.is_not(None), allowed(selection))
        .order_by(entries.c.sort_at.desc(), entries.c.id.desc())
        .limit(max(selection.limit, CHUNK))
    )
    rows = connection.execute(newest).all()
    while rows:
        yield rows
        when, last = rows[-1].sort_at, rows[-1].id
        beyond = or_(entries.c.sort_at < when, entries.c.id < last)
        rows = connection.execute(newest.where(entries.c.sort_at <= when, beyond)).all()
