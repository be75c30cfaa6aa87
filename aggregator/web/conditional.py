"""Conditional requests: the representation to send, or 304. Pure (RFC 9110).

A feed has two representations, as it is and compressed with gzip, each with a strong entity tag of
its own (§8.8.3.3). A server may choose among those that a client accepts: it chooses the one that
the client already holds, so that a stored tag keeps giving 304 whichever coding came with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aggregator.model import Rendered

IDENTITY = "identity"
GZIP = "gzip"

_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_WEIGHT = re.compile(r"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Choice:
    """The representation to answer with: its coding, its strong tag, whether a 304 is enough."""

    coding: str
    etag: str
    not_modified: bool


def etag_of(rendered: Rendered, coding: str) -> str:
    """The strong entity tag of ``rendered`` in ``coding``."""
    return rendered.etag if coding == IDENTITY else f'{rendered.etag[:-1]}-{coding}"'


def choose(
    rendered: Rendered,
    *,
    if_none_match: str | None,
    if_modified_since: str | None,
    accept_encoding: str | None,
) -> Choice:
    """Decide the answer to a GET or HEAD from its three headers, None for an absent one.

    If-None-Match comes first (§13.2.2); where it is present, If-Modified-Since is ignored
    (§13.1.3).
    """
    codings = acceptable_codings(accept_encoding)
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


def acceptable_codings(header: str | None) -> tuple[str, ...]:
    """Those of gzip and identity that Accept-Encoding allows, the better one first (§12.5.3).

    Without the header the client gets the plain bytes, as some that cannot decode say nothing.
    Equal weights: gzip, the smaller one. A client that refuses both gets the plain bytes.
    """
    if header is None:
        return (IDENTITY,)
    weights = _weights(header)
    anything = weights.get("*")
    gzip = weights.get(GZIP, weights.get("x-gzip", anything or 0.0))
    # Identity needs no mention to be acceptable, but what is mentioned is wanted more.
    identity = weights.get(IDENTITY, 0.0005 if anything is None else anything)
    ranked = sorted([(gzip, GZIP), (identity, IDENTITY)], key=lambda pair: -pair[0])
    return tuple(coding for weight, coding in ranked if weight > 0) or (IDENTITY,)


def _weights(header: str) -> dict[str, float]:
    """Coding → weight; a weight that is none counts as 0, so that a wrong one is not a wish."""
    weights: dict[str, float] = {}
    for member in header.split(","):
        coding, _, parameter = (part.strip() for part in member.partition(";"))
        if coding:
            match = _WEIGHT.fullmatch(parameter)
            weight = float(match[1]) if match else 0.0
            weights[coding.lower()] = weight if parameter else 1.0
    return weights
