"""The note on its author under an article: it tells of them, not of what the article is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aggregator.extract.page.blocks import Block

_LAST = 3  # kept blocks in which such a note stands
_LEAST_TOLD = 4  # words after the name: fewer are a signature
_LONGEST_NOTE = 600  # characters
_MARKS = "\"“”'’«»([*-–—_ "


def author_notes(
    blocks: Sequence[Block], chosen: Sequence[bool], authors: Sequence[str]
) -> Iterator[int]:
    """Which of the last ``chosen`` blocks begin with the name of one of the ``authors``, and tell of them.

    None of an author whom the rest of the text names: they are part of the story.
    """
    kept = [i for i, keep in enumerate(chosen) if keep]
    names = [name for author in authors if " " in (name := " ".join(author.casefold().split()))]
    for i in kept[-_LAST:] if len(kept) > _LAST else ():
        text = blocks[i].text.casefold().lstrip(_MARKS)
        for name in names:
            told = text[len(name) :] if text.startswith(name) else ""
            if len(told.split()) < _LEAST_TOLD or len(text) > _LONGEST_NOTE:
                continue
            if not any(name in blocks[j].text.casefold() for j in kept if j != i):
                yield i
