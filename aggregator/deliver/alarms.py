"""Conditions of which the operator is told: which are met, begun, over. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.config.values import format_size
from aggregator.model import Alarm, AlarmChanges, RoadStatus
from aggregator.text.durations import exact

_EASE = 1.1  # so much more room than the bound must be free for an alarm to be over


def changes(
    standing: Collection[str], met: Iterable[Alarm], looked_at: Sequence[str]
) -> AlarmChanges:
    """Changes since alarms with the keys ``standing`` were told; ``met`` are the conditions now.

    ``looked_at`` are beginnings of keys: of others nothing is known here, so they are not over.
    """
    by_key: Mapping[str, Alarm] = {one.key: one for one in met}
    begun = tuple(one for key, one in by_key.items() if key not in standing)
    over = tuple(
        key for key in sorted(standing) if key not in by_key and key.startswith(tuple(looked_at))
    )
    return AlarmChanges(begun, over)


def backlog_alarm(oldest: datetime | None, bound: timedelta, now: datetime) -> Iterable[Alarm]:
    """An alarm where the ``oldest`` entry that is not published yet waits longer than ``bound`` (0: none)."""
    if bound and oldest is not None and now - oldest > bound:
        said = f"entries wait for longer than {exact(bound)} to be published"
        yield Alarm("backlog", f"Backlog: {said}")


def disk_alarm(key: str, folder: str, free: int, bound: int, *, stands: bool) -> Iterable[Alarm]:
    """An alarm where fewer than ``bound`` bytes are free in ``folder`` (0: none)."""
    least = bound * _EASE if stands else bound
    if bound and free < least:
        yield Alarm(key, f"Disk: less than {format_size(bound)} free in {folder}")


def delivery_alarms(roads: Iterable[RoadStatus]) -> Iterable[Alarm]:
    """Alarms for roads on which nothing is sent any more, or with messages that were given up."""
    for one in roads:
        key = f"delivery:{one.kind}:{one.name}:{one.output}"
        named = f"{one.kind.value} {one.name}"
        again = f"`aggregator deliver retry {one.name}`"
        if one.disabled:
            yield Alarm(key, f"Delivery: {named} is off: {one.disabled}; {again} turns it on")
        elif one.dead_letters:
            yield Alarm(key, f"Delivery: {named} has messages that were given up; {again}")
