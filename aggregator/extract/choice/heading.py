"""Lines at the top of a text that repeat what stands beside it: the title, the author's name."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.extract.page.blocks import Block
from aggregator.text.words import words

_LINES_LOOKED_AT = 4
_BYLINE_WORDS = frozenset(
    ["by", "von", "par", "por", "di", "da", "door", "av", "af", "and", "und", "et", "y", "e", "written", "autor", "author"]
)  # fmt: skip
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def heading_lines(
    blocks: Sequence[Block], kept: Sequence[bool], titles: tuple[str, ...], authors: tuple[str, ...]
) -> list[int]:
    """Indexes of those of the first kept ``blocks`` that are title or byline.

    A line is one when it says exactly one of ``titles``, or one of them with the site's name around
    it, or nothing but names of ``authors``. Looking stops at the first line of running text.
    """
    known = [normalised for title in titles if (normalised := words(title))]
    names = {word for author in authors for word in words(author)}
    found: list[int] = []
    first = [i for i, keep in enumerate(kept) if keep][:_LINES_LOOKED_AT]
    for i in first:
        said = words(blocks[i].text)
        is_heading = blocks[i].parent.tag in HEADINGS
        if not said:
            continue  # an ornament
        if _is_title(said, known, is_heading) or _is_byline(said, names):
            found.append(i)
        elif not is_heading:
            break
    return found


def _is_title(said: list[str], titles: list[list[str]], heading: bool) -> bool:
    for title in titles:
        if said == title:
            return True
        # "Title | Site" against "Title", either way round; headings only, and no mere word of it.
        short, long = sorted((said, title), key=len)
        if (
            heading
            and len(short) >= 4
            and long[: len(short)] == short
            and len(long) - len(short) <= 5
        ):
            return True
    return False


def _is_byline(said: list[str], names: set[str]) -> bool:
    return bool(names) and set(said) <= names | _BYLINE_WORDS and not names.isdisjoint(said)
