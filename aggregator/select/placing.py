"""Items that a story makes of an output, each with the entry shown and its place in the window. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.dedupe.represent import best
from aggregator.model import OutputOrder, Selection, StoryMember
from aggregator.publish.groups import Copy, Group, grouped
from aggregator.select.ranking import Place, lead


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of a story, as far as outputs need to know it."""

    entry_id: int
    public_id: str
    exact_id: str  # of the item that shows it where exact copies alone are one
    story: int
    story_id: str  # the story's public id
    story_sort_at: datetime
    feed_key: str
    active: bool  # its feed is in the configuration
    first_seen: datetime
    sort_at: datetime
    text_length: int
    changed_at: datetime | None  # when what is shown of it last changed
    digest: str  # of what is shown of it
    guest: bool = False  # it stands back for those who are at home at its address
    feed_id: int = 0
    rank: int = 0  # what rules add to that of its feed
    dropped: bool = False  # by the filter of its feed, or by a rule


@dataclass(frozen=True, slots=True)
class Placed:
    """An item as an output has it: its id for ever, whose it is, what it shows, where it stands."""

    item_id: str
    story: int
    entry_id: int
    changed_at: datetime | None
    digest: str
    place: Place
    entry_ids: tuple[int, ...]  # that it stands for
    sources: int  # feeds that tell it
    feed_id: int  # of the entry shown
    arrived: datetime  # when it entered, where nobody saw it enter


def placed(members: Sequence[Member], selection: Selection) -> list[Placed]:
    """The items that ``selection`` makes of one story; ``members`` are all of it, ascending by id."""
    if not any(is_visible(member, selection) for member in members):
        return []
    told = {one.entry_id: one for one in members if one.feed_key not in selection.hidden}
    copies = [_copy(one, selection) for one in told.values()]
    return [_placed(group, told, selection) for group in grouped(copies, selection)]


def is_visible(member: Member, selection: Selection) -> bool:
    """True where the entry's feed belongs to the output, and may be shown there, as may the entry."""
    return (
        member.active
        and not member.dropped
        and selection.has(member.feed_key)
        and member.feed_key not in selection.hidden
    )


def _copy(member: Member, selection: Selection) -> Copy:
    return Copy(
        entry_id=member.entry_id,
        public_id=member.public_id,
        exact_id=member.exact_id,
        story_id=member.story_id,
        feed_key=member.feed_key,
        first_seen=member.first_seen,
        visible=is_visible(member, selection),
    )


def _placed(group: Group, members: Mapping[int, Member], selection: Selection) -> Placed:
    own = [members[entry_id] for entry_id in group.entry_ids]
    shown = own[_representative(own, selection)]
    dated, tie = _dated(own[0], selection)
    place, sources = (dated, tie), len({one.feed_key for one in own})
    if selection.order is OutputOrder.SOURCES:
        place = dated + lead(sources), tie
    elif selection.by_discovery:
        place = _discovered(own, selection.min_sources)
    return Placed(
        item_id=group.id,
        story=own[0].story,
        entry_id=shown.entry_id,
        changed_at=shown.changed_at,
        digest=shown.digest,
        place=place,
        entry_ids=group.entry_ids,
        sources=sources,
        feed_id=shown.feed_id,
        arrived=place[0] if selection.by_arrival else dated,
    )


def _dated(first: Member, selection: Selection) -> Place:
    if selection.by_story:
        return first.story_sort_at, first.story
    return first.sort_at, first.entry_id


def _discovered(members: Sequence[Member], sources: int) -> Place:
    """When so many feeds told it, and the entry with which they did; else its first."""
    in_order = sorted(members, key=lambda one: (one.first_seen, one.entry_id))
    known = set[str]()
    for one in in_order:
        known.add(one.feed_key)
        if len(known) >= sources:
            return one.first_seen, one.entry_id
    return in_order[0].first_seen, in_order[0].entry_id


def _representative(members: Sequence[Member], selection: Selection) -> int:
    ranks = selection.ranks
    return best(
        [
            StoryMember(
                one.entry_id,
                one.text_length,
                one.first_seen,
                ranks.get(one.feed_key, 0) + one.rank,
                one.guest,
            )
            for one in members
        ]
    )
