"""House texts: what a site gives at several addresses is the article of none of them.

A note on the publisher after a relaunch, one story in place of all, a thread that every post's link
answers with. Told by the feed's words for each address, which the page's own cannot replace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.extract.choice.votes import squeezed
from aggregator.extract.judging.evidence import weigh
from aggregator.extract.page.siblings import known_elsewhere
from aggregator.model import ArticleHints
from aggregator.text.words import words

REASON = "the site gives the same text at other addresses"
_SOURCE = re.compile(r"<(?:img|video|audio|source|iframe)\b[^>]*?\ssrc=\"([^\"]*)\"")
_SAME = 0.9  # share of a text's letters that another page has, too
_TOLD = 0.5  # share of the feed's words from which a text tells the same
_ALIKE = 0.5  # share of the words of two entries that speak of one article


def stands_on(text: str, digests: bytes) -> bool:
    """True when the page with these :func:`~aggregator.extract.page.siblings.packed` digests has ``text``."""
    lines = [squeezed(line) for line in text.split("\n")]
    known = known_elsewhere(lines, digests)
    letters = sum(map(len, lines))
    return letters > 0 and sum(len(line) for line in lines if line in known) >= _SAME * letters


def is_same_page(own: tuple[str, str], digests: bytes, other: tuple[str, str]) -> bool:
    """True when the page with ``digests`` has the ``other`` text, too, and ``own`` shows no picture of its own.

    Both are an article's HTML and text.
    """
    pictures, others = (set(_SOURCE.findall(html)) for html, _ in (own, other))
    return pictures == others and stands_on(other[1], digests)


def not_their_article(text: str, linked: Mapping[int, ArticleHints]) -> set[int]:
    """Those of the addresses at which a site gives ``text`` whose article it is not.

    ``linked`` are the addresses with what feeds say of each. Those of which they say the same are one
    article at several addresses. Where the text is told of one thing, it is that one's; of several
    things it is nobody's.
    """
    told = {i: _is_told(hints, text) for i, hints in linked.items()}
    strangers = {i for i, found in told.items() if found is False and not _has_copy(i, linked)}
    owners = [i for i, found in told.items() if found]
    several = {i for i in owners if any(not _alike(linked[i], linked[j]) for j in owners if j != i)}
    return strangers | several if len(linked) > 1 else set()


def _is_told(hints: ArticleHints, text: str) -> bool | None:
    """Whether ``text`` is what the feed tells of; None where that says too little."""
    evidence = weigh(hints, text, ())
    found = [one for one in (evidence.summary_found, evidence.title_told) if one is not None]
    return max(found) >= _TOLD if found else None


def _has_copy(own: int, linked: Mapping[int, ArticleHints]) -> bool:
    return any(_alike(linked[own], hints) for i, hints in linked.items() if i != own)


def _alike(one: ArticleHints, other: ArticleHints) -> bool:
    """Whether feeds say the same of two addresses."""
    mine, theirs = (set(words(f"{h.title} {h.summary_text}")) for h in (one, other))
    shorter = min(len(mine), len(theirs))
    same_words = set(words(one.summary_text)) == set(words(other.summary_text))
    if one.title == other.title and (same_words or not one.summary_text or not other.summary_text):
        return True
    return len(mine & theirs) >= _ALIKE * shorter
