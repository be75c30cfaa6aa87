"""Entries that filters dropped: what is stored of them, and a new judgement on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from aggregator.model import Entry, JudgedEntry, Rejudged
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import EntryState, entries, entry_is_filtered, entry_texts, feeds
from aggregator.store.feeds.entries import load_enclosures
from aggregator.store.feeds.entry_details import load_details
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


def filtered_entries(
    connection: Connection, feed_id: int, digest: str, after: int, limit: int
) -> list[JudgedEntry]:
    """Entries of the feed that others than ``digest`` dropped, by id, beyond the id ``after``."""
    stale = (entry_is_filtered, entries.c.filtered != digest, entries.c.id > after)
    found = select_judged().where(entries.c.feed_id == feed_id, *stale)
    rows = connection.execute(found.order_by(entries.c.id).limit(limit))
    return [judged_entry(row) for row in rows]


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
        row.id, row.feed_key, row.feed_title, entry, row.first_seen_at, row.filtered or ""
    )


def rejudge(connection: Connection, judged: Sequence[Rejudged], now: datetime) -> int:
    """Write new judgements; return how many entries are let in.

    What a poll judged meanwhile stands.
    """
    pages, added = article_rows.ensure(
        connection, [one.article_url for one in judged if one.article_url], now
    )
    lock_rows(connection, entries, [one.id for one in judged])
    left = _still_dropped(connection, [one.id for one in judged])
    let_in = 0
    for one in judged:
        if left.get(one.id) != one.former:
            continue
        values: dict[str, Any] = {"filtered": one.filtered}
        if one.filtered is None:
            article_id, waits = pages.get(one.article_url or "", (None, False))
            state = EntryState.WAITING if waits else EntryState.READY
            values |= {"state": state, "state_since": now, "article_id": article_id}
            let_in += 1
        connection.execute(update(entries).where(entries.c.id == one.id).values(values))
    if added:
        count(connection, {Counter.PAGES: added})
    return let_in


def _still_dropped(connection: Connection, ids: Collection[int]) -> dict[int, str | None]:
    return {
        row.id: row.filtered
        for chunk in chunks(sorted(ids))
        for row in connection.execute(
            select(entries.c.id, entries.c.filtered).where(entries.c.id.in_(chunk))
        )
    }
