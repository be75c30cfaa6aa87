"""The permalink of a linkblog's entry, whose link leads to another's article.

Some put it into a link "related", some into a permalink guid, some behind a sign at the end of the text.
The entry is then at home there, and the article is what it speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from aggregator.parse.links import absolute
from aggregator.sanitize import to_text
from aggregator.tidy.own_words import own_words
from aggregator.urls import canonical, is_landing_page, same_site

_LINKED = re.compile(r"<a\b[^>]*?\shref=\"([^\"]*)\"[^>]*>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
# A sign, or a word for what it is.
_SIGN = re.compile(
    r"[^\w\s]{1,3}\ufe0f?|#|(?:perma)?links?|permanent link|permalien|dauerhafter link",
    re.IGNORECASE,
)
_LONGEST = 40  # characters of such a link


def permalink(
    link: str | None, html: str, site_url: str | None, named: Iterable[object], *own: str | None
) -> str | None:
    """The page on the feed's own site of an entry that links elsewhere; None where that is not told.

    ``html`` is the entry's text, sanitized; ``named`` are addresses that the feed gives it beside
    ``link``, ``own`` further addresses of the feed.
    """
    home = [address for address in (site_url, *own) if address]
    if not link or not site_url or any(same_site(link, address) for address in home):
        return None
    if not own_words(html):
        return None
    # A guid alone may be of before the site moved: the text must speak of what it links to.
    told = [*named] if "<blockquote" in html or _speaks_of(link, html) else []
    found = (absolute(one, None) for one in (*told, *_signs(html)))
    at_home = (url for url in found if url and any(same_site(url, one) for one in home))
    return next((url for url in at_home if not is_landing_page(url)), None)


def _signs(html: str) -> list[str]:
    return [
        unescape(href)
        for href, shown in _LINKED.findall(html)
        if len(shown) <= 10 * _LONGEST and _SIGN.fullmatch(to_text(shown).strip())
    ]


def _speaks_of(link: str, html: str) -> bool:
    return canonical(link) in {canonical(unescape(href)) for href, _ in _LINKED.findall(html)}
