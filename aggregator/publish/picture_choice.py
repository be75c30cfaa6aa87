"""Pictures of items in one output: shown, as links, or left out. Pure.

Many readers load an item's picture, and pictures among its files, unasked: these count as pictures, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape, unescape

from aggregator.model import Item, PictureChoice
from aggregator.publish import formatting
from aggregator.sanitize.markup import attributes

WORD = "Picture"  # of a link to one of which nothing is said

# Signs of markup are escaped in sanitized values: no text and no value looks like a tag.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>")
_POSTER = re.compile(r' poster="[^"]*"')
_FIGURE = re.compile(r"<figure[\s>](?:(?!</?figure[\s>]).)*+</figure>", re.DOTALL)
_CAPTION = re.compile(r"<figcaption[\s>](?:(?!</figcaption>).)*+</figcaption>", re.DOTALL)
_CONTENT = re.compile(r"<(?:audio|iframe|math|pre|table|video)[\s>]")


def with_pictures(item: Item, choice: PictureChoice) -> Item:
    """``item`` with its pictures as ``choice`` says; what is no picture stays as it is."""
    if choice is PictureChoice.KEEP:
        return item
    html = _without_pictures(item.content_html, choice)
    if choice is PictureChoice.LINK:
        html = _with_links(html, item)
    files = tuple(one for one in item.enclosures if not _is_picture(one.media_type))
    return replace(item, content_html=html, image=None, enclosures=files)


def _is_picture(media_type: str) -> bool:
    return (formatting.media_type(media_type) or "").startswith("image/")


def _with_links(html: str, item: Item) -> str:
    """``html`` with a last line of links to pictures that stand beside the text alone."""
    beside = [item.image, *(one.url for one in item.enclosures if _is_picture(one.media_type))]
    found = dict.fromkeys(url for one in beside if (url := formatting.link(one)))
    links = [_link(escape(url), WORD) for url in found if escape(url) not in html]
    if not links:
        return html
    if not formatting.text(html) and formatting.text(item.summary):
        html = f"<p>{escape(item.summary)}</p>"
    line = f"<p>{', '.join(links)}</p>"
    return f"{html}\n{line}" if html else line


def _link(address: str, words: str) -> str:
    return f'<a href="{address}" rel="noopener noreferrer">{words}</a>'


@dataclass(slots=True)
class _Place:
    """Place within a text: in a link, in a choice of one picture's forms."""

    in_link: bool = False
    in_picture: bool = False
    after_link: list[str] = field(default_factory=list)


def _without_pictures(html: str, choice: PictureChoice) -> str:
    if choice is PictureChoice.NONE:
        html = _FIGURE.sub(_without_caption, html)
    place, pieces, at = _Place(), list[str](), 0
    for tag in _TAG.finditer(html):
        pieces += (html[at : tag.start()], *_instead(tag, place, choice))
        at = tag.end()
    return "".join((*pieces, html[at:]))


def _instead(tag: re.Match[str], place: _Place, choice: PictureChoice) -> Iterator[str]:
    """Pieces in the place of a tag."""
    end, name = bool(tag[1]), tag[2]
    if name == "picture":
        place.in_picture = not end
    elif name == "source" and place.in_picture:
        return
    elif name == "video" and not end:
        yield _POSTER.sub("", tag[0])
    elif name == "img":
        yield from _linked(tag, place) if choice is PictureChoice.LINK else ()
    elif name == "a":
        yield tag[0]
        place.in_link = not end
        if end and place.after_link:
            yield " " + " ".join(place.after_link)
            place.after_link.clear()
    else:
        yield tag[0]


def _linked(tag: re.Match[str], place: _Place) -> Iterator[str]:
    """A link to the picture; within another link its name, and the link behind that."""
    said, _, _ = attributes(tag[0], len("<img"))
    words = said.get("alt", "").strip() or WORD
    address = said.get("src") or said.get("srcset", "").partition(" ")[0].rstrip(",")
    if not address:
        return
    if place.in_link:
        place.after_link.append(_link(address, WORD))
        yield words
    else:
        yield _link(address, words)


def _without_caption(figure: re.Match[str]) -> str:
    """Nothing for a figure that shows pictures alone: its caption tells of what is not there."""
    left = _CAPTION.sub("", figure[0])
    words = unescape(_TAG.sub("", left)).strip()
    return figure[0] if words or _CONTENT.search(left) or "<img" not in left else ""
