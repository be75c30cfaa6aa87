"""Pictures that are the background of an empty box, or only a link away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

_IN_STYLE = re.compile(
    r"background(?:-image)?\s*:[^;]{0,300}?url\(\s*[\"']?([^\"')]{1,2000})", re.IGNORECASE
)
_ATTRIBUTES = ("data-bg", "data-background", "data-background-image", "data-bg-src", "data-bgset", "data-bg-url", "data-image-background")  # fmt: skip
_PICTURED_BY = frozenset({"style", *_ATTRIBUTES})
_URL = re.compile(r"url\(\s*[\"']?([^\"')]{1,2000})", re.IGNORECASE)
_PICTURED = re.compile(r"photo|image|img|picture|gallery|slide|figure|thumb|cover", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"[^?#]{1,2000}\.(?:jpe?g|png|gif|webp|avif)(?:[?#].*)?", re.IGNORECASE)
_MEDIA = ("img", "amp-img", "picture", "video", "audio", "iframe", "svg", "object", "embed")
_MOST = 200  # pictures of a page that are made real


def address_of(attributes: Mapping[str, str]) -> str:
    """The address of the picture that is the background of a box for pictures, ``""`` for none.

    A box for pictures is one by its role or by what it is called.
    """
    role = attributes.get("role", "") == "img"
    if not role and not _PICTURED.search(attributes.get("class", "")[:500]):
        return ""
    found = [value for name in _ATTRIBUTES if (value := attributes.get(name, "").strip())]
    in_style = _IN_STYLE.search(attributes.get("style", ""))
    address = in_style[1] if in_style else (found[0] if found else "")
    in_url = _URL.match(address)
    address = (in_url[1] if in_url else address).strip()
    return "" if address.startswith("data:") or " " in address else address


def make_real(tree: HtmlElement) -> None:
    """Put an ``<img>`` into each empty box of ``tree`` that has a picture in its background.

    And into a figure that only links to a picture.
    """
    made = 0
    for element in list(tree.iter("div", "span", "a", "li", "section")):
        if made >= _MOST:
            return
        if _PICTURED_BY.isdisjoint(element.keys()):
            continue
        given: Mapping[str, str] = element.attrib
        address = address_of(given)
        if address and _is_empty(element):
            _insert(element, address, given.get("aria-label") or given.get("title") or "")
            made += 1
    for figure in tree.iter("figure"):
        if next(figure.iter(*_MEDIA), None) is not None:
            continue
        link = next(
            (a for a in figure.iter("a") if _PICTURE_FILE.fullmatch((a.get("href") or "").strip())),
            None,
        )
        if link is not None and made < _MOST:
            words = " ".join("".join(map(str, link.itertext())).split())
            for child in list(link):
                link.remove(child)  # the words are the picture's, now
            link.text = None
            _insert(
                link,
                (link.get("href") or "").strip(),
                words,
            )
            made += 1


def _is_empty(element: HtmlElement) -> bool:
    if any(text and not text.isspace() for text in element.itertext()):
        return False
    return next(element.iter(*_MEDIA), None) is None


def _insert(element: HtmlElement, address: str, alt: str) -> None:
    image = element.makeelement("img", {"src": address, "alt": alt})
    image.tail, element.text = element.text, None
    element.insert(0, image)
