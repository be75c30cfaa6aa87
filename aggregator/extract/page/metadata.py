"""Metadata of a page: title, authors, dates, language, image, canonical address.

Read from schema.org's JSON-LD, ``<meta>`` (Open Graph, Twitter, citation and Dublin Core names), and where
they say nothing from what the page shows (:mod:`~aggregator.extract.page.shown_facts`), never from its running text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aggregator.extract.page.authors import authors_of, is_person
from aggregator.extract.page.json_ld import (
    MergedArticle,
    Node,
    addresses,
    by_id,
    is_article,
    names,
    organisations,
    schema_nodes,
    strings,
)
from aggregator.extract.page.page_dates import Statements, dates_of
from aggregator.extract.page.shown_facts import ShownFacts
from aggregator.extract.page.titles import is_like, site_in, site_names_last, without_site
from aggregator.extract.page.tree import absolute
from aggregator.sanitize import to_text
from aggregator.urls import canonical, is_landing_page, same_site

_TITLE_NAMES = ("og:title", "twitter:title", "citation_title", "dc.title", "parsely-title")
# A name each: those of one list are read as one source.
_AUTHOR_NAMES = (
    ("citation_author", "bepress_citation_author"),
    ("author", "byl", "authors", "dc.creator", "dcterms.creator", "dc.contributor", "parsely-author", "sailthru.author", "cxenseparse:author"),
    ("article:author", "og:article:author", "article:author_name", "article.author", "article_author_name", "rbauthors", "twitter:data1"),
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
_MAX_TITLE = 500
_HEADINGS = 5  # that are looked at


@dataclass(frozen=True, slots=True)
class Metadata:
    """The facts found; ``titles`` are all that the page calls itself, best first."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None  # later than that
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
        content = _line(meta.get("content") or meta.get("value") or "")
        if name and content:
            metas.setdefault(name, []).append(content)
    nodes = list(schema_nodes(tree))
    known = by_id(nodes)
    linked = MergedArticle(filter(is_article, nodes))
    images = [*_of(metas, _IMAGE_NAMES), *addresses(linked.get("image"), known)]
    site_name = _site_name(metas, linked, nodes, known)
    titles = _titles(tree, metas, linked, site_name, url)
    shown = ShownFacts(tree, titles)
    own = (site_name, urlsplit(url).hostname or "", *organisations(nodes), *site_in(titles))
    language = _language(tree, metas, linked)
    says = Statements(metas, linked, nodes, url, titles, language or "")
    first, last = dates_of(tree, shown, says)
    return Metadata(
        titles=titles,
        authors=_authors(shown, metas, linked, known, own),
        published=first,
        modified=last,
        language=language,
        image=next((i for i in (_http(image, base_url) for image in images) if i), None),
        canonical_url=_canonical(tree, url, base_url),
        site_name=site_name,
        tags=_tags(metas, linked),
        description=next(
            iter([*_of(metas, _DESCRIPTION_NAMES), *strings(linked.get("description"))]), ""
        ),
        body=_body(linked),
        is_free=str(linked.get("isAccessibleForFree", True)).lower() != "false",
    )


def _authors(
    shown: ShownFacts,
    metas: dict[str, list[str]],
    linked: MergedArticle,
    known: dict[str, Node],
    site: Sequence[str],
) -> tuple[str, ...]:
    labels = zip(metas.get("twitter:label1", ()), metas.get("twitter:data1", ()), strict=False)
    written = [said for label, said in labels if _is_author_label(label)]
    sources: list[Sequence[str]] = [names(linked.get("author"), known)]
    for group in _AUTHOR_NAMES:
        sources += [metas.get(name, ()) for name in group if name != "twitter:data1"]
    sources += [written, names(linked.get("creator"), known)]
    found = authors_of(sources, site)
    if any(is_person(name, site) for name in found):
        return found
    return tuple(shown.authors()) or found or tuple(shown.signed())


def _is_author_label(label: str) -> bool:
    said = label.casefold()
    return any(word in said for word in ("written", "author", "by", "auteur", "autor", "verfasst", "geschrieben", "écrit", "escrito", "scritto", "автор"))  # fmt: skip


def _line(text: str) -> str:
    # Content management systems escape twice.
    return " ".join(unescape(text).split())[:5000]


def _of(metas: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]


def _titles(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: MergedArticle,
    site_name: str,
    url: str,
) -> tuple[str, ...]:
    headings = [_line(h.text_content()) for h in tree.iter("h1")]
    found = strings(linked.get("headline"))
    found += _of(metas, _TITLE_NAMES)
    found += headings[:1] if len(headings) == 1 else []
    found += [_line(t.text_content()) for t in list(tree.iter("title"))[:1]]
    found += headings[:3]
    given = [title for title in map(_line, found) if 0 < len(title) <= _MAX_TITLE]
    host = urlsplit(url).hostname or ""
    given = site_names_last(given, site_name, host)
    bare = [without_site(title, site_name, host) for title in given[:1]]
    # What search engines and networks are told is often worded for them.
    shown = (without_site(title, site_name, host) for title in headings[:_HEADINGS])
    headed = [
        title
        for title in shown
        if len(title) <= _MAX_TITLE and any(is_like(title, t) for t in bare)
    ]
    return tuple(dict.fromkeys([*headed[:1], *bare, *given]))


def _language(tree: HtmlElement, metas: dict[str, list[str]], linked: MergedArticle) -> str | None:
    candidates = [tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""]
    candidates += [tree.get("xml:lang") or "", *strings(linked.get("inLanguage"))]
    candidates += _of(metas, ("og:locale", "content-language", "dc.language", "language"))
    for candidate in candidates:
        if _LANGUAGE.fullmatch(candidate.strip()):
            return candidate.strip().replace("_", "-")
    return None


def _site_name(
    metas: dict[str, list[str]],
    linked: MergedArticle,
    nodes: Sequence[Node],
    known: dict[str, Node],
) -> str:
    found = _of(metas, ("og:site_name", "application-name"))
    found += names(linked.get("publisher"), known)
    found += [
        name for node in nodes if node.get("@type") == "WebSite" for name in names(node, known)
    ]
    return next((name for name in map(_line, found) if 0 < len(name) <= _LONGEST_NAME), "")


def _tags(metas: dict[str, list[str]], linked: MergedArticle) -> tuple[str, ...]:
    """What the page files the article under, each once; long lists are for search engines, not for us."""
    given = [*metas.get("article:tag", ()), *strings(linked.get("keywords"))]
    given = given or _of(metas, ("parsely-tags", "news_keywords", "keywords", "sailthru.tags"))
    sections = [*_of(metas, ("article:section",)), *strings(linked.get("articleSection"))]
    split = [part.strip(" #") for tag in map(_line, given) for part in _TAG_BREAK.split(tag)]
    tags = {tag.casefold(): tag for tag in reversed([*map(_line, sections), *split])}
    kept = [
        tag
        for tag in reversed(tags.values())
        if len(tag) > tag.isascii() and len(tag) <= _LONGEST_TAG
    ]
    return tuple(kept) if len(kept) <= _MAX_TAGS else ()


def _body(linked: MergedArticle) -> str:
    said = next(iter(strings(linked.get("articleBody"))), "")
    text = unescape(said)
    return " ".join((to_text(text) if "<" in text else text).split())


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
