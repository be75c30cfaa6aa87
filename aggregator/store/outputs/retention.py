"""Retention: what may be forgotten, and forgetting it, a slice at a time.

What there is to drop is looked for by readers, in indexes that hold nothing else. Each slice is a short
transaction of its own: nobody waits long for the writer of SQLite, and whoever is stopped in between
goes on where the indexes lead the next time.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from aggregator.store.db.counters import Counter, count, read_counters, set_counter
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import (
    ArticleState,
    articles,
    entries,
    entry_aliases,
    entry_is_droppable,
    feed_is_left_over,
    feeds,
    forgotten,
    stories,
    story_keys,
)
from aggregator.store.db.upsert import insert_missing
from aggregator.store.stories.representatives import choose_representatives

SLICE = 200  # entries that one transaction drops
_LOOKED_AT = 2000  # entries past their age, for one slice or more
_FEEDS_LOOKED_AT = 50
_PAGES_LOOKED_AT = 5000  # an hour: unlinked pages are few, and in nobody's way
# A feed that lists something again after this long has forgotten it as well.
_REMEMBER = timedelta(days=730)
_UNLINKED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Entries that may be dropped, and where to look on for more; None at the end."""

    ids: tuple[int, ...] = ()
    after: tuple[object, int] | None = None


def past_age(
    connection: Connection, before: datetime, after: tuple[object, int] | None = None
) -> Found:
    """Entries first seen before ``before`` that nothing but an output may keep, from ``after`` on."""
    found = connection.execute(
        select(entries.c.id, entries.c.first_seen_at)
        .where(
            entry_is_droppable,
            entries.c.first_seen_at < before,
            *_beyond(entries.c.first_seen_at, entries.c.id, after),
        )
        .order_by(entries.c.first_seen_at, entries.c.id)
        .limit(_LOOKED_AT)
    ).all()
    more = (found[-1].first_seen_at, found[-1].id) if len(found) == _LOOKED_AT else None
    return Found(tuple(row.id for row in found), more)


def past_count(connection: Connection, most: int, after: tuple[object, int] | None = None) -> Found:
    """Entries beyond the newest ``most`` of some feeds, likewise; those that filters dropped by themselves."""
    droppable = exists().where(entries.c.feed_id == feeds.c.id, entry_is_droppable)
    large = connection.execute(
        select(feeds.c.id, feeds.c.entries)
        .where(feeds.c.entries > most, droppable, *_beyond(feeds.c.entries, feeds.c.id, after))
        .order_by(feeds.c.entries, feeds.c.id)
        .limit(_FEEDS_LOOKED_AT)
    ).all()
    more = (large[-1].entries, large[-1].id) if len(large) == _FEEDS_LOOKED_AT else None
    place = func.row_number().over(
        partition_by=(entries.c.feed_id, entries.c.filtered.is_not(None)),
        order_by=(entries.c.sort_at.desc(), entries.c.id.desc()),
    )
    ranked = (
        select(entries.c.id, entry_is_droppable.label("droppable"), place.label("place"))
        .where(entries.c.feed_id.in_([row.id for row in large]))
        .subquery()
    )
    beyond = select(ranked.c.id).where(ranked.c.droppable, ranked.c.place > most)
    return Found(tuple(connection.execute(beyond.order_by(ranked.c.id)).scalars()), more)


def _beyond(
    column: ColumnElement[object], row_id: ColumnElement[int], after: tuple[object, int] | None
) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    value, last = after
    return [column >= value, or_(column > value, row_id > last)]


def drop(connection: Connection, wanted: Collection[int], now: datetime) -> int:
    """Drop those of these entries that may still be dropped; return how many.

    Their identities are remembered, so that feeds that list them again repeat nothing.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    chosen = and_(entries.c.id.in_(wanted), entry_is_droppable)
    columns = (entries.c.id, entries.c.feed_id, entries.c.identity)
    owners = select(*columns, entries.c.story_id, entries.c.article_id).where(chosen)
    before = connection.execute(owners).all()
    lock_rows(connection, feeds, {row.feed_id for row in before})
    pages = {row.article_id for row in before if row.article_id is not None}
    lock_rows(connection, articles, pages, to_delete=True)
    lock_rows(connection, entries, [row.id for row in before], to_delete=True)
    rows = connection.execute(owners).all()  # a poll may have listed some of them again
    if not rows:
        return 0
    ids = [row.id for row in rows]
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
    _count_of_feeds(connection, Tally(row.feed_id for row in rows))
    changes = _drop_pages(connection, articles.c.id.in_(pages))
    gone = _drop_stories(connection, {row.story_id for row in rows if row.story_id is not None})
    count(connection, {**changes, Counter.ENTRIES: -len(rows), Counter.STORIES: -gone})
    return len(rows)


def _count_of_feeds(connection: Connection, dropped: Mapping[int, int]) -> None:
    connection.execute(
        update(feeds)
        .where(feeds.c.id == bindparam("row_id"))
        .values(entries=feeds.c.entries - bindparam("dropped")),
        [{"row_id": feed_id, "dropped": number} for feed_id, number in dropped.items()],
    )


def _drop_pages(connection: Connection, which: ColumnElement[bool]) -> dict[Counter, int]:
    """Delete those pages ``which`` that no entry links to; return what changes of the totals."""
    linked = exists().where(entries.c.article_id == articles.c.id)
    states = Tally(
        connection.execute(
            delete(articles).where(which, ~linked).returning(articles.c.state)
        ).scalars()
    )
    return {
        Counter.PAGES: -states.total(),
        Counter.PAGES_FAILED: -states[ArticleState.FAILED],
    }


def _drop_stories(connection: Connection, story_ids: Collection[int]) -> int:
    members = select(entries.c.story_id).where(entries.c.story_id.in_(story_ids))
    left = set(connection.execute(members).scalars())
    gone = sorted(set(story_ids) - left)
    connection.execute(delete(story_keys).where(story_keys.c.story_id.in_(gone)))
    connection.execute(delete(stories).where(stories.c.id.in_(gone)))
    choose_representatives(connection, left)
    mark(connection, {*gone, *left})
    return len(gone)


# ── what else goes ───────────────────────────────────────────────────────────────────────────


def unlinked_pages(connection: Connection, now: datetime) -> tuple[list[int], int]:
    """Some of the pages that entries linked to before they changed, and how far was looked: an id.

    All pages are gone through in turn, so many each time. Young ones may be wanted by a poll.
    """
    swept = read_counters(connection).get(Counter.PAGES_SWEPT, 0)
    looked = (
        select(articles.c.id)
        .where(articles.c.id > swept)
        .order_by(articles.c.id)
        .limit(_PAGES_LOOKED_AT)
        .subquery()
    )
    number, last = connection.execute(
        select(func.count(), func.max(looked.c.id)).select_from(looked)
    ).one()
    if not number:
        return [], 0
    linked = select(entries.c.article_id).where(
        entries.c.article_id > swept, entries.c.article_id <= last
    )
    unlinked = select(articles.c.id).where(
        articles.c.id > swept,
        articles.c.id <= last,
        articles.c.id.not_in(linked),
        articles.c.next_attempt_at < now - _UNLINKED_FOR,
    )
    found = list(connection.execute(unlinked).scalars())
    return found, last if number == _PAGES_LOOKED_AT else 0


def drop_pages(connection: Connection, ids: Sequence[int], now: datetime, swept: int) -> None:
    """Drop those of these pages that are still unlinked, and note how far was looked."""
    lock_rows(connection, articles, ids, to_delete=True)
    count(connection, _drop_pages(connection, and_(articles.c.id.in_(ids), _unlinked(now))))
    set_counter(connection, Counter.PAGES_SWEPT, swept)


def _unlinked(now: datetime) -> ColumnElement[bool]:
    linked = exists().where(entries.c.article_id == articles.c.id)
    return and_(articles.c.next_attempt_at < now - _UNLINKED_FOR, ~linked)


def drop_memories(connection: Connection, now: datetime) -> bool:
    """Forget identities that no feed can mean any more; is there more of it?"""
    key = tuple_(forgotten.c.feed_id, forgotten.c.identity)
    old = select(forgotten.c.feed_id, forgotten.c.identity).where(
        forgotten.c.dropped_at < now - _REMEMBER
    )
    gone = connection.execute(delete(forgotten).where(key.in_(old.limit(_LOOKED_AT))))
    return gone.rowcount == _LOOKED_AT


def listed_by_stopped_feeds(
    connection: Connection, now: datetime, max_age: timedelta, after: int
) -> tuple[list[int], int | None]:
    """Entries that some feeds outside the configuration list although past their age.

    Looks at feeds whose ids are beyond ``after``; the second value is where to look on, None at the end.
    """
    last_seen = func.coalesce(feeds.c.last_poll_at, feeds.c.added_at)
    stopped = list(
        connection.execute(
            select(feeds.c.id)
            .where(feed_is_left_over, feeds.c.id > after, last_seen < now - max_age)
            .order_by(feeds.c.id)
            .limit(_FEEDS_LOOKED_AT)
        ).scalars()
    )
    listed = select(entries.c.id).where(entries.c.feed_id.in_(stopped), entries.c.listed)
    found = list(connection.execute(listed).scalars()) if stopped else []
    return found, stopped[-1] if len(stopped) == _FEEDS_LOOKED_AT else None


def unlist(connection: Connection, ids: Collection[int]) -> None:
    """Note that nobody lists these entries any more, so that they can age out."""
    lock_rows(connection, entries, ids)
    connection.execute(update(entries).where(entries.c.id.in_(ids)).values(listed=False))
