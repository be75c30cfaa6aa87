"""What ready entries say, and the texts that may say the same, loaded to be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from aggregator.dedupe.near import Furniture, NearIndex, sketch_of
from aggregator.dedupe.sketch import Line, Sketch, lines_of, remembered
from aggregator.model import StoryCandidate
from aggregator.sanitize import to_text
from aggregator.store import fingerprints
from aggregator.store.tables import articles, entries, entry_texts

_CHUNK = 500


def said() -> Select[Any]:
    """Entries with all that tells which story they are of."""
    return (
        select(
            entries.c.id,
            entries.c.feed_id,
            entries.c.guid,
            entries.c.url,
            entries.c.title,
            entries.c.first_seen_at,
            entries.c.sort_at,
            entries.c.public_id,
            entries.c.story_id,
            entries.c.held,
            entries.c.exact_id,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
            articles.c.text.label("article_text"),
            articles.c.final_url,
            articles.c.canonical_url,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
    )


def candidate_of(row: Row[Any], worn: Collection[str] = ()) -> StoryCandidate:
    """A row of :func:`said`; ``worn`` are the final and canonical addresses that too many pages share to mean one page."""
    found = (url for url in (row.final_url, row.canonical_url) if url not in worn)
    urls = dict.fromkeys(url for url in (row.url, *found) if url)
    return StoryCandidate(
        entry_id=row.id,
        feed_id=row.feed_id,
        guid=row.guid,
        urls=tuple(urls),
        title=row.title,
        text=row.article_text or to_text(row.content_html or row.summary_html),
        first_seen=row.first_seen_at,
        sort_at=row.sort_at,
        public_id=row.public_id,
    )


class Texts:
    """The texts of a batch and of those that may be their copies, ready to be compared."""

    def __init__(self, connection: Connection, candidates: Mapping[int, StoryCandidate]) -> None:
        self._connection = connection
        self._batch = candidates
        self.index = NearIndex()
        self.story_of: dict[int, int] = {}
        lines = {i: lines_of(one.text) for i, one in candidates.items()}
        self._furniture = _known_furniture(connection, candidates, lines)
        self.sketches: dict[int, Sketch] = {}
        for i, one in candidates.items():
            self._furniture.learn(one.feed_id, one.title, remembered(lines[i]))
            self.sketches[i] = sketch_of(one, lines[i], self._furniture)

    def compare_with(self, others: Collection[int], since: datetime) -> None:
        """Load what shares keys with the batch, and ``others``."""
        found = fingerprints.near_entries(self._connection, self.sketches.values())
        near = {i for ids in found.values() for i in ids} - self._batch.keys()
        near = fingerprints.still_found(self._connection, near, since)
        wanted = sorted((near | set(others)) - self._batch.keys())
        for start in range(0, len(wanted), _CHUNK):
            chosen = said().where(
                entries.c.id.in_(wanted[start : start + _CHUNK]), entries.c.story_id.is_not(None)
            )
            rows = {row.id: row for row in self._connection.execute(chosen)}
            told = {i: candidate_of(row) for i, row in rows.items()}
            lines = {i: lines_of(one.text) for i, one in told.items()}
            furniture = _known_furniture(self._connection, told, lines)
            for i, one in told.items():
                self.story_of[i] = rows[i].story_id
                self.index.add(sketch_of(one, lines[i], furniture), found=i in near)

    def save(self, now: datetime, since: datetime) -> None:
        """Let the batch's texts be found, and drop what nobody finds any more."""
        fingerprints.remember(self._connection, list(self.sketches.values()), now)
        fingerprints.save_furniture(self._connection, self._furniture, now)
        fingerprints.prune(self._connection, since, now)


def _known_furniture(
    connection: Connection,
    said: Mapping[int, StoryCandidate],
    lines: Mapping[int, Sequence[Line]],
) -> Furniture:
    by_feed: dict[int, list[Sequence[Line]]] = {}
    for i, one in said.items():
        by_feed.setdefault(one.feed_id, []).append(lines[i])
    return fingerprints.furniture_of(connection, by_feed)
