"""The closing line on an article's author, which says who they are: readers find it nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from aggregator.extract.page.blocks import Block

_BELOW = 3  # blocks below the text
_DEPTH = 2  # boxes around the last line and the note
_LONGEST = 400  # characters
_MOSTLY_LINKS = 0.5
_IS = re.compile(
    r"(?:,? (?:who|and) .{3,60})?\W{0,2} (?:is|was|are|has|covers|writes|reports|works|ist|sind|war|schreibt|berichtet|arbeitet|est|écrit|couvre|es|escribe|cubre|trabaja|è|scrive|"
    r"lavora|é|escreve|cobre|schrijft|werkt|är|skriver|er|arbetar|on|kirjoittaa|jest|pisze|je|píše|пишет)\b"
)


def with_author_note(
    blocks: Sequence[Block], kept: Sequence[bool], authors: Sequence[str]
) -> list[bool]:
    """``kept`` with a short line right below that begins with the name of one of ``authors`` and says who that is."""
    now = list(kept)
    last = max((i for i, keep in enumerate(kept) if keep), default=-1)
    if last < 0 or not authors:
        return now
    around = set(islice(blocks[last].parent.iterancestors(), _DEPTH))
    for i in range(last + 1, min(last + 1 + _BELOW, len(blocks))):
        block = blocks[i]
        name = next((name for name in authors if block.text.startswith(name)), None)
        if (
            name is not None
            and len(block.text) <= _LONGEST
            and block.linked <= _MOSTLY_LINKS * len(block.squeezed)
            and _IS.match(block.text, len(name))
            and not around.isdisjoint(islice(block.parent.iterancestors(), _DEPTH))
        ):
            now[i] = True
    return now
