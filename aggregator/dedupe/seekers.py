"""Entries that look for their story, what is stored beside them, and the story that each joins. Values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from aggregator.dedupe.sketch import Sketch
from aggregator.model import JoinRule, StoryKey


@dataclass(frozen=True, slots=True)
class Seeker:
    """An entry that looks for its story.

    ``story`` is the one it already belongs to, if any, and ``siblings`` that story's other entries;
    ``dependents`` are the entries that a key of this one brought there, with the rules of those keys.
    ``pinned`` when the operator put it there. Without a ``sketch`` only its keys are looked at.
    """

    entry_id: int
    keys: tuple[StoryKey, ...]  # most telling first
    story: int | None = None
    feed_id: int | None = None  # without one, keys for other feeds only hold for every story
    sketch: Sketch | None = None
    siblings: tuple[int, ...] = ()
    dependents: tuple[tuple[int, str], ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Stored stories by key, the entries that brought the keys, feeds and members."""

    stories: Mapping[StoryKey, int]
    holders: Mapping[StoryKey, int | None] = field(default_factory=dict)
    feeds_of: Mapping[int, Collection[int]] = field(default_factory=dict)  # story → feed ids
    story_of: Mapping[int, int] = field(default_factory=dict)  # entry → story
    pinned: Collection[int] = ()  # stories in which the operator put an entry


@dataclass(frozen=True, slots=True)
class Assignment:
    """Story that an entry joins: ``story``, or a new one of which ``founder`` is the first.

    ``rule`` says why: the rule of the key that was known, ``NEAR`` for a text that is a copy,
    ``OWN`` for an entry that stays where it is, ``NEW`` for a founder. ``joined_to`` is the
    entry it was compared with (for a founder the nearest that was refused), ``overlap`` what they
    share, ``note`` why, in words. ``leaves`` when it parts from the story it was in, ``merges`` when
    it was alone in that, which ends with it. ``unites`` are existing stories that turned out to be
    this one, and end. ``recalls`` are settled entries that are to be looked at again.
    """

    entry_id: int
    story: int | None
    founder: int | None
    rule: JoinRule
    joined_to: int | None = None
    overlap: float | None = None
    note: str | None = None
    leaves: bool = False
    merges: bool = False
    unites: tuple[int, ...] = ()
    recalls: tuple[int, ...] = ()
    takes: tuple[StoryKey, ...] = ()  # keys that guests brought elsewhere, and that lead here now
