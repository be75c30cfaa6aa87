"""Sites whose feeds follow from the addresses of their pages: a table, tried from the top.

A row is a pattern for host and path (without ``www.``, without a slash at the end) and the feeds of
what it matches, likeliest first. Sites whose pages declare their feeds need no row, except where a
page is hard to come by for a program.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

_YOUTUBE = "https://www.youtube.com/feeds/videos.xml?"
_N = r"[\w.-]+"  # a name of a person, a project, a host
_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # YouTube: names other than these two are known from the page's canonical address only.
    (rf"(?:m\.)?youtube\.com/channel/(UC{_N})(?:/.*)?", (_YOUTUBE + "channel_id={0}",)),
    (rf"(?:m\.)?youtube\.com/user/({_N})(?:/.*)?", (_YOUTUBE + "user={0}",)),
    # Code.
    (rf"github\.com/({_N}/{_N})/tags", ("https://github.com/{0}/tags.atom",)),
    (rf"github\.com/({_N}/{_N})/commits", ("https://github.com/{0}/commits.atom",)),
    (rf"github\.com/({_N}/{_N})/commits/(.+)", ("https://github.com/{0}/commits/{1}.atom",)),
    (rf"github\.com/({_N}/{_N})/discussions", ("https://github.com/{0}/discussions.atom",)),
    (rf"github\.com/({_N}/{_N})/wiki(?:/.*)?", ("https://github.com/{0}/wiki.atom",)),
    (
        rf"github\.com/({_N}/{_N}?)(?:\.git|/.*)?",
        tuple(f"https://github.com/{{0}}/{what}.atom" for what in ("releases", "tags", "commits")),
    ),
    (rf"github\.com/({_N})", ("https://github.com/{0}.atom",)),
    (rf"gist\.github\.com/({_N})", ("https://gist.github.com/{0}.atom",)),
    (
        rf"(gitlab\.[\w.-]+)/({_N}(?:/{_N})+?)/-/tags.*",
        ("https://{0}/{1}/-/tags?format=atom",),
    ),
    (
        rf"(gitlab\.[\w.-]+)/({_N}(?:/{_N})+?)/-/commits/(.+)",
        ("https://{0}/{1}/-/commits/{2}?format=atom",),
    ),
    (
        rf"(gitlab\.[\w.-]+)/({_N}(?:/{_N})+?)(?:/-/.*)?",
        (
            "https://{0}/{1}/-/releases.atom",
            "https://{0}/{1}/-/tags?format=atom",
            "https://{0}/{1}.atom",
        ),
    ),
    (
        rf"(codeberg\.org|gitea\.com)/({_N}/{_N}?)(?:\.git|/.*)?",
        ("https://{0}/{1}/releases.rss", "https://{0}/{1}/tags.rss", "https://{0}/{1}.rss"),
    ),
    (rf"(codeberg\.org|gitea\.com)/({_N})", ("https://{0}/{1}.rss",)),
    (rf"pypi\.org/project/({_N})(?:/.*)?", ("https://pypi.org/rss/project/{0}/releases.xml",)),
    (rf"crates\.io/crates/({_N})(?:/.*)?", ("https://static.crates.io/rss/crates/{0}.xml",)),
    # Talk.
    (
        rf"(?:old\.|new\.)?reddit\.com/((?:r|u|user)/{_N})(?:/.*)?",
        ("https://www.reddit.com/{0}/.rss",),
    ),
    (r"(?:old\.|new\.)?reddit\.com", ("https://www.reddit.com/.rss",)),
    (r"news\.ycombinator\.com(?:/.*)?", ("https://news.ycombinator.com/rss",)),
    (rf"lobste\.rs/t/({_N})", ("https://lobste.rs/t/{0}.rss",)),
    (
        (
            rf"((?:{_N}\.)?stackexchange\.com|stackoverflow\.com|serverfault\.com|superuser\.com)"
            r"/questions/tagged/([\w.+#-]+)"
        ),
        ("https://{0}/feeds/tag/{1}",),
    ),
    (rf"bsky\.app/profile/({_N})(?:/.*)?", ("https://bsky.app/profile/{0}/rss",)),
    # Writing.
    (rf"medium\.com/tag/({_N})(?:/.*)?", ("https://medium.com/feed/tag/{0}",)),
    (rf"medium\.com/(@?{_N})(?:/.*)?", ("https://medium.com/feed/{0}",)),
    (r"([\w-]+)\.medium\.com(?:/.*)?", ("https://{0}.medium.com/feed",)),
    (r"([\w-]+)\.substack\.com(?:/.*)?", ("https://{0}.substack.com/feed",)),
    (rf"substack\.com/@({_N})(?:/.*)?", ("https://{0}.substack.com/feed",)),
    (rf"dev\.to/({_N})(?:/.*)?", ("https://dev.to/feed/{0}",)),
    (r"([\w-]+)\.tumblr\.com(?:/.*)?", ("https://{0}.tumblr.com/rss",)),
    (r"([\w-]+)\.wordpress\.com(?:/.*)?", ("https://{0}.wordpress.com/feed/",)),
    (
        r"([\w-]+\.blogspot\.com(?:\.\w\w)?)(?:/.*)?",
        ("https://{0}/feeds/posts/default",),
    ),
    # Science, pictures, sound.
    (r"arxiv\.org/list/([\w.-]+)(?:/.*)?", ("https://rss.arxiv.org/atom/{0}",)),
    (rf"vimeo\.com/channels/({_N})(?:/.*)?", ("https://vimeo.com/channels/{0}/videos/rss",)),
    (rf"dailymotion\.com/(?:user/)?({_N})", ("https://www.dailymotion.com/rss/user/{0}",)),
    (rf"letterboxd\.com/({_N})(?:/.*)?", ("https://letterboxd.com/{0}/rss/",)),
    (
        r"store\.steampowered\.com/(?:news/)?app/(\d+)(?:/.*)?",
        ("https://store.steampowered.com/feeds/news/app/{0}",),
    ),
    # Mastodon and its kin, on any host but those that write names as they do and have no such feed.
    (
        (
            rf"(?!(?:[\w-]+\.)?(?:youtube|tiktok|threads|flipboard|instagram|medium)\.\w+/)({_N})"
            r"/(@[\w.-]+)(?:/.*)?"
        ),
        ("https://{0}/{1}.rss",),
    ),
)
_TABLE = tuple((re.compile(pattern), templates) for pattern, templates in _ROWS)


def known_feed_urls(url: str) -> tuple[str, ...]:
    """The feeds that ``url`` has by the rules of its site, likeliest first; ``()`` if unknown."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https") or not host or parts.path.endswith((".atom", ".rss")):
        return ()
    if host in ("youtube.com", "m.youtube.com") and parts.path in ("/playlist", "/watch"):
        lists = parse_qs(parts.query[:1000]).get("list", [])
        return tuple(f"{_YOUTUBE}playlist_id={quote(item, safe='')}" for item in lists[:1])
    place = host + parts.path[:300].rstrip("/")
    for pattern, templates in _TABLE:
        match = pattern.fullmatch(place)
        if match is not None:
            return tuple(template.format(*match.groups()) for template in templates)
    return ()
