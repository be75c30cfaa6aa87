"""Retention: what may be forgotten, and forgetting it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import (
    EntryState,
    articles,
    entries,
    entry_aliases,
    feeds,
    forgotten,
    stories,
    story_keys,
)
from aggregator.store.db.upsert import insert_missing
from aggregator.store.stories.representatives import choose_representatives

# A feed that lists something again after this long has forgotten it as well.
_REMEMBER = timedelta(days=730)
_UNLINKED_FOR = timedelta(days=1)


def drop_old(
    connection: Connection,
    now: datetime,
    max_age: timedelta,
    max_entries: int,
    keep: Collection[int],
    limit: int = 2000,
) -> int:
    """Drop up to ``limit`` entries past their age or their feed's count; return how many.

    Never one that its feed still lists, one in ``keep`` (ids that outputs show), or one that is
    still on its way to a story. ``max_age`` or ``max_entries`` zero: no such bound. Dropped
    entries' identities are remembered, so that a feed that lists them again repeats nothing.
    """
    kept = set(keep)
    old = [i for i in _past_bounds(connection, now, max_age, max_entries) if i not in kept][:limit]
    for chunk in chunks(old):
        _drop(connection, chunk, now)
    _drop_unlinked_pages(connection, now)
    connection.execute(delete(forgotten).where(forgotten.c.dropped_at < now - _REMEMBER))
    return len(old)


def _past_bounds(
    connection: Connection, now: datetime, max_age: timedelta, max_entries: int
) -> list[int]:
    place = (
        func.row_number()
        .over(
            partition_by=entries.c.feed_id, order_by=(entries.c.sort_at.desc(), entries.c.id.desc())
        )
        .label("place")
    )
    ranked = select(
        entries.c.id, entries.c.first_seen_at, entries.c.listed, entries.c.state, place
    ).subquery()
    bounds = []
    if max_age:
        bounds.append(ranked.c.first_seen_at < now - max_age)
    if max_entries:
        bounds.append(ranked.c.place > max_entries)
    if not bounds:
        return []
    return list(
        connection.execute(
            select(ranked.c.id)
            .where(or_(*bounds), ~ranked.c.listed, ranked.c.state == EntryState.SETTLED)
            .order_by(ranked.c.first_seen_at)
        ).scalars()
    )


def _drop(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    rows = connection.execute(
        select(
            entries.c.feed_id, entries.c.identity, entries.c.story_id, entries.c.article_id
        ).where(entries.c.id.in_(ids))
    ).all()
    former = connection.execute(
        select(entry_aliases).where(entry_aliases.c.entry_id.in_(ids))
    ).all()
    insert_missing(
        connection,
        forgotten,
        [
            {"feed_id": r.feed_id, "identity": r.identity, "dropped_at": now}
            for r in (*rows, *former)
        ],
    )
    connection.execute(delete(entries).where(entries.c.id.in_(ids)))
    _drop_orphans(connection, {r.story_id for r in rows}, {r.article_id for r in rows})


def _drop_orphans(
    connection: Connection, story_ids: set[int | None], article_ids: set[int | None]
) -> None:
    connection.execute(
        delete(articles).where(
            articles.c.id.in_([i for i in article_ids if i is not None]),
            articles.c.id.not_in(
                select(entries.c.article_id).where(entries.c.article_id.is_not(None))
            ),
        )
    )
    members = select(entries.c.story_id).where(
        entries.c.story_id.in_([i for i in story_ids if i is not None])
    )
    left = set(connection.execute(members).scalars())
    gone = [i for i in story_ids if i is not None and i not in left]
    connection.execute(delete(story_keys).where(story_keys.c.story_id.in_(gone)))
    connection.execute(delete(stories).where(stories.c.id.in_(gone)))
    choose_representatives(connection, left)


def _drop_unlinked_pages(connection: Connection, now: datetime) -> None:
    """Drop pages that entries linked to before they changed. Young ones may be wanted by a poll."""
    linked = exists().where(entries.c.article_id == articles.c.id)
    connection.execute(
        delete(articles).where(~linked, articles.c.next_attempt_at < now - _UNLINKED_FOR)
    )


def forget_stopped_feeds(connection: Connection, now: datetime, max_age: timedelta) -> int:
    """Mark as unlisted what feeds outside the configuration list, so that it can age out."""
    if not max_age:
        return 0
    stopped = select(feeds.c.id).where(
        ~feeds.c.active, func.coalesce(feeds.c.last_poll_at, feeds.c.added_at) < now - max_age
    )
    return connection.execute(
        update(entries).where(entries.c.feed_id.in_(stopped), entries.c.listed).values(listed=False)
    ).rowcount
