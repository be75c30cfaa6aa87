"""A text in the form in which near duplicates are searched and compared.

The fingerprint is a bottom-k sketch (Broder 1997): the smallest hashes of the text's five-word
shingles, and those of its beginning apart, so that a teaser meets the article that it was cut from.
Two texts that share much share some of these keys; an index finds them, :mod:`.compare` decides.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from aggregator.dedupe.fillings import names_in, without_datelines
from aggregator.dedupe.quotations import Span, has_marks, introduces, quotations
from aggregator.dedupe.versions import Versions, versions_in
from aggregator.text.words import words

SHINGLE = 5  # words
_KEYS_OF_ALL = 8
_KEYS_OF_LEAD = 6
_LEAD = 60  # shingles
SIGNATURE_BYTES = 4 * (_KEYS_OF_ALL + _KEYS_OF_LEAD)  # at most

# What decides is in the first of a very long text; this bounds the work.
_MOST_WORDS = 6000
_LONGEST_TITLE = 300  # characters
_MOST_SAID = 2000  # characters of a feed's own text beside a page's
# Remembered of a text: boilerplate stands at its edges.
_MOST_LINES = 60
# Versions of programs; "1.5" alone may be a price or a score.
_VERSION = re.compile(
    r"(?<![\w.])v?\d+(?:\.\d+){2,}[\w+-]*(?:\.\w+)*|\bv\d+(?:\.\d+)+[\w+-]*|(?<![\w.])\d+\.\d+[ -]?(?:alpha|beta|rc|a|b)[ .-]?\d*\b",
    re.IGNORECASE,
)
# Put into words by publishing systems, invisible to readers.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SIGNED = 2**31


class Line(NamedTuple):
    """The words of one line, and their hash: how a feed's standing lines are recognised."""

    said: str  # the words, joined by blanks
    digest: int  # 32 bits, signed
    names: tuple[str, ...] = ()  # the words that are names, where capitals tell
    quoted: tuple[Span, ...] = ()  # in quotation marks, from and to which word
    introduces: bool = False  # what follows may be another's words
    raw: str = ""  # as it was written, of the first line

    @property
    def words(self) -> list[str]:
        """The words in order."""
        return self.said.split()


@dataclass(frozen=True)
class Sketch:
    """Sketch of an entry's text, to find and to compare it. ``keys`` are 32 bits, signed.

    Most texts are searched for and never compared: words and shingles are told apart when they are asked
    for, and one text is what crosses from a worker.
    """

    entry_id: int
    feed_id: int
    text: str  # its words, joined by blanks
    size: int  # words
    numbers: frozenset[str]
    title_words: frozenset[str]
    title_numbers: frozenset[str]
    title_versions: frozenset[str]
    edges: tuple[int, ...]  # word positions at which lines begin or end
    keys: frozenset[int]
    page: str = ""  # that the text was taken from; empty: it is the feed's own
    title: str = ""
    names: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()  # the first words of the feed's own text beside a page's
    quoted: tuple[Span, ...] = ()  # in quotation marks, from and to which word
    openings: tuple[int, ...] = ()  # word positions after a line that introduces another's words
    versions: Versions = frozenset()  # that it announces
    thrice: bool = False  # its feed showed the most of it under two other titles
    # See :class:`~aggregator.model.StoryCandidate`.
    guest: bool = False
    abroad: bool = False
    cut: bool = False
    remark: tuple[tuple[str, ...], ...] = ()
    described: tuple[str, ...] = ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words in order."""
        return tuple(self.text.split())

    @cached_property
    def shingles(self) -> tuple[bytes, ...]:
        """The shingles in order."""
        return tuple(_shingles(self.text))

    @cached_property
    def distinct(self) -> frozenset[bytes]:
        """The shingles, each once."""
        return frozenset(self.shingles)


def digest(text: str) -> int:
    """32 bits of ``text``, signed, as both databases store an integer; stable between processes."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) - _SIGNED


def lines_of(text: str) -> list[Line]:
    """The lines of ``text`` that hold words, up to a bound."""
    found: list[Line] = []
    size = 0
    raw_lines = _INVISIBLE.sub("", text).split("\n")
    spans = quotations(raw_lines) if has_marks(text) else None
    for number, raw in enumerate(raw_lines):
        line = without_datelines(raw)
        tokens = words(line)
        if tokens:
            quoted = _quoted_words(raw, spans[number], len(tokens)) if spans else ()
            said = " ".join(tokens)
            opens = introduces(raw, _next(raw_lines, number))
            written = "" if found else line
            found.append(Line(said, digest(said), tuple(names_in(line)), quoted, opens, written))
            size += len(tokens)
            if size > _MOST_WORDS:
                break
    return found


def _next(raw_lines: Sequence[str], number: int) -> str:
    """The line after that of ``number``, if it says anything; else the one after that."""
    return next((one for one in raw_lines[number + 1 : number + 3] if one.strip()), "")


def _quoted_words(line: str, spans: Sequence[Span], size: int) -> tuple[Span, ...]:
    """``spans`` of characters as spans of words, of which the line has ``size``."""
    found, at = [], size  # from the end: what is left out of a line stands at its beginning
    behind = len(line)
    for start, end in reversed(spans):
        at -= len(words(line[end:behind]))
        first = at - len(words(line[start:end]))
        if at > max(first, 0):
            found.append((max(first, 0), at))
        at, behind = first, start
    return tuple(reversed(found))


def remembered(lines: Sequence[Line]) -> list[Line]:
    """Those of a text's lines by which its feed's boilerplate is learned: from both of its ends."""
    if len(lines) <= _MOST_LINES:
        return list(lines)
    half = _MOST_LINES // 2
    return [*lines[:half], *lines[-half:]]


def sketch(
    entry_id: int,
    feed_id: int,
    title: str,
    lines: Iterable[Line],
    page: str = "",
    said: str = "",
) -> Sketch:
    """The sketch of an entry that says ``lines``, taken from ``page`` where its feed said ``said``."""
    tokens: list[str] = []
    edges: list[int] = []
    names: set[str] = set()
    quoted: list[Span] = []
    openings: list[int] = []
    first = ""
    for line in lines:
        first = first or line.raw
        start = len(tokens)
        edges.append(start)
        quoted += [(start + first, start + end) for first, end in line.quoted]
        tokens.extend(line.words)
        if line.introduces:
            openings.append(len(tokens))
        names.update(line.names)
    edges.append(len(tokens))
    text = " ".join(tokens)
    of_title = frozenset(words(title))
    return Sketch(
        entry_id=entry_id,
        feed_id=feed_id,
        text=text,
        size=len(tokens),
        numbers=_numbers(tokens),
        title_words=of_title,
        title_numbers=frozenset(re.findall(r"\d+(?:\.\d+)*", title)),
        title_versions=frozenset(found.lower() for found in _VERSION.findall(title)),
        edges=tuple(edges),
        keys=_keys(_shingles(text)),
        page=page,
        title=title[:_LONGEST_TITLE],
        names=frozenset(names),
        said=tuple(words(said[:_MOST_SAID])) if page else (),
        quoted=tuple(quoted),
        openings=tuple(openings),
        versions=versions_in(title[:_LONGEST_TITLE], first),
    )


def _shingles(text: str) -> list[bytes]:
    # Encoded once: a hash wants bytes, and most words stand in five shingles.
    whole = text.encode("utf-8", "surrogatepass")
    encoded = whole.split(b" ")
    if len(encoded) < SHINGLE:
        return [whole] if whole else []
    parts = (encoded[start:] for start in range(SHINGLE))
    return list(map(b" ".join, zip(*parts, strict=False)))


def _numbers(tokens: Collection[str]) -> frozenset[str]:
    return frozenset(filter(str.isdecimal, tokens))


def _keys(shingles: Sequence[bytes]) -> frozenset[int]:
    hashes = list(map(zlib.crc32, shingles))
    # A sort in C is faster than a heap in Python.
    smallest = {
        *sorted(set(hashes))[:_KEYS_OF_ALL],
        *sorted(set(hashes[:_LEAD]))[:_KEYS_OF_LEAD],
    }
    return frozenset(key - _SIGNED for key in smallest)
