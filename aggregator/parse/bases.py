"""The address against which relative references in an entry's text stand."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.parse.links import is_http
from aggregator.urls import same_site

# Click counters: FeedBurner and what was made after it; services that count or shorten.
_COUNTER_PATH = re.compile(r"/~[r34]/|/(?:click|redirect|goto|out|rss-?click|track)(?:[/.?]|$)")
_COUNTER_HOST = re.compile(
    r"(?:feedproxy\.google|feeds\d?\.feedburner|(?:\w+\.)*feedsportal|(?:\w+\.)?feedblitz|bit|tinyurl|dlvr|ift"
    r"|ow|buff|lnkd|trib|tracking\.feedpress)\.(?:com|ly|it|tt|in|al)|t\.co|feedpress\.me"
)


def text_base(
    url: str | None,
    guid: str | None,
    document_url: str,
    site_url: str | None,
    *,
    is_copied: bool,
) -> str | None:
    """The base of the text of an entry at ``url``, in a feed at ``document_url`` for ``site_url``.

    Its own address, unless that is only a way there: a link through a click counter leads to
    another host than the site whose text this is, and so does a linkblog's link to what it speaks
    of. An address of the entry on its own site, which a guid may be, is better than the site's. Where
    entries are copied from other sites (a planet's), a link to another host is where the text stood.
    """
    if url is None or not is_http(url):
        return guid if guid and is_http(guid) else site_url
    if site_url is None or _begin_alike(url, site_url) or same_site(url, site_url):
        return url
    own = guid if guid and is_http(guid) and same_site(guid, site_url) else site_url
    if _counts_clicks(url):
        return own
    return url if is_copied or same_site(url, document_url) else own


def _begin_alike(first: str, second: str) -> bool:
    """The same scheme and host, written in the same way: what costs nothing to see."""
    return first.split("/", 3)[:3] == second.split("/", 3)[:3]


def _counts_clicks(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").removeprefix("www.")
    return bool(_COUNTER_HOST.fullmatch(host) or _COUNTER_PATH.search(parts.path[:500]))
