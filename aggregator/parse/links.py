"""References in feeds → absolute http(s) URLs."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from aggregator.parse.limits import MAX_URL

_HTTP = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_INNER_BREAKS = re.compile(r"\s*[\r\n\t]\s*")
# Other characters beyond ASCII stay readable (RFC 3987), but not what is seen as nothing or turns
# the direction of the text around it.
_FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\"<>\\^`{|}\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    r"\ud800-\udfff]"
)
_FILE = re.compile(
    r"\.(?:mp3|m4a|ogg|opus|wav|flac|mp4|m4v|webm|mov|jpe?g|png|gif|webp|zip)$", re.IGNORECASE
)


def is_http(text: str) -> bool:
    """Whether ``text`` begins like an absolute http(s) URL."""
    return bool(_HTTP.match(text))


def absolute(reference: object, base_url: str | None) -> str | None:
    """``reference`` as an absolute http(s) URL without characters that URLs forbid, else ``None``.

    Line breaks inside are damage and removed; spaces, control characters and those that only change
    how others are shown are escaped (WHATWG URL Standard §4.4).
    """
    if not isinstance(reference, str):
        return None
    text = _INNER_BREAKS.sub("", reference.strip())
    if not text or len(text) > MAX_URL:
        return None
    text = _FORBIDDEN.sub(_escaped, text)
    if not is_http(text) and (base_url is None or (_SCHEME.match(text) and ":/" in text[:12])):
        return None
    try:
        url = text if is_http(text) else urljoin(base_url or "", text)
        parts = urlsplit(url)
        if not is_http(url) or not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    scheme, colon, rest = url.partition(":")
    return scheme.lower() + colon + rest


def _escaped(match: re.Match[str]) -> str:
    return "/" if match[0] == "\\" else quote(match[0], safe="", errors="replace")


def is_page(url: str, media_type: str) -> bool:
    """Whether a link goes to a page to read rather than to a sound, picture, video or archive."""
    if media_type:
        return media_type.startswith(("text/html", "application/xhtml"))
    try:
        return not _FILE.search(urlsplit(url).path)
    except ValueError:
        return False
