"""Metadata of a page: title, authors, date, language, image, canonical address.

Read from ``<meta>`` (Open Graph, Twitter, citation and Dublin Core names), schema.org JSON-LD and
plain HTML, each element visited once. trafilatura and htmldate would also search the running text;
the feed entry knows those facts better than a search does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from aggregator.extract.page.tree import absolute
from aggregator.sanitize import to_text
from aggregator.urls import canonical, is_landing_page, same_site

_TITLE_NAMES = ("og:title", "twitter:title", "citation_title", "dc.title", "parsely-title")
_AUTHOR_NAMES = (
    "author",
    "article:author",
    "citation_author",
    "dc.creator",
    "parsely-author",
    "byl",
)
_DATE_NAMES = (
    "article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dcterms.date",
    "dc.date.issued", "citation_publication_date", "parsely-pub-date", "pubdate", "publish-date",
    "publication_date", "sailthru.date",
)  # fmt: skip
_IMAGE_NAMES = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
)
_DESCRIPTION_NAMES = ("og:description", "description", "twitter:description", "dc.description")
_TAG_BREAK = re.compile(r"[,;|，、]")
_LONGEST_TAG = 60  # characters
_LONGEST_NAME = 100
_MAX_TAGS = 25
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Posting|Report|Review|Recipe|HowTo)$")
_BY = re.compile(
    r"^(?:(?:by|von|par|por|door|av|af|written by)\s+|(?:autor|author|text):\s*)"
    # “Di Mario Rossi” is a byline, “Di Maria” a name.
    r"|^(?:di|da)\s+(?=\S+\s+\S)|^作者[::]?\s*|^文[/|:]",
    re.IGNORECASE,
)
_MAX_JSON = 500_000  # characters of one JSON-LD block
_MAX_NODES = 5_000  # of JSON-LD that are looked at
_MAX_AUTHORS = 20
_MAX_TITLE = 500


@dataclass(frozen=True, slots=True)
class Metadata:
    """The facts found; ``titles`` are all that the page calls itself, best first."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    image: str | None = None
    canonical_url: str | None = None
    site_name: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    body: str = ""  # the article's text as JSON-LD gives it, spaces collapsed
    is_free: bool = True  # False: the page says that not everyone may read all of it

    @property
    def title(self) -> str:
        """The best title, ``""`` when the page has none."""
        return self.titles[0] if self.titles else ""


def read_metadata(tree: HtmlElement, url: str, base_url: str) -> Metadata:
    """Metadata of ``tree``, fetched from ``url``. Never raises."""
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        content = _line(meta.get("content") or "")
        if name and content:
            metas.setdefault(name, []).append(content)
    nodes = list(schema_nodes(tree))
    linked = next(filter(is_article, nodes), {})
    dates = [*_strings(linked.get("datePublished")), *_of(metas, _DATE_NAMES), *_times(tree)]
    images = [*_of(metas, _IMAGE_NAMES), *_image_urls(linked.get("image"))]
    return Metadata(
        titles=_titles(tree, metas, linked),
        authors=_authors([*_names(linked.get("author")), *_of(metas, _AUTHOR_NAMES)]),
        published=next((d for d in map(parse_date, dates) if d), None),
        language=_language(tree, metas, linked),
        image=next((i for i in (_http(image, base_url) for image in images) if i), None),
        canonical_url=_canonical(tree, url, base_url),
        site_name=_site_name(metas, linked, nodes),
        tags=_tags(metas, linked),
        description=next(
            iter([*_of(metas, _DESCRIPTION_NAMES), *_strings(linked.get("description"))]), ""
        ),
        body=_body(linked),
        is_free=str(linked.get("isAccessibleForFree", True)).lower() != "false",
    )


def parse_date(value: str) -> datetime | None:
    """An ISO 8601 date as aware UTC (a date without a zone is taken as UTC); None for others."""
    try:
        moment = datetime.fromisoformat(value.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _line(text: str) -> str:
    # Content management systems escape twice.
    return " ".join(unescape(text).split())[:5000]


def _of(metas: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]


def _titles(
    tree: HtmlElement, metas: dict[str, list[str]], linked: dict[str, Any]
) -> tuple[str, ...]:
    headings = [_line(h.text_content()) for h in tree.iter("h1")]
    found = _strings(linked.get("headline"))
    found += _of(metas, _TITLE_NAMES)
    found += headings[:1] if len(headings) == 1 else []
    found += [_line(t.text_content()) for t in list(tree.iter("title"))[:1]]
    found += headings[:3]
    return tuple(
        dict.fromkeys(title for title in map(_line, found) if 0 < len(title) <= _MAX_TITLE)
    )


def _authors(names: list[str]) -> tuple[str, ...]:
    kept = []
    for name in map(_line, names):
        person = _BY.sub("", name).strip(" ,;|")
        # Profile addresses and whole sentences are no names.
        if person and len(person) <= 80 and "://" not in person and not person.startswith("@"):
            kept.append(person)
    unique = {person.casefold(): person for person in reversed(kept)}
    return tuple(p for p in dict.fromkeys(kept) if unique[p.casefold()] == p)[:_MAX_AUTHORS]


def _language(tree: HtmlElement, metas: dict[str, list[str]], linked: dict[str, Any]) -> str | None:
    candidates = [tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""]
    candidates += [tree.get("xml:lang") or "", *_strings(linked.get("inLanguage"))]
    candidates += _of(metas, ("og:locale", "content-language", "dc.language", "language"))
    for candidate in candidates:
        if _LANGUAGE.fullmatch(candidate.strip()):
            return candidate.strip().replace("_", "-")
    return None


def _site_name(
    metas: dict[str, list[str]], linked: dict[str, Any], nodes: list[dict[str, Any]]
) -> str:
    found = _of(metas, ("og:site_name", "application-name"))
    found += _names(linked.get("publisher"))
    found += [name for node in nodes if node.get("@type") == "WebSite" for name in _names(node)]
    return next((name for name in map(_line, found) if 0 < len(name) <= _LONGEST_NAME), "")


def _tags(metas: dict[str, list[str]], linked: dict[str, Any]) -> tuple[str, ...]:
    """What the page files the article under, each once; long lists are for search engines, not for us."""
    given = [*metas.get("article:tag", ()), *_strings(linked.get("keywords"))]
    given = given or _of(metas, ("parsely-tags", "news_keywords", "keywords", "sailthru.tags"))
    sections = [*_of(metas, ("article:section",)), *_strings(linked.get("articleSection"))]
    split = [part.strip(" #") for tag in map(_line, given) for part in _TAG_BREAK.split(tag)]
    tags = {tag.casefold(): tag for tag in reversed([*map(_line, sections), *split])}
    kept = [
        tag
        for tag in reversed(tags.values())
        if len(tag) > tag.isascii() and len(tag) <= _LONGEST_TAG
    ]
    return tuple(kept) if len(kept) <= _MAX_TAGS else ()


def _body(linked: dict[str, Any]) -> str:
    said = next(iter(_strings(linked.get("articleBody"))), "")
    text = unescape(said)
    return " ".join((to_text(text) if "<" in text else text).split())


def _times(tree: HtmlElement) -> list[str]:
    """``<time>`` elements that say to be the publication's."""
    return [
        time.get("datetime", "")
        for time in tree.iter("time")
        if time.get("pubdate") is not None or time.get("itemprop") == "datePublished"
    ]


def _http(reference: str, base_url: str) -> str:
    url = absolute(reference, base_url)
    return url if url.startswith(("http://", "https://")) else ""


def _canonical(tree: HtmlElement, url: str, base_url: str) -> str | None:
    """``rel=canonical`` (RFC 6596) when it may be believed: of the same site, and of one page."""
    for link in tree.iter("link"):
        if "canonical" not in (link.get("rel") or "").lower().split():
            continue
        href = (link.get("href") or "").strip()
        target = canonical(_http(href, base_url)) if href else ""
        if (
            target
            and same_site(target, url)
            and (is_landing_page(url) or not is_landing_page(target))
        ):
            return target
    return None


def schema_nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The nodes of the page's JSON-LD, in document order."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        text = script.text or ""
        if len(text) > _MAX_JSON:
            continue
        try:
            # strict=False: line breaks within strings are a common fault.
            document = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _nodes(document)


def _nodes(document: Any) -> Iterator[dict[str, Any]]:
    waiting, seen = [document], 0
    while waiting and seen < _MAX_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting += node[:_MAX_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [
                node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node
            ]


def is_article(node: dict[str, Any]) -> bool:
    """True for a node of JSON-LD of one of schema.org's types of articles."""
    return any(_ARTICLE_TYPE.search(kind) for kind in _strings(node.get("@type")))


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [v for v in values[:_MAX_AUTHORS] if isinstance(v, str)]


def _names(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    found: list[str] = []
    for author in values[:_MAX_AUTHORS]:
        found += _strings(author.get("name") if isinstance(author, dict) else author)
    return found


def _image_urls(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    found: list[str] = []
    for image in values[:_MAX_AUTHORS]:
        found += _strings(image.get("url") if isinstance(image, dict) else image)
    return found
