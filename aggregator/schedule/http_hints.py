"""Pace hints in an answer's headers: how soon we may ask again, and who turns us away. Pure.

RFC 9111 §4.2 (freshness), RFC 9110 §10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers
(:mod:`aggregator.schedule.rate_limits`) and the ``X-RateLimit-*`` fields that came before it. The headers of an error count like those of
a success. Nothing that a server sends makes these functions raise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aggregator.model import Response
from aggregator.schedule import rate_limits

LONGEST = timedelta(days=7)
"""Hints beyond this are taken as this."""

_SECONDS = re.compile(r"\s*(\d{1,18})(?:\.\d*)?\s*", re.ASCII)
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,18})', re.ASCII | re.IGNORECASE)
_NOT_FRESH = re.compile(r"(?:^|[\s,])no-(?:cache|store)(?=$|[\s,=])", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:^|[;,\s])(r|t|remaining|reset)\s*=\s*(\d{1,18})", re.ASCII)
_EPOCH = 1_000_000_000  # a "reset" above this is a Unix time, not a number of seconds
_EPOCH_MS = 1_000_000_000_000


def floor(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The earliest polite time of the next request for the same URL; None: nothing is asked.

    ``headers`` have lower-case names; ``now`` (aware) is when they were received. The latest of
    what Cache-Control/Expires, Retry-After and the rate-limit fields ask for, at most a week away.
    """
    waits = (_fresh_for(headers, now), retry_after(headers, now), _limited_for(headers, now))
    longest = max((wait for wait in waits if wait is not None), default=None)
    if longest is None or longest <= timedelta(0):
        return None
    return now + min(longest, LONGEST)


def answer_floor(response: Response, now: datetime) -> datetime | None:
    """The earliest polite time after ``response``: its own fields, and Retry-After of its redirects.

    A redirect may itself be kept for long, which says nothing of what it leads to: its freshness
    does not count.
    """
    waits = [throttled_for(hop.headers, now) for hop in response.hops]
    times = [now + min(wait, LONGEST) for wait in waits if wait is not None]
    own = floor(response.headers, now)
    return max([*times, own] if own is not None else times, default=None)


def is_challenge(headers: Mapping[str, str]) -> bool:
    """True for a challenge for browsers instead of the document."""
    return headers.get("cf-mitigated", "").strip().lower() == "challenge"


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that Retry-After asks for (seconds or an HTTP date), 0 … a week; None: not said."""
    value = headers.get("retry-after")
    if value is None:
        return None
    if (match := _SECONDS.fullmatch(value)) is not None:
        return _seconds(int(match[1]))
    at = _date(value)
    return None if at is None else _clipped(at - now)


def throttled_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that a refusal (429, 503) asks for: Retry-After, else the rate-limit fields."""
    wait = retry_after(headers, now)
    return _limited_for(headers, now) if wait is None else wait


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The remaining freshness lifetime (RFC 9111 §4.2.1, as a private cache: no s-maxage)."""
    control = headers.get("cache-control", "")
    if control:
        if _NOT_FRESH.search(control):
            return None
        if (match := _MAX_AGE.search(control)) is not None:
            return _seconds(int(match[1])) - _age(headers)
    if (value := headers.get("expires")) is None or (expires := _date(value)) is None:
        return None
    # Relative to the server's own clock, so that a wrong one does no harm.
    return _clipped(expires - (_date(headers.get("date", "")) or now)) - _age(headers)


def _age(headers: Mapping[str, str]) -> timedelta:
    match = _SECONDS.fullmatch(headers.get("age", ""))
    return timedelta(0) if match is None else _seconds(int(match[1]))


def _limited_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The time until the quota is renewed, when the fields say that none is left."""
    if (field := headers.get("ratelimit")) is not None:
        resets = rate_limits.exhausted(field, headers.get("ratelimit-policy", ""))
        if resets is None:
            resets = _one_reset(field)
        if resets:  # until none of the quotas is used up
            return max(_until(reset, now) for reset in resets)
    for prefix in ("ratelimit-", "x-ratelimit-", "x-rate-limit-"):
        match = _SECONDS.fullmatch(headers.get(prefix + "reset", ""))
        left = _SECONDS.fullmatch(headers.get(prefix + "remaining", ""))
        if match is not None and (left is None or not int(left[1])):
            return _until(int(match[1]), now)
    return None


def _one_reset(field: str) -> list[int]:
    """The same of drafts before structured fields: ``limit=100, remaining=0, reset=45``."""
    given = {name: int(value) for name, value in _PARAMETER.findall(field)}
    remaining = given.get("r", given.get("remaining"))
    reset = given.get("t", given.get("reset"))
    return [reset] if reset is not None and not remaining else []


def _until(reset: int, now: datetime) -> timedelta:
    """``reset`` as a wait: a number of seconds, a Unix time, or one in milliseconds."""
    if reset < _EPOCH:
        return _seconds(reset)
    moment = reset // 1000 if reset >= _EPOCH_MS else reset
    return _seconds(moment - int(now.timestamp()))


def _seconds(number: int) -> timedelta:
    """``number`` of seconds, clipped so that no arithmetic overflows."""
    return timedelta(seconds=max(0, min(number, 2 * int(LONGEST.total_seconds()))))


def _clipped(wait: timedelta) -> timedelta:
    return max(timedelta(0), min(wait, 2 * LONGEST))


def _date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110 §5.6.7) as aware UTC, None for anything else."""
    if not 8 <= len(value) <= 64:
        return None
    try:
        at = parsedate_to_datetime(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
