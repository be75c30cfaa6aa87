"""Groups: the entries of one story that an output shows as one item. Pure.

What is one story for one output is several items for another: ``off`` shows each entry, ``exact``
joins only copies that an exact rule found, ``near`` the whole story; a window parts what came late,
and the scope ``category`` shows a story once in each category, an entry whose feed is in several in
each of them. Ids follow from what never changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model import DedupeMode, Selection

_CATEGORY_IDS = uuid.UUID("0b6a1c0e-63a2-4b0f-8f43-5d4a2e6c7f19")


@dataclass(frozen=True, slots=True)
class Copy:
    """A member of a story, as far as grouping needs to know it."""

    entry_id: int
    public_id: str  # of the entry
    exact_id: str  # of the item that shows it where exact copies alone are one
    story_id: str  # the story's public id
    feed_key: str
    first_seen: datetime
    visible: bool  # its feed belongs to the output


@dataclass(frozen=True, slots=True)
class Group:
    """One item of an output: its id for ever, and the ids of the visible entries in it."""

    id: str
    entry_ids: tuple[int, ...]  # ascending

    @property
    def leader(self) -> int:
        """The entry under whose date the item is sorted: the first that is visible."""
        return self.entry_ids[0]


def grouped(copies: Sequence[Copy], selection: Selection) -> list[Group]:
    """The items that ``selection`` makes of all ``copies`` of one story; none without a visible one.

    All copies take part, the invisible ones too, so that ids and windows do not depend on what else
    the output shows.
    """
    found: list[Group] = []
    for (base, category), members in _by_mode(copies, selection).items():
        for part_base, part in _in_time(base, members, selection.window):
            visible = tuple(sorted(copy.entry_id for copy in part if copy.visible))
            if visible:
                found.append(Group(category_id(part_base, category), visible))
    return found


def category_id(item_id: str, category: str) -> str:
    """The id of an item where each category has its own; without a category the item's own."""
    return uuid.uuid5(_CATEGORY_IDS, f"{item_id}\n{category}").urn if category else item_id


def _by_mode(copies: Iterable[Copy], selection: Selection) -> dict[tuple[str, str], list[Copy]]:
    """The copies by the id they have in this mode, and category."""
    parted: dict[tuple[str, str], list[Copy]] = {}
    for copy in copies:
        base = {
            DedupeMode.OFF: copy.public_id,
            DedupeMode.EXACT: copy.exact_id,
            DedupeMode.NEAR: copy.story_id,
        }
        named: Sequence[str] = ()
        if selection.categories is not None and selection.dedupe is not DedupeMode.OFF:
            named = selection.categories.get(copy.feed_key, ())
        for category in named or ("",):
            parted.setdefault((base[selection.dedupe], category), []).append(copy)
    return parted


def _in_time(
    base: str, members: Sequence[Copy], window: timedelta | None
) -> list[tuple[str, list[Copy]]]:
    """``members`` in parts between which more than ``window`` passed, each with its id.

    The part of the entry whose own id it is keeps ``base``; without that entry, the first does.
    """
    if window is None:
        return [(base, list(members))]
    parts: list[list[Copy]] = []
    for copy in sorted(members, key=lambda copy: (copy.first_seen, copy.entry_id)):
        if parts and copy.first_seen - parts[-1][-1].first_seen <= window:
            parts[-1].append(copy)
        else:
            parts.append([copy])
    owner = next((part for part in parts if any(c.public_id == base for c in part)), parts[0])
    return [(base if part is owner else part[0].public_id, part) for part in parts]
