"""Assignment of entries to stories: a decision over values, without database or clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.dedupe.near import Match, NearIndex
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


@dataclass(frozen=True, slots=True)
class Assignment:
    """Story that an entry joins: ``story``, or a new one of which ``founder`` is the first.

    ``rule`` says why: the rule of the key that was known, ``NEAR`` for a text that is a copy,
    ``OWN`` for an entry that stays where it is, ``NEW`` for a founder. ``joined_to`` is the
    entry it was compared with (for a founder the nearest that was refused), ``overlap`` what they
    share, ``note`` why, in words. ``leaves`` when it parts from the story it was in, ``merges`` when
    it was alone in that, which ends with it.
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
    takes: tuple[StoryKey, ...] = ()  # keys that guests brought elsewhere, and that lead here now


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
    the text in ``index`` that it is the best copy of; seekers' own texts are added to it. An entry
    that is alone in a story looks again in the same way, and ends its story when it joins another.
    """
    stored = known if isinstance(known, Known) else Known(known, {}, feeds_of or {})
    return _Assigner(stored, index or NearIndex()).run(seekers)


class _Assigner:
    def __init__(self, known: Known, index: NearIndex) -> None:
        self._known = known
        self._index = index
        self._found: dict[StoryKey, Assignment] = {}  # what earlier seekers' keys lead to by now
        self._refused: dict[StoryKey, int] = {}  # the seeker's own → who says something else
        self._placed: dict[int, Assignment] = {}
        self._arrived: set[int] = set()  # existing stories that somebody joined by now
        self._ended: dict[
            int, Assignment
        ] = {}  # story → that of the only member, which joined another
        # By (is it an existing story?, story id or founder): who has an entry in it by now.
        self._feeds = {(True, story): set(ids) for story, ids in known.feeds_of.items()}

    def run(self, seekers: Sequence[Seeker]) -> list[Assignment]:
        for seeker in seekers:
            self._refused.clear()
            assignment = self._beside_guests(seeker, self._place(seeker))
            self._placed[seeker.entry_id] = assignment
            if assignment.merges and seeker.story is not None:
                self._ended[seeker.story] = assignment
            if assignment.story is not None and assignment.rule is not JoinRule.OWN:
                self._arrived.add(assignment.story)
            if seeker.feed_id is not None:
                self._feeds.setdefault(_story_of(assignment), set()).add(seeker.feed_id)
            for key in seeker.keys:
                if key in assignment.takes:
                    self._found[key] = assignment
                elif key not in self._known.stories:
                    self._found.setdefault(key, assignment)
            if seeker.sketch is not None:
                self._index.add(seeker.sketch)
        return list(self._placed.values())

    def _beside_guests(self, seeker: Seeker, placed: Assignment) -> Assignment:
        """``placed``, with the keys that are the seeker's rather than a guest's, and why it is no copy."""
        guests = {key for key, holder in self._refused.items() if self._index.is_guest(holder)}
        own = seeker.sketch is not None and not seeker.sketch.guest
        if placed.rule is JoinRule.NEW and placed.joined_to is None and self._refused:
            placed = replace(
                placed,
                joined_to=next(iter(self._refused.values())),
                note="listed under one address or id, and says something else",
            )
        return replace(placed, takes=tuple(guests)) if own and guests else placed

    def _place(self, seeker: Seeker) -> Assignment:
        if seeker.story is not None:
            return self._again(seeker, seeker.story)
        return self._by_key(seeker) or self._by_text(seeker)

    def _again(self, seeker: Seeker, story: int) -> Assignment:
        """An entry that changed: it stays, unless nothing ties it to its siblings any more.

        Alone in its story, it joins another that its keys or its text lead to by now.
        """
        stays = Assignment(seeker.entry_id, story, None, JoinRule.OWN)
        if not seeker.siblings and not seeker.pinned and story not in self._arrived:
            found = self._by_key(seeker) or self._by_text(seeker)
            return stays if found.rule is JoinRule.NEW else replace(found, merges=True)
        siblings = [i for i in seeker.siblings if not self._leaves(i)]
        if seeker.pinned or seeker.sketch is None or not siblings:
            return stays
        if self._is_tied(seeker, story, siblings):
            return stays
        match = self._index.compare_with(seeker.sketch, siblings)
        if match is None or match.verdict.same:
            return stays
        return Assignment(
            seeker.entry_id,
            None,
            seeker.entry_id,
            JoinRule.NEW,
            match.entry_id,
            match.verdict.overlap,
            f"it changed: {match.verdict.note}",
            leaves=True,
        )

    def _leaves(self, entry_id: int) -> bool:
        return entry_id in self._placed and self._placed[entry_id].leaves

    def _is_tied(self, seeker: Seeker, story: int, siblings: Collection[int]) -> bool:
        """Whether a key of the seeker is that of a sibling, or brought a dependent."""
        rules = {rule for entry_id, rule in seeker.dependents if not self._leaves(entry_id)}
        for key in seeker.keys:
            if self._known.stories.get(key) == story:
                holder = self._known.holders.get(key)
                if holder in siblings or (holder == seeker.entry_id and key.rule in rules):
                    return True
        return False

    def _by_key(self, seeker: Seeker) -> Assignment | None:
        for key in seeker.keys:
            place = self._behind(key, seeker.entry_id)
            if place is None or (place.story is not None and place.story == seeker.story):
                continue
            if key.other_feeds_only:
                joined = seeker.feed_id in self._feeds.get(_story_of(place), ())
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
            story, founder = self._now(self._known.stories[key])
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

    def _by_text(self, seeker: Seeker) -> Assignment:
        match = self._index.match(seeker.sketch) if seeker.sketch is not None else None
        if match is None:
            return Assignment(seeker.entry_id, None, seeker.entry_id, JoinRule.NEW)
        what = match.entry_id, match.verdict.overlap, match.verdict.note
        if not match.verdict.same:
            return Assignment(seeker.entry_id, None, seeker.entry_id, JoinRule.NEW, *what)
        story, founder = self._where(match)
        return Assignment(seeker.entry_id, story, founder, JoinRule.NEAR, *what)

    def _where(self, match: Match) -> tuple[int | None, int | None]:
        placed = self._placed.get(match.entry_id)
        if placed is not None:
            return placed.story, placed.founder
        return self._now(self._known.story_of[match.entry_id])

    def _now(self, story: int) -> tuple[int | None, int | None]:
        """The story, or the one (or its founder) that its only member went to."""
        ended = self._ended.get(story)
        return (story, None) if ended is None else (ended.story, ended.founder)


def _story_of(assignment: Assignment) -> tuple[bool, int]:
    if assignment.story is not None:
        return True, assignment.story
    return False, assignment.entry_id if assignment.founder is None else assignment.founder
