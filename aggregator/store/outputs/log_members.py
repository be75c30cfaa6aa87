"""Stories' entries, and what stands of stories in logs, as values for the stage that selects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select

from aggregator.parse.identity import shown_of
from aggregator.select.decide import Standing
from aggregator.select.placing import Member
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, entries, feeds, output_now, stories
from aggregator.store.feeds.entry_labels import load_labels

_MEMBERS: Select[Any] = (
    select(
        entries.c.id,
        entries.c.story_id,
        entries.c.public_id,
        entries.c.exact_id,
        entries.c.first_seen_at,
        entries.c.sort_at,
        entries.c.text_length,
        entries.c.changed_at,
        entries.c.content_hash,
        articles.c.id.label("page_id"),
        entries.c.feed_id,
        entries.c.labels,
        entries.c.filtered,
        feeds.c.key,
        feeds.c.active,
        stories.c.public_id.label("story_public_id"),
        stories.c.sort_at.label("story_sort_at"),
        stories.c.guests,
    )
    .join(feeds, feeds.c.id == entries.c.feed_id)
    .join(stories, stories.c.id == entries.c.story_id)
    # As an output shows it: :func:`aggregator.store.outputs.items.load_items`.
    .outerjoin(
        articles,
        and_(
            articles.c.id == entries.c.article_id,
            ~entries.c.own_voice,
            articles.c.html.is_not(None),
        ),
    )
    .where(entries.c.story_id.in_(bindparam("wanted", expanding=True)))
    .order_by(entries.c.id)
)
# The log as a sum, for which there is no index: SQLite would read all that stands in it instead.
_STANDING = select(output_now).where(
    output_now.c.story_id.in_(bindparam("wanted", expanding=True)),
    (output_now.c.log_id + 0).in_(bindparam("logs", expanding=True)),
)
_BY_ITEM = select(output_now).where(
    output_now.c.log_id.in_(bindparam("logs", expanding=True)),
    output_now.c.item_id.in_(bindparam("items", expanding=True)),
)
_STORED = select(entries.c.id).where(entries.c.id.in_(bindparam("wanted", expanding=True)))


def members_of(connection: Connection, story_ids: Collection[int]) -> dict[int, list[Member]]:
    """All entries of these stories, ascending by id, by story."""
    found: dict[int, list[Member]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(_MEMBERS, {"wanted": chunk}):
            found.setdefault(row.story_id, []).append(_member(row))
    return found


def _member(row: Row[Any]) -> Member:
    return Member(
        entry_id=row.id,
        public_id=row.public_id,
        exact_id=row.exact_id or row.story_public_id,
        story=row.story_id,
        story_id=row.story_public_id,
        story_sort_at=row.story_sort_at,
        feed_key=row.key,
        active=row.active,
        first_seen=row.first_seen_at,
        sort_at=row.sort_at,
        text_length=row.text_length,
        changed_at=row.changed_at,
        guest=row.id in (row.guests or ()),
        feed_id=row.feed_id,
        rank=load_labels(row.labels).rank,
        dropped=row.filtered is not None,
        digest=f"{shown_of(row.content_hash)}:{row.page_id or ''}",
    )


def standing_of(
    connection: Connection, story_ids: Collection[int], log_ids: Collection[int]
) -> dict[int, dict[str, Standing]]:
    """Items that stand for these stories in these logs, by log and id."""
    found: dict[int, dict[str, Standing]] = {log_id: {} for log_id in log_ids}
    for chunk in chunks(sorted(story_ids)):
        given = {"wanted": chunk, "logs": sorted(log_ids)}
        for row in connection.execute(_STANDING, given):
            found[row.log_id][row.item_id] = _standing(row)
    return found


def standing_items(
    connection: Connection, wanted: Collection[tuple[int, str]]
) -> Iterator[tuple[int, Standing]]:
    """Those of ``wanted``, logs and items, that stand, whatever story they stand for."""
    logs = sorted({log_id for log_id, _ in wanted})
    for chunk in chunks(sorted({item_id for _, item_id in wanted})):
        for row in connection.execute(_BY_ITEM, {"logs": logs, "items": chunk}):
            if (row.log_id, row.item_id) in wanted:
                yield row.log_id, _standing(row)


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        item_id=row.item_id,
        story=row.story_id,
        entry_id=row.entry_id,
        changed_at=row.changed_at,
        digest=row.digest,
        place=(row.sort_at, row.tie),
        seq=row.seq,
        entered_at=row.entered_at,
    )


def stored_of(connection: Connection, entry_ids: Collection[int]) -> set[int]:
    """Those of these entries that are stored still."""
    return {
        found
        for chunk in chunks(sorted(entry_ids))
        for found in connection.execute(_STORED, {"wanted": chunk}).scalars()
    }
