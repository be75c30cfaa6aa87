"""Embedded things that only scripts would show: where they are to be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

# Elements that only name a film, and the page or player that shows it.
FILMS = {
    "youtube": ("data-videoid", "https://www.youtube.com/embed/"),
    "lite-youtube": ("videoid", "https://www.youtube.com/embed/"),
    "lite-vimeo": ("videoid", "https://player.vimeo.com/video/"),
}
_MORE_FILMS = (  # of other elements: the name of the element or one of its classes, its attributes, the player
    (re.compile(r"youtube|(?:^|[\s_-])yt(?:$|[\s_-])|lyte|rll-", re.IGNORECASE),
     ("videoid", "video-id", "video", "data-videoid", "data-video-id", "data-youtube-id", "data-youtube", "data-yt-id", "data-id",
      "data-embed", "data-video", "v"), "https://www.youtube.com/embed/"),
    (re.compile(r"vimeo", re.IGNORECASE),
     ("videoid", "video-id", "video", "data-videoid", "data-video-id", "data-vimeo-id", "data-vimeo", "data-id"), "https://player.vimeo.com/video/"),
    (re.compile(r"dailymotion", re.IGNORECASE), ("videoid", "data-videoid", "data-video-id", "data-id"), "https://www.dailymotion.com/embed/video/"),
    (re.compile(r"twitter|tweet|(?:^|[\s_-])x-post", re.IGNORECASE),
     ("data-tweetid", "tweetid", "data-tweet-id", "tweet-id", "data-id"), "https://twitter.com/i/status/"),
    (re.compile(r"instagram", re.IGNORECASE), ("data-shortcode", "shortcode"), "https://www.instagram.com/p/"),
    (re.compile(r"spotify", re.IGNORECASE), ("data-spotify-id", "spotify-id"), "https://open.spotify.com/embed/track/"),
    (re.compile(r"(?:^|[\s_-])gist", re.IGNORECASE), ("data-gistid", "data-gist-id", "data-gist"), "https://gist.github.com/"),
)  # fmt: skip
# Attributes whose address is that of what is embedded, on any element without one of its own.
ADDRESSES = (
    "data-oembed-url", "data-embed-url", "data-oembed", "data-instgrm-permalink", "data-video-url", "data-iframe-src",
    "data-bluesky-url", "data-youtube-url",
)  # fmt: skip
_ID = re.compile(r"[\w-]{5,40}(?:/[\w-]{5,40})?")
# Scripts that write what they are named after.
_SCRIPTS = (
    (re.compile(r"(?:https?:)?//(gist\.github\.com/[\w-]+/\w+)\.js(?:on)?(?:\?(file=[^&#\"]+))?.*", re.IGNORECASE), r"https://\1"),
    (re.compile(r"(?:https?:)?//(gitlab\.com/[\w./-]*snippets/\d+)\.js.*", re.IGNORECASE), r"https://\1"),
    (re.compile(r"(?:https?:)?//((?:www\.)?asciinema\.org/a/\w+)\.js.*", re.IGNORECASE), r"https://\1"),
    (re.compile(r"(?:https?:)?//pastebin\.com/embed_js(?:/|\.php\?i=)(\w+).*", re.IGNORECASE), r"https://pastebin.com/\1"),
    (re.compile(r"(?:https?:)?//(jsfiddle\.net/[\w/-]+?)/embed/.*", re.IGNORECASE), r"https://\1/"),
    (re.compile(r"(?:https?:)?//(?:www\.)?(buzzsprout\.com/\d+/[\w-]+)(?:\.js)?\?.*", re.IGNORECASE), r"https://www.\1"),
    (re.compile(r"(?:https?:)?//(www\.scribd\.com)/.*", re.IGNORECASE), ""),
)  # fmt: skip
_BARE = re.compile(r"https?://[^\s<>\"']{4,2000}", re.IGNORECASE)
_WATCHED = (
    (re.compile(r"https?://(?:www\.|m\.)?youtube\.com/(?:watch\?(?:[^#\s]*&)?v=|shorts/|live/)([\w-]{6,20}).*", re.IGNORECASE), r"https://www.youtube.com/embed/\1"),
    (re.compile(r"https?://youtu\.be/([\w-]{6,20}).*", re.IGNORECASE), r"https://www.youtube.com/embed/\1"),
    (re.compile(r"https?://(?:www\.)?vimeo\.com/(\d{5,12})", re.IGNORECASE), r"https://player.vimeo.com/video/\1"),
    (re.compile(r"https?://open\.spotify\.com/((?:track|episode|album|playlist|show)/\w+).*", re.IGNORECASE), r"https://open.spotify.com/embed/\1"),
)  # fmt: skip


def film_of(name: str, attributes: Mapping[str, str]) -> str:
    """The player of an element ``name`` that only says which film it is, ``""`` for none."""
    bare = name.removeprefix("amp-")
    if bare in FILMS:
        named, player = FILMS[bare]
        video = attributes.get(named, "").strip()
        if _ID.fullmatch(video):
            return player + video
    called = f"{name if '-' in name else ''} {attributes.get('class', '')[:500]}"
    for pattern, names, player in _MORE_FILMS:
        if pattern.search(called):
            found = (attributes.get(one, "").strip() for one in names)
            video = next((one for one in found if _ID.fullmatch(one) and not one.isalpha()), "")
            if video:
                return player + video
    return ""


def address_of(name: str, attributes: Mapping[str, str]) -> str:
    """The http(s) address of what an element embeds, ``""`` for none."""
    names = (*ADDRESSES, *(("url", "href") if name == "oembed" or name.startswith("fb:") else ()))
    if attributes.get("class", "").startswith("fb-"):
        names = (*names, "data-href")
    if "tiktok-embed" in attributes.get("class", ""):
        names = (*names, "cite")
    found = (attributes.get(one, "").strip() for one in names)
    return next((one for one in found if _BARE.fullmatch(one)), "")


def of_script(src: str) -> str:
    """The page that shows what a script from ``src`` would write, ``""`` for other scripts."""
    for pattern, page in _SCRIPTS:
        found = pattern.fullmatch(src.strip())
        if found and page:
            return found.expand(page)
    return ""


def bare_address(text: str) -> str:
    """``text`` where it is nothing but one http(s) address, else ``""``."""
    said = text.strip()
    return said if _BARE.fullmatch(said) else ""


def shown(address: str, label: str = "") -> str:
    """``address`` of an embedded thing as HTML: its player, if one is known, else a link called ``label``."""
    for pattern, player in _WATCHED:
        found = pattern.fullmatch(address)
        if found:
            return f'<iframe src="{escape(found.expand(player))}"></iframe>'
    if "/embed/" in address or "player.vimeo.com" in address:
        return f'<iframe src="{escape(address)}"></iframe>'
    return link(address, label)


def link(address: str, label: str = "") -> str:
    """A paragraph with a link to ``address``, by default labelled with its host and path."""
    try:
        parts = urlsplit(address)
        named = label or f"{parts.hostname or ''}{parts.path}".rstrip("/")
    except ValueError:
        named = label or address
    return f'<p><a href="{escape(address)}">{escape(named or address, quote=False)}</a></p>'
