"""Lines of a text without markup, where it means them: lists, verses, notes of a version."""

from __future__ import annotations

import itertools
import re

_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_ITEM = re.compile(r"[^\S\n]*(?:[-*•·–—+▪►✓]|\(?\d{1,3}[.):]|\(?[a-z]\))\s+\S")
_WRAPPED = 40  # characters that a line has at least where a program broke it
_ODD = 4  # columns by which such lines miss their width where words are hyphenated


def with_lines(html: str) -> str:
    """``html`` without tags, with its paragraphs, and its lines where no program broke them by their length."""
    text = html.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\n" not in text:
        return html
    blocks = [block.strip("\n") for block in _BLANK.split(text) if block.strip()]
    written = [_block(block) for block in blocks]
    return written[0] if len(written) == 1 else "\n".join(f"<p>{one}</p>" for one in written)


def _block(block: str) -> str:
    lines = [line.strip() for line in block.split("\n")]
    if len(lines) < 2 or _is_wrapped(lines):
        return " ".join(lines)
    return "<br>\n".join(lines)


def _is_wrapped(lines: list[str]) -> bool:
    """Whether each line ends where the next word would have been too long for it."""
    if any(map(_ITEM.match, lines[1:])):
        return False
    width = max(map(len, lines))
    if width < _WRAPPED:
        return False
    for line, following in itertools.pairwise(lines):
        word = following.split(maxsplit=1)[0] if following else ""
        if len(line) + 1 + len(word) <= width - _ODD:
            return False
    return True
