"""Items that stand in an output, page by page and one by one, for pages that people read.

Read by the index of places and by ids: a page costs the same however much is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from aggregator.model import ItemPlace, NamedItem, Selection, StandingItems
from aggregator.publish.groups import Group, category_id
from aggregator.store.db.tables import (
    entries,
    is_withdrawal,
    log_is_open,
    output_items,
    output_logs,
    output_now,
    stories,
)
from aggregator.store.outputs.groups import groups_of
from aggregator.store.outputs.items import items_of

_PLACE = output_now.c.sort_at, output_now.c.tie, output_now.c.item_id


def standing_page(
    connection: Connection, selection: Selection, below: ItemPlace | None
) -> StandingItems | None:
    """Up to ``selection.limit`` items, the latest first, from ``below`` on; None: the log is not filled yet.

    What must not be told any more is left out, even before the log knows: a page may be short.
    """
    log = _log(connection, selection)
    if log is None:
        return None
    found = (
        select(output_now.c.story_id, *_PLACE)
        .where(output_now.c.log_id == log.id)
        .order_by(*(column.desc() for column in _PLACE))
        .limit(selection.limit + 1)
    )
    if below is not None:
        found = found.where(
            tuple_(*_PLACE, types=[one.type for one in _PLACE])
            < (below.sort_at, below.tie, below.item_id)
        )
    rows = connection.execute(found).all()
    if not rows and not log.filled:
        return None
    more, rows = len(rows) > selection.limit, rows[: selection.limit]
    by_id = _groups(connection, selection, {row.story_id for row in rows})
    groups = [by_id[row.item_id] for row in rows if row.item_id in by_id]
    last = rows[-1] if more else None
    return StandingItems(
        tuple(items_of(connection, selection, groups)),
        None if last is None else ItemPlace(last.sort_at, last.tie, last.item_id),
    )


def named_item(connection: Connection, selection: Selection, item_id: str) -> NamedItem | None:
    """The item with this id, or what became of it; None: the log is not filled yet.

    Nothing is said of what never stood in this output, whether or not it is stored.
    """
    log = _log(connection, selection)
    if log is None:
        return None
    story = _story(connection, log, item_id)
    if story is None and not log.filled:
        return None
    group = _groups(connection, selection, {story}).get(item_id) if story is not None else None
    if group is not None:
        (item,) = items_of(connection, selection, [group])
        return NamedItem(item)
    holder = _holder(connection, log, selection, item_id)
    return NamedItem(holder=holder, is_withdrawn=_was_withdrawn(connection, log, item_id))


def _log(connection: Connection, selection: Selection) -> Row[Any] | None:
    """The open log under whose ids the output has its items, though it may choose otherwise by now."""
    basis = selection.basis
    if basis is None:
        return None
    row = connection.execute(
        select(output_logs).where(log_is_open, output_logs.c.name == basis.name)
    ).one_or_none()
    return row if row is not None and row.identity == basis.identity else None


def _groups(connection: Connection, selection: Selection, stories: set[int]) -> dict[str, Group]:
    found = groups_of(connection, selection, stories)
    return {group.id: group for own in found.values() for group in own}


def _story(connection: Connection, log: Row[Any], item_id: str) -> int | None:
    own = output_now.c.log_id == log.id, output_now.c.item_id == item_id
    story: int | None = connection.execute(
        select(output_now.c.story_id).where(*own)
    ).scalar_one_or_none()
    return story


def _holder(connection: Connection, log: Row[Any], selection: Selection, item_id: str) -> str:
    """Id of the item that stands and shows what this one did, ``""`` without one."""
    for entry_id in _shown_by(connection, log, item_id):
        story = connection.execute(
            select(entries.c.story_id).where(entries.c.id == entry_id)
        ).scalar_one_or_none()
        if story is None:
            continue
        found = [
            group.id
            for group in _groups(connection, selection, {story}).values()
            if entry_id in group.entry_ids and _story(connection, log, group.id) is not None
        ]
        if found:
            return _in_same_category(connection, selection, story, item_id, found)
    return ""


def _shown_by(connection: Connection, log: Row[Any], item_id: str) -> Iterator[int]:
    """Entries that an item shows or showed: whose id it was, by what stands, by the line that withdrew it.

    Ids in categories, and of what the operator split off, are no entry's.
    """
    own = select(entries.c.id).where(entries.c.public_id == item_id).order_by(entries.c.id)
    stands = select(output_now.c.entry_id).where(
        output_now.c.log_id == log.id, output_now.c.item_id == item_id
    )
    for found in (own, stands, _withdrawals(log, item_id).with_only_columns(_LINE.entry_id)):
        yield from connection.execute(found.limit(1)).scalars()


def _in_same_category(
    connection: Connection, selection: Selection, story: int, item_id: str, found: Sequence[str]
) -> str:
    """The one of the ids ``found`` that is of the category which ``item_id`` was of; else the first."""
    if selection.categories is None or len(found) == 1:
        return found[0]
    members = (
        select(entries.c.public_id, entries.c.exact_id, stories.c.public_id.label("of_story"))
        .join(stories, stories.c.id == entries.c.story_id)
        .where(entries.c.story_id == story)
    )
    bases = {one for row in connection.execute(members) for one in row if one}
    names = {name for several in selection.categories.values() for name in several}
    same = [name for name in names if any(category_id(one, name) == item_id for one in bases)]
    alike = {category_id(one, name) for name in same for one in bases}
    return next((one for one in found if one in alike), found[0])


def _was_withdrawn(connection: Connection, log: Row[Any], item_id: str) -> bool:
    return connection.execute(_withdrawals(log, item_id).limit(1)).first() is not None


def _withdrawals(log: Row[Any], item_id: str) -> Select[Any]:
    """Numbers of the lines that withdrew an item, the latest first."""
    own = _LINE.log_id == log.id, _LINE.item_id == item_id
    # By a sum, for which there is no index: else SQLite reads the whole log by its numbers.
    return select(_LINE.seq).where(*own, is_withdrawal).order_by((_LINE.seq + 0).desc())


_LINE = output_items.c
