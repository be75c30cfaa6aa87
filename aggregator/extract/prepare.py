"""A page as a tree, made ready so that trafilatura loses less of it.

trafilatura loses quotation marks of ``<q>``, line breaks of ``<pre>``, media and captions. What it
would lose is put into a form that it keeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.images import replaces_placeholder
from aggregator.extract.media import MediaSet, take_out_media

_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MAX_ELEMENTS = 100_000  # a long article has some 10,000; beyond, trafilatura takes minutes


class UnusablePage(ValueError):
    """No tree can be made of the page, or one far beyond any article."""


@dataclass(frozen=True, slots=True)
class Page:
    """A prepared page: its tree, and the media that marks in its text stand for."""

    tree: HtmlElement
    media: MediaSet


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


def prepare(tree: HtmlElement, base_url: str) -> Page:
    """Change ``tree`` in place into what trafilatura reads best."""
    _mend_inline(tree)
    _keep_code(tree)
    _use_noscript_images(tree)
    return Page(tree, take_out_media(tree, lambda reference: absolute(reference, base_url)))


def _mend_inline(tree: HtmlElement) -> None:
    for link in tree.iter("a"):
        following = link.getnext()
        # Links in a row are set apart by style sheets only; without a space their words merge.
        if following is not None and following.tag == "a" and not link.tail:
            link.tail = " "
    for quote in list(tree.iter("q")):
        # trafilatura makes a block of it; browsers show quotation marks.
        quote.text = "“" + (quote.text or "")
        if len(quote):
            quote[-1].tail = (quote[-1].tail or "") + "”"
        else:
            quote.text += "”"
        quote.drop_tag()


def _keep_code(tree: HtmlElement) -> None:
    for pre in list(tree.iter("pre")):
        if pre.find(".//pre") is not None or pre.find(".//img") is not None:
            continue  # used for layout, not for code
        language = next(
            (
                match[0]
                for node in pre.iter()
                if (match := _LANGUAGE.search(node.get("class") or ""))
            ),
            "",
        )
        for line_break in list(pre.iter("br")):
            line_break.tail = "\n" + (line_break.tail or "")
        text = pre.text_content().strip("\n")
        tail = pre.tail
        pre.clear()
        pre.tail = tail
        if language:
            pre.set("class", language)
        # One single span in it is how trafilatura tells code from a quotation.
        etree.SubElement(pre, "span").text = text


_LANGUAGE = re.compile(r"\blang(?:uage)?-[\w+#-]{1,30}")


def _use_noscript_images(tree: HtmlElement) -> None:
    """Lazy loaders put the real image into ``<noscript>`` behind a placeholder."""
    for noscript in list(tree.iter("noscript")):
        images = list(noscript.iter("img"))
        parent = noscript.getparent()
        if len(images) != 1 or parent is None or parent.tag in {"body", "head", "html"}:
            continue
        picture = next(noscript.iterancestors("picture"), None)
        if picture is not None and sum(1 for _ in picture.iter("img")) > 1:
            noscript.drop_tree()
            continue
        previous = noscript.getprevious()
        placeholder = previous if previous is not None and previous.tag == "img" else None
        if placeholder is not None and replaces_placeholder(placeholder):
            for name, value in images[0].attrib.items():
                placeholder.set(name, value)
        elif placeholder is None and not (noscript.text_content() or "").strip():
            noscript.tag = "span"
