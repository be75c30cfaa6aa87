"""Entries under other names: a feed's entry that appears as another leaves may be the same. Pure.

Publishers correct an address that is the guid, too, move to another system with all guids new, and put
tokens into links that are new at every poll. What says the same under the same date is then no news.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from aggregator.dedupe.compare import compare
from aggregator.dedupe.fillings import names_in, other_fillings, other_titles
from aggregator.dedupe.sketch import Sketch, lines_of, sketch
from aggregator.model import Entry, KnownEntry, StoredEntry
from aggregator.sanitize import to_text
from aggregator.text.words import words
from aggregator.urls import canonical, is_landing_page

_Name = TypeVar("_Name", str, int)
_LEAST = 5  # words of a text by which an entry without a date is known
_BRIEF = 25  # words, below which texts are compared as wholes
_ALIKE = 0.6  # share of words
_PAIRS = 2  # entries of which a token is known
_MOST_PAIRS = 25  # of one date and title; of more it is not told which is which
_MOST = 0.8  # share of a feed's entries that a token changes


@dataclass(frozen=True, slots=True)
class Recognised:
    """The stored entry that a listed one is; ``says_the_same`` when all that changed is what it is called.

    ``is_listed`` when the feed lists it under its present name, too.
    """

    known: KnownEntry
    says_the_same: bool
    is_listed: bool = False


@dataclass(frozen=True)
class _Said:
    """What decides whether two entries are one."""

    title: str
    text: str
    title_words: tuple[str, ...]
    words: tuple[str, ...]
    when: datetime | None
    guid: str | None
    link: str

    @classmethod
    def of(cls, entry: Entry | StoredEntry) -> _Said:
        text = to_text(entry.html)
        when = entry.published or entry.updated
        return cls(
            entry.title,
            text,
            tuple(words(entry.title)),
            tuple(words(text)),
            when and when.replace(second=0, microsecond=0),
            entry.guid,
            canonical(entry.url) if entry.url else "",
        )

    @cached_property
    def sketch(self) -> Sketch:
        """The sketch of its text, as of one feed."""
        return sketch(0, 0, self.title, lines_of(self.text))

    @property
    def place(self) -> str:
        """The link without its query, where a token may be; ``""`` where that names no page."""
        place = self.link.partition("#")[0].partition("?")[0]
        return "" if not place or is_landing_page(place) else place


def recognised(
    strangers: Sequence[Entry],
    known: Sequence[KnownEntry],
    stored: Mapping[int, StoredEntry],
    aliases: Mapping[str, int],
    present: Collection[str],
    *,
    complete: bool,
) -> dict[str, Recognised]:
    """The listed entries, by identity, that are stored under another name.

    ``strangers`` are the listed entries of no known identity, ``present`` the identities of all that
    are listed. ``stored`` says more of the ``known`` that are not listed, and of those behind
    ``aliases`` (former identity → entry). Only a ``complete`` list tells what left. Two are one where
    each is the other's only match.
    """
    search = _Search(strangers, known, stored, present)
    search.take(
        (n, aliases[n]) for n in search.new if n in aliases and search.may_be(n, aliases[n])
    )
    search.pair(_by_address)
    if complete:
        search.only_listed()
        search.pair(_by_date_and_title, _by_date_and_text, _by_words, sure=_is_same)
        if search.tokens() >= _PAIRS:
            search.pair(_by_place)
    return search.found


class _Search:
    """What is new and what is not listed any more, until they are found to be one."""

    def __init__(
        self,
        strangers: Sequence[Entry],
        known: Sequence[KnownEntry],
        stored: Mapping[int, StoredEntry],
        present: Collection[str],
    ) -> None:
        self._known = {one.id: one for one in known}
        self._present = present
        self._said = {entry.identity: _Said.of(entry) for entry in strangers}
        self._was = {entry_id: _Said.of(one) for entry_id, one in stored.items()}
        self.new = dict(self._said)
        self.left = {
            i: one
            for i, one in self._was.items()
            if i in self._known and self._known[i].identity not in present
        }
        self.found: dict[str, Recognised] = {}

    def take(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Note that these are one."""
        for name, entry_id in list(pairs):
            known = self._known.get(entry_id)
            if known is None or entry_id not in self._was:
                continue
            same = _says_the_same(self._said[name], self._was[entry_id])
            self.found[name] = Recognised(known, same, known.identity in self._present)
            self.new.pop(name, None)
            self.left.pop(entry_id, None)

    def may_be(self, name: str, entry_id: int) -> bool:
        """False for another thing under a former name: the feed still lists what had it, and nothing is alike."""
        known, was = self._known.get(entry_id), self._was.get(entry_id)
        if known is None or was is None or known.identity not in self._present:
            return True
        one = self._said[name]
        parts = ("title_words", "words", "when", "link")
        return any(
            getattr(one, part) and getattr(one, part) == getattr(was, part) for part in parts
        )

    def only_listed(self) -> None:
        """Leave only what stood in the feed at the last poll."""
        self.left = {i: one for i, one in self.left.items() if self._known[i].listed}

    def pair(
        self,
        *keys: Callable[[_Said], Hashable],
        sure: Callable[[_Said, _Said], bool] = lambda _one, _other: True,
    ) -> None:
        """Take those that share one of the ``keys`` (None is none) and are ``sure`` to be one."""
        pairs = set()
        for key in keys:
            ours, theirs = _by_value(key, self.new), _by_value(key, self.left)
            for value, names in ours.items():
                if len(names) * len(theirs.get(value, ())) <= _MOST_PAIRS:
                    pairs |= {
                        (name, i)
                        for name in names
                        for i in theirs.get(value, ())
                        if sure(self.new[name], self.left[i])
                    }
        news, olds = Counter(name for name, _ in pairs), Counter(i for _, i in pairs)
        self.take((name, i) for name, i in sorted(pairs) if news[name] == olds[i] == 1)

    def tokens(self) -> int:
        """The number of entries whose links show that all of the feed's have a token; 0 when they do not."""
        was = {one.place for one in self.left.values()} | {
            self._was[one.known.id].place for one in self.found.values()
        }
        moved = [one for one in self._said.values() if not one.guid and one.place in was - {""}]
        return len(moved) if len(moved) >= _MOST * len(self._present) else 0


def _by_value(
    key: Callable[[_Said], Hashable], said: Mapping[_Name, _Said]
) -> dict[Hashable, list[_Name]]:
    found: dict[Hashable, list[_Name]] = defaultdict(list)
    for name, one in said.items():
        if (value := key(one)) is not None:
            found[value].append(name)
    return found


def _by_address(one: _Said) -> Hashable:
    """One without a guid is what its address says, whatever name a release before gave it."""
    return one.link or None if not one.guid else None


def _by_date_and_title(one: _Said) -> Hashable:
    return (one.when, one.title_words) if one.when and one.title_words else None


def _by_date_and_text(one: _Said) -> Hashable:
    return (one.when, one.words) if one.when and one.words else None


def _by_words(one: _Said) -> Hashable:
    """Where one of two has no date, title and text must be the same, and say enough."""
    return (one.title_words, one.words) if len(one.words) >= _LEAST else None


def _by_place(one: _Said) -> Hashable:
    return (one.place, one.title_words) if one.place and not one.guid else None


def _is_same(one: _Said, other: _Said) -> bool:
    """Whether two entries of one title or text differ in no name, no number and no date."""
    if one.when and other.when and one.when != other.when:
        return False
    if one.title_words != other.title_words:
        filled_in = other_titles(one.title, other.title, one.words, other.words)
        return not filled_in and _numbers(one.title_words) == _numbers(other.title_words)
    if one.words == other.words or not one.words or not other.words:
        return True
    shorter, longer = sorted((one.words, other.words), key=len)
    if len(shorter) < _BRIEF:
        alike = len(set(shorter) & set(longer)) >= _ALIKE * len(set(shorter))
        names = {*names_in(one.text), *names_in(other.text)}
        mine, theirs = (sorted(set(shorter) - set(longer)), sorted(set(longer) - set(shorter)))
        others = other_fillings(mine, theirs, names)
        return alike and not others and _numbers(shorter) <= _numbers(longer)
    # As of two feeds: what is asked of one feed's entries, other words of its own, is told by the date.
    return compare(one.sketch, replace(other.sketch, entry_id=1, feed_id=1)).same


def _numbers(said: Iterable[str]) -> set[str]:
    return {word for word in said if word.isdecimal()}


def _says_the_same(one: _Said, other: _Said) -> bool:
    return (one.title_words, one.words) == (other.title_words, other.words)
