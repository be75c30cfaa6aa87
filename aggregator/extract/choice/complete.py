"""Complete the chosen blocks by the page's structure: the rest of a table, a list, a line between.

Extractors choose by text. Markup knows more: who keeps most of a table means all of it, and a short
line between two kept paragraphs of one box, without a sign of something else, is one of the article's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.choice.placeholders import placeholders
from aggregator.extract.page.blocks import SUBHEADINGS, Block
from aggregator.extract.page.data_tables import is_layout
from aggregator.extract.page.foreign import FOREIGN, FOREIGN_TAGS, FRAME_TAGS, class_and_id, visible
from aggregator.extract.page.posts import is_post
from aggregator.extract.page.unseen import HIDDEN

_KEPT_WHOLE = frozenset({"table", "ul", "ol", "dl", "blockquote", "details", "pre"})
_TABLE = frozenset({"table"})
_MOST = 0.5  # share of a structure's letters from which all of it is kept
_MOSTLY_LINKS = 0.6
_HEADING_DEPTH = 4
_LINES = frozenset({"p", "address", "blockquote", "li", "dt", "dd", "h2", "h3", "h4", "h5", "h6", "pre", "div", "math", "footer", "td", "th", "body"})  # fmt: skip
_LITTLE = 0.2
_AGAIN = 60  # characters
_LONGEST_GAP = 3  # blocks
_BESIDE = 2  # blocks before and after a table: one may be its caption
_FIGURED = ("pre", "table", "blockquote")
# What editors set apart within a text, as blog engines and manuals call it.
_SET_APART = re.compile(
    r"(?:^|\s)(?:kg-(?:callout|toggle|file)-card|wp-block-(?:file|pullquote|quote|verse|details)|"
    r"(?:theme-)?admonition)(?:$|\s)"
)
_APART_STEMS = ("kg-", "wp-block-", "admonition")
_MOST_SET_APART = 20  # blocks
_MARK = 5  # characters
_NEAR = 5  # blocks before or after code
_DEPTH = 2  # boxes between a line and the one that it shares with its neighbours
_SIGN_UP = re.compile(r"newsletter|subscri|sign-?up|opt-?in|mailing|cta\b", re.IGNORECASE)
_LONGEST_FORM = 400  # characters that such a box shows
_FORM_DEPTH = 5
_MOST_FIELDS = 20


def completed(blocks: Sequence[Block], kept: Sequence[bool]) -> list[bool]:
    """``kept`` with what the structure of the page adds to it."""
    now = list(kept)
    _settle_tables(blocks, now)
    _complete_structures(blocks, now)
    _keep_code(blocks, now)
    _keep_set_apart(blocks, now)
    _keep_captions(blocks, now)
    _keep_marks(blocks, now)
    _fill_gaps(blocks, now)
    _keep_again(blocks, now)
    _without_hidden(blocks, now)
    _without_sign_up(blocks, now)
    for i in placeholders(blocks, now):
        now[i] = False
    return now


def _complete_structures(blocks: Sequence[Block], kept: list[bool]) -> None:
    members: dict[HtmlElement, list[int]] = {}
    known: dict[HtmlElement, list[HtmlElement]] = {}
    for i, block in enumerate(blocks):
        for box in _all_around(block.parent, _KEPT_WHOLE, known):
            members.setdefault(box, []).append(i)
    for box, inside in members.items():
        sizes = [len(blocks[i].text) for i in inside]
        chosen = sum(size for i, size in zip(inside, sizes, strict=True) if kept[i])
        if not _MOST * sum(sizes) <= chosen < sum(sizes) or (box.tag == "table" and is_layout(box)):
            continue
        for i in inside:
            kept[i] = kept[i] or not _is_other(blocks[i], box)


def _settle_tables(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep a table between kept blocks whole; keep nothing of another one that is hardly kept."""
    tables: dict[HtmlElement, list[int]] = {}
    known: dict[HtmlElement, list[HtmlElement]] = {}
    for i, block in enumerate(blocks if _has(blocks, "table") else ()):
        around = _all_around(block.parent, _TABLE, known)
        if around:
            tables.setdefault(around[-1], []).append(i)
    for table, inside in tables.items():
        if is_layout(table):
            continue
        first, end = inside[0], inside[-1] + 1
        said = sum(len(blocks[i].text) for i in inside)
        linked = sum(blocks[i].linked for i in inside)
        chosen = sum(len(blocks[i].text) for i in inside if kept[i])
        before, after = kept[max(0, first - _BESIDE) : first], kept[end : end + _BESIDE]
        if any(before) and any(after) and linked < _MOSTLY_LINKS * said:
            kept[first:end] = [True] * (end - first)
        elif chosen < _MOST * said:
            kept[first:end] = [False] * (end - first)


def _keep_code(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep code between kept blocks: few words of it are words, so that it is taken for a menu."""
    for i, block in enumerate(blocks if _has(blocks, "pre") else ()):
        code = None if kept[i] else _nearest(block.parent, "pre")
        if code is None or FOREIGN.search(class_and_id(code)):
            continue
        before, after = kept[max(0, i - _NEAR) : i], kept[i + 1 : i + 1 + _NEAR]
        kept[i] = any(before) and any(after)


def _keep_set_apart(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep whole what editors set apart between kept blocks: few of its words are a paragraph's."""
    boxes: dict[HtmlElement, list[int]] = {}
    known: dict[HtmlElement, bool] = {}
    for i, block in enumerate(blocks):
        for box in block.around(_DEPTH + 1):
            apart = known.get(box)
            if apart is None:
                apart = known[box] = _is_set_apart(box)
            if apart:
                boxes.setdefault(box, []).append(i)
    runs: list[tuple[int, int]] = []
    for inside in sorted(boxes.values()):
        first, end = inside[0], inside[-1] + 1
        if end - first > _MOST_SET_APART:
            continue
        if runs and first <= runs[-1][1]:  # one after another
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((first, end))
    for first, end in runs:
        before, after = kept[max(0, first - _BESIDE) : first], kept[end : end + _BESIDE]
        if any(before) and any(after):
            kept[first:end] = [True] * (end - first)


def _is_set_apart(box: HtmlElement) -> bool:
    if box.tag == "figure" and box.find("blockquote") is not None:
        return True
    called = box.get("class")
    if not called:
        return False
    # To look for a piece of each name first takes a tenth of the time.
    apart = any(stem in called for stem in _APART_STEMS) and _SET_APART.search(called)
    return bool(apart) or is_post(box)


def _keep_captions(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep the captions of figures of which a table, code or a quotation is kept."""
    figures: dict[HtmlElement, list[int]] = {}
    for i, block in enumerate(blocks if _has(blocks, "figure") else ()):
        figure = _nearest(block.parent, "figure")
        if figure is not None:
            figures.setdefault(figure, []).append(i)
    for inside in figures.values():
        if any(kept[i] and _nearest(blocks[i].parent, *_FIGURED) is not None for i in inside):
            for i in inside:
                kept[i] = kept[i] or _nearest(blocks[i].parent, "figcaption") is not None


def _keep_marks(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep the mark of a note that is kept: a number or sign that leads back to where it belongs."""
    for i, block in enumerate(blocks[:-1]):
        if kept[i] or not kept[i + 1] or len(block.text) > _MARK:
            continue
        box = _shared(block.parent, blocks[i + 1].parent, _DEPTH)
        kept[i] = box is not None and any(
            (link.get("href") or "").startswith("#")
            for child in block.children[block.start : block.end]
            for link in child.iter("a")
        )


def _has(blocks: Sequence[Block], tag: str) -> bool:
    """Whether there is any ``tag`` on the page."""
    return bool(blocks) and next(blocks[0].parent.getroottree().iter(tag), None) is not None


def _all_around(
    element: HtmlElement, tags: frozenset[str], known: dict[HtmlElement, list[HtmlElement]]
) -> list[HtmlElement]:
    """Those of ``tags`` among ``element`` and what is around it, from within; ``known`` are those of others."""
    passed: list[HtmlElement] = []
    box: HtmlElement | None = element
    while box is not None and box not in known:
        passed.append(box)
        box = box.getparent()
    found: list[HtmlElement] = [] if box is None else known[box]
    for inner in reversed(passed):
        if inner.tag in tags:
            found = [inner, *found]
        known[inner] = found
    return found


def _nearest(element: HtmlElement, *tags: str) -> HtmlElement | None:
    """``element`` or what is around it, whichever is the first of ``tags``."""
    return element if element.tag in tags else next(element.iterancestors(*tags), None)


def _keep_again(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep what is said again under a kept heading, where it was kept before: the last of several portions."""
    said = {blocks[i].text for i, keep in enumerate(kept) if keep and len(blocks[i].text) >= _AGAIN}
    for i in range(1, len(blocks)):
        headed = kept[i - 1] and blocks[i - 1].parent.tag in SUBHEADINGS
        if headed and not kept[i] and blocks[i].text in said:
            kept[i] = True


def _fill_gaps(blocks: Sequence[Block], kept: list[bool]) -> None:
    before: int | None = None
    for i, keep in enumerate(list(kept)):
        if not keep:
            continue
        if before is not None and 1 < i - before <= _LONGEST_GAP + 1:
            gap = range(before + 1, i)
            # A heading belongs to what follows it, however deep in boxes both stand.
            headed = all(blocks[j].parent.tag in SUBHEADINGS for j in gap)
            depth = _HEADING_DEPTH if headed else _DEPTH
            box = _shared(blocks[before].parent, blocks[i].parent, depth)
            if all(_is_line(blocks[j], box, depth) for j in gap):
                for j in gap:
                    kept[j] = True
        before = i


def _shared(one: HtmlElement, other: HtmlElement, depth: int) -> HtmlElement | None:
    """The box in which both stand, None when it is a wider one."""
    around = [other, *islice(other.iterancestors(), depth)]
    for box in (one, *islice(one.iterancestors(), depth)):
        if any(box is also for also in around):
            return box
    return None


def _is_line(block: Block, box: HtmlElement | None, depth: int) -> bool:
    if box is None or block.parent.tag not in _LINES or _is_other(block, box):
        return False
    return any(one is box for one in block.around(depth))


def _without_hidden(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Drop what is hidden from readers, unless much is: pages unfold articles by script."""
    known: dict[HtmlElement, bool] = {}
    hidden = [i for i, keep in enumerate(kept) if keep and _is_hidden(blocks[i], known)]
    said = sum(len(block.text) for block, keep in zip(blocks, kept, strict=True) if keep)
    if sum(len(blocks[i].text) for i in hidden) <= _LITTLE * said:
        for i in hidden:
            kept[i] = False


def _without_sign_up(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Drop what stands in a small box around a field for the reader's address, unless that is much."""
    page = blocks[0].parent.getroottree() if blocks else None
    fields = [] if page is None else page.iter("input")
    around = {
        box
        for field in islice((one for one in fields if one.get("type") == "email"), _MOST_FIELDS)
        for depth, box in enumerate(islice(field.iterancestors(), _FORM_DEPTH))
        if box.tag == "form"
        or (box.tag not in FRAME_TAGS and (depth < 1 or _SIGN_UP.search(class_and_id(box))))
    }
    boxes = {box for box in around if visible(box, _LONGEST_FORM + 1) <= _LONGEST_FORM}
    inside = [
        i
        for i, block in enumerate(blocks)
        if boxes and kept[i] and not boxes.isdisjoint(block.around(_FORM_DEPTH))
    ]
    said = sum(len(block.text) for block, keep in zip(blocks, kept, strict=True) if keep)
    if sum(len(blocks[i].text) for i in inside) <= _LITTLE * said:
        for i in inside:
            kept[i] = False


def _is_hidden(block: Block, known: dict[HtmlElement, bool]) -> bool:
    """Whether a box around ``block`` is hidden; ``known`` are those that are, or are not."""
    passed: list[HtmlElement] = []
    box: HtmlElement | None = block.parent
    while box is not None and box not in known:
        passed.append(box)
        box = box.getparent()
    hidden = known[box] if box is not None else False
    for inner in reversed(passed):
        hidden = known[inner] = hidden or _hides(inner)
    return hidden


def _hides(box: HtmlElement) -> bool:
    if box.tag == "dialog":
        return box.get("open") is None
    return bool(box.attrib) and (
        box.get("hidden") is not None or HIDDEN.search(box.get("style") or "") is not None
    )


def _is_other(block: Block, box: HtmlElement) -> bool:
    """Whether ``block`` in ``box`` says by its links or its boxes that it is none of the text."""
    letters = len(block.text) - block.text.count(" ")
    if block.linked > _MOSTLY_LINKS * letters:
        return True
    element: HtmlElement | None = block.parent
    while element is not None and element is not box:
        names = class_and_id(element)
        hidden = element.get("hidden") is not None or HIDDEN.search(element.get("style") or "")
        around = element.getparent()
        # Who is quoted stands in a footer of the quotation.
        cited = element.tag == "footer" and around is not None and around.tag == "blockquote"
        if (element.tag in FOREIGN_TAGS and not cited) or FOREIGN.search(names) or hidden:
            return True
        element = around
    return False
