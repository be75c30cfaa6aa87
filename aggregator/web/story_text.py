"""A story's sanitized HTML as a part of our page, on which it can disturb nothing. Pure.

It runs nothing and loads nothing but media already (:mod:`aggregator.sanitize`). Here it takes its
place below the page's own headings, holds no landmark of the page and no player of another site, and
asks for its media over https alone.
"""

from __future__ import annotations

import re
from html import escape, unescape

from aggregator.sanitize.markup import attributes
from aggregator.urls import host_of

# Signs of markup are escaped in sanitized values: no text and no value looks like a tag.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>")
_HEADING = re.compile(r"h([1-6])")
_HEADINGS = re.compile(r"<h([1-6])[\s>]")
_LOWEST = 6
_FRAME = re.compile(r"<iframe([^<>]*)>(?:\s*</iframe>)?")
# A link without words of its own.
_SILENT_LINK = re.compile(r"<a(\s[^<>]*)>((?:\s|&nbsp;|<(?!/?a[\s>])[^<>]*>)*+)</a>")
_SAYS_SOMETHING = re.compile(r' alt="\s*[^\s"]')
_LANDMARKS = frozenset({"address", "article", "aside", "footer", "header", "section"})
_MEDIA = frozenset({"audio", "img", "source", "track", "video"})
_LOADED = re.compile(r' (?:src|srcset|poster)="[^"]*"')
_IN_CLEAR = re.compile(r"\bhttp://", re.IGNORECASE)
_OWN_PORT = re.compile(r"http://[^/?#]*:(?!0*80(?:[/?#]|$))\d", re.IGNORECASE)
_SMALLEST = 120  # pixels of width, or it is an icon


def page_text(html: str, heading: int) -> str:
    """Sanitized ``html`` for a place below a heading of level ``heading``."""
    shift = heading + 1 - min(map(int, _HEADINGS.findall(html)), default=1)
    level = heading

    def placed(tag: re.Match[str]) -> str:
        nonlocal level
        end, name, rest = tag.groups()
        given = _HEADING.fullmatch(name)
        if given is not None:
            # No level is left out, by which those who hear a page find their way.
            level = level if end else min(int(given[1]) + shift, level + 1, _LOWEST)
            return f"<{end}h{level}{rest}>"
        if name in _LANDMARKS:
            return f"<{end}div{rest}>"
        if name == "img" and not end and not _is_loaded(tag[0]):
            return escape(unescape(_said_of(tag[0]).get("alt", "")))
        if name in _MEDIA and not end:
            return f"<{name}{_media(name, rest)}>"
        return tag[0]

    return _SILENT_LINK.sub(_named_link, _TAG.sub(placed, _FRAME.sub(_link_to_player, html)))


def first_picture(html: str) -> str | None:
    """Address of the first picture in sanitized ``html`` that is no icon; None without one."""
    for tag in _TAG.finditer(html):
        if tag[2] == "img" and not tag[1]:
            found = _said_of(tag[0])
            width = found.get("width", "")
            if (
                "src" in found
                and _is_loaded(tag[0])
                and not (width.isdecimal() and int(width) < _SMALLEST)
            ):
                return unescape(found["src"])
    return None


def may_be_loaded(url: str) -> bool:
    """False for an address in clear at a port of its own, where nobody speaks TLS: it would be an empty box."""
    return _OWN_PORT.match(url) is None


def over_https(url: str) -> str:
    """``url`` with https in the place of http: nothing else is loaded into our page."""
    return f"https://{url[len('http://') :]}" if url[:7].lower() == "http://" else url


def _said_of(picture: str) -> dict[str, str]:
    found, _, _ = attributes(picture, len("<img"))
    return found


def _is_loaded(picture: str) -> bool:
    return may_be_loaded(unescape(_said_of(picture).get("src", "")))


def _media(name: str, rest: str) -> str:
    said = _LOADED.sub(lambda one: _IN_CLEAR.sub("https://", one[0]), rest)
    if name == "img" and ' alt="' not in said:
        return f'{said} alt=""'
    return f'{said} preload="none"' if name in {"audio", "video"} else said


def _named_link(link: re.Match[str]) -> str:
    """A link around pictures without words, named by where it leads; nothing for one around nothing."""
    rest, held = link.groups()
    if "<img" not in held:
        return held
    if _SAYS_SOMETHING.search(held) or " aria-label=" in rest:
        return link[0]
    found, _, _ = attributes(f"<a{rest}>", len("<a"))
    host = host_of(unescape(found.get("href", "")))
    return f'<a{rest} aria-label="{escape(host)}">{held}</a>' if host else held


def _link_to_player(frame: re.Match[str]) -> str:
    """A link in the place of a player, which would load another site's scripts unasked."""
    found, _, _ = attributes(frame[0], len("<iframe"))
    address = found.get("src", "")
    host = host_of(unescape(address))
    return f'<a href="{address}" rel="noopener noreferrer">▶ {escape(host)}</a>' if host else ""
