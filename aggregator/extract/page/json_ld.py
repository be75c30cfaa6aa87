"""schema.org's JSON-LD of a page: its nodes as they are meant, however they are written.

Scripts name their type in several ways, wrap their JSON in comments, hold several documents, line breaks
within strings or a comma too many. Persons and organisations often stand in nodes of their own, which the
article names by ``@id``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.html import HtmlElement

_ARTICLE_TYPE = re.compile(
    r"(?:Article|BlogPosting|Posting|Report|Review|Recipe|HowTo|BlogPost|News|Column)$",
    re.IGNORECASE,
)
_MAX_JSON = 500_000  # characters of one script
_MAX_NODES = 5_000  # that are looked at
_MAX_DOCUMENTS = 20  # of one script
_MOST = 20  # values of one property
_OPENED = re.compile(r"\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)")
_CLOSED = re.compile(r"(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?)\Z")
_CLOSER = 100  # characters that a closer takes: it is looked for there alone
_EXTRA_COMMA = re.compile(r",(\s*[}\]])")
_DECODER = json.JSONDecoder(strict=False)  # line breaks within strings are a common fault
_OF_MANY = re.compile(r"(?:Organization|WebSite|Corporation|Brand)$")
_PROPERTIES = {
    name.lower(): name
    for name in (
        "headline", "author", "creator", "publisher", "datePublished", "dateModified", "dateCreated", "articleBody", "description", "image", "inLanguage",
    )
}  # fmt: skip
_INNER = ("@graph", "mainEntity", "mainEntityOfPage", "@list", "itemListElement")

Node = dict[str, Any]


def schema_nodes(tree: HtmlElement) -> Iterator[Node]:
    """The nodes of the page's JSON-LD, in document order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        if len(text) <= _MAX_JSON:
            for document in _documents(text):
                yield from _nodes(document)


def _documents(text: str) -> Iterator[Any]:
    """The JSON documents in ``text``, one after the other, up to the first that is none."""
    if opened := _OPENED.match(text):
        text = text[opened.end() :]
    text = text.strip()
    text = text[:-_CLOSER] + _CLOSED.sub("", text[-_CLOSER:])
    at = 0
    for _ in range(_MAX_DOCUMENTS):
        while at < len(text) and (text[at].isspace() or text[at] in ";,"):
            at += 1
        if at >= len(text):
            return
        try:
            document, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            mended = _EXTRA_COMMA.sub(r"\1", text[at:])
            if mended == text[at:]:
                return
            text, at = mended, 0
            continue
        yield document


def _nodes(document: Any) -> Iterator[Node]:
    waiting, seen = [document], 0
    while waiting and seen < _MAX_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting += node[:_MAX_NODES]
        elif isinstance(node, dict):
            node = _as_spelled(node)
            yield node
            waiting += [node[key] for key in _INNER if key in node]


def _as_spelled(node: Node) -> Node:
    """``node`` with schema.org's properties under their names, where it writes “DatePublished” or “schema:headline”."""
    given = {
        name: value
        for key, value in node.items()
        if (name := _PROPERTIES.get(key.rpartition("/")[2].rpartition(":")[2].lower())) is not None
        and name not in node
    }
    return {**node, **given} if given else node


def is_article(node: Node) -> bool:
    """True for a node of JSON-LD of one of schema.org's types of articles."""
    return any(_ARTICLE_TYPE.search(kind) for kind in strings(node.get("@type")))


class MergedArticle:
    """The page's articles in JSON-LD as one: the first that states a property is believed."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = tuple(nodes)

    def get(self, name: str, default: object = None) -> object:
        """Value that the first node states, or the next that is of the same article."""
        for node in self._nodes:
            if node.get(name) and self._is_of_first(node):
                return node[name]
            if name in node and node is self._nodes[0]:
                default = node[name]
        return default

    def _is_of_first(self, node: Node) -> bool:
        first = self._nodes[0]
        if node is first:
            return True
        return "headline" in node and node.get("headline") == first.get("headline")


def by_id(nodes: Iterable[Node]) -> dict[str, Node]:
    """The nodes that say something, by their ``@id``."""
    return {
        node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1
    }


def values(value: Any) -> list[Any]:
    """``value`` as a list, not too long."""
    if isinstance(value, dict) and isinstance(value.get("@list"), list):
        value = value["@list"]
    return value[:_MOST] if isinstance(value, list) else [value]


def strings(value: Any) -> list[str]:
    """The strings that ``value`` is or holds; of language-tagged values the text."""
    given = [v.get("@value") if isinstance(v, dict) else v for v in values(value)]
    return [v for v in given if isinstance(v, str)]


def names(value: Any, known: dict[str, Node]) -> list[str]:
    """The names of the persons or organisations that ``value`` is or refers to, in ``known`` by ``@id``."""
    found: list[str] = []
    for one in values(value):
        if not isinstance(one, dict):
            found += strings(one)
            continue
        said = strings(one.get("name"))
        if not said and isinstance(one.get("@id"), str):
            said = strings(known.get(one["@id"], one).get("name"))
        parts = (*strings(one.get("givenName"))[:1], *strings(one.get("familyName"))[:1])
        found += said or ([" ".join(parts)] if parts else [])
    return found


def organisations(nodes: Iterable[Node]) -> list[str]:
    """The names of all that ``nodes``, or the authors and publishers in them, call an organisation or a site."""
    found: list[str] = []
    for node in nodes:
        for one in (node, *values(node.get("author")), *values(node.get("publisher"))):
            if isinstance(one, dict) and any(map(_OF_MANY.search, strings(one.get("@type")))):
                found += strings(one.get("name"))
    return found[:_MOST]


def stated(value: Any) -> list[str]:
    """The strings that ``value`` is or holds, and its numbers as such: seconds since 1970."""
    return strings([str(v) if type(v) in {int, float} else v for v in values(value)])


def addresses(value: Any, known: dict[str, Node]) -> list[str]:
    """The addresses of the images that ``value`` is or refers to."""
    found: list[str] = []
    for one in values(value):
        if not isinstance(one, dict):
            found += strings(one)
            continue
        said = one
        if "url" not in one and "contentUrl" not in one and isinstance(one.get("@id"), str):
            said = known.get(one["@id"], one)
        found += strings(said.get("url")) or strings(said.get("contentUrl"))
    return found
