"""The elements around the blocks of a page, with sums over what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from aggregator.extract.choice.cues import attributes_of, names_of
from aggregator.extract.page.blocks import Block

LANDMARKS = ("article", "main", "section", "ul", "table", "figure", "blockquote")
_HIDDEN_BY = frozenset({"style", "hidden", "aria-hidden"})
_LONG = 80  # letters of a block that looks like running text


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Log odds of being article: by the name of a block's own box, of boxes further out, by words.

    ``words`` are those of short blocks. What is not in it says nothing.
    """

    near: Mapping[str, float]
    far: Mapping[str, float]
    words: Mapping[str, float]


# The least, the greatest and the sum of the log odds of an element's names, near and far.
_Odds = tuple[tuple[float, float, float], tuple[float, float, float]]


class Box:
    """An element around blocks: what it is called, and sums over the blocks in it.

    ``near`` and ``far`` are the least, the greatest and the sum of the log odds of its names; ``far``
    includes those of all elements around it. ``landmarks`` maps tags around it to their depth,
    ``form`` is its tag with its class.
    """

    __slots__ = (
        "blocks", "depth", "far", "first", "form", "hidden", "landmarks", "letters", "linked", "long", "marked",
        "near", "tag", "up", "voted",
    )  # fmt: skip

    def __init__(self, element: HtmlElement, up: Box | None, odds: _Odds) -> None:
        self.tag: str = str(element.tag)
        self.form: str = f"{self.tag} {element.get('class') or ''}"
        self.up: Box | None = up
        self.depth: int = 0 if up is None else up.depth + 1
        self.blocks = self.letters = self.linked = self.long = self.marked = 0
        self.first = -1
        self.voted = 0.0
        outer: dict[str, int] = {} if up is None else up.landmarks
        self.landmarks: dict[str, int] = (
            {**outer, self.tag: self.depth} if self.tag in LANDMARKS else outer
        )
        self.hidden: bool = _is_hidden(element) or (up is not None and up.hidden)
        self.near: tuple[float, float, float] = odds[0]
        low, high, total = (0.0, 0.0, 0.0) if up is None else up.far
        self.far: tuple[float, float, float] = (
            min(low, odds[1][0]), max(high, odds[1][1]), total + odds[1][2],
        )  # fmt: skip

    def holds(self, block: int) -> bool:
        """True when ``block``, counted from 0, is in this box."""
        return self.first <= block < self.first + self.blocks


def is_long(letters: int, linked: int) -> bool:
    """True for running text, by a block's ``letters`` and how many of them are ``linked``."""
    return letters >= _LONG and linked * 3 < letters


def _odds(names: Sequence[str], known: Mapping[str, float]) -> tuple[float, float, float]:
    found = [known[name] for name in names if name in known] or [0.0]
    return min(found), max(found), sum(found)


def _is_hidden(element: HtmlElement) -> bool:
    given = element.keys()
    if _HIDDEN_BY.isdisjoint(given):
        return False
    style = element.get("style")
    return (
        (style is not None and "none" in style and "display" in style)
        or "hidden" in given
        or element.get("aria-hidden") == "true"
    )


def boxes_of(blocks: Sequence[Block], lexicon: Lexicon) -> list[Box]:
    """The box of each block's parent; each knows those around it by ``up``."""
    known: dict[HtmlElement, Box] = {}
    # Most elements of a page are called like others of it.
    scored: dict[tuple[str, str], _Odds] = {}
    found: list[Box] = []
    for block in blocks:
        chain: list[HtmlElement] = []
        element: HtmlElement | None = block.parent
        while element is not None and element not in known:
            chain.append(element)
            element = element.getparent()
        box = None if element is None else known[element]
        for inner in reversed(chain):
            called = str(inner.tag), attributes_of(inner)
            if called not in scored:
                names = names_of(*called)
                scored[called] = _odds(names, lexicon.near), _odds(names, lexicon.far)
            box = known[inner] = Box(inner, box, scored[called])
        if box is not None:
            found.append(box)
    return found


def add_up(
    blocks: Sequence[Block], boxes: Sequence[Box], letters: Sequence[int], voted: Sequence[float]
) -> None:
    """Add what is known of each block to all boxes around it."""
    for i, innermost in enumerate(boxes):
        count, linked = letters[i], blocks[i].linked
        chosen = voted[i] * count
        long = is_long(count, linked)
        box: Box | None = innermost
        while box is not None:
            if box.first < 0:
                box.first = i
            box.blocks += 1
            box.letters += count
            box.linked += linked
            box.voted += chosen
            box.long += count if long else 0
            box = box.up
