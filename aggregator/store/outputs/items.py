"""Items of a merged feed: its newest stories, each with the entry that represents it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from aggregator.dedupe.represent import best
from aggregator.extract.judging.need import FEED_SOURCE, FILE_SOURCE, file_type
from aggregator.model import (
    Cursor,
    Enclosure,
    Item,
    LastRendering,
    Maker,
    Provenance,
    Selection,
    StoryMember,
)
from aggregator.publish.groups import Group
from aggregator.publish.order import shown_dates
from aggregator.sanitize import to_text, with_own_ids
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, entries, entry_texts, feeds, renderings, stories
from aggregator.store.db.upsert import insert_or_update
from aggregator.store.feeds.entries import load_enclosures
from aggregator.store.feeds.entry_details import load_details
from aggregator.store.feeds.entry_labels import load_labels
from aggregator.store.outputs.item_details import language_of, published_of, shown_details
from aggregator.store.outputs.told_by import other_feeds, source_of
from aggregator.store.outputs.windows import window_groups
from aggregator.urls import canonical

SUMMARY_LENGTH = 300  # characters


def load_items(connection: Connection, selection: Selection) -> list[Item]:
    """The output's items, newest first, ready to be rendered."""
    return items_of(connection, selection, window_groups(connection, selection))


def items_of(connection: Connection, selection: Selection, groups: Sequence[Group]) -> list[Item]:
    """The items that show ``groups``, in their order, ready to be rendered."""
    ids = list(dict.fromkeys(entry_id for group in groups for entry_id in group.entry_ids))
    rows = {row.id: row for chunk in chunks(ids) for row in connection.execute(_members(chunk))}
    return [_item(group.id, [rows[i] for i in group.entry_ids], selection) for group in groups]


def _members(entry_ids: Sequence[int]) -> Any:
    return (
        select(
            entries,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
            articles.c.html.label("article_html"),
            articles.c.source.label("article_source"),
            articles.c.final_url.label("article_final_url"),
            articles.c.confidence.label("article_confidence"),
            articles.c.image.label("article_image"),
            articles.c.authors.label("article_authors"),
            articles.c.tags.label("article_tags"),
            articles.c.language.label("article_language"),
            articles.c.published_at.label("article_published_at"),
            feeds.c.key.label("feed_key"),
            feeds.c.title.label("feed_title"),
            feeds.c.site_url,
            feeds.c.url.label("feed_url"),
            feeds.c.language.label("feed_language"),
            stories.c.guests,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .outerjoin(stories, stories.c.id == entries.c.story_id)
        # An entry with a voice of its own links to another's article, of which nothing is its own.
        .outerjoin(articles, and_(articles.c.id == entries.c.article_id, ~entries.c.own_voice))
        .where(entries.c.id.in_(entry_ids))
    )


def _item(item_id: str, rows: Sequence[Row[Any]], selection: Selection) -> Item:
    shown = representative(rows, selection.ranks)
    told = selection.disclosure(shown.feed_key)
    html = told.html(shown.article_html or shown.content_html or shown.summary_html)
    details = load_details(shown.details)
    published, updated = _dates(rows[0], shown)
    return Item(
        id=item_id,
        title=told.text(shown.title),
        url=told.link(canonical(shown.url)) if shown.url else None,  # without trackers
        content_html=with_own_ids(html, item_id),
        summary=_shortened(told.text(to_text(shown.summary_html or html))),
        published=published,
        updated=updated,
        source=source_of(shown, selection),
        authors=tuple(map(told.text, shown.authors or shown.article_authors or ())),
        categories=tuple(map(told.text, shown.categories or shown.article_tags or ())),
        enclosures=_enclosures(shown, selection),
        image=told.link(shown.image or shown.article_image),
        language=language_of(shown),
        related=other_feeds(rows, shown, details.origin, selection),
        provenance=_provenance(shown),
        details=shown_details(details, told, whole=selection.private),
    )


def _dates(first: Row[Any], shown: Row[Any]) -> tuple[datetime | None, datetime]:
    """The item's: published as its ``first`` entry was, updated as the one that is ``shown``.

    Another representative does not move the date under which subscribers know the item.
    """
    published, updated = shown_dates(
        published=published_of(shown),
        updated=shown.updated_at,
        first_seen=shown.first_seen_at,
        changed_at=shown.changed_at,
    )
    if first.published_fixed and first is not shown:  # a story of a release before keeps its own
        date = first.published_at
        published = None if date is None else min(date, first.first_seen_at)
    return published, max(updated, published or updated)


def _provenance(shown: Row[Any]) -> Provenance:
    if shown.article_html:
        return Provenance(shown.article_source, shown.article_confidence)
    return Provenance(FEED_SOURCE)


def _enclosures(shown: Row[Any], selection: Selection) -> tuple[Enclosure, ...]:
    """The entry's files, each at an address that readers of the output may see.

    A paid podcast's episodes have addresses that open them. Who knows the token of a private output
    gets these; in open outputs nothing is left of what opens them.
    """
    told = selection.disclosure(shown.feed_key)
    found = ((one, told.file(one.url, whole=selection.private)) for one in _files(shown))
    return tuple(replace(one, url=url) for one, url in found if url)


def _files(shown: Row[Any]) -> tuple[Enclosure, ...]:
    """The entry's own files, and the one that its link leads to instead of to a page."""
    own = load_enclosures(shown.enclosures)
    known = {enclosure.url for enclosure in own}
    source: str = shown.article_source or ""
    if source.startswith(FILE_SOURCE):
        linked = Enclosure(shown.article_final_url, source.removeprefix(FILE_SOURCE))
    else:
        linked = Enclosure(shown.url or "", file_type(shown.url))
    return own if not linked.media_type or linked.url in known else (*own, linked)


def representative(rows: Sequence[Row[Any]], ranks: Mapping[str, int]) -> Row[Any]:
    """The entry that an item shows; ``rows`` as :func:`load_items` reads them.

    Chosen for each output anew: what it shows of a story, and the operator's ranks, may differ from
    what the story's own choice was made of.
    """
    members = [
        StoryMember(
            row.id,
            row.text_length,
            row.first_seen_at,
            ranks.get(row.feed_key, 0) + load_labels(row.labels).rank,
            row.id in (row.guests or ()),
        )
        for row in rows
    ]
    chosen: Row[Any] = rows[best(members)]
    return chosen


def _shortened(text: str) -> str:
    """``text`` in one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= SUMMARY_LENGTH:
        return line
    return line[: SUMMARY_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",;:-– ") + "…"


def remember_rendering(
    connection: Connection,
    name: str,
    kind: str,
    digest: str,
    now: datetime,
    maker: Maker,
    cursor: Cursor | None = None,
) -> tuple[datetime, Cursor | None]:
    """Time since which output ``name`` in format ``kind`` has the bytes of ``digest``, and its log's place then.

    The same bytes keep the place that they were first made at: it is in their entity tag.
    """
    known = connection.execute(
        select(renderings).where(renderings.c.name == name, renderings.c.kind == kind)
    ).one_or_none()
    same = known is not None and known.digest == digest
    modified: datetime = known.modified_at if known is not None and same else now
    place = _cursor(known) if known is not None and same else None
    if cursor is not None and (place is None or place.epoch != cursor.epoch):
        place = cursor
    if known is not None and same and _maker(known) == maker and _cursor(known) == place:
        return modified, place
    row = {
        "name": name,
        "kind": kind,
        "digest": digest,
        "modified_at": modified,
        "release": maker.release,
        "config_digest": maker.config,
        "epoch": place.epoch if place is not None else None,
        "seq": place.seq if place is not None else None,
    }
    insert_or_update(connection, renderings, [row], "name", "kind")
    return modified, place


def last_renderings(connection: Connection) -> dict[tuple[str, str], LastRendering]:
    """Output and format → its latest rendering, for all that were ever rendered."""
    rows = connection.execute(select(renderings)).all()
    return {
        (row.name, row.kind): LastRendering(row.digest, row.modified_at, _maker(row), _cursor(row))
        for row in rows
    }


def _maker(row: Row[Any]) -> Maker:
    return Maker(row.release or "", row.config_digest or "")


def _cursor(row: Row[Any]) -> Cursor | None:
    return Cursor(row.epoch, row.seq) if row.epoch is not None and row.seq is not None else None


def fetched_at(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """Feed key → where it is fetched, for those of ``keys`` that are stored."""
    rows = connection.execute(select(feeds.c.key, feeds.c.url)).all()
    return {row.key: row.url for row in rows if row.key in keys}


def shown_entries(connection: Connection, selections: Collection[Selection]) -> set[int]:
    """Ids of all entries whose story some output shows: retention leaves them alone."""
    shown = {
        entry_id
        for one in selections
        for group in window_groups(connection, one)
        for entry_id in group.entry_ids
    }
    for chunk in chunks(sorted(shown)):
        own = select(entries.c.story_id).where(entries.c.id.in_(chunk))
        shown.update(
            connection.execute(select(entries.c.id).where(entries.c.story_id.in_(own))).scalars()
        )
    return shown
