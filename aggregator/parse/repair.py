"""A malformed or excessive document → a well-formed one within bounds, with the same entries.

A tag-by-tag walk that always moves forward: unclosed elements are closed where their parent
ends, end tags without a start are dropped, a new item closes the one before it, attributes are
quoted, references that XML does not know are replaced by their characters, and all that passes
:mod:`aggregator.parse.caps` is cut off. Its output is always well-formed except for undeclared
prefixes, which it declares.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from enum import Enum
from xml.sax.saxutils import escape, quoteattr

from aggregator.parse.caps import (
    ITEMS,
    LONG,
    MAX_ALL_ATTRIBUTES,
    MAX_ATTRIBUTE,
    MAX_CONTENT,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_NAMES,
    MAX_NAMESPACE,
    MAX_NAMESPACES,
    MAX_REBUILT,
    MAX_REFERENCES,
    MAX_REPAIRED_ITEMS,
    MAX_SHORT_TEXT,
    MAX_SIBLINGS,
    MAX_STEPS,
    MAX_TEXT,
    SHORT,
)
from aggregator.sanitize.markup import VOID_ELEMENTS, attributes

_NAMES = MAX_NAMES // 2  # one name in two namespaces is two
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}+(?::[A-Za-z_][\w.-]{0,99}+)?", re.ASCII)
_REFERENCE = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};)")
# What an XML parser without a DOCTYPE would not take as it stands.
_MENDED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(#?\w{1,31}+;)?+|]]>")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")  # not told apart from other references
_CUT_REFERENCE = re.compile(r"&[#\w]{0,31}\Z")
_EMPTY = VOID_ELEMENTS - {"link"}  # a feed's link has text in it
_END_TAG = re.compile(r"</\s{0,9}([A-Za-z_][\w.:-]{0,199}+)?+[^<>]*+>?+", re.ASCII)
_CDATA = "<![CDATA["
_CLOSERS = {"<!--": "-->", "<?": "?>", "<!": ">"}
_RESERVED = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")
# Namespaces of the prefixes that feeds use without declaring them.
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "georss": "http://www.georss.org/georss",
    "rss": "http://backend.userland.com/rss",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


def _one_reference(match: re.Match[str]) -> str:
    return html.unescape(match[0])


def unescape(text: str) -> str:
    """``text`` with its XML and HTML references replaced; anything else after ``&`` stays."""
    return _REFERENCE.sub(_one_reference, text) if "&" in text else text


def _mend_one(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&amp;"
    if match[0] == "]]>":
        return "]]&gt;"
    return escape(unescape(match[0]))


class _Element:
    """One open element: how much text it may still take, how many children of each name."""

    __slots__ = ("children", "content", "name", "room")

    def __init__(self, name: str, room: int, *, content: bool) -> None:
        self.name = name
        self.room = room
        self.content = content
        self.children: Counter[str] = Counter()


class _Builder:
    """Takes start tags, end tags and text in any order, keeps the output well-formed."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.open: list[_Element] = []
        self.used: set[str] = set()
        self.names: set[str] = set()
        self.items = 0
        self.elements = self.attributes = 0
        self.skipping: list[str] = []  # an element that is left out, with what is open inside
        self.root_at = -1
        self.steps = MAX_STEPS
        self.done = False
        self.no_more_ends = False  # of CDATA sections; looked for only once

    def start(self, name: str, attrs: dict[str, str], *, closed: bool) -> None:
        local = name.rpartition(":")[2].lower()
        if self.done:
            return
        if self.skipping:
            if not closed and len(self.skipping) < MAX_DEPTH:
                self.skipping.append(name)
            return
        content = bool(self.open) and self.open[-1].content
        if local in ITEMS:
            self._close_open_item()
            self.items += 1
            if self.items > MAX_REPAIRED_ITEMS:
                self.done = True
                return
            content = False
        if content and local in _EMPTY:
            closed = True
        if len(self.open) >= MAX_DEPTH or not self._is_wanted(name, content=content):
            if not closed and not content and len(self.open) < MAX_DEPTH:
                self.skipping.append(name)
            return
        self._write_start(name, attrs, closed=closed)
        if not closed:
            self._push(name, local, content=content)

    def _close_open_item(self) -> None:
        for index, element in enumerate(self.open):
            if element.name.rpartition(":")[2].lower() in ITEMS:
                self._close_down_to(index)
                return

    def _push(self, name: str, local: str, *, content: bool) -> None:
        if content:
            self.open.append(_Element(name, self.open[-1].room, content=True))
            return
        room = MAX_SHORT_TEXT if local in SHORT else MAX_TEXT
        is_long = local in LONG
        self.open.append(_Element(name, MAX_CONTENT if is_long else room, content=is_long))

    def _is_wanted(self, name: str, *, content: bool) -> bool:
        if not self.open:
            return self.root_at < 0  # one root
        if not self._has_room(name, content=content):
            return False
        self.elements += 1
        # The root is not counted here. What is open is closed, the rest is not read.
        self.done = self.elements >= MAX_ELEMENTS
        return not self.done

    def _has_room(self, name: str, *, content: bool) -> bool:
        parent = self.open[-1]
        if len(self.names) >= _NAMES and name not in self.names:
            return False
        self.names.add(name)
        if content:  # tags count as text
            parent.room -= len(name) + 5
            return parent.room > 0
        prefix, _, local = name.rpartition(":")
        if prefix and prefix not in self.used and len(self.used) >= MAX_NAMESPACES:
            return False
        parent.children[local] += 1
        return parent.children[local] <= MAX_SIBLINGS or local.lower() in ITEMS

    def _write_start(self, name: str, attrs: dict[str, str], *, closed: bool) -> None:
        if self.root_at < 0:
            self.root_at = len(self.out)
        prefix = name.rpartition(":")[0]
        if prefix:
            self.used.add(prefix)
        pieces = [name]
        for key, raw in attrs.items():
            if not _NAME.fullmatch(key):
                continue
            prefix, _, local = key.rpartition(":")
            self.attributes += 1
            if self.attributes > MAX_ALL_ATTRIBUTES:
                break
            value = self._value(raw[:MAX_ATTRIBUTE])
            if prefix == "xmlns" or key == "xmlns":
                if not value or local == "xml" or value in _RESERVED or len(value) > MAX_NAMESPACE:
                    continue
                if prefix and self.root_at != len(self.out) and local not in NAMESPACES:
                    continue
            elif prefix:
                self.used.add(prefix)
            pieces.append(f"{key}={quoteattr(value)}")
        self.out.append(f"<{' '.join(pieces)}{'/' if closed else ''}>")

    def _value(self, raw: str) -> str:
        self.steps -= raw.count("&")
        return unescape(raw) if self.steps > 0 else ""

    def end(self, name: str) -> None:
        if self.skipping:
            if name in self.skipping:
                del self.skipping[len(self.skipping) - 1 - self.skipping[::-1].index(name) :]
            return
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index].name == name:
                self._close_down_to(index)
                return

    def _close_down_to(self, index: int) -> None:
        room = self.open[-1].room
        while len(self.open) > index:
            element = self.open.pop()
            self.out.append(f"</{element.name}>")
        if self.open and self.open[-1].content:
            self.open[-1].room = room

    def raw(self, text: str) -> None:
        """Add character data as it was found."""
        if self.skipping or not self.open or self.done:
            return
        text = text[: self.open[-1].room]  # no more than may be kept is mended
        if text.count("&") > MAX_REFERENCES:
            text = _BARE.sub("&amp;", text).replace("]]>", "]]&gt;")
        else:
            text, mended = _MENDED.subn(_mend_one, text)
            self.steps -= mended
        self.text(text)

    def text(self, text: str) -> None:
        """Add character data whose markup is escaped already, cut to the room there is."""
        if self.skipping or not self.open or self.done:
            return
        top = self.open[-1]
        if len(text) > top.room:
            text = _CUT_REFERENCE.sub("", text[: top.room])
        top.room -= len(text)
        self.out.append(text)

    @property
    def breaks(self) -> Breaks:
        """To be asked before :meth:`finish` closes what is open."""
        if not self.open:
            return Breaks.NOWHERE
        names = {element.name.rpartition(":")[2].lower() for element in self.open}
        return Breaks.INSIDE if names & ITEMS else Breaks.BETWEEN

    def finish(self) -> str:
        if self.open:
            self._close_down_to(0)
        if self.root_at >= 0:
            self.out[self.root_at] = self._declared(self.out[self.root_at])
        return "".join(self.out)

    def _declared(self, root: str) -> str:
        missing = sorted(p for p in self.used - {"xml"} if f" xmlns:{p}=" not in root)
        extra = "".join(
            f" xmlns:{p}={quoteattr(NAMESPACES.get(p.lower(), 'urn:undeclared:' + p))}"
            for p in missing
        )
        cut = len(root) - (2 if root.endswith("/>") else 1)
        return root[:cut] + extra + root[cut:]


class Breaks(Enum):
    """Break of a document before its end, if there is one, and its place."""

    NOWHERE = "nowhere"
    BETWEEN = "between items"
    INSIDE = "inside an item"


def rebuild(document: str) -> tuple[str, Breaks]:
    """``document`` (without XML declaration and DOCTYPE) as well-formed XML; ``""`` if no tag.

    Beside it whether it broke off: at its end, or at a bound, the root was still open.
    """
    builder = _Builder()
    document = document[:MAX_REBUILT]
    at, size = 0, len(document)
    while at < size and not builder.done and builder.steps > 0:
        builder.steps -= 1
        tag = document.find("<", at)
        tag = size if tag < 0 else tag
        if tag > at:
            builder.raw(document[at:tag])
        if tag == size:
            break
        at = _markup(document, tag, builder)
    breaks = builder.breaks
    return builder.finish(), breaks


def _markup(document: str, at: int, builder: _Builder) -> int:
    """Take the markup that begins at ``at``; return where it ends."""
    if document.startswith("</", at):
        end_tag = _END_TAG.match(document, at)
        if end_tag is None:
            return at + 2
        builder.end(end_tag[1] or "")
        return end_tag.end()
    if document.startswith(_CDATA, at):
        return _character_data(document, at + len(_CDATA), builder)
    for opener, closer in _CLOSERS.items():
        if document.startswith(opener, at):
            end = document.find(closer, at + len(opener))
            return len(document) if end < 0 else end + len(closer)
    name = _NAME.match(document, at + 1)
    if name is None:
        builder.text("&lt;")
        return at + 1
    attrs, stop, closed = attributes(document, name.end())
    builder.steps -= len(attrs)
    builder.start(name[0].removeprefix("xmlns:"), attrs, closed=closed)
    return stop


def _character_data(document: str, at: int, builder: _Builder) -> int:
    """Take the CDATA section whose text begins at ``at``; one without an end ends with its element."""
    end = -1 if builder.no_more_ends else document.find("]]>", at)
    if end >= 0:
        builder.text(escape(document[at:end]))
        return end + len("]]>")
    builder.no_more_ends = True
    end = document.find(f"</{builder.open[-1].name}>", at) if builder.open else -1
    end = len(document) if end < 0 else end
    builder.text(escape(document[at:end]))
    return end
