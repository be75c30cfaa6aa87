"""Quotations in a text: what stands in marks, and lines that introduce another's words.

Several outlets print one letter, statement or statute whole, and have words of their own around it.
Marks are those of all scripts; a paragraph that begins with a mark again goes on with the quotation of
the one before. A mark that is never closed quotes to the end of its line, so that a stray one costs little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

Span = tuple[int, int]  # from and to, of characters or words

_CLOSING = {
    "“": "”“",
    "”": "”",  # Swedish and Finnish, on both sides
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "‘": "’‘",
    "‚": "‘’",
    "「": "」",
    "『": "』",
    "《": "》",
    "〝": "〞〟",
    "﹁": "﹂",
    "＂": "＂",
    '"': '"',
    "'": "'",
}
_MARK = re.compile(f"[{re.escape(''.join({*_CLOSING, *''.join(_CLOSING.values())}))}]")
_TELLING_MARK = re.compile('["“”„‟«»‹›‘‚「『《〝﹁＂]')
_BEGINNING_APOSTROPHE = re.compile(r"'(?<![^\s(\[]')")
# These also stand between letters and after them, as apostrophes.
_APOSTROPHES = frozenset("'’‘")
_UNPAIRED = frozenset("\"'＂”»›")  # open only before a word
_MOST_MARKS = 2000  # in a line; what comes after them is nobody's quotation
_MOST_LINES = 30  # over which a quotation goes on without a mark

_INTRODUCES = re.compile(r"[:：]\s*[\"“„«»‘「『<>*_-]*\s*$")
# A salutation, as letters have it that are printed without marks.
_SALUTATION = re.compile(
    r"\s*(?:dear|to whom it may concern|sehr geehrte[rs]?|liebe[rs]?|ch[eè]r(?:e|s|es)?|madame|monsieur|estimad[oa]s?|querid[oa]s?|"
    r"egregi[oa]?|gentile|cari?|prezad[oa]s?|geachte|beste|szanown[iyae]\w*|уважаем\w+|kära|hej|kære|kjære)\b[^.!?]{0,80}[,:!]?\s*$",
    re.IGNORECASE,
)
_LONGEST_SALUTATION = 100
_LONGEST_CUE = 60  # that ends with a comma
# A capital, or none since the script has no cases; a line that was only wrapped goes on in small letters.
_BEGINS = re.compile(r"\W*[^\W\d_a-zß-öø-ÿ]")


def has_marks(text: str) -> bool:
    """True where a mark in ``text`` opens a quotation of more than an apostrophe's worth."""
    return _TELLING_MARK.search(text) is not None or _BEGINNING_APOSTROPHE.search(text) is not None


def quotations(lines: Sequence[str]) -> list[list[Span]]:
    """By line its parts in quotation marks: in characters, in order, without the marks."""
    found: list[list[Span]] = [[] for _ in lines]
    unclosed, since = "", 0  # the mark of a quotation that a line before left open, and that line
    for number, line in enumerate(lines):
        if unclosed and number - since > _MOST_LINES:
            unclosed = ""
        if _MARK.search(line) is None:
            continue
        if unclosed and (at := _end(line, unclosed)) is not None:
            for between in range(since + 1, number):
                found[between] = [(0, len(lines[between]))]
            found[number].append((0, at))
            rest, unclosed = _within(line, at + 1, "")
        else:
            rest, unclosed = _within(line, 0, unclosed)
        found[number] += rest
        since = number
    return found


def _end(line: str, opened: str) -> int | None:
    """Where a quotation of lines before ends in ``line``: at its first mark, if that closes."""
    found = _MARK.search(line)
    if found is None or found[0] not in _CLOSING[opened] or not line[: found.start()].strip():
        return None
    at = found.start()
    return at if _closes(line, at, found[0]) and not _opens(line, at, found[0]) else None


def _within(line: str, begin: int, before: str) -> tuple[list[Span], str]:
    """The quotations in ``line`` from ``begin`` on, and the mark of one that it leaves open.

    ``before`` is that of one that the line before left open: it may be repeated here.
    """
    spans: list[Span] = []
    opened, start = "", 0
    for found in islice(_MARK.finditer(line, begin), _MOST_MARKS):
        mark, at = found[0], found.start()
        if opened:
            if mark in _CLOSING[opened] and _closes(line, at, mark):
                spans.append((start, at))
                opened = ""
        elif mark in _CLOSING and _opens(line, at, mark):
            opened, start = mark, at + 1
        elif before and mark in _CLOSING[before] and not line[:at].strip():
            opened, start = before, at + 1  # » and ” are repeated as they would close
    if opened:
        spans.append((start, len(line)))
    return spans, "" if opened in _APOSTROPHES else opened


def _opens(line: str, at: int, mark: str) -> bool:
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    if mark not in _UNPAIRED and mark not in _APOSTROPHES:
        return mark not in "”“" or not before.isalnum()
    return bool(after.strip()) and (not before or before.isspace() or before in "([—–-:")


def _closes(line: str, at: int, mark: str) -> bool:
    after = line[at + 1 : at + 2]
    if mark in _APOSTROPHES:
        return not after.isalnum() and not line[at - 1 : at].isspace()
    return mark not in _UNPAIRED or not after.isalnum() or mark in "»›”"


def introduces(line: str, after: str = "") -> bool:
    """True for a line after which another's words may stand: it ends with a colon, or is a salutation.

    Or it ends with a comma, and the line ``after`` it begins anew (“As the Herald reports,”).
    """
    end = line.rstrip()
    if _INTRODUCES.search(end[-10:]):
        return True
    if len(end) <= _LONGEST_CUE and end.endswith((",", "，")) and _BEGINS.match(after):
        return True
    return len(end) <= _LONGEST_SALUTATION and _SALUTATION.match(end) is not None
