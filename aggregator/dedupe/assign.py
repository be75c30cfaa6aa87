"""Which story does an entry join? A decision over values: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aggregator.model import StoryKey


@dataclass(frozen=True, slots=True)
class Seeker:
    """An entry that looks for its story. ``story`` is the one it already belongs to, if any."""

    entry_id: int
    keys: tuple[StoryKey, ...]  # most telling first
    story: int | None = None
    feed_id: int | None = None  # without one, keys for other feeds only hold for every story


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where an entry goes: the existing story ``story``, or that of ``founder``, a new one's first.

    ``rule`` says why: the rule of the key that was known, ``"own"`` for an entry that stays where
    it is, ``"new"`` for a founder.
    """

    entry_id: int
    story: int | None
    founder: int | None
    rule: str


def assign(
    seekers: Sequence[Seeker],
    known: Mapping[StoryKey, int],
    feeds_of: Mapping[int, Collection[int]] | None = None,
) -> list[Assignment]:
    """Give every seeker a story, in order; all keys of earlier ones lead later ones to theirs.

    ``known`` maps keys to existing stories, ``feeds_of`` those stories to the ids of the feeds that
    have an entry in them. An entry joins the story of the first of its keys that is known; a key
    with ``other_feeds_only`` is passed over when its story has an entry of the same feed. Its other
    keys may point to other stories: those are left alone, since two stories that a single entry
    happens to touch are not therefore one (never chain-merge).
    """
    found: dict[StoryKey, Assignment] = {}  # what the keys of earlier seekers lead to by now
    # By (is it an existing story?, story id or founder): who has an entry in it by now.
    feeds = {(True, story): set(ids) for story, ids in (feeds_of or {}).items()}
    assignments = []
    for seeker in seekers:
        assignment = _place(seeker, known, found, feeds)
        assignments.append(assignment)
        if seeker.feed_id is not None:
            feeds.setdefault(_story_of(assignment), set()).add(seeker.feed_id)
        for key in seeker.keys:
            if key not in known:
                found.setdefault(key, assignment)
    return assignments


def _place(
    seeker: Seeker,
    known: Mapping[StoryKey, int],
    found: Mapping[StoryKey, Assignment],
    feeds: Mapping[tuple[bool, int], Collection[int]],
) -> Assignment:
    if seeker.story is not None:
        return Assignment(seeker.entry_id, seeker.story, None, "own")
    for key in seeker.keys:
        if key in known:
            place = Assignment(seeker.entry_id, known[key], None, key.rule)
        elif key in found:
            earlier = found[key]
            place = Assignment(seeker.entry_id, earlier.story, earlier.founder, key.rule)
        else:
            continue
        if not key.other_feeds_only or seeker.feed_id not in feeds.get(_story_of(place), ()):
            return place
    return Assignment(seeker.entry_id, None, seeker.entry_id, "new")


def _story_of(assignment: Assignment) -> tuple[bool, int]:
    if assignment.story is not None:
        return True, assignment.story
    return False, assignment.entry_id if assignment.founder is None else assignment.founder
