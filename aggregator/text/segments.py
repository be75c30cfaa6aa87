"""Segments of a text for searching: words, and pairs of characters where scripts have no spaces.

Chinese, Japanese or Thai has no cheap word boundaries. There each character is written together with
the one after it, so that a word of two characters is one segment, and a longer one a row of them. Both
databases index the same segments, and find the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from aggregator.text.stream_safe import stream_safe
from aggregator.text.words import MARKS, UNSPACED, words

MOST_SEGMENTS: Final = 16_000  # of a text; PostgreSQL counts no place above 16,383
_MOST_TITLE: Final = 300
LONGEST: Final = 64  # characters of a segment; the rest of a word is not looked for
_RUN: Final = re.compile(f"([{UNSPACED}]+)|(?:(?![{UNSPACED}_])[\\w{MARKS}])+")
_JOINERS: Final = dict.fromkeys(map(ord, "\u200c\u200d"))
_ACCENTED: Final = re.compile(
    "(?<=[a-zα-ω])[\u0300-\u036f]+"
)  # other scripts' marks tell words apart


class Indexed(NamedTuple):
    """The segments by which an entry is found, those of its title and of its text joined by blanks."""

    title: str
    body: str


def indexed(title: str, text: str) -> Indexed:
    """The segments of an entry's title and text, up to a bound."""
    return Indexed(" ".join(segments(title, _MOST_TITLE)), " ".join(segments(text, MOST_SEGMENTS)))


def segments(text: str, most: int) -> list[str]:
    """The first ``most`` segments of ``text``, as an index holds them: of a run ``ABC`` AB, BC, C."""
    if text.isascii():
        return [word[:LONGEST] for word in words(text)[:most]]
    found: list[str] = []
    for run, unspaced in _runs(text):
        found += _pairs(run) if unspaced else [run]
        if len(found) >= most:
            break
    return found[:most]


def sought(text: str, most: int) -> tuple[list[str], bool]:
    """Segments to be found in a row for ``text``, and True where the last may go on.

    A run of characters at the end may go on in what is found; a single character always does.
    """
    found: list[str] = []
    runs = _runs(text)
    for place, (run, unspaced) in enumerate(runs):
        last = place == len(runs) - 1
        if unspaced and last and len(run) > 1:
            found += _pairs(run)[:-1]
        else:
            found += _pairs(run) if unspaced else [run]
    is_open = bool(runs) and runs[-1][1] and len(runs[-1][0]) == 1
    return found[:most], is_open and len(found) <= most


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run))]


def _runs(text: str) -> list[tuple[str, bool]]:
    """Words and runs of characters, folded: ``Café`` is ``cafe``; True for a run without spaces."""
    if text.isascii():
        return [(word[:LONGEST], False) for word in words(text)]
    plain = unicodedata.normalize("NFKD", stream_safe(text)).casefold().translate(_JOINERS)
    plain = unicodedata.normalize("NFC", _ACCENTED.sub("", plain))
    return [
        (found[0], True) if found[1] else (found[0][:LONGEST], False)
        for found in _RUN.finditer(plain)
    ]
