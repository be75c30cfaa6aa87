"""Do two texts tell one story in the same words? The exact verdict on a pair.

Containment (Broder 1997): how much of the shorter text's shingles the longer one has. Copies are
cut, get new leads and house lines; that lowers it little. What repeats its words without being a
copy gives itself away by its numbers, by where the shared part stands, and by its headline.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from aggregator.dedupe.beside import Rest, has_as_section, rest_of
from aggregator.dedupe.cited import share_quotations_only
from aggregator.dedupe.guests import adds_a_remark
from aggregator.dedupe.pair_verdict import Beside, Verdict
from aggregator.dedupe.sketch import SHINGLE, Sketch
from aggregator.dedupe.spans import ALL_BUT_EQUAL, LONG, MEDIUM, SHORT, TINY, Span, span_of
from aggregator.dedupe.templates import MOULD, OTHER_TITLES, other_numbers, other_thing
from aggregator.dedupe.versions import are_other_versions

_LITTLE = 0.2
_CONTAINED = 0.58
# Share of all words, and of those between the first shared one and the last.
_SCATTERED, _BROKEN = 0.72, 0.8
_CONTAINED_UNBROKEN = 0.48
_UNBROKEN = 0.9  # of the words from the first shared one to the last
_UNBROKEN_LEAST = 80  # words of the shorter text
_CONTAINED_SHORT = 0.80
_SAID_ALIKE = 0.5  # share of the feed's own words beside one page's text

# Of one feed's texts under different headlines: publishers repeat an item with another headline whole,
# and write descriptions and tutorials from one mould.
_RETITLED = 0.80
_RETITLED_SHORT = 0.95
_HEADLINES_ALIKE = 0.34  # Jaccard

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
    in_short, in_long = span_of(short, long.distinct), span_of(long, short.distinct)
    another = (
        _repeated(short, long)
        or _too_little(short, long, overlap)
        or _other_edition(short, long, overlap)
        or _other_item(short, long, overlap)
        or other_thing(short, long, overlap, in_short, in_long)
        or other_numbers(short, long, overlap, in_short, in_long)
        # Of two of one length neither is the shorter.
        or (
            len(short.words) == len(long.words)
            and other_numbers(long, short, overlap, in_long, in_short)
        )
    )
    if another:
        return Verdict(False, overlap, another, apart=_is_certain(short, long, another))
    return _copies_or_not(short, long, shared, in_short, in_long)


def _copies_or_not(
    short: Sketch, long: Sketch, shared: AbstractSet[bytes], in_short: Span, in_long: Span
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
    short: Sketch, long: Sketch, overlap: float, in_short: Span, in_long: Span
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
    if refusal == OTHER_TITLES:  # outlets put their names into titles
        return short.feed_id == long.feed_id or len(short.words) < MEDIUM
    return refusal != MOULD


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


def _repeated(short: Sketch, long: Sketch) -> str | None:
    """What a feed shows again and again: an item that it corrects keeps its headline, more or less."""
    if not (short.thrice or long.thrice) or _alike(short.title_words, long.title_words):
        return None
    return "its feed shows it under other headlines"


def _too_little(short: Sketch, long: Sketch, overlap: float) -> str | None:
    if len(short.words) < TINY:
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
    if short.feed_id != long.feed_id or (overlap >= ALL_BUT_EQUAL and len(short.words) >= LONG):
        return None
    mine, theirs = short.title_numbers, long.title_numbers
    return "numbers in the titles differ" if mine - theirs and theirs - mine else None


def _other_item(short: Sketch, long: Sketch, overlap: float) -> str | None:
    """One feed's items from one mould: videos described, tutorials for one thing and another."""
    mine, theirs = short.title_words, long.title_words
    if short.feed_id != long.feed_id or mine == theirs:
        return None
    size = len(short.words)
    if overlap >= (_RETITLED_SHORT if size < SHORT else _RETITLED):
        return None
    alike = len(mine & theirs) >= _HEADLINES_ALIKE * len(mine | theirs)
    return None if alike and size < LONG else "one feed's items of different headlines"


def _other_place(short: Sketch, long: Sketch, in_short: Span, in_long: Span) -> str | None:
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


def _other_headline(short: Sketch, long: Sketch, in_long: Span) -> str | None:
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
    short: Sketch, long: Sketch, overlap: float, in_short: Span, in_long: Span
) -> str | None:
    size = len(short.words)
    enough = overlap >= (_CONTAINED_SHORT if size < SHORT else _CONTAINED)
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
        and SHORT <= size < MEDIUM
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


def _is_scattered(sketch: Sketch, span: Span) -> bool:
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


def _whole_paragraphs(sketch: Sketch, span: Span) -> bool:
    """Whether what is shared begins and ends with a line, give or take a few words."""
    return all(
        any(abs(place - edge) < SHINGLE for edge in sketch.edges)
        for place in (span.start, span.end)
    )
