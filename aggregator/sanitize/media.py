"""Images, frames and fallbacks as pages write them → as a reader without scripts needs them.

Runs before the sanitizer, on the text of single tags, and guarantees nothing: whatever this pass
makes or misses goes through :mod:`aggregator.sanitize.html` afterwards.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aggregator.sanitize.lazy_media import (
    LAZY_FRAMES,
    is_drawn,
    is_placeholder,
    lazy_addresses,
    lazy_sets,
    unusual_addresses,
)
from aggregator.sanitize.markup import attributes
from aggregator.sanitize.policy import EMBEDS, REFERRER_POLICY, TRACKERS

_NAMES = r"(?:(?:amp-)?(?:img|iframe|video|audio)|embed|source|noscript)(?=[\s/>])"
_ANY_MEDIA = re.compile(rf"</?{_NAMES}", re.IGNORECASE)
# Other tags are passed over whole, many at once: what looks like a tag within their values is none.
_TAG = re.compile(
    rf"<(/?)({_NAMES})"
    rf"|(?:<(?!/?{_NAMES})/?[a-z][^\s/<>]*+(?:[\s/]++(?:[^\s/>=<]++"
    r"""(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s<>"'][^\s<>]*+))?+)?+)*+>[^<]*+)++""",
    re.IGNORECASE,
)
# The anchors of older HTML; the sanitizer keeps ids only.
_NAMED = re.compile(r"(<a\s(?:[^<>]{0,300}\s)?)name(?=\s*=)", re.IGNORECASE)
# A frame's content is raw text in HTML: it is never kept.
_FRAME_END = re.compile(r"</iframe\s{0,9}>", re.IGNORECASE)
_KEPT = ("alt", "title", "width", "height", "sizes", "media", "type", "id")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|[;\s])(?:width|height)\s*:\s*[012](?:px|\s*[;!]|\s*$)",
    re.IGNORECASE,
)
_OLD_PLAYER = re.compile(r"(youtube(?:-nocookie)?\.com)/v/", re.IGNORECASE)
_TINY = re.compile(r"\s*0*[012](?:\.0*)?\s*(?:px)?\s*")
_SCHEME_RELATIVE = re.compile(r"//[^/]")
_MAX_FRAMES = 20
_NUMBER = re.compile(r"\d{1,5}")


def prepare_media(text: str) -> str:
    """Lazy images made real, tracking pixels dropped, frames kept or made links, no ``noscript``."""
    if "name" in text or "NAME" in text:
        text = _NAMED.sub(r"\1id", text)
    if not _ANY_MEDIA.search(text):
        return text
    pieces: list[str] = []
    at = 0
    media = _Media()
    while (tag := _TAG.search(text, at)) is not None:
        if tag[2] is None:
            pieces.append(text[at : tag.end()])
            at = tag.end()
            continue
        pieces.append(text[at : tag.start()])
        name = tag[2].lower().removeprefix("amp-")
        attrs, end, _ = attributes(text, tag.end())
        attrs = {key: html.unescape(value) for key, value in attrs.items()}
        if name == "iframe" and not tag[1]:
            close = _FRAME_END.search(text, end)
            at = end if close is None else close.end()
        else:
            at = end
        if name == "noscript":
            media.fallback = not tag[1]
        elif tag[1]:
            pieces.append(f"</{name}>" if name not in ("iframe", "embed") else "")
        elif name in ("video", "audio"):
            pieces.append(f"<{name}{_lazy_source(attrs)}{text[tag.end() : end]}")
        else:
            pieces.append(media.written(name, attrs, len(pieces)))
    for index in media.stand_ins():
        pieces[index] = ""
    pieces.append(text[at:])
    return "".join(pieces)


@dataclass(slots=True)
class _Media:
    """What was shown of a text so far."""

    fallback: bool = False  # within a noscript
    frames: int = 0
    seen: set[str] = field(default_factory=set)  # addresses
    alts: set[str] = field(default_factory=set)
    words: dict[int, str] = field(default_factory=dict)  # of pictures, by the index of their piece

    def written(self, name: str, attrs: dict[str, str], index: int) -> str:
        """A picture, frame or plug-in, which is piece ``index`` of the text."""
        if name in ("embed", "iframe"):
            self.frames += 1
            show = _player if name == "embed" else _frame
            return show(attrs) if self.frames <= _MAX_FRAMES else ""
        if name == "img" and (said := _words_of(attrs)):
            self.words[index] = said
            return f"<span>{html.escape(said, quote=False)}</span>"
        image = _image(name, attrs, self.seen, fallback=self.fallback)
        if image:
            self.alts.add(attrs.get("alt", "").strip())
        return image

    def stand_ins(self) -> Iterator[int]:
        """The indexes of words that stood in the place of a picture that is shown, or repeat others."""
        for index, said in self.words.items():
            if said in self.alts:
                yield index
            self.alts.add(said)


def _image(name: str, attrs: dict[str, str], seen: set[str], *, fallback: bool) -> str:
    src, srcset = attrs.get("src", "").strip(), attrs.get("srcset", "").strip()
    src = next(iter(lazy_addresses(attrs)), src)
    srcset = next(iter(lazy_sets(attrs)), srcset)
    if is_placeholder(src) and not srcset:
        src = next(iter(unusual_addresses(attrs)), src)
    if src.lower().startswith("data:"):
        src = ""
    if name == "img" and (
        not (src or srcset) or _tracks(attrs, src or srcset) or (fallback and src in seen)
    ):
        return ""
    if src:
        seen.add(src)
    kept = {"src": src, "srcset": srcset, **{key: attrs.get(key, "") for key in _KEPT}}
    if "alt" in attrs and name == "img":
        return _tag(name, kept, always=("alt",))
    return _tag(name, kept)


def _words_of(attrs: dict[str, str]) -> str:
    """What a picture that is written into the page says of itself, as readers are sent nothing of it."""
    if not is_drawn(attrs.get("src", "").strip()) or attrs.get("srcset", "").strip():
        return ""
    if lazy_addresses(attrs) or lazy_sets(attrs) or unusual_addresses(attrs):
        return ""
    hidden = _HIDDEN.search(attrs.get("style", "")) or attrs.get("aria-hidden") == "true"
    return "" if hidden else (attrs.get("alt", "") or attrs.get("title", "")).strip()


def _lazy_source(attrs: dict[str, str]) -> str:
    """The address that a player without one keeps until it is looked at, as an attribute."""
    if attrs.get("src", "").strip():
        return ""
    src = next(iter([*lazy_addresses(attrs), *unusual_addresses(attrs)]), "")
    return _attribute("src", src) if src else ""


def _tracks(attrs: dict[str, str], src: str) -> bool:
    sizes = [attrs[key] for key in ("width", "height") if key in attrs]
    tiny = len(sizes) > 0 and all(_TINY.fullmatch(size) for size in sizes)
    return tiny or bool(_HIDDEN.search(attrs.get("style", ""))) or bool(TRACKERS.match(src))


def _player(attrs: dict[str, str]) -> str:
    """An allowed player that was plugged in, as a frame; no other plug-in leads anywhere."""
    src = _OLD_PLAYER.sub(r"\1/embed/", attrs.get("src", "").strip())
    frame = _frame({**attrs, "src": src})
    return frame if frame.startswith("<iframe") else ""


def _frame(attrs: dict[str, str]) -> str:
    """An allowed player as a frame, any other page as a link to it."""
    lazy = [attrs[name].strip() for name in LAZY_FRAMES if attrs.get(name, "").strip()]
    src = next((one for one in lazy if not is_placeholder(one)), "") or attrs.get("src", "").strip()
    if _SCHEME_RELATIVE.match(src):
        src = "https:" + src
    if EMBEDS.fullmatch(secure := re.sub(r"^http:", "https:", src)):
        sizes = {k: m[0] for k in ("width", "height") if (m := _NUMBER.match(attrs.get(k, "")))}
        return _tag(
            "iframe",
            {
                "src": secure,
                **sizes,
                "allowfullscreen": "allowfullscreen",
                "loading": "lazy",
                "referrerpolicy": REFERRER_POLICY,
            },
        ) + ("</iframe>")
    if not src.lower().startswith(("http://", "https://")) or TRACKERS.match(src):
        return ""
    try:
        label = attrs.get("title", "").strip() or urlsplit(src).hostname or src
    except ValueError:
        return ""
    return f'<p><a href="{html.escape(src)}">{html.escape(label)}</a></p>'


def _tag(name: str, attrs: dict[str, str], always: tuple[str, ...] = ()) -> str:
    written = (_attribute(key, value) for key, value in attrs.items() if value or key in always)
    return f"<{name}{''.join(written)}>"


def _attribute(name: str, value: str) -> str:
    return f' {name}="{html.escape(value)}"'
