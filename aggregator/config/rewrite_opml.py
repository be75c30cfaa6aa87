"""An OPML file with a feed less or changed: bytes in, bytes out, everything else left byte for byte.

expat tells at which byte each element starts; the element is cut out or changed there, so that comments,
quotes, indentation and encoding stay as the operator's other programs wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from aggregator.config.opml import parse_document
from aggregator.config.opml_feed import NoFeedError, reader_address
from aggregator.config.opml_settings import OPML_SETTINGS, PREFIX, as_attributes
from aggregator.config.values import feed_address
from aggregator.errors import ConfigError, ConfigFault
from aggregator.publish.xmltree import AGGREGATOR

__all__ = ["OPML_SETTINGS", "change_in_opml", "remove_from_opml"]

_PREFIX = PREFIX.encode()
_START_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_DECLARATION = re.compile(rb"\s+xmlns:%b\s*=\s*(?:\"[^\"]*\"|'[^']*')" % _PREFIX)
_INDENT = re.compile(rb"\r?\n?[ \t]*\Z")


def remove_from_opml(data: bytes, name: str, key: str) -> bytes:
    """The OPML document ``data``, called ``name``, without the feeds whose normalised URL is ``key``.

    Raises ``ConfigError`` when it cannot be read.
    """
    kept = data
    for first, last in reversed(_found(data, name, key)):
        before, after = kept[:first], kept[last:]
        if b"\x00" not in data:  # in UTF-16 a byte is no character
            before = _INDENT.sub(b"", before)
        kept = before + after
    return kept


def change_in_opml(data: bytes, name: str, key: str, settings: Mapping[str, object]) -> bytes:
    """The OPML document ``data``, called ``name``, with ``settings`` of the feeds whose normalised URL is ``key``.

    ``settings`` are some of :data:`OPML_SETTINGS`; None takes one out. Raises ``ConfigError`` when the
    document cannot be read or changed.
    """
    spans = _found(data, name, key)
    if b"\x00" in data:
        raise ConfigError([ConfigFault(name, "cannot be edited (UTF-16); save it as UTF-8")])
    changed = data
    for first, _ in reversed(spans):
        tag = _START_TAG.match(changed, first)
        if tag is not None:
            changed = changed[:first] + _with_settings(tag[0], settings) + changed[tag.end() :]
    return changed


def _with_settings(tag: bytes, settings: Mapping[str, object]) -> bytes:
    """The start tag ``tag`` with attributes of our namespace for ``settings``."""
    for name, value in as_attributes(settings).items():
        tag = re.sub(rb"\s+%b:%b\s*=\s*(?:\"[^\"]*\"|'[^']*')" % (_PREFIX, name.encode()), b"", tag)
        if value is not None:
            tag = _with_attribute(tag, f"{PREFIX}:{name}={quoteattr(value)}".encode("ascii"))
    tag = _DECLARATION.sub(b"", tag)
    if b" %b:" % _PREFIX in tag:
        tag = _with_attribute(tag, b'xmlns:%b="%b"' % (_PREFIX, AGGREGATOR.encode()))
    return tag


def _with_attribute(tag: bytes, attribute: bytes) -> bytes:
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + b" " + attribute + tag[end:]


def _found(data: bytes, name: str, key: str) -> list[tuple[int, int]]:
    """Where in ``data`` the outlines with the URL ``key`` stand, in order; raises ``ConfigError``."""
    parse_document(data, name)  # libxml2's limits first: it is the stricter of the two parsers
    start = len(data) - len(data.lstrip())
    finder = _Finder(key)
    try:
        finder.parser.Parse(data[start:], True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        message = f"cannot be edited ({error}); export it again, as well-formed XML in UTF-8"
        raise ConfigError([ConfigFault(name, message)]) from None
    return [(first + start, last + start) for first, last in finder.spans]


class _Finder:
    """Collects the byte spans of the outlines with the URL ``key``, outermost ones only."""

    def __init__(self, key: str) -> None:
        self.spans: list[tuple[int, int]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        # Text, comments and all else: whatever follows an element tells where it ended.
        self.parser.DefaultHandler = lambda _: self._close()
        self._key = key
        self._depth = 0
        self._first = -1  # where the outline to remove starts, while in it
        self._first_depth = 0
        self._ended = False

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._close()
        self._depth += 1
        if self._first < 0 and _local(name) == "outline" and self._is_wanted(attributes):
            self._first, self._first_depth = self.parser.CurrentByteIndex, self._depth

    def _end(self, _: str) -> None:
        self._close()
        if self._first >= 0 and self._depth == self._first_depth:
            self._ended = True
        self._depth -= 1

    def _close(self) -> None:
        if self._ended:
            self.spans.append((self._first, self.parser.CurrentByteIndex))
            self._first, self._ended = -1, False

    def _is_wanted(self, attributes: Mapping[str, str]) -> bool:
        urls = [value for name, value in attributes.items() if _local(name) == "xmlurl"]
        try:
            return bool(urls) and feed_address(reader_address(urls[0])) == self._key
        except NoFeedError:
            return False


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
