"""A list of addresses as plain text, one a line: newsboat's ``urls``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r'"((?:[^"\\]|\\.)*+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class UrlLine:
    """A line with an address: its ``number`` from 1, the tags and the title beside it."""

    number: int
    url: str
    title: str
    tags: tuple[str, ...]


def url_lines(text: str) -> Iterator[UrlLine]:
    """The lines of ``text`` that are no comments: an address, then tags; ``~`` before the title."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words = [quoted or bare for quoted, bare in _WORD.findall(line)]
        if not words:
            continue
        title = next((word[1:] for word in words[1:] if word.startswith("~")), "")
        tags = (word for word in words[1:] if word[:1] not in {"~", "!"})
        yield UrlLine(number, words[0], title, tuple(dict.fromkeys(tags)))
