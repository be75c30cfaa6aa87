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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from aggregator.dedupe.assign import Seeker, assign
from aggregator.dedupe.keys import story_keys
from aggregator.dedupe.near import Boilerplate, NearIndex, sketch_of
from aggregator.dedupe.sketch import Sketch, lines_of, remembered
from aggregator.errors import AggregatorError
from aggregator.model import StoryCandidate

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
    """The ids of each story's documents, and the sketches in the order of the documents."""
    feeds = {feed: n for n, feed in enumerate(dict.fromkeys(d.feed for d in documents if d.feed))}
    seekers, sketches = [], []
    index, boilerplate = NearIndex(), Boilerplate()
    for number, document in enumerate(documents):
        feed_id = feeds.get(document.feed, -1 - number)
        candidate = _candidate(number, feed_id, document)
        lines = lines_of(document.text)
        boilerplate.learn(feed_id, document.title, remembered(lines))
        sketches.append(sketch_of(candidate, lines, boilerplate))
        keys = story_keys(candidate)
        seekers.append(Seeker(number, keys, feed_id=feed_id, sketch=sketches[-1]))
    stories: dict[int, list[str]] = {}
    for assignment in assign(seekers, {}, index=index):
        founder = assignment.entry_id if assignment.founder is None else assignment.founder
        stories.setdefault(founder, []).append(documents[assignment.entry_id].id)
    return list(stories.values()), sketches


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
