"""Precision and recall of deduplication over labelled pairs of documents.

A set is ``NAME.jsonl`` or ``NAME.jsonl.gz``, a document a line (``id``, ``text``; ``feed``, ``url``,
``title`` where known), in the order in which a daemon would see them, with ``NAME.pairs.json``
beside it: ``duplicate`` pairs of ids, and ``ignore`` pairs that count neither way. The documents
go through the code that gives entries their stories, one at a time.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from aggregator.dedupe.assign import assign
from aggregator.dedupe.keys import story_keys
from aggregator.dedupe.near import Boilerplate, NearIndex, sketch_of, standing
from aggregator.dedupe.seekers import Assignment, Known, Seeker
from aggregator.dedupe.sketch import Sketch, lines_of, remembered
from aggregator.dedupe.unions import place_of
from aggregator.errors import AggregatorError
from aggregator.model import StoryCandidate, StoryKey

_AGAIN = 3  # times that entries are looked at again
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

Pair = tuple[str, str]


class LabelledSetFault(AggregatorError):
    """A file of labelled documents cannot be read."""


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled document. Without a feed it counts as the only one of its feed."""

    id: str
    text: str
    feed: str = ""
    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Documents in order, and the pairs of ids (each sorted) that are duplicates or do not count."""

    name: str
    documents: tuple[Document, ...]
    duplicates: frozenset[Pair]
    ignored: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs found in stories against pairs labelled, and what it cost (CPU, milliseconds)."""

    name: str
    documents: int
    labelled: int
    found: int
    true: int
    ms_per_document: float
    signature_bytes: float  # on average
    wrong: tuple[Pair, ...] = ()
    missed: tuple[Pair, ...] = ()

    @property
    def precision(self) -> float:
        """Share of the pairs found that are labelled; 1 when none is found."""
        return self.true / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs labelled that are found; 1 when none is labelled."""
        return self.true / self.labelled if self.labelled else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def load(path: Path) -> LabelledSet:
    """Read a labelled set. Raises :class:`LabelledSetFault` naming the file and line at fault."""
    name = path.name.removesuffix(".gz").removesuffix(".jsonl")
    beside = path.with_name(f"{name}.pairs.json")
    try:
        data = path.read_bytes()
        content = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
        documents = tuple(
            _document(path, number, line)
            for number, line in enumerate(content.split("\n"), 1)
            if line.strip()
        )
        pairs = json.loads(beside.read_text(encoding="utf-8"))
        duplicates, ignored = _pairs(pairs, "duplicate"), _pairs(pairs, "ignore")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise LabelledSetFault(f"{path}: cannot be read: {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise LabelledSetFault(f"{beside}: not pairs of ids: {error}") from error
    return LabelledSet(name, documents, duplicates, ignored)


def _document(path: Path, number: int, line: str) -> Document:
    try:
        given: dict[str, Any] = json.loads(line)
        return Document(
            *(str(given[name]) for name in ("id", "text")),
            *(str(given.get(name) or "") for name in ("feed", "url", "title")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabelledSetFault(f"{path}, line {number}: not a document: {error!r}") from error


def _pairs(given: dict[str, Any], name: str) -> frozenset[Pair]:
    pairs = set()
    for one, other in given.get(name, []):
        first, second = sorted((str(one), str(other)))
        pairs.add((first, second))
    return frozenset(pairs)


def score(labelled: LabelledSet) -> Score:
    """Give every document its story, in order, and compare the pairs with the labels."""
    started = time.process_time()
    stories, sketches = cluster(labelled.documents)
    spent = time.process_time() - started
    found = set()
    for members in stories:
        for pair in combinations(members, 2):
            first, second = sorted(pair)
            found.add((first, second))
    wanted = labelled.duplicates - labelled.ignored
    counted = found - labelled.ignored
    size = max(1, len(labelled.documents))
    return Score(
        name=labelled.name,
        documents=len(labelled.documents),
        labelled=len(wanted),
        found=len(counted),
        true=len(counted & wanted),
        ms_per_document=1000 * spent / size,
        signature_bytes=sum(4 * len(one.keys) for one in sketches) / size,
        wrong=tuple(sorted(counted - wanted)),
        missed=tuple(sorted(wanted - counted)),
    )


def cluster(documents: Sequence[Document]) -> tuple[list[list[str]], list[Sketch]]:
    """The ids of each story's documents, founder first, and the sketches in the order of the documents.

    They come one at a time; those whose text is another by what was learned of later ones, and those
    that later ones recall, are looked at again, as in the store.
    """
    feeds = {feed: n for n, feed in enumerate(dict.fromkeys(d.feed for d in documents if d.feed))}
    seekers, again = [], []
    index, boilerplate = NearIndex(), Boilerplate()
    texts, left_out = [], []
    for number, document in enumerate(documents):
        candidate = _candidate(number, feeds.get(document.feed, -1 - number), document)
        lines = lines_of(document.text)
        boilerplate.learn(candidate.feed_id, document.title, remembered(lines))
        sketch = sketch_of(candidate, lines, boilerplate)
        texts.append((candidate, lines))
        left_out.append(standing(candidate, lines, boilerplate))
        keys = story_keys(candidate)
        seekers.append(Seeker(number, keys, feed_id=candidate.feed_id, sketch=sketch))
    placed = assign(seekers, {}, index=index)
    story_of = {one.entry_id: place_of(one)[1] for one in placed}
    recalled = {i for one in placed for i in one.recalls}
    sketches = [seeker.sketch for seeker in seekers if seeker.sketch is not None]
    for number, ((candidate, lines), left) in enumerate(zip(texts, left_out, strict=True)):
        if standing(candidate, lines, boilerplate) != left:
            sketches[number] = sketch_of(candidate, lines, boilerplate)
            index.add(sketches[number])
            recalled.add(number)
    for time_round in range(1, _AGAIN + 1):
        if not recalled:
            break
        again = _look_again(
            seekers, sketches, story_of, recalled, index, time_round * len(documents)
        )
        recalled = {one.entry_id for one in again if one.leaves} | {
            i for one in again for i in one.recalls
        }
    stories: dict[int, list[str]] = {}
    for entry_id, story in story_of.items():
        stories.setdefault(story, []).append(documents[entry_id].id)
    return list(stories.values()), sketches


def _look_again(
    seekers: Sequence[Seeker],
    sketches: Sequence[Sketch],
    story_of: dict[int, int],
    recalled: Collection[int],
    index: NearIndex,
    first: int,
) -> list[Assignment]:
    """Assign ``recalled`` entries anew, each of which stands in a story (of ``story_of``, which is changed).

    New stories get numbers from ``first`` on: the story that its founder leaves goes on.
    """
    members: dict[int, list[int]] = {}
    for entry_id, story in story_of.items():
        members.setdefault(story, []).append(entry_id)
    known: dict[StoryKey, int] = {}
    holders: dict[StoryKey, int | None] = {}
    for seeker in seekers:
        for key in seeker.keys:
            if known.setdefault(key, story_of[seeker.entry_id]) == story_of[seeker.entry_id]:
                holders.setdefault(key, seeker.entry_id)
    lookers = [
        replace(
            seekers[i],
            story=story_of[i],
            sketch=sketches[i],
            siblings=tuple(j for j in members[story_of[i]] if j != i),
        )
        for i in sorted(recalled)
    ]
    feeds_of = {
        story: {feed for i in ids if (feed := seekers[i].feed_id) is not None}
        for story, ids in members.items()
    }
    found = assign(lookers, Known(known, holders, feeds_of, dict(story_of)), index=index)
    for one in found:
        old = story_of[one.entry_id]
        existing, number = place_of(one)
        new = number if existing else first + number
        story_of[one.entry_id] = new
        for ended in (*one.unites, *([old] if one.merges else [])):
            story_of.update({i: new for i, story in story_of.items() if story == ended})
    return found


def _candidate(number: int, feed_id: int, document: Document) -> StoryCandidate:
    return StoryCandidate(
        entry_id=number,
        feed_id=feed_id,
        guid=None,
        urls=(document.url,) if document.url else (),
        title=document.title,
        text=document.text,
        first_seen=_EPOCH,
        sort_at=_EPOCH,
        public_id=document.id,
    )


def macro(scores: Iterable[Score]) -> float:
    """The mean of F1 over sets."""
    values = [one.f1 for one in scores]
    return sum(values) / len(values) if values else 0.0
