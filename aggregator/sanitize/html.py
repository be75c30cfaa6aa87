"""A stranger's HTML → HTML that runs nothing, loads nothing but media, and stands on its own.

nh3 (ammonia) decides; it parses as a browser does and keeps what :mod:`aggregator.sanitize.policy`
names. Guarded before it: the cost of HTML's own repair rules is quadratic in unclosed elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

import nh3

from aggregator.sanitize.markup import attributes
from aggregator.sanitize.media import prepare_media
from aggregator.sanitize.policy import (
    ATTRIBUTES,
    DROPPED,
    EMBEDS,
    ID_PREFIX,
    LANGUAGE,
    LOADED,
    SANDBOX,
    SCHEMES,
    TAGS,
)
from aggregator.sanitize.text import xml_safe

_MANY_TAGS = 150  # below it, no nesting is costly
_MAX_OPEN = 250  # real articles stay under 60
_MAX_ATTRIBUTES = 20_000
_MAX_REFERENCES = 50_000  # html5ever takes each at more than constant cost
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]{0,20})")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_CLOSED_BY_SIBLINGS = frozenset(
    ["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "rp", "rt"]
)
_HTTP = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_IMAGE = re.compile(r"<img[^<>]*+>")
_MAX_CANDIDATES = 12
_SIZE = re.compile(r"\d{1,5}%?")
_CANDIDATE = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s++([\d.]{1,8}[wxh]))?+\s*+(?:,|\Z)")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "tr",
        "td",
        "th",
        "blockquote",
        "pre",
        "hr",
        "figure",
        "figcaption",
        "section",
        "article",
        "header",
        "footer",
        "aside",
        "details",
        "summary",
        "address",
        "caption",
    ]
)
_ANY_TAG = re.compile(r"<[^<>]*+>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n\s*")


def clean_html(html: str, base_url: str | None) -> str:
    """``html`` by the policy, relative URLs resolved against ``base_url`` (without one: dropped).

    Well-formed, idempotent, without characters that XML forbids. Never raises; time and memory
    are linear in the input.
    """
    safe = xml_safe(html)
    if not safe.strip():
        return ""
    if "<" not in safe:
        return xml_safe(escape(unescape(safe), quote=False)).strip()
    if not is_bounded(safe):
        return _as_text(safe)
    cleaned = _cleaner(_base(base_url)).clean(prepare_media(safe))
    if "<iframe" in cleaned:
        cleaned = _empty_frames(cleaned)
    if "<img" in cleaned:
        cleaned = _IMAGE.sub(_with_source, cleaned)
    return xml_safe(cleaned).strip()


def to_text(html: str) -> str:
    """The text of ``html``: a line break where a block begins or ends, spaces collapsed.

    References are decoded; nothing of the markup is left. Never raises.
    """
    safe = xml_safe(html)
    if "<" in safe:
        safe = _text_cleaner().clean(safe) if is_bounded(safe) else _ANY_TAG.sub("\n", safe)
        safe = _ANY_TAG.sub("\n", safe)
    text = _SPACES.sub(" ", xml_safe(unescape(safe)))
    return _LINES.sub("\n", text).strip()


def _as_text(text: str) -> str:
    """What is left of HTML that costs too much to repair: its words, one paragraph."""
    return escape(_SPACES.sub(" ", unescape(_ANY_TAG.sub(" ", text))).strip(), quote=False)


def is_bounded(text: str) -> bool:
    """Whether HTML's repair rules (HTML Standard §13.2.6) cost about linear time on ``text``.

    Unclosed elements are what they are quadratic in: each is looked through, and formatting
    elements are opened again, for every block.
    """
    if text.count("=") > _MAX_ATTRIBUTES or text.count("&") > _MAX_REFERENCES:
        return False
    if text.count("<") < _MANY_TAGS:
        return True
    open_now: dict[str, int] = {}
    total = 0
    for tag in _TAG_NAME.finditer(text):
        name = tag[2].lower()
        if name in _VOID:
            continue
        count = open_now.get(name, 0)
        if tag[1]:
            if count:
                open_now[name] = count - 1
                total -= 1
        elif name in _CLOSED_BY_SIBLINGS and count >= 20:
            continue
        else:
            open_now[name] = count + 1
            total += 1
            if total > _MAX_OPEN:
                return False
    return True


def _base(base_url: str | None) -> str | None:
    if not base_url or not _HTTP.match(base_url):
        return None
    try:
        return base_url if urlsplit(base_url).hostname else None
    except ValueError:
        return None


def _resolved(value: str, base: str | None) -> str | None:
    """``value`` as an absolute http(s) URL, ``None`` if it is none."""
    value = value.strip()
    try:
        url = value if _HTTP.match(value) else urljoin(base, value) if base else ""
    except ValueError:
        return None
    return url if _HTTP.match(url) and not re.search(r"[\s\"<>]", url) else None


def _srcset(value: str, base: str | None) -> str | None:
    """The image candidates (HTML Standard §4.8.4.2.1) that are http(s), at most 12."""
    kept: list[str] = []
    for candidate in _CANDIDATE.finditer(value[:8192]):
        url = _resolved(candidate[1], base)
        if url is not None and not url.endswith(","):
            kept.append(f"{url} {candidate[2]}" if candidate[2] else url)
        if len(kept) >= _MAX_CANDIDATES:
            break
    return ", ".join(kept) or None


def _filter(base: str | None) -> Callable[[str, str, str], str | None]:
    """Per attribute: the value to keep, or ``None``."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "srcset":
            return _srcset(value, base)
        if attribute in LOADED or attribute == "cite":
            url = _resolved(value, base)
            return url if tag != "iframe" or (url and EMBEDS.fullmatch(url)) else None
        if attribute in ("width", "height"):
            size = _SIZE.match(value.strip())
            return size[0] if size is not None else None
        if attribute == "class":
            return next((name for name in value.split() if LANGUAGE.fullmatch(name)), None)
        if attribute == "id":
            return value if value and not re.search(r"\s", value) else None
        return value

    return keep


@lru_cache(maxsize=64)
def _cleaner(base: str | None) -> nh3.Cleaner:
    try:
        return _new_cleaner(base)
    except ValueError:  # a base URL that Python accepts and the URL Standard does not
        return _new_cleaner(None)


def _new_cleaner(base: str | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=_filter(base),
        strip_comments=True,
        link_rel="noopener noreferrer",
        url_schemes=SCHEMES,
        url_relative=("rewrite_with_base", base) if base else "deny",
        id_prefix=ID_PREFIX,
        # One each: nh3 adds several in an order that differs from process to process.
        set_tag_attribute_values={
            "iframe": {"sandbox": SANDBOX},
            "video": {"controls": "controls"},
            "audio": {"controls": "controls"},
            "img": {"loading": "lazy"},
        },
    )


@lru_cache(maxsize=1)
def _text_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_BLOCKS,
        clean_content_tags=DROPPED | {"iframe", "noscript"},
        attributes={},
        link_rel=None,
    )


def _with_source(image: re.Match[str]) -> str:
    """An image as it is, ``""`` for one whose source was refused (quotes in values are escaped)."""
    return image[0] if ' src="' in image[0] or ' srcset="' in image[0] else ""


def _empty_frames(cleaned: str) -> str:
    """Frames of ``cleaned`` without content (raw text in HTML, markup elsewhere)."""
    pieces: list[str] = []
    at = 0
    while (begin := cleaned.find("<iframe", at)) >= 0:
        attrs, end, _ = attributes(cleaned, begin + len("<iframe"))
        close = cleaned.find("</iframe>", end)
        pieces.append(cleaned[at:begin])
        if "src" in attrs:
            pieces.append(cleaned[begin:end] + "</iframe>")
        at = len(cleaned) if close < 0 else close + len("</iframe>")
    pieces.append(cleaned[at:])
    return "".join(pieces)
