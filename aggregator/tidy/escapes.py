"""References that were escaped once too often, or more often."""

from __future__ import annotations

import re
from html import unescape

_TAGS = "p|br|a|div|img|ul|ol|li|h[1-6]|blockquote|pre|table|span|strong|em|figure|iframe|hr|b|i"
_ESCAPED_MARKUP = re.compile(rf"&lt;/?(?:{_TAGS})(?:\s|/?&gt;)", re.IGNORECASE)
# What a text that merely names tags seldom has: an end, or an element without one.
_ESCAPED_END = re.compile(rf"&lt;(?:/(?:{_TAGS})\s*&gt;|(?:br|hr|img|p|li)[\s/&])", re.IGNORECASE)
_MORE_ESCAPED = re.compile(
    rf"&amp;(?:amp;)*lt;/?(?:{_TAGS})(?:\s|/?&amp;(?:amp;)*gt;)", re.IGNORECASE
)
_ONE_BOX = re.compile(r"\s*<(p|div|span|pre)(?:\s[^<>]{0,200})?>([^<]*)</\1>\s*", re.IGNORECASE)
# References that nobody writes to be read as such.
_NAMES = (
    r"#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|quot|apos|[lr][sd]quo|[sb]dquo|[nm]dash|hellip|nbsp|[lr]aquo|[lr]saquo|bull|middot|copy|reg|trade|deg|euro|"
    r"pound|times|rarr|larr|shy|zwnj|[A-Za-z](?:acute|grave|uml|circ|tilde|cedil|slash|ring)|szlig|iexcl|iquest|AElig|aelig|oelig|amp"
)
_TWICE = re.compile(rf"&amp;(?:amp;)*(?=(?:{_NAMES});)")
_TELLING = re.compile(rf"([^\s<>;]?)(&amp;(?:amp;)*(?!amp;)(?:{_NAMES});)(?=([^\s<>&]?))")
_AT_AND_T = re.compile(r"\w&amp;(?:amp;)+amp;\w|\w&amp;amp;\w|\w &amp;amp; \w")
_QUOTES = frozenset("\"'“”‘’«»„`")
_ALONE = re.compile(r"&amp;(?:amp;)*(?:[nm]dash|hellip|bull|middot|rarr|larr|copy|times);")
_CODE = re.compile(
    r"(<(code|pre|kbd|samp|tt|textarea|script|style)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL
)
_MOST_TIMES = 3


def once_escaped(html: str) -> str:
    """``html`` whose markup, or whose references, are no longer escaped more often than they should be.

    Markup, where the text has no other; references, where they stand in words as nobody means them to be read.
    What is set as code stays.
    """
    for _ in range(_MOST_TIMES):
        if not _is_escaped_markup(html):
            break
        box = _ONE_BOX.fullmatch(html)
        html = unescape(box[2] if box else html)
    if "&amp;" not in html:
        return html
    parts = _CODE.split(html)  # text, code, its name, text, …
    told = list(parts[::3])
    if not _are_meant(told):
        return html
    for index in range(0, len(parts), 3):
        parts[index] = _TWICE.sub("&", parts[index])
        parts[index] = re.sub(r"&amp;(?:amp;)+(?=(?:lt|gt);)", "&amp;", parts[index])
    return "".join(part for index, part in enumerate(parts) if index % 3 != 2)


def _is_escaped_markup(html: str) -> bool:
    box = _ONE_BOX.fullmatch(html) if "<" in html else None
    text = box[2] if box else html
    if "<" in text:
        return False
    if len(_ESCAPED_MARKUP.findall(text)) >= 2 and _ESCAPED_END.search(text):
        return True
    return len(_MORE_ESCAPED.findall(text)) >= 2


def _are_meant(texts: list[str]) -> bool:
    """Whether the references that ``texts`` would show are those that somebody meant to be read as signs."""
    within = alone = 0
    for text in texts:
        for found in _TELLING.finditer(text):
            before, after = found[1], found[3]
            if before in _QUOTES and after in _QUOTES and before and after:
                alone += 1
            elif before or after or _ALONE.fullmatch(found[2]):
                within += 1
            else:
                alone += 1
    if within > alone:
        return True
    return (
        not alone
        and any(map(_AT_AND_T.search, texts))
        and not any(re.search(r"&amp;(?!amp;)", t) for t in texts)
    )
