"""HTML of strangers, made into HTML that runs nothing, loads nothing but media, and stands on its own.

nh3 (ammonia) decides; it parses as a browser does and keeps what :mod:`aggregator.sanitize.policy`
names. Guarded before it: what HTML's own repair rules cost (:mod:`aggregator.sanitize.repair_costs`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from itertools import islice
from urllib.parse import unquote

import nh3

from aggregator.sanitize.attribute_values import attribute_filter, prefixed, usable_base
from aggregator.sanitize.markup import attributes
from aggregator.sanitize.media import prepare_media
from aggregator.sanitize.policy import (
    ATTRIBUTES,
    DROPPED,
    ID_PREFIX,
    REFERRER_POLICY,
    SANDBOX,
    SCHEMES,
    TAGS,
)
from aggregator.sanitize.repair_costs import MAX_ATTRIBUTES, is_bounded
from aggregator.sanitize.text import is_seen, shown_safe, xml_safe

# HTML Standard §13.2.5.43-52: one that never ends takes the rest.
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_CODE = re.compile(r"<(script|style)\b", re.IGNORECASE)
_END_OF = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style")}
_IMAGE = re.compile(r"<img[^<>]*+>")
# Quotes are escaped in values, so that these are found where they are attributes, or in harmless text.
_REFERRER, _LAZY = f' referrerpolicy="{REFERRER_POLICY}"', ' loading="lazy"'
_LAST = f"{_REFERRER}{_LAZY}>"
_LINK = re.compile(r'(<a [^<>]*?href=")([^"<>]*)#([^"<>]+)"')
_ID = re.compile(r'<[^<>]*? id="([^"<>]+)"')
# Attributes that hold addresses, with a value or without, and whatever looks like one.
_REFERENCE = re.compile(r"[\s/\"'](href|srcset|src|poster|cite)(?![^\s=/>])")
_ABSOLUTE = re.compile(r"\s*=\s*[\"']?https?://\w")
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
_EQUALS = re.compile("=")
_ANY_TAG = re.compile(r"<[^<>]*+>")
_SPACES = re.compile(
    r"[^\S\n ][^\S\n]*+| [^\S\n]++"
)  # but not a single blank, of which there are most


def clean_html(html: str, base_url: str | None) -> str:
    """``html`` by the policy, relative URLs resolved against ``base_url`` (without one: dropped).

    Well-formed, idempotent, without characters that XML forbids. Never raises; time and memory
    are linear in the input.
    """
    safe = xml_safe(html)
    if not safe.strip():
        return ""
    if "<" not in safe:
        text = shown_safe(escape(unescape(safe), quote=False))
        return text.replace("\xa0", "&nbsp;").strip()  # as nh3 writes it
    if not is_bounded(safe):
        safe = _COMMENT.sub("", safe)  # Word's hold hundreds of tags
        if not is_bounded(safe):
            return _cut(safe, base_url)
    prepared = prepare_media(safe)
    base = usable_base(base_url)
    cleaner = _cleaner(base if _may_be_relative(prepared) else None)
    cleaned = cleaner.clean(prepared)
    shown = _IMAGE.sub(_with_source, _empty_frames(cleaned))
    if shown != cleaned:  # what was cut with a knife goes through the sanitizer again
        shown = cleaner.clean(shown)
    if base is not None and "#" in shown:
        shown = _with_inner_links(shown, base)
    return shown_safe(_IMAGE.sub(_in_order, shown)).strip()


def to_text(html: str) -> str:
    """The text of ``html``: a line break where a block begins or ends, spaces collapsed.

    References are decoded; nothing of the markup is left. Never raises.
    """
    safe = xml_safe(html)
    if "<" in safe:
        if not is_bounded(safe):
            safe = _COMMENT.sub("", safe)
        safe = _text_cleaner().clean(safe) if is_bounded(safe) else _without_code(safe)
        safe = _ANY_TAG.sub("\n", safe)
    text = shown_safe(unescape(safe))
    if "  " in text or not is_seen(text):
        text = _SPACES.sub(" ", text)
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _cut(text: str, base_url: str | None) -> str:
    """HTML that costs too much to repair, as far as it does not, if it has too many attributes; then its words."""
    crowded = next(islice(_EQUALS.finditer(text), MAX_ATTRIBUTES, None), None)
    at = text.rfind("<", 0, crowded.start()) if crowded is not None else 0
    if at <= 0 or not is_bounded(text[:at]):
        return _as_text(text)
    words = _as_text(text[at:])
    return clean_html(text[:at], base_url) + (f"<p>{words}</p>" if words else "")


def _as_text(text: str) -> str:
    """What is left of HTML that costs too much to repair: its words, one paragraph."""
    words = shown_safe(unescape(_ANY_TAG.sub(" ", _without_code(text))))
    return escape(_SPACES.sub(" ", words).strip(), quote=False)


def _without_code(text: str) -> str:
    """``text``, which holds no comments, without scripts and style sheets; linear."""
    pieces: list[str] = []
    at = 0
    while (code := _CODE.search(text, at)) is not None:
        pieces.append(text[at : code.start()])
        end = _END_OF[code[1].lower()].search(text, code.end())
        at = len(text) if end is None else end.start()
    return "".join((*pieces, text[at:]))


def _with_inner_links(cleaned: str, base: str) -> str:
    """Links to an anchor of the page ``base`` that ``cleaned`` itself holds stay within it."""
    here = base.partition("#")[0]
    names = {unescape(name) for name in _ID.findall(cleaned)}

    def inner(link: re.Match[str]) -> str:
        name = prefixed(unquote(unescape(link[3])))
        if name not in names or unescape(link[2]) not in ("", here):
            return link[0]
        return f'{link[1]}#{escape(name)}"'

    return _LINK.sub(inner, cleaned) if names else cleaned


def _may_be_relative(markup: str) -> bool:
    """False for ``markup`` whose addresses are all absolute: no base is needed, and one cleaner does for all.

    To make a cleaner takes longer than to clean most entries, each of which has a base of its own.
    """
    folded = markup.lower()
    return any(
        found[1] == "srcset" or _ABSOLUTE.match(folded, found.end()) is None
        for found in _REFERENCE.finditer(folded)
    )


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
        attribute_filter=attribute_filter(base),
        strip_comments=True,
        link_rel="noopener noreferrer",
        url_schemes=SCHEMES,
        url_relative=("rewrite_with_base", base) if base else "deny",
        id_prefix=ID_PREFIX,
        # Of two nh3 adds one before the other, which one differs from process to process: _in_order.
        set_tag_attribute_values={
            "iframe": {"sandbox": SANDBOX},
            "video": {"controls": "controls"},
            "audio": {"controls": "controls"},
            "img": {"loading": "lazy", "referrerpolicy": REFERRER_POLICY},
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


def _in_order(image: re.Match[str]) -> str:
    """An image whose last attributes are ours: nh3 also moves its last ones to where it removed some."""
    if image[0].endswith(_LAST):
        return image[0]
    return image[0].replace(_REFERRER, "").replace(_LAZY, "")[:-1] + _LAST


def _empty_frames(cleaned: str) -> str:
    """Frames of ``cleaned`` without content (raw text in HTML, markup elsewhere)."""
    if "<iframe" not in cleaned:
        return cleaned
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
