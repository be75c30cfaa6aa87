"""Why an entry is shown, or not: shapes and verdicts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model import DedupeMode, JoinRule, Selection
from aggregator.publish.groups import Group


@dataclass(frozen=True, slots=True)
class JoinReason:
    """Why an entry is in its story.

    ``copy`` is the entry it was compared with (for ``new``
    the nearest that was refused), ``overlap`` what they share, 0 … 1.
    """

    rule: JoinRule
    copy: int | None = None
    overlap: float | None = None
    note: str = ""
    held: bool = False  # the operator put it there: it stays


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a story."""

    entry_id: int
    feed: str
    title: str
    url: str | None
    joined: JoinReason
    represents: bool  # its text stands for the whole story


class ShownText(StrEnum):
    """Which text an entry has to show."""

    PAGE = "page"
    CONTENT = "feed content"
    SUMMARY = "feed summary"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TextOrigin:
    """Which text an item shows for the entry, and where it came from."""

    origin: ShownText
    characters: int
    note: str = ""  # of the extraction: how, how sure, why; or why there is no page's text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one output shows the entry, as what, and why."""

    output: str
    shown: bool
    item_id: str | None
    through: int | None  # the entry whose text the item has
    reason: str


@dataclass(frozen=True, slots=True)
class Explained:
    """All that there is to say about one entry."""

    entry_id: int
    public_id: str
    title: str
    url: str | None
    guid: str | None
    feed: str
    feed_url: str
    state: str  # "waiting", "ready", "settled"
    state_since: datetime
    state_reason: str
    first_seen: datetime
    sort_at: datetime
    listed: bool
    text: TextOrigin
    joined: JoinReason | None
    story: str | None  # public id
    members: tuple[Member, ...]
    outputs: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """Where an entry stands in one output."""

    group: Group | None  # its item there, whether or not it is among the newest
    through: int | None = None  # which of the group's entries is shown
    among_newest: bool = False


def verdict(
    output: str,
    selection: Selection,
    entry_id: int,
    feed_key: str,
    standing: OutputStatus,
    *,
    active: bool,
) -> Verdict:
    """Whether ``output`` shows the entry, and in words why."""
    group = standing.group
    kept_out = _kept_out(selection, feed_key, active=active)
    if kept_out or group is None:
        return Verdict(output, False, None, None, kept_out or "it has no story yet")
    if not standing.among_newest:
        reason = f"not among the newest {selection.limit} ({_what(selection)})"
        return Verdict(output, False, group.id, standing.through, reason)
    if standing.through == entry_id:
        return Verdict(output, True, group.id, entry_id, f"its own text is shown{_for(group)}")
    reason = f"entry {standing.through} stands for it, as the more complete or preferred copy"
    return Verdict(output, False, group.id, standing.through, reason)


def _kept_out(selection: Selection, feed_key: str, *, active: bool) -> str:
    """Why an output shows nothing of a feed; empty where it may."""
    if not active:
        return "its feed is not in the configuration any more"
    if selection.keys is not None and feed_key not in selection.keys:
        return "its feed has none of the output's categories and tags"
    if feed_key in selection.hidden:
        return (
            "held back: its feed is private, and everybody may read the output; "
            "`share = true` below the feed, or a `token` below the output, lets it in"
        )
    return ""


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
) -> OutputStatus:
    """The standing of an entry among an output's ``groups`` (id → group) of its story."""
    for group in groups.values():
        if entry_id in group.entry_ids:
            return OutputStatus(group, through.get(group.id), group.id in newest)
    return OutputStatus(None)
