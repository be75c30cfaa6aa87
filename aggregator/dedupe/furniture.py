"""Furniture: sentences that a feed has around one link after another, told by its latest entries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from aggregator.dedupe.remarks import Sentence, remark, without_repeated
from aggregator.urls import host_of


class Sample(NamedTuple):
    """An entry, as far as it tells what is its feed's own in its text."""

    id: int
    title: str
    url: str | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    html: str


def remark_of(one: Sample, *names: str | None) -> tuple[Sentence, ...]:
    """The sentences of an entry's text that may be its feed's own; ``names`` are the feed's and the page's."""
    host = host_of(one.url) if one.url else ""
    told = (one.title, host, host.removeprefix("www."), *names, *one.authors, *one.categories)
    return remark(one.html, one.url, (name for name in told if name))


class Furniture:
    """Sentences of feeds' latest entries, read once for all entries of a batch."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[Sequence[Sample], list[tuple[Sentence, ...]]]] = {}

    def without(
        self,
        said: Sequence[Sentence],
        one: Sample,
        feed: tuple[int, str | None],
        latest: Sequence[Sample],
    ) -> tuple[Sentence, ...]:
        """Sentences that ``one`` has ``said``, less those that others of the ``feed`` (id, title) say, too."""
        if not said:
            return ()
        feed_id, name = feed
        known, sentences = self._read.get(feed_id, ((), []))
        if known is not latest:
            sentences = [remark_of(other, name) for other in latest]
            self._read[feed_id] = latest, sentences
        others = [
            found
            for other, found in zip(latest, sentences, strict=True)
            if other.id != one.id and (not other.title or other.title != one.title)
        ]
        return without_repeated(said, others)
