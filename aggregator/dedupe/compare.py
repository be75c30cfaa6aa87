"""Do two texts tell one story in the same words? The exact verdict on a pair.

Containment (Broder 1997): how much of the shorter text's shingles the longer one has. Copies are
cut, get new leads and house lines; that lowers it little. What repeats its words without being a
copy gives itself away by its numbers, by where the shared part stands, and by its headline.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from aggregator.dedupe.beside import Rest, has_as_section, rest_of
from aggregator.dedupe.cited import share_quotations_only
from aggregator.dedupe.figures import Slot, days_in, differing, number_in, other_day, slots
from aggregator.dedupe.fillings import other_fillings, other_titles, replaced
from aggregator.dedupe.guests import adds_a_remark
from aggregator.dedupe.pair_verdict import Beside, Verdict
from aggregator.dedupe.sketch import SHINGLE, Sketch
from aggregator.dedupe.versions import are_other_versions

# Words of the shorter text. Below, every word has to agree, and the feeds must differ: notices.
_TINY = 25
_SHORT = 60
_MEDIUM = 150
_LONG = 250

_LITTLE = 0.2
_CONTAINED = 0.58
# Share of all words, and of those between the first shared one and the last.
_SCATTERED, _BROKEN = 0.72, 0.8
_CONTAINED_UNBROKEN = 0.48
_UNBROKEN = 0.9  # of the words from the first shared one to the last
_UNBROKEN_LEAST = 80  # words of the shorter text
_CONTAINED_SHORT = 0.80
_ALL_BUT_EQUAL = 0.95

_SAID_ALIKE = 0.5  # share of the feed's own words beside one page's text

# Of one feed's texts under different headlines: publishers repeat an item with another headline whole,
# and write descriptions and tutorials from one mould.
_RETITLED = 0.80
_RETITLED_SHORT = 0.95
_HEADLINES_ALIKE = 0.34  # Jaccard

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
_OTHER_TITLES = "titles of one template, about two things"
_MOULD = "numbers differ, as in a template"  # or as in a report that was brought up to date
_QUOTED = "they share quotations only"

_FAR = 100  # words: what begins after so many is no lead
_FAR_SHARE = 0.3
_SMALL_PART = 0.5
_HEADLINE_PART = 0.5
_HEADLINE_TEXT = 150
_HEADLINE_SHARED = 0.34
_TELLING = 4  # letters of a headline's word

_EDGES_CONTAINED = 0.6
_FIGURES = 6
_FIGURES_LEAST = 35
_FIGURES_CONTAINED = 0.55
_LEAD_WITHIN = 70
_LEAD_WORDS = 45
_LEAD_SHARE = 0.42
_LEAD_RUN = 70  # shared words a gap


@dataclass(frozen=True, slots=True)
class _Span:
    """Where in a text the words stand that it shares with another; ``gaps`` as (start, length)."""

    covered: int
    start: int
    end: int
    gaps: tuple[tuple[int, int], ...]


def compare(one: Sketch, other: Sketch) -> Verdict:
    """Compare two texts; the order of the arguments does not matter."""
    short, long = in_order(one, other)
    if not short.words:
        return Verdict(False, 0.0, "no text")
    if apart := _of_one_page(short, long):
        return apart
    shared = short.distinct & long.distinct
    overlap = len(shared) / len(short.distinct)
    if overlap < _LITTLE:  # nothing below could make them copies
        return Verdict(False, overlap, "too little in common")
    in_short, in_long = _span(short, long.distinct), _span(long, short.distinct)
    another = (
        _repeated(short, long)
        or _too_little(short, long, overlap)
        or _other_edition(short, long, overlap)
        or _other_item(short, long, overlap)
        or _other_thing(short, long, overlap, in_short, in_long)
        or _other_numbers(short, long, overlap, in_short, in_long)
        # Of two of one length neither is the shorter.
        or (
            len(short.words) == len(long.words)
            and _other_numbers(long, short, overlap, in_long, in_short)
        )
    )
    if another:
        return Verdict(False, overlap, another, apart=_is_certain(short, long, another))
    return _copies_or_not(short, long, shared, in_short, in_long)


def _copies_or_not(
    short: Sketch, long: Sketch, shared: AbstractSet[bytes], in_short: _Span, in_long: _Span
) -> Verdict:
    """The verdict on two texts of which nothing says that they are about two things."""
    overlap = len(shared) / len(short.distinct)
    refusal = (
        _other_place(short, long, in_short, in_long)
        or _other_headline(short, long, in_long)
        or (_QUOTED if share_quotations_only(short, long, shared) else None)
    )
    reason = None if refusal else _reason(short, long, overlap, in_short, in_long)
    if reason and (another_story := _another_story(short, long, overlap, in_short, in_long)):
        return another_story
    if reason and adds_a_remark(short, long):
        return Verdict(False, overlap, "a remark of its own stands beside it", apart=True)
    note = reason or refusal or "too little in common"
    # With little of its own beside the quotation, either may be cut from a report that has more.
    # And outlets that copy a statement keep its headline.
    reports = refusal == _QUOTED and overlap < _CONTAINED_SHORT
    apart = reports and not is_one_headline(short, long)
    return Verdict(reason is not None, overlap, note, apart)


def in_order(one: Sketch, other: Sketch) -> tuple[Sketch, Sketch]:
    """The shorter text and the longer: whichever came first, and whichever is asked about which."""
    if (one.size, one.text, one.title) <= (other.size, other.text, other.title):
        return one, other
    return other, one


def _another_story(
    short: Sketch, long: Sketch, overlap: float, in_short: _Span, in_long: _Span
) -> Verdict | None:
    """The refusal of a text that tells another story beside the shared one, and which of the two it is."""
    note = "another story stands beside it"
    if has_as_section(long, short):
        return Verdict(False, overlap, note, True, Beside.LONGER)
    alike = is_one_headline(short, long)
    if alike and max(in_short.start, in_long.start) <= SHINGLE:
        return None  # one headline, and one beginning
    for sketch, other, span, which in (
        (long, short, in_long, Beside.LONGER),
        (short, long, in_short, Beside.SHORTER),
    ):
        said = frozenset(other.words)
        rest = rest_of(sketch, span.start, span.end, span.gaps, said, one_headline=alike)
        if rest is Rest.HEADLINED:  # it has that beside its own
            return Verdict(False, overlap, "the headline is about another story", apart=True)
        if rest is Rest.ANOTHER:
            return Verdict(False, overlap, note, True, which)
    return None


def _is_certain(short: Sketch, long: Sketch, refusal: str) -> bool:
    """Whether a refusal also speaks for the copies of both: not what reports and outlets do, too."""
    if refusal == _OTHER_TITLES:  # outlets put their names into titles
        return short.feed_id == long.feed_id or len(short.words) < _MEDIUM
    return refusal != _MOULD


def _of_one_page(short: Sketch, long: Sketch) -> Verdict | None:
    """A page's text is no proof that two entries of one feed are one: not where the feed says two things."""
    if short.feed_id != long.feed_id or not short.page or not long.page:
        return None
    mine, theirs = (set(zip(s.said, s.said[1:], s.said[2:], strict=False)) for s in (short, long))
    if not mine or not theirs:  # nothing but the title and the address can tell them apart
        same = short.page == long.page
        return Verdict(False, 1.0, "one page, of which the feed says nothing") if same else None
    overlap = len(mine & theirs) / min(len(mine), len(theirs))
    if overlap >= _SAID_ALIKE:
        return None
    return Verdict(False, overlap, "the text of a page, and two things that the feed says")


def _span(sketch: Sketch, shared: AbstractSet[bytes]) -> _Span:
    size = len(sketch.words)
    start, end, covered = -1, 0, 0
    gaps = []
    for at in [at for at, shingle in enumerate(sketch.shingles) if shingle in shared]:
        if start < 0:
            start = end = at
        if at > end:
            gaps.append((end, at - end))
            end = at
        covered += at + SHINGLE - end
        end = at + SHINGLE
    # A text of fewer words than a shingle has is one shingle.
    return _Span(min(covered, size), max(start, 0), min(end, size), tuple(gaps))


def _repeated(short: Sketch, long: Sketch) -> str | None:
    """What a feed shows again and again: an item that it corrects keeps its headline, more or less."""
    if not (short.thrice or long.thrice) or _alike(short.title_words, long.title_words):
        return None
    return "its feed shows it under other headlines"


def _too_little(short: Sketch, long: Sketch, overlap: float) -> str | None:
    if len(short.words) < _TINY:
        if short.feed_id == long.feed_id:
            return "one feed's short notices"
        if overlap < 1:
            return "short, and not equal"
        if short.title_words != long.title_words:
            return "short, and under different headlines"
    return None


def _other_edition(short: Sketch, long: Sketch, overlap: float) -> str | None:
    """Releases, episodes, issues: one feed counts them in its titles; versions count anywhere."""
    ours, others = short.title_versions, long.title_versions
    if ours and others and ours != others:
        return "versions in the titles differ"
    if are_other_versions(short.versions, long.versions):
        return "other versions are announced"
    if short.feed_id != long.feed_id or (overlap >= _ALL_BUT_EQUAL and len(short.words) >= _LONG):
        return None
    mine, theirs = short.title_numbers, long.title_numbers
    return "numbers in the titles differ" if mine - theirs and theirs - mine else None


def _other_item(short: Sketch, long: Sketch, overlap: float) -> str | None:
    """One feed's items from one mould: videos described, tutorials for one thing and another."""
    mine, theirs = short.title_words, long.title_words
    if short.feed_id != long.feed_id or mine == theirs:
        return None
    size = len(short.words)
    if overlap >= (_RETITLED_SHORT if size < _SHORT else _RETITLED):
        return None
    alike = len(mine & theirs) >= _HEADLINES_ALIKE * len(mine | theirs)
    return None if alike and size < _LONG else "one feed's items of different headlines"


def _other_thing(
    short: Sketch, long: Sketch, overlap: float, in_short: _Span, in_long: _Span
) -> str | None:
    """One template about two things: alerts of two regions, job ads of two towns."""
    size = len(short.words)
    corrected = short.feed_id == long.feed_id and overlap >= _ALL_BUT_EQUAL and size >= _LONG
    if other_titles(short.title, long.title, short.words, long.words, corrected=corrected):
        return _OTHER_TITLES
    others = sum(
        _are_two_names(short, long, *pair) for pair in _slots(short, long, in_short, in_long)
    )
    return "names differ, as in a template" if others >= (1 if size < _MEDIUM else 2) else None


def _slots(
    short: Sketch, long: Sketch, in_short: _Span, in_long: _Span
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


def _other_numbers(
    short: Sketch, long: Sketch, overlap: float, span: _Span, other: _Span
) -> str | None:
    """Templates: the words between shared ones are filled in, and are numbers."""
    size = len(short.words)
    if size >= _LONG:
        return None
    ends = ((0, span.start), (span.end, size - span.end))
    edges = [(start, length) for start, length in ends if 0 < length <= _EDGE]
    found = list(slots(short, long, span.gaps, _WIDE_SLOT))
    outer = list(slots(short, long, edges, _EDGE)) if size < _MEDIUM else []
    if size < _MEDIUM and any(map(other_day, [*found, *outer])):
        return "dates differ"
    if size < _SHORT:
        found += [slot for slot in outer if len(slot.words) <= SHINGLE]
    moved = sum(word.isdecimal() for slot in found if differing(slot) for word in slot.words)
    differ = sum(differing(slot) for slot in found if len(slot.words) <= _SLOT)
    first = span.start
    if size < _MEDIUM and (head := _head(short, long, span, other)):
        if other_day(head):
            return "dates differ"
        differ, first = differ + differing(head), 0
    total = len(set(filter(None, map(number_in, short.words[first : span.end]))))
    least, share = (1, _SLOTS_DIFFER_SHORT) if size < _SHORT else (2, _SLOTS_DIFFER)
    if differ >= least and differ >= share * total:
        return "numbers differ"
    if (
        moved >= _TEMPLATE_NUMBERS
        and moved >= _TEMPLATE_SHARE * total
        and overlap < _TEMPLATE_CONTAINED
    ):
        return _MOULD
    return None


def _head(short: Sketch, long: Sketch, span: _Span, other: _Span) -> Slot | None:
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


def _other_place(short: Sketch, long: Sketch, in_short: _Span, in_long: _Span) -> str | None:
    """Copies begin where the original begins; quotations, digests and live blogs do not."""
    size, whole = len(short.words), len(long.words)
    late = in_long.start > _FAR
    if late and in_long.start > _FAR_SHARE * whole and in_long.covered < _SMALL_PART * whole:
        return "a fragment of a longer text"
    runs_on = late and in_short.end < size - _FAR
    began_before = in_short.start > _FAR and in_long.end < whole - _FAR and not late
    if (runs_on or began_before) and in_short.covered < 0.9 * size:
        return "the end of one is the beginning of the other"
    return None


def _other_headline(short: Sketch, long: Sketch, in_long: _Span) -> str | None:
    """A long text that holds a short one, and whose headline is about something else: a digest."""
    whole = len(long.words)
    if whole <= _HEADLINE_TEXT or in_long.covered >= _HEADLINE_PART * whole:
        return None
    telling = {word for word in long.title_words if len(word) >= _TELLING}
    if not telling:
        return None
    known = telling & (frozenset(short.words) | short.title_words)
    return "the headline is not about it" if len(known) < _HEADLINE_SHARED * len(telling) else None


def _reason(
    short: Sketch, long: Sketch, overlap: float, in_short: _Span, in_long: _Span
) -> str | None:
    size = len(short.words)
    enough = overlap >= (_CONTAINED_SHORT if size < _SHORT else _CONTAINED)
    if enough and (overlap >= _CONTAINED_SHORT or not _is_scattered(short, in_short)):
        return "the longer text has most of the shorter"
    if (
        overlap >= _CONTAINED_UNBROKEN
        and size >= _UNBROKEN_LEAST
        and max(in_short.start, in_long.start) <= _LEAD_WITHIN
        and all(span.covered >= _UNBROKEN * (span.end - span.start) for span in (in_short, in_long))
    ):
        return "half of the shorter in one piece"
    if (
        overlap >= _EDGES_CONTAINED
        and _SHORT <= size < _MEDIUM
        and in_short.covered >= 0.85 * (in_short.end - in_short.start)
    ):
        return "equal but for the lines around it"
    if (
        overlap >= _FIGURES_CONTAINED
        and size >= _FIGURES_LEAST
        and len(short.numbers) >= _FIGURES
        and len(short.numbers & long.numbers) >= 0.8 * len(short.numbers)
        and _alike(short.title_words, long.title_words)
    ):
        return "equal headline and figures"
    if (
        max(in_short.start, in_long.start) <= _LEAD_WITHIN
        and in_short.covered >= max(_LEAD_WORDS, _LEAD_SHARE * size)
        and min(len(in_short.gaps), len(in_long.gaps)) * _LEAD_RUN <= in_short.covered
        and _whole_paragraphs(short, in_short)
        and _whole_paragraphs(long, in_long)
    ):
        return "begins with the same paragraphs"
    return None


def _is_scattered(sketch: Sketch, span: _Span) -> bool:
    """True for a report of its own, which takes a sentence here and there from another.

    In words, which a corrected one costs less than five-word shingles.
    """
    return span.covered < _SCATTERED * len(sketch.words) and span.covered < _BROKEN * (
        span.end - span.start
    )


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and len(one & other) >= 0.6 * min(len(one), len(other))


def is_one_headline(one: Sketch, other: Sketch) -> bool:
    """True where neither headline names what the other does not: that of two stories has more."""
    mine, theirs = one.title_words, other.title_words
    return bool(mine) and len(mine & theirs) >= 0.6 * max(len(mine), len(theirs))


def _whole_paragraphs(sketch: Sketch, span: _Span) -> bool:
    """Whether what is shared begins and ends with a line, give or take a few words."""
    return all(
        any(abs(place - edge) < SHINGLE for edge in sketch.edges)
        for place in (span.start, span.end)
    )
