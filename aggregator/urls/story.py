"""A key under which two URLs of one page are equal; for comparison only, never fetched.

A false merge hides a story from its subscribers, a missed one only shows it twice: every rule here
keeps apart what it is not sure of.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.urls.article_numbers import published
from aggregator.urls.canonical import canonical_parts
from aggregator.urls.labels import is_label
from aggregator.urls.limits import LONGEST_INDEXED
from aggregator.urls.platforms import one_form
from aggregator.urls.reader_marks import campaigns, is_mark
from aggregator.urls.redirectors import target
from aggregator.urls.standard import HttpUrl, NotHttp, parse

RULES = 2
"""The version of the rules by which keys are made: to be raised with each that changes a key.

Stored keys are then made anew: :mod:`aggregator.store.stories.key_backlog`.
"""
_MAX_UNWRAPS = 3

# Hosts that show the same pages in other clothes. ``www2.`` and ``old.`` are not among them.
_VARIANT_HOST = re.compile(r"(?:www|m|mobile|mobil|touch|wap|amp)\.(?=[^.]+\.)")
_WIKIMEDIA_MOBILE = re.compile(
    r"^([a-z-]+)\.m\.(wikipedia|wiktionary|wikinews|wikiquote|wikisource|wikivoyage|wikibooks|wikimedia)\.org$"
)
# What may stand before a country code as a public suffix: ``m.co.uk`` is a site, not a mobile ``co.uk``.
_SECOND_LEVEL = frozenset(
    "ac co com edu gob gouv gov go info ltd mil ne net nom or org plc".split()  # noqa: SIM905 - one word a line hides the list
)

_INDEX_PAGE = re.compile(
    r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml|xhtml|phtml|cfm|cgi|pl|do)$",
    re.IGNORECASE,
)
_FRONT_CONTROLLER = re.compile(r"^/index\.php(?=/.)")  # "/index.php/2026/…" routes as "/2026/…"
_AMP_DOCUMENT = re.compile(
    r"/index\.amp\.html?$|\.amp$|[.~]amp(?=\.html?$)|(?<=-[0-9a-f]{12})-amp$|(?<=\d{8})-amp(?=\.html?$)",
    re.IGNORECASE,
)
# "/tag/amp/…" is about amplifiers, and "/shop/amp/jcm-800" is one.
_NO_SHELF = "".join(
    f"(?<!/{shelf})"
    for shelf in "tag tags topic topics category gear shop store product products".split()  # noqa: SIM905
)
# Forms that sites give an article beside its own; what is left must look like one.
_DRESSES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"/amp(?:\.html?|/1)?$|(?<=/)amp_(?=(?:article|video)show/)",
        r"^(?:/platform|/google)?/(?:amp(?:html)?|google-amp)(?=/.*[^/\d])",
        rf"(?<=[^/]){_NO_SHELF}/amp(?=/(?:.*/)?[^/]*[-_.][^/]*$)",  # a title has to follow
        r"/(?:print(?:\.html?)?|printable|print(?:er)?-?friendly|print-?(?:view|version)|drucken|druckversion)$",
        r"/(?:imprimer|imprimir|stampa|komplettansicht)$",
        r"/comment-page-\d+$",  # WordPress; which comment is in the fragment
        r"\.print(?=\.html?$)",
        r"^/print(?=/.*[^/\d])(?=/.*(?:\d{4}|\.html?$))",
    )
)
# Escaped or not, these characters say the same in a path or query (RFC 3986 §2.2 keeps them apart,
# servers and frameworks do not); "/", "?", "#", "%", "\\", "&", "=", "+" and ";" do tell apart.
_SAME_IN_PATH = re.compile(r"%(21|24|27|28|29|2A|2C|3A|40)")
_SAME_IN_QUERY = re.compile(r"%(21|24|27|28|29|2A|2C|2F|3A|3F|40)")
_TITLE = re.compile(r"[-_].*[-_]|^(?=.*[-_]).{10,}")  # three words, or two long ones
# A number in the address, or a document: no section of a shop.
_ARTICLE = re.compile(r"\d{4}|/\d{2,}\.|/\d{3,}(?:/|$)|[^/]\.html?$", re.IGNORECASE)
# A year, a month, an issue: "/gear/amp/2024" and "/2026/print" are archives of what is called so.
_NAMED_PERIOD = (
    r"(?:issues?|vol(?:ume)?|no|nr|number|edition|ausgabe|heft|spring|summer|autumn|fall|winter|"
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|q[1-4]|w\d{1,2})"
)
_PERIOD = re.compile(
    rf"/(?:(?:19|20)\d\d|{_NAMED_PERIOD}[-_/]?\d{{1,4}})(?:[-_/](?:{_NAMED_PERIOD}|\d{{1,2}}))*(?:\.html?)?$|"
    rf"/{_NAMED_PERIOD}(?:[-_/](?:{_NAMED_PERIOD}|\d{{1,4}}))*$",
    re.IGNORECASE,
)
_AMPERSAND = re.compile(r"^amp(?:;|%3B)", re.IGNORECASE)
_SETTING = re.compile(r"[\w-]+=[\w.-]*")
_SLASHES = re.compile(r"/{2,}")

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
    AMP caches, well-known redirectors and short links of videos and posts. A URL that is not
    http(s) comes back unchanged.
    """
    return _known(url)[0]


def is_landing_page(url: str) -> bool:
    """True for evidently a home page or a section's front: the page of many stories.

    True as well for what is not an http(s) URL: it names no page of its own.
    """
    return _known(url)[1]


def _known(url: str) -> tuple[str, bool]:
    # What is longer is kept by nobody, and strangers could fill the memory with it.
    return _compared(url) if len(url) <= LONGEST_INDEXED else _compared.__wrapped__(url)


# An entry's guid, link and canonical URL are often one and asked several times each, as it is
# stored and, some thousand entries later, as it is settled.
@lru_cache(maxsize=4096)
def _compared(url: str) -> tuple[str, bool]:
    """The comparison key of ``url``, and True for a landing page."""
    parts = _parts(url)
    if parts is None:
        return url, True
    host, path = published(site_host(parts.host), _story_path(parts.path))
    query = _story_query(parts.query, host, path)
    fragment = parts.fragment
    if "=" in fragment and _SETTING.fullmatch(fragment):  # "#Echobox=1772445600"
        fragment = _story_query(fragment, host, path)
    port = f":{parts.port}" if parts.port else ""
    bare = not query and not fragment
    key = f"{host}{port}{path}{'?' + query if query else ''}{'#' + fragment if fragment else ''}"
    return key, bare and _LANDING_PATH.fullmatch(path) is not None


def _parts(url: str) -> HttpUrl | None:
    """The canonical URL in parts, redirectors, AMP caches and short links looked through."""
    for _ in range(_MAX_UNWRAPS):
        try:
            parts = canonical_parts(url)
        except NotHttp:
            return None
        leads_to = target(parts)
        if leads_to is None or not _is_http(leads_to):
            break
        url = leads_to
    return one_form(parts, site_host(parts.host))


def forget_cached() -> None:
    """Forget what was computed under other tracking parameters."""
    _compared.cache_clear()


def _is_http(url: str) -> bool:
    try:
        parse(url)
    except NotHttp:
        return False
    return True


@lru_cache(maxsize=1024)
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
    path = _same(_SAME_IN_PATH, path)
    if ":" not in path:  # an address within the path needs its own
        path = _SLASHES.sub("/", path)
    undressed = _undressed(path)
    while undressed != path:  # "/a.amp/amp"
        path, undressed = undressed, _undressed(undressed)
    return path


def _undressed(path: str) -> str:
    path = _FRONT_CONTROLLER.sub("", _INDEX_PAGE.sub("", path)).rstrip("/")
    path = _AMP_DOCUMENT.sub("", path)
    for pattern in _DRESSES:
        shorter = pattern.sub("", path, count=1).rstrip("/")
        # ``/guitars/amp`` is a page about amplifiers; what is left must look like an article.
        if shorter != path and _names_an_article(shorter):
            path = shorter
    return path or "/"


def _names_an_article(path: str) -> bool:
    if _PERIOD.search(path):
        return False
    last = path.rpartition("/")[2]
    return _TITLE.search(last) is not None or _ARTICLE.search(path) is not None


def _story_query(query: str, host: str, path: str) -> str:
    if not query:
        return query
    # "&amp;" that was escaped once too often leaves "amp;" before the next name.
    parts = [_AMPERSAND.sub("", part) for part in query.split("&")]
    of_article = _names_an_article(path)
    ours = campaigns(parts) if of_article and len(parts) > 1 else ()
    told = [
        part
        for part in parts
        if part
        and not _is_label(part, host, path, of_article)
        and not part.lower().startswith(ours)
    ]
    if "nb=1" in told and "share=" in query:  # WordPress: without a window of its own
        told.remove("nb=1")
    # Only names are sorted: among equal names the order may carry meaning.
    told.sort(key=lambda part: part.partition("=")[0])
    return _same(_SAME_IN_QUERY, "&".join(told)).replace("+", "%20")


def _is_label(part: str, host: str, path: str, of_article: bool) -> bool:
    name, _, value = part.partition("=")
    return is_label(name, value, host, path) or is_mark(name, value, host, of_article=of_article)


def _same(escapes: re.Pattern[str], text: str) -> str:
    if "%" not in text:
        return text
    return escapes.sub(lambda found: chr(int(found[1], 16)), text)
