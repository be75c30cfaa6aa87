"""The note on its author under an article: it tells of them, not of what the article is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aggregator.extract.page.blocks import Block

_LAST = 3  # kept blocks in which such a note stands
_LEAST_TOLD = 4  # words after the name: fewer are a signature
_LONGEST_NOTE = 600  # characters
_TELLING = 4  # letters of a word that is not in a site's name by chance
_AFTER_NAME = frozenset(" ,(:–—")
_MARKS = "\"“”'’«»([*-–—_ "


def author_notes(
    blocks: Sequence[Block], chosen: Sequence[bool], authors: Sequence[str], site: str
) -> Iterator[int]:
    """Author notes among the last ``chosen`` blocks: they begin with the name of one of ``authors``.

    None of an author whom the rest of the text names: they are part of the story; nor where the author is
    the ``site`` itself (its name and host have a word of theirs), or bears a single name.
    """
    kept = [i for i, keep in enumerate(chosen) if keep]
    names = [name for author in authors if _is_person(name := " ".join(author.split()), site)]
    for i in kept[-_LAST:] if len(kept) > _LAST else ():
        text = blocks[i].text.lstrip(_MARKS)
        for name in names:
            told = text[len(name) :] if text.startswith(name) else ""
            is_note = told[:1] in _AFTER_NAME and len(told.split()) >= _LEAST_TOLD
            if not is_note or len(text) > _LONGEST_NOTE:
                continue
            if not any(name in blocks[j].text for j in kept if j != i):
                yield i


def _is_person(name: str, site: str) -> bool:
    own = site.casefold()
    return " " in name and not any(
        len(word) >= _TELLING and word in own for word in name.casefold().split()
    )
