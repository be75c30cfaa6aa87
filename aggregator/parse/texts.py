"""Titles, names and bodies as feeds give them → plain text or sanitized HTML.

What a value is (text or HTML) is what its feed declares, corrected only by evidence in the value.
"""

from __future__ import annotations

import re
from html import escape, unescape

from aggregator.parse.caps import MAX_CONTENT, MAX_NAME, MAX_TITLE
from aggregator.sanitize import clean_html, plain, to_text
from aggregator.tidy.escapes import once_escaped
from aggregator.tidy.fragment import tidied
from aggregator.tidy.lines import with_lines
from aggregator.tidy.signs import with_signs

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_TAGS = "p|br|a|div|img|ul|ol|li|h[1-6]|blockquote|pre|table|span|strong|em|figure|iframe|hr|b|i"
_MARKUP = re.compile(rf"<(?:{_TAGS})(?:\s[^<>]{{0,500}})?/?>", re.IGNORECASE)
_ESCAPED_MARKUP = re.compile(rf"&lt;/?(?:{_TAGS})(?:\s|/?&gt;)", re.IGNORECASE)
# References that nobody writes into a title to be read as such.
_ESCAPED_SIGN = re.compile(
    r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|amp|quot|apos|[lr][sd]quo|[nm]dash|hellip|nbsp"
    r"|[lr]aquo|[A-Za-z](?:acute|grave|uml|circ|tilde|cedil)|szlig|eacute);"
)


# CDATA whose marks were escaped with what they hold.
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
# A line break as text. One that stands apart, or in quotation marks, is what the title speaks of.
_BREAK = re.compile(r"(?<=[\w.,:;!?)])<br\s?/?>|<br\s?/?>(?=\w)", re.IGNORECASE)


def title_text(value: str, media_type: str) -> str:
    """A title as one line of text of at most 1,000 characters."""
    value = _CDATA.sub(r"\1", value[: 8 * MAX_TITLE])
    text = to_text(value) if media_type in HTML_TYPES else value
    if _ESCAPED_SIGN.search(text):  # escaped twice
        text = unescape(text)
    return shortened(plain(_BREAK.sub(" ", _CDATA.sub(r"\1", text))), MAX_TITLE)


def name_text(value: object) -> str:
    """A name or category as one line of text of at most 200 characters, ``""`` for no text."""
    if not isinstance(value, str):
        return ""
    value = value[: 8 * MAX_NAME]
    text = to_text(value) if _MARKUP.search(value) else unescape(value)
    return shortened(plain(text), MAX_NAME)


def shortened(text: str, size: int) -> str:
    """``text`` cut to ``size`` characters, the last of them an ellipsis when it was longer."""
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def body_html(value: str, media_type: str, base_url: str | None) -> str:
    """A body as sanitized HTML; text becomes paragraphs, markup escaped once too often is markup."""
    value = value[:MAX_CONTENT]
    if value.lstrip().startswith("<![CDATA["):
        value = _CDATA.sub(r"\1", value)
    if media_type not in HTML_TYPES and not _MARKUP.search(value):
        value = once_escaped(paragraphs(value))
    else:
        value = with_signs(once_escaped(value))
        value = tidied(value) if "<" in value else with_lines(value)
    return clean_html(value, base_url)


def identifying_html(value: str, media_type: str, base_url: str | None) -> str:
    """A body as it was read when the identities of entries without guid and link were first made of it.

    Never to be changed: each of them would be a new entry.
    """
    value = value[:MAX_CONTENT]
    if media_type not in HTML_TYPES and not _MARKUP.search(value):
        value = paragraphs(value)
    elif "<" not in value and len(_ESCAPED_MARKUP.findall(value)) >= 2:
        value = unescape(value)
    return clean_html(value, base_url)


def lines(text: str) -> str:
    """Plain text laid out by its lines, blank ones too (a video's description), as HTML; markup stays."""
    if _MARKUP.search(text):
        return text
    return escape(text.strip(), quote=False).replace("\n", "<br>\n")


def paragraphs(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line breaks stay."""
    blocks = [b.strip() for b in re.split(r"\n[^\S\n]*\n\s*", text.strip()) if b.strip()]
    written = [escape(block, quote=False).replace("\n", "<br>\n") for block in blocks]
    return written[0] if len(written) == 1 else "\n".join(f"<p>{block}</p>" for block in written)
