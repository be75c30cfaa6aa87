"""Queries of people who search: words, "phrases", -without, this OR that, begin*, title:word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aggregator.errors import AggregatorError
from aggregator.text.segments import sought

LONGEST: Final = 300  # characters of a query
_MOST_TERMS, _MOST_SEGMENTS = 16, 32
_PIECE: Final = re.compile(r'(-?)(title:)?(?:"([^"]*)"?(\*?)|(\S+))', re.IGNORECASE)


class BadQuery(AggregatorError):
    """A query that looks for nothing, or for too much."""


@dataclass(frozen=True, slots=True)
class Term:
    """Segments that stand in a row; the last may go on where ``is_open``."""

    row: tuple[str, ...]
    is_open: bool = False
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query: one term of each of ``all_of``, and none of ``none_of``."""

    all_of: tuple[tuple[Term, ...], ...]
    none_of: tuple[Term, ...] = ()


def parse_query(text: str) -> SearchQuery:
    """Read ``text``.

    Raises:
        BadQuery: It has no word to look for, or more than can be looked for.
    """
    if len(text) > LONGEST:
        raise BadQuery(f"a query has at most {LONGEST} characters")
    all_of: list[list[Term]] = []
    none_of: list[Term] = []
    is_other = False  # an OR stands before the next term
    for piece in _PIECE.finditer(text):
        if piece[5] == "OR" and not piece[1] and not piece[2]:
            is_other = bool(all_of)
            continue
        term = _term(piece)
        if term is None:
            continue
        if piece[1]:
            none_of.append(term)
        elif is_other:
            all_of[-1].append(term)
        else:
            all_of.append([term])
        is_other = False
    if not all_of:
        raise BadQuery("the query has no word to look for")
    if sum(map(len, all_of)) + len(none_of) > _MOST_TERMS:
        raise BadQuery(f"a query has at most {_MOST_TERMS} words")
    return SearchQuery(tuple(map(tuple, all_of)), tuple(none_of))


def _term(piece: re.Match[str]) -> Term | None:
    quoted = piece[3] is not None
    said = piece[3] if quoted else piece[5]
    row, is_open = sought(said, _MOST_SEGMENTS)
    begins = piece[4] == "*" if quoted else said.endswith("*")
    return Term(tuple(row), is_open or begins, bool(piece[2])) if row else None
