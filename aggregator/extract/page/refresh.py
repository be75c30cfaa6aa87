"""Pages that only send their readers on to another one, at once."""

from __future__ import annotations

import re
from urllib.parse import urldefrag

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import absolute

# HTML Standard §4.2.5.3: seconds, then an address, which may be quoted and need not be named.
_REFRESH = re.compile(
    r"\s*(\d{1,3})(?:\.[\d.]*)?\s*[;,\s]\s*(?:url\s*=\s*)?([\"']?)(.{1,4000}?)\2\s*",
    re.IGNORECASE | re.DOTALL,
)
_BY_SCRIPT = re.compile(
    r"(?:window\.|document\.|self\.|top\.)*location(?:\.href)?\s*(?:=|\.(?:replace|assign)\s*\()\s*([\"'])((?:https?:)?[^\"']{1,4000})\1",
)
_SOON = 10  # seconds
_LITTLE = 400  # letters that such a page shows: “If you are not taken there, click here”
_LONGEST_SCRIPT = 2_000  # characters; in longer ones an address has conditions


def leads_to(tree: HtmlElement, url: str, base_url: str) -> str:
    """The address to which the page ``url`` sends its readers at once, ``""`` for one that says something itself.

    By a refresh, or by a script of one statement.
    """
    target = _refreshed(tree) or _scripted(tree)
    if not target or sum(len(block.squeezed) for block in blocks_of(tree)) > _LITTLE:
        return ""
    address = urldefrag(absolute(target.replace("\\/", "/"), base_url)).url
    return (
        ""
        if address == urldefrag(url).url or not address.startswith(("http://", "https://"))
        else address
    )


def _refreshed(tree: HtmlElement) -> str:
    for meta in tree.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh":
            found = _REFRESH.fullmatch(meta.get("content") or "")
            if found and int(found[1]) <= _SOON:
                return found[3].strip()
    return ""


def _scripted(tree: HtmlElement) -> str:
    scripts = [script.text or "" for script in tree.iter("script")]
    said = [text for text in scripts if text.strip()]
    if (
        len(said) != 1
        or len(said[0]) > _LONGEST_SCRIPT
        or re.search(r"\b(?:if|function)\b|=>|\?", re.sub(r"([\"']).*?\1", "", said[0]))
    ):
        return ""
    found = _BY_SCRIPT.search(said[0])
    return found[2] if found else ""
