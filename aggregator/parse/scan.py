"""One linear expat pass over a document: is it well-formed, is it within bounds, where are its items?

feedparser's cost is in what it does per element; this pass (0.5 % of it) decides what it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NoReturn
from xml.parsers import expat

from aggregator.parse.caps import (
    DATES,
    ITEMS,
    LONG,
    MAX_ALL_ATTRIBUTES,
    MAX_ATTRIBUTES,
    MAX_CONTENT,
    MAX_DATES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_NAMES,
    MAX_NAMESPACE,
    MAX_NAMESPACES,
    MAX_SCANNED,
    MAX_SHORT_TEXT,
    MAX_SIBLINGS,
    MAX_TEXT,
    SHORT,
)
from aggregator.parse.nodes import SEPARATOR

_MAX_NAMED = 40  # characters of an element's name that a note tells


@dataclass(slots=True)
class ItemSpan:
    """Places of one item's bytes and of its dates' texts.

    ``around`` is a digest of the elements that it stands in: names, attributes and namespaces.
    ``elements`` is how many it has, with itself, ``attributes`` how many these have.
    """

    start: int
    around: str
    elements: int
    attributes: int
    end: int = 0
    dates: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Scan:
    """Result of the pass. ``error`` is expat's words, ``""`` for a well-formed document."""

    root: str = ""  # local name, lower-case
    error: str = ""
    error_line: int = 0
    excess: str = ""  # which bound was passed first, "" if none
    stopped: bool = False  # at a bound beyond which the pass itself would cost too much
    elements: int = 0
    attributes: int = 0
    items: list[ItemSpan] = field(default_factory=list)
    # The end tags that a document wants which ends with its last item, where the pass stopped for
    # nothing but the number of elements.
    end_tags: bytes = b""


class _Name:
    """What an element's name, as expat gives it, means here."""

    __slots__ = ("is_date", "is_item", "is_long", "local", "room")

    def __init__(self, expat_name: str) -> None:
        self.local = local = expat_name.rpartition(SEPARATOR)[2].lower()
        self.is_item = local in ITEMS
        self.is_long = local in LONG
        self.is_date = local in DATES
        self.room = _in_bytes(MAX_SHORT_TEXT if local in SHORT else MAX_TEXT)


# An open element: its name, where it begins, its name and attributes as expat gives them, the
# namespaces that it declares.
_Element = tuple[_Name, int, str, list[str], list[tuple[str | None, str | None]]]


_NONE: list[tuple[str | None, str | None]] = []
_FAR = 10  # a document this many times too deep, or too broad, is not looked at further
_END_TAGS = (b"</item>", b"</entry>")  # nearly all that there are
_TAG_NAME = re.compile(rb"<([^\s/>]+)")


def _in_bytes(characters: int) -> int:
    """The bytes that so many characters may take in UTF-8, with their element's start tag."""
    return 4 * characters + 1024


def _past_tag(document: bytes, start: int, at: int) -> int:
    """Where the element that begins at ``start`` ends, when expat says that it does so at ``at``.

    That is where its end tag begins, but for an empty-element tag where that ends.
    """
    for tag in _END_TAGS:
        if document.startswith(tag, at):
            return at + len(tag) if document.startswith(b"<" + tag[2:-1], start) else at
    name = _TAG_NAME.match(document, start)
    if name is None or not document.startswith(b"</" + name[1], at):
        return at
    end = document.find(b">", at) + 1
    return end if document[at + 2 + len(name[1]) : end].strip() == b">" else at


class _Stop(Exception):
    """Enough was seen."""


class _Scanner:
    """Handlers of one pass; offsets are of the bytes given to expat."""

    def __init__(self) -> None:
        self.scan = Scan()
        self._document = b""
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartNamespaceDeclHandler = self._namespace
        self._open: list[_Element] = []
        self._names: dict[str, _Name] = {}
        self._declared: list[tuple[str | None, str | None]] = []  # by the element to come
        self._digests: list[
            str
        ] = []  # digests of the first open elements, each with those around it
        self._children: list[int] = []
        self._prefixes: set[str | None] = set()
        self._elements = self._attributes = 0
        self._item_depth = 0  # depth of the open item, 0 outside
        self._content_depth = 0  # depth of the outermost open content element, 0 outside

    def run(self, document: bytes) -> Scan:
        self._document = document
        try:
            self.parser.Parse(document, True)
        except expat.ExpatError as error:
            self.scan.error = expat.ErrorString(error.code) or "not well-formed"
            self.scan.error_line = error.lineno
        except _Stop:
            self.scan.stopped = True
        self.scan.elements, self.scan.attributes = self._elements, self._attributes
        return self.scan

    def _exceeds(self, what: str) -> None:
        self.scan.excess = self.scan.excess or what

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if uri is not None and len(uri) > MAX_NAMESPACE:
            self._exceeds(f"a namespace of more than {MAX_NAMESPACE} characters")
            raise _Stop
        self._declared.append((prefix, uri))
        self._prefixes.add(prefix)
        if len(self._prefixes) > MAX_NAMESPACES:
            self._exceeds(f"more than {MAX_NAMESPACES} namespaces")

    def _start(self, name: str, attributes: list[str]) -> None:
        named = self._names.get(name) or self._named(name)
        at = self.parser.CurrentByteIndex
        opened = self._open
        depth = len(opened) + 1
        self._elements += 1
        if attributes or self._elements > MAX_ELEMENTS or depth > MAX_DEPTH:
            self._check_bounds(depth, len(attributes) // 2)
        opened.append((named, at, name, attributes, self._declared or _NONE))
        if self._declared:
            self._declared = []
        self._children.append(0)
        if self._content_depth:
            return
        if depth == 1:
            self.scan.root = named.local
        if named.is_item and not self._item_depth:
            self._item_depth = depth
            if depth > 1:
                self._children[-2] = self._children[-2] or 1
            before = (1 - self._elements, len(attributes) // 2 - self._attributes)
            self.scan.items.append(ItemSpan(at, self._surroundings(), *before))
        elif depth > 1:
            self._add_child(named, depth)

    def _add_child(self, named: _Name, depth: int) -> None:
        children = self._children
        children[-2] += 1
        if children[-2] > MAX_SIBLINGS:
            self._exceeds(f"more than {MAX_SIBLINGS} elements in one")
            if children[-2] > _FAR * MAX_SIBLINGS:
                raise _Stop
        if named.is_long:
            self._content_depth = depth

    def _named(self, name: str) -> _Name:
        if len(self._names) >= MAX_NAMES:
            self._stop(f"more than {MAX_NAMES} names of elements")
        return self._names.setdefault(name, _Name(name))

    def _stop(self, what: str) -> NoReturn:
        self._exceeds(what)
        raise _Stop

    def _surroundings(self) -> str:
        """The digest of what the open elements but the last one say."""
        for element in self._open[len(self._digests) : -1]:
            around = self._digests[-1] if self._digests else ""
            element_bytes = repr((around, element[2:])).encode("utf-8", "replace")
            self._digests.append(blake2b(element_bytes, digest_size=16).hexdigest())
        return self._digests[-1] if self._digests else ""

    def _check_bounds(self, depth: int, attributes: int) -> None:
        if self._elements > MAX_ELEMENTS:
            if not self.scan.excess:  # from here on for each element
                self._exceeds(f"more than {MAX_ELEMENTS} elements")
            if self._elements > MAX_SCANNED:
                self._end_with_last_item()
                raise _Stop
        if depth > MAX_DEPTH:
            self._exceeds(f"nested deeper than {MAX_DEPTH}")
            if depth > _FAR * MAX_DEPTH:
                raise _Stop
        self._attributes += attributes
        if attributes > MAX_ATTRIBUTES:
            self._exceeds(f"more than {MAX_ATTRIBUTES} attributes")
        if self._attributes > MAX_ALL_ATTRIBUTES:
            self._exceeds(f"more than {MAX_ALL_ATTRIBUTES} attributes in all")
            if self._attributes > 2 * MAX_SCANNED:
                raise _Stop

    def _end_with_last_item(self) -> None:
        """Only whole items are left, and what they stand in is to be closed."""
        around = self._open
        if self._item_depth:
            around = around[: self._item_depth - 1]
            self.scan.items.pop()
        names = (_TAG_NAME.match(self._document, start) for _, start, *_ in around)
        self.scan.end_tags = b"".join(
            b"</" + name[1] + b">" for name in reversed(list(names)) if name is not None
        )

    def _end(self, _name: str) -> None:
        depth = len(self._open)
        named, start, *_ = self._open.pop()
        if len(self._digests) >= depth:
            del self._digests[depth - 1 :]
        children = self._children.pop()
        at = self.parser.CurrentByteIndex
        if self._content_depth:
            if depth == self._content_depth:
                self._content_depth = 0
                if at - start > _in_bytes(MAX_CONTENT):
                    self._exceeds("a text over 1 MB")
            return
        if depth == self._item_depth:
            self._item_depth = 0
            item = self.scan.items[-1]
            item.end = _past_tag(self._document, start, at)
            item.elements += self._elements
            item.attributes += self._attributes
        elif named.is_date and self._item_depth:
            item = self.scan.items[-1]
            if len(item.dates) < MAX_DATES:
                item.dates += ((start, at),)
        if not children and at - start > named.room:
            self._exceeds(f"an oversized {named.local[:_MAX_NAMED]}")


def scan(document: bytes) -> Scan:
    """Look at a UTF-8 ``document`` without a DOCTYPE; never raises."""
    return _Scanner().run(document)
