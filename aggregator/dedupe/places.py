"""Stories of a batch while it is assigned: who is in which by now, and which are one."""

from __future__ import annotations

from dataclasses import replace

from aggregator.dedupe.seekers import Assignment, Known, Seeker
from aggregator.dedupe.unions import Place, Unions, parts_of, place_of
from aggregator.model import JoinRule


class Places:
    """Members and feeds of stories, those that are ``known`` first."""

    def __init__(self, known: Known) -> None:
        self.placed: dict[int, Assignment] = {}
        self.arrived: set[int] = set()  # existing stories that somebody joined by now
        self.unions = Unions(known.pinned)
        self.waiting: set[int] = set()  # alone in their stories, and to look for another yet
        self.links: dict[int, Assignment] = {}  # founder whose new story ended → why
        # Who has an entry in which story by now.
        self.feeds = {(True, story): set(ids) for story, ids in known.feeds_of.items()}
        self.before = dict(known.story_of)  # entry → existing story
        self.members: dict[Place, list[int]] = {}
        for entry_id, story in known.story_of.items():
            self.members.setdefault((True, story), []).append(entry_id)

    def stands(self, entry_id: int, story: int) -> None:
        """An entry is in an existing story before the batch is assigned."""
        self.before[entry_id] = story
        self.add(entry_id, (True, story))

    def arrive(self, seeker: Seeker, assignment: Assignment) -> None:
        """The seeker has its story."""
        self.placed[seeker.entry_id] = assignment
        self.waiting.discard(seeker.entry_id)
        if assignment.leaves and seeker.story is not None:
            self._leave(seeker.entry_id, self.unions.now((True, seeker.story)))
        place = self.of(assignment)
        if assignment.founder == seeker.entry_id:
            self.unions.found(seeker.entry_id)
        if assignment.merges and seeker.story is not None:
            self.unions.end((True, seeker.story), place)
        if assignment.story is not None and assignment.rule is not JoinRule.OWN:
            self.arrived.add(assignment.story)
        if seeker.feed_id is not None:
            self.feeds.setdefault(place, set()).add(seeker.feed_id)
        self.add(seeker.entry_id, place)

    def add(self, entry_id: int, place: Place) -> None:
        """An entry is a member of the story at ``place``."""
        members = self.members.setdefault(place, [])
        if entry_id not in members:
            members.append(entry_id)

    def _leave(self, entry_id: int, place: Place) -> None:
        """An entry is in the story at ``place`` no longer, and says nothing of who joins that."""
        members = self.members.get(place, [])
        if entry_id in members:
            members.remove(entry_id)

    def of(self, assignment: Assignment) -> Place:
        """The story that an assignment leads to by now."""
        return self.unions.now(place_of(assignment))

    def where(self, entry_id: int) -> Place:
        """The story that the entry is in by now."""
        placed = self.placed.get(entry_id)
        if placed is not None:
            return self.of(placed)
        return self.unions.now((True, self.before[entry_id]))

    def now(self, story: int) -> tuple[int | None, int | None]:
        """The story, or the one (or its founder) that it became part of."""
        return parts_of(self.unions.now((True, story)))

    def merge(self, gone: Place) -> None:
        """Members and feeds of a story that was united with another are that one's."""
        kept = self.unions.now(gone)
        self.members[kept] = [*self.members.get(kept, ()), *self.members.pop(gone, ())]
        self.feeds.setdefault(kept, set()).update(self.feeds.pop(gone, ()))
        self.arrived.update(number for existing, number in (gone, kept) if existing)

    def settled(self, one: Assignment) -> Assignment:
        """``one``, where its story is now that all have been placed."""
        place = self.of(one)
        if place == place_of(one):
            return one
        story, founder = parts_of(place)
        if one.founder != one.entry_id:
            return replace(one, story=story, founder=founder)
        # It founded a story that went into another, through a copy that came later.
        return replace(self.links[one.entry_id], story=story, founder=founder, leaves=one.leaves)
