"""Another story beside the one that two texts share: in live pages, newsletters, “A, and also C”.

What a text has beyond the shared words speaks of the same people, places and things, if it is one
report; the rest of a page that tells two things does not. Where a language does not write names in
capitals only headings tell: the shorter text's headline stands within the longer one as a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum

from aggregator.dedupe.quotations import Span
from aggregator.dedupe.sketch import Sketch
from aggregator.text.words import words

_LEAST = 70  # words of a story
_MUCH = 120  # of one that the headline is silent about
_SAID = 30  # words of a story that the headline names
_STRAY = 12  # shared words in a row within a story: a turn of phrase
_NAMES = 4  # of either part, from which on they tell
_MANY_NAMES = 0.24  # of a text's words: of a language that writes all nouns so
_TELLING = 6  # letters of a word
# Shares of what the part with fewer names and telling words has in common with the other, of 250 halves
# of articles of each of five sets: one in a hundred has so little of its other half, three in four of another's.
_IN_COMMON = 0.2
_LITTLE_IN_COMMON = 0.12  # where headlines say that both are one
_IN_COMMON_NAMED = 0.28  # where the headline names it
_OF_TELLING = 1.5  # times as much as names
_OF_TITLE = 4  # letters of a headline's word
_ABOUT = 0.34  # of them
_ABOUT_LEAST = 3
_OF_REST = 0.67  # … of a headline that is about the rest alone
_HEADING = 3  # words
_SENTENCE = 4  # words that a sentence and a headline hardly share by chance
_TITLES = frozenset("mr mrs ms dr sir herr frau".split())  # noqa: SIM905 - before anybody's name


class Rest(StrEnum):
    """The longest part of a text that another does not have."""

    OF_IT = "of the same story"
    ANOTHER = "another story"
    HEADLINED = "the story that the headline is about"


def rest_of(
    sketch: Sketch,
    start: int,
    end: int,
    gaps: Sequence[Span],
    other: AbstractSet[str] = frozenset(),
    *,
    one_headline: bool = False,
) -> Rest:
    """The longest part of a text that is not shared: is it another story?

    What is shared lies between the words ``start`` and ``end``, but for ``gaps`` (start, length).
    ``other`` are the words of the text that it is shared with, which has much the same headline with
    ``one_headline``.
    """
    if len(sketch.names) > _MANY_NAMES * len(set(sketch.words)):
        return Rest.OF_IT
    first, length = _longest([(0, start), *gaps, (end, len(sketch.words) - end)])
    if length < _SAID:
        return Rest.OF_IT
    rest = frozenset(sketch.words[first : first + length])
    told = frozenset((*sketch.words[:first], *sketch.words[first + length :]))
    title = set[str]()
    if not _is_cut_from(sketch):
        title = {word for word in sketch.title_words if len(word) >= _OF_TITLE}
    of_rest = len(title & rest - told)
    named = of_rest >= max(_ABOUT_LEAST, _ABOUT * len(title))
    if not named:
        about = one_headline or not title or bool(title & told) or title <= other
        # Below what its headline is about a page has whatever else there is to read.
        if about and (first >= start or length < _MUCH):
            return Rest.OF_IT
        if length < _LEAST:
            return Rest.OF_IT
    most = _LITTLE_IN_COMMON if one_headline else _IN_COMMON_NAMED if named else _IN_COMMON
    if _in_common(rest, told, sketch.names, _NAMES // 2 if named else _NAMES) >= most:
        return Rest.OF_IT
    return Rest.HEADLINED if named and of_rest >= _OF_REST * len(title) else Rest.ANOTHER


def _is_cut_from(sketch: Sketch) -> bool:
    """True for a headline that is the beginning of a sentence or a piece of one: it names no story."""
    heading = words(sketch.title)
    if len(heading) < _SENTENCE:
        return False
    at = f" {sketch.text} ".find(f" {' '.join(heading)} ")
    if at < 0:
        return False
    start = sketch.text.count(" ", 0, at)
    return start + len(heading) not in sketch.edges or start not in sketch.edges


def has_as_section(long: Sketch, short: Sketch) -> bool:
    """True for a text with the shorter one's headline as a line within, and words enough for another story."""
    heading = tuple(words(short.title))
    if len(heading) < _HEADING or short.title_words == long.title_words:
        return False
    if f" {' '.join(heading)} " in f" {short.text} ":  # a sentence, or its own first line
        return False
    found = [
        at
        for at, next_one in zip(long.edges, long.edges[1:], strict=False)
        if next_one - at == len(heading) and long.words[at:next_one] == heading
    ]
    if not found:
        return False
    behind = len(long.words) - len(short.words) - found[0]
    return found[0] >= _LEAST or behind >= _LEAST


def _longest(gaps: Sequence[Span]) -> Span:
    """The longest of ``gaps``, with those beyond a turn of phrase that both texts have."""
    best, start, end = (0, 0), 0, 0
    for at, size in gaps:
        if not size:
            continue
        if end == 0 or at - end > _STRAY:
            start = at
        end = at + size
        best = max(best, (start, end - start), key=lambda span: span[1])
    return best


def _in_common(
    one: frozenset[str], other: frozenset[str], names: frozenset[str], least: int
) -> float:
    """How much two parts of a text speak of the same; 1 where too few names tell it."""
    named = names - _TITLES
    mine, theirs = one & named, other & named
    fewer = min(len(mine), len(theirs))
    if fewer < least:
        return 1.0
    long, longer = ({w for w in some - named if len(w) >= _TELLING} for some in (one, other))
    telling = len(long & longer) / max(1, min(len(long), len(longer)))
    return max(0.0, len(mine & theirs) - 0.5) / fewer + _OF_TELLING * telling
