"""From the bytes of a page to its article: the whole way, as one pure function for a worker."""

from __future__ import annotations

import re
from itertools import compress

from lxml.html import HtmlElement

from aggregator.errors import NoArticle
from aggregator.extract.blocks import blocks_of
from aggregator.extract.choose import Known, choose
from aggregator.extract.decode import decode
from aggregator.extract.evidence import Evidence, confidence, shortfall, weigh
from aggregator.extract.metadata import Metadata, read_metadata
from aggregator.extract.prepare import UnusablePage, base_of, parse_page
from aggregator.extract.serialise import to_html
from aggregator.extract.verdict import wall
from aggregator.model import Article, ArticleHints
from aggregator.sanitize import clean_html

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Servers that do not know call anything so; the bytes decide.
_VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/xml", "text/xml", "application/octet-stream"}
)
_LOOKS_LIKE_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|p)\b", re.IGNORECASE
)
_LOOKS_LIKE_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)\b")
_SNIFFED_BYTES = 4096
_INVISIBLE = frozenset({"script", "style", "template", "svg"})


def extract_article(page: bytes, *, url: str, content_type: str, hints: ArticleHints) -> Article:
    """The article on ``page``, which was fetched from ``url`` (the final one, after redirects).

    ``content_type`` is the header as sent, ``""`` when there was none. ``hints`` are what the feed
    entry says: a check on the result, never a part of it.

    Raises :class:`~aggregator.errors.NoArticle` when the page is not HTML, is a wall or an error
    page, holds no text, another article's text or much less than the feed itself gave.
    """
    _refuse_other_types(page, content_type)
    try:
        tree = parse_page(decode(page, content_type))
    except UnusablePage as error:
        raise NoArticle(f"the page cannot be read as HTML: {error}") from error
    base_url = base_of(tree, url)
    metadata = read_metadata(tree, url, base_url)
    blocks = blocks_of(tree)
    known = Known(
        titles=tuple(filter(None, (hints.title, *metadata.titles))),
        authors=metadata.authors,
        summary=hints.summary_text,
    )
    kept = list(compress(blocks, choose(tree, blocks, known)))
    # Captions differ between copies of one article, and are not its text.
    written = to_html(tree, kept, base_url, lead_image=metadata.image)
    text = written.text
    evidence = weigh(hints, text, metadata.titles)
    _refuse_other_pages(tree, text, metadata, evidence, hints)
    sure, reason = confidence(evidence)
    return Article(
        html=clean_html(written.html, base_url),
        text=text,
        title=metadata.title,
        authors=metadata.authors,
        published=metadata.published,
        language=metadata.language,
        image=metadata.image,
        canonical_url=metadata.canonical_url,
        confidence=sure,
        reason=reason,
    )


def _refuse_other_types(page: bytes, content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in _HTML_TYPES:
        return
    beginning = page[:_SNIFFED_BYTES]
    vague = media_type in _VAGUE_TYPES and not _LOOKS_LIKE_FEED.search(beginning)
    if not vague or not _LOOKS_LIKE_HTML.search(beginning):
        raise NoArticle(f"the page is {media_type or 'of an unknown type'}, not HTML")


def _refuse_other_pages(
    tree: HtmlElement, text: str, metadata: Metadata, evidence: Evidence, hints: ArticleHints
) -> None:
    """Raise :class:`NoArticle` when the evidence is against the text."""
    if not evidence.confirmed:
        shown = text if evidence.text_words >= 5 else _visible_text(tree)
        kind = wall(metadata.title, shown)
        # An article about logins or error pages says so in the feed.
        if kind is not None and wall(hints.title, hints.title) != kind:
            raise NoArticle(f"the page is a {kind}, not the article")
    missing = shortfall(evidence)
    if missing is not None:
        raise NoArticle(missing)
    if evidence.contradicted:
        raise NoArticle("the page holds neither the title nor the summary that the feed gives")


def _visible_text(tree: HtmlElement, limit: int = 100_000) -> str:
    """The text that a browser without scripts shows, roughly; its first ``limit`` characters."""
    body = tree.find("body")
    parts: list[str] = []
    size = 0
    for node in () if body is None else body.iter():
        shown = "" if node.tag in _INVISIBLE else node.text or ""
        parts += (shown, node.tail or "")
        size += len(parts[-1]) + len(shown)
        if size > limit:
            break
    return " ".join(" ".join(parts).split())[:limit]
