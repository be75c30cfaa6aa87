"""References in feeds → absolute URLs: of http(s), or of another scheme that readers may follow."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from aggregator.parse.caps import MAX_URL
from aggregator.sanitize.policy import SCHEMES

_HTTP = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
# What is left as it is: told at once, as three addresses of each entry are asked for.
_AS_MOST = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?/[A-Za-z0-9._~/%?=&+,;:@!$*()#-]*"
)
_OTHER = re.compile(rf"(?:{'|'.join(sorted(SCHEMES - {'http', 'https'}))}):[^\s:]", re.IGNORECASE)
_AMPERSANDS = re.compile("&(?:amp;)+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_INNER_BREAK = re.compile(r"[\r\n\t]")
# Other characters beyond ASCII stay readable (RFC 3987), but not what is seen as nothing or turns
# the direction of the text around it.
_FORBIDDEN = (
    *((ord(sign), ord(sign)) for sign in '"<>^`{|}'),
    *((0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680), (0x180E, 0x180E)),
    *((0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
    (0xD800, 0xDFFF),
)
_ESCAPES = {
    code: quote(chr(code), safe="", errors="replace")
    for first, last in _FORBIDDEN
    for code in range(first, last + 1)
} | {ord("\\"): "/"}
_FILE = re.compile(
    r"\.(?:mp3|m4a|ogg|opus|wav|flac|mp4|m4v|webm|mov|jpe?g|png|gif|webp|zip)$", re.IGNORECASE
)


def is_http(text: str) -> bool:
    """True for text that begins like an absolute http(s) URL."""
    return bool(_HTTP.match(text))


def absolute(reference: object, base_url: str | None) -> str | None:
    """``reference`` as an absolute http(s) URL without characters that URLs forbid, else ``None``.

    Line breaks inside are damage and removed; spaces, control characters and those that only change
    how others are shown are escaped (WHATWG URL Standard §4.4).
    """
    if not isinstance(reference, str):
        return None
    if len(reference) <= MAX_URL and _AS_MOST.fullmatch(reference):
        return reference
    return _made_absolute(reference, base_url)


def _made_absolute(reference: str, base_url: str | None) -> str | None:
    text = "".join(part.strip() for part in _INNER_BREAK.split(reference))
    text = text.translate(_ESCAPES) if len(text) <= MAX_URL else ""
    if not text or len(text) > MAX_URL:
        return None
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


def followed(reference: object, base_url: str | None) -> str | None:
    """:func:`absolute`, or ``reference`` itself when it is of another scheme that links may have.

    Such a one (a magnet link, a mail address, a capsule) is passed on and never fetched.
    """
    if not isinstance(reference, str) or not _OTHER.match(text := reference.strip()):
        return absolute(reference, base_url)
    if len(text) > MAX_URL:
        return None
    scheme, colon, rest = "".join(_INNER_BREAK.split(text)).partition(":")
    shown = scheme.lower() + colon + rest.translate(_ESCAPES)
    return shown if len(shown) <= MAX_URL else None


def with_plain_ampersands(url: str) -> str:
    """``url`` without ``&amp;`` that was escaped once too often: no address has it."""
    return _AMPERSANDS.sub("&", url) if "&amp;" in url else url


def inner_base(outer: str, given: str) -> str:
    """The base URL inside an element whose ``xml:base`` is ``given`` (XML Base §4), which may be relative.

    ``outer``, the base around the element, where the two make no http(s) URL.
    """
    try:
        inner = urljoin(outer, given.strip())
    except ValueError:
        return outer
    return inner if is_http(inner) or not outer else outer


def is_page(url: str, media_type: str) -> bool:
    """True for a link to a page to read, not to a sound, picture, video or archive."""
    if media_type:
        return media_type.startswith(("text/html", "application/xhtml"))
    try:
        return not _FILE.search(urlsplit(url).path)
    except ValueError:
        return False
