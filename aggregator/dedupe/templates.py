"""Texts of one template about two things: what was filled in differs, names or numbers.

Alerts of two regions, job ads of two towns, bulletins of two days. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.dedupe.figures import Slot, days_in, differing, number_in, other_day, slots
from aggregator.dedupe.fillings import other_fillings, other_titles, replaced
from aggregator.dedupe.sketch import SHINGLE, Sketch
from aggregator.dedupe.spans import ALL_BUT_EQUAL, LONG, MEDIUM, SHORT, Span

# A gap of at most so many words between shared ones is a place that was filled in.
_SLOT = 8
_WIDE_SLOT = 20
_WIDE_HEAD = 30
_HEADS_ALIKE = 0.8
_EDGE = 12  # before the first shared word, or after the last
_SLOTS_DIFFER = 0.34  # of the numbers between the first and the last shared word
_SLOTS_DIFFER_SHORT = 0.20
_TEMPLATE_NUMBERS = 5
_TEMPLATE_SHARE = 0.4
_TEMPLATE_CONTAINED = 0.85
OTHER_TITLES = "titles of one template, about two things"
MOULD = "numbers differ, as in a template"  # or as in a report that was brought up to date


def other_thing(
    short: Sketch, long: Sketch, overlap: float, in_short: Span, in_long: Span
) -> str | None:
    """The reason in words why names or titles make one template about two things; None: there is none."""
    size = len(short.words)
    corrected = short.feed_id == long.feed_id and overlap >= ALL_BUT_EQUAL and size >= LONG
    if other_titles(short.title, long.title, short.words, long.words, corrected=corrected):
        return OTHER_TITLES
    others = sum(
        _are_two_names(short, long, *pair) for pair in _slots(short, long, in_short, in_long)
    )
    return "names differ, as in a template" if others >= (1 if size < MEDIUM else 2) else None


def _slots(
    short: Sketch, long: Sketch, in_short: Span, in_long: Span
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What stands at corresponding places between the shared words, and before the first of them."""
    head, other_head = short.words[: in_short.start], long.words[: in_long.start]
    to_the_end = in_short.end == len(short.words) and in_long.end == len(long.words)
    alone = to_the_end and not in_short.gaps and not in_long.gaps
    if alone and 0 < len(head) <= _WIDE_SLOT and 0 < len(other_head) <= _WIDE_SLOT:
        both = set(head) & set(other_head)  # a new lead has little of the old one
        if 2 * len(both) >= min(len(set(head)), len(set(other_head))):
            yield head, other_head
    if len(in_short.gaps) == len(in_long.gaps):
        for (at, length), (there, as_long) in zip(in_short.gaps, in_long.gaps, strict=True):
            mine, theirs = short.words[at : at + length], long.words[there : there + as_long]
            if max(length, as_long) <= _SLOT:
                yield mine, theirs
            elif max(length, as_long) <= _WIDE_SLOT:
                yield from replaced(mine, theirs)


def _are_two_names(
    short: Sketch, long: Sketch, one: tuple[str, ...], other: tuple[str, ...]
) -> bool:
    mine = [word for word in one if word not in long.names]
    theirs = [word for word in other if word not in short.names]
    return other_fillings(mine, theirs, short.names | long.names)


def other_numbers(
    short: Sketch, long: Sketch, overlap: float, span: Span, other: Span
) -> str | None:
    """The reason in words why the numbers that were filled in make it two; None: there is none."""
    size = len(short.words)
    if size >= LONG:
        return None
    ends = ((0, span.start), (span.end, size - span.end))
    edges = [(start, length) for start, length in ends if 0 < length <= _EDGE]
    found = list(slots(short, long, span.gaps, _WIDE_SLOT))
    outer = list(slots(short, long, edges, _EDGE)) if size < MEDIUM else []
    if size < MEDIUM and any(map(other_day, [*found, *outer])):
        return "dates differ"
    if size < SHORT:
        found += [slot for slot in outer if len(slot.words) <= SHINGLE]
    moved = sum(word.isdecimal() for slot in found if differing(slot) for word in slot.words)
    differ = sum(differing(slot) for slot in found if len(slot.words) <= _SLOT)
    first = span.start
    if size < MEDIUM and (head := _head(short, long, span, other)):
        if other_day(head):
            return "dates differ"
        differ, first = differ + differing(head), 0
    total = len(set(filter(None, map(number_in, short.words[first : span.end]))))
    least, share = (1, _SLOTS_DIFFER_SHORT) if size < SHORT else (2, _SLOTS_DIFFER)
    if differ >= least and differ >= share * total:
        return "numbers differ"
    if (
        moved >= _TEMPLATE_NUMBERS
        and moved >= _TEMPLATE_SHARE * total
        and overlap < _TEMPLATE_CONTAINED
    ):
        return MOULD
    return None


def _head(short: Sketch, long: Sketch, span: Span, other: Span) -> Slot | None:
    """The beginnings of two texts, where they are one template so full of places that no five words are shared."""
    mine, theirs = short.words[: span.start], long.words[: other.start]
    if not SHINGLE < len(mine) <= _WIDE_HEAD or not SHINGLE < len(theirs) <= _WIDE_HEAD:
        return None
    names = short.names | long.names
    said, told = (
        {word for word in some if not number_in(word) and word not in names}
        for some in (mine, theirs)
    )
    if len(said & told) < _HEADS_ALIKE * min(len(said), len(told)):
        return None  # two leads
    days = days_in(short, 0, len(mine)), days_in(long, 0, len(theirs))
    return Slot(mine, theirs, *days)
