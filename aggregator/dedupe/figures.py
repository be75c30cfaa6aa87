"""Numbers in the places that a template leaves open, in two texts that share the words around them.

A place is filled in where both texts have a number there, and another one. A number that only one of
them has was added or left out, as reports do when they are updated. A day of a month that differs in
its place is another day's notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.dedupe.fillings import is_month
from aggregator.dedupe.quotations import Span
from aggregator.dedupe.sketch import SHINGLE, Sketch

_LAST_DAY = 31
# Newspapers write small numbers out. Those that are other words somewhere ("un", "due", "once") are none.
_WRITTEN = {
    word: str(number)
    for number, written in enumerate(
        """two zwei deux twee
        three drei trois tre tres drie três
        four vier quatre quattro cuatro quatro
        five fünf cinq cinque cinco vijf
        six sechs seis zes
        seven sieben sept sette siete zeven sete
        eight acht huit otto ocho oito
        nine neun nueve negen
        ten zehn dix dieci diez tien dez
        eleven onze undici
        twelve zwölf douze dodici doce twaalf""".splitlines(),
        2,
    )
    for word in written.split()
}
_BESIDE = 2  # words between a month and its day: "16 de octubre"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place between shared words: what one text has there, and the other, if it is the same place."""

    words: tuple[str, ...]
    others: tuple[str, ...] | None
    days: frozenset[str] = frozenset()  # of a month that stands in it or beside it
    other_days: frozenset[str] = frozenset()


def number_in(word: str) -> str:
    """The number that ``word`` is, in digits, or nothing."""
    return word if word.isdecimal() else _WRITTEN.get(word, "")


def slots(one: Sketch, other: Sketch, gaps: Sequence[Span], widest: int) -> Iterator[Slot]:
    """The places at ``gaps`` (start, length) of ``one`` that hold a number and at most ``widest`` words."""
    numbered = [
        (start, length)
        for start, length in gaps
        if length <= widest and any(map(number_in, one.words[start : start + length]))
    ]
    if not numbered:
        return
    places = {shingle: at for at, shingle in reversed(list(enumerate(other.shingles)))}
    for start, length in numbered:
        mine = one.words[start : start + length]
        there = _counterpart(one, places, start, length)
        if there is None or there[1] > widest:
            yield Slot(mine, None)
            continue
        at, size = there
        days = days_in(one, start, length), days_in(other, at, size)
        yield Slot(mine, other.words[at : at + size], *days)


def _counterpart(one: Sketch, places: dict[bytes, int], start: int, length: int) -> Span | None:
    """Where the other text has what stands at ``start``: start and length there."""
    before = one.shingles[start - SHINGLE] if start >= SHINGLE else None
    after = one.shingles[start + length] if start + length < len(one.shingles) else None
    first = places.get(before) if before is not None else None
    last = places.get(after) if after is not None else None
    if first is not None and last is not None and last >= first + SHINGLE:
        return first + SHINGLE, last - first - SHINGLE
    if first is None and last is not None:  # the beginning
        return max(0, last - length), min(length, last)
    if last is None and first is not None:  # the end
        return first + SHINGLE, length
    return None


def other_day(slot: Slot) -> bool:
    """True where both have a day of a month there, and no day in common."""
    if slot.others is None:
        return False
    return bool(slot.days and slot.other_days) and slot.days.isdisjoint(slot.other_days)


def days_in(sketch: Sketch, start: int, length: int) -> frozenset[str]:
    """The days of a month at a place: the numbers beside its name, since others there may be hours."""
    place = range(start, min(start + length, len(sketch.words)))
    found: set[str] = set()
    for at in range(max(0, start - _BESIDE), min(len(sketch.words), start + length + _BESIDE)):
        if is_month(sketch.words[at]):
            beside = (*range(at - _BESIDE, at), *range(at + 1, at + _BESIDE + 1))
            near = [i for i in beside if i in place and _day(sketch.words[i])]
            closest = min((abs(i - at) for i in near), default=0)
            found.update(_day(sketch.words[i]) for i in near if abs(i - at) == closest)
    return frozenset(found)


def _day(word: str) -> str:
    """The number of a day of a month, or nothing."""
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    is_one = digits.isdecimal() and len(digits) < 3 and 0 < int(digits) <= _LAST_DAY
    return str(int(digits)) if is_one else ""


def differing(slot: Slot) -> int:
    """Number of the numbers of the place that differ: as many as both have, and neither shares."""
    if slot.others is None:
        return 0
    mine, theirs = (
        Counter(filter(None, map(number_in, some))) for some in (slot.words, slot.others)
    )
    return min((mine - theirs).total(), (theirs - mine).total())
