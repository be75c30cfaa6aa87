"""Building XML trees whose text cannot break them.

lxml escapes markup; what it cannot express (control characters, lone surrogates, U+FFFE) is
removed here, for every text and attribute, so that no caller can forget it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TypeAlias, cast

from lxml import etree

from aggregator.sanitize import xml_safe

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for its element type

AGGREGATOR = "urn:uuid:958acddb-a79a-4f13-a83a-48466205e8a8"  # the project's own, for ever
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
GEORSS = "http://www.georss.org/georss"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
MEDIA = "http://search.yahoo.com/mrss/"
PODCAST = "https://podcastindex.org/namespace/1.0"
PSC = "http://podlove.org/simple-chapters"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
THREAD = "http://purl.org/syndication/thread/1.0"
EXTENSIONS: dict[
    str | None, str
] = {  # by prefix: what both formats say with elements of other specifications
    "aggregator": AGGREGATOR,
    "georss": GEORSS,
    "itunes": ITUNES,
    "media": MEDIA,
    "podcast": PODCAST,
    "psc": PSC,
    "thr": THREAD,
}
_C1 = re.compile("[\x7f-\x9f]")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def root(tag: str, namespaces: Mapping[str | None, str]) -> Element:
    """A document's first element; ``namespaces`` is prefix → name, None for the default one."""
    # The cast, because lxml's stubs leave out the default namespace.
    return etree.Element(tag, nsmap=cast("dict[str, str]", dict(namespaces)))


def child(
    parent: Element, tag: str, text: str | None = None, /, **attributes: str | None
) -> Element:
    """Append an element to ``parent`` and return it; attributes that are None are left out."""
    element = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name, document_safe(value))
    if text is not None:
        element.text = document_safe(text)
    return element


def document_safe(text: str) -> str:
    """``text`` without what no document may hold, and spaces for the controls U+007F to U+009F."""
    return _C1.sub(" ", xml_safe(text))


def serialise(tree: Element, stylesheet: str = "") -> bytes:
    """``tree`` as a UTF-8 document with declaration, indented: equal trees give equal bytes.

    ``stylesheet`` is the address of the CSS by which browsers show it; empty: without.
    """
    document = etree.tostring(tree, encoding="utf-8", xml_declaration=True, pretty_print=True)
    if not stylesheet:
        return document
    declaration, line, rest = document.partition(b"\n")
    styled = f'<?xml-stylesheet type="text/css" href="{escape(stylesheet)}"?>'
    return b"".join((declaration, line, styled.encode(), line, rest))


def inner(tree: Element, begin: bytes, end: bytes) -> bytes:
    """The part of ``tree``, as :func:`serialise` writes it, between the first ``begin`` and ``end``, its last bytes."""
    written = etree.tostring(tree, encoding="utf-8", xml_declaration=False, pretty_print=True)
    return written[written.index(begin) + len(begin) : -len(end)]


def with_items(document: bytes, items: Iterable[bytes], end: bytes) -> bytes:
    """``document``, whose last bytes are ``end``, with ``items`` before these, each with its indentation and line end."""
    return b"".join((document[: -len(end)], *items, end))
