"""A page as a tree, and what its links are relative to."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MAX_ELEMENTS = 100_000  # a long article has some 10,000; beyond, trafilatura takes minutes


class UnusablePage(ValueError):
    """No tree can be made of the page, or one far beyond any article."""


def parse_page(text: str) -> HtmlElement:
    """The element tree of an HTML document; raises :class:`UnusablePage`."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    # A fixed class spares lxml.html's look-up per element; trafilatura only needs the methods.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        root = etree.fromstring(_INVALID.sub("", text).encode(), parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnusablePage("not parseable") from error
    if not isinstance(root, HtmlElement) or len(root) == 0:
        raise UnusablePage("no elements")
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        raise UnusablePage("far more elements than any article has")
    return root


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
    try:
        return urljoin(base_url, reference.strip())
    except ValueError:
        return ""
