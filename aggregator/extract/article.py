"""From the bytes of a page to its article: the whole way, as one pure function for a worker."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import DEFAULT_CONFIG

from aggregator.errors import NoArticle
from aggregator.extract.decode import decode
from aggregator.extract.evidence import Evidence, confidence, shortfall, weigh
from aggregator.extract.heading import drop_heading
from aggregator.extract.markup import to_html
from aggregator.extract.metadata import Metadata, read_metadata
from aggregator.extract.prepare import Page, UnusablePage, base_of, parse_page, prepare
from aggregator.extract.verdict import wall
from aggregator.model import Article, ArticleHints
from aggregator.sanitize import clean_html, to_text
from aggregator.words import is_unspaced, words

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
_NEXT_TO_NOTHING = 500  # characters
_CLEARLY_MORE = 1.5
_SNIFFED_TEXT = 5000  # characters
_INVISIBLE = frozenset({"script", "style", "template", "svg"})
# trafilatura counts characters; below its limits it falls back to all text of a page in one piece.
_DENSITY = 0.3
_DENSE_CONFIG = deepcopy(DEFAULT_CONFIG)
for _name in ("MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE"):
    _DENSE_CONFIG["DEFAULT"][_name] = str(int(DEFAULT_CONFIG.getint("DEFAULT", _name) * _DENSITY))
# Its rules meet trees that nobody thought of; that is the page's fault, and no reason to fail.
_TRAFILATURA_FAULTS = (
    AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError, etree.LxmlError,
)  # fmt: skip


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
    prepared = prepare(tree, base_url)
    html = _main_html(prepared, (hints.title, *metadata.titles), metadata.authors)
    # Captions differ between copies of one article, and are not its text.
    text = to_text(prepared.media.removed_from(html))
    evidence = weigh(hints, text, metadata.titles)
    _refuse_other_pages(prepared, text, metadata, evidence, hints)
    sure, reason = confidence(evidence)
    return Article(
        html=clean_html(prepared.media.returned_to(html), base_url),
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


def _main_html(page: Page, titles: tuple[str, ...], authors: tuple[str, ...]) -> str:
    """The HTML of the main text, ``""`` when there is none; not sanitized, links still relative."""
    body = _main_tree(page.tree)
    if body is None:
        return ""
    drop_heading(body, titles, authors, page.media)
    return to_html(body)


def _main_tree(tree: HtmlElement) -> etree._Element | None:
    """trafilatura's result, in its own XML.

    Measured: its fast mode is the better one (F1 .926 against .912 of the default on one set of
    news pages) at two thirds of the time, except where it finds next to nothing; there its other
    extractors find the article (.909 against .919 on a set of many kinds of pages).
    """
    dense = _is_dense(tree)
    found = _trafilatura(tree, fast=True, dense=dense)
    size = _size(found)
    if size >= (_NEXT_TO_NOTHING * _DENSITY if dense else _NEXT_TO_NOTHING):
        return found
    second = _trafilatura(tree, fast=False, dense=dense)
    return second if _size(second) > size * _CLEARLY_MORE else found


def _size(body: etree._Element | None) -> int:
    return 0 if body is None else len("".join(map(str, body.itertext())))


def _is_dense(tree: HtmlElement) -> bool:
    """Whether the page is written in characters that stand for a syllable or a word each."""
    said = words(_visible_text(tree, _SNIFFED_TEXT))
    return sum(map(is_unspaced, said)) > len(said) / 2


def _trafilatura(tree: HtmlElement, *, fast: bool, dense: bool) -> etree._Element | None:
    try:
        document: Any = trafilatura.bare_extraction(
            tree,
            output_format="html",
            fast=fast,
            include_comments=False,
            include_images=False,  # aggregator.extract.media does that better
            include_links=True,
            include_formatting=True,
            include_tables=True,
            deduplicate=False,
            config=_DENSE_CONFIG if dense else DEFAULT_CONFIG,
        )
    except _TRAFILATURA_FAULTS as error:
        raise NoArticle(f"trafilatura failed on the page: {type(error).__name__}") from error
    return None if document is None else document.body


def _refuse_other_pages(
    page: Page, text: str, metadata: Metadata, evidence: Evidence, hints: ArticleHints
) -> None:
    """Raise :class:`NoArticle` when the evidence is against the text."""
    if not evidence.confirmed:
        shown = text if evidence.text_words >= 5 else _visible_text(page.tree)
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
