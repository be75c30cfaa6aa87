"""A key under which two URLs of one page are equal; for comparison only, never fetched.

A false merge hides a story from its subscribers, a missed one only shows it twice: every rule here
keeps apart what it is not sure of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from aggregator.urls.canonical import canonical
from aggregator.urls.standard import HttpUrl, NotHttp, parse

_MAX_UNWRAPS = 3

# Hosts that show the same pages in other clothes. ``www2.`` and ``old.`` are not among them.
_VARIANT_HOST = re.compile(r"(?:www|m|mobile|amp)\.(?=[^.]+\.)")
_WIKIMEDIA_MOBILE = re.compile(
    r"^([a-z-]+)\.m\.(wikipedia|wiktionary|wikinews|wikiquote|wikisource|wikivoyage|wikibooks)\.org$"
)
# What may stand before a country code as a public suffix: ``m.co.uk`` is a site, not a mobile ``co.uk``.
_SECOND_LEVEL = frozenset(
    "ac co com edu gob gouv gov go info ltd mil ne net nom or org plc".split()  # noqa: SIM905 - one word a line hides the list
)

_INDEX_PAGE = re.compile(
    r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml|xhtml|cfm)$", re.IGNORECASE
)
_AMP_SUFFIX = re.compile(
    r"(?:/amp|\.amp|/amp/index\.html|\.amp(?=\.html?$))$|\.amp(?=\.html?$)", re.IGNORECASE
)
_AMP_PREFIX = re.compile(r"^/amp(?=/)", re.IGNORECASE)
_PRINT_SUFFIX = re.compile(r"/(?:print|printable)$", re.IGNORECASE)
_YES = frozenset({"", "1", "true", "yes", "y"})

# Parameters that are labels with these values only; with others they may name the page.
_LABEL_NAMES = frozenset({"ref", "source", "src", "from", "via", "origin", "medium", "campaign", "mbid",
                          "cid", "rss", "share", "ref_", "soc_src", "soc_trk"})  # fmt: skip
_LABEL_VALUE = re.compile(
    r"(?:(?:rss|atom|feed|feeds|rssfeed|rss2?\.0|newsfeed|feedburner|feedly|inoreader|flipboard|"
    r"twitter|x|facebook|fb|linkedin|reddit|whatsapp|telegram|mastodon|bluesky|bsky|pocket|"
    r"newsletter|email|mail|e-mail|homepage|home|frontpage|hp|share|social|sharing|push|"
    r"googlenews|google-news|google|hackernews|hn|producthunt|hnsearch)[-_.]?){1,3}",
    re.IGNORECASE,
)

# Redirectors that carry their target along: host → (path, parameters that may hold it).
_REDIRECTORS: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "google.com": (re.compile(r"/url"), ("url", "q")),
    "l.facebook.com": (re.compile(r"/l\.php"), ("u",)),
    "lm.facebook.com": (re.compile(r"/l\.php"), ("u",)),
    "l.instagram.com": (re.compile(r"/.*"), ("u",)),
    "t.umblr.com": (re.compile(r"/redirect"), ("z",)),
    "out.reddit.com": (re.compile(r"/.*"), ("url",)),
    "steamcommunity.com": (re.compile(r"/linkfilter/?"), ("url", "u")),
    "youtube.com": (re.compile(r"/redirect"), ("q",)),
    "bing.com": (re.compile(r"/news/apiclick\.aspx"), ("url",)),
    "go.redirectingat.com": (re.compile(r"/.*"), ("url",)),
    "duckduckgo.com": (re.compile(r"/l/"), ("uddg",)),
    "vk.com": (re.compile(r"/away\.php"), ("to",)),
}
_AMP_CACHE_HOST = re.compile(r"[a-z0-9-]+\.cdn\.ampproject\.org")
_AMP_CACHE_PATH = re.compile(r"^/(?:[cv]|wp)/(s/)?([^/]+\.[^/]+/.*)$")
_GOOGLE_AMP_PATH = re.compile(r"^/amp/(s/)?([^/]+\.[^/]+/.*)$")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")

_LANDING_PATH = re.compile(
    r"(?:/[a-z]{2}(?:[-_][a-z]{2})?)?"  # a language
    r"(?:/(?:home|news|blog|blogs|posts?|articles?|stories|latest|archives?|feeds?|rss|atom|"
    r"start|startseite|aktuell|actualites?|noticias|noticia|nachrichten|weblog|journal|podcasts?|"
    r"videos?|media|press|updates?|changelog|releases|events|index|main|live|world|sport|sports|"
    r"business|politics|technology|tech|science|culture|opinion|health)){0,2}/?",
    re.IGNORECASE,
)


def story_key(url: str) -> str:
    """The comparison key of ``url``: equal keys name the same page, whoever links to it how.

    In addition to :func:`~aggregator.urls.canonical.canonical`, it ignores the scheme, user info,
    ``www.``/``m.``/``mobile.``/``amp.`` hosts, AMP, print and index forms, a trailing slash, the
    order of parameters and parameters whose value is a mere label (``?ref=rss``), and looks through
    AMP caches and well-known redirectors. A URL that is not http(s) comes back unchanged.
    """
    parts = _parts(url)
    if parts is None:
        return url
    path = _story_path(parts.path)
    query = _story_query(parts.query)
    port = f":{parts.port}" if parts.port else ""
    return (
        f"{site_host(parts.host)}{port}{path}"
        f"{'?' + query if query else ''}{'#' + parts.fragment if parts.fragment else ''}"
    )


def is_landing_page(url: str) -> bool:
    """Whether ``url`` is evidently a home page or a section's front: the page of many stories.

    True as well for what is not an http(s) URL: it names no page of its own.
    """
    parts = _parts(url)
    if parts is None:
        return True
    bare = not _story_query(parts.query) and not parts.fragment
    return bare and _LANDING_PATH.fullmatch(_story_path(parts.path)) is not None


@lru_cache(
    maxsize=256
)  # an entry's guid, link and canonical URL are often one, and asked twice each
def _parts(url: str) -> HttpUrl | None:
    """The canonical URL in parts, redirectors, AMP caches and video short links looked through."""
    for _ in range(_MAX_UNWRAPS):
        try:
            parts = parse(canonical(url))
        except NotHttp:
            return None
        target = _target(parts)
        if target is None or _parse_or_none(target) is None:
            return _video(parts)
        url = target
    return _video(parts)


def _parse_or_none(url: str) -> HttpUrl | None:
    """``url`` in parts, or None when it is no http(s) URL."""
    try:
        return parse(url)
    except NotHttp:
        return None


def _target(parts: HttpUrl) -> str | None:
    """Where a redirector or cache leads, by its URL alone."""
    host = parts.host.removeprefix("www.")
    cached = None
    if _AMP_CACHE_HOST.fullmatch(host):
        cached = _AMP_CACHE_PATH.match(parts.path)
    elif host == "google.com":
        cached = _GOOGLE_AMP_PATH.match(parts.path)
    if cached:
        query = f"?{parts.query}" if parts.query else ""
        return f"http{'s' if cached[1] else ''}://{cached[2]}{query}"
    path, names = _REDIRECTORS.get(host, (None, ()))
    if path is None or not path.fullmatch(parts.path):
        return None
    for name in names:
        for part in parts.query.split("&"):
            key, _, value = part.partition("=")
            if key == name and value:
                return unquote(value)
    return None


def _video(parts: HttpUrl) -> HttpUrl:
    """Every address of one YouTube video as its watch page."""
    host = site_host(parts.host)
    video = ""
    if host == "youtu.be":
        video = parts.path[1:].rstrip("/")
    elif host in {"youtube.com", "youtube-nocookie.com", "music.youtube.com"}:
        if parts.path == "/watch":
            query = (part.partition("=") for part in parts.query.split("&"))
            video = next((value for name, _, value in query if name == "v"), "")
        elif found := re.fullmatch(r"/(?:embed|shorts|live|v)/([^/]+)/?", parts.path):
            video = found[1]
    if not _VIDEO_ID.fullmatch(video):
        return parts
    return replace(parts, host="youtube.com", path="/watch", query=f"v={video}", fragment="")


def site_host(host: str) -> str:
    """``host`` without the labels that only choose another dress: ``www.``, ``m.``, ``amp.``."""
    host = host.rstrip(".") or host
    if wikimedia := _WIKIMEDIA_MOBILE.fullmatch(host):
        return f"{wikimedia[1]}.{wikimedia[2]}.org"
    for _ in range(2):  # "www.m.example.org"
        rest = _VARIANT_HOST.sub("", host, count=1) if _VARIANT_HOST.match(host) else host
        labels = rest.split(".")
        if len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND_LEVEL:
            return host
        host = rest
    return host


def _story_path(path: str) -> str:
    path = _INDEX_PAGE.sub("", path)
    path = path.rstrip("/")
    for pattern in (_AMP_SUFFIX, _AMP_PREFIX, _PRINT_SUFFIX):
        shorter = pattern.sub("", path).rstrip("/")
        # ``/guitars/amp`` is a page about amplifiers; what is left must look like an article.
        if shorter != path and _names_an_article(shorter):
            path = shorter
    return path or "/"


def _names_an_article(path: str) -> bool:
    last = path.rpartition("/")[2]
    return len(re.findall(r"[-_]", last)) >= 2 or bool(re.search(r"\d{4}|.\.html?$", last))


def _story_query(query: str) -> str:
    parts = [part for part in query.split("&") if part and not _is_label(part)]
    # Only names are sorted: among equal names the order may carry meaning.
    return "&".join(sorted(parts, key=lambda part: part.partition("=")[0]))


def _is_label(part: str) -> bool:
    name, _, value = part.partition("=")
    name = name.lower()
    if name in {"amp", "print", "printable"}:
        return value.lower() in _YES
    if name in {"outputtype", "output", "view"}:
        return value.lower() in ({"amp"} if name != "view" else {"amp", "print"})
    return name in _LABEL_NAMES and _LABEL_VALUE.fullmatch(value) is not None
