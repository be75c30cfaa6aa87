"""The form of a URL under which its page is fetched and stored."""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator.urls.link_guards import is_sealed
from aggregator.urls.standard import HttpUrl, NotHttp, parse
from aggregator.urls.tracking import without_session, without_tracking

# A fragment is the browser's own business (RFC 3986 §3.5), yet it tells things apart: routes of
# script-driven sites, and the parts of one long page (a release in a changelog, a comment, a post
# of a thread), which feeds list as entries of their own. Only what names no part goes.
_TEXT_DIRECTIVE = re.compile(r":~:.*", re.DOTALL)  # what to highlight, a browser's own note
_TRACKING = re.compile(
    r"\.[\w-]+|ixzz[\w-]*|_=_|__[\w-]+|rss|google_vignette|tbl-em-\w+|"
    r"(?:tk|ref|from|src|source|via|cid|mod|partner|link|s)[-_.=](?:rss|feed|atom)\w*",
    re.IGNORECASE,
)  # share counters that read the address, log-ins, adverts
_WHOLE_PAGE = re.compile(
    r"(?:page-?)?(?:top|start)|(?:main|page|primary)?[-_]?(?:content|main)|main[-_]content|"
    r"more-\d+|respond|comments|comment-form|disqus_thread",
    re.IGNORECASE,
)

_ROUTE = re.compile(r"[!/?].*|[\w-]+=.*|[\w-]+(?:/[\w.~-]+)+", re.DOTALL)
_RELEASE = re.compile(
    r"(?:[a-z]+[-_/]?)?v?\d+(?:[._-]\d+)+(?:[._-]?[a-z]+[._-]?\d*)?|"
    r"\d+|(?:v|r|b|ver|version|rel|release|build|tag|entry|episode|part|day|week)[-_=]?v?\d[\w.]*|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_](?:\d{1,2}[-_])?\d{2,4}",
    re.IGNORECASE,
)
_NUMBERED_ITEM = re.compile(
    r"(?:issue)?(?:comment|discussion_r|post|entry|msg|message|reply|answer|item|block|update|pid|c|p|m|a)"
    r"[-_:]?(?=[0-9a-f-]*\d)[0-9a-f-]+",
    re.IGNORECASE,
)


def canonical(url: str) -> str:
    """``url`` in the form to fetch it by; equal forms name the same page.

    Normalised as the URL Standard says, without tracking parameters, session ids, and fragments
    that name no part of the page. Anything that is not an http(s) URL comes back unchanged. Applying
    it twice changes nothing.
    """
    try:
        return str(canonical_parts(url))
    except NotHttp:
        return url


def canonical_parts(url: str) -> HttpUrl:
    """:func:`canonical` in parts; raises :class:`NotHttp`."""
    parts = parse(url)
    if is_sealed(parts.host):
        return parts
    path = without_session(parts.path)
    while path != parts.path:  # what is left may have dot segments to resolve
        parts = parse(str(replace(parts, path=path or "/")))
        path = without_session(parts.path)
    query = without_tracking(parts.query, parts.host)
    fragment = part_named(parts.fragment, parts.host) if parts.fragment else ""
    if (query, fragment) == (parts.query, parts.fragment):
        return parts
    return replace(parts, query=query, fragment=fragment)


def part_named(fragment: str, host: str = "") -> str:
    """``fragment`` without what only says how a reader came; ``""`` when it names the whole page."""
    named = _TEXT_DIRECTIVE.sub("", fragment)
    if "=" in named and not named.startswith(("/", "!", "?")):
        named = without_tracking(named, host)
    if _TRACKING.fullmatch(named) or _WHOLE_PAGE.fullmatch(named):
        return ""
    return named


def part_of(url: str) -> str:
    """The fragment by which ``url`` names a part of its page; ``""`` for a whole page or a route."""
    try:
        fragment = canonical_parts(url).fragment
    except NotHttp:
        return ""
    return "" if _ROUTE.fullmatch(fragment) else fragment


def without_part(url: str) -> str:
    """:func:`canonical` of ``url`` without its fragment: the page, of whatever is on it."""
    try:
        return str(replace(canonical_parts(url), fragment=""))
    except NotHttp:
        return url


def names_item(fragment: str) -> bool:
    """True for a fragment that by its form names one item of many: a comment, a post, a release."""
    return any(p.fullmatch(fragment) for p in (_RELEASE, _NUMBERED_ITEM))
