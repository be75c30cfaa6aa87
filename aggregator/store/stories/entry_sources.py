"""Entries with all that tells which story they are of, as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, select

from aggregator.dedupe.candidates import EntrySource, may_remark
from aggregator.dedupe.furniture import Sample
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import EntryState, articles, entries, entry_texts, feeds

_LATEST = 20  # entries of a feed by which it is known what it repeats
_LONGEST = 20_000  # characters of one

# By these and the page's id it is known whether a text is still the one that was sketched: the feed's
# content, and which fetch of the page.
VERSION = (
    entries.c.content_hash,
    articles.c.lease_token,
    articles.c.fetched_at,
)
# The fields of :class:`EntrySource`, in its order.
SOURCE: tuple[ColumnElement[Any], ...] = (
    entries.c.id,
    entries.c.feed_id,
    entries.c.guid,
    entries.c.url,
    entries.c.title,
    entries.c.first_seen_at,
    entries.c.sort_at,
    entries.c.public_id,
    entry_texts.c.summary_html,
    entry_texts.c.content_html,
    entries.c.article_id,
    articles.c.text.label("article_text"),
    articles.c.final_url,
    articles.c.canonical_url,
    feeds.c.site_url,
    feeds.c.url.label("feed_url"),
    feeds.c.title.label("feed_title"),
    articles.c.title.label("article_title"),
    articles.c.site_name,
    articles.c.description,
    case((entries.c.state == EntryState.SETTLED, entries.c.own_voice)).label("voice"),
    entries.c.authors,
    entries.c.categories,
)


def select_candidates() -> Select[Any]:
    """Entries with all that tells which story they are of."""
    return (
        select(
            *SOURCE,
            entries.c.published_at,
            entries.c.story_id,
            entries.c.held,
            entries.c.exact_id,
            entries.c.filtered,
            *VERSION,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
    )


def source_of(row: Row[Any]) -> EntrySource:
    """The entry's source in a row of :func:`select_candidates`, without its feed's latest entries."""
    *plain, authors, categories = row[: len(SOURCE)]
    return EntrySource._make([*plain, tuple(authors or ()), tuple(categories or ()), None])


class LatestEntries:
    """The latest entries of feeds, loaded once for a batch."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._of: dict[int, tuple[Sample, ...]] = {}

    def sources(self, rows: Iterable[Row[Any]]) -> list[EntrySource]:
        """The sources in ``rows``, with their feeds' latest entries where they may say something beside them."""
        found = [source_of(row) for row in rows]
        asking = {one.id: one.feed_id for one in found if one.html and may_remark(one)}
        self._load(sorted(set(asking.values()) - self._of.keys()))
        return [
            one._replace(latest=self._of[one.feed_id] if one.id in asking else ()) for one in found
        ]

    def _load(self, feed_ids: Sequence[int]) -> None:
        samples: dict[int, list[Sample]] = {feed_id: [] for feed_id in feed_ids}
        for chunk in chunks(feed_ids):
            for row in self._connection.execute(_SAMPLES, {"ids": chunk}):
                authors, categories = tuple(row.authors or ()), tuple(row.categories or ())
                html = row.content_html or row.summary_html
                one = Sample(row.id, row.title, row.url, authors, categories, html)
                samples[row.feed_id].append(one)
        self._of |= {feed_id: tuple(several) for feed_id, several in samples.items()}


# Statements are built once: to build one takes longer than to run it.
# Where each feed's latest entries begin is looked for once a feed, and no plain column orders them: they
# are to be found by their feed, not all entries by their ids.
_others = entries.alias()
_BOUNDS = (
    select(
        feeds.c.id,
        select(_others.c.id)
        .where(_others.c.feed_id == feeds.c.id)
        .order_by((_others.c.id + 0).desc())
        .limit(1)
        .offset(_LATEST - 1)
        .scalar_subquery()
        .label("least"),
    )
    .where(feeds.c.id.in_(bindparam("ids", expanding=True)))
    .cte("bounds")
    .prefix_with("MATERIALIZED")
)
_SAMPLES: Select[Any] = (
    select(
        entries.c.id,
        entries.c.feed_id,
        entries.c.title,
        entries.c.url,
        entries.c.authors,
        entries.c.categories,
        entry_texts.c.summary_html,
        entry_texts.c.content_html,
    )
    .join(_BOUNDS, _BOUNDS.c.id == entries.c.feed_id)
    .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
    .where(
        entries.c.id + 0 >= func.coalesce(_BOUNDS.c.least, 0),
        func.length(entry_texts.c.summary_html) + func.length(entry_texts.c.content_html)
        <= _LONGEST,
    )
    .order_by(entries.c.id.desc())
)
_CANDIDATES_BY_ID = select_candidates().where(entries.c.id.in_(bindparam("ids", expanding=True)))


def candidates_by_id(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """The rows of :func:`select_candidates` of these entries."""
    return list(connection.execute(_CANDIDATES_BY_ID, {"ids": ids}))
