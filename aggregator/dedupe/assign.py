"""Assignment of entries to stories: a decision over values, without database or clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from aggregator.dedupe.by_key import ByKey
from aggregator.dedupe.by_text import SEVERAL, ByText
from aggregator.dedupe.near import NearIndex
from aggregator.dedupe.places import Places
from aggregator.dedupe.seekers import Assignment, Known, Seeker
from aggregator.dedupe.sketch import Sketch
from aggregator.model import JoinRule, StoryKey

_PART = 0.5  # of a text, which the one that tells several has


def assign(
    seekers: Sequence[Seeker],
    known: Mapping[StoryKey, int] | Known,
    feeds_of: Mapping[int, Collection[int]] | None = None,
    index: NearIndex | None = None,
) -> list[Assignment]:
    """Give every seeker a story, in order; all keys of earlier ones lead later ones to theirs.

    ``known`` maps keys to existing stories, ``feeds_of`` those stories to the ids of the feeds that
    have an entry in them. An entry joins the story of the first of its keys that is known; a key
    with ``other_feeds_only`` is passed over when its story has an entry of the same feed. Its other
    keys may point to other stories: those are left alone, since two stories that a single entry
    happens to touch are not therefore one (never chain-merge). Failing that it joins the story of
    the text in ``index`` that it is the best copy of, unless a member of that contradicts; seekers'
    own texts are added to it. Copies of it in other stories, which agree, make these one with its
    own: whatever came first. An entry that is alone in a story looks again in the same way, and ends
    its story when it joins another.
    """
    stored = known if isinstance(known, Known) else Known(known, {}, feeds_of or {})
    return _Assigner(stored, index or NearIndex()).run(seekers)


class _Assigner:
    def __init__(self, known: Known, index: NearIndex) -> None:
        self._known = known
        self._index = index
        self._places = Places(known)
        self._keys = ByKey(known, index, self._places)
        self._texts = ByText(index, self._places)

    def run(self, seekers: Sequence[Seeker]) -> list[Assignment]:
        for seeker in seekers:
            if seeker.story is not None:
                self._places.stands(seeker.entry_id, seeker.story)
                if seeker.sketch is not None:
                    self._index.add(seeker.sketch)
                if not seeker.siblings:
                    self._places.waiting.add(seeker.entry_id)
        # Who may leave a story does so before others ask what it tells; a stable sort.
        for seeker in sorted(seekers, key=lambda one: one.story is None or not one.siblings):
            self._keys.forget()
            assignment = self._keys.beside_guests(seeker, self._place(seeker))
            self._places.arrive(seeker, assignment)
            self._keys.remember(seeker, assignment)
            if seeker.sketch is not None:
                self._index.add(seeker.sketch)
        return [self._places.settled(one) for one in self._places.placed.values()]

    def _place(self, seeker: Seeker) -> Assignment:
        if seeker.story is not None:
            return self._again(seeker, seeker.story)
        return self._found(seeker)

    def _found(self, seeker: Seeker) -> Assignment:
        """The story that its keys lead to, with those of its copies; else that of its best copy."""
        by_key = self._keys.find(seeker)
        if by_key is None:
            return self._texts.find(seeker)
        return self._texts.unite_with_copies(seeker, by_key)

    def _again(self, seeker: Seeker, story: int) -> Assignment:
        """An entry that changed: it stays, unless nothing ties it to its siblings any more.

        Alone in its story, it joins another that its keys or its text lead to by now.
        """
        stays = Assignment(seeker.entry_id, story, None, JoinRule.OWN)
        if not seeker.siblings and not seeker.pinned and story not in self._places.arrived:
            found = self._found(seeker)
            return stays if found.rule is JoinRule.NEW else replace(found, merges=True)
        siblings = [i for i in seeker.siblings if not self._leaves(i)]
        if seeker.pinned or seeker.sketch is None or not siblings:
            return stays
        # What its keys tie to them they would lead back to them: it would come and go for ever.
        if self._is_tied(seeker, story, siblings):
            return stays
        match = self._index.compare_with(seeker.sketch, siblings)
        if match is None:
            return stays
        note, recalls = f"it changed: {match.verdict.note}", tuple[int, ...]()
        if match.verdict.same:
            if self._holds_another(seeker, siblings):
                note = SEVERAL
                recalls = self._asked_again(seeker.entry_id, seeker.sketch, siblings)
            elif why := self._texts.displaced(seeker.sketch, seeker.siblings):
                note, recalls = why
            else:
                return stays
        return Assignment(
            seeker.entry_id,
            None,
            seeker.entry_id,
            JoinRule.NEW,
            match.entry_id,
            match.verdict.overlap,
            note,
            leaves=True,
            recalls=recalls,
        )

    def _asked_again(
        self, entry_id: int, sketch: Sketch, siblings: Sequence[int]
    ) -> tuple[int, ...]:
        """Who looks for copies once a text that tells several stories has left: all that it has parts of."""
        parts = (m.entry_id for m in self._index.matches(sketch) if m.verdict.overlap >= _PART)
        return tuple(dict.fromkeys((entry_id, *siblings, *parts)))

    def _holds_another(self, seeker: Seeker, siblings: Sequence[int]) -> bool:
        """Whether all that ties the seeker to its siblings is a text that tells several stories.

        The first one stays in it, and when that tells several, all others leave.
        """
        first = min(siblings)
        if seeker.sketch is None or seeker.entry_id < first:
            return False
        copies = [m for m in self._index.verdicts(seeker.sketch, siblings) if m.verdict.same]
        return (
            self._texts.holds_both(first, seeker.sketch)
            or self._texts.tells_several(seeker.sketch)
            or all(self._texts.holds_both(match.entry_id, seeker.sketch) for match in copies)
        )

    def _leaves(self, entry_id: int) -> bool:
        return entry_id in self._places.placed and self._places.placed[entry_id].leaves

    def _is_tied(self, seeker: Seeker, story: int, siblings: Collection[int]) -> bool:
        """Whether a key of the seeker is that of a sibling, or brought a dependent."""
        rules = {rule for entry_id, rule in seeker.dependents if not self._leaves(entry_id)}
        for key in seeker.keys:
            if self._known.stories.get(key) == story:
                holder = self._known.holders.get(key)
                if holder in siblings or (holder == seeker.entry_id and key.rule in rules):
                    return True
        return False
