"""Prose in a page's state: the lists of paragraphs, and the long strings of marked-up text, that its JSON holds.

Editors store text as HTML in one string, as a list of strings, or as a list of nodes whose text stands in nodes
of their own (Portable Text, Contentful, Lexical, Draft.js, Editor.js, HTML as a tree, React's elements).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aggregator.extract.judging.references import referred
from aggregator.sanitize import to_text

PARAGRAPH = 60  # letters of a string that is prose and no label
_LEAST = 600  # letters of a string that may be an article
_MAX_NODES = 100_000
_MAX_STEPS = 200_000  # within the lists of a document: where nodes name each other, ways through them are without end
_A_STEP = 100  # characters that are read as quickly as a step is made
_MAX_STRING = 300_000  # characters of an article in one string
_MARKED_UP = re.compile(r"</p>|&lt;/p&gt;|<br\b|\n\s*\n", re.IGNORECASE)
_ELEMENTS = frozenset({"p", "h2", "h3", "h4", "blockquote", "ul", "ol", "li"})
# Beside one of these stand no others: a paragraph's text is in one place.
_PROSE_KEYS = ("text", "value", "content", "html", "body", "paragraph", "rendered", "children", "data")  # fmt: skip
_OF_NODES = frozenset({"children", "data"})  # what is a string in them is something else
_DEPTH = 10
_MOST_PIECES = 400


class _Steps:
    """Steps that are left to be made."""

    def __init__(self, left: int) -> None:
        self.left = left

    def may_read(self, characters: int = 0) -> bool:
        """Make a step, over as many characters; False where none are left."""
        self.left -= 1 + characters // _A_STEP
        return self.left > 0


def prose_of(document: Any) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Paragraphs of each list of ``document`` that has some, and each long string of it; True: that is one text."""
    left = _MAX_NODES
    steps = _Steps(_MAX_STEPS)
    waiting = [document]
    seen: dict[int, Any] = {}  # with the values, so that no other one takes an identity over
    while waiting and left:
        node = waiting.pop()
        left -= 1
        if isinstance(node, str):
            if len(node) < _LEAST or id(node) in seen:
                continue
            seen[id(node)] = node
            inner = _nested(node)
            if inner is not None:
                waiting.append(inner)
            elif len(node) <= _MAX_STRING and _MARKED_UP.search(node):
                yield (node,), True
            continue
        if not isinstance(node, (dict, list)) or id(node) in seen:
            continue
        seen[id(node)] = node
        if isinstance(node, list):
            paragraphs = _paragraphs_in(node, document, steps)
            if len(paragraphs) > 1:
                yield paragraphs, False
        waiting += node.values() if isinstance(node, dict) else node


def _nested(text: str) -> Any:
    """The document that ``text`` is, None where it is none."""
    if text[:1] not in "{[" or text[-1:] not in "}]":
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _paragraphs_in(nodes: Sequence[Any], document: Any, steps: _Steps) -> tuple[str, ...]:
    found = (_prose(referred(node, document), steps) for node in nodes)
    return tuple(text for text in found if len(text) >= PARAGRAPH)


def _prose(item: Any, steps: _Steps) -> str:
    """The text of one paragraph, whose pieces may be nodes of their own; ``""`` for what holds several."""
    if isinstance(item, str):
        return _sentence(item) if steps.may_read(len(item)) else ""
    if _is_element(item):
        return _element_text(item, steps)
    pieces: list[str] = []
    if not isinstance(item, dict) or not _collect(item, pieces, _DEPTH, steps):
        return ""
    return " ".join("".join(pieces).split())


def _sentence(text: str) -> str:
    """``text`` where it reads like a paragraph of a list of strings: words with spaces between them."""
    if len(text) < PARAGRAPH or text.count(" ") < 6 or text[:1] in "{[":
        return ""
    return " ".join((to_text(text) if "<" in text else text).split())


def _collect(node: dict[str, Any], pieces: list[str], depth: int, steps: _Steps) -> bool:
    """Append the text of ``node``; False where that is several paragraphs, or endless."""
    if depth < 0 or len(pieces) > _MOST_PIECES or not steps.may_read():
        return False
    for key, value in node.items():
        if key not in _PROSE_KEYS:
            continue
        if isinstance(value, str) and key not in _OF_NODES:
            if not steps.may_read(len(value)):
                return False
            pieces.append(to_text(value) if "<" in value else value)
        elif (isinstance(value, dict) and not _collect(value, pieces, depth - 1, steps)) or (
            isinstance(value, list) and not _collect_all(value, pieces, depth - 1, steps)
        ):
            return False
    return True


def _collect_all(nodes: Sequence[Any], pieces: list[str], depth: int, steps: _Steps) -> bool:
    """The same of several, of which at most one may be a paragraph itself: it is long, and holds nodes."""
    long = 0
    for node in nodes:
        before = len(pieces)
        if not steps.may_read():
            return False
        if not isinstance(node, dict):
            continue
        if not _collect(node, pieces, depth, steps):
            return False
        holds_nodes = any(isinstance(node.get(name), list) for name in _PROSE_KEYS)
        long += holds_nodes and sum(map(len, pieces[before:])) >= PARAGRAPH
        if long > 1:
            return False
    return True


def _is_element(item: Any) -> bool:
    """Whether ``item`` is an element of React's flight format that is a paragraph, a heading or a list."""
    return (
        isinstance(item, list)
        and len(item) > 3
        and item[0] == "$"
        and isinstance(item[1], str)
        and item[1] in _ELEMENTS
    )


def _element_text(item: list[Any], steps: _Steps) -> str:
    pieces: list[str] = []
    waiting: list[Any] = [item]
    for _ in range(500):
        if not waiting:
            break
        node = waiting.pop()
        if not steps.may_read(len(node) if isinstance(node, str) else 0):
            break
        if isinstance(node, str):
            pieces.append("" if node.startswith("$") else node)
        elif isinstance(node, list) and len(node) > 3 and node[0] == "$":
            props = node[3] if isinstance(node[3], dict) else {}
            waiting.append(props.get("children"))
        elif isinstance(node, list):
            waiting += reversed(node[:_MOST_PIECES])
    return " ".join("".join(pieces).split())
