"""Lines at the top of a text that repeat what stands beside it: the title, the author's name."""

from __future__ import annotations

from lxml import etree

from aggregator.extract.media import MediaSet
from aggregator.words import words

_LINES_LOOKED_AT = 4
_BYLINE_WORDS = frozenset(
    ["by", "von", "par", "por", "di", "da", "door", "av", "af", "and", "und", "et", "y", "e", "written", "autor", "author"]
)  # fmt: skip


def drop_heading(
    body: etree._Element, titles: tuple[str, ...], authors: tuple[str, ...], media: MediaSet
) -> None:
    """Take title and byline out of the first lines of ``body``, in place.

    A line goes when it says exactly one of ``titles``, or one of them with the site's name around
    it, or nothing but names of ``authors``. Looking stops at the first line of running text.
    """
    known = [normalised for title in titles if (normalised := words(title))]
    names = {word for author in authors for word in words(author)}
    for line in list(body)[:_LINES_LOOKED_AT]:
        said = words(media.removed_from("".join(map(str, line.itertext()))))
        if not said:
            continue  # an image
        if not (_is_title(said, known, line.tag == "head") or _is_byline(said, names)):
            if line.tag != "head":
                return
            continue
        body.remove(line)


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
