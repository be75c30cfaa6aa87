"""Tags that no page needs, made small before they are parsed: libxml2 takes quadratic time for attributes."""

from __future__ import annotations

import re

from aggregator.sanitize.markup import attributes

_LONGEST_TAG = 4_000  # characters up to which a tag is left alone
_LONGEST_VALUE = 60_000  # characters; beyond are images and data for scripts
_MANY = 50_000  # attributes of a page; a tag may hide its length behind ``>`` in their values
_QUOTE = '"'
_START = re.compile(r"<[a-zA-Z][^\s/<>]{0,200}+")


def with_small_tags(text: str) -> str:
    """``text`` (HTML) with at most 64 attributes in each of its long tags, and no huge value in them.

    A tag without an end is left as it is. Linear in the text; ordinary pages are only looked through.
    """
    everywhere = text.count("=") > _MANY
    # Splitting is several times as fast as a pattern that looks at every character.
    pieces = text.split("<")
    if not everywhere and not any(_is_long(piece) for piece in pieces if len(piece) > _LONGEST_TAG):
        return text
    written: list[str] = []
    at = 0  # up to where the text is written
    begin = -1
    for piece in pieces:
        suspect = everywhere or (len(piece) > _LONGEST_TAG and _is_long(piece))
        tag = _START.match(text, begin) if suspect and begin >= at else None
        begin += 1 + len(piece)
        if tag is None:
            continue
        found, end, _ = attributes(text, tag.end())
        if text[end - 1] == ">" and end - tag.start() > _LONGEST_TAG:
            kept = {name: value for name, value in found.items() if len(value) <= _LONGEST_VALUE}
            values = (f' {name}="{v.replace(_QUOTE, "&quot;")}"' for name, v in kept.items())
            written += (text[at : tag.end()], *values, ">")
            at = end
    return "".join((*written, text[at:])) if written else text


def _is_long(piece: str) -> bool:
    """Whether a tag that begins with ``piece`` has no end within the length of one that is left alone."""
    return piece.find(">", 0, _LONGEST_TAG) < 0
