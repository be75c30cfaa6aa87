"""Texts of ready entries, and those that may be their copies, loaded to be compared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from aggregator.dedupe.candidates import candidate_of
from aggregator.dedupe.furniture import Furniture
from aggregator.dedupe.near import Boilerplate, NearIndex, sketch_of, standing
from aggregator.dedupe.readings import Reading
from aggregator.dedupe.sketch import Line, Sketch, digest, lines_of, remembered
from aggregator.dedupe.whole_story import may_hold_both
from aggregator.model import StoryCandidate
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, entries
from aggregator.store.db.tables import fingerprints as prints
from aggregator.store.stories import fingerprints
from aggregator.store.stories.entry_sources import VERSION, LatestEntries, candidates_by_id
from aggregator.store.stories.recalls import Looks

_MOST_WORDS = 200_000  # of texts that are kept in memory: some 40 MB
_PRUNE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Text:
    """A sketched text; ``standing`` are the lines that were left out as boilerplate."""

    version: tuple[Any, ...]
    lines: tuple[int, ...]  # digests of those by which boilerplate is learned
    standing: frozenset[int]
    sketch: Sketch


class TextCache:
    """The texts that were sketched last, in memory: copies come soon after each other.

    One for a database. Nothing is believed of an entry but what belongs to the version and to the
    boilerplate that the database names, so that other processes may change both.
    """

    def __init__(self, most_words: int = _MOST_WORDS) -> None:
        self._texts: OrderedDict[int, _Text] = OrderedDict()
        self._most_words = most_words
        self._words = 0
        self.pruned_at: datetime | None = None
        self.looks = Looks()

    @property
    def kept(self) -> tuple[int, ...]:
        """The entries whose texts are there, the longest unasked for first."""
        return tuple(self._texts)

    def get(self, entry_id: int, version: tuple[Any, ...]) -> _Text | None:
        """The entry's text, if it is still that version."""
        known = self._texts.get(entry_id)
        if known is None or known.version != version:
            return None
        self._texts.move_to_end(entry_id)
        return known

    def put(self, entry_id: int, known: _Text) -> None:
        """Remember a text, and forget those that nobody asked for since, if there are too many."""
        before = self._texts.pop(entry_id, None)
        self._words += known.sketch.size - (before.sketch.size if before else 0)
        self._texts[entry_id] = known
        while self._words > self._most_words:
            _, oldest = self._texts.popitem(last=False)
            self._words -= oldest.sketch.size


class Texts:
    """The texts of a batch and of those that may be their copies, ready to be compared."""

    def __init__(
        self,
        connection: Connection,
        rows: Mapping[int, Row[Any]],
        readings: Mapping[int, Reading],
        cache: TextCache,
        latest: LatestEntries,
    ) -> None:
        self._connection = connection
        self._latest = latest
        self._furniture = Furniture()
        self._cache = cache
        self._batch = {i: one.candidate for i, one in readings.items()}
        self.index = NearIndex()
        self.story_of: dict[int, int] = {}
        marks = {i: remembered(one.lines) for i, one in readings.items()}
        places = ((rows[i].feed_id, one.digest) for i in marks for one in marks[i])
        self._boilerplate = fingerprints.boilerplate_of(connection, places)
        for i, one in self._batch.items():
            self._boilerplate.learn(one.feed_id, one.title, marks[i])
        # Of what came together, the first texts are without what the last ones taught, too.
        self.sketches = {
            i: self._sketch(rows[i], one.candidate, one.lines, self._boilerplate, one.sketch)
            for i, one in readings.items()
        }

    def learned_late(self) -> dict[int, set[int]]:
        """By feed the titles of entries before whose texts have more boilerplate than was known of then."""
        batch = {(one.feed_id, digest(one.title)) for one in self._batch.values()}
        found = {
            feed_id: {title for title in titles if (feed_id, title) not in batch}
            for feed_id, titles in self._boilerplate.learned.items()
        }
        return {feed_id: titles for feed_id, titles in found.items() if titles}

    def also_compare_with(self, others: Collection[int], since: datetime) -> None:
        """Load ``others`` that are not there yet, without letting them be found."""
        for chunk in chunks(sorted(set(others) - self._batch.keys() - self.story_of.keys())):
            self._load(chunk, (), since)

    def _look_around(self, entry_ids: Collection[int], since: datetime) -> None:
        """Load what shares keys with these entries, if it is not there yet."""
        known = [self.index.get(i) for i in sorted(entry_ids)]
        found = fingerprints.near_entries(self._connection, [one for one in known if one])
        near = {i for ids in found.values() for i in ids}
        for chunk in chunks(sorted(near - self._batch.keys() - self.story_of.keys())):
            self._load(chunk, near, since)

    def compare_with(self, others: Collection[int], since: datetime) -> None:
        """Load what shares keys with the batch, and ``others``."""
        found = fingerprints.near_entries(self._connection, self.sketches.values())
        near = {i for ids in found.values() for i in ids}
        for chunk in chunks(sorted((near | set(others)) - self._batch.keys())):
            self._load(chunk, near, since)
        # A text that holds one of the batch's may hold another story, too.
        longer = {
            i
            for entry_id, ids in found.items()
            for i in ids
            if (one := self.index.get(i)) is not None
            and may_hold_both(self.index, one, self.sketches[entry_id])
        }
        self._look_around(longer, since)

    def _load(self, ids: Sequence[int], near: Collection[int], since: datetime) -> None:
        current_rows = {
            row.id: row for row in self._connection.execute(_CURRENT_ROWS, {"ids": ids})
        }
        known = {
            i: text for i, row in current_rows.items() if (text := self._known(row)) is not None
        }
        rows, candidates, lines = self._read(sorted(current_rows.keys() - known.keys()))
        boilerplate = fingerprints.boilerplate_of(
            self._connection,
            {
                *(
                    (current_rows[i].feed_id, digest)
                    for i, one in known.items()
                    for digest in one.lines
                ),
                *(
                    (candidates[i].feed_id, one.digest)
                    for i in lines
                    for one in remembered(lines[i])
                ),
            },
            standing=True,
        )
        sketches = {
            i: self._sketch(rows[i], candidates[i], lines[i], boilerplate) for i in candidates
        }
        for i, one in known.items():
            row = current_rows[i]
            if _left_out(boilerplate, row.feed_id, row.title, one.lines) == one.standing:
                sketches[i] = one.sketch
            else:  # by now, more or less of it is boilerplate
                again, candidate, lines_now = self._read([i])
                sketches.update(
                    {
                        j: self._sketch(again[j], candidate[j], lines_now[j], boilerplate)
                        for j in again
                    }
                )
        for i in sorted(sketches):
            row = current_rows[i]
            self.story_of[i] = row.story_id
            is_found = i in near and row.seen_at is not None and row.seen_at >= since
            self.index.add(sketches[i], found=is_found)

    def _known(self, row: Row[Any]) -> _Text | None:
        return self._cache.get(row.id, _version(row))

    def _read(
        self, ids: Sequence[int]
    ) -> tuple[dict[int, Row[Any]], dict[int, StoryCandidate], dict[int, list[Line]]]:
        if not ids:
            return {}, {}, {}
        rows = {row.id: row for row in candidates_by_id(self._connection, ids)}
        sources = self._latest.sources(rows.values())
        candidates = {one.id: candidate_of(one, furniture=self._furniture) for one in sources}
        return rows, candidates, {i: lines_of(one.text) for i, one in candidates.items()}

    def _sketch(
        self,
        row: Row[Any],
        one: StoryCandidate,
        lines: Sequence[Line],
        boilerplate: Boilerplate,
        of_all: Sketch | None = None,
    ) -> Sketch:
        """The sketch of the text without boilerplate; ``of_all`` is that of all its lines."""
        if of_all is not None and not standing(one, lines, boilerplate):
            sketch = of_all
        else:
            sketch = sketch_of(one, lines, boilerplate)
        marks = tuple(line.digest for line in remembered(lines))
        left_out = _left_out(boilerplate, one.feed_id, one.title, marks)
        self._cache.put(one.entry_id, _Text(_version(row), marks, left_out, sketch))
        return sketch

    def save(self, now: datetime, since: datetime) -> None:
        """Let the batch's texts be found, and drop what nobody finds any more."""
        fingerprints.remember(self._connection, list(self.sketches.values()), now)
        fingerprints.save_boilerplate(self._connection, self._boilerplate, now)
        last = self._cache.pruned_at
        if (last is None or abs(now - last) >= _PRUNE_EVERY) and not fingerprints.prune(
            self._connection, since, now
        ):
            self._cache.pruned_at = now


# Where entries stand, and which version of their texts: all but the long columns. Statements are
# built once: to build one takes longer than to run it.
_CURRENT_ROWS: Select[Any] = (
    select(
        entries.c.id,
        entries.c.feed_id,
        entries.c.title,
        entries.c.story_id,
        entries.c.article_id,
        prints.c.seen_at,
        *VERSION,
    )
    .outerjoin(articles, articles.c.id == entries.c.article_id)
    .outerjoin(prints, prints.c.entry_id == entries.c.id)
    .where(entries.c.id.in_(bindparam("ids", expanding=True)), entries.c.story_id.is_not(None))
)


def _version(row: Row[Any]) -> tuple[Any, ...]:
    return row.content_hash, row.article_id, row.lease_token, row.fetched_at


def _left_out(
    boilerplate: Boilerplate, feed_id: int, title: str, lines: Sequence[int]
) -> frozenset[int]:
    name = digest(title)
    return frozenset(one for one in lines if boilerplate.is_boilerplate((feed_id, one), name))
