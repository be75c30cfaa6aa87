"""Elements of feeds, read as feedparser's strict handler reads them.

feedparser (6.0) is the reference. Its handlers are called one by one; what stands around them (the
names of elements and attributes, the stacks, where a text is kept) is done here anew, in a third
of the time and so that nothing of one item reaches the next: what an item means depends on its
own bytes and on the elements that it stands in, on nothing else.
"""

from __future__ import annotations

from typing import ClassVar
from xml.sax.saxutils import escape as escaped

from feedparser import FeedParserDict
from feedparser.api import StrictFeedParser

from aggregator.errors import ParseError
from aggregator.parse.caps import MAX_URL
from aggregator.parse.links import inner_base
from aggregator.parse.nodes import Context, Name, attributes_of, from_base64, mended, without_div

_MAX_FAULTS = 1_000
_XHTML = "application/xhtml+xml"
_OWN_NAMESPACE = {
    "math": "http://www.w3.org/1998/Math/MathML",
    "svg": "http://www.w3.org/2000/svg",
}
# Namespaces that feedparser knows by the prefix alone.
_PREFIXES = {
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}
# Names by which extensions call an entry's whole text: Yandex's two, and what sites made up.
_FULL_TEXTS = frozenset({"full-text", "fulltext", "full_text", "articlebody", "content"})
_IMAGE_PARTS = frozenset({"title", "link", "description", "url", "href", "width", "height"})
_KEPT_BY_HANDLERS = frozenset({"category", "tags", "itunes_keywords"})
_DOCUMENT_ELEMENTS = frozenset({"feed", "rss", "rdf:rdf", "channel"})
_FEED = frozenset({"rss", "feed", "channel"})
_INPUT_PARTS = frozenset({"title", "link", "description", "name"})


class Elements(StrictFeedParser):  # type: ignore[misc]
    """feedparser's strict handler with these differences.

    Ids stay as written; so do relative links that no ``xml:base`` resolves, because an RSS feed's
    relative links mean its site, which may be named after them. HTML is left to
    :mod:`aggregator.sanitize`. Elements inside XHTML are text, whatever their names. ``xml:base``
    ends with its element. An element that makes a handler fail costs only itself.
    """

    svgOK: int  # noqa: N815 - feedparser's name
    inentry: int
    version: str
    can_be_relative_uri: ClassVar[set[str]] = StrictFeedParser.can_be_relative_uri - {"id"}

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, None, "utf-8")
        self.document_base = base_url
        self.feeddata = Context()
        self.contentparams = Context()
        self.faults = 0
        self._prefixes: dict[str, str] = {**self._matchnamespaces, **_PREFIXES}
        self._names: dict[str, Name] = {}
        self._open: list[tuple[Name, str, str | None, str]] = []
        self._depths: dict[str, int] = {}  # at which each property of the entry was found
        self._picture = Context()  # what an item's image says of itself
        self._below = 0  # open elements of feedparser's stack when the item began

    # ── elements ─────────────────────────────────────────────────────────────────────────────

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; names are expat's: namespace, local name, prefix."""
        named = self._names.get(name) or self._named(name)
        self.depth += 1
        self._open.append((named, self.baseuri, self.lang, ""))
        try:
            attrs = attributes_of(attributes, self._prefixes) if attributes else {}
            own = _OWN_NAMESPACE.get(named.local)
            if own is not None and named.uri == own:
                attrs["xmlns"] = own
            if attrs:
                self._scope(named.tag, attrs)
            if self.incontent:
                self._start_inline(named, attrs)
            else:
                self._start_own_element(named, attrs)
        except Exception:  # noqa: BLE001 - a library's handler on a stranger's element
            self._fault()

    def end(self, _name: str) -> None:
        """The last element that began ends."""
        named, base, lang, inline = self._open.pop()
        try:
            if inline:
                if inline != "skipped":
                    self.handle_data(f"</{inline}>", 0)
                if named.local == "svg" and self.svgOK:
                    self.svgOK -= 1
            else:
                self._end_element(named)
        except Exception:  # noqa: BLE001 - a library's handler on a stranger's element
            self._fault()
        self.baseuri, self.lang = base, lang
        self.depth -= 1

    def _named(self, name: str) -> Name:
        named = Name(name, self._prefixes)
        if named.key == "at_deleted-entry":  # no method can be called so
            named.key = "at_deleted_entry"
        named.start = getattr(self, f"_start_{named.key}", None)
        named.end = getattr(self, f"_end_{named.key}", None)
        if named.start is None and named.end is None and named.local in _FULL_TEXTS:
            named.start, named.end = self._start_full_text, self._end_full_text
        self._names[name] = named
        return named

    def _start_full_text(self, attrs: dict[str, str]) -> None:
        self.push_content("content", attrs, "text/plain", self.inentry)

    def _end_full_text(self) -> None:
        self.pop_content("content")

    def _scope(self, tag: str, attrs: dict[str, str]) -> None:
        """``xml:base`` and ``xml:lang`` hold for the element and what is in it."""
        base = attrs.get("xml:base", attrs.get("base"))
        if base and len(base) <= MAX_URL and len(self.baseuri) <= MAX_URL:
            self.baseuri = inner_base(self.baseuri, base)
        lang = attrs.get("xml:lang", attrs.get("lang"))
        if lang is not None:
            # Blank it says "no language" (XML 1.0 §2.12); around a whole feed it is a form left
            # blank, and the feed's own element may name the language.
            self.lang = lang.strip() or (None if tag in _DOCUMENT_ELEMENTS else "")
        if self.lang and not self.inentry and tag in _DOCUMENT_ELEMENTS:
            self.feeddata["language"] = self.lang.replace("_", "-")

    def _start_own_element(self, named: Name, attrs: dict[str, str]) -> None:
        if named.tag is named.local:
            # Images and inputs whose end tag is missing end with what cannot be in them.
            if named.local not in _INPUT_PARTS:
                self.intextinput = 0
            if named.local not in _IMAGE_PARTS:
                self.inimage = 0
        if named.start is not None and not (self.inentry and named.key in _FEED):
            try:
                named.start(attrs)
            except AttributeError:  # feedparser's own way
                pass
            else:
                return
        if attrs:
            self._get_context()[named.key] = attrs
        else:
            self.push(named.key, 1)

    def _start_inline(self, named: Name, attrs: dict[str, str]) -> None:
        """Markup inside a text: written out again."""
        kind = str(self.contentparams.get("type", "xml"))
        tag = named.local
        if not kind.endswith("xml"):
            if named.tag in ("xhtml:div", "div"):
                self._set_inline("skipped")
                return
            self.contentparams["type"] = kind = _XHTML  # it declared itself as text, but is not
        if kind != _XHTML:
            return
        if tag == "svg":
            self.svgOK += 1
        self._set_inline(tag)
        self.handle_data(f"<{tag}{self.strattrs(attrs.items())}>", 0)

    def _set_inline(self, written: str) -> None:
        named, base, lang, _ = self._open[-1]
        self._open[-1] = (named, base, lang, written)

    def _end_element(self, named: Name) -> None:
        if named.end is not None and not (self.inentry and named.key in _FEED):
            try:
                named.end()
            except AttributeError:
                pass
            else:
                return
        self.pop(named.key)

    def _fault(self) -> None:
        self.faults += 1
        if self.faults > _MAX_FAULTS:
            raise ParseError("too many elements that cannot be read")

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """A namespace is declared: some tell the format."""
        version = self.version
        super().track_namespace(prefix, uri)
        if self.inentry:
            self.version = version

    def _get_context(self) -> FeedParserDict:
        """What is written to; in an item never what belongs to the feed."""
        if self.inentry and not self.insource:
            return self._picture if self.inimage else self.entries[-1]
        return super()._get_context()

    # ── texts ────────────────────────────────────────────────────────────────────────────────

    def handle_data(self, text: str, escape: int = 1) -> None:
        """Called for each run of text."""
        if self.elementstack:
            xhtml = escape and dict.get(self.contentparams, "type") == _XHTML
            self.elementstack[-1][2].append(escaped(text) if xhtml else text)

    def push_content(
        self, tag: str, attrs_d: dict[str, str], default_content_type: str, expecting_text: int
    ) -> None:
        """A text begins whose type is known by its attributes."""
        self.incontent += 1
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        kind = self.map_content_type(attrs_d.get("type", default_content_type))
        params = Context({"type": kind, "language": self.lang, "base": self.baseuri})
        self.contentparams = params
        params["base64"] = self._is_base64(attrs_d, params)
        self.push(tag, expecting_text)

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """The text of ``element``, which ends, kept where feedparser keeps it."""
        if not self.elementstack or self.elementstack[-1][0] != element:
            return None
        _, expecting_text, pieces = self.elementstack.pop()
        if self.version == "atom10" and dict.get(self.contentparams, "type") == _XHTML:
            pieces = without_div(pieces)
        output = "".join(pieces)
        if strip_whitespace:
            output = output.strip()
        if not expecting_text:
            return output
        if len(self.contentparams):
            output = self._as_declared(output)
        if element in self.can_be_relative_uri and output:
            output = self.resolve_uri(output)
        output = mended(output)
        if element not in _KEPT_BY_HANDLERS:
            self._keep(element, output)
        return output

    def _keep(self, element: str, output: str) -> None:
        if element == "title" and -1 < self.title_depth <= self.depth:
            return
        if self.inentry and self.inimage:
            self._picture.setdefault(element, output)
        elif self.inentry and not self.insource:
            self._keep_in_entry(element, output)
        elif self.infeed or self.insource:
            self._keep_in_feed(element, output)

    def _as_declared(self, output: str) -> str:
        params = self.contentparams
        if dict.pop(params, "base64", None):
            output = from_base64(output)
        is_rss_text = not self.version.startswith("atom") and params["type"] == "text/plain"
        if is_rss_text and self.looks_like_html(output):
            params["type"] = "text/html"
        return output

    def _keep_in_entry(self, element: str, output: str) -> None:
        entry = self.entries[-1]
        if element == "content":
            entry.setdefault(element, []).append(self._with_params(output))
        elif element == "link":
            output = output.replace("&amp;", "&")
            link = entry["links"][-1]
            if output:
                link["href"] = output
            if link.get("rel") == "alternate":
                entry[element] = output
            elif link.get("rel") != "enclosure":
                entry.setdefault(element, output)
        else:
            element = "summary" if element == "description" else element
            found_at = self._depths.get(element)
            if found_at is None or self.depth <= found_at:
                self._depths[element] = self.depth
                entry[element] = output
            if self.incontent:
                entry[f"{element}_detail"] = self._with_params(output)

    def _keep_in_feed(self, element: str, output: str) -> None:
        context = self._get_context()
        element = "subtitle" if element == "description" else element
        context[element] = output
        if element == "link":
            context["links"][-1]["href"] = output
        elif self.incontent:
            context[f"{element}_detail"] = self._with_params(output)

    def _with_params(self, output: str) -> FeedParserDict:
        return FeedParserDict(self.contentparams, value=output)

    def resolve_uri(self, uri: str) -> str:
        """``uri``, absolute where an ``xml:base`` says so."""
        if self.baseuri == self.document_base:
            return uri
        return str(super().resolve_uri(uri))

    # ── items ────────────────────────────────────────────────────────────────────────────────

    def _start_item(self, attrs: dict[str, str]) -> None:
        if not self.inentry:
            self._forget_what_is_open()
            self._below = len(self.elementstack)
        self._depths = {}
        self._picture = Context()
        self.entries.append(Context())
        self.push("item", 0)
        self.inentry = 1
        self.guidislink = 0
        self.title_depth = -1
        about = attrs.get("rdf:about")
        if about:
            self.entries[-1]["id"] = about
        self._cdf_common(attrs)

    _start_entry = _start_item

    def _end_item(self) -> None:
        self.pop("item")
        self.inentry = 0
        self.hasContent = 0
        self._forget_what_is_open()
        del self.elementstack[self._below :]

    _end_entry = _end_item

    def _forget_what_is_open(self) -> None:
        """What an item leaves open (only a damaged one does) must not reach what follows it."""
        self.incontent = self.intextinput = self.inimage = self.inauthor = 0
        self.incontributor = self.inpublisher = self.insource = self.svgOK = self.hasContent = 0
        self._summaryKey = None
        self.contentparams.clear()
        self.sourcedata.clear()
