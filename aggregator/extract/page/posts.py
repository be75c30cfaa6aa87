"""Posts of social networks that an article quotes by embedding them.

They are shown as its pictures are: part of the HTML, while its text is what its author wrote. Two articles
that embed one post are not alike for that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import Block

# As the networks' own code for embedding calls them.
_EMBED = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|bluesky-embed|mastodon-embed|instagram-media|tiktok-embed|reddit-embed-bq|"
    r"text-post-media)(?:$|\s)"
)
_DEPTH = 3  # boxes between a line and the post that it is of
_MOST = 0.5  # share of the letters from which an article is made of posts, and they are its text


def is_post(element: HtmlElement) -> bool:
    """True for an embedded post."""
    return element.tag == "blockquote" and _EMBED.search(element.get("class") or "") is not None


def posts_beside_text(kept: Sequence[Block]) -> set[HtmlElement]:
    """The posts among the ``kept`` blocks; none where the article is hardly more than posts."""
    found: set[HtmlElement] = set()
    letters = 0
    for block in kept:
        post = next(filter(is_post, block.around(_DEPTH)), None)
        if post is not None:
            found.add(post)
            letters += len(block.squeezed)
    return found if letters <= _MOST * sum(len(block.squeezed) for block in kept) else set()
