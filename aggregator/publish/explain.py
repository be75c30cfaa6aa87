"""Verdicts: is an entry shown in an output, as what, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.model import DedupeMode, OutputOrder, OutputVerdict, Selection, Unfit
from aggregator.publish.groups import Group
from aggregator.text.durations import exact


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """Status of an entry in one output."""

    group: Group | None  # its item there, whether or not it is among the newest
    through: int | None = None  # which of the group's entries is shown
    among_newest: bool = False
    unfit: Unfit | None = None  # why the output does not take that item


def verdict(
    output: str,
    selection: Selection,
    entry_id: int,
    feed_key: str,
    standing: OutputStatus,
    *,
    active: bool,
) -> OutputVerdict:
    """Verdict of ``output`` on the entry: shown or not, with the reason in words."""
    group = standing.group
    kept_out = _kept_out(selection, feed_key, active=active)
    if kept_out or group is None:
        return OutputVerdict(output, False, None, None, kept_out or "it has no story yet")
    if standing.unfit is not None:
        reason = f"dropped by {standing.unfit}"
        return OutputVerdict(output, False, group.id, standing.through, reason)
    if not standing.among_newest:
        reason = f"not among {_first(selection)} ({_what(selection)})"
        return OutputVerdict(output, False, group.id, standing.through, reason)
    if standing.through == entry_id:
        return OutputVerdict(
            output, True, group.id, entry_id, f"its own text is shown{_for(group)}"
        )
    reason = f"entry {standing.through} represents its story: the copy that is at home at its address, more complete or preferred"
    return OutputVerdict(output, False, group.id, standing.through, reason)


def _kept_out(selection: Selection, feed_key: str, *, active: bool) -> str:
    """Why an output shows nothing of a feed; empty where it may."""
    if not active:
        return "its feed is no longer in the configuration"
    if not selection.has(feed_key):
        return "its feed has none of the output's categories and tags"
    if feed_key in selection.hidden:
        return (
            "its feed is private and the output is not; "
            "set `share = true` for the feed or a `token` for the output"
        )
    return ""


def _first(selection: Selection) -> str:
    told = selection.order is OutputOrder.SOURCES
    first = f"the {selection.limit} most told" if told else f"the newest {selection.limit}"
    return f"{first} of {exact(selection.max_age)}" if selection.max_age is not None else first


def _what(selection: Selection) -> str:
    return {
        DedupeMode.NEAR: "a story with its near copies is one item",
        DedupeMode.EXACT: "exact copies are one item",
        DedupeMode.OFF: "every entry is an item",
    }[selection.dedupe]


def _for(group: Group) -> str:
    others = len(group.entry_ids) - 1
    return f", for {others} other cop{'y' if others == 1 else 'ies'}, too" if others else ""


def standings(
    groups: Mapping[str, Group], newest: frozenset[str], through: Mapping[str, int], entry_id: int
) -> list[OutputStatus]:
    """The standings of an entry in those of an output's ``groups`` (id → group) that have it."""
    return [
        OutputStatus(group, through.get(group.id), group.id in newest)
        for group in groups.values()
        if entry_id in group.entry_ids
    ]
