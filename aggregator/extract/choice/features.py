"""Blocks of a page as rows of numbers: what a model is told about each of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log1p

from aggregator.extract.choice.boxes import LANDMARKS, Box, Lexicon, add_up, boxes_of
from aggregator.extract.choice.cues import line_words, odds_of
from aggregator.extract.choice.similarity_features import TIES, UNKNOWN, ties
from aggregator.extract.choice.votes import alike, squeezed, votes
from aggregator.extract.page.blocks import Block

_CAPITAL = re.compile("[A-Z]")
SHORT = 25  # words of a block that is a line rather than a paragraph
_PIECE = 16  # letters of a summary that are looked for as one
_MAX_SUMMARY = 600  # letters of a summary that are looked for: some feeds give the whole text
_TRIES = 4  # places at which one of them is looked for
_TELLING = 20  # letters of a summary or title that say enough
LEVELS = 3  # boxes around a block that are described
_FAR = 99
_AROUND = 5  # blocks on either side
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_TAGS = {
    "p": 1, "li": 2, "div": 3, "td": 4, "th": 4, "span": 5, "a": 6, "figcaption": 7, "pre": 8, "blockquote": 9,
    "dt": 10, "dd": 10, "section": 11, "article": 12, "body": 13, **dict.fromkeys(_HEADINGS, 14),
}  # fmt: skip
_ENDS = {
    **dict.fromkeys('.!?。！？”"»؟۔।」', 3), **dict.fromkeys("…:：);", 2), ",": 1, "，": 1,
}  # fmt: skip

_OWN = (
    "letters", "linked", "tag", "heading", "end", "upper", "starts", "words", "word_mean", "word_min", "word_max",
    "depth", "hidden", *(f"in_{tag}" for tag in LANDMARKS), "near_min", "near_max", "near_sum", "far_min", "far_max", "far_sum",
)  # fmt: skip
_OF_LEVEL = (
    "letters",
    "linked",
    "voted",
    "share",
    "blocks",
    "long",
    "place",
    "of_votes",
    "of_long",
    "near",
    "summary",
)
_SHARE_AT, _PLACE_AT = _OF_LEVEL.index("share"), _OF_LEVEL.index("place")
_PLACED = (
    "voted", "bodied", "index", "place", "total", "to_first", "to_last", "since_heading", "heading_vote", "heading_mean", "repeated",
    "since_vote", "until_vote",
)  # fmt: skip
_HINTED = (
    "title_like",
    "title_at",
    "summary_in",
    "summary_at",
    "summary_end",
    "described_in",
    "described_at",
)
_NEIGHBOUR = ("letters", "linked", "voted", "word_mean", "tag")
_WINDOW = ("vote_before", "vote_after", "letters_around", "linked_around")
FEATURES = (
    *_OWN,
    *_PLACED,
    *_HINTED,
    *(f"{name}_{level}" for level in range(LEVELS) for name in _OF_LEVEL),
    *TIES,
    *(f"{side}_{name}" for side in ("previous", "next") for name in _NEIGHBOUR),
    *_WINDOW,
)
_NEIGHBOUR_AT = tuple(FEATURES.index(name) for name in _NEIGHBOUR)


@dataclass(frozen=True, slots=True)
class Context:
    """Context of a page's blocks; empty: not known.

    ``chosen`` is what trafilatura chose and ``body`` what the page's JSON-LD says, as squeezed lines
    (see :mod:`aggregator.extract.choice.votes`). ``summary`` is the feed's, ``description`` the page's own,
    ``titles`` are of both.
    """

    chosen: str = ""
    body: str = ""
    titles: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """For each block a row of numbers in the order of :data:`FEATURES`, and its number of letters.

    ``spans`` are the first and the last block (exclusive) of the next boxes around it.
    """

    rows: list[list[float]]
    letters: list[int]
    spans: list[list[tuple[int, int]]]


def describe(blocks: Sequence[Block], context: Context, lexicon: Lexicon) -> Description:
    """Features of ``blocks``, all of a page, for the model; UNKNOWN: not known."""
    if not blocks:
        return Description([], [], [])
    texts = [block.squeezed for block in blocks]
    letters = [len(text) for text in texts]
    boxes = boxes_of(blocks, lexicon)
    voted = votes(texts, context.chosen)
    add_up(blocks, boxes, letters, voted)
    rows = [
        _own(block, text, box, lexicon)
        for block, text, box in zip(blocks, texts, boxes, strict=True)
    ]
    means = [row[_OWN.index("word_mean")] for row in rows]
    around = _around(boxes)
    folded = [alike(text) for text in texts]
    like, title_at = _titled(folded, letters, voted, context.titles)
    title = context.titles[0] if context.titles else ""
    columns = (
        _placed(texts, letters, voted, boxes, means, context),
        _hinted(folded, like, title_at, boxes, context),
        _levels(letters, around),
        ties(blocks, letters, voted, boxes, title, title_at),
    )
    for column in columns:
        for row, numbers in zip(rows, column, strict=True):
            row.extend(numbers)
    _add_neighbours(rows, [block.linked for block in blocks], letters, voted)
    spans = [[(box.first, box.first + box.blocks) for box in outer] for outer in around]
    return Description(rows, letters, spans)


def _own(block: Block, text: str, box: Box, lexicon: Lexicon) -> list[float]:
    raw, first = block.text, text[0]
    words = raw.count(" ") + 1
    said = line_words(raw) if words <= SHORT else []
    odds = odds_of(raw, said, lexicon.words) if said else [0.0]
    beginning = text[:100]
    starts = (
        1
        if first.isupper()
        else 2
        if first.islower()
        else 3
        if first.isdigit()
        else 4
        if first.isalpha()
        else 5
    )
    low, high, total = box.near
    # Boxes around nothing but this one are as telling as its own.
    up = box.up
    while up is not None and up.blocks == box.blocks:
        low, high, total = min(low, up.near[0]), max(high, up.near[1]), total + up.near[2]
        up = up.up
    marks, depth = box.landmarks, box.depth
    return [
        log1p(len(text)), block.linked / len(text), _TAGS.get(box.tag, 0), _HEADINGS.get(box.tag, 0), _ENDS.get(text[-1], 0),
        _capitals(beginning) / len(beginning), starts, log1p(words),
        sum(odds) / len(odds), min(odds), max(odds),
        depth, box.hidden, *[depth - marks[tag] if tag in marks else _FAR for tag in LANDMARKS],
        low, high, total, *(up.far if up is not None else (0.0, 0.0, 0.0)),
    ]  # fmt: skip


def _capitals(text: str) -> int:
    """The number of capital letters."""
    return len(_CAPITAL.findall(text)) if text.isascii() else sum(map(str.isupper, text))


def _placed(
    texts: Sequence[str],
    letters: Sequence[int],
    voted: Sequence[float],
    boxes: Sequence[Box],
    means: Sequence[float],
    context: Context,
) -> list[list[float]]:
    """Where blocks stand: on the page, among what was voted for, after which heading."""
    count, total = len(texts), sum(letters)
    bodied = votes(texts, context.body) if context.body else [UNKNOWN] * count
    chosen = [i for i in range(count) if voted[i] >= 0.5 and letters[i] >= 40]
    first, last = (chosen[0], chosen[-1]) if chosen else (0, count - 1)
    repeated = Counter(texts)
    before = [0, *accumulate(letters)]
    until = [_FAR] * count
    following = count + _FAR
    for i in range(count - 1, -1, -1):
        until[i] = min(following - i, _FAR)
        following = i if voted[i] >= 0.5 else following
    rows: list[list[float]] = []
    heading, previous = -1, -_FAR
    for i in range(count):
        headed = (
            (min(i - heading, 50), voted[heading], means[heading])
            if heading >= 0
            else (_FAR, UNKNOWN, UNKNOWN)
        )
        rows.append([
            voted[i], bodied[i], log1p(i), before[i] / total, log1p(total), _within(i - first, 50, 200), _within(i - last, 200, 50),
            *headed, repeated[texts[i]], min(i - previous, _FAR), until[i],
        ])  # fmt: skip
        heading = i if boxes[i].tag in _HEADINGS else heading
        previous = i if voted[i] >= 0.5 else previous
    return rows


def _within(distance: int, before: int, after: int) -> int:
    return max(-before, min(after, distance))


def _titled(
    folded: Sequence[str],
    letters: Sequence[int],
    voted: Sequence[float],
    titles: Sequence[str],
) -> tuple[list[float], int]:
    """How much like a title each block is, and which is the article's (-1: none)."""
    known = {alike(squeezed(title)) for title in titles} - {""}
    like = [_likeness(text, known) for text in folded]
    best = max(like)
    titled = [i for i, share in enumerate(like) if share == best > 0]
    start = next(
        (i for i, vote in enumerate(voted) if vote >= 0.5 and letters[i] >= 40), len(folded)
    )
    # The last title before the text begins.
    at = next((i for i in reversed(titled) if i <= start), titled[0] if titled else -1)
    return like, at


def _hinted(
    folded: Sequence[str],
    like: Sequence[float],
    title_at: int,
    boxes: Sequence[Box],
    context: Context,
) -> list[list[float]]:
    """How blocks agree with titles and summaries; marks the boxes in which the summary stands."""
    whole, ends = "".join(folded), list(accumulate(map(len, folded)))
    summary, description = (
        _Found.of(whole, ends, said) for said in (context.summary, context.description)
    )
    _mark(boxes, summary.shares)
    return [
        [
            like[i],
            _within(i - title_at, 50, 100) if title_at >= 0 else UNKNOWN,
            *summary.at(i),
            *description.at(i)[:2],
        ]
        for i in range(len(folded))
    ]


def _likeness(text: str, titles: set[str]) -> float:
    if text in titles:
        return 1.0
    if len(text) < 15 or len(text) > 400:
        return 0.0
    return 0.5 * any(
        text in title or (title in text and len(text) < 2 * len(title))
        for title in titles
        if len(title) >= 15
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The share of a summary that stands in each block; of the first and last with much of it."""

    shares: list[float]
    known: bool
    first: int = -1
    last: int = -1

    @classmethod
    def of(cls, whole: str, ends: list[int], summary: str) -> _Found:
        """Look for ``summary`` in ``whole``, of which ``ends`` are the ends of the blocks."""
        said = alike(squeezed(summary[: 2 * _MAX_SUMMARY]))[:_MAX_SUMMARY]
        if len(said) < _TELLING:
            return cls([], known=False)
        pieces = [said[k : k + _PIECE] for k in range(0, len(said) - _PIECE + 1, _PIECE)]
        shares = [0.0] * len(ends)
        for piece in pieces:
            at = whole.find(piece)
            for _ in range(_TRIES):
                if at < 0:
                    break
                shares[bisect_right(ends, at)] += 1 / len(pieces)
                at = whole.find(piece, at + len(piece))
        # Single pieces may stand anywhere by chance.
        hits = [k for k, share in enumerate(shares) if share >= 0.3]
        hits = hits or [k for k, share in enumerate(shares) if share >= 0.1]
        return cls(shares, True, hits[0], hits[-1]) if hits else cls(shares, known=True)

    def at(self, i: int) -> tuple[float, float, float]:
        """Its share in block ``i``, and how many blocks after its beginning and its end that is."""
        if not self.known:
            return UNKNOWN, UNKNOWN, UNKNOWN
        if self.first < 0:
            return 0.0, UNKNOWN, UNKNOWN
        return self.shares[i], _within(i - self.first, 50, 100), _within(i - self.last, 50, 100)


def _mark(boxes: Sequence[Box], shares: list[float]) -> None:
    for innermost, share in zip(boxes, shares, strict=False):
        if share >= 0.3:
            box: Box | None = innermost
            while box is not None:
                box.marked += 1
                box = box.up


def _around(boxes: Sequence[Box]) -> list[list[Box]]:
    """The next boxes around each block that hold more than the one before."""
    found: list[list[Box]] = []
    for innermost in boxes:
        box = innermost
        # A box of several runs is one around each of them.
        inside = 0 if box.blocks > 1 else 1
        outer: list[Box] = []
        for _ in range(LEVELS):
            while box.up is not None and box.blocks <= inside:
                box = box.up
            inside = box.blocks
            outer.append(box)
        found.append(outer)
    return found


def _levels(letters: Sequence[int], around: Sequence[Sequence[Box]]) -> list[list[float]]:
    page = around[0][0]
    while page.up is not None:
        page = page.up
    known: dict[Box, list[float]] = {}
    rows: list[list[float]] = []
    for i, outer in enumerate(around):
        row: list[float] = []
        for box in outer:
            numbers = known.get(box)
            if numbers is None:
                numbers = known[box] = _of_box(box, page)
            first = len(row)
            row += numbers
            row[first + _SHARE_AT] = letters[i] / box.letters
            row[first + _PLACE_AT] = (i - box.first) / box.blocks
        rows.append(row)
    return rows


def _of_box(box: Box, page: Box) -> list[float]:
    """The numbers of a level, in the order of ``_OF_LEVEL``; what depends on the block is 0."""
    return [
        log1p(box.letters), box.linked / box.letters, box.voted / box.letters, 0.0, log1p(box.blocks), box.long / box.letters, 0.0,
        box.voted / (page.voted or 1.0), box.long / (page.long or 1), box.near[2], (box.marked > 0) if page.marked else UNKNOWN,
    ]  # fmt: skip


def _add_neighbours(
    rows: list[list[float]], linked: Sequence[int], letters: Sequence[int], voted: Sequence[float]
) -> None:
    unknown = [UNKNOWN] * len(_NEIGHBOUR)
    picked = [unknown, *([row[k] for k in _NEIGHBOUR_AT] for row in rows), unknown]
    sum_letters = [0, *accumulate(letters)]
    sum_linked = [0, *accumulate(linked)]
    sum_voted = [0.0, *accumulate(vote * count for vote, count in zip(voted, letters, strict=True))]
    count = len(rows)
    for i, row in enumerate(rows):
        low, high = max(0, i - _AROUND), min(count, i + 1 + _AROUND)
        around = sum_letters[high] - sum_letters[low]
        row.extend(picked[i])
        row.extend(picked[i + 2])
        row.extend(
            (
                (sum_voted[i] - sum_voted[low]) / ((sum_letters[i] - sum_letters[low]) or 1),
                (sum_voted[high] - sum_voted[i + 1])
                / ((sum_letters[high] - sum_letters[i + 1]) or 1),
                log1p(around / (high - low)),
                (sum_linked[high] - sum_linked[low]) / around,
            )
        )
