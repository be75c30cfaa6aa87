"""CPU time of reading feeds: ours, first and changed polls, beside feedparser and a bare expat scan.

Needs a folder of feeds. For a changed poll of each, the document of the poll before is made from it:
without its newest items, with an item that was edited, in another order, with another head.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from xml.parsers import expat

import feedparser

from aggregator.errors import ParseError
from aggregator.model import Entry, ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.parse.prepare import prepare

URL = "https://feeds.example/feed"
_BARE = {"sanitize_html": False, "resolve_relative_uris": False}
_TEXT = re.compile(rb">[^<>&\]]{5}")


@dataclass
class Times:
    """CPU seconds of one thing, for each document."""

    seconds: list[float] = field(default_factory=list)

    def measure(self, work: Callable[..., Any], *args: object, **named: object) -> Any:
        """Call ``work``, and return what it does, None where that fails."""
        before = time.process_time()
        try:
            return work(*args, **named)
        except (ParseError, expat.ExpatError, ValueError):
            return None
        finally:
            self.seconds.append(time.process_time() - before)

    @property
    def mean(self) -> float:
        """In seconds."""
        return sum(self.seconds) / max(len(self.seconds), 1)

    def __str__(self) -> str:
        half = median(self.seconds or [0])
        count = len(self.seconds)
        return f"{self.mean * 1000:7.2f} ms mean {half * 1000:7.2f} ms median, {count} documents"


def documents(folder: Path) -> Iterator[bytes]:
    """The files in ``folder`` that look like feeds, in the order of their names."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix not in (".md", ".tsv"):
            yield path.read_bytes()


def earlier(body: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Kinds of changes, each with a document of an earlier poll and the later one."""
    prepared = prepare(body)
    document, items = prepared.document, prepared.items
    if prepared.kind != "xml" or len(items) < 4:
        return
    first, middle = items[0].start, items[len(items) // 2]
    whole = [document[item.start : item.end] for item in items]
    yield "only the head is new", document + b"\n", document
    yield "one new item", document[:first] + document[items[1].start :], document
    yield "three new items", document[:first] + document[items[3].start :], document
    edited = _TEXT.sub(b">other", whole[len(items) // 2], count=1)
    yield "an item edited", document[: middle.start] + edited + document[middle.end :], document
    turned = document[:first] + b"".join(reversed(whole)) + document[items[-1].end :]
    yield "another order", turned, document


def _ignore(*_: object) -> None:
    """Nothing is done with an element."""


def _expat(body: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = parser.EndElementHandler = _ignore
    parser.Parse(body, True)


def _known(parsed: ParsedFeed) -> dict[str, str]:
    return {one.source_digest: one.identity for one in parsed.entries if one.source_digest}


def _same(before: ParsedFeed, part: ParsedFeed, whole: ParsedFeed) -> bool:
    """Whether what was left out and what was read are together what the whole says."""
    stored = {entry.identity: entry for entry in before.entries}
    together: dict[str, Entry] = {name: stored[name] for name in part.unchanged}
    together |= {entry.identity: entry for entry in part.entries}
    return together == {entry.identity: entry for entry in whole.entries}


def first_polls(bodies: list[bytes]) -> None:
    """Print what a first poll costs, and its ratio to feedparser's."""
    times = {name: Times() for name in ("ours", "feedparser", "feedparser, bare", "expat")}
    for body in bodies:
        times["ours"].measure(parse_feed, body, url=URL)
        times["feedparser"].measure(feedparser.parse, io.BytesIO(body))
        times["feedparser, bare"].measure(feedparser.parse, io.BytesIO(body), **_BARE)
        times["expat"].measure(_expat, body)
    print(f"first polls, {sum(map(len, bodies)) / 1e6:.1f} MB")
    for name, spent in times.items():
        ratio = times["ours"].mean / max(spent.mean, 1e-9)
        print(f"  {name:20} {spent}, ours / this {ratio:.2f}")


def changed_polls(bodies: list[bytes]) -> None:
    """Print what changed polls cost with and without what is known, and how many go wrong."""
    times: dict[str, tuple[Times, Times]] = {}
    wrong = 0
    for body in bodies:
        try:
            successions = list(earlier(body))
        except ParseError:
            continue
        for kind, old, new in successions:
            part_times, whole_times = times.setdefault(kind, (Times(), Times()))
            before = parse_feed(old, url=URL)
            known = _known(before)
            whole = whole_times.measure(parse_feed, new, url=URL)
            part = part_times.measure(parse_feed, new, url=URL, known=known)
            wrong += not _same(before, part, whole)
    print("changed polls")
    for kind, (part_times, whole_times) in times.items():
        ratio = part_times.mean / whole_times.mean
        print(f"  {kind:20} {part_times}, {ratio:.2f} of reading all")
    print(f"  wrong: {wrong}")


def main(folder: str) -> None:
    """Print the costs and their ratios for the feeds in ``folder``."""
    bodies = list(documents(Path(folder)))
    first_polls(bodies)
    changed_polls(bodies)
