"""The search among texts in memory: who shares keys, and which of them is a copy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.dedupe.compare import compare, in_order
from aggregator.dedupe.guests import say_different, tells_all_of
from aggregator.dedupe.pair_verdict import Beside, Verdict
from aggregator.dedupe.sketch import Line, Sketch, digest, sketch
from aggregator.model import StoryCandidate
from aggregator.text.words import words

# Texts that are compared, the likeliest first; holders of one key that are looked at, latest first: a
# key that a thousand texts share tells nothing.
CANDIDATES = 6
HOLDERS = 50
_STANDING = (
    2  # other titles of its feed under which a line was seen, from which on it is boilerplate
)
_FIGURES = 2  # of a line that is no boilerplate
_MOST_OF_IT = 0.3  # of an entry's words, that its feed gave under two other titles


@dataclass(frozen=True, slots=True)
class Match:
    """The text nearest to one that looked for its copies, and the verdict on the two."""

    entry_id: int
    verdict: Verdict


def nearest(
    keys: Iterable[int], holders: Mapping[int, Sequence[int]], but: int | None = None
) -> list[int]:
    """Up to six entries that share ``keys`` of which ``holders`` are known, the likeliest first.

    A key counts the more the fewer have it: a hundred articles share the lines that an outlet puts under
    each, and would stand before the one copy that shares two keys with nobody else. Of equals the latest
    is first; never ``but``.
    """
    shared: dict[int, float] = {}
    for key in keys:
        found = holders.get(key)
        if found:
            weight = 1 / len(found)
            for entry_id in found:
                shared[entry_id] = shared.get(entry_id, 0.0) + weight
    if but is not None:
        shared.pop(but, None)
    return sorted(shared, key=lambda i: (-shared[i], -i))[:CANDIDATES]


class NearIndex:
    """Sketches by their keys."""

    def __init__(self) -> None:
        self._sketches: dict[int, Sketch] = {}
        self._holders: dict[int, list[int]] = {}
        self._verdicts: dict[tuple[int, int], tuple[Sketch, Sketch, Verdict]] = {}

    def add(self, sketch: Sketch, *, found: bool = True) -> None:
        """Take ``sketch`` in the place of an earlier one of the same entry.

        With ``found`` False it is only there to be compared with.
        """
        self._drop(sketch.entry_id)
        self._sketches[sketch.entry_id] = sketch
        for key in sketch.keys if found else ():
            self._holders.setdefault(key, []).append(sketch.entry_id)

    def _drop(self, entry_id: int) -> None:
        known = self._sketches.pop(entry_id, None)
        for key in known.keys if known else ():
            if entry_id in self._holders.get(key, ()):
                self._holders[key].remove(entry_id)

    def match(self, sketch: Sketch) -> Match | None:
        """The best copy of ``sketch``; with none, the nearest text that was refused.

        None when no text shares a key.
        """
        return next(iter(self.matches(sketch)), None)

    def matches(self, sketch: Sketch) -> list[Match]:
        """The verdicts on ``sketch`` and the texts that share most keys with it, copies first, best first."""
        holders = {
            key: found[-HOLDERS:] for key in sketch.keys if (found := self._holders.get(key))
        }
        if not holders:  # as of most
            return []
        return self._judged(sketch, nearest(sketch.keys, holders, sketch.entry_id))

    def verdicts(self, sketch: Sketch, entry_ids: Iterable[int]) -> list[Match]:
        """The verdicts on ``sketch`` and these entries, as far as they are known, copies first, best first."""
        return self._judged(sketch, (i for i in entry_ids if i in self._sketches))

    def compare_with(self, sketch: Sketch, entry_ids: Iterable[int]) -> Match | None:
        """The best verdict on ``sketch`` and these entries, as far as they are known."""
        return next(iter(self.verdicts(sketch, entry_ids)), None)

    def get(self, entry_id: int) -> Sketch | None:
        """The entry's sketch, if it is known."""
        return self._sketches.get(entry_id)

    def _judged(self, sketch: Sketch, entry_ids: Iterable[int]) -> list[Match]:
        found = [Match(i, self.verdict(sketch, self._sketches[i])) for i in entry_ids]
        # A stable sort: of equals the first one stays so.
        return sorted(found, key=lambda m: (not m.verdict.same, -m.verdict.overlap))

    def verdict(self, one: Sketch, other: Sketch) -> Verdict:
        """The verdict on two texts, be they in the index or not: judged once, as long as neither changes."""
        pair = (
            (one.entry_id, other.entry_id)
            if one.entry_id < other.entry_id
            else (other.entry_id, one.entry_id)
        )
        known = self._verdicts.get(pair)
        if known is not None and {id(known[0]), id(known[1])} == {id(one), id(other)}:
            return known[2]
        verdict = compare(one, other)
        self._verdicts[pair] = one, other, verdict
        return verdict

    def tells_another(self, sketch: Sketch, other: Sketch) -> bool:
        """True where ``sketch`` tells another story beside that of the ``other``."""
        beside = self.verdict(sketch, other).beside
        if beside is Beside.NEITHER:
            return False
        shorter, longer = in_order(sketch, other)
        return (longer if beside is Beside.LONGER else shorter) is sketch

    def is_guest(self, entry_id: int) -> bool:
        """True for a guest with words of its own."""
        return entry_id in self._sketches and self._sketches[entry_id].guest

    def tells_all_of(self, sketch: Sketch, entry_id: int) -> bool:
        """See :func:`aggregator.dedupe.guests.tells_all_of`; False where the other is not known."""
        other = self._sketches.get(entry_id)
        return other is not None and tells_all_of(sketch, other)

    def say_different(self, sketch: Sketch, entry_id: int, *, one_address: bool) -> bool:
        """See :func:`aggregator.dedupe.guests.say_different`; False where the other is not known."""
        other = self._sketches.get(entry_id)
        return other is not None and say_different(sketch, other, one_address=one_address)


class Boilerplate:
    """The lines that feeds repeat under one title after another: navigation, notices, adverts.

    Up to three titles are kept a line: with that many it is boilerplate under any title.
    """

    def __init__(self, known: dict[tuple[int, int], tuple[int, ...]] | None = None) -> None:
        self._titles = {} if known is None else known  # (feed, line) → digests of titles
        self.changed: set[tuple[int, int]] = set()
        # By feed the titles under which a line stood before it turned out to be boilerplate.
        self.learned: dict[int, set[int]] = {}

    def learn(self, feed_id: int, title: str, lines: Iterable[Line]) -> None:
        """Remember that the feed showed ``lines`` under ``title``."""
        name = digest(title)
        for line in lines:
            place = feed_id, line.digest
            titles = self._titles.get(place, ())
            if len(titles) <= _STANDING and name not in titles:
                self._titles[place] = (*titles, name)
                if len(titles) == _STANDING:
                    self.learned.setdefault(feed_id, set()).update(titles)
            self.changed.add(place)

    def titles(self, place: tuple[int, int]) -> tuple[int, ...]:
        """The digests of the titles under which the feed showed the line."""
        return self._titles.get(place, ())

    def is_boilerplate(self, place: tuple[int, int], title: int) -> bool:
        """True for a line seen under two titles other than that of this digest."""
        titles = self._titles.get(place, ())
        return len(titles) - (title in titles) >= _STANDING


def standing(
    candidate: StoryCandidate, lines: Sequence[Line], boilerplate: Boilerplate
) -> frozenset[int]:
    """The digests of those of an entry's ``lines`` that are its feed's boilerplate."""
    feed_id, name = candidate.feed_id, digest(candidate.title)
    found = frozenset(
        line.digest for line in lines if boilerplate.is_boilerplate((feed_id, line.digest), name)
    )
    return found - _told_thrice(lines, found, boilerplate, feed_id, name) if found else found


def _told_thrice(
    lines: Sequence[Line],
    found: Collection[int],
    boilerplate: Boilerplate,
    feed_id: int,
    name: int,
) -> frozenset[int]:
    """Lines with figures of an item that its feed gave under three titles: results that it corrected and repeated.

    Much of what an entry says stands under the same three titles, its own among them. What a feed puts
    under every article does so in its first three only, and has few figures: see :attr:`.Sketch.thrice`.
    """
    under: dict[tuple[int, ...], list[Line]] = {}
    for line in lines:
        titles = boilerplate.titles((feed_id, line.digest))
        if line.digest in found and name in titles and _has_figures(line):
            under.setdefault(tuple(sorted(titles)), []).append(line)
    most = max(under.values(), key=_size, default=[])
    if _size(most) < _MOST_OF_IT * _size(lines):
        return frozenset()
    return frozenset(line.digest for line in most)


def _has_figures(line: Line) -> bool:
    return sum(map(str.isdecimal, line.words)) >= _FIGURES


def _size(lines: Sequence[Line]) -> int:
    return sum(line.said.count(" ") + 1 for line in lines)


def sketch_of(candidate: StoryCandidate, lines: Sequence[Line], boilerplate: Boilerplate) -> Sketch:
    """The sketch of an entry whose text has ``lines``, without its feed's boilerplate."""
    feed_id, name = candidate.feed_id, digest(candidate.title)
    left_out = standing(candidate, lines, boilerplate)
    own = [line for line in lines if line.digest not in left_out]
    thrice = any(boilerplate.is_boilerplate((feed_id, line.digest), name) for line in own)
    page, said = candidate.page, candidate.said
    return replace(
        sketch(candidate.entry_id, feed_id, candidate.title, own, page, said),
        thrice=thrice,
        guest=candidate.guest,
        abroad=candidate.abroad,
        cut=candidate.cut,
        remark=candidate.remark,
        described=tuple(words(candidate.described)),
    )
