"""A text of HTML with its tags: what stands in an element, and what around it."""

from __future__ import annotations

import re
from html import unescape

from aggregator.sanitize.markup import attributes
from aggregator.tidy.tags import TAG, Tag, start_tags

ANY_TAG = re.compile(r"<[^<>]*+>")
_LOOKED_BACK = 200  # tags before one, among which those around it are looked for


class Source:
    """A text and its start tags."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.tags = start_tags(html)

    def inner(self, tag: Tag) -> str:
        """Source between the tags of the element of ``tag``."""
        return self.html[tag.end : tag.inner_end]

    def outer(self, tag: Tag) -> str:
        """The whole element of ``tag``."""
        return self.html[tag.start : max(tag.stop, tag.end)]

    def between(self, tag: Tag, following: Tag) -> str:
        """Source between the element of ``tag`` and that of the ``following`` one."""
        return self.html[tag.stop : following.start]

    def around(self, index: int) -> list[Tag]:
        """The last elements around the tag ``index``, the innermost last; those with a known end."""
        start = self.tags[index].start
        return [one for one in self.tags[max(0, index - _LOOKED_BACK) : index] if one.stop > start]


def given_of(tag: Tag) -> dict[str, str]:
    """The attributes of ``tag``, references decoded."""
    if not tag.said.strip(" /\t\n\r"):
        return {}
    found, _, _ = attributes(f"{tag.said}>", 0)
    return {name: unescape(value) for name, value in found.items()}


def letters_of(html: str) -> int:
    """The number of characters of ``html`` that are shown and no white space, about."""
    return len("".join(ANY_TAG.sub(" ", TAG.sub(" ", html)).split()))
