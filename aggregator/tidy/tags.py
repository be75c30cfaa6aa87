"""Tags of a piece of HTML, and where the element of each ends; in one linear pass, without a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.sanitize.markup import VOID_ELEMENTS

# HTML Standard §13.2.5; what is not closed within a bound is no tag to us.
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(/?)([A-Za-z][^\s/<>]*+)((?:[^<>\"']|\"[^\"]{0,20000}+\"|'[^']{0,20000}+')*+)>",
    re.DOTALL,
)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "noembed", "noframes", "iframe"})
# What a paragraph without an end tag ends before (HTML Standard §13.1.2.4).
_ENDS_PARAGRAPHS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "dialog",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
_ENDS_ITSELF = frozenset({"li", "tr", "td", "th", "dt", "dd", "option"})
_HOLDS_THEM = frozenset(
    [
        "ul",
        "ol",
        "dl",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "div",
        "li",
        "blockquote",
        "section",
        "article",
        "select",
    ]
)
_HOLDERS = {
    "li": ("ul", "ol"),
    "tr": ("table",),
    "td": ("table", "tr"),
    "th": ("table", "tr"),
    "dt": ("dl",),
    "dd": ("dl",),
}


@dataclass(slots=True)
class Tag:
    """A start tag: where it begins and ends, and where its element does.

    ``inner_end`` is None for an element without an end that is known.
    """

    name: str
    start: int
    end: int
    said: str  # its attributes as written
    inner_end: int | None = None
    stop: int = 0

    @property
    def is_whole(self) -> bool:
        """True where the end of the element is known."""
        return self.inner_end is not None


def start_tags(text: str) -> list[Tag]:
    """The start tags of ``text`` in document order."""
    tags: list[Tag] = []
    open_now: dict[str, list[Tag]] = {}
    unended: set[str] = set()  # raw elements of which no further one has an end
    at = 0
    for found in TAG.finditer(text):
        if found.start() < at or found[2] is None:
            continue
        name = found[2].lower()
        if found[1]:
            _close(open_now, name, found.start(), found.end())
            continue
        if name in _ENDS_PARAGRAPHS:
            for paragraph in open_now.pop("p", []):
                paragraph.inner_end = paragraph.stop = found.start()
        tag = Tag(name, found.start(), found.end(), found[3])
        tags.append(tag)
        if name in VOID_ELEMENTS:
            tag.inner_end = tag.stop = tag.end
        elif name in _RAW and name in unended:
            continue
        elif name in _RAW:
            end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, tag.end)
            if end is not None:
                tag.inner_end, tag.stop, at = end.start(), end.end(), end.end()
            else:
                unended.add(name)
        else:
            _end_previous(open_now, tag)
            open_now.setdefault(name, []).append(tag)
    return tags


def _end_previous(open_now: dict[str, list[Tag]], tag: Tag) -> None:
    """End the item before ``tag`` that has no end tag (HTML Standard §13.1.2.4)."""
    items = open_now.get(tag.name)
    if tag.name not in _ENDS_ITSELF or not items:
        return
    holders = (open_now.get(holder) for holder in _HOLDERS.get(tag.name, ()))
    if not any(stack and stack[-1].start > items[-1].start for stack in holders):
        previous = items.pop()
        previous.inner_end = previous.stop = tag.start


def _close(open_now: dict[str, list[Tag]], name: str, start: int, end: int) -> None:
    stack = open_now.get(name)
    if stack:
        tag = stack.pop()
        tag.inner_end, tag.stop = start, end
        if name in _HOLDS_THEM:
            for unended in ("p", *_ENDS_ITSELF):
                within = open_now.get(unended)
                while within and within[-1].start > tag.start:
                    item = within.pop()
                    item.inner_end = item.stop = start


def outermost(tags: list[Tag]) -> Iterator[Tag]:
    """The ``tags`` that stand in no other of them."""
    at = 0
    for tag in tags:
        if tag.start >= at:
            yield tag
            at = max(at, tag.stop)
