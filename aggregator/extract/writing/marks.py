"""Marks on the kept text of a page's tree, looked up by the writer and the choice of media."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import INVISIBLE_TAGS, SUBHEADINGS, Block
from aggregator.extract.writing.kept_media import Kept

_NO_BOXES = frozenset({"p", "pre", "li", "td", "tr", "dd", "blockquote", "figure"})
_PULL_QUOTE = re.compile(r"pull-?_?quote", re.IGNORECASE)
_ADDRESS = re.compile(r"\]\([^()\s]{0,500}\)")
_MAX_PULL_QUOTES = 20
_TELLING = 25  # characters that are unlikely to stand somewhere by chance
_REPEATED = 60  # characters from which a text that stands there again may be a copy
_MUCH = 0.35  # of the kept text: what is repeated in one piece is a second body
_WHOLE = 0.8  # of a body in one piece that stands in paragraphs, too
_ABOVE = 3  # blocks
_NUMBER = re.compile(r"[-_]?\d+")
_CORE = 0.85  # share of the kept text that the article's own box holds


def once(kept: Iterable[Block]) -> list[Block]:
    """The blocks without copies of others: pull quotes, copies for small screens, a body shown twice.

    What is said again in its own place stays: a refrain, the same portion under each day of a week.
    """
    given = list(kept)
    quoted = _said_in_text(given)
    given = [block for block in given if block not in quoted]
    total = sum(len(block.text) for block in given)
    dropped = _in_one_piece(given, total)
    first: dict[str, int] = {}
    body_end = compared = 0  # no run is compared twice: all of a page may be one line, said again
    for at, block in enumerate(given):
        before = first.setdefault(block.text, at) if len(block.text) >= _REPEATED else at
        if before < at and at >= compared:
            compared = _end_of_copy(given, before, at)
            said = sum(len(one.text) for one in given[at:compared])
            # A heading of its own before it makes it another portion.
            if compared - at >= max(at - before, 2) and said >= _MUCH * total:
                body_end = compared
        again = before < at and given[at - 1].text == block.text
        elsewhere = before < at and _is_elsewhere(given[before], block)
        if at < body_end or again or (elsewhere and not _is_portion(given, before, at)):
            dropped.add(block)
    return [block for block in given if block not in dropped]


def _in_one_piece(given: list[Block], total: int) -> set[Block]:
    """Bodies in one piece that the paragraphs beside them say again: a plain copy for search engines, its Markdown."""
    found: set[Block] = set()
    for piece in (block for block in given if len(block.text) >= _MUCH * total):
        whole = _letters(piece.text)
        others = {
            _letters(block.text)
            for block in given
            if block is not piece and len(block.text) >= _REPEATED
        }
        inside = [said for said in others if said in whole]
        if len(inside) > 1 and sum(map(len, inside)) >= _WHOLE * len(whole):
            found.add(piece)
    return found


def _letters(text: str) -> str:
    """The letters and digits of ``text``, without the addresses of Markdown's links."""
    return "".join(filter(str.isalnum, _ADDRESS.sub("", text)))


def _end_of_copy(blocks: list[Block], before: int, at: int) -> int:
    """Where what stands from ``at`` on is no longer what stands from ``before`` on."""
    end = at
    while end < len(blocks) and before < at and blocks[before].text == blocks[end].text:
        before, end = before + 1, end + 1
    return end


def _is_elsewhere(one: Block, other: Block) -> bool:
    """Whether the boxes in which two blocks stand are of two kinds, from where they part: one is a copy."""
    inner = around = one.parent
    mine = {around: inner}
    for around in one.parent.iterancestors():
        mine[around] = inner
        inner = around
    theirs = box = other.parent
    while box is not None and box not in mine:
        theirs, box = box, box.getparent()
    return box is not None and box is not other.parent and _kind(mine[box]) != _kind(theirs)


def _kind(box: HtmlElement) -> tuple[str, str]:
    return str(box.tag), _NUMBER.sub("", box.get("class") or "")


def _is_portion(blocks: list[Block], before: int, at: int) -> bool:
    """Whether each of two blocks of one text has a heading of its own: they are portions under them."""
    one, other = _heading_above(blocks, before), _heading_above(blocks, at)
    return one is not None and other is not None and one is not other and one.text != other.text


def _heading_above(blocks: list[Block], at: int) -> Block | None:
    above = reversed(blocks[max(0, at - _ABOVE) : at])
    return next((block for block in above if block.parent.tag in SUBHEADINGS), None)


def _said_in_text(given: list[Block]) -> set[Block]:
    """Pull quotes: what they say stands in the text, too."""
    quotes = [block for block in given if _is_pull_quote(block)][:_MAX_PULL_QUOTES]
    everything = "\n".join(block.text for block in given) if quotes else ""
    repeated: set[Block] = set()
    said_again = False
    for quote in quotes:
        text = quote.text.strip('“”"«»„ ')
        # What is short, such as who said it, stands elsewhere by chance: it goes with the words before it.
        if len(text) >= _TELLING:
            said_again = everything.count(text) > 1
        if said_again:
            repeated.add(quote)
    return repeated


def _is_pull_quote(block: Block) -> bool:
    return any(_PULL_QUOTE.search(box.get("class") or "") for box in block.around(3))


@dataclass(slots=True)
class Marks:
    """Marks on the kept text of a tree; ``starts`` are the places where a block begins."""

    texts: set[HtmlElement]
    tails: set[HtmlElement]
    starts: set[tuple[HtmlElement, bool]]
    alive: set[HtmlElement]
    core: HtmlElement

    def enliven(self, element: HtmlElement | None) -> None:
        """``element`` and all around it hold something."""
        while element is not None and element not in self.alive:
            self.alive.add(element)
            element = element.getparent()

    def keep_all(self, element: HtmlElement) -> None:
        """Keep all text within ``element``."""
        for node in element.iter():
            if node.tag not in INVISIBLE_TAGS:
                self.texts.add(node)
                self.enliven(node)
            if node is not element:
                self.tails.add(node)

    def kept(self) -> Kept:
        """Kept text as the choice of media looks it up."""
        return Kept(self.texts, self.tails, self.alive, self.core)


def mark(tree: HtmlElement, blocks: list[Block]) -> Marks:
    """The marks of ``blocks``, which are some of ``tree``."""
    marks = Marks(set(), set(), set(), set(), tree)
    sizes: dict[HtmlElement, int] = {}
    for block in blocks:
        begin = True
        for element, is_tail in block.slots():
            (marks.tails if is_tail else marks.texts).add(element)
            if begin:
                marks.starts.add((element, is_tail))
                begin = False
            marks.enliven(element.getparent() if is_tail else element)
        sizes[block.parent] = sizes.get(block.parent, 0) + len(block.text)
    marks.core = _core(tree, sizes)
    return marks


def _core(tree: HtmlElement, sizes: dict[HtmlElement, int]) -> HtmlElement:
    """The smallest box that holds nearly all of the kept text."""
    sums: dict[HtmlElement, int] = {}
    for element, size in sizes.items():
        box: HtmlElement | None = element
        while box is not None:
            sums[box] = sums.get(box, 0) + size
            box = box.getparent()
    enough = _CORE * sum(sizes.values())
    core = tree
    while True:
        inner = next((child for child in core if sums.get(child, 0) >= enough), None)
        if inner is None or inner.tag in _NO_BOXES:
            return core
        core = inner


def captions_of(marks: Marks) -> list[HtmlElement]:
    """The captions of figures that hold kept text: of tables, of code."""
    figures = [element for element in marks.alive if element.tag == "figure"]
    return [caption for figure in figures for caption in figure.iterchildren("figcaption")]


def targets(marks: Marks, base_url: str) -> set[str]:
    """The ids that links of the kept text lead to."""
    links = (element.get("href") or "" for element in marks.alive if element.tag == "a")
    page = base_url.partition("#")[0]
    return {
        fragment
        for place, _, fragment in (link.strip().partition("#") for link in links)
        if fragment and place in {"", page}
    }
