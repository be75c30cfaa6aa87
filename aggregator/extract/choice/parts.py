"""A part of a page that is an entry of its own: a comment, a post of a thread, a release in a changelog.

It is known by the fragment of the entry's address, or by the feed's own words, where they stand on the page
as one block among others of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby, islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from aggregator.extract.choice.votes import alike, squeezed
from aggregator.extract.page.blocks import BLOCK_TAGS, Block, blocks_of

_TELLING = 24  # letters that are unlikely to stand somewhere by chance
_WHOLE = 0.5  # share of the page's letters from which a part is the page
_HELD = 0.7  # share of the feed's words that the block must have
_LEAST_OTHER = 20  # letters of another block of its kind
_BYLINE = 80  # letters, at most, of what stands above or below a post's text
_CLIMB = 8  # boxes around the feed's words that are looked at
_SAME_CLASSES = 0.5  # share of the classes of two boxes of one kind that both have
_MOST_SIBLINGS = 500

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = frozenset({"article", "blockquote", "dd", "details", "div", "li", "section", "table", "td", "tr"})  # fmt: skip
_ALWAYS_ALIKE = frozenset({"article", "dd", "li", "tr"})
_OF_MANY = re.compile(
    r"(?:^|[\s_-])(?:post|posting|comment|reply|message|msg|answer|note|topic|tweet|status|entry|item|hentry)(?=$|[\s_-]|\d|body|content)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+|[0-9a-f]{8,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A copy of the page with nothing but the part in its body, and that one's letters."""

    tree: HtmlElement
    letters: int
    exact: bool  # all of it is the part


def part_at(tree: HtmlElement, fragment: str) -> tuple[Part | None, bool]:
    """The part that ``fragment`` names, and whether it stands on the page at all.

    None for a mark that is no part: in the midst of the text, or around nearly all of the page.
    """
    target = _target(tree, fragment)
    if target is None:
        return None, False
    heading = next((e for e in (target, *islice(target.iterancestors(), 2)) if _is_head(e)), None)
    if heading is None and not _letters(target):
        following = target.getnext()
        blank = not (target.tail or "").strip()
        heading = following if blank and following is not None and _is_head(following) else None
    if heading is not None:
        return _made(tree, _section(heading), exact=True), True
    if target.tag in BLOCK_TAGS and _letters(target):
        return _made(tree, [target]), True
    return None, True


def part_told(tree: HtmlElement, blocks: Sequence[Block], summary: str) -> Part | None:
    """The box that has the feed's ``summary`` and stands among others of its kind; None for none.

    ``blocks`` are those of ``tree``. An article that begins with the summary is no such page.
    """
    run = _told(blocks, summary)
    if not run:
        return None
    said = sum(len(block.squeezed) for block in run)
    inner = run[0].parent
    for box in islice(_around(run), _CLIMB):
        others = _of_its_kind(box) if box.tag in _BOXES else []
        others = [other for other in others if _letters(other) >= _LEAST_OTHER]
        if others:
            answers = [one for one in box.iter(box.tag) if one is not box and _is_alike(box, one)]
            beside = _letters(box) - said - sum(map(_letters, _outermost(answers)))
            first, little = _is_first(box, others), beside <= max(_BYLINE, said)
            marked = beside > 0 and any(_are_marked(box, other) for other in others)
            if marked and (little or not first):
                return _made(tree, [inner if answers else box], exact=little)
            if beside > _BYLINE:
                return None  # an article that quotes the feed
            if beside > 0 and not first:
                return _made(tree, [box], exact=True)
        inner = box
    return None


def _is_first(box: HtmlElement, others: Sequence[HtmlElement]) -> bool:
    parent = box.getparent()
    return bool(parent.index(box) < parent.index(others[0]))


def _target(tree: HtmlElement, fragment: str) -> HtmlElement | None:
    names = dict.fromkeys((fragment, unquote(fragment), f"user-content-{unquote(fragment)}"))
    wanted = {name: None for name in names if name}
    found: HtmlElement | None = None
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.get("id") or (element.get("name") if element.tag == "a" else None)
        if name in wanted:
            found = element
            break
    return found if found is not None and found.tag not in {"html", "body"} else None


def _is_head(element: HtmlElement) -> bool:
    return element.tag in _HEADINGS or element.tag == "dt"


def _section(heading: HtmlElement) -> list[HtmlElement]:
    """``heading`` and what follows it, up to the next heading of its rank or above."""
    around = heading
    for _ in range(3):  # the heading may have a box of its own
        if around.getnext() is not None or around.getparent() is None:
            break
        parent = around.getparent()
        if parent.tag in {"body", "html"} or _letters(parent) > _letters(around):
            break
        around = parent
    found = [around]
    rank = _rank(heading)
    for following in around.itersiblings():
        if not isinstance(following.tag, str):
            continue
        heads = [following] if _is_head(following) else following.iter(*_HEADINGS, "dt")
        if any(_rank(head) <= rank for head in heads):
            break
        found.append(following)
    return found


def _rank(heading: HtmlElement) -> int:
    return 7 if heading.tag == "dt" else int(heading.tag[1])


def _told(blocks: Sequence[Block], summary: str) -> list[Block]:
    """The longest run of blocks that stand in ``summary``, if it has most of it."""
    said = alike(squeezed(summary)).rstrip(".[]")
    if len(said) < _TELLING:
        return []
    best: list[Block] = []
    most = 0
    for told, group in groupby(blocks, key=lambda block: _is_in(alike(block.squeezed), said)):
        run = list(group)
        size = sum(len(block.squeezed) for block in run)
        if told and size > most:
            best, most = run, size
    return best if most >= _HELD * len(said) else []


def _is_in(text: str, said: str) -> bool:
    return text in said or (len(said) >= _TELLING and text.startswith(said))


def _around(run: Sequence[Block]) -> Iterator[HtmlElement]:
    """The boxes around all of ``run``, the innermost first."""
    last = {run[-1].parent, *run[-1].parent.iterancestors()}
    for box in (run[0].parent, *run[0].parent.iterancestors()):
        if box.tag in {"body", "html"}:
            return
        if box in last:
            yield box


def _of_its_kind(box: HtmlElement) -> list[HtmlElement]:
    siblings = islice(box.getparent(), _MOST_SIBLINGS)
    return [other for other in siblings if other is not box and _is_alike(box, other)]


def _is_alike(box: HtmlElement, other: HtmlElement) -> bool:
    """Whether both are boxes for the same kind of thing, by their tags and classes or numbered ids."""
    if other.tag != box.tag:
        return False
    stem = _stem(box)
    if stem and stem == _stem(other):
        return True
    ours, theirs = (set(_NUMBER.sub("0", one.get("class") or "").split()) for one in (box, other))
    if not ours and not theirs:
        return box.tag in _ALWAYS_ALIKE
    shared = ours & theirs
    return len(shared) >= _SAME_CLASSES * len(ours | theirs) or any(map(_OF_MANY.search, shared))


def _outermost(boxes: Sequence[HtmlElement]) -> list[HtmlElement]:
    inside = set(boxes)
    return [box for box in boxes if not any(around in inside for around in box.iterancestors())]


def _stem(box: HtmlElement) -> str:
    """A numbered id without its number, ``""`` for any other."""
    name = box.get("id") or ""
    stem = _NUMBER.sub("0", name)
    return stem if stem != name else ""


def _are_marked(*boxes: HtmlElement) -> bool:
    """Whether the boxes say that each is one of many: by ids, by classes, by a time or an author in them."""
    stems = set(map(_stem, boxes))
    if len(stems) == 1 and "" not in stems:
        return True
    if all(_OF_MANY.search(box.get("class") or "") for box in boxes):
        return True
    return all(next(box.iter("time", "cite"), None) is not None for box in boxes)


def _letters(element: HtmlElement) -> int:
    return sum(len(block.squeezed) for block in blocks_of(element))


def _made(
    tree: HtmlElement, elements: Sequence[HtmlElement], *, exact: bool = False
) -> Part | None:
    """None where the elements are most of the page, or nothing."""
    letters = sum(_letters(element) for element in elements)
    page = tree.find("body")
    if page is None or not letters or letters > _WHOLE * _letters(page):
        return None
    kept = [deepcopy(element) for element in elements]
    copied = deepcopy(tree)
    body = copied.find("body")
    for element in kept:
        element.tail = None
    body.text = None
    body[:] = kept
    return Part(copied, letters, exact)
