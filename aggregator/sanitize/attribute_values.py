"""Values of attributes that may stay: absolute addresses, sizes that a page can bear, words."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from aggregator.sanitize.policy import (
    EMBEDS,
    ID_PREFIX,
    LANGUAGE,
    LOADED,
    MAX_SIZE,
    MAX_WORDS,
    REFERRER_POLICY,
)
from aggregator.sanitize.private_hosts import is_private
from aggregator.text.controls import without_directions

_HTTP = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_MAX_CANDIDATES = 12
_SIZE = re.compile(r"0*(\d{1,4})(?!\d)(%?)")
_SEPARATORS = re.compile(r"[\s,]*+")
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s++([\d.]{1,8}[wxh]))?+\s*+(?:,|\Z)")
_TO_NEXT = re.compile(r"[^,]*+,?")
_MAX_URL = 8192
_AMPERSANDS = re.compile("&(?:amp;)+")  # escaped once too often: no address has "&amp;"


def usable_base(base_url: str | None) -> str | None:
    """``base_url`` where it is an http(s) URL with a host, else None."""
    if not base_url or not _HTTP.match(base_url):
        return None
    try:
        return base_url if urlsplit(base_url).hostname else None
    except ValueError:
        return None


def _resolved(value: str, base: str | None) -> str | None:
    """``value`` as an absolute http(s) URL, ``None`` if it is none, or one of a private network."""
    value = _AMPERSANDS.sub("&", value.strip())
    if len(value) > _MAX_URL:
        return None
    try:
        url = value if _HTTP.match(value) else urljoin(base, value) if base else ""
    except ValueError:
        return None
    if not _HTTP.match(url) or re.search(r"[\s\"<>]", url) or is_private(url):
        return None
    return url


def _srcset(value: str, base: str | None) -> str | None:
    """The image candidates (HTML Standard §4.8.4.2.1) that are http(s), at most 12."""
    kept: list[str] = []
    value, at = value[:_MAX_URL], 0
    while at < len(value) and len(kept) < _MAX_CANDIDATES:
        between = _SEPARATORS.match(value, at)
        at = between.end() if between else at
        candidate = _CANDIDATE.match(value, at)
        if candidate is None:  # what begins here is none: on to the next comma
            skipped = _TO_NEXT.match(value, at)
            at = skipped.end() if skipped else len(value)
            continue
        at = candidate.end()
        url = _resolved(candidate[1], base)
        if url is not None and not url.endswith(","):
            kept.append(f"{url} {candidate[2]}" if candidate[2] else url)
    return ", ".join(kept) or None


def _size(value: str) -> str | None:
    """A width or height in pixels or per cent that a page can bear, ``None`` for another."""
    size = _SIZE.match(value.strip())
    if size is None or int(size[1]) > (100 if size[2] else MAX_SIZE):
        return None
    return size[1] + size[2]


def prefixed(name: str) -> str:
    """The id ``name`` as it stands in what is shown: none of a reader's own page."""
    return name if name.startswith(ID_PREFIX) else ID_PREFIX + name


def attribute_filter(base: str | None) -> Callable[[str, str, str], str | None]:
    """Per attribute: the value to keep, or ``None``."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "srcset":
            return _srcset(value, base)
        if attribute in LOADED or attribute == "cite":
            url = _resolved(value, base)
            return url if tag != "iframe" or (url and EMBEDS.fullmatch(url)) else None
        if attribute in ("width", "height"):
            return _size(value)
        if attribute == "referrerpolicy":
            return REFERRER_POLICY
        if attribute == "class":
            return next((name for name in value.split() if LANGUAGE.fullmatch(name)), None)
        return _word(attribute, value)

    return keep


def _word(attribute: str, value: str) -> str | None:
    """The value of an attribute that loads nothing."""
    if attribute == "href":  # its scheme is nh3's to judge
        return _AMPERSANDS.sub("&", value) if len(value) <= _MAX_URL else None
    if attribute == "id":
        return value if re.fullmatch(r"\S{1,200}", value) else None
    if attribute == "headers":
        return " ".join(prefixed(one) for one in value[:MAX_WORDS].split())
    return without_directions(value[:MAX_WORDS])  # a pair that is half in a value is none
