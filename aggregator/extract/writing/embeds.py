"""Images and players as HTML: which address they show, what of them a feed reader can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from lxml.html import HtmlElement

from aggregator.extract.writing.images import address_of
from aggregator.sanitize.policy import EMBEDS

IMAGE_TAGS = frozenset({"img", "amp-img"})
MEDIA_TAGS = (
    "img", "amp-img", "iframe", "amp-iframe", "amp-youtube", "lite-youtube", "lite-vimeo", "video", "amp-video", "audio", "amp-audio",
)  # fmt: skip
# Where frames keep their address until they are looked at, or their reader agrees to them.
_LAZY_FRAMES = ("data-src", "data-lazy-src", "data-cookieblock-src", "data-cmp-src", "data-src-cmplz", "suppressedsrc", "src")  # fmt: skip
# Players whose element only names the film.
_FILMS = {
    "youtube": ("data-videoid", "https://www.youtube.com/embed/"),
    "lite-youtube": ("videoid", "https://www.youtube.com/embed/"),
    "lite-vimeo": ("videoid", "https://player.vimeo.com/video/"),
}
_SIGN_NAMES = re.compile(
    r"(?:^|[\s_-])(?:emoji\w*|twemoji|smiley|joypixels)(?:$|[\s_-])", re.IGNORECASE
)
_LONGEST_SIGN = 16  # characters: an emoji may be of several
_IMAGE_FILES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif", "svg"})
_PIXELS = re.compile(r"\d{1,5}")
_VIDEO_ID = re.compile(r"[\w-]{6,20}")
# The ways in which one image's sizes are told apart within its path.
_SIZE_IN_NAME = re.compile(
    r"(?:[-_.@](?:\d{2,4}x\d{2,4}|\d{2,4}[wh]|[1-4]x|scaled|thumb(?:nail)?|small|medium|large|full|crop))+(?=\.[a-z]{3,4}$)",
    re.IGNORECASE,
)
_SIZE_SEGMENT = re.compile(
    r"\d{3}|\d{2,4}x\d{2,4}|[whq]_?\d{1,4}|fit-in|smart|fill|(?:resize|crop|filters:|width=).*",
    re.IGNORECASE,
)
_TRANSFORMATION = re.compile(r"[a-z]{1,5}_[\w.:!-]+")  # w_600
_ONE_TRANSFORMATION = re.compile(r"[a-z]{1,2}_\d[\w.:]*|[fqg]_auto")
_MAX_SOURCES = 8
Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Medium:
    """One image or player: its HTML (not sanitized), its address, what it shows in any size."""

    html: str
    url: str
    identity: str
    is_image: bool


def medium_of(element: HtmlElement, resolve: Resolve) -> Medium | None:
    """Medium that ``element`` shows; None for pixels, placeholders and frames of strangers."""
    tag = str(element.tag).removeprefix("amp-")
    if tag == "img":
        return _image(element, resolve)
    if tag == "iframe" or tag in _FILMS:
        return _frame(element, tag, resolve)
    return _player(element, tag, resolve)


def sign_of(image: HtmlElement) -> str:
    """The emoji that ``image`` stands for, as text; ``""`` when it is a picture."""
    sign = (image.get("alt") or "").strip()
    if not 0 < len(sign) <= _LONGEST_SIGN or sign.isascii() or any(map(str.isalpha, sign)):
        return ""
    named = f"{image.get('class') or ''} {(image.get('src') or '').replace('/', ' ')[:300]}"
    return sign if _SIGN_NAMES.search(named) else ""


def _image(element: HtmlElement, resolve: Resolve) -> Medium | None:
    url = address_of(element, resolve)
    if url is None:
        return None
    alt = " ".join((element.get("alt") or "").split())
    sizes = "".join(
        f' {name}="{value}"'
        for name in ("width", "height")
        if _PIXELS.fullmatch(value := (element.get(name) or "").strip().removesuffix("px"))
    )
    html = f'<img src="{escape(url)}" alt="{escape(alt)}"{sizes}>'
    return Medium(html, url, identity(url), is_image=True)


def _frame(element: HtmlElement, tag: str, resolve: Resolve) -> Medium | None:
    if tag in _FILMS:
        name, player = _FILMS[tag]
        video = element.get(name) or ""
        found = [f"{player}{video}"] if _VIDEO_ID.fullmatch(video) else []
    else:
        found = [resolve(value) for name in _LAZY_FRAMES if (value := element.get(name))]
    for url in found:
        secure = re.sub("^http:", "https:", url)
        if EMBEDS.fullmatch(secure):
            html = f'<iframe src="{escape(secure)}"></iframe>'
            return Medium(html, secure, secure, is_image=False)
    return None


def _player(element: HtmlElement, tag: str, resolve: Resolve) -> Medium | None:
    own = _http(element.get("src") or element.get("data-src") or "", resolve)
    sources = []
    for source in list(element.iter("source"))[:_MAX_SOURCES]:
        url = _http(source.get("src") or source.get("data-src") or "", resolve)
        kind = f' type="{escape(source.get("type") or "")}"' if source.get("type") else ""
        if url:
            sources.append((url, f'<source src="{escape(url)}"{kind}>'))
    url = own or (sources[0][0] if sources else "")
    if not url:
        return None
    poster = _http(element.get("poster") or "", resolve) if tag == "video" else ""
    attributes = f' src="{escape(own)}"' if own else ""
    attributes += f' poster="{escape(poster)}"' if poster else ""
    inner = "" if own else "".join(source for _, source in sources)
    return Medium(f"<{tag}{attributes}>{inner}</{tag}>", url, url, is_image=False)


def _http(reference: str, resolve: Resolve) -> str:
    url = resolve(reference) if reference.strip() else ""
    return url if url.startswith(("http://", "https://")) else ""


def identity(url: str) -> str:
    """Part of the address ``url`` that all sizes of the image share, as far as it tells."""
    address, _, query = url.partition("?")
    path = address.partition("://")[2]
    # A path that names no file (``/image.php?id=3``) leaves the naming to the query.
    if path.rpartition(".")[2].lower() not in _IMAGE_FILES:
        return f"{path}?{query}"
    host, *segments = path.split("/")
    kept = [s for s in segments[:-1] if not _is_size(s)]
    return "/".join([host, *kept, _SIZE_IN_NAME.sub("", segments[-1] if segments else "")])


def _is_size(segment: str) -> bool:
    if _SIZE_SEGMENT.fullmatch(segment):
        return True
    # One alone may be a name: ``north_pier``.
    parts = segment.split(",")
    if len(parts) == 1:
        return _ONE_TRANSFORMATION.fullmatch(segment) is not None
    return all(map(_TRANSFORMATION.fullmatch, parts))
