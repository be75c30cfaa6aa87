"""A text against whole stories: what their members say of it, and texts that tell several stories.

Two of one story agree only as far as none of the others contradicts; live pages and newsletters that
hold two stories are of neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aggregator.dedupe.compare import is_one_headline
from aggregator.dedupe.near import Match, NearIndex
from aggregator.dedupe.sketch import Sketch

MOST_MEMBERS = 6  # of a story that are asked
_HELD = 0.8  # containment of a part
_CLOSER = 0.02  # resemblance that tells who is more like a text
_APART = 0.1  # containment of two texts that tell two stories
_PART = 0.5  # of either, which the one that tells both has
_LEAST = 20  # shingles
LONGER = 1.3  # times the words of a part
_OF_TITLE = 4  # letters of a headline's word
_ABOUT = 0.67  # of them, which what a headline is about has
_BESIDE = 0.34
_TELLING = 6  # letters of a word
_ALIKE = 0.4  # of the telling words of the shorter one


def may_hold_both(index: NearIndex, longer: Sketch, part: Sketch) -> bool:
    """True for a text with most of ``part``, and words enough for another story."""
    return index.tells_another(longer, part) or (
        len(longer.words) >= LONGER * len(part.words)
        and index.verdict(longer, part).overlap >= _PART
    )


def contradicting(index: NearIndex, sketch: Sketch, members: Iterable[int]) -> Match | None:
    """The first of ``members`` that is known to tell another thing than ``sketch``."""
    return next((m for m in index.verdicts(sketch, members) if m.verdict.apart), None)


def agree(index: NearIndex, one: Sequence[int], other: Sequence[int]) -> bool:
    """True for two stories of which no member contradicts one of the other."""
    sketches = (index.get(i) for i in one[:MOST_MEMBERS])
    return all(
        contradicting(index, sketch, other[:MOST_MEMBERS]) is None
        for sketch in sketches
        if sketch is not None
    )


def outvoted(
    index: NearIndex, sketch: Sketch, members: Iterable[int], comes: Sketch | None = None
) -> bool:
    """True for a text of which more of ``members`` are refused parts than copies: one holds its headline by chance.

    With a text that ``comes`` to them; the text itself is none of them.
    """
    others = (i for i in members if i != sketch.entry_id)
    verdicts = [match.verdict for match in index.verdicts(sketch, others)]
    if comes is not None:
        verdicts.append(index.verdict(sketch, comes))
    parts = sum(not one.same and one.overlap >= _HELD for one in verdicts)
    return parts > sum(one.same for one in verdicts)


def is_closer(
    index: NearIndex,
    sketch: Sketch,
    rival: int,
    members: Iterable[int],
    known: Sketch | None = None,
) -> bool:
    """True where ``sketch`` is more like one of ``members`` that both are copies of than the ``rival`` is like any.

    By resemblance: what holds all of a member and much else is less like it than its equal.
    """
    other = known or index.get(rival)
    best = {True: 0.0, False: 0.0}
    for entry_id in members:
        member = index.get(entry_id)
        if member is None or other is None or entry_id in {rival, sketch.entry_id}:
            continue
        for mine, one in ((True, sketch), (False, other)):
            if index.verdict(one, member).same:
                best[mine] = max(best[mine], _resemblance(one, member))
    return best[True] > best[False] + _CLOSER


def _resemblance(one: Sketch, other: Sketch) -> float:
    shared = len(one.distinct & other.distinct)
    return shared / max(1, len(one.distinct) + len(other.distinct) - shared)


def tells_several(index: NearIndex, sketch: Sketch, parts: Iterable[Sketch]) -> bool:
    """True for a text that holds two of ``parts`` which are nothing to each other, in two places.

    One whose headline is about one of them only has the other beside it: a page with a related one.
    """
    held: list[tuple[Sketch, frozenset[bytes]]] = []
    for part in parts:
        if index.tells_another(sketch, part):
            return True
        shared = sketch.distinct & part.distinct
        if len(shared) < max(_LEAST, _PART * len(part.distinct)):
            continue
        for other, others in held:
            both = shared & others
            if len(both) > _APART * min(len(shared), len(others)):
                continue
            if not _is_of_one(sketch, part, other) and _are_two(index, part, other):
                return True
        held.append((part, shared))
    return False


def _is_of_one(sketch: Sketch, one: Sketch, other: Sketch) -> bool:
    telling = {word for word in sketch.title_words if len(word) >= _OF_TITLE}
    if not telling:
        return False
    mine, theirs = (
        len(telling & (part.title_words | frozenset(part.words))) for part in (one, other)
    )
    return max(mine, theirs) >= _ABOUT * len(telling) and min(mine, theirs) <= _BESIDE * len(
        telling
    )


def _are_two(index: NearIndex, one: Sketch, other: Sketch) -> bool:
    """Whether two parts are of two stories: neither has what the other says, nor what it speaks of.

    A teaser and the rest of one article have names and telling words in common.
    """
    verdict = index.verdict(one, other)
    if verdict.same or verdict.overlap >= _APART or is_one_headline(one, other):
        return False
    mine, theirs = _spoken_of(one), _spoken_of(other)
    return len(mine & theirs) < _ALIKE * min(len(mine), len(theirs))


def _spoken_of(sketch: Sketch) -> set[str]:
    return {word for word in sketch.words if len(word) >= _TELLING} | sketch.title_words
