"""Roads in words, as `status` and `deliver list` show them."""

from __future__ import annotations

from datetime import datetime

from aggregator.model import RoadStatus
from aggregator.text.durations import short_ago


def road_words(one: RoadStatus, now: datetime) -> str:
    """A line about one road."""
    named = f"{one.kind.value} {one.name}, {one.output or 'alarms'}"
    last = f", {short_ago(one.sent_at, now)}" if one.sent_at is not None else ""
    parts = [f"{one.sent} sent{last}"]
    if one.waiting:
        parts.append("1 line waits" if one.waiting == 1 else f"{one.waiting} lines wait")
    if one.disabled:
        parts.append(f"off: {one.disabled}")
    elif one.failures:
        since = short_ago(one.failing_since, now)
        parts.append(f"failed {one.failures}x since {since}: {one.error}")
        parts.append(f"next attempt {short_ago(one.next_at, now)}")
    elif one.waiting and one.next_at > now:
        parts.append(f"held until {one.next_at:%Y-%m-%d %H:%M} UTC")
    if one.dead_letters:
        parts.append(f"{one.dead_letters} given up (aggregator deliver retry {one.name})")
    return f"{named}: {'; '.join(parts)}"


def is_in_trouble(one: RoadStatus) -> bool:
    """True where the operator may have to do something."""
    return bool(one.disabled or one.failures or one.dead_letters)
