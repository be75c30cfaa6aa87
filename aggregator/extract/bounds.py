"""Tags that no page needs, made small before they are parsed: libxml2 takes quadratic time for attributes."""

from __future__ import annotations

import re

from aggregator.sanitize.markup import attributes

_LONGEST_TAG = 4_000  # characters up to which a tag is left alone
_LONGEST_VALUE = 60_000  # characters; beyond are images and data for scripts
_LONG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG}}}")
_MANY = 50_000  # attributes of a page; a tag may hide its length behind ``>`` in their values
_QUOTE = '"'
_START = re.compile(r"<[a-zA-Z][^\s/<>]{0,200}+")


def with_small_tags(text: str) -> str:
    """``text`` (HTML) with at most 64 attributes in each of its long tags, and no huge value in them.

    A tag without an end is left as it is. Linear in the text; ordinary pages are only looked through.
    """
    if _LONG.search(text) is None and text.count("=") <= _MANY:
        return text
    pieces: list[str] = []
    at = 0
    while (tag := _START.search(text, at)) is not None:
        found, end, _ = attributes(text, tag.end())
        if text[end - 1] != ">":
            pieces.append(text[at : tag.end()])
            at = tag.end()
            continue
        if end - tag.start() <= _LONGEST_TAG:
            pieces.append(text[at:end])
        else:
            kept = {name: value for name, value in found.items() if len(value) <= _LONGEST_VALUE}
            written = (f' {name}="{v.replace(_QUOTE, "&quot;")}"' for name, v in kept.items())
            pieces += (text[at : tag.end()], *written, ">")
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
