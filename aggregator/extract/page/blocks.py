"""The visible text of a page, cut into blocks: the pieces that are kept or dropped as one.

A block is what a browser lays out as one paragraph: an element without block-level elements in it, or
a run of text and inline elements that stands directly in a box beside other blocks. In
``<div>a<p>b</p>c <b>d</b><br><br>e</div>`` the blocks are ``a``, ``b``, ``c d`` and ``e``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

# Laid out as blocks by browsers (HTML Standard §15.3), or parts of a table or list.
BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
SUBHEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# Their text is not shown, or not as text of the page.
INVISIBLE_TAGS = frozenset({
    "script", "style", "template", "noscript", "svg", "head", "title", "iframe", "object", "embed", "canvas",
    "video", "audio", "textarea", "select", "datalist", "map", "noframes", "frameset",
})  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A run of inline content in ``parent``: its children ``start`` to ``end`` (exclusive).

    The run begins with the text before child ``start`` (``parent.text``, or the tail of the child
    before) and ends with the tail of child ``end - 1``; with ``start == end`` it is the text before
    child ``start`` alone. ``text`` is what it shows, spaces collapsed, never empty; ``squeezed`` is that
    without its spaces, of which ``linked`` characters are within links. ``children`` are all those of ``parent``:
    to count to one of them costs libxml2 more, the further it is.
    """

    parent: HtmlElement
    start: int
    end: int
    text: str
    squeezed: str
    linked: int
    children: Sequence[HtmlElement]

    def around(self, depth: int) -> Iterator[HtmlElement]:
        """The box that the block stands in, and ``depth`` ones around that."""
        yield self.parent
        yield from islice(self.parent.iterancestors(), depth)

    def slots(self) -> Iterator[tuple[HtmlElement, bool]]:
        """Places of the block's characters: elements, and True for their tail, False for their text."""
        if self.start:
            yield self.children[self.start - 1], True
        else:
            yield self.parent, False
        for child in self.children[self.start : self.end]:
            if len(child):
                yield from _slots(child)
            else:  # most are; this way is the short one
                if child.tag not in INVISIBLE_TAGS:
                    yield child, False
                yield child, True


def _slots(inline: HtmlElement) -> Iterator[tuple[HtmlElement, bool]]:
    stack = [(inline, False)]
    while stack:
        element, is_tail = stack.pop()
        visible = is_tail or element.tag not in INVISIBLE_TAGS
        if visible:
            yield element, is_tail
        if not is_tail:
            stack.append((element, True))
            if visible:
                stack.extend((child, False) for child in reversed(element))


def blocks_of(tree: HtmlElement) -> list[Block]:
    """The blocks of the page ``tree`` (or of any part of it) in document order.

    Every visible character stands in exactly one of them. Two ``<br>`` in a row end a block; a ``<pre>``
    is one. The tree is not changed; indexes hold as long as it is not.
    """
    root = tree.find("body") if tree.tag == "html" else tree
    if root is None or root.tag in INVISIBLE_TAGS:
        return []
    return list(_blocks(root, _boxes(root)))


def _boxes(root: HtmlElement) -> set[HtmlElement]:
    """The elements that are block-level, or hold one that is."""
    boxes = {root}
    for element in root.iter(*BLOCK_TAGS):
        box: HtmlElement | None = element
        while box is not None and box not in boxes:
            boxes.add(box)
            box = box.getparent()
    return boxes


def _blocks(root: HtmlElement, boxes: set[HtmlElement]) -> Iterator[Block]:
    # Not recursive: a hostile page is nested as deeply as the parser allows.
    stack: list[tuple[HtmlElement, list[HtmlElement], int, bool]] = [(root, list(root), 0, False)]
    while stack:
        box, children, start, in_link = stack.pop()
        if _is_preformatted(box):
            block = _run(box, children, 0, len(children), in_link)
            if block is not None:
                yield block
            continue
        for index in range(start, len(children) + 1):
            child = children[index] if index < len(children) else None
            inline = child is not None and child not in boxes
            if inline and (children[index].tag != "br" or not _is_break(children, index)):
                continue
            # Between most boxes stands nothing but white space.
            if start < index or not _is_blank(children[start - 1].tail if start else box.text):
                block = _run(box, children, start, index, in_link)
                if block is not None:
                    yield block
            start = index + 1
            if child is not None and child in boxes and child.tag not in INVISIBLE_TAGS:
                stack.append((box, children, start, in_link))
                stack.append((child, list(child), 0, in_link or child.tag == "a"))
                break


def _is_preformatted(box: HtmlElement) -> bool:
    """Whether all of ``box`` is one text with its own line breaks, and not paragraphs laid out by it."""
    return box.tag == "pre" and next(box.iter("p"), None) is None


def _is_break(children: list[HtmlElement], index: int) -> bool:
    """Whether child ``index``, a ``<br>``, is one of two or more in a row."""
    following = children[index + 1] if index + 1 < len(children) else None
    if following is not None and following.tag == "br" and _is_blank(children[index].tail):
        return True
    previous = children[index - 1] if index else None
    return previous is not None and previous.tag == "br" and _is_blank(previous.tail)


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()


def _run(
    box: HtmlElement, children: list[HtmlElement], start: int, end: int, in_link: bool
) -> Block | None:
    """The block of the children ``start`` to ``end`` of ``box``, None when it shows no text."""
    before = (children[start - 1].tail if start else box.text) or ""
    pieces = [before]
    linked = _letters(before) if in_link else 0
    for child in children[start:end]:
        tail = child.tail or ""
        if child.tag not in INVISIBLE_TAGS:
            linked += _collect(child, pieces, in_link)
        pieces.append(tail)
        linked += _letters(tail) if in_link else 0
    words = "".join(pieces).split()
    if not words:
        return None
    return Block(box, start, end, " ".join(words), "".join(words), linked, children)


def _collect(inline: HtmlElement, pieces: list[str], in_link: bool) -> int:
    """Append the visible text of ``inline``, without its tail, to ``pieces``; its linked letters."""
    if not len(inline) and inline.tag not in {"br", "a"} and inline.tag not in BLOCK_TAGS:
        text = inline.text or ""
        pieces.append(text)
        return _letters(text) if in_link else 0
    linked = 0
    link_depth = int(in_link)
    # (element, None) opens the element; (element, "") is its tail.
    stack: list[tuple[HtmlElement, bool]] = [(inline, True)]
    while stack:
        element, opening = stack.pop()
        if not opening:
            link_depth -= element.tag == "a"
            text = (element.tail or "") if element is not inline else ""
            if element.tag == "a" and not element.tail:
                # Links in a row are set apart by style sheets only.
                following = element.getnext()
                text += " " if following is not None and following.tag == "a" else ""
        else:
            stack.append((element, False))
            link_depth += element.tag == "a"
            text = " " if element.tag == "br" else element.text or ""
            if element.tag in BLOCK_TAGS:  # lines of a <pre>
                text = f" {text}"
            if element.tag in INVISIBLE_TAGS:
                text = ""
            else:
                stack.extend((child, True) for child in reversed(element))
        if text:
            pieces.append(text)
            linked += _letters(text) if link_depth else 0
    return linked


def _letters(text: str) -> int:
    """The number of characters that are not white space."""
    return len("".join(text.split()))
