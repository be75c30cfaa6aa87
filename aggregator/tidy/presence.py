"""Kinds of things that a text may hold at all: most hold none, and are left as they are."""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.tidy import sharing

# Without one of these in it (in lower case), a text has nothing of the kind.
_HIDDEN_SIGNS = ("hidden", "display", "visibility", "mso-hide", "height:", "opacity:", "font-size:")
_CLASS_SIGNS = ("katex", "mathjax", "mjx-", "mwe-math", "sr-only", "hidden", "screen", "preheader", "preview", "assistive", "offscreen")  # fmt: skip
_ELEMENT_SIGNS = ("<svg", "<pre", "<script", "<object", "<form", "<input")
_EMBED_SIGNS = (
    "lite-youtube", "lite-vimeo", "<amp-", "videoid", "video-id", "data-youtube", "data-yt", "youtube-", "vimeo-", "rll-", "lyte", "data-vimeo",
    "data-video", "data-embed", "oembed", "tweetid", "tweet-id", "data-instgrm", "shortcode=", "data-spotify", "data-gist", "tiktok-embed",
    "<fb:", "fb-post", "fb-video", "data-iframe", "data-bluesky",
)  # fmt: skip
_BAR_SIGNS = ("share", "sharing", "social", "addtoany", "a2a_", "addthis", "feedflare", "heateor", "ssba", "essb", "mashsb", "swp_")  # fmt: skip
_NOTE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)\s*<|\d\s*[kmg]i?b\s*\)?\s*<|\d\s*[×x]\s*\d{2,5}(?:\s*px)?\s*\)?\s*<", re.IGNORECASE)  # fmt: skip
_BARE = re.compile(r">\s*https?://[^\s<>]{4,2000}\s*<", re.IGNORECASE)
CODE_SIGNS = re.compile(
    r"<pre|blob-code|hljs-ln|crayon|rouge|class=[\"']?(?:\w+ )*code\b", re.IGNORECASE
)


class Kinds(NamedTuple):
    """The kinds of things that a text may hold at all, as far as a few searches tell."""

    hidden: bool
    classes: bool
    elements: bool
    embeds: bool
    bare: bool
    bars: bool
    notes: bool
    backgrounds: bool

    @classmethod
    def of(cls, html: str) -> Kinds:
        """The kinds that ``html`` may hold."""
        lower = html.lower()

        def has(signs: tuple[str, ...]) -> bool:
            return any(sign in lower for sign in signs)

        attributed = "=" in lower or " hidden" in lower
        return cls(
            hidden=attributed and has(_HIDDEN_SIGNS),
            classes=attributed and has(_CLASS_SIGNS),
            elements=has(_ELEMENT_SIGNS)
            or ("<table" in lower and CODE_SIGNS.search(html) is not None),
            embeds=attributed and has(_EMBED_SIGNS),
            bare="http" in lower and _BARE.search(html) is not None,
            bars=attributed and (has(_BAR_SIGNS) or sum(map(lower.count, sharing.HINTS)) > 1),
            notes="<img" in lower and _NOTE.search(html) is not None,
            backgrounds="background" in lower or "data-bg" in lower,
        )
