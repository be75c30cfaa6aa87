"""Discovery of a site's feeds: links of its page, places known for its kind, places people use.

Pure: nothing is fetched here. ``discover`` reads what a page says and what follows from its address
(:mod:`aggregator.parse.known_sites`), ``WELL_KNOWN_PATHS`` are guesses for the last resort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from aggregator.errors import FeedOffer
from aggregator.parse.encoding import decode
from aggregator.parse.known_sites import known_feed_urls
from aggregator.parse.links import absolute
from aggregator.sanitize import plain, to_text
from aggregator.sanitize.markup import attributes

FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/x.atom+xml",
        "application/x-atom+xml",
        "text/rss+xml",
        "text/rss",
    }
)
# Types that are a feed's only where the address or the title says so as well.
_VAGUE_TYPES = frozenset({"application/json", "text/xml", "application/xml"})
WELL_KNOWN_PATHS = (
    "/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed.json", "/feeds/posts/default",
)  # fmt: skip

_MAX_PAGE = 2 << 20
_MAX_OFFERS = 20
_MAX_ANCHORS = 3_000
_TAG = re.compile(r"<(link|a|base)(?=[\s/>])", re.IGNORECASE)
_COMMENT = re.compile(
    r"<!--.*?(?:-->|\Z)|<script(?=[\s>]).*?(?:</script|\Z)", re.DOTALL | re.IGNORECASE
)
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._?=&-])(?:rss|atom|feeds?|rdf)(?:$|[/._?=&-])|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feed|json feed)\b", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?\b", re.IGNORECASE)


def discover(body: bytes, url: str, content_type: str = "") -> tuple[FeedOffer, ...]:
    """The feeds that the page ``body`` at ``url`` links to, likeliest first, at most 20.

    First ``<link rel="alternate">`` with a feed's media type (comments' feeds last); only where
    there are none, the address patterns of known sites and anchors that look like feeds.
    Never raises.
    """
    page = _COMMENT.sub(" ", decode(body[:_MAX_PAGE], content_type).text)
    declared: dict[str, FeedOffer] = {}
    guessed = _of_its_kind(url)
    base = url
    anchors = 0
    for name, attrs, after in _tags(page):
        if name == "base":
            base = absolute(attrs.get("href"), url) or base
            continue
        anchors += name == "a"
        if name == "a" and anchors > _MAX_ANCHORS:
            continue
        target = absolute(re.sub(r"^feed:(?://)?", _http, attrs.get("href", "")), base)
        if target is None:
            continue
        if name == "link" and "canonical" in attrs.get("rel", "").lower().split():
            # The page's own name may tell more than the one it was asked by (YouTube's @handles).
            guessed.update(_of_its_kind(target))
        elif target == url:
            continue
        elif name == "link" and _declares(attrs):
            offer = FeedOffer(target, plain(attrs.get("title", ""))[:200], _media_type(attrs))
            declared.setdefault(target, offer)
        elif name == "a" and len(guessed) < _MAX_OFFERS and _looks_like_feed(target, attrs, after):
            offer = FeedOffer(target, _label(attrs, after), _media_type(attrs))
            guessed[target] = offer  # linked to: no guess any more
        if len(declared) >= _MAX_OFFERS:
            break
    offers = list(declared.values() or guessed.values())
    offers.sort(key=lambda offer: bool(_COMMENTS.search(offer.title) or "/comments/" in offer.url))
    return tuple(offers[:_MAX_OFFERS])


def _of_its_kind(url: str) -> dict[str, FeedOffer]:
    return {known: FeedOffer(known, guessed=True) for known in known_feed_urls(url)}


def _http(match: re.Match[str]) -> str:
    """``feed:https://x`` is ``https://x``, ``feed://x`` is ``http://x``."""
    return "http://" if match[0].endswith("//") else ""


def _tags(page: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Each link, anchor and base: its name, its attributes, and the text after it."""
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        attrs, at, _ = attributes(page, tag.end())
        decoded = {key: unescape(value).strip() for key, value in attrs.items()}
        yield tag[1].lower(), decoded, page[at : at + 100]


def _media_type(attrs: dict[str, str]) -> str:
    return attrs.get("type", "").split(";")[0].strip().lower()[:100]


def _declares(attrs: dict[str, str]) -> bool:
    relations = attrs.get("rel", "").lower().split()
    if "alternate" not in relations and "feed" not in relations:
        return False
    if "stylesheet" in relations:
        return False
    media_type = _media_type(attrs)
    if media_type in _VAGUE_TYPES:
        path = attrs.get("href", "")
        return (
            "wp-json" not in path
            and "oembed" not in path
            and bool(_FEED_ADDRESS.search(path) or _FEED_WORD.search(attrs.get("title", "")))
        )
    return media_type in FEED_TYPES or (not media_type and "feed" in relations)


def _looks_like_feed(target: str, attrs: dict[str, str], after: str) -> bool:
    if _media_type(attrs) in FEED_TYPES:
        return True
    parts = urlsplit(target)
    if _FEED_ADDRESS.search(parts.path) or re.search(
        r"(?:^|&)(?:feed|format)=(?:rss|atom)", parts.query
    ):
        return True
    return bool(_FEED_WORD.search(parts.path) and _FEED_WORD.search(_label(attrs, after)))


def _label(attrs: dict[str, str], after: str) -> str:
    return plain(attrs.get("title", "") or to_text(after.partition("</a")[0]))[:200]


def well_known_urls(url: str) -> tuple[str, ...]:
    """Addresses of the site of ``url`` where feeds often are, to be tried one after the other."""
    return tuple(urljoin(url, path) for path in WELL_KNOWN_PATHS)
