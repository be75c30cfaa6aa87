"""What HTML may stay, and why. Everything that is not named here goes.

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

SCHEMES = frozenset({"http", "https", "mailto", "tel", "geo", "xmpp", "magnet"})
# Loaded without being asked: http(s) only.
LOADED = frozenset({"src", "srcset", "poster"})
ID_PREFIX = "entry-"

# Players that work inside a frame with an opaque origin's rights kept to scripts and full screen.
EMBEDS = re.compile(
    r"https://(?:www\.youtube(?:-nocookie)?\.com/embed/|player\.vimeo\.com/video/"
    r"|www\.dailymotion\.com/embed/|geo\.dailymotion\.com/player|w\.soundcloud\.com/player"
    r"|open\.spotify\.com/embed|bandcamp\.com/EmbeddedPlayer|archive\.org/embed/"
    r"|media\.ccc\.de/v/|embed\.podcasts\.apple\.com/|embed\.ted\.com/talks/"
    r"|www\.slideshare\.net/slideshow/embed_code/|player\.twitch\.tv/)[^\s\"'<>]*"
)
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-presentation"

# Where one pixel is fetched to count a reader.
TRACKERS = re.compile(
    r"https?://(?:pixel\.wp\.com|stats\.wordpress\.com|pixel\.quantserve\.com|[^/]*\.doubleclick\.net"
    r"|feeds\.feedburner\.com/~r/|feedads\.|ad\.doubleclick|www\.google-analytics\.com"
    r"|www\.facebook\.com/tr\b|b\.scorecardresearch\.com|counter\.theconversation\.com"
    r"|medium\.com/_/stat)",
    re.IGNORECASE,
)
