"""A page as a tree, and what its links are relative to."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.page.bounds import with_small_tags

# Characters that XML forbids, in UTF-8: searched for among bytes, which costs next to nothing.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# Of 1,132 pages of articles none has more than 5,145; 50,000 take seconds, twice as many a worker's whole time.
_MAX_ELEMENTS = 50_000
_MAX_SPANNED = 50_000  # cells of all tables together, each counted for every place that it spans
_HEAD_TAGS = frozenset(
    {
        "title",
        "meta",
        "link",
        "style",
        "script",
        "base",
        "noscript",
        "template",
        "object",
        "bgsound",
        "command",
    }
)
_SPANS = ("colspan", "rowspan")


# Addresses with nothing in them that could be resolved, corrected or refused.
_ABSOLUTE = re.compile(
    r"https?://[a-zA-Z0-9.-]++(?:/[\w/~%=&+,:@!.-]*+(?:\?[\w/~%=&+,:@!.-]++)?+)?+", re.ASCII
)


class UnusablePage(ValueError):
    """No tree can be made of the page, or one far beyond any article."""


def parse_page(text: str) -> HtmlElement:
    """The element tree of an HTML document; raises :class:`UnusablePage`."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    # A fixed class spares lxml.html's look-up per element; trafilatura only needs the methods.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    source = (
        with_small_tags(text).encode("utf-8", "ignore").translate(None, _CONTROLS)
    )  # without lone surrogates
    for wrong in _NO_CHARACTERS:
        source = source.replace(wrong, b"")
    try:
        root = etree.fromstring(source, parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnusablePage("not parseable") from error
    if not isinstance(root, HtmlElement) or len(root) == 0:
        raise UnusablePage("no elements")
    if root.xpath("count(//*)") > _MAX_ELEMENTS:
        raise UnusablePage("far more elements than any article has")
    _bound_spans(root)
    _move_into_body(root)
    return root


def _move_into_body(root: HtmlElement) -> None:
    """Move what a head cannot hold into the body: libxml2 knows no tag of HTML 5 to begin one where it is not written."""
    head, body = root.find("head"), root.find("body")
    children = [] if head is None else list(head)
    first = next((i for i, child in enumerate(children) if child.tag not in _HEAD_TAGS), None)
    if head is None or first is None:
        return
    if body is None:
        body = etree.SubElement(root, "body")
    begun, body.text = body.text, None
    for place, child in enumerate(children[first:]):
        body.insert(place, child)  # with the text after it
    children[-1].tail = f"{children[-1].tail or ''}{begun or ''}"


def _bound_spans(root: HtmlElement) -> None:
    """Let no cell span several places where all together span too many: trafilatura makes a cell of each."""
    spanning = [cell for cell in root.iter("td", "th") if any(map(cell.get, _SPANS))]
    if sum(_span(cell, "colspan") * _span(cell, "rowspan") for cell in spanning) <= _MAX_SPANNED:
        return
    for cell in spanning:
        for name in _SPANS:
            cell.attrib.pop(name, None)


def _span(cell: HtmlElement, name: str) -> int:
    value = (cell.get(name) or "").strip()
    if not value.isdecimal():
        return 1
    return int(value) if len(value) < 6 else _MAX_SPANNED


def text_of(element: etree._Element) -> str:
    """All text in ``element``, without its tail; several times as fast as to go through its parts."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))


def base_of(tree: HtmlElement, url: str) -> str:
    """The URL that the page's links are relative to: ``<base href>``, else ``url``."""
    for base in tree.iter("base"):
        href = (base.get("href") or "").strip()
        if href:
            joined = absolute(href, url)
            return joined if joined.startswith(("http://", "https://")) else url
    return url


def absolute(reference: str, base_url: str) -> str:
    """``reference`` resolved against ``base_url``, or ``""`` when it is no URL reference."""
    reference = reference.strip()
    if _ABSOLUTE.fullmatch(reference):
        return reference  # as urljoin would, at a tenth of the cost
    try:
        return urljoin(base_url, reference)
    except ValueError:
        return ""
