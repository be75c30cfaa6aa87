"""An own voice: entries of linkblogs, which link to another's page and say something of it.

Their words are the entry, however few; the page is what it speaks of. What a feed quotes of the page, or says
in its place (a teaser of the article itself), is no voice of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.dedupe.remarks import Sentence, Told, left_over
from aggregator.text.words import words
from aggregator.tidy.own_words import quotes
from aggregator.urls import same_site


def leads_away(link: str | None, *own: str | None) -> bool:
    """True for a link to another site than that of each of a feed's ``own`` addresses."""
    sites = [address for address in own if address]
    return bool(link and sites) and not any(same_site(link or "", site) for site in sites)


def is_own_voice(said: Sequence[Sentence], html: str, page: Told | None) -> bool:
    """True for an entry that links to another's ``page`` (None: it was not read) and says something of its own.

    ``said`` is its :func:`~aggregator.dedupe.remarks.remark`, ``html`` the fullest text that the feed gives,
    sanitized. Of a page that was not read only quotations tell that it is spoken of.
    """
    if page is not None:
        return bool(left_over(said, page))
    return bool(said) and bool(words(quotes(html)))
