"""Bars of buttons that share a page elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:shar(?:e|ing)|sharedaddy|social|addtoany\w*|a2a_\w+|addthis\w*|feedflare|heateor\w*|sharethis\w*|shareaholic\w*|"
    r"ssba|post-?share|essb\w*|mashsb\w*|swp_\w+|simplesocialbuttons)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SHARES = re.compile(
    r"(?:https?:)?//(?:[\w-]+\.)*(?:facebook\.com/(?:sharer?|share|dialog/)|(?:twitter|x)\.com/(?:intent|share|home\?status)|"
    r"linkedin\.com/(?:share|cws/share|sharing)|pinterest\.[\w.]+/pin/create|wa\.me/\?|(?:api\.|web\.)?whatsapp\.com/send|t(?:elegram)?\.me/share|"
    r"reddit\.com/submit|news\.ycombinator\.com/submitlink|bsky\.app/intent|getpocket\.com/(?:save|edit)|tumblr\.com/(?:share|widgets/share)|"
    r"threads\.net/intent|bufferapp\.com/add|buffer\.com/add|share\.flipboard\.com|flipboard\.com/bookmarklet|printfriendly\.com|vk\.com/share|"
    r"connect\.ok\.ru|addtoany\.com/(?:add_to|share)|addthis\.com|sharetodiaspora|toot\.kytta\.dev|mastodonshare\.com|share\.|digg\.com/submit|"
    r"xing\.com/(?:spi|app)|line\.me/R/|social-plugins\.line\.me|service\.weibo\.com/share|feeds\.feedburner\.com/~ff|feeds\.wordpress\.com/1\.0)"
    r"|mailto:\?|whatsapp://send|fb-messenger://share|viber://forward|tg://msg_url|javascript:|#",
    re.IGNORECASE,
)
HINTS = (
    "sharer",
    "/share",
    "/intent",
    "/submit",
    "pin/create",
    "send?",
    "bookmarklet",
    "/add_to",
    "~ff",
)
"""Without two of these in its source (in lower case), a box that is not named after sharing is no such bar."""
_LITTLE = 60  # letters beside the links
_MOST = 300  # letters in all
_LEAST_LINKS = 2  # of a bar that is not named after what it does


def hints(html: str) -> Iterator[int]:
    """Places of the hints in ``html``, in no order."""
    lower = html.lower()
    for hint in HINTS:
        at = lower.find(hint)
        while at >= 0:
            yield at
            at = lower.find(hint, at + 1)


def is_named_after_sharing(names: str) -> bool:
    """True for classes and an id that are those of such a bar, as far as names tell."""
    return _NAMED.search(names[:500]) is not None


def leads_to_sharing(href: str) -> bool:
    """True for the address of a form in which a page is shared."""
    return _SHARES.match(href.strip()) is not None and href.strip()[:1] != "#"


def is_bar(box: HtmlElement) -> bool:
    """True for a ``box`` that only holds links and buttons that share the page."""
    links = [link for link in box.iter("a") if link.get("href")]
    if not all(_SHARES.match((link.get("href") or "").strip()) for link in links):
        return False
    sharing = sum(leads_to_sharing(link.get("href") or "") for link in links)
    named = is_named_after_sharing(f"{box.get('class') or ''} {box.get('id') or ''}")
    if sharing < (1 if named else _LEAST_LINKS):
        return False
    if any(
        next(one.iterancestors("a"), None) is None
        for one in box.iter("img", "video", "audio", "iframe", "pre")
    ):
        return False
    letters = len("".join("".join(map(str, box.itertext())).split()))
    within = sum(len("".join("".join(map(str, link.itertext())).split())) for link in links)
    return letters <= _MOST and letters - within <= _LITTLE
