"""Policy: the HTML that may stay, and why. Everything that is not named here goes.

An element that is not allowed loses its tags and keeps its text, except for those in ``DROPPED``,
whose text is no text.
"""

from __future__ import annotations

import re

_TEXT = (  # prose: headings, paragraphs, phrases; none of them loads or runs anything
    "a abbr acronym address b bdi bdo big blockquote br cite code dd del details dfn div dl dt em "
    "h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong "
    "sub summary sup time tt u ul var wbr article section aside header footer figure figcaption"
)
_TABLES = "table caption colgroup col thead tbody tfoot tr th td"
_MEDIA = "img picture source video audio track iframe"  # http(s) only; frames: see EMBEDS
_MATH = (  # MathML Core presentation: formulas are text; no annotation-xml, no links, no actions
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup "
    "msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd merror"
)
TAGS = frozenset(f"{_TEXT} {_TABLES} {_MEDIA} {_MATH}".split())

# Elements whose content is code, a fallback, a form's choices, or a drawing's private text.
DROPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "svg",
        "head",
        "title",
        "noembed",
        "noframes",
        "select",
        "textarea",
        "button",
        "datalist",
        "annotation",
        "annotation-xml",
        "dialog",
    ]
)

ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"id", "dir", "lang", "title"}),  # anchors (prefixed), reading direction, names
    "a": frozenset({"href", "hreflang"}),
    "code": frozenset({"class"}),  # its language only: see LANGUAGE
    "img": frozenset({"src", "srcset", "sizes", "alt", "width", "height"}),  # sizes avoid jumps
    "source": frozenset({"src", "srcset", "sizes", "media", "type", "width", "height"}),
    "video": frozenset({"src", "poster", "width", "height", "controls", "muted", "loop"}),
    "audio": frozenset({"src", "controls", "loop"}),
    "track": frozenset({"src", "kind", "label", "srclang", "default"}),
    "iframe": frozenset({"src", "width", "height", "allowfullscreen", "loading", "referrerpolicy"}),
    "blockquote": frozenset({"cite"}),
    "q": frozenset({"cite"}),
    "del": frozenset({"cite", "datetime"}),
    "ins": frozenset({"cite", "datetime"}),
    "time": frozenset({"datetime"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "li": frozenset({"value"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "td": frozenset({"colspan", "rowspan", "headers"}),
    "th": frozenset({"colspan", "rowspan", "headers", "scope"}),
    "details": frozenset({"open"}),
    "math": frozenset({"display"}),
    "mo": frozenset({"stretchy"}),
    "mfrac": frozenset({"linethickness"}),
    "mtable": frozenset({"columnalign"}),
}

# How code says what language it is in (HTML Standard §4.5.15).
LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#-]{1,30}")

SCHEMES = frozenset({"http", "https", "mailto", "tel", "geo", "xmpp", "magnet", "gemini"})
# Loaded without being asked: http(s) only.
LOADED = frozenset({"src", "srcset", "poster"})
REFERRER_POLICY = "no-referrer"  # whoever is asked for a picture learns nothing of its reader
ID_PREFIX = "entry-"  # no id of a stranger's meets one of the page that shows it
MAX_SIZE = 4096  # pixels of width or height that an image or a frame may claim
MAX_WORDS = 2000  # characters of an attribute that is text

# Players that work in a sandbox (SANDBOX), by host and path.
PLAYERS = (
    "www.youtube.com/embed/",
    "youtube.com/embed/",
    "www.youtube-nocookie.com/embed/",
    "player.vimeo.com/video/",
    "www.dailymotion.com/embed/",
    "geo.dailymotion.com/player",
    "w.soundcloud.com/player",
    "open.spotify.com/embed",
    "bandcamp.com/EmbeddedPlayer",
    "archive.org/embed/",
    "media.ccc.de/v/",
    "embed.podcasts.apple.com/",
    "embed.ted.com/talks/",
    "www.slideshare.net/slideshow/embed_code/",
    "player.twitch.tv/",
)
EMBEDS = re.compile(
    f"https://(?:{'|'.join(map(re.escape, PLAYERS))})"
    # No way out of the player's folder: "..", however it is written.
    r"(?![^\s]*(?:\.|%2e){2}(?:[/\\?#]|%2f|%5c|\Z))[^\s\"'<>\\]*",
    re.IGNORECASE,
)
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-presentation"

# Where one pixel is fetched to count a reader; a name that begins with a dot stands for all below.
COUNTERS = (
    "pixel.wp.com/",
    "stats.wordpress.com/",
    "pixel.quantserve.com/",
    ".doubleclick.net/",
    "feeds.feedburner.com/~r/",
    "www.google-analytics.com/",
    "www.facebook.com/tr?",
    "b.scorecardresearch.com/",
    "counter.theconversation.com/",
    "medium.com/_/stat",
    "sb.scorecardresearch.com/",
    "ssl.google-analytics.com/",
    "blogger.googleusercontent.com/tracker/",
    "feedproxy.google.com/~r/",
    "feeds.feedburner.com/~ff/",
    ".feedsportal.com/",
    "tracking.feedpress.it/",
    "tracking.feedpress.com/",
    ".met.vgwort.de/",
    ".list-manage.com/track/",
    "c.statcounter.com/",
    "pixel.propublica.org/",
    "ping.chartbeat.net/",
    "counter.yadro.ru/",
    "mc.yandex.ru/watch/",
    "hm.baidu.com/hm.gif",
    "bat.bing.com/",
    "px.ads.linkedin.com/",
    "t.co/i/adsct",
    "api.flattr.com/",
)
TRACKERS = re.compile(
    "https?://(?:"
    + "|".join(("[^/?#]*" if one[0] == "." else "") + re.escape(one) for one in COUNTERS)
    + ")",
    re.IGNORECASE,
)
