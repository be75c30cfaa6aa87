"""An own voice: entries of linkblogs, which link to another's page and say something of it.

Their words are the entry; the page is what it speaks of. What a feed quotes of the page, or says in
its place (a teaser of the article itself), is no voice of its own.
"""

from __future__ import annotations

from aggregator.text.words import words
from aggregator.tidy.own_words import own_words, quotes
from aggregator.urls import same_site

_REPEATED = 0.3  # share of the own words, three by three, that may stand on the page
_OF_IT = 0.4  # share of the telling words from which a text tells of the same as the page
_QUOTED = 0.5


def leads_away(link: str | None, *own: str | None) -> bool:
    """True for a link to another site than that of each of a feed's ``own`` addresses."""
    sites = [address for address in own if address]
    return bool(link and sites) and not any(same_site(link or "", site) for site in sites)


def is_own_voice(html: str, page_text: str) -> bool:
    """True for an entry that links to another's page, which says ``page_text`` (if it was read), and has words of its own.

    ``html`` is the fullest text that the feed gives, sanitized.
    """
    own = words(own_words(html))
    if not own:
        return False
    quoted = words(quotes(html))
    page = words(page_text)
    if not page:
        return bool(quoted)
    if _share(own, page) >= _REPEATED:
        return False
    if quoted and _share(quoted, page) >= _QUOTED:
        return True
    telling = {word for word in own if len(word) > 3}
    return len(telling & set(page)) < _OF_IT * len(telling)


def _share(said: list[str], page: list[str]) -> float:
    """The share of what is ``said``, three words by three, that stands on the page."""
    ours, theirs = (set(zip(one, one[1:], one[2:], strict=False)) for one in (said, page))
    return len(ours & theirs) / len(ours) if ours else 0.0
