"""Other texts on the page of an article: teasers in a row and in a line, the next article below it, comments.

Their words are like an article's; what gives them away is structure. A teaser's heading is a link to another
page of the site, and others of its kind stand beside it; in the midst of a text it is a label and a link. Comments
have a link to answer each. A page that goes on with the next story has
it in an ``<article>`` of its own, with a heading of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aggregator.extract.choice.heading import HEADINGS
from aggregator.extract.page.blocks import Block
from aggregator.extract.page.foreign import FRAME_TAGS, class_and_id
from aggregator.extract.page.tree import absolute
from aggregator.text.words import words

_LABEL = re.compile(
    r"\W{0,3}(?:read (?:more|also|next)|see also|also read|related(?: (?:story|article|reading|coverage))?|more on this|recommended|don.t miss|"
    r"lesen sie (?:auch|mehr|dazu)|lies auch|mehr (?:dazu|zum thema)|auch interessant|lire (?:aussi|également)|à lire(?: aussi)?|voir aussi|lea también|"
    r"leer (?:más|también)|le puede interesar|te puede interesar|leia (?:também|mais)|veja (?:também|mais)|leggi anche|vedi anche|lees ook|lees meer|läs (?:också|även|mer)|"
    r"læs også|les også|lue myös|czytaj (?:także|też|również)|zobacz (?:także|też)|přečtěte si|čtěte (?:také|též)|citește și|olvasta már|читайте (?:также|ещё|еще)|читайте також|"
    r"ayrıca bak\w*|ilgili haber|関連記事|あわせて読みたい|相关阅读|延伸阅读|延伸閱讀|관련 ?기사|اقرأ أيضا\w*)\s*[:：|>»–—-]?\s*",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\W{0,3}(?:reply|respond|antworten|répondre|responder|rispondi|beantwoorden|reageer|svar|svara|vastaa|odpowiedz|odpovědět|válasz|răspunde|ответить|відповісти|yanıtla|cevapla|返信|回复|回覆|답글)\W{0,3}",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:more|related|latest|popular|recommend\w*|also|next|trending|you (?:may|might)|editors?.? picks?|further|mehr|weitere|auch|ähnlich\w*|passend|verwandt\w*|neueste|beliebt\w*|"
    r"plus|aussi|autres?|similaires|liés|suite|más|también|relacionad[oa]s|otr[oa]s|últim[oa]s|mais|também|outr[oa]s|altr[ie]|anche|correlati|leggi|meer|ook|gerelateerd\w*|fler|mer|också|relaterade?|"
    r"flere|også|lisää|aiheesta|więcej|także|powiązane|další|související|továbbiak|kapcsolódó|ещё|еще|также|читайте|похожие|інші|схожі|ilgili|benzer|diğer)\b|関連|おすすめ|人気|相关|相關|推荐|推薦|延伸|관련|추천|ذات صلة|المزيد",
    re.IGNORECASE,
)
_ROW = re.compile(
    r"related|recirc|recommend|more-?(?:from|stories|posts|articles|news)|teasers?\b|promo|(?:read|see)-?(?:also|next|more)|up-?next|similar|latest|popular|trending",
    re.IGNORECASE,
)
_ABOVE = 2  # lines above the first of a row
_LONGEST_LINE = 60  # characters
_ALL_LINK = 0.9  # of a heading's letters
_IN_A_ROW = 3  # teasers
_LONGEST_TEASER = 600  # letters
_HALF, _MOST, _NEARLY_ALL = 0.5, 0.8, 0.95  # of what is kept: a page may be a list of stories
_LEAST_ARTICLE = 300  # letters that are kept of the article, where more than half of all goes
_MAIN = frozenset({"h1", "h2"})
_IN_LINE = frozenset({"a", "span", "strong", "b", "em"})
_BEST = 2  # titles; the rest may be any heading of the page
_DEPTH = 3  # boxes around a heading's text
_MAX_DEPTH = 60


def without_other_stories(
    blocks: Sequence[Block], kept: Sequence[bool], titles: Sequence[str], base_url: str
) -> list[bool]:
    """``kept`` without blocks of other stories than the one that is called one of ``titles``."""
    now = list(kept)
    _drop(blocks, now, _in_next_articles(blocks, now, titles), 1.0)
    _drop(blocks, now, _in_teasers(blocks, base_url), _MOST)
    _drop(blocks, now, _in_comments(blocks), _NEARLY_ALL)
    return [keep and not _is_teaser_line(block) for block, keep in zip(blocks, now, strict=True)]


def _is_teaser_line(block: Block) -> bool:
    label = _LABEL.match(block.text) if block.linked else None
    if label is None:
        return False
    rest = len("".join(block.text[label.end() :].split()))
    return block.linked >= _ALL_LINK * rest > 0


def _drop(blocks: Sequence[Block], kept: list[bool], boxes: set[HtmlElement], most: float) -> None:
    if not boxes:
        return
    inside = [i for i, keep in enumerate(kept) if keep and _is_in(blocks[i], boxes)]
    said = sum(len(block.squeezed) for block, keep in zip(blocks, kept, strict=True) if keep)
    others = sum(len(blocks[i].squeezed) for i in inside)
    if others <= _HALF * said or (others <= most * said and said - others >= _LEAST_ARTICLE):
        for i in inside:
            kept[i] = False


def _is_in(block: Block, boxes: set[HtmlElement]) -> bool:
    return not boxes.isdisjoint(block.around(_MAX_DEPTH))


def _in_teasers(blocks: Sequence[Block], base_url: str) -> set[HtmlElement]:
    """Boxes of teasers: each with one heading that leads to another page of the site, three and more in a row.

    The row is announced as one, by a line above, by “Read more” in each, or by a box that is called so: a guide
    lists its chapters, too.
    """
    headings = [
        block.parent
        for block in blocks
        if block.linked >= _ALL_LINK * len(block.squeezed) and _leads_on(block, base_url)
    ]
    sizes: dict[HtmlElement, int] = {}
    for row, cards in _in_rows(headings).items():
        if _is_announced(row, cards, blocks):
            boxes = (box for box in cards if box.tag not in HEADINGS and box.tag != "a")
            sizes.update(dict.fromkeys(boxes, 0))
    for block in blocks if sizes else ():
        for box in block.around(_MAX_DEPTH):
            if box in sizes:
                sizes[box] += len(block.squeezed)
                break
    return {card for card, size in sizes.items() if size <= _LONGEST_TEASER}


def _is_announced(row: HtmlElement, cards: Sequence[HtmlElement], blocks: Sequence[Block]) -> bool:
    if any(
        _ROW.search(class_and_id(box))
        for box in (row, *islice(row.iterancestors(), _DEPTH))
        if box.tag not in FRAME_TAGS
    ):
        return True
    inside = [i for i, block in enumerate(blocks) if _is_in(block, {cards[0]})]
    first = inside[0] if inside else 0
    above = (block for block in blocks[max(0, first - _ABOVE) : first])
    leads = (
        blocks[i] for i in inside[1:] if blocks[i].linked >= _ALL_LINK * len(blocks[i].squeezed)
    )
    return any(
        len(block.text) <= _LONGEST_LINE and _MORE.search(block.text) for block in (*above, *leads)
    )


def _in_comments(blocks: Sequence[Block]) -> set[HtmlElement]:
    """Boxes of comments: each with one line to answer it, three and more in a row."""
    answers = [
        block.parent
        for block in blocks
        if len(block.text) <= _LONGEST_LINE and _ANSWER.fullmatch(block.text)
    ]
    return {card for cards in _in_rows(answers).values() for card in cards}


def _in_rows(seeds: Sequence[HtmlElement]) -> dict[HtmlElement, list[HtmlElement]]:
    """Boxes with three and more others beside each other in them, each the largest that holds but one of ``seeds``."""
    if len(seeds) < _IN_A_ROW:
        return {}
    held: dict[HtmlElement, int] = {}
    for seed in seeds:
        for box in seed.iterancestors():
            held[box] = held.get(box, 0) + 1
    rows: dict[HtmlElement, list[HtmlElement]] = {}
    for seed in seeds:
        card = seed
        for box in seed.iterancestors():
            if held[box] > 1:
                rows.setdefault(box, []).append(card)
                break
            card = box
    return {row: cards for row, cards in rows.items() if len(cards) >= _IN_A_ROW}


def _leads_on(block: Block, base_url: str) -> bool:
    """Whether ``block`` is a heading that leads to another page of the site."""
    around = list(block.around(_DEPTH))
    if not any(box.tag in HEADINGS for box in around):
        return False
    link = next((box for box in around if box.tag == "a"), None)
    if link is None:
        link = next(block.parent.iter("a"), None)
    href = "" if link is None else (link.get("href") or "").strip()
    if not href or href.startswith("#"):
        return False
    there, here = urlsplit(absolute(href, base_url)), urlsplit(base_url)
    return there.hostname == here.hostname and there.path.rstrip("/") != here.path.rstrip("/")


def _in_next_articles(
    blocks: Sequence[Block], kept: Sequence[bool], titles: Sequence[str]
) -> set[HtmlElement]:
    """The articles that follow the one under the page's title, each under a title of its own; and before it, if that is a link."""
    known = [said for title in titles[:_BEST] if (said := words(title))]
    heads = [
        (i, box) for i, block in enumerate(blocks) if (box := _main_heading(block)) is not None
    ]
    at = next((k for k, (i, _) in enumerate(heads) if words(blocks[i].text) in known), -1)
    if at < 0:
        return set()
    own = _article(heads[at][1])
    if own is None:
        return set()
    size = sum(
        len(block.squeezed)
        for block, keep in zip(blocks, kept, strict=True)
        if keep and _is_in(block, {own})
    )
    if size < _LEAST_ARTICLE:
        return set()
    level = heads[at][1].tag
    found: set[HtmlElement] = set()
    for k, (i, heading) in enumerate(heads):
        other = _article(heading)
        if other is None or other is own or words(blocks[i].text) in known:
            continue
        linked = blocks[i].linked >= _ALL_LINK * len(blocks[i].squeezed)
        after = k > at and heading.tag == level
        if (after or linked) and not _within(other, own) and not _within(own, other):
            found.add(other)
    return found


def _main_heading(block: Block) -> HtmlElement | None:
    box = block.parent
    if box.tag in _MAIN:
        return box
    around = box.getparent() if box.tag in _IN_LINE else None
    return around if around is not None and around.tag in _MAIN else None


def _article(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("article"), None)


def _within(inner: HtmlElement, outer: HtmlElement) -> bool:
    return any(box is outer for box in inner.iterancestors())
