"""A stranger's bytes → a well-formed, bounded UTF-8 document without DOCTYPE, ready for feedparser.

Everything here is a linear pass. The common case (valid UTF-8, well-formed, within bounds) costs
a decode, a search for forbidden characters and one expat scan.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from html.entities import html5

from aggregator.errors import ParseError
from aggregator.parse.caps import MAX_ALL_ATTRIBUTES, MAX_DOCUMENT, MAX_ELEMENTS
from aggregator.parse.encoding import decode
from aggregator.parse.repair import Breaks, rebuild
from aggregator.parse.scan import ItemSpan, Scan, scan
from aggregator.sanitize import xml_safe
from aggregator.text.dates import parse_date

_FEED_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
# Sure signs of a feed, even inside a page.
_FEED_INSIDE = re.compile(
    r"<(?:rss\s[^<>]{0,500}version|feed\s[^<>]{0,2000}www\.w3\.org/2005/Atom)", re.IGNORECASE
)
_ANY_TAG = re.compile(r"<[A-Za-z]")
_HTML = re.compile(r"<(?:!doctype\s{1,9}html|html|head|body)[\s>]", re.IGNORECASE)
_PROLOG = re.compile(r"\s*+(?:<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)")
# Quoted strings may hold "]" and ">"; each alternative starts with a different character.
_DOCTYPE = re.compile(
    r"""<!DOCTYPE(?:[^\[>"']|"[^"]*+"|'[^']*+')*+(?:\[(?:[^\]"'<]|"[^"]*+"|'[^']*+'|<)*+\]\s*+)?>""",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"""<!ENTITY\s{1,9}(\w{1,40})\s{1,9}(?:"([^"&<%]{0,64})"|'([^'&<%]{0,64})')""")
_TAGS = re.compile(rb"<[^<>]*+>")
_HEAD = 1 << 16
_TOO_MANY = f"more than {MAX_ELEMENTS} elements or {MAX_ALL_ATTRIBUTES} attributes"


class DocumentKind(StrEnum):
    """Format of a document, by its first characters."""

    XML = "xml"
    JSON = "json"
    HTML = "html"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Prepared:
    """``document`` is for an XML parser, empty when ``kind`` is another."""

    kind: DocumentKind
    text: str  # the whole document as text, control characters removed
    document: bytes = b""
    root: str = ""
    notes: tuple[str, ...] = ()
    breaks: Breaks = Breaks.NOWHERE
    items: tuple[ItemSpan, ...] = ()  # of ``document``


def prepare(body: bytes, *, content_type: str = "", max_entries: int = 1000) -> Prepared:
    """Decide what ``body`` is; for XML, mend and bound it.

    At most ``max_entries`` items are left, the newest ones.
    Raises :class:`~aggregator.errors.ParseError` when it is XML that cannot be mended.
    """
    notes: list[str] = []
    if len(body) > MAX_DOCUMENT:
        notes.append(f"only the first {MAX_DOCUMENT >> 20} MB of it were read")
        body = body[:MAX_DOCUMENT]
    decoded = decode(body, content_type)
    if decoded.note:
        notes.append(decoded.note)
    text = xml_safe(decoded.text.replace("\0", ""))
    if len(text) != len(decoded.text):
        notes.append("control characters removed")
    text = text.lstrip("\ufeff \t\r\n")
    kind = _kind(text)
    if kind is not DocumentKind.XML:
        return Prepared(kind, text, notes=tuple(notes))
    return _prepared_xml(text, decoded.text.count("\n"), max_entries, notes)


def _prepared_xml(text: str, lines: int, max_entries: int, notes: list[str]) -> Prepared:
    """``text``, cut from a document of so many ``lines``, well-formed and within bounds."""
    xml = _without_prolog(text, notes)
    skipped_lines = lines - xml.count("\n")
    document = xml.encode("utf-8")
    seen, breaks = scan(document), Breaks.NOWHERE
    in_order = seen.stopped and bool(seen.end_tags) and len(seen.items) > max_entries
    mended = bool(seen.error or (seen.stopped and not in_order))
    if seen.error:
        where = f"line {seen.error_line + skipped_lines}"
        notes.append(f"malformed XML mended ({where}: {seen.error})")
        document, seen, breaks = _rebuilt(xml)
    elif in_order:
        notes.append(f"cut to bounds: {seen.excess}")
        document, breaks = document[: seen.items[-1].end] + seen.end_tags, Breaks.BETWEEN
    elif seen.stopped:
        notes.append(f"cut to bounds: {seen.excess}")
        document, seen, breaks = _rebuilt(xml)
    kept = _newest(document, seen, max_entries)
    if len(kept) < len(seen.items):
        why = f": {_TOO_MANY}" if len(kept) < max_entries else ""
        notes.append(f"the newest {len(kept)} of {len(seen.items)} entries were taken{why}")
        if breaks is Breaks.INSIDE and len(seen.items) - 1 not in kept:
            breaks = Breaks.BETWEEN
        document = _with_items(document, seen.items, kept)
        seen = scan(document)
    if seen.excess and not mended:  # what was mended is within bounds
        notes.append(f"cut to bounds: {seen.excess}")
        document, seen, breaks = _rebuilt(document.decode("utf-8"))
    if breaks is not Breaks.NOWHERE:
        notes.append(f"the document breaks off {breaks.value}")
    return Prepared(
        DocumentKind.XML, text, document, seen.root, tuple(notes), breaks, tuple(seen.items)
    )


def _kind(text: str) -> DocumentKind:
    if text.startswith(("{", "[")):
        return DocumentKind.JSON
    at = _after_prolog(text)
    if _FEED_ROOT.match(text, at):  # whatever its DOCTYPE says
        return DocumentKind.XML
    root = _FEED_ROOT.search(text, at, at + _HEAD)
    html = _HTML.search(text, 0, at + _HEAD)
    if root is not None and (html is None or root.start() < html.start()):
        return DocumentKind.XML
    if _FEED_INSIDE.search(text, at, at + 4096):
        return DocumentKind.XML
    if html is not None:
        return DocumentKind.HTML
    tagged = text.startswith("<") and _ANY_TAG.search(text, at, at + _HEAD)
    return DocumentKind.XML if tagged else DocumentKind.OTHER


def _after_prolog(text: str) -> int:
    """Where ``text`` goes on after comments, instructions and a DOCTYPE, however long they are."""
    at = 0
    while (match := _PROLOG.match(text, at) or _DOCTYPE.match(text, at)) is not None:
        at = match.end()
        while text[at : at + 1].isspace():
            at += 1
    return at


def _without_prolog(text: str, notes: list[str]) -> str:
    """``text`` from its root element on; entities that its DOCTYPE defines are put in."""
    at = 0
    while (match := _PROLOG.match(text, at)) is not None:
        at = match.end()
    root = _FEED_ROOT.search(text, at) or _ANY_TAG.search(text, at)
    if root is None:
        raise ParseError("the document has no element")
    start = root.start()
    between = text[at:start].strip()
    if not between:
        return text[start:]
    doctype = _DOCTYPE.match(between)
    if doctype is None:
        notes.append("junk before the document was skipped")
        return text[start:]
    return _with_entities(text[start:], doctype[0])


def _with_entities(xml: str, doctype: str) -> str:
    """Put the short plain entities of ``doctype`` in; others stay undefined, so no bomb goes off."""
    if len(xml) > 1 << 20:
        return xml
    defined = {m[1]: m[2] or m[3] or "" for m in _ENTITY.finditer(doctype[:_HEAD])}
    own = {name: value for name, value in defined.items() if f"{name};" not in html5}
    if not own:
        return xml
    names = "|".join(sorted(map(re.escape, list(own)[:100]), key=len, reverse=True))
    return re.sub(f"&({names});", lambda match: own[match[1]], xml)


def _rebuilt(xml: str) -> tuple[bytes, Scan, Breaks]:
    mended, breaks = rebuild(xml)
    document = mended.encode("utf-8")
    seen = scan(document)
    if seen.error:
        raise ParseError(f"malformed XML: {seen.error}")
    return document, seen, breaks


def _newest(document: bytes, seen: Scan, count: int) -> Collection[int]:
    """Which items to keep: the ``count`` newest ones, the first ones where all are undated.

    Fewer where these have more elements, or attributes, than are read of a document.
    """
    items, places = seen.items, range(len(seen.items))
    fits = seen.elements <= MAX_ELEMENTS and seen.attributes <= MAX_ALL_ATTRIBUTES
    if len(items) <= count and fits:
        return places
    dated = [(_date(document, item), -index) for index, item in enumerate(items)]
    if any(when for when, _ in dated):
        order = [-index for _, index in sorted(dated, reverse=True)[:count]]
    else:
        order = list(places[:count])
    elements = MAX_ELEMENTS - seen.elements + sum(item.elements for item in items)
    attributes = MAX_ALL_ATTRIBUTES - seen.attributes + sum(item.attributes for item in items)
    for kept, index in enumerate(order):
        elements -= items[index].elements
        attributes -= items[index].attributes
        if elements < 0 or attributes < 0:  # one that has too many by itself is cut later
            return frozenset(order[: max(kept, 1)])
    return frozenset(order)


def _with_items(document: bytes, items: list[ItemSpan], kept: Collection[int]) -> bytes:
    """``document`` without the items that are not ``kept``."""
    pieces: list[bytes] = []
    at = 0
    for index, item in enumerate(items):
        if index in kept:
            continue
        pieces.append(document[at : item.start])
        at = item.end
    pieces.append(document[at:])
    return b"".join(pieces)


def _date(document: bytes, item: ItemSpan) -> float:
    """The latest date an item states as a timestamp, 0 if none."""
    found = 0.0
    for start, end in item.dates:
        text = _TAGS.sub(b"", document[start:end]).decode("utf-8", "replace").strip()
        when = parse_date(text)
        if when is not None:
            found = max(found, when.timestamp())
    return found
