"""Pages of articles: hints for reading one, and what was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.stored_feeds import Lease


class ExtractMode(StrEnum):
    """Rule by which the page of an entry is fetched."""

    AUTO = "auto"  # unless the feed gave the whole text
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ArticleHints:
    """Facts of the feed entry about its page: a check on what is extracted from it."""

    title: str = ""
    summary_text: str = ""
    language: str | None = None
    feed_key: str = ""  # the feed that says so
    has_media: bool = False  # its own text has pictures or players
    part: str = ""  # fragment by which its link names a part of the page
    siblings: bytes = (
        b""  # digests of blocks of the site's other pages: aggregator.extract.page.siblings
    )


@dataclass(frozen=True, slots=True)
class SiteRule:
    """Rule for pages of one site. XPaths, which compile, but for the names that say otherwise.

    An empty ``body`` narrows nothing. ``prune`` False: all that ``body`` selects is the article.
    """

    name: str = ""
    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    strip_id_or_class: tuple[str, ...] = ()  # pieces of ids and classes
    strip_image_src: tuple[str, ...] = ()  # pieces of addresses
    single_page_link: tuple[str, ...] = ()
    next_page_link: tuple[str, ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()  # in the page's source, literally
    prune: bool = True


@dataclass(frozen=True, slots=True)
class Article:
    """The article extracted from a page."""

    html: str
    text: str  # plain text of ``html``, paragraphs separated by newlines
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None  # where the page says so, and later than that
    language: str | None = None
    image: str | None = None
    canonical_url: str | None = None  # rel=canonical, when the page gives one on its own site
    site_name: str = ""
    description: str = ""  # the page's, of itself
    tags: tuple[str, ...] = ()
    # Provenance: "page:model", "page:trafilatura", "page:rule", "page:json-ld", "page:embedded" (JSON for scripts),
    # "page:amp" and "page:print" (other views of a page that was read badly);
    # without a text "feed": the feed's own is as good, or "file:TYPE": the link leads to a file.
    source: str = "page:trafilatura"
    confidence: float = 1.0  # 0 … 1
    reason: str = ""  # why that confidence, in words


@dataclass(frozen=True, slots=True)
class PageReading:
    """Reading of one page: its article, and the address of more of it (``""``: none)."""

    article: Article
    next_url: str = ""  # the page after it
    whole_url: str = ""  # a page that may have all of it
    blocks: bytes = b""  # digests of its blocks: aggregator.extract.page.siblings
    # Of a page that was read badly, another view of it: "amp" or "print", and its URL.
    view: tuple[str, str] | None = None
    inside: bool = False  # the page came from a network that the operator opened


@dataclass(frozen=True, slots=True)
class ArticleTask:
    """A page to fetch and extract, leased to this worker."""

    article_id: int
    url: str
    host: str
    lease: Lease
    attempts: int  # made so far, without this one
    hints: ArticleHints = ArticleHints()
    inside: bool = False  # a feed inside the networks that the operator opened links to it
