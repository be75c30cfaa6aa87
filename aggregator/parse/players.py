"""Players of videos that a feed names beside its text: by id, or by an address of theirs."""

from __future__ import annotations

import html
import re
from typing import Any

from aggregator.sanitize import clean_html
from aggregator.sanitize.policy import EMBEDS

Node = dict[str, Any]
_YOUTUBE_ID = re.compile(r"[\w-]{6,20}", re.ASCII)
# Addresses of players that Flash showed, by what they hold: the video's id.
_OLD = (
    (
        re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/v/([\w-]{6,20}).*", re.ASCII),
        "https://www.youtube.com/embed/{}",
    ),
    (
        re.compile(r"https?://(?:www\.)?vimeo\.com/moogaloop\.swf\?clip_id=(\d+).*", re.ASCII),
        "https://player.vimeo.com/video/{}",
    ),
)


def player_of(node: Node) -> str:
    """The player of the entry ``node`` as sanitized HTML, ``""`` where it names none that is allowed."""
    for address in _addresses(node):
        secure = re.sub(r"^http:", "https:", address.strip())
        if EMBEDS.fullmatch(secure):
            return clean_html(f'<p><iframe src="{html.escape(secure)}"></iframe></p>', None)
    return ""


def with_player(player: str, shown: str) -> str:
    """Sanitized HTML with the ``player`` above it, unless a frame is in it already."""
    if not player or "<iframe" in shown:
        return shown
    return f"{player}\n{shown}" if shown else player


def _addresses(node: Node) -> list[str]:
    video = dict.get(node, "yt_videoid")
    found = []
    if isinstance(video, str) and _YOUTUBE_ID.fullmatch(video.strip()):
        found.append(f"https://www.youtube.com/embed/{video.strip()}")
    media = dict.get(node, "media_content")
    said = [dict.get(node, "media_player"), *(media if isinstance(media, list) else ())]
    for one in said[:20]:
        url = one.get("url") if isinstance(one, dict) else None
        if isinstance(url, str):
            found.append(_now(url))
    return found


def _now(url: str) -> str:
    for pattern, template in _OLD:
        if old := pattern.fullmatch(url):
            return template.format(old[1])
    return url
