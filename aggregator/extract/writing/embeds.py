"""Images and players as HTML: which address they show, what of them a feed reader can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from lxml.html import HtmlElement

from aggregator.extract.writing.images import address_of
from aggregator.sanitize.lazy_media import LAZY_FRAMES
from aggregator.sanitize.policy import EMBEDS
from aggregator.tidy.embedded import FILMS
from aggregator.tidy.notes import is_file_note
from aggregator.tidy.pictures import identity

IMAGE_TAGS = frozenset({"img", "amp-img"})
MEDIA_TAGS = (
    "img", "amp-img", "iframe", "amp-iframe", "amp-youtube", "lite-youtube", "lite-vimeo", "video", "amp-video", "audio", "amp-audio",
)  # fmt: skip
_SIGN_NAMES = re.compile(
    r"(?:^|[\s_-])(?:emoji\w*|twemoji|smiley|joypixels)(?:$|[\s_-])", re.IGNORECASE
)
_LONGEST_SIGN = 16  # characters: an emoji may be of several
_PIXELS = re.compile(r"\d{1,5}")
_VIDEO_ID = re.compile(r"[\w-]{6,20}")
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
    if tag == "iframe" or tag in FILMS:
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
    hover = " ".join((element.get("title") or "").split())
    said = f' title="{escape(hover)}"' if hover and hover != alt and not is_file_note(hover) else ""
    html = f'<img src="{escape(url)}" alt="{escape(alt)}"{said}{sizes}>'
    return Medium(html, url, identity(url), is_image=True)


def _frame(element: HtmlElement, tag: str, resolve: Resolve) -> Medium | None:
    if tag in FILMS:
        name, player = FILMS[tag]
        video = element.get(name) or ""
        found = [f"{player}{video}"] if _VIDEO_ID.fullmatch(video) else []
    else:
        found = [resolve(value) for name in (*LAZY_FRAMES, "src") if (value := element.get(name))]
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
