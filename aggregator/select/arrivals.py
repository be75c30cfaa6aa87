"""Arrivals: when items entered an output, and which were not let in because their feed had its share. Pure.

What was let in stays, and what was not does not come later: both are remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model import Quota, Selection
from aggregator.select.placing import Placed


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item that entered an output ``at`` a time, or was not let in."""

    item_id: str
    story: int
    feed_id: int  # of the entry shown then
    at: datetime
    is_surplus: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """Items that are let in, each at its place, those that are not, and what is to be remembered."""

    items: list[Placed]
    surplus: frozenset[str]
    remember: list[Arrival]


@dataclass(frozen=True, slots=True)
class Door:
    """State of an output before some items come: what is known of them, and of their feeds."""

    known: Mapping[str, Arrival]  # by item
    standing: Collection[str]  # ids of items that stand
    ended: Mapping[int, datetime]  # entry → arrival of the item that showed it, and is none now
    entered: MutableMapping[int, list[datetime]]  # by feed, as far as its quota looks


def admit(
    items: Sequence[Placed], door: Door, selection: Selection, now: datetime, *, quiet: bool
) -> Admission:
    """Let items in, the latest first, as far as the quotas of their feeds allow.

    An item counts when it enters; one that nobody is told of (``quiet``) as if it had entered when it
    was published. Those that stand, and those that another item ended in, are in.
    """
    found, surplus, remember = [], set[str](), []
    for item in sorted(items, key=lambda one: (one.place, one.item_id), reverse=True):
        one = _arrival(item, door, selection.quota, now, quiet=quiet)
        if one != door.known.get(item.item_id):
            remember.append(one)
        if one.is_surplus:
            surplus.add(item.item_id)
            continue
        place = (one.at, item.place[1]) if selection.by_arrival else item.place
        found.append(replace(item, place=place))
    return Admission(found, frozenset(surplus), remember)


def _arrival(
    item: Placed, door: Door, quota: Quota | None, now: datetime, *, quiet: bool
) -> Arrival:
    before, when = door.known.get(item.item_id), min(item.arrived, now)
    if before is not None and (not before.is_surplus or item.item_id in door.standing):
        return replace(before, story=item.story, is_surplus=False)
    inherited = [door.ended[one] for one in item.entry_ids if one in door.ended]
    if inherited and item.item_id not in door.standing:
        return Arrival(item.item_id, item.story, item.feed_id, min(inherited))
    if before is not None:
        return replace(before, story=item.story)
    is_in = item.item_id in door.standing
    at = when if quiet or is_in else now
    entered = door.entered.setdefault(item.feed_id, [])
    if quota is not None and not is_in and _is_full(entered, at, quota):
        return Arrival(item.item_id, item.story, item.feed_id, at, is_surplus=True)
    entered.append(at)
    return Arrival(item.item_id, item.story, item.feed_id, at)


def _is_full(entered: Sequence[datetime], at: datetime, quota: Quota) -> bool:
    """True where as many entered within the quota's span before ``at``, or after it, as may."""
    before = sum(at - quota.span < one <= at for one in entered)
    after = sum(at <= one < at + quota.span for one in entered)
    return max(before, after) >= quota.most
