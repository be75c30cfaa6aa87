"""What a merged feed shows: its newest stories, each with the entry that represents it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, select

from aggregator.dedupe.represent import best
from aggregator.extract.need import FEED_SOURCE, FILE_SOURCE, file_type
from aggregator.model import Enclosure, Item, Provenance, Related, Selection, Source, StoryMember
from aggregator.publish.order import shown_dates
from aggregator.sanitize import to_text
from aggregator.store.entries import load_enclosures
from aggregator.store.tables import articles, entries, entry_texts, feeds, renderings, stories
from aggregator.store.upsert import insert_or_update
from aggregator.urls import canonical

SUMMARY_LENGTH = 300  # characters


def load_items(connection: Connection, selection: Selection) -> list[Item]:
    """The output's stories, newest first, ready to be rendered."""
    order = _newest_stories(connection, selection)
    members: dict[int, list[Row[Any]]] = {story_id: [] for story_id in order}
    for row in connection.execute(_members(order, selection)):
        members[row.story_id].append(row)
    return [_item(rows, selection.titles) for rows in members.values() if rows]


def _allowed(selection: Selection) -> Any:
    if selection.keys is None:
        return feeds.c.active
    return and_(feeds.c.active, feeds.c.key.in_(sorted(selection.keys)))


def _newest_stories(connection: Connection, selection: Selection) -> list[int]:
    member = (
        exists()
        .where(entries.c.story_id == stories.c.id)
        .where(feeds.c.id == entries.c.feed_id)
        .where(_allowed(selection))
    )
    return list(
        connection.execute(
            select(stories.c.id)
            .where(member)
            .order_by(stories.c.sort_at.desc(), stories.c.id.desc())
            .limit(selection.limit)
        ).scalars()
    )


def _members(story_ids: Sequence[int], selection: Selection) -> Any:
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
            stories.c.public_id.label("story_public_id"),
            stories.c.representative_id,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(stories, stories.c.id == entries.c.story_id)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
        .where(entries.c.story_id.in_(story_ids), _allowed(selection))
        .order_by(entries.c.id)
    )


def _item(rows: Sequence[Row[Any]], titles: Mapping[str, str]) -> Item:
    shown = _representative(rows)
    html = shown.article_html or shown.content_html or shown.summary_html
    published, updated = shown_dates(
        published=shown.published_at or shown.article_published_at,
        updated=shown.updated_at,
        first_seen=shown.first_seen_at,
        changed_at=shown.changed_at,
    )
    return Item(
        id=shown.story_public_id,
        title=shown.title,
        url=canonical(shown.url) if shown.url else None,  # without trackers
        content_html=html,
        summary=_shortened(to_text(shown.summary_html or html)),
        published=published,
        updated=updated,
        source=Source(
            title=_source_title(shown, titles), feed_url=shown.feed_url, site_url=shown.site_url
        ),
        authors=tuple(shown.authors) or tuple(shown.article_authors or ()),
        categories=tuple(shown.categories) or tuple(shown.article_tags or ()),
        enclosures=_enclosures(shown),
        image=shown.image or shown.article_image,
        language=shown.language or shown.article_language or shown.feed_language,
        related=_related(rows, shown, titles),
        provenance=_provenance(shown),
    )


def _provenance(shown: Row[Any]) -> Provenance:
    if shown.article_html:
        return Provenance(shown.article_source, shown.article_confidence)
    return Provenance(FEED_SOURCE)


def _enclosures(shown: Row[Any]) -> tuple[Enclosure, ...]:
    """The entry's own files, and the one that its link leads to instead of to a page."""
    own = load_enclosures(shown.enclosures)
    known = {enclosure.url for enclosure in own}
    source: str = shown.article_source or ""
    if source.startswith(FILE_SOURCE):
        linked = Enclosure(shown.article_final_url, source.removeprefix(FILE_SOURCE))
    else:
        linked = Enclosure(shown.url or "", file_type(shown.url))
    return own if not linked.media_type or linked.url in known else (*own, linked)


def _representative(rows: Sequence[Row[Any]]) -> Row[Any]:
    for row in rows:
        if row.id == row.representative_id:
            return row
    # The story's own choice is outside this output (another category, a removed feed).
    chosen: Row[Any] = rows[best([StoryMember(r.id, r.text_length, r.first_seen_at) for r in rows])]
    return chosen


def _related(
    rows: Sequence[Row[Any]], shown: Row[Any], titles: Mapping[str, str]
) -> tuple[Related, ...]:
    own = canonical(shown.url) if shown.url else None
    others: dict[str, Related] = {}
    for row in rows:
        url = canonical(row.url) if row.url else None
        if row.feed_id != shown.feed_id and url is not None and url != own:
            others.setdefault(url, Related(_source_title(row, titles), url))
    return tuple(others.values())


def _source_title(row: Row[Any], titles: Mapping[str, str]) -> str:
    return titles.get(row.feed_key) or row.feed_title or row.feed_key


def _shortened(text: str) -> str:
    """``text`` in one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= SUMMARY_LENGTH:
        return line
    return line[: SUMMARY_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",;:-– ") + "…"


def remember_rendering(
    connection: Connection, name: str, kind: str, digest: str, now: datetime
) -> datetime:
    """See :meth:`aggregator.ports.OutputStore.remember_rendering`."""
    known = connection.execute(
        select(renderings.c.digest, renderings.c.modified_at).where(
            renderings.c.name == name, renderings.c.kind == kind
        )
    ).one_or_none()
    if known is not None and known.digest == digest:
        modified: datetime = known.modified_at
        return modified
    insert_or_update(
        connection,
        renderings,
        [{"name": name, "kind": kind, "digest": digest, "modified_at": now}],
        "name",
        "kind",
    )
    return now


def shown_entries(connection: Connection, selections: Collection[Selection]) -> set[int]:
    """Ids of all entries whose story some output shows: retention leaves them alone."""
    story_ids = {i for one in selections for i in _newest_stories(connection, one)}
    ordered = sorted(story_ids)
    return {
        entry_id
        for start in range(0, len(ordered), 500)
        for entry_id in connection.execute(
            select(entries.c.id).where(entries.c.story_id.in_(ordered[start : start + 500]))
        ).scalars()
    }
