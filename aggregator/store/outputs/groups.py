"""Items of an output: the newest groups of entries, without their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, exists, or_, select

from aggregator.model import Selection
from aggregator.publish.groups import Copy, Group, grouped
from aggregator.select.ranking import Place
from aggregator.store.db.chunks import CHUNK, among, chunks
from aggregator.store.db.tables import entries, feeds, stories

_FEW = 5000  # entries: so many are read in one go


def newest_groups(connection: Connection, selection: Selection) -> list[Group]:
    """The output's items, newest first, from all entries; an output's log has them at hand.

    Where a story is one item, it is sorted under the date of its first entry, for ever; where it
    is several, or may have entries that the output hides, each is sorted under that of its first
    entry that the output shows.
    """
    if selection.by_story:
        order = next((list(i) for i, _ in _by_story(connection, selection, selection.limit)), [])
        groups = groups_of(connection, selection, order)
        return [group for story in order for group in groups.get(story, ())]
    return _scanned(connection, selection)


def stories_in_order(
    connection: Connection, selection: Selection, below: Place | None = None, have: int = 0
) -> Iterator[tuple[Sequence[int], Place]]:
    """Stories that make items of the output, some at a time, with the place that was come to.

    Every item from :func:`~aggregator.select.ranking.floor` of that place on is of a story met by then.
    ``below`` goes on from such a place, with so many items of the window that the log does ``have``.
    """
    if selection.by_discovery:
        for rows in _last_stored(connection, selection, below):
            yield [row.story_id for row in rows], (rows[-1].first_seen_at, rows[-1].id)
    elif selection.by_story:
        size = max(selection.limit - have, 1) if selection.is_plain else CHUNK
        yield from _by_story(connection, selection, size, below)
    else:
        for rows in _newest_entries(connection, selection, below):
            yield [row.story_id for row in rows], (rows[-1].sort_at, rows[-1].id)


def allowed(connection: Connection, selection: Selection) -> Any:
    """The condition that a feed belongs to the output, and may be shown there."""
    belongs: list[Any] = [feeds.c.active]
    if selection.keys is not None:
        belongs.append(among(connection, feeds.c.key, selection.keys))
    return and_(*belongs, *_shown(connection, selection))


def _shown(connection: Connection, selection: Selection) -> list[Any]:
    return [~among(connection, feeds.c.key, selection.hidden)] if selection.hidden else []


def _by_story(
    connection: Connection, selection: Selection, size: int, below: Place | None = None
) -> Iterator[tuple[Sequence[int], Place]]:
    """Ids of the stories that have an entry of the output's feeds, newest first, ``size`` at a time."""
    few = _of_few_feeds(connection, selection)
    if few is not None:
        order = _sorted(connection, {row.story_id for row in few})
        for places in chunks([one for one in order if below is None or one < below], size):
            yield [story for _, story in places], places[-1]
        return
    member = (
        exists()
        .where(entries.c.story_id == stories.c.id, entries.c.filtered.is_(None))
        .where(feeds.c.id == entries.c.feed_id)
        .where(allowed(connection, selection))
    )
    newest = (
        select(stories.c.id, stories.c.sort_at)
        .where(member)
        .order_by(stories.c.sort_at.desc(), stories.c.id.desc())
        .limit(size)
    )
    while rows := connection.execute(_going_on(newest, stories, below)).all():
        below = rows[-1].sort_at, rows[-1].id
        yield [row.id for row in rows], below


def _going_on(newest: Any, table: Table, below: Place | None) -> Any:
    """``newest`` of what has its place below that."""
    if below is None:
        return newest
    when, tie = below
    beyond = or_(table.c.sort_at < when, table.c.id < tie)
    return newest.where(table.c.sort_at <= when, beyond)


def _sorted(connection: Connection, story_ids: Collection[int]) -> list[Place]:
    """These stories in the window's order, as they have their places."""
    found = [
        (row.sort_at, row.id)
        for chunk in chunks(sorted(story_ids))
        for row in connection.execute(
            select(stories.c.id, stories.c.sort_at).where(stories.c.id.in_(chunk))
        )
    ]
    return sorted(found, reverse=True)


def _of_few_feeds(connection: Connection, selection: Selection) -> list[Row[Any]] | None:
    """All entries of the output's feeds that have a story, if these feeds have few; else None.

    From the newest entry on it would be a long way to one of theirs.
    """
    if selection.keys is None or len(selection.keys) > CHUNK:
        return None
    own = connection.execute(
        select(feeds.c.id, feeds.c.entries).where(allowed(connection, selection))
    ).all()
    if sum(row.entries for row in own) > _FEW:
        return None
    return list(
        connection.execute(
            select(*_WHERE_FOUND).where(entries.c.feed_id.in_([row.id for row in own]), _SHOWN)
        )
    )


def groups_of(
    connection: Connection, selection: Selection, story_ids: Collection[int]
) -> dict[int, list[Group]]:
    """Items that ``selection`` makes of these stories, by story id.

    Entries that it hides take no part: no item's bounds in time follow from them.
    """
    copies: dict[int, list[Copy]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(_members(connection, chunk, selection)):
            copies.setdefault(row.story_id, []).append(_copy(row, selection))
    return {story: grouped(members, selection) for story, members in copies.items()}


def _members(connection: Connection, story_ids: Sequence[int], selection: Selection) -> Any:
    return (
        select(
            entries.c.id,
            entries.c.story_id,
            entries.c.public_id,
            entries.c.exact_id,
            entries.c.first_seen_at,
            entries.c.filtered,
            feeds.c.key,
            feeds.c.active,
            stories.c.public_id.label("story_public_id"),
        )
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(stories, stories.c.id == entries.c.story_id)
        .where(entries.c.story_id.in_(story_ids), *_shown(connection, selection))
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
        visible=row.active and row.filtered is None and selection.has(row.key),
    )


def _scanned(connection: Connection, selection: Selection) -> list[Group]:
    """Entries from the newest on; each item is met at the first of its entries that is visible."""
    found: list[Group] = []
    led: dict[int, list[Group]] = {}  # leader's entry id → its items: one in each category
    seen: set[int] = set()
    for rows in _newest_entries(connection, selection):
        fresh = {row.story_id for row in rows} - seen
        seen |= fresh
        for groups in groups_of(connection, selection, fresh).values():
            for group in groups:
                led.setdefault(group.leader, []).append(group)
        found += [
            group
            for row in rows
            for group in sorted(led.get(row.id, ()), key=lambda one: one.id, reverse=True)
        ]
        if len(found) >= selection.limit:
            break
    return found[: selection.limit]


def _newest_entries(
    connection: Connection, selection: Selection, below: Place | None = None
) -> Iterator[Sequence[Row[Any]]]:
    size = _slice(selection)
    few = _of_few_feeds(connection, selection)
    if few is not None:
        few.sort(key=lambda row: (row.sort_at, row.id), reverse=True)
        yield from chunks([r for r in few if below is None or (r.sort_at, r.id) < below], size)
        return
    newest = _found_entries(connection, selection).order_by(
        entries.c.sort_at.desc(), entries.c.id.desc()
    )
    while rows := connection.execute(_going_on(newest.limit(size), entries, below)).all():
        yield rows
        below = rows[-1].sort_at, rows[-1].id


def _last_stored(
    connection: Connection, selection: Selection, below: Place | None
) -> Iterator[Sequence[Row[Any]]]:
    """Entries in the order in which they were stored, the last first."""
    size = _slice(selection)
    few = _of_few_feeds(connection, selection)
    if few is not None:
        few.sort(key=lambda row: row.id, reverse=True)
        yield from chunks([row for row in few if below is None or row.id < below[1]], size)
        return
    last = _found_entries(connection, selection).order_by(entries.c.id.desc()).limit(size)
    rows = connection.execute(last if below is None else last.where(entries.c.id < below[1])).all()
    while rows:
        yield rows
        rows = connection.execute(last.where(entries.c.id < rows[-1].id)).all()


def _slice(selection: Selection) -> int:
    """Number of entries that are met at once: filters hold the texts of all of them in memory."""
    return max(selection.limit, CHUNK) if selection.is_plain else CHUNK


_SHOWN = and_(entries.c.story_id.is_not(None), entries.c.filtered.is_(None))
_WHERE_FOUND = entries.c.id, entries.c.story_id, entries.c.sort_at, entries.c.first_seen_at


def _found_entries(connection: Connection, selection: Selection) -> Any:
    return (
        select(*_WHERE_FOUND)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(_SHOWN, allowed(connection, selection))
    )
