"""The form of a URL under which its page is fetched and stored."""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator.urls.standard import HttpUrl, NotHttp, parse
from aggregator.urls.tracking import without_session, without_tracking

# A fragment is the browser's own business (RFC 3986 §3.5) except where it tells pages apart:
# routes of script-driven sites, and the numbered items of one long page (a release in a
# changelog, a comment, a post of a live page), which feeds list as entries of their own.
_ROUTE = re.compile(
    r"[!/?].+|[\w-]+(?:/[\w.~-]+)+|(?:id|p|page|article|story|post|news|item)=[\w-]+", re.IGNORECASE
)
_RELEASE = re.compile(
    r"(?:[a-z]+[-_/]?)?v?\d+(?:[._-]\d+)+(?:[._-]?[a-z]+[._-]?\d*)?|"
    r"\d+|(?:v|r|b|ver|version|rel|release|build|tag|entry|episode|part|day|week)[-_=]?v?\d[\w.]*|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_](?:\d{1,2}[-_])?\d{2,4}",
    re.IGNORECASE,
)
_NUMBERED_ITEM = re.compile(
    r"(?:issue)?(?:comment|discussion_r|post|entry|msg|message|reply|item|block|update|c|p)"
    r"[-_]?(?=[0-9a-f-]*\d)[0-9a-f-]{2,}",
    re.IGNORECASE,
)


def canonical(url: str) -> str:
    """``url`` in the form to fetch it by; equal forms name the same page.

    Normalised as the URL Standard says, without tracking parameters, session ids, and fragments
    that do not tell pages apart. Anything that is not an http(s) URL comes back unchanged. Applying
    it twice changes nothing.
    """
    try:
        return str(canonical_parts(url))
    except NotHttp:
        return url


def canonical_parts(url: str) -> HttpUrl:
    """:func:`canonical` in parts; raises :class:`NotHttp`."""
    parts = parse(url)
    path = without_session(parts.path)
    while path != parts.path:  # what is left may have dot segments to resolve
        parts = parse(str(replace(parts, path=path or "/")))
        path = without_session(parts.path)
    query = without_tracking(parts.query, parts.host)
    fragment = parts.fragment if parts.fragment and _tells_apart(parts.fragment) else ""
    if (query, fragment) == (parts.query, parts.fragment):
        return parts
    return replace(parts, query=query, fragment=fragment)


def _tells_apart(fragment: str) -> bool:
    return any(p.fullmatch(fragment) for p in (_ROUTE, _RELEASE, _NUMBERED_ITEM))
