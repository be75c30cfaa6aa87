"""The time that caches may keep an output, from the pace at which it has changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

KNOWN_CHANGES = 16  # that are looked at
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_IF_ERROR = timedelta(days=1)  # old news is better than none


@dataclass(frozen=True, slots=True)
class Freshness:
    """Time in which a copy is fresh, and times after it in which it still serves."""

    max_age: timedelta
    while_revalidating: timedelta  # RFC 5861 §3
    if_error: timedelta = _IF_ERROR  # RFC 5861 §4

    @classmethod
    def of(cls, max_age: timedelta) -> Freshness:
        """One that may be as old again while it is asked for anew."""
        return cls(max_age, max_age)

    def cache_control(self, audience: str) -> str:
        """The field's value; ``audience`` is ``public`` or ``private`` (RFC 9111 §5.2.2)."""
        return (
            f"{audience}, max-age={_seconds(self.max_age)}, "
            f"stale-while-revalidate={_seconds(self.while_revalidating)}, "
            f"stale-if-error={_seconds(self.if_error)}"
        )


def freshness(changes: Sequence[datetime], now: datetime, publish_interval: timedelta) -> Freshness:
    """Freshness of what changed at ``changes`` (the last ones, the oldest first).

    Half of the usual time between two of them, the present silence counted, so that news is late by a half of
    what it is apart; within a minute and an hour. No less than ``publish_interval``: it cannot change before.
    """
    known = changes[-KNOWN_CHANGES:]
    usual = (now - known[0]) / len(known) if known else timedelta(0)
    least = min(max(_SHORTEST, publish_interval), _LONGEST)
    return Freshness.of(min(max(usual / 2, least), _LONGEST))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
