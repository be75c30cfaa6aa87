"""Fields of entries as outputs would show them, in bulk, as far as filters ask for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select

from aggregator.model import FeedLabels, Selection
from aggregator.sanitize import to_text
from aggregator.select.filters import Told
from aggregator.select.placing import Placed
from aggregator.select.story_fields import LONGEST_TEXT, StoryFields
from aggregator.select.word_rules import SearchedText
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, entries, entry_texts, feeds
from aggregator.store.feeds.entry_details import load_details
from aggregator.store.feeds.entry_labels import load_labels
from aggregator.store.outputs.item_details import language_of, published_of
from aggregator.text.words import words
from aggregator.urls import host_of
from aggregator.urls.domain import registrable_domain

_OF_TEXT = frozenset({"text", "words"})
_OF_FEEDS_TEXT = _OF_TEXT | {"summary"}
_NO_LABELS = FeedLabels()
_PLAIN = (
    entries.c.id,
    entries.c.url,
    entries.c.title,
    entries.c.authors,
    entries.c.categories,
    entries.c.enclosures,
    entries.c.language,
    entries.c.details,
    entries.c.published_at,
    entries.c.published_fixed,
    entries.c.first_seen_at,
    entries.c.labels,
    articles.c.authors.label("article_authors"),
    articles.c.tags.label("article_tags"),
    articles.c.language.label("article_language"),
    articles.c.published_at.label("article_published_at"),
    articles.c.html.is_not(None).label("article_html"),
    feeds.c.key.label("feed_key"),
    feeds.c.title.label("feed_title"),
    feeds.c.language.label("feed_language"),
)
_TEXTS = (entry_texts.c.summary_html, entry_texts.c.content_html, articles.c.text)


class ToldReader:
    """Reads entries as filters look at them, each once for the filters of all outputs.

    What the operator says of feeds is taken from the selections, which are those of one configuration.
    """

    def __init__(self, connection: Connection, names: Collection[str]) -> None:
        self._connection = connection
        self._names = frozenset(names)
        self._rows = _WITHOUT_TEXTS if _OF_FEEDS_TEXT.isdisjoint(names) else _WITH_TEXTS
        self._read: dict[int, tuple[StoryFields, SearchedText]] = {}
        self._told: dict[tuple[int, int], Told] = {}

    def read(self, entry_ids: Collection[int]) -> None:
        """Have these entries at hand."""
        for chunk in chunks(sorted(set(entry_ids) - self._read.keys())):
            for row in self._connection.execute(self._rows, {"wanted": chunk}):
                found = _fields(row, self._names)
                self._read[row.id] = found, SearchedText(found.title, found.text)

    def told(self, item: Placed, selection: Selection) -> Told:
        """The entry that ``item`` shows."""
        key = item.entry_id, item.sources
        if key not in self._told:
            found, searched = self._read[item.entry_id]
            labels = selection.labels.get(found.feed_id, _NO_LABELS)
            known = replace(
                found,
                feed=selection.titles.get(found.feed_id) or found.feed,
                categories=tuple(dict.fromkeys((*found.categories, *labels.categories))),
                tags=tuple(dict.fromkeys((*labels.tags, *found.tags))),
                sources=item.sources,
            )
            self._told[key] = Told(known, searched)
        return self._told[key]


def _rows(*columns: Any) -> Select[Any]:
    # As an output shows it: :func:`aggregator.store.outputs.items.items_of`.
    shown = and_(articles.c.id == entries.c.article_id, ~entries.c.own_voice)
    return (
        select(*columns)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .outerjoin(articles, shown)
        .where(entries.c.id.in_(bindparam("wanted", expanding=True)))
    )


_WITHOUT_TEXTS, _WITH_TEXTS = _rows(*_PLAIN), _rows(*_PLAIN, *_TEXTS)


def _fields(row: Row[Any], names: Collection[str]) -> StoryFields:
    text, summary = _texts(row, names)
    labels = load_labels(row.labels)
    url: str = row.url or ""
    host = (host_of(url) or "") if url and "domain" in names else ""
    return StoryFields(
        title=row.title,
        author=", ".join(row.authors or row.article_authors or ()),
        url=url,
        domain=(registrable_domain(host) or host) if host else "",
        feed=row.feed_title,
        feed_id=row.feed_key,
        categories=(*(row.categories or row.article_tags or ()), *labels.categories),
        tags=labels.tags,
        summary=summary,
        published=min(published_of(row) or row.first_seen_at, row.first_seen_at),
        discovered=row.first_seen_at,
        enclosures=tuple(one.get("media_type", "") for one in row.enclosures),
        seconds=_seconds(row) if "seconds" in names else 0,
        text=text,
        words=len(words(text)) if "words" in names else 0,
        language=(language_of(row) or "").partition("-")[0].lower(),
    )


def _texts(row: Row[Any], names: Collection[str]) -> tuple[str, str]:
    """The text that is shown, and the feed's own; empty where nobody asks."""
    if _OF_FEEDS_TEXT.isdisjoint(names):
        return "", ""
    text: str = (row.article_html and row.text) or ""
    if text and "summary" not in names:
        return text[:LONGEST_TEXT], ""
    own = to_text(row.content_html or row.summary_html)[:LONGEST_TEXT]
    return text[:LONGEST_TEXT] or own, own


def _seconds(row: Row[Any]) -> int:
    episode = load_details(row.details).episode
    return (episode.duration if episode is not None else None) or 0
