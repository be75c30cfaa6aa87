"""News for editions: what entered an output's log after a place in it, and stands.

See ``docs/decisions/editions.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Row, select

from aggregator.model import (
    Cursor,
    EditionCut,
    EditionNews,
    Item,
    LineKind,
    LineReason,
    NewsStory,
    Selection,
)
from aggregator.publish.groups import Group
from aggregator.select.guards import feed_mark
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import (
    edition_cuts,
    entries,
    entry_is_unsettled,
    feeds,
    hosts,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.feeds.entry_labels import load_labels
from aggregator.store.outputs.archives import current_log, is_due
from aggregator.store.outputs.edition_rows import cut_of, told_before
from aggregator.store.outputs.groups import groups_of
from aggregator.store.outputs.items import items_of

OLDEST = timedelta(days=7)
"""So long before the last edition a story's date may be: what a feed that is new brings along is no news."""


_CLOCKS = timedelta(minutes=1)  # by which those of two processes may differ


def edition_news(
    connection: Connection, selection: Selection, names: Sequence[str], now: datetime
) -> EditionNews | None:
    """News for the output's next edition; None while its log cannot be read, or stories are due.

    What entered quietly, since a log began anew or the configuration changed, is news where it was
    settled after the last edition. What an edition told is not told again under another id.
    """
    log, cut = current_log(connection, selection), cut_of(connection, names)
    if log is None or cut is None or is_due(connection, log):
        return None
    after = cut.cursor.seq if cut.cursor.epoch == log.id else 0
    rows = connection.execute(
        select(output_now)
        .where(output_now.c.log_id == log.id, output_now.c.seq > after)
        .order_by(output_now.c.sort_at.desc(), output_now.c.tie.desc(), output_now.c.item_id.desc())
    ).all()
    entered = _entered(connection, log, after)
    rows = [
        row for row in rows if row.item_id in entered or row.entered_at > cut.cut_at
    ]  # the line is dropped in time
    made = groups_of(connection, selection, {row.story_id for row in rows})
    groups = {group.id: group for own in made.values() for group in own}
    members = _members(connection, [groups[row.item_id] for row in rows if row.item_id in groups])
    before = told_before(connection, names)
    news = [
        (row, groups[row.item_id])
        for row in rows
        if row.item_id in groups
        and _is_news(entered.get(row.item_id), groups[row.item_id], members, cut, before)
    ]
    items = items_of(connection, selection, [group for _, group in news])
    stories = [
        _story(item, row, group, members) for item, (row, group) in zip(items, news, strict=True)
    ]
    return EditionNews(cut, Cursor(log.id, log.next_seq - 1), now, tuple(stories))


def _entered(connection: Connection, log: Row[Any], after: int) -> dict[str, str]:
    """Item id → why it entered, of all that did after a line."""
    lines = connection.execute(
        select(output_items.c.item_id, output_items.c.reason)
        .where(
            output_items.c.log_id == log.id,
            output_items.c.seq > after,
            output_items.c.kind == LineKind.ENTER.value,
        )
        .order_by(output_items.c.seq)
    )
    return {row.item_id: row.reason for row in lines}


def _members(connection: Connection, groups: Sequence[Group]) -> dict[int, Row[Any]]:
    columns = entries.c
    found = select(
        columns.id,
        columns.public_id,
        columns.sort_at,
        columns.state_since,
        columns.labels,
        feeds.c.key,
    ).join(feeds, feeds.c.id == columns.feed_id)
    ids = sorted({entry_id for group in groups for entry_id in group.entry_ids})
    given = (connection.execute(found.where(columns.id.in_(chunk))) for chunk in chunks(ids))
    return {row.id: cast("Row[Any]", row) for rows in given for row in rows}


def _is_news(
    reason: str | None,
    group: Group,
    members: Mapping[int, Row[Any]],
    cut: EditionCut,
    before: Collection[str],
) -> bool:
    own = [members[entry_id] for entry_id in group.entry_ids]
    if group.id in before or any(one.public_id in before for one in own):
        return False
    if max(one.sort_at for one in own) < cut.cut_at - OLDEST:
        return False
    if reason == LineReason.SETTLED.value:
        return True
    settled_at: datetime = members[group.leader].state_since
    return settled_at >= cut.cut_at - _CLOCKS


def _story(item: Item, row: Row[Any], group: Group, members: Mapping[int, Row[Any]]) -> NewsStory:
    own = [members[entry_id] for entry_id in group.entry_ids]
    shown = members[row.entry_id if row.entry_id in group.entry_ids else group.leader]
    return NewsStory(
        item=item,
        feed_key=shown.key,
        categories=load_labels(shown.labels).categories,
        told=(group.id, *(one.public_id for one in own)),
        marks=tuple(sorted({feed_mark(one.key) for one in own})),
    )


def news_waits(connection: Connection, at: datetime, now: datetime, *, stories: bool) -> bool:
    """True where feeds that were due at that time, and can be polled, are not yet.

    With ``stories`` also where entries wait for their story.
    """
    resting = select(hosts.c.host).where(hosts.c.cool_until > now)
    waits = select(feeds.c.id).where(
        feeds.c.active, ~feeds.c.gone, ~feeds.c.paused, feeds.c.host.not_in(resting)
    )
    due = waits.where(feeds.c.next_poll_at <= at).limit(1)
    if connection.execute(due).first() is not None:
        return True
    unsettled = select(entries.c.id).where(entry_is_unsettled).limit(1)
    return stories and connection.execute(unsettled).first() is not None


def waiting_for_editions(connection: Connection) -> set[int]:
    """Entries of items that entered after the last edition: retention waits for the next one."""
    waits = (
        select(entries.c.id)
        .join(output_now, output_now.c.story_id == entries.c.story_id)
        .join(output_logs, output_logs.c.id == output_now.c.log_id)
        .join(edition_cuts, edition_cuts.c.name == output_logs.c.name)
        .where(
            log_is_open,
            (output_logs.c.id != edition_cuts.c.epoch) | (output_now.c.seq > edition_cuts.c.seq),
        )
    )
    return set(connection.execute(waits).scalars())
