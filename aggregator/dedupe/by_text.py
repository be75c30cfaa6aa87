"""The story of an entry by its text: that of its best copy, and stories that its copies make one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from aggregator.dedupe.near import Match, NearIndex
from aggregator.dedupe.places import Places
from aggregator.dedupe.seekers import Assignment, Seeker
from aggregator.dedupe.sketch import Sketch
from aggregator.dedupe.unions import Place, parts_of
from aggregator.dedupe.whole_story import (
    LONGER,
    MOST_MEMBERS,
    agree,
    contradicting,
    is_closer,
    may_hold_both,
    outvoted,
)
from aggregator.dedupe.whole_story import tells_several as several_in
from aggregator.model import JoinRule

SEVERAL = "it tells several stories"


class ByText:
    """Search among the texts of ``index``, in the stories that ``places`` knows."""

    def __init__(self, index: NearIndex, places: Places) -> None:
        self._index = index
        self._places = places

    def find(self, seeker: Seeker) -> Assignment:
        """The story of its best copy that nobody contradicts, else a new one."""
        near = self._index.matches(seeker.sketch) if seeker.sketch is not None else []
        matches = [one for one in near if one.entry_id not in self._places.waiting]
        alone = Assignment(seeker.entry_id, None, seeker.entry_id, JoinRule.NEW)
        if seeker.sketch is None or not matches:
            return alone
        nearest = matches[0]
        refused, note = nearest, nearest.verdict.note
        recalls = self._parted_by(seeker.sketch, matches)
        copies = [match for match in matches if match.verdict.same]
        if copies and len(near) > 1 and self.tells_several(seeker.sketch):
            copies, note = [], SEVERAL
        for number, match in enumerate(copies):
            place = self._places.where(match.entry_id)
            if self.holds_both(match.entry_id, seeker.sketch):
                refused, note = match, f"copied in a text that {SEVERAL.removeprefix('it ')}"
                continue
            against = contradicting(self._index, seeker.sketch, self._asked(place, match))
            if against is not None:
                refused, note = against, f"a member of its story: {against.verdict.note}"
                if is_closer(self._index, seeker.sketch, against.entry_id, self._in(place)):
                    recalls.update((seeker.entry_id, *self._in(place)))
                continue
            if self._holds_only_parts(
                match.entry_id, self._copies_of(seeker.sketch), seeker.sketch
            ):
                refused, note = match, "most of its copies are but parts of that"
                continue
            if outvoted(self._index, seeker.sketch, self._in(place)):
                refused, note = match, "the other texts of its story are but parts of it"
                continue
            recalls |= self._disturbed_by(seeker, place)
            unites = self._unite(seeker, place, match, copies[number + 1 :])
            if not recalls.isdisjoint(self._places.members.get(place, ())):
                recalls.add(seeker.entry_id)
            story, founder = parts_of(self._places.unions.now(place))
            what = match.entry_id, match.verdict.overlap, match.verdict.note
            return Assignment(
                seeker.entry_id,
                story,
                founder,
                JoinRule.NEAR,
                *what,
                unites=unites,
                recalls=tuple(sorted(recalls)),
            )
        return replace(
            alone,
            joined_to=refused.entry_id,
            overlap=refused.verdict.overlap,
            note=note,
            recalls=tuple(sorted(recalls)),
        )

    def unite_with_copies(self, seeker: Seeker, placed: Assignment) -> Assignment:
        """``placed`` by a key, with the stories of copies that are one with that."""
        if seeker.sketch is None:
            return placed
        if placed.rule is JoinRule.TEXT:  # its copies are those of the text that it equals
            disturbed = self._disturbed_by(seeker, self._places.of(placed))
            return replace(placed, recalls=tuple(sorted(disturbed)))
        waiting = self._places.waiting
        matches = self._index.matches(seeker.sketch)
        copies = [m for m in matches if m.verdict.same and m.entry_id not in waiting]
        place = self._places.of(placed)
        at = next((m for m in copies if self._places.where(m.entry_id) == place), None)
        if at is None or len(copies) < 2 or self.tells_several(seeker.sketch):
            return placed
        unites = self._unite(seeker, place, at, [m for m in copies if m is not at])
        if not unites and self._places.unions.now(place) == place:
            return placed
        story, founder = parts_of(self._places.unions.now(place))
        return replace(placed, story=story, founder=founder, unites=unites)

    def _parted_by(self, sketch: Sketch, matches: Sequence[Match]) -> set[int]:
        """Members of stories of which a text turns out to tell that of ``sketch``, too."""
        found: set[int] = set()
        for match in matches:
            members = self._places.members.get(self._places.where(match.entry_id), ())
            if len(members) > 1 and self.holds_both(match.entry_id, sketch):
                found.update(members)
        return found

    def _in(self, place: Place) -> list[int]:
        """The members of a story that are asked, and compared."""
        return self._places.members.get(place, [])[-MOST_MEMBERS:]

    def _disturbed_by(self, seeker: Seeker, place: Place) -> set[int]:
        """Members of the story that the seeker joins, and itself, where it speaks against one that is there."""
        if seeker.sketch is None:
            return set()
        members = self._in(place)
        if len(members) < 2:
            return set()
        for one in self._index.verdicts(seeker.sketch, members):
            other = self._index.get(one.entry_id)
            if one.verdict.same or other is None:
                continue
            others = [i for i in members if i != one.entry_id]
            if one.verdict.apart or outvoted(self._index, other, others, seeker.sketch):
                return {*members, seeker.entry_id}
        return set()

    def displaced(
        self, sketch: Sketch, siblings: Sequence[int]
    ) -> tuple[str, tuple[int, ...]] | None:
        """The reason for which a text leaves the story that it came to before others did, and who looks again then.

        So that who came first does not decide: of two that contradict each other the one that is more
        like a member has the story. The first one stays in it; those who are more like the other leave it.
        """
        first, asked = min(siblings), list(siblings)[-MOST_MEMBERS:]
        founder = self._index.get(first)
        if sketch.entry_id < first:
            return None
        again = (sketch.entry_id, *asked)
        if founder is not None and outvoted(self._index, founder, [*asked, sketch.entry_id]):
            return "most of its story are but parts of the first", again
        if outvoted(self._index, sketch, asked):
            return "most of its story are but parts of it", again
        if (rival := self._rival_of(sketch, asked, first)) is not None:
            return "what contradicts it is more like its story", (*again, rival)
        return None

    def _rival_of(self, sketch: Sketch, siblings: Sequence[int], first: int) -> int | None:
        """The text that contradicts ``sketch``, or the first of its story, and belongs there rather."""
        best = self._index.compare_with(sketch, siblings)
        like = self._index.get(best.entry_id) if best is not None else None
        near = [*self._index.matches(sketch), *(self._index.matches(like) if like else ())]
        found: tuple[int, ...] = (*siblings, *(m.entry_id for m in near))
        for entry_id in dict.fromkeys(i for i in found if i != sketch.entry_id):
            other = self._index.get(entry_id)
            if other is None:
                continue
            verdict = self._index.verdict(sketch, other)
            if verdict.apart:
                others = [i for i in siblings if i != entry_id]
                if entry_id == first or (
                    is_closer(self._index, other, sketch.entry_id, others, sketch)
                    and contradicting(self._index, other, others) is None
                ):
                    return entry_id
            elif verdict.same and (
                contradicting(self._index, other, [first]) is not None
                and is_closer(self._index, other, first, [sketch.entry_id])
            ):
                return entry_id
        return None

    def _asked(self, place: Place, match: Match) -> list[int]:
        """The members of a story that may contradict: the latest, whose texts are known."""
        members = [i for i in self._places.members.get(place, ()) if i != match.entry_id]
        return members[-MOST_MEMBERS:]

    def _unite(
        self, seeker: Seeker, place: Place, match: Match, others: Sequence[Match]
    ) -> tuple[int, ...]:
        """Make the stories of other copies one with that at ``place``, where their members agree.

        Returns the existing ones that end.
        """
        ended = []
        for other in others:
            mine, theirs = self._places.unions.now(place), self._places.where(other.entry_id)
            if theirs in {mine, (True, seeker.story)} or seeker.sketch is None:
                continue
            both = (
                [*self._asked(mine, match), match.entry_id],
                [*self._asked(theirs, other), other.entry_id],
            )
            if (
                self.holds_both(other.entry_id, seeker.sketch)
                or contradicting(self._index, seeker.sketch, both[1]) is not None
                or not agree(self._index, *both)
                or self._holds_only_parts(
                    other.entry_id, {*both[0], *self._copies_of(seeker.sketch)}, seeker.sketch
                )
            ):
                continue
            gone = self._places.unions.unite(mine, theirs)
            if gone is None:
                continue
            if not gone[0]:
                self._link(gone[1], seeker, match if gone == mine else other)
            self._places.merge(gone)
            if gone[0]:
                ended.append(gone[1])
        return tuple(ended)

    def _copies_of(self, sketch: Sketch) -> list[int]:
        return [m.entry_id for m in self._index.matches(sketch) if m.verdict.same]

    def _holds_only_parts(self, entry_id: int, copies: Collection[int], comes: Sketch) -> bool:
        """True for a longer text of which the one that comes, and its ``copies``, rather are parts than copies."""
        longer = self._index.get(entry_id)
        if longer is None or longer.size < LONGER * comes.size:
            return False
        return outvoted(self._index, longer, copies, comes)

    def _link(self, founder: int, seeker: Seeker, match: Match) -> None:
        """Remember why the story of ``founder`` is part of another: it is the seeker's copy, or a copy's."""
        verdict = match.verdict
        note = "a copy of both came" if match.entry_id == founder else "a copy of its copies came"
        self._places.links[founder] = Assignment(
            founder, None, None, JoinRule.NEAR, seeker.entry_id, verdict.overlap, note
        )

    def tells_several(self, sketch: Sketch) -> bool:
        """True where the text tells stories that are nothing to each other."""
        parts = (self._index.get(m.entry_id) for m in self._index.matches(sketch))
        return several_in(self._index, sketch, [one for one in parts if one is not None])

    def holds_both(self, entry_id: int, sketch: Sketch) -> bool:
        """True where the entry's text tells the story of ``sketch`` and another one beside."""
        longer = self._index.get(entry_id)
        if longer is None or not may_hold_both(self._index, longer, sketch):
            return False
        place = self._places.members.get(self._places.where(entry_id), ())
        others = [
            m.entry_id
            for m in (
                *self._index.matches(longer),
                *self._index.verdicts(longer, place[-MOST_MEMBERS:]),
            )
            if m.entry_id not in {sketch.entry_id, entry_id}
        ]
        parts = (self._index.get(i) for i in dict.fromkeys(others))
        return several_in(self._index, longer, [sketch, *(p for p in parts if p is not None)])
