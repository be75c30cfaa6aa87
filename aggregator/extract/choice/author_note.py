"""The closing line on an article's author, which says who they are: readers find it nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from aggregator.extract.page.authors import is_name
from aggregator.extract.page.blocks import Block

_BELOW = 3  # blocks below the text
_DEPTH = 2  # boxes around the last line and the note
_LONGEST = 400  # characters
_MOSTLY_LINKS = 0.5
_IS = re.compile(
    r"(?:,? (?:who|and) .{3,60})?\W{0,2} (?:is|was|are|has|covers|writes|reports|works|ist|sind|war|schreibt|berichtet|arbeitet|est|écrit|couvre|es|escribe|cubre|trabaja|è|scrive|"
    r"lavora|é|escreve|cobre|schrijft|werkt|är|skriver|er|arbetar|on|kirjoittaa|jest|pisze|je|píše|пишет)\b"
)
# Who is called nothing by the page: a name in full, and a trade of those who write.
_NAME = re.compile(r"[^\W\d_][\w.'’-]+(?: (?:(?:de|del|di|da|van|von|der|la|le|bin|al) )*[^\W\d_][\w.'’-]*){1,2}(?=,? (?:who|and|is|was|covers|writes|reports|ist|schreibt|berichtet|est|écrit|es|escribe|è|scrive|é|escreve|schrijft|är|skriver|er|jest|pisze|je|píše|пишет)\b)")  # fmt: skip
_WRITES = re.compile(
    r"\b(?:staff|writers?|reporters?|editors?|correspondents?|journalists?|columnists?|contributors?|critics?|freelance\w*|covers|writes|reports|redakteur\w*|"
    r"journalistin|korrespondent\w*|schreibt|berichtet|rédact\w+|journaliste|écrit|periodista|redactora?|escribe|giornalista|scrive|jornalista|escreve|redacteur|"
    r"schrijft|skriver|dziennikar\w+|pisze|novinář\w*|píše|журналист\w*|пишет)\b",
    re.IGNORECASE,
)


def with_author_note(
    blocks: Sequence[Block], kept: Sequence[bool], authors: Sequence[str]
) -> list[bool]:
    """``kept`` with a short line right below that begins with a name and says who that is.

    Of one of ``authors`` it may say anything; where there are none, that somebody writes.
    """
    now = list(kept)
    last = max((i for i, keep in enumerate(kept) if keep), default=-1)
    if last < 0:
        return now
    around = set(islice(blocks[last].parent.iterancestors(), _DEPTH))
    for i in range(last + 1, min(last + 1 + _BELOW, len(blocks))):
        block = blocks[i]
        if (
            len(block.text) <= _LONGEST
            and block.linked <= _MOSTLY_LINKS * len(block.squeezed)
            and _says_who(block.text, authors)
            and not around.isdisjoint(islice(block.parent.iterancestors(), _DEPTH))
        ):
            now[i] = True
    return now


def _says_who(text: str, authors: Sequence[str]) -> bool:
    name = next((name for name in authors if text.startswith(name)), None)
    if name is not None:
        return _IS.match(text, len(name)) is not None
    named = None if authors else _NAME.match(text)
    if named is None or not is_name(named[0]) or _IS.match(text, named.end()) is None:
        return False
    return _WRITES.search(text) is not None
