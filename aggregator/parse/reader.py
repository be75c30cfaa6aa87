"""feedparser's reading of a well-formed document, driven element by element.

feedparser (6.0, strict parser) is the reference for what a feed's elements mean. It is driven here
instead of through ``feedparser.parse``, because that function opens files named by a body, falls
back to a parser whose cost strangers decide, and makes relative ids absolute, so that every id
changes when a feed's address does. What is overridden, and why, is in the class below.
"""

from __future__ import annotations

import xml.sax
from dataclasses import dataclass
from typing import Any, ClassVar
from xml.sax import handler, xmlreader

from feedparser.api import StrictFeedParser

Node = dict[str, Any]
_MAX_FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class Document:
    """feedparser's dictionaries. ``faults`` counts elements whose handling failed inside it."""

    version: str
    feed: Node
    entries: list[Node]
    skip_hours: tuple[str, ...]
    skip_days: tuple[str, ...]
    faults: int


class _Reader(StrictFeedParser):  # type: ignore[misc]
    """feedparser's strict handler with six differences.

    Ids stay as written; so do relative links that no ``xml:base`` resolves, because an RSS feed's
    relative links mean its site, which may be named after them; texts that describe media do not become the entry's own; hours and days to
    skip are all kept, not only the last; HTML is left to :mod:`aggregator.sanitize`; an element
    that makes a handler fail costs only itself.
    """

    can_be_relative_uri: ClassVar[set[str]] = StrictFeedParser.can_be_relative_uri - {"id"}
    resolve_relative_uris = False
    sanitize_html = False

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, None, "utf-8")
        self.document_base = base_url
        self.faults = 0
        self.skip_hours: list[str] = []
        self.skip_days: list[str] = []

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802 - SAX's name
        try:
            super().startElementNS(name, qname, attrs)
        except Exception:  # noqa: BLE001 - a library's handler on a stranger's element
            self._fault()

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802 - SAX's name
        try:
            super().endElementNS(name, qname)
        except Exception:  # noqa: BLE001 - a library's handler on a stranger's element
            self._fault()

    def _fault(self) -> None:
        self.faults += 1
        if self.faults > _MAX_FAULTS:
            raise xml.sax.SAXException("too many faults")

    def resolve_uri(self, uri: str) -> str:
        if self.baseuri == self.document_base:
            return uri
        return str(super().resolve_uri(uri))

    def _start_own(self, key: str) -> None:
        self.push(key, 1)

    def _end_own(self, key: str) -> None:
        value = self.pop(key)
        if value and self.inentry:
            self.entries[-1].setdefault(key, value)

    def _start_media_description(self, _attrs: Any) -> None:
        self._start_own("media_description")

    def _end_media_description(self) -> None:
        self._end_own("media_description")

    def _start_itunes_summary(self, _attrs: Any) -> None:
        self._start_own("itunes_summary" if self.inentry else "itunes_about")

    def _end_itunes_summary(self) -> None:
        self._end_own("itunes_summary" if self.inentry else "itunes_about")

    def _end_hour(self) -> None:
        self._collect(self.pop("hour"), self.skip_hours)

    def _end_day(self) -> None:
        self._collect(self.pop("day"), self.skip_days)

    def _collect(self, value: str | None, into: list[str]) -> None:
        if value and not self.inentry and len(into) < 24:
            into.append(value.strip())


def read(document: bytes, base_url: str) -> Document:
    """Understand a well-formed, bounded UTF-8 ``document``; ``base_url`` resolves its links.

    Raises ``xml.sax.SAXException`` when feedparser cannot take it.
    """
    reader = _Reader(base_url)
    # No DOCTYPE is left in the document, so there is no entity to expand or fetch.
    parser = xml.sax.make_parser()  # noqa: S317
    parser.setFeature(handler.feature_namespaces, True)
    parser.setFeature(handler.feature_external_ges, False)
    parser.setContentHandler(reader)
    parser.setErrorHandler(reader)
    if not isinstance(parser, xmlreader.IncrementalParser):
        raise xml.sax.SAXException("no incremental XML parser")
    parser.feed(document)
    parser.close()
    return Document(
        version=reader.version,
        feed=reader.feeddata,
        entries=reader.entries,
        skip_hours=tuple(reader.skip_hours),
        skip_days=tuple(reader.skip_days),
        faults=reader.faults,
    )
