"""From the bytes of a page to its article: the whole way, as one pure function for a worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import compress

from lxml.html import HtmlElement

from aggregator.errors import NoArticle
from aggregator.extract.caches import forget_texts
from aggregator.extract.choice.anchor import anchored
from aggregator.extract.choice.author_note import with_author_note
from aggregator.extract.choice.block_model import Model
from aggregator.extract.choice.choose import Choice, Known, choose
from aggregator.extract.choice.complete import completed
from aggregator.extract.choice.heading import heading_lines
from aggregator.extract.choice.other_stories import without_other_stories
from aggregator.extract.choice.parts import Part, part_at, part_told
from aggregator.extract.judging.alternates import POOR, other_view
from aggregator.extract.judging.evidence import (
    confidence,
    gives_no_more,
    is_headed,
    says_enough,
    weigh,
)
from aggregator.extract.judging.expectation import Expected, expected_of
from aggregator.extract.judging.need import FEED_SOURCE, FILE_SOURCE
from aggregator.extract.judging.refusal import HeldByFeed, refuse_other_pages, request_below
from aggregator.extract.judging.rescue import rescue
from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.decode import decode
from aggregator.extract.page.kinds import file_kind
from aggregator.extract.page.metadata import Metadata, read_metadata
from aggregator.extract.page.narrow import narrow, replaced
from aggregator.extract.page.paging import next_page, whole_page
from aggregator.extract.page.refresh import leads_to
from aggregator.extract.page.siblings import digests, known_elsewhere, packed
from aggregator.extract.page.tree import UnusablePage, base_of, parse_page
from aggregator.extract.page.unseen import drop_unseen
from aggregator.extract.writing.serialise import to_html
from aggregator.model import Article, ArticleHints, PageReading, SiteRule
from aggregator.sanitize import clean_html, shown_safe
from aggregator.text.dates import parse_date
from aggregator.text.spoken import language_of
from aggregator.tidy.backgrounds import make_real
from aggregator.tidy.drawings import leave_words
from aggregator.tidy.pictures import identity
from aggregator.urls import names_item

_IMAGE = re.compile(r'<img[^>]*? src="([^"]+)"')
_PICTURED = re.compile(r"<(?:img|video|audio|iframe)\b")
_MOST_LETTERS = 2 << 20  # that a page may show: the longest novels have more, articles do not
_LONGEST_DESCRIPTION = 2000  # characters
_NOT_FREE = 0.8  # what is left of the confidence in a text that may be cut off by a paywall
_ASKS = 0.4  # how sure it is that a feed's text is whole whose page then asks to log in
_UNSURE = POOR  # below it, what a rule gave is compared with what stands there without it

_MODEL_SOURCE, _PLAIN_SOURCE = "page:model", "page:trafilatura"


def extract_article(
    page: bytes,
    *,
    url: str,
    content_type: str,
    hints: ArticleHints,
    use_model: bool = True,
    model: Model | None = None,
) -> Article:
    """The article on ``page``, which was fetched from ``url`` (the final one, after redirects).

    ``content_type`` is the header as sent, ``""`` when there was none. ``hints`` are what the feed
    entry says: a check on the result, never a part of it. Without ``use_model`` trafilatura alone
    chooses the text; ``model`` is one to use instead of the shipped one.

    Raises :class:`~aggregator.errors.NoArticle` when the page is not HTML, is a wall or an error
    page, holds no text, another article's text or much less than the feed itself gave.
    """
    kind = file_kind(page, content_type)
    if kind:
        raise NoArticle(f"the page is {kind}, not HTML")
    read = _Page(page, url, content_type, hints, None, use_model=use_model, model=model)
    return read.read(None).article


def read_page(
    page: bytes,
    *,
    url: str,
    content_type: str,
    hints: ArticleHints,
    rule: SiteRule | None = None,
    earlier: Article | None = None,
    use_model: bool = True,
) -> PageReading:
    """The article on ``page`` as :func:`extract_article` finds it, and where more of it stands.

    ``rule`` is the operator's for this site; it is passed over when it no longer matches. ``earlier``
    is what the article's pages before this one gave; nothing of it is repeated. A file gives an article
    without text whose ``source`` names its type, and a page that gives no more than the feed gave
    one whose ``source`` is ``"feed"``. Of a page that gives little to trust, another view is named.

    Raises :class:`~aggregator.errors.NoArticle`, which names another view, too, or the page to which
    this one sends its readers on.
    """
    kind = file_kind(page, content_type)
    if kind and earlier is None:
        reason = f"the link leads to a file ({kind}), which is enclosed"
        return PageReading(Article("", "", source=f"{FILE_SOURCE}{kind}", reason=reason))
    if kind:
        raise NoArticle(f"the next page is {kind}, not HTML")
    read = _Page(page, url, content_type, hints, rule, use_model=use_model)
    if earlier is None and (target := leads_to(read.tree, url, read.base_url)):
        raise NoArticle("the page only leads on to another one", leads_to=target)
    try:
        found = read.read(earlier)
    except HeldByFeed as error:
        sure = _ASKS if error.is_walled else 1.0
        whole_feed = Article("", "", source=FEED_SOURCE, confidence=sure, reason=error.message)
        view = other_view(read.tree, url, read.base_url) if error.is_walled else None
        return PageReading(whole_feed, blocks=packed(read.seen), view=view)
    except NoArticle as error:
        view = other_view(read.tree, url, read.base_url)
        blocks = packed(read.seen)
        raise NoArticle(error.message, view=view, hint=error.hint, blocks=blocks) from error
    article = found.article
    following = next_page(read.tree, url, read.base_url, rule)
    has_whole = following or (rule is not None and rule.single_page_link)
    whole = whole_page(read.tree, url, read.base_url, rule) if has_whole and not earlier else ""
    if not following and not whole and earlier is None and _is_no_more(found, hints):
        reason = f"the page gives no more than the feed: {article.reason}"
        article = replace(article, html="", text="", source=FEED_SOURCE, reason=reason)
    # Where the feed says too little to compare with, no view of a brief text could be surer.
    poor = article.confidence < POOR and article.source != FEED_SOURCE and says_enough(hints)
    view = other_view(read.tree, url, read.base_url) if poor else None
    return PageReading(article, following, whole, packed(read.seen), view)


@dataclass(frozen=True, slots=True)
class _Found:
    """An article, and its text with the posts embedded in it, by which it is judged."""

    article: Article
    shown: str


def _is_no_more(found: _Found, hints: ArticleHints) -> bool:
    if _PICTURED.search(found.article.html) and not hints.has_media:
        return False
    return gives_no_more(hints, found.shown)


class _Page:
    """One page, parsed once, and what is known of it."""

    def __init__(
        self,
        page: bytes,
        url: str,
        content_type: str,
        hints: ArticleHints,
        rule: SiteRule | None,
        *,
        use_model: bool,
        model: Model | None = None,
    ) -> None:
        forget_texts()
        source = decode(page, content_type)
        try:
            self.tree = parse_page(source if rule is None else replaced(source, rule))
        except UnusablePage as error:
            raise NoArticle(f"the page cannot be read as HTML: {error}") from error
        make_real(self.tree)
        leave_words(self.tree)
        drop_unseen(self.tree)
        self.base_url = base_of(self.tree, url)
        self._metadata = read_metadata(self.tree, url, self.base_url)
        self._hints = hints
        self._rule = rule
        self._use_model = use_model
        self._model = model
        self._cut: list[Block] | None = None
        self.seen: set[bytes] = set()  # digests of the blocks that were chosen from

    def read(self, earlier: Article | None) -> _Found:
        """The article; raises :class:`~aggregator.errors.NoArticle`."""
        part = self._part() if earlier is None else None  # may be held by the feed
        if part is not None:
            return self._of_part(part)
        ruled = self._by_rule(earlier)
        if ruled is not None and ruled.article.confidence >= _UNSURE:
            return ruled
        try:
            plain = self._article(self.tree, self._metadata, earlier)
        except NoArticle:
            if ruled is None:
                raise
            return ruled
        if ruled is not None and ruled.article.confidence >= plain.article.confidence:
            return ruled
        return plain

    def _blocks(self) -> list[Block]:
        """The blocks of the whole page, which is not changed once they were cut."""
        if self._cut is None:
            self._cut = blocks_of(self.tree)
        return self._cut

    def _part(self) -> Part | None:
        """The part of the page that is the entry, None where that is the page.

        Raises :class:`~aggregator.errors.NoArticle` where it is another part than is on the page.
        """
        fragment, found = self._hints.part, False
        if fragment:
            part, found = part_at(self.tree, fragment)
            if part is not None:
                return part
        if not fragment and self._rule is not None:
            return None  # the operator knows the site
        part = part_told(self.tree, self._blocks(), self._hints.summary_text)
        if part is not None and not fragment:  # others may link to the page for its other parts
            self.seen |= digests([block.squeezed for block in self._blocks()])
            raise HeldByFeed("the page has the feed's text as one of several of its kind")
        if part is None and fragment and not found and not self._is_headed():
            raise NoArticle("the page does not show the part that the link names")
        return part

    def _is_headed(self) -> bool:
        """Whether the page calls itself what the feed calls the entry: a mark on it names no other part."""
        titles = self._metadata.titles
        return not names_item(self._hints.part) and is_headed(self._hints.title, titles)

    def _of_part(self, part: Part) -> _Found:
        """The article that is a ``part`` of the page: nothing that is said of the page is true of it."""
        metadata = Metadata(
            titles=self._metadata.titles,
            language=self._metadata.language,
            site_name=self._metadata.site_name,
            description=self._metadata.description[:_LONGEST_DESCRIPTION],
            is_free=self._metadata.is_free,
        )
        self.seen |= digests([block.squeezed for block in self._blocks()])
        found = self._article(part.tree, metadata, None, exact=part.exact)
        reason = f"a part of the page; {found.article.reason}"
        return replace(found, article=replace(found.article, reason=reason))

    def _by_rule(self, earlier: Article | None) -> _Found | None:
        """The article by the site's rule, None when there is none or it does not match."""
        rule = self._rule
        narrowed = narrow(self.tree, rule) if rule is not None else None
        if rule is None or narrowed is None:
            return None
        metadata = replace(
            self._metadata,
            titles=tuple(dict.fromkeys(filter(None, (narrowed.title, *self._metadata.titles)))),
            authors=narrowed.authors or self._metadata.authors,
            published=parse_date(narrowed.date) or self._metadata.published,
        )
        try:
            found = self._article(
                narrowed.tree, metadata, earlier, exact=bool(rule.body) and not rule.prune
            )
        except NoArticle:
            return None
        reason = f"by the rule {rule.name}; {found.article.reason}"
        ruled = replace(found.article, source="page:rule", reason=reason)
        return replace(found, article=ruled)

    def _article(
        self,
        tree: HtmlElement,
        metadata: Metadata,
        earlier: Article | None,
        *,
        exact: bool = False,
    ) -> _Found:
        blocks = self._blocks() if tree is self.tree else blocks_of(tree)
        known = self._known(blocks, metadata)
        chosen, choice = self._chosen(tree, blocks, known, exact=exact)
        kept = _unseen(list(compress(blocks, chosen)), earlier)
        seen = _images(earlier.html) if earlier is not None else frozenset[str]()
        written = to_html(tree, kept, self.base_url, lead_image=metadata.image, seen=seen)
        text, html = written.text, written.html
        source = _MODEL_SOURCE if self._use_model else _PLAIN_SOURCE
        described = (known.summary, known.description)
        shown = written.shown
        request = request_below(blocks, chosen)
        expected = expected_of(blocks, chosen, choice, metadata, shown)
        rescued = None if earlier or exact else rescue(tree, shown, known.body, described)
        if rescued is not None:
            text, html, source = rescued.text, rescued.html, rescued.source
            shown, request, expected = text, "", None
        sure, reason = self._judged(tree, shown, request, metadata, earlier, expected)
        article = Article(
            html=clean_html(html, self.base_url),
            text=shown_safe(text),
            title=metadata.title,
            authors=metadata.authors,
            published=metadata.published,
            modified=metadata.modified,
            language=language_of(text, metadata.language, self._hints.language),
            image=metadata.image or written.image,
            canonical_url=metadata.canonical_url,
            site_name=metadata.site_name,
            description=metadata.description[:_LONGEST_DESCRIPTION],
            tags=metadata.tags,
            source=source,
            confidence=sure,
            reason=reason,
        )
        return _Found(article, shown)

    def _known(self, blocks: Sequence[Block], metadata: Metadata) -> Known:
        """What feed, page and the site's other pages say; notes what this page has for those."""
        texts = [block.squeezed for block in blocks]
        if sum(map(len, texts)) > _MOST_LETTERS:
            raise NoArticle("the page has more text than any article")
        self.seen |= digests(texts)
        return Known(
            titles=tuple(filter(None, (self._hints.title, *metadata.titles))),
            authors=metadata.authors,
            summary=self._hints.summary_text,
            description=metadata.description,
            body=metadata.body,
            siblings=known_elsewhere(texts, self._hints.siblings),
        )

    def _chosen(
        self, tree: HtmlElement, blocks: Sequence[Block], known: Known, *, exact: bool
    ) -> tuple[list[bool], Choice | None]:
        """Which ``blocks`` are the article, and what was chosen at first; with ``exact`` all that are not its title or byline."""
        chosen, choice = [True] * len(blocks), None
        if not exact:
            choice = choose(tree, blocks, known, use_model=self._use_model, model=self._model)
            texts = [block.squeezed for block in blocks]
            kept = without_other_stories(
                blocks, completed(blocks, choice.kept), known.titles, self.base_url
            )
            kept = with_author_note(blocks, kept, known.authors)
            chosen = anchored(texts, kept, known.summary, known.titles)
        for i in heading_lines(blocks, chosen, known.titles, known.authors):
            chosen[i] = False
        return chosen, choice

    def _judged(
        self,
        tree: HtmlElement,
        shown: str,
        request: str,
        metadata: Metadata,
        earlier: Article | None,
        expected_right: Expected | None,
    ) -> tuple[float, str]:
        """How sure the text that is ``shown`` is the article, and why; ``request`` is what stands below it.

        Raises :class:`~aggregator.errors.NoArticle`.
        """
        hints = self._hints
        expected = hints if earlier is None else ArticleHints(hints.title, language=hints.language)
        evidence = weigh(expected, shown, metadata.titles)
        refuse_other_pages(tree, f"{shown}{request}", metadata, evidence, expected)
        sure, reason = confidence(evidence, expected_right)
        if metadata.is_free:
            return sure, reason
        # Where the feed has no text, the chance has that in it; yet never so sure as to take the
        # place of a text that was free before.
        is_counted = expected_right is not None and evidence.summary_found is None
        sure = min(sure, _NOT_FREE) if is_counted else sure * _NOT_FREE
        return round(sure, 2), f"{reason}; the page says that it is not free"


def _unseen(kept: list[Block], earlier: Article | None) -> list[Block]:
    """Those of ``kept`` that the pages before do not have."""
    if earlier is None:
        return kept
    lines = set(earlier.text.split("\n"))
    return [block for block in kept if block.text not in lines]


def _images(html: str) -> frozenset[str]:
    return frozenset(identity(unescape(url)) for url in _IMAGE.findall(html))
