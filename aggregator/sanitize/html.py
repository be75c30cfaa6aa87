"""A stranger's HTML → HTML that runs nothing, loads nothing but media, and stands on its own.

nh3 (ammonia) decides; it parses as a browser does and keeps what :mod:`aggregator.sanitize.policy`
names. Guarded before it: the cost of HTML's own repair rules is quadratic in unclosed elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

import nh3

from aggregator.sanitize.markup import VOID_ELEMENTS, attributes
from aggregator.sanitize.media import prepare_media
from aggregator.sanitize.policy import (
    ATTRIBUTES,
    DROPPED,
    EMBEDS,
    ID_PREFIX,
    LANGUAGE,
    LOADED,
    MAX_SIZE,
    MAX_WORDS,
    REFERRER_POLICY,
    SANDBOX,
    SCHEMES,
    TAGS,
)
from aggregator.sanitize.private_hosts import is_private
from aggregator.sanitize.text import is_seen, shown_safe, xml_safe
from aggregator.text.controls import without_directions

_MANY_TAGS = 150  # below it, no nesting is costly
_MAX_OPEN = 250  # real articles stay under 60
_MAX_ATTRIBUTES = 20_000
_MAX_REFERENCES = 50_000  # html5ever takes each at more than constant cost
_MAX_IN_TAG = 300  # attributes, which html5ever compares each with each
_LONG_TAG = 4 * _MAX_IN_TAG // 2  # characters that more of them have at least
_LOOKS = 8  # how often a character is looked at in search of them, on average
_S = r"[ \t\n\f\r]"  # no other space parts attributes
# As everybody writes tags: what is in them needs no closer look.
_USUAL_TAG = (
    rf"/?[A-Za-z][\w-]*+(?:{_S}++[A-Za-z][\w:-]*+(?:=\"[^\"<>]*+\"|='[^'<>]*+')?+)"
    rf"{{0,{_MAX_IN_TAG}}}+{_S}*+/?>"
)
_ODD_TAG = re.compile(rf"<(?!{_USUAL_TAG})(?=/?[A-Za-z])")
# HTML Standard §13.2.5.32-40: a name may begin with "=", hold quotes and "<"; a value may have no end.
_ATTRIBUTE = (
    r"[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    rf"(?:{_S}*+={_S}*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\f\r>\"'][^ \t\n\f\r>]*+)?+)?+"
)
_TO_THE_CROWD = re.compile(
    rf"</?[A-Za-z][^ \t\n\f\r/>]*+(?:{_ATTRIBUTE}){{0,{_MAX_IN_TAG}}}+({_ATTRIBUTE})?"
)
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]{0,20})")
# HTML Standard §13.2.5.43-52: one that never ends takes the rest.
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_CODE = re.compile(r"<(script|style)\b", re.IGNORECASE)
# "/>" ends an element in a drawing only. A drawing ends for us with the first name that is none of these.
_CLOSED_TAG = re.compile(
    rf"<[A-Za-z][\w-]*+(?:{_S}++[A-Za-z][\w:-]*+=(?:\"[^\"<>]*+\"|'[^'<>]*+'))*+{_S}*+/>"
)
_END_OF = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style")}
_DRAWN = frozenset(
    "g path line rect circle ellipse polygon polyline text tspan use defs clipPath linearGradient "
    "radialGradient stop marker pattern mask symbol animate".lower().split()
)
_CLOSED_BY_SIBLINGS = frozenset(
    ["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "rp", "rt"]
)
_HTTP = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_IMAGE = re.compile(r"<img[^<>]*+>")
_MAX_CANDIDATES = 12
# Quotes are escaped in values, so that these are found where they are attributes, or in harmless text.
_IN_ORDER = f' referrerpolicy="{REFERRER_POLICY}" loading="lazy"'
_SWAPPED = f' loading="lazy" referrerpolicy="{REFERRER_POLICY}"'
_SIZE = re.compile(r"0*(\d{1,4})(?!\d)(%?)")
_SEPARATORS = re.compile(r"[\s,]*+")
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s++([\d.]{1,8}[wxh]))?+\s*+(?:,|\Z)")
_TO_NEXT = re.compile(r"[^,]*+,?")
_LINK = re.compile(r'(<a [^<>]*?href=")([^"<>]*)#([^"<>]+)"')
_ID = re.compile(r'<[^<>]*? id="([^"<>]+)"')
# Attributes that hold addresses, with a value or without, and whatever looks like one.
_REFERENCE = re.compile(r"[\s/\"'](href|srcset|src|poster|cite)(?![^\s=/>])")
_ABSOLUTE = re.compile(r"\s*=\s*[\"']?https?://\w")
_MAX_URL = 8192
_AMPERSANDS = re.compile("&(?:amp;)+")  # escaped once too often: no address has "&amp;"
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
    base = _base(base_url)
    cleaner = _cleaner(base if _may_be_relative(prepared) else None)
    cleaned = cleaner.clean(prepared)
    shown = _IMAGE.sub(_with_source, _empty_frames(cleaned))
    if shown != cleaned:  # what was cut with a knife goes through the sanitizer again
        shown = cleaner.clean(shown)
    if base is not None and "#" in shown:
        shown = _with_inner_links(shown, base)
    return shown_safe(shown.replace(_SWAPPED, _IN_ORDER)).strip()


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
    crowded = next(islice(_EQUALS.finditer(text), _MAX_ATTRIBUTES, None), None)
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


def is_bounded(text: str) -> bool:
    """True for text on which HTML's repair rules (HTML Standard §13.2.6) cost about linear time.

    Unclosed elements are what they are quadratic in: each is looked through, and formatting
    elements are opened again, for every block.
    """
    # Each of both is written as a reference, for which nh3 takes the longer, the longer the text is.
    references = text.count("&") + text.count("\xa0")
    if references > _MAX_REFERENCES or text.count("=") > _MAX_ATTRIBUTES or _has_crowded_tag(text):
        return False
    return text.count("<") < _MANY_TAGS or _closes_its_tags(text)


def _closes_its_tags(text: str) -> bool:
    """Whether few elements of ``text`` are open at a time."""
    open_now: dict[str, int] = {}
    total = 0
    drawing = False
    for tag in _TAG_NAME.finditer(text):
        name = tag[2].lower()
        drawing = (name == "svg" and not tag[1]) or (drawing and name in _DRAWN)
        if name in VOID_ELEMENTS or (drawing and _CLOSED_TAG.match(text, tag.start())):
            drawing = drawing and name != "svg"
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


def _has_crowded_tag(text: str) -> bool:
    """Whether a tag (HTML Standard §13.2.5) has more attributes than it may.

    What looks like a tag within another, or in a comment, may be one: each is looked at. So that
    this takes linear time, a text where they overlap too much counts as crowded, too.
    """
    if len(text) <= _LONG_TAG:
        return False
    looks = _LOOKS * len(text)
    for odd in _ODD_TAG.finditer(text):
        tag = _TO_THE_CROWD.match(text, odd.start())
        if tag is None:
            continue
        looks -= len(tag[0])
        if tag[1] or looks < 0:
            return True
    return False


def _base(base_url: str | None) -> str | None:
    if not base_url or not _HTTP.match(base_url):
        return None
    try:
        return base_url if urlsplit(base_url).hostname else None
    except ValueError:
        return None


def _resolved(value: str, base: str | None) -> str | None:
    """``value`` as an absolute http(s) URL, ``None`` if it is none, or one of a private network."""
    value = _AMPERSANDS.sub("&", value.strip())
    if len(value) > _MAX_URL:
        return None
    try:
        url = value if _HTTP.match(value) else urljoin(base, value) if base else ""
    except ValueError:
        return None
    if not _HTTP.match(url) or re.search(r"[\s\"<>]", url) or is_private(url):
        return None
    return url


def _srcset(value: str, base: str | None) -> str | None:
    """The image candidates (HTML Standard §4.8.4.2.1) that are http(s), at most 12."""
    kept: list[str] = []
    value, at = value[:_MAX_URL], 0
    while at < len(value) and len(kept) < _MAX_CANDIDATES:
        between = _SEPARATORS.match(value, at)
        at = between.end() if between else at
        candidate = _CANDIDATE.match(value, at)
        if candidate is None:  # what begins here is none: on to the next comma
            skipped = _TO_NEXT.match(value, at)
            at = skipped.end() if skipped else len(value)
            continue
        at = candidate.end()
        url = _resolved(candidate[1], base)
        if url is not None and not url.endswith(","):
            kept.append(f"{url} {candidate[2]}" if candidate[2] else url)
    return ", ".join(kept) or None


def _size(value: str) -> str | None:
    """A width or height in pixels or per cent that a page can bear, ``None`` for another."""
    size = _SIZE.match(value.strip())
    if size is None or int(size[1]) > (100 if size[2] else MAX_SIZE):
        return None
    return size[1] + size[2]


def _prefixed(name: str) -> str:
    return name if name.startswith(ID_PREFIX) else ID_PREFIX + name


def _with_inner_links(cleaned: str, base: str) -> str:
    """Links to an anchor of the page ``base`` that ``cleaned`` itself holds stay within it."""
    here = base.partition("#")[0]
    names = {unescape(name) for name in _ID.findall(cleaned)}

    def inner(link: re.Match[str]) -> str:
        name = _prefixed(unquote(unescape(link[3])))
        if name not in names or unescape(link[2]) not in ("", here):
            return link[0]
        return f'{link[1]}#{escape(name)}"'

    return _LINK.sub(inner, cleaned) if names else cleaned


def _filter(base: str | None) -> Callable[[str, str, str], str | None]:
    """Per attribute: the value to keep, or ``None``."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "srcset":
            return _srcset(value, base)
        if attribute in LOADED or attribute == "cite":
            url = _resolved(value, base)
            return url if tag != "iframe" or (url and EMBEDS.fullmatch(url)) else None
        if attribute in ("width", "height"):
            return _size(value)
        if attribute == "referrerpolicy":
            return REFERRER_POLICY
        if attribute == "class":
            return next((name for name in value.split() if LANGUAGE.fullmatch(name)), None)
        return _word(attribute, value)

    return keep


def _word(attribute: str, value: str) -> str | None:
    """The value of an attribute that loads nothing."""
    if attribute == "href":  # its scheme is nh3's to judge
        return _AMPERSANDS.sub("&", value) if len(value) <= _MAX_URL else None
    if attribute == "id":
        return value if re.fullmatch(r"\S{1,200}", value) else None
    if attribute == "headers":
        return " ".join(_prefixed(one) for one in value[:MAX_WORDS].split())
    return without_directions(value[:MAX_WORDS])  # a pair that is half in a value is none


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
        attribute_filter=_filter(base),
        strip_comments=True,
        link_rel="noopener noreferrer",
        url_schemes=SCHEMES,
        url_relative=("rewrite_with_base", base) if base else "deny",
        id_prefix=ID_PREFIX,
        # Of two nh3 adds one before the other, which one differs from process to process: _SWAPPED.
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
