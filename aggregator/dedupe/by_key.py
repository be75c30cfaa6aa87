"""The story of an entry by its keys: ids, addresses, equal texts, and who says another thing under one."""

from __future__ import annotations

from dataclasses import replace

from aggregator.dedupe.near import NearIndex
from aggregator.dedupe.places import Places
from aggregator.dedupe.seekers import Assignment, Known, Seeker
from aggregator.model import JoinRule, StoryKey


class ByKey:
    """Search among the keys that are ``known``, and those of seekers that have been placed."""

    def __init__(self, known: Known, index: NearIndex, places: Places) -> None:
        self._known = known
        self._index = index
        self._places = places
        self._found: dict[StoryKey, Assignment] = {}  # what earlier seekers' keys lead to by now
        self._refused: dict[StoryKey, int] = {}  # the seeker's own → who says something else

    def forget(self) -> None:
        """Look for another seeker: what was refused to the one before is no matter."""
        self._refused.clear()

    def remember(self, seeker: Seeker, assignment: Assignment) -> None:
        """Let the seeker's keys lead later ones to its story."""
        for key in seeker.keys:
            if key in assignment.takes:
                self._found[key] = assignment
            elif key not in self._known.stories:
                self._found.setdefault(key, assignment)

    def find(self, seeker: Seeker) -> Assignment | None:
        """The story of the first of its keys that is known and not in doubt."""
        for key in seeker.keys:
            place = self._behind(key, seeker.entry_id)
            if place is None or (place.story is not None and place.story == seeker.story):
                continue
            if key.other_feeds_only:
                joined = seeker.feed_id in self._places.feeds.get(self._places.of(place), ())
                if not joined and not self._is_another_thing(seeker, key, place.joined_to):
                    return place
            elif not self._is_in_doubt(seeker, key) or not self._says_another(
                seeker, place.joined_to
            ):
                return place
        return None

    def _behind(self, key: StoryKey, entry_id: int) -> Assignment | None:
        if key in self._found:
            first = self._found[key]
            return Assignment(entry_id, first.story, first.founder, key.rule, first.entry_id)
        if key in self._known.stories:
            holder = self._known.holders.get(key)
            story, founder = self._places.now(self._known.stories[key])
            return Assignment(entry_id, story, founder, key.rule, holder)
        return None

    def _is_another_thing(self, seeker: Seeker, key: StoryKey, holder: int | None) -> bool:
        """Two feeds, one text, and titles that fill one template in with two things.

        Or one address or id, to which a guest says something else.
        """
        if seeker.sketch is None or holder is None:
            return False
        if key.rule is not JoinRule.TEXT:
            shared = key.rule is JoinRule.URL or self._share_address(seeker, holder)
            if not self._index.say_different(seeker.sketch, holder, one_address=shared):
                return False
            self._refused[key] = holder
            return True
        match = self._index.compare_with(seeker.sketch, [holder])
        return match is not None and not match.verdict.same and match.verdict.overlap == 1

    def _share_address(self, seeker: Seeker, holder: int) -> bool:
        places = (self._behind(key, 0) for key in seeker.keys if key.rule is JoinRule.URL)
        return any(place is not None and place.joined_to == holder for place in places)

    def _is_in_doubt(self, seeker: Seeker, key: StoryKey) -> bool:
        """Whether a feed's equal titles may be two entries: of one address, or of one page's text."""
        from_page = seeker.sketch is not None and bool(seeker.sketch.page)
        return key.rule is JoinRule.URL or (key.rule is JoinRule.TEXT and from_page)

    def _says_another(self, seeker: Seeker, holder: int | None) -> bool:
        """One feed, one page, one title, and yet another text: the page of a daily column."""
        if seeker.sketch is None or holder is None or not seeker.sketch.words:
            return False
        match = self._index.compare_with(seeker.sketch, [holder])
        return match is not None and not match.verdict.same and match.verdict.overlap < 1

    def beside_guests(self, seeker: Seeker, placed: Assignment) -> Assignment:
        """``placed``, with the keys that are the seeker's rather than another's, and why it is no copy.

        Whoever tells the story takes them over from guests, and a guest who says something of it from
        whose words it has all: later ones are compared with what is said.
        """
        if placed.rule is JoinRule.NEW and placed.joined_to is None and self._refused:
            placed = replace(
                placed,
                joined_to=next(iter(self._refused.values())),
                note="listed under one address or id, and says something else",
            )
        takes = self._taken(seeker, placed)
        return replace(placed, takes=takes) if takes else placed

    def _taken(self, seeker: Seeker, placed: Assignment) -> tuple[StoryKey, ...]:
        if seeker.sketch is None:
            return ()
        if not seeker.sketch.guest:
            refused = self._refused.items()
            return tuple(key for key, holder in refused if self._index.is_guest(holder))
        if placed.joined_to is None or not placed.rule.is_exact:
            return ()
        places = {key: self._behind(key, seeker.entry_id) for key in seeker.keys}
        return tuple(
            key
            for key, place in places.items()
            if place is not None
            and place.joined_to is not None
            and self._places.of(place) == self._places.of(placed)
            and self._index.tells_all_of(seeker.sketch, place.joined_to)
        )
