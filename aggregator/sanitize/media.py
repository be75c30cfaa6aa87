"""Images, frames and fallbacks as pages write them → as a reader without scripts needs them.

Runs before the sanitizer, on the text of single tags, and guarantees nothing: whatever this pass
makes or misses goes through :mod:`aggregator.sanitize.html` afterwards.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from aggregator.sanitize.markup import attributes
from aggregator.sanitize.policy import EMBEDS, REFERRER_POLICY, TRACKERS

_NAMES = r"(?:(?:amp-)?(?:img|iframe)|embed|source|noscript)(?=[\s/>])"
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
_LAZY_SRC = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-actualsrc",
             "data-hi-res-src", "data-orig-src", "data-echo")  # fmt: skip
_LAZY_SRCSET = ("data-srcset", "data-lazy-srcset", "data-original-set")
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
    seen: set[str] = set()
    fallback = False
    frames = 0
    while (tag := _TAG.search(text, at)) is not None:
        if tag[2] is None:
            pieces.append(text[at : tag.end()])
            at = tag.end()
            continue
        pieces.append(text[at : tag.start()])
        name = tag[2].lower().removeprefix("amp-")
        attrs, at, _ = attributes(text, tag.end())
        attrs = {key: html.unescape(value) for key, value in attrs.items()}
        if name == "noscript":
            fallback = not tag[1]
        elif tag[1]:
            pieces.append(f"</{name}>" if name not in ("iframe", "embed") else "")
        elif name == "embed":
            frames += 1
            pieces.append(_player(attrs) if frames <= _MAX_FRAMES else "")
        elif name == "iframe":
            end = _FRAME_END.search(text, at)
            at = at if end is None else end.end()
            frames += 1
            pieces.append(_frame(attrs) if frames <= _MAX_FRAMES else "")
        else:
            pieces.append(_image(name, attrs, seen, fallback=fallback))
    pieces.append(text[at:])
    return "".join(pieces)


def _image(name: str, attrs: dict[str, str], seen: set[str], *, fallback: bool) -> str:
    src = _first(attrs, _LAZY_SRC) or attrs.get("src", "").strip()
    srcset = _first(attrs, _LAZY_SRCSET) or attrs.get("srcset", "").strip()
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


def _first(attrs: dict[str, str], names: tuple[str, ...]) -> str:
    return next((v for n in names if (v := attrs.get(n, "").strip()) and v[:5] != "data:"), "")


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
    src = (_first(attrs, _LAZY_SRC) or attrs.get("src", "")).strip()
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
    written = "".join(
        f' {key}="{html.escape(value)}"' for key, value in attrs.items() if value or key in always
    )
    return f"<{name}{written}>"
