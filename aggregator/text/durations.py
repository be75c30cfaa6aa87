"""Times as people say them: how long ago, how far ahead. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

_PARTS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_UNITS = ((86400, "day", "d"), (3600, "hour", "h"), (60, "minute", "m"))


def in_words(distance: timedelta) -> str:
    """A length of time, rounded down: ``3 minutes``, ``2 days``, ``under a minute``."""
    count, unit, _ = _largest(distance)
    if unit == "second":
        return "under a minute"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def exact(length: timedelta) -> str:
    """``length`` to the millisecond: ``1h 30m``, ``7d``, ``250ms``, ``0s``."""
    left = round(length.total_seconds() * 1000)
    parts = []
    for unit, size in _PARTS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def ago(moment: datetime | None, now: datetime) -> str:
    """``moment`` in words, for a page: ``3 minutes ago``, ``in 2 hours``, ``never``."""
    return "never" if moment is None else _placed(in_words(now - moment), moment <= now)


def short_ago(moment: datetime | None, now: datetime) -> str:
    """``moment`` in a few letters, for a column: ``3m ago``, ``in 2h``, ``never``."""
    if moment is None:
        return "never"
    count, _, letter = _largest(now - moment)
    return _placed(f"{count}{letter}", moment <= now)


def _placed(words: str, past: bool) -> str:
    return f"{words} ago" if past else f"in {words}"


def _largest(distance: timedelta) -> tuple[int, str, str]:
    """``distance`` in the largest unit of which there is a whole one, with the unit's names."""
    seconds = int(abs(distance.total_seconds()))
    for length, unit, letter in _UNITS:
        if seconds >= length:
            return seconds // length, unit, letter
    return seconds, "second", "s"
