"""Query parameters that tell pages apart with some values and are mere labels with others.

``?ref=rss`` says where a reader came from, ``?ref=7`` may be the page. Names and values are both
looked at; what is not known to be a label stays.
"""

from __future__ import annotations

import re

from aggregator.urls.domain import registrable_domain

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
    r"producthunt|hnsearch|button|btn|link|article_share|copy|hackernoon|indiehackers|lobsters|"
    r"dailydev|devto|substack|beehiiv|tldr|techmeme|slashdot|digg|readwise|refind|sidebar"
)
_SHORT_WORD = r"x|hp|hn|home"  # labels by themselves only
_LABEL = re.compile(
    rf"(?:{_SHORT_WORD})|(?:{_WORD})(?:[-_.:+](?:{_WORD}|{_SHORT_WORD}|\d{{4,8}}))*|"
    rf"(?:rss|atom|feedburner|newsletter|social)(?:[-_][a-z]{{2,12}}){{1,2}}|"
    rf"(?:{_WORD})\.(?:com|org|net|co)|t\.co|news\.ycombinator\.com|lobste\.rs|"
    r"rss-+(?:[0-9a-f]{8,}-+)?\d",  # as Medium marks its feeds' links
    re.IGNORECASE,
)
# As Ghost marks what its letters link to: "?ref=a.com", and newsletters by their name.
_SITE = re.compile(r"(?!v?\d+\.)(?:[a-z0-9-]+\.)+([a-z]{2,})", re.IGNORECASE)
_LETTER = re.compile(r"[a-z]+(?:-[a-z]+)*-?(?:newsletter|weekly)", re.IGNORECASE)
# Top-level domains that are endings of files, too: "?ref=setup.py" may be what is shown.
_FILES = frozenset("java md ml mov pl ps py rs sh ts zip".split())  # noqa: SIM905
_YES_OR_NO = frozenset(
    {"", "1", "true", "yes", "y", "on", "0", "false", "no", "print", "mobile", "available"}
)
# Another dress of the page that has the name in its value.
_SWITCHES = frozenset(
    """
    amp _amp noamp nonamp print printable printerfriendly printer-friendly printview mobile ismobile
    rss fromrss from_rss isrss is_amp isamp print-friendly printfriendly print_view printpage isprint
    isfreemail showwelcome showwelcomeonshare triedredirect triggershare
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)
_DRESS = frozenset({"amp", "print", "printable", "printerfriendly"})
_DRESS_NAMES = frozenset(
    {
        "outputtype",
        "output",
        "view",
        "mode",
        "format",
        "action",
        "do",
        "layout",
        "template",
        "version",
    }
)
_MOBILE_NAMES = frozenset({"view", "mode", "layout", "version"})
# What AMP caches and viewers add, and other parameters that never name a page.
_NEVER = frozenset({"amp_js_v", "amp_gsa", "amp_r", "amp_ct", "usqp"})
_BY_VALUE = {
    "replytocom": re.compile(r"\d+"),  # WordPress: the page with the form at a comment
    "like_comment": re.compile(r"\d+"),
    "shared": re.compile(r"email"),
    "msg": re.compile(r"fail"),
    "tmpl": re.compile(r"component"),  # Joomla: without the frame
    "comments": re.compile(r"1"),  # the page with its comments
    "share": re.compile(r"1"),
    "sh": re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{10,}"),  # Forbes: who shared it
    "pagewanted": re.compile(r"all|print"),  # the whole article instead of its first page
    "outputtype": re.compile(r"(?:valid[-_])?amp(?:-type)?", re.IGNORECASE),
}
# What the players and pages of one site say of how they were opened.
_AT_SITE = {
    "open.spotify.com": frozenset({"si", "context", "nd", "dl_branch"}),
    "soundcloud.com": frozenset({"si", "in"}),
    "rumble.com": frozenset({"mref", "mc", "e9s"}),
    "bloomberg.com": frozenset({"srnd"}),
    "economist.com": frozenset({"etear"}),
    "kickstarter.com": frozenset({"ref"}),
    "npr.org": frozenset({"ft", "f"}),
    "odysee.com": frozenset({"r"}),
    "dev.to": frozenset({"comments_sort"}),
}
# Platforms that run sites on domains of their own, by the form of their paths.
_LETTER_PATH = re.compile(r"/p/[\w-]+")  # Substack: "r" is who shared it, "s" how it was opened
_READER = {
    "r": re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{4,7}"),
    "s": re.compile(r"r|w"),
    "publication_id": re.compile(r"\d+"),
}
_TOPIC_PATH = re.compile(r"/t/(?:\d+|[^/]+/\d+(?:/\d+)?)")  # Discourse: "u" is who shared it
_BLOGGER_PATH = re.compile(r"/\d{4}/\d{2}/[^/]+\.html")


def is_label(name: str, value: str, host: str = "", path: str = "") -> bool:
    """True when ``name=value`` does not help to identify the page ``path`` of ``host``."""
    name = name.lower()
    if name in _NEVER or name in _AT_SITE.get(host, ()):
        return True
    if name in _SWITCHES:
        return value.lower() in _YES_OR_NO
    if name == "m" and _BLOGGER_PATH.fullmatch(path):
        return value in {"0", "1"}
    if name == "u" and _TOPIC_PATH.fullmatch(path):
        return True
    if (reader := _READER.get(name)) is not None and _LETTER_PATH.fullmatch(path):
        return reader.fullmatch(value) is not None
    return _says_nothing(name, value)


def _says_nothing(name: str, value: str) -> bool:
    pattern = _BY_VALUE.get(name)
    return (
        (pattern is not None and pattern.fullmatch(value) is not None)
        or (name in _DRESS_NAMES and value.lower() in _DRESS)
        or (name in _MOBILE_NAMES and value.lower() == "mobile")
        or (name == "ref" and _names_letter(value))
        or (name in _NAMES and _LABEL.fullmatch(value) is not None)
    )


def _names_letter(value: str) -> bool:
    """True for the site of a newsletter, or its name."""
    found = _SITE.fullmatch(value)
    if found is None:
        return _LETTER.fullmatch(value) is not None
    known = registrable_domain(value.lower()) is not None
    return known and found[1].lower() not in _FILES
