"""Query parameters that tell pages apart with some values and are mere labels with others.

``?ref=rss`` says where a reader came from, ``?ref=7`` may be the page. Names and values are both
looked at; what is not known to be a label stays.
"""

from __future__ import annotations

import re

_NAMES = frozenset(
    """
    ref source src from via origin medium campaign mbid cid rss share ref_ soc_src soc_trk referrer
    referer refer ref_source link_source cmp mod partner smid utm
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)
# Where readers come from: what may be a label alone or put together.
_WORD = (
    r"rss|atom|feed|feeds|rssfeed|rssfeeds|rss[12](?:\.0)?|newsfeed|feedburner|feedly|inoreader|"
    r"newsblur|flipboard|"
    r"smartnews|applenews|apple-news|twitter|tweet|facebook|fb|linkedin|reddit|whatsapp|telegram|"
    r"mastodon|bluesky|bsky|threads|instagram|youtube|tiktok|pinterest|tumblr|pocket|instapaper|"
    r"newsletter|newsletters|email|mail|e-mail|homepage|frontpage|share|shared|sharing|sharebar|"
    r"social|socialmedia|push|notification|googlenews|google-news|google|bing|hackernews|"
    r"producthunt|hnsearch|button|btn|link|article_share|copy"
)
_SHORT_WORD = r"x|hp|hn|home"  # labels by themselves only
_LABEL = re.compile(
    rf"(?:{_SHORT_WORD})|(?:{_WORD})(?:[-_.:+](?:{_WORD}|{_SHORT_WORD}|\d{{4,8}}))*|"
    r"rss-+(?:[0-9a-f]{8,}-+)?\d",  # as Medium marks its feeds' links
    re.IGNORECASE,
)
_YES = frozenset({"", "1", "true", "yes", "y", "on"})
# Another dress of the page that has the name in its value.
_SWITCHES = frozenset(
    "amp _amp print printable printerfriendly printer-friendly printview rss mobile ismobile".split()  # noqa: SIM905
)
_DRESS = frozenset({"amp", "print", "printable", "printerfriendly", "mobile"})
_DRESS_NAMES = frozenset({"outputtype", "output", "view", "mode", "format", "display", "action"})
# What AMP caches and viewers add, and other parameters that never name a page.
_NEVER = frozenset({"amp_js_v", "amp_gsa", "amp_r", "amp_ct", "usqp"})
_BY_VALUE = {
    "replytocom": re.compile(r"\d+"),  # WordPress: the page with the form at a comment
    "tmpl": re.compile(r"component"),  # Joomla: without the frame
    "pagewanted": re.compile(r"all|print"),  # the whole article instead of its first page
    "outputtype": re.compile(r"amp|amp-type", re.IGNORECASE),
}
_PLAYERS = {"open.spotify.com": frozenset({"si", "context", "nd", "dl_branch"})}
_BLOGGER_PATH = re.compile(r"/\d{4}/\d{2}/[^/]+\.html")


def is_label(name: str, value: str, host: str = "", path: str = "") -> bool:
    """Whether ``name=value`` says nothing about which page ``path`` of ``host`` is."""
    name = name.lower()
    if name in _NEVER or name in _PLAYERS.get(host, ()):
        return True
    if name in _SWITCHES:
        return value.lower() in _YES
    if name == "m" and _BLOGGER_PATH.fullmatch(path):
        return value in {"0", "1"}
    if (pattern := _BY_VALUE.get(name)) is not None and pattern.fullmatch(value):
        return True
    if name in _DRESS_NAMES and value.lower() in _DRESS:
        return True
    return name in _NAMES and _LABEL.fullmatch(value) is not None
