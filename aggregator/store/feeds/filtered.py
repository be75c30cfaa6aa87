"""Entries as filters and rules see them, those that they dropped, and new judgements on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from aggregator.model import Entry, JudgedEntry, Rejudged, RejudgedCounts
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import EntryState, entries, entry_is_filtered, entry_texts, feeds
from aggregator.store.feeds.entries import load_enclosures
from aggregator.store.feeds.entry_details import load_details
from aggregator.store.feeds.entry_labels import dump_labels, load_labels
from aggregator.store.pages import articles as article_rows


def feeds_with_filtered(connection: Connection) -> list[tuple[int, str, str]]:
    """Active feeds that have dropped entries: id, key and each digest by which some were dropped."""
    found = (
        select(feeds.c.id, feeds.c.key, entries.c.filtered)
        .join(entries, entries.c.feed_id == feeds.c.id)
        .where(entry_is_filtered, feeds.c.active)
        .distinct()
        .order_by(feeds.c.id)
    )
    return [(row.id, row.key, row.filtered) for row in connection.execute(found)]


def judged_feeds(connection: Connection) -> list[tuple[int, str, str]]:
    """Active feeds: id, key and the digest by which all their entries were judged."""
    found = select(feeds.c.id, feeds.c.key, feeds.c.judged_by).where(feeds.c.active)
    return [(row.id, row.key, row.judged_by) for row in connection.execute(found)]


def note_judged(connection: Connection, digests: Mapping[int, str]) -> None:
    """Note by what all entries of feeds were judged: feed id → digest."""
    lock_rows(connection, feeds, digests)
    connection.execute(
        update(feeds).where(feeds.c.id == bindparam("of")).values(judged_by=bindparam("digest")),
        [{"of": feed_id, "digest": digest} for feed_id, digest in digests.items()],
    )


def entry_ids(
    connection: Connection, feed_ids: Collection[int], beyond: int, dropped_by: str | None
) -> list[int]:
    """Ids of these feeds' entries, those above ``beyond``; ``dropped_by``: those alone that this dropped."""
    which = [entries.c.id > beyond]
    if dropped_by is not None:
        which += [entry_is_filtered, entries.c.filtered == dropped_by]
    found: list[int] = []
    for chunk in chunks(sorted(feed_ids)):
        own = select(entries.c.id).where(entries.c.feed_id.in_(chunk), *which)
        found += connection.execute(own).scalars()
    return sorted(found)


def last_entry(connection: Connection) -> int:
    """Id of the entry that was stored last; 0 for none."""
    return connection.execute(select(func.max(entries.c.id))).scalar_one() or 0


def select_judged() -> Select[Any]:
    """Entries with all that filters and rules read of them."""
    return (
        select(
            entries.c.id,
            entries.c.identity,
            entries.c.title,
            entries.c.url,
            entries.c.authors,
            entries.c.categories,
            entries.c.enclosures,
            entries.c.details,
            entries.c.published_at,
            entries.c.first_seen_at,
            entries.c.filtered,
            entries.c.story_id,
            entries.c.labels,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
            feeds.c.key.label("feed_key"),
            feeds.c.title.label("feed_title"),
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
    )


def judged_entry(row: Row[Any]) -> JudgedEntry:
    """A row of :func:`select_judged`, or of more columns."""
    entry = Entry(
        identity=row.identity,
        title=row.title,
        url=row.url,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        summary_html=row.summary_html,
        content_html=row.content_html,
        enclosures=load_enclosures(row.enclosures),
        published=row.published_at,
        details=load_details(row.details),
    )
    return JudgedEntry(
        row.id,
        row.feed_key,
        row.feed_title,
        entry,
        row.first_seen_at,
        row.filtered or "",
        story=row.story_id,
        labels=load_labels(row.labels),
    )


def rejudge(connection: Connection, judged: Sequence[Rejudged], now: datetime) -> RejudgedCounts:
    """Write new judgements; return how many entries are let in and dropped by them.

    What a poll judged meanwhile stands. What belongs to a story stays there: outputs decide on the story
    again, as on one that the configuration changed.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    wanted = {one.id: one.article_url for one in judged if one.article_url}
    inside = {wanted[row_id] for row_id in _listed_inside(connection, sorted(wanted))}
    pages, added, opened = article_rows.ensure(connection, [*wanted.values()], now, inside)
    tried_again = article_rows.refresh(connection, (), now, opened)
    lock_rows(connection, entries, [one.id for one in judged])
    left = _as_they_are(connection, [one.id for one in judged])
    counts, stories = RejudgedCounts(), set[int]()
    for one in judged:
        row = left.get(one.id)
        if row is None or (row.filtered or "") != one.former:
            continue
        values = _judged_values(row, one, pages, now)
        connection.execute(update(entries).where(entries.c.id == one.id).values(values))
        let_in, dropped = bool(one.former), one.filtered is not None
        counts += RejudgedCounts(let_in and not dropped, dropped and not let_in)
        if row.story_id is not None:
            stories.add(row.story_id)
    mark(connection, stories, quiet=True)
    counted = {Counter.PAGES: added, Counter.PAGES_FAILED: -tried_again}
    count(connection, {name: n for name, n in counted.items() if n}, bump=bool(stories))
    return counts


def _listed_inside(connection: Connection, entry_ids: Sequence[int]) -> list[int]:
    """Those of the entries whose feeds stand in networks that the operator opened."""
    return [
        entry_id
        for chunk in chunks(entry_ids)
        for entry_id in connection.execute(
            select(entries.c.id)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(entries.c.id.in_(chunk), feeds.c.inside)
        ).scalars()
    ]


def _judged_values(
    row: Row[Any], one: Rejudged, pages: Mapping[str, tuple[int, bool]], now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {"filtered": one.filtered}
    if one.labels is not None:
        values["labels"] = dump_labels(one.labels)
    if one.filtered is not None:
        if row.state != EntryState.SETTLED:
            # When it last changed, where it changed since it was settled: see :func:`_is_to_settle`.
            since = row.changed_at if row.story_id is not None and row.changed_at else now
            values |= {"state": EntryState.SETTLED, "state_since": since}
    elif one.former and _is_to_settle(row):
        article_id, waits = pages.get(one.article_url or "", (None, False))
        state = EntryState.WAITING if waits else EntryState.READY
        values |= {"state": state, "state_since": now, "article_id": article_id}
    return values


def _is_to_settle(row: Row[Any]) -> bool:
    """True for a dropped entry that has no story, or changed after it was dropped, and was not settled since."""
    return row.story_id is None or row.state_since == row.changed_at


def _as_they_are(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for chunk in chunks(sorted(ids)):
        for row in connection.execute(_NOW.where(entries.c.id.in_(chunk))):
            found[row.id] = row
    return found


_NOW: Select[Any] = select(
    entries.c.id,
    entries.c.filtered,
    entries.c.story_id,
    entries.c.state,
    entries.c.state_since,
    entries.c.changed_at,
)
