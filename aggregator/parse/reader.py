"""feedparser's reading of a well-formed document, driven element by element.

feedparser (6.0, strict parser) is the reference for what a feed's elements mean. It is driven here
instead of through ``feedparser.parse``, because that function opens files named by a body, falls
back to a parser whose cost strangers decide, and makes relative ids absolute, so that every id
changes when a feed's address does. What is overridden, and why, is in the class below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar
from xml.parsers import expat
from xml.sax.saxutils import escape as escaped
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import StrictFeedParser

from aggregator.errors import ParseError
from aggregator.parse.limits import MAX_LIST

Node = dict[str, Any]
_MAX_FAULTS = 1_000
# Linear: a mailbox is only looked for where a word begins.
_MAILBOX = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]++(?:\?subject=\S++)?")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|<\s*>|&lt;\s*&gt;")


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
    """feedparser's strict handler with these differences.

    Ids stay as written; so do relative links that no ``xml:base`` resolves, because an RSS feed's
    relative links mean its site, which may be named after them. Texts that describe media do not
    become the entry's own. Hours and days to skip are all kept, not only the last. HTML is left to
    :mod:`aggregator.sanitize`. An element that makes a handler fail costs only itself. Tags and
    authors are taken in linear time.
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
            raise ParseError("too many elements that cannot be read")

    def resolve_uri(self, uri: str) -> str:
        if self.baseuri == self.document_base:
            return uri
        return str(super().resolve_uri(uri))

    def handle_data(self, text: str, escape: int = 1) -> None:
        """Called for each run of text; the inherited one looks its context up three times."""
        if self.elementstack:
            xhtml = escape and dict.get(self.contentparams, "type") == "application/xhtml+xml"
            self.elementstack[-1][2].append(escaped(text) if xhtml else text)

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault("tags", [])
        if (term or scheme or label) and len(tags) < 2 * MAX_LIST:
            tags.append({"term": term, "scheme": scheme, "label": label})

    def _sync_author_detail(self, key: str = "author") -> None:
        """Split "mail (name)" and its variants, where feedparser searches in quadratic time."""
        context = self._get_context()
        people = context.setdefault(f"{key}s", [{}])
        author = dict.get(context, key)
        if people[-1] or not isinstance(author, str):
            return
        mailbox = _MAILBOX.search(author)
        if mailbox is not None:
            people[-1]["email"] = mailbox[0]
            author = _EMPTY_BRACKETS.sub("", author.replace(mailbox[0], "")).strip()
            author = author.removeprefix("(").removesuffix(")").strip()
        people[-1]["name"] = author

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


class _Driver:
    """expat's events as the SAX events that feedparser expects (as ``xml.sax.expatreader`` does).

    Unlike there, runs of text arrive whole: in one piece instead of one per line and reference.
    """

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 16
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = reader.handle_data
        self.parser.StartNamespaceDeclHandler = reader.startPrefixMapping

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        values: dict[tuple[str | None, str], str] = {}
        qnames: dict[tuple[str | None, str], str] = {}
        for key, value in attributes.items():
            pair, qname = _split(key)
            values[pair] = value
            qnames[pair] = qname
        self.reader.startElementNS(_split(name)[0], None, AttributesNSImpl(values, qnames))

    def _end(self, name: str) -> None:
        self.reader.endElementNS(_split(name)[0], None)


def _split(name: str) -> tuple[tuple[str | None, str], str]:
    """expat's "namespace local prefix" as (namespace, local) and the qualified name."""
    parts = name.split(" ")
    if len(parts) == 1:
        return (None, name), name
    if len(parts) == 3:
        return (parts[0], parts[1]), f"{parts[2]}:{parts[1]}"
    return (parts[0], parts[1]), parts[1]


def read(document: bytes, base_url: str) -> Document:
    """Understand a well-formed, bounded UTF-8 ``document``; ``base_url`` resolves its links.

    The document has no DOCTYPE, so there is no entity to expand or fetch.
    Raises :class:`~aggregator.errors.ParseError` when it cannot be read.
    """
    reader = _Reader(base_url)
    driver = _Driver(reader)
    try:
        driver.parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ParseError(f"malformed XML: {expat.ErrorString(error.code)}") from error
    return Document(
        version=reader.version,
        feed=reader.feeddata,
        entries=reader.entries,
        skip_hours=tuple(reader.skip_hours),
        skip_days=tuple(reader.skip_days),
        faults=reader.faults,
    )
