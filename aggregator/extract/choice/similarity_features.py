"""Similarity of a block to others of its page: a common form, vocabulary, boxes.

Where trafilatura errs it errs by box. These numbers say what else is like a block: paragraphs that
the site's templates made the same way, texts about the same things, boxes on the way to the title and
to where most of the chosen text is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

from aggregator.extract.choice.boxes import Box, is_long
from aggregator.extract.page.blocks import Block
from aggregator.text.words import is_unspaced

UNKNOWN = -1000.0  # less than anything that is known
_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTERS = "".join(chr(code).lower() if chr(code).isalpha() else " " for code in range(0x80))
_CAPITAL = re.compile("(?:^| )[A-Z]")
_UNSPACED_FROM = "\u0e00"  # the first letter of a script without spaces between words
_LOOKED_AT = 3000  # characters of a block whose words are looked at
_CAPITALS = 200  # characters of a block whose words are looked at for capitals
_FIRST = 4  # paragraphs that say what an article is about
_RUNNING_TEXT = 40  # letters
_VOTED = 0.5

_FORM = ("form_count", "form_voted", "form_letters", "form_linked", "form_long", "form_span")
_WAYS = ("core_steps", "core_blocks", "core_voted", "title_steps", "title_blocks")
_VOCABULARY = ("words_core", "words_first", "title_words", "capitals")
TIES = (*_FORM, *_WAYS, *_VOCABULARY)


def ties(
    blocks: Sequence[Block],
    letters: Sequence[int],
    voted: Sequence[float],
    boxes: Sequence[Box],
    title: str,
    title_at: int,
) -> list[list[float]]:
    """For each of ``blocks`` a row in the order of :data:`TIES`; UNKNOWN: not known.

    ``boxes`` are the innermost ones, added up; ``title`` is the article's, which stands in block
    ``title_at`` (-1: in none).
    """
    # What a block looks like: the tags and classes of the two boxes around it.
    forms = [(box.form, "" if box.up is None else box.up.form) for box in boxes]
    columns = (
        _forms(forms, blocks, letters, voted),
        _ways(boxes, title_at),
        _vocabulary(blocks, letters, voted, title),
    )
    return [[*one, *two, *three] for one, two, three in zip(*columns, strict=True)]


@dataclass(slots=True)
class _Sums:
    """Over the blocks of one form."""

    first: int
    last: int = 0
    blocks: int = 0
    voted: float = 0.0
    letters: int = 0
    linked: int = 0
    long: int = 0


def _forms(
    forms: Sequence[Hashable],
    blocks: Sequence[Block],
    letters: Sequence[int],
    voted: Sequence[float],
) -> list[list[float]]:
    """What the other blocks of the same form are like: how many, how much voted for, how long."""
    sums: dict[Hashable, _Sums] = {}
    long = [is_long(count, block.linked) for count, block in zip(letters, blocks, strict=True)]
    for i, form in enumerate(forms):
        of_form = sums.get(form)
        if of_form is None:
            of_form = sums[form] = _Sums(i)
        of_form.last = i
        of_form.blocks += 1
        of_form.voted += voted[i] * letters[i]
        of_form.letters += letters[i]
        of_form.linked += blocks[i].linked
        of_form.long += long[i]
    rows: list[list[float]] = []
    for i, form in enumerate(forms):
        of_form, count = sums[form], letters[i]
        others, rest = of_form.blocks - 1, max(of_form.letters - count, 1)
        rows.append(
            [
                log1p(others), (of_form.voted - voted[i] * count) / rest, log1p(rest / others),
                (of_form.linked - blocks[i].linked) / rest, (of_form.long - long[i]) / others,
                (of_form.last - of_form.first) / len(forms),
            ]
            if others
            else [0.0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0.0]
        )  # fmt: skip
    return rows


def _ways(boxes: Sequence[Box], title_at: int) -> list[list[float]]:
    """How far each block is from the box with half of what is voted for, and from one with the title."""
    page = boxes[0]
    while page.up is not None:
        page = page.up
    half = page.voted / 2
    core, titled = _Way(lambda box: 0 < half <= box.voted), _Way(lambda box: box.holds(title_at))
    rows: list[list[float]] = []
    for box in boxes:
        steps, top = core.up(box)
        row = [steps, log1p(top.blocks), top.voted / top.letters]
        if title_at < 0:
            rows.append([*row, UNKNOWN, UNKNOWN])
            continue
        steps, top = titled.up(box)
        rows.append([*row, steps, log1p(top.blocks)])
    return rows


class _Way:
    """The way up from boxes to the first one that is wanted, or to the page."""

    def __init__(self, wanted: Callable[[Box], bool]) -> None:
        self._wanted = wanted
        self._known: dict[Box, tuple[int, Box]] = {}

    def up(self, box: Box) -> tuple[int, Box]:
        """How many boxes, each with more blocks than the one before, and the box at the end."""
        known = self._known
        passed: list[Box] = []
        at = box
        while at not in known:
            if at.up is None or self._wanted(at):
                known[at] = 0, at
                break
            passed.append(at)
            at = at.up
        steps, top = known[at]
        for inner in reversed(passed):
            steps += inner.up is not None and inner.up.blocks > inner.blocks
            known[inner] = steps, top
        return steps, top


def _vocabulary(
    blocks: Sequence[Block], letters: Sequence[int], voted: Sequence[float], title: str
) -> list[list[float]]:
    """The share of a block's words in what is voted for, and in its beginning; of the title's in it."""
    said = [_words(block.text) for block in blocks]
    chosen = [vote >= _VOTED for vote in voted]
    once, again = set[str](), set[str]()  # what is voted for says it once; more than once
    for own, is_chosen in zip(said, chosen, strict=True):
        if is_chosen:
            again |= own & once
            once |= own
    named = _words(title)
    leading = [i for i, keep in enumerate(chosen) if keep and letters[i] >= _RUNNING_TEXT][:_FIRST]
    first = named.union(*(said[i] for i in leading))
    rows: list[list[float]] = []
    for i, own in enumerate(said):
        capitals = _capitals(blocks[i].text)
        if not own:
            rows.append([UNKNOWN, UNKNOWN, UNKNOWN, capitals])
            continue
        rows.append([
            len(own & (again if chosen[i] else once)) / len(own),
            UNKNOWN if i in leading else len(own & first) / len(own),
            len(own & named) / len(named) if named else UNKNOWN,
            capitals,
        ])  # fmt: skip
    return rows


def _words(text: str) -> set[str]:
    """The longer words of ``text``; pairs of characters where words are not set apart."""
    if text.isascii():  # as the pattern does, and several times as fast
        return {word for word in text[:_LOOKED_AT].translate(_LETTERS).split() if len(word) > 3}
    found = set(_WORD.findall(text[:_LOOKED_AT].lower()))
    runs = [word for word in found if word[0] >= _UNSPACED_FROM and is_unspaced(word[0])]
    return found.difference(runs).union("".join(pair) for run in runs for pair in pairwise(run))


def _capitals(text: str) -> float:
    """The share of words with a capital."""
    if text.isascii():
        begun = text[:_CAPITALS]
        return len(_CAPITAL.findall(begun)) / (begun.count(" ") + (begun[-1] != " "))
    said = text[:_CAPITALS].split()
    return sum([word[0].isupper() for word in said]) / len(said)
