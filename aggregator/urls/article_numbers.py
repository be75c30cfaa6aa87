"""Addresses of newspapers and of common publishing software: each article under its number alone.

Compared only, after AMP and print forms are taken off; titles and sections in a path are decoration where a number
beside them is unique at the site (:mod:`aggregator.urls.publisher_forms`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.urls.publisher_forms import TABLE, UUID

_PARTS = {"{S}": r"(?:[^/]+/)*", "{T}": r"(?:[^/]*-)?", "{U}": UUID}
# BLOX, which American local papers run: at any host, since the path says so itself.
_BLOX = re.compile(rf"/(?:.*/)?(?P<id>(?:article|image|video)_{UUID})\.html")
# Gannett's papers, each with a host for Europe.
_GANNETT = re.compile(r"/story/(?:[\w-]+/)+\d{4}/\d\d/\d\d/[^/]+/(?P<id>\d{8,11})")
# Journals at HighWire: text, abstract and PDF. Shops at Shopify: a product in one of its collections.
_HIGHWIRE = re.compile(
    r"(?P<path>/content/(?:[\w-]+/)*\d+/[\w./-]*?\w)\.(?:full|abstract|short|long|full-text)(?:\.pdf)?"
)
_SHOPIFY = re.compile(r"(?:/[a-z]{2}(?:-[a-z]{2})?)?/collections/[^/]+(?P<path>/products/[^/]+)")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")

_LONGEST = 1000  # characters of a path; with more, strangers could make a comparison slow
# What is numbered in rows of its own, or lists articles: "/tag/1234567" is not "/politics/1234567".
_SHELVES = frozenset(
    """
    tag tags t topic topics thema themen tema temas author authors autor autoren autori auteur auteurs profile profiles
    people person personen user users u search suche recherche photo photos foto fotos fotogalerie pictures gallery
    galleries galeri galerie picture-gallery bildergalerie diaporama video videos audio podcast podcasts player
    mediathek dossier dossiers collection collections series serie serien event events company companies quotes
    market-data institution institutions newsletter newsletters games game hub hubs program programs programme argomenti
    category kategorie sujet
    """.split()  # noqa: SIM905
)

_Moves = tuple[tuple[str, str], ...]  # pattern, path for all


def _by_host() -> dict[str, _Moves]:
    found: dict[str, _Moves] = {}
    for line in TABLE.splitlines():
        if line and not line.startswith("#"):
            hosts, pattern, path = line.split(" ⇒ ")
            for short, whole in _PARTS.items():
                pattern = pattern.replace(short, whole)
            for host in hosts.split():
                found[host] = (*found.get(host, ()), (pattern, path))
    return found


_FORMS = _by_host()


def published(host: str, path: str) -> tuple[str, str]:
    """Host and path for all addresses of the article at ``path`` of ``host`` (without ``www.``)."""
    if len(path) > _LONGEST:
        return host, path
    if "/collections/" in path and (found := _SHOPIFY.fullmatch(path)):
        return host, found["path"]
    if not _SHELVES.isdisjoint(path.lower().split("/")[1:-1]):
        return host, path
    return _numbered(host, path) or _by_software(host, path)


def _numbered(host: str, path: str) -> tuple[str, str] | None:
    """Where the site is known, and its number stands in the path."""
    for pattern, as_path in _FORMS.get(host) or _FORMS.get(f"*.{host.partition('.')[2]}") or ():
        found = _compiled(pattern).fullmatch(path)
        if found is not None and _DAY.fullmatch(found.groupdict().get("id", "")) is None:
            moved = as_path.format(**found.groupdict())
            before, _, after = moved.partition("/")
            return before or host, f"/{after}"
    return None


def _by_software(host: str, path: str) -> tuple[str, str]:
    """At any host: the software that runs there is told by the path."""
    if path.startswith("/story/") and (found := _GANNETT.fullmatch(path)):
        return host.removeprefix("eu."), f"/story/{found['id']}"
    if path.startswith("/content/") and (found := _HIGHWIRE.fullmatch(path)):
        return host, found["path"]
    found = _BLOX.fullmatch(path) if "_" in path else None
    return (host, f"/{found['id']}.html") if found else (host, path)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a host is first met: most installations follow few of them."""
    return re.compile(pattern)
