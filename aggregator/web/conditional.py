"""Conditional requests: the representation to send, or 304. Pure (RFC 9110).

A feed has several representations, as it is and compressed with brotli, zstd and gzip, each with a
strong entity tag of its own (§8.8.3.3). A server may choose among those that a client accepts: it chooses the one that
the client already holds, so that a stored tag keeps giving 304 whichever coding came with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from aggregator.model import Coding, Rendered

ALL_CODINGS = tuple(Coding)

_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_UNSAID = 0.0005  # less than any weight
_SAME = {"x-gzip": "gzip"}  # §8.4.1.3
_WEIGHT = re.compile(r"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Choice:
    """The representation to answer with: its coding, its strong tag, whether a 304 is enough."""

    coding: Coding
    etag: str
    not_modified: bool


def etag_of(rendered: Rendered, coding: Coding) -> str:
    """The strong entity tag of ``rendered`` in ``coding``."""
    return rendered.etag if coding is Coding.IDENTITY else f'{rendered.etag[:-1]}-{coding}"'


def choose(
    rendered: Rendered,
    *,
    if_none_match: str | None,
    if_modified_since: str | None,
    accept_encoding: str | None,
    offered: Sequence[Coding] | None = None,
) -> Choice:
    """Decide the answer to a GET or HEAD from its three headers, None for an absent one.

    ``offered`` are the codings of bytes that are not made yet, the smallest first.

    If-None-Match comes first (§13.2.2); where it is present, If-Modified-Since is ignored
    (§13.1.3).
    """
    codings = acceptable_codings(accept_encoding, tuple(offered or rendered.codings))
    best = codings[0]
    if if_none_match is not None:
        for coding in codings:
            etag = etag_of(rendered, coding)
            if none_match_fails(if_none_match, etag):
                return Choice(coding, etag, not_modified=True)
        return Choice(best, etag_of(rendered, best), not_modified=False)
    fresh = if_modified_since is not None and unmodified_since(if_modified_since, rendered.modified)
    return Choice(best, etag_of(rendered, best), not_modified=fresh)


def none_match_fails(header: str, etag: str) -> bool:
    """True when If-None-Match is false for the tag ``etag``, so that 304 is due.

    ``*`` matches what exists; tags are compared weakly, ``W/`` or not (§13.1.2, §8.8.3.2). In a
    header that is no list of tags, whatever is one is looked at.
    """
    return header.strip() == "*" or etag in _ENTITY_TAG.findall(header)


def unmodified_since(header: str, modified: datetime) -> bool:
    """True when ``modified`` is not later than the date in If-Modified-Since (§13.1.3).

    A header that is no date is ignored: False.
    """
    try:
        since = parsedate_to_datetime(header)
        if since.tzinfo is None:  # "-0000": UTC, of no known place
            since = since.replace(tzinfo=UTC)
        return modified.replace(microsecond=0) <= since
    except (ValueError, TypeError, IndexError, OverflowError):
        return False


@lru_cache(maxsize=256)
def acceptable_codings(
    header: str | None, offered: tuple[Coding, ...] = ALL_CODINGS
) -> tuple[Coding, ...]:
    """Those of ``offered`` that Accept-Encoding allows, the better one first (§12.5.3).

    Without the header the client gets the plain bytes, as some that cannot decode say nothing.
    Equal weights: the smaller one; of what only ``*`` allows gzip, which nobody fails to decode. A client
    that refuses all gets the plain bytes.
    """
    if header is None:
        return (Coding.IDENTITY,)
    weights = _weights(header)
    anything = weights.get("*")
    # Identity needs no mention to be acceptable, but what is mentioned is wanted more.
    weights.setdefault(Coding.IDENTITY, _UNSAID if anything is None else anything)
    ranked: list[tuple[float, bool, Coding]] = []
    for coding in offered:
        named = weights.get(coding)
        ranked.append(
            (named or 0.0 if named is not None else anything or 0.0, named is None, coding)
        )
    ranked.sort(key=lambda one: (-one[0], one[2] is Coding.IDENTITY, one[1], _guessed(one)))
    return tuple(coding for weight, _, coding in ranked if weight > 0) or (Coding.IDENTITY,)


def _guessed(ranked: tuple[float, bool, Coding]) -> bool:
    """True for what only ``*`` allows and some clients that say so cannot decode."""
    _, unnamed, coding = ranked
    return unnamed and coding is not Coding.GZIP


def _weights(header: str) -> dict[str, float]:
    """Coding → weight; a weight that is none counts as 0, so that a wrong one is not a wish."""
    weights: dict[str, float] = {}
    for member in header.split(","):
        coding, _, parameter = (part.strip() for part in member.partition(";"))
        if coding:
            match = _WEIGHT.fullmatch(parameter)
            weight = float(match[1]) if match else 0.0
            name = coding.lower()
            weights[_SAME.get(name, name)] = weight if parameter else 1.0
    return weights
