"""Pictures that a feed gives beside its text (Media RSS) → figures below it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from aggregator.parse.links import absolute
from aggregator.parse.texts import shortened
from aggregator.sanitize import clean_html, plain
from aggregator.tidy.pictures import identity, is_foreign

_SHOWS = re.compile(r"<(?:img|video|audio|iframe)\b")
_WIDEST = 1600  # pixels; more is waste in a feed reader
_MOST = 20
_LONGEST_CAPTION = 2_000  # characters


def figures_beside(html: str, media: Iterable[dict[str, Any]], base: str) -> str:
    """The pictures among ``media`` as figures with their descriptions, sanitized.

    ``""`` where the text ``html`` shows something itself. Of several sizes the largest sensible one is taken.
    """
    if _SHOWS.search(html):
        return ""
    best: dict[str, tuple[int, str, str]] = {}
    for medium in media:
        url = absolute(medium.get("url"), base)
        if url is None or not _is_picture(medium, url) or is_foreign(url):
            continue
        key = str(medium.get("group") or identity(url))
        width = _width(medium.get("width"))
        described = str(medium.get("description") or "")
        known = best.get(key)
        if known is None or _rank(width) > _rank(known[0]):
            best[key] = (width, url, described or (known[2] if known else ""))
    figures = "".join(_figure(url, described) for _, url, described in list(best.values())[:_MOST])
    return clean_html(figures, base) if figures else ""


def _is_picture(medium: dict[str, Any], url: str) -> bool:
    kind, medium_type = medium.get("medium"), str(medium.get("type") or "")
    if kind or medium_type:
        return kind == "image" or (not kind and medium_type.startswith("image/"))
    return re.search(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|\Z)", url, re.IGNORECASE) is not None


def _width(value: object) -> int:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _rank(width: int) -> int:
    return width if width <= _WIDEST else -width


def _figure(url: str, described: str) -> str:
    caption = shortened(plain(described), _LONGEST_CAPTION)
    said = f"<figcaption>{escape(caption, quote=False)}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(url)}" alt="">{said}</figure>'
