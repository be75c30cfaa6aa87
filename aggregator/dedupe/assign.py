"""Assignment of entries to stories: a decision over values, without database or clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.dedupe.near import Match, NearIndex
from aggregator.dedupe.sketch import Sketch
from aggregator.dedupe.unions import Place, Unions, parts_of, place_of
from aggregator.dedupe.whole_story import (
    MOST_MEMBERS,
    agree,
    contradicting,
    may_hold_both,
    tells_several,
)
from aggregator.model import JoinRule, StoryKey

_SEVERAL = "it tells several stories"


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
        self._found: dict[StoryKey, Assignment] = {}  # what earlier seekers' keys lead to by now
        self._refused: dict[StoryKey, int] = {}  # the seeker's own → who says something else
        self._placed: dict[int, Assignment] = {}
        self._arrived: set[int] = set()  # existing stories that somebody joined by now
        self._unions = Unions(known.pinned)
        self._links: dict[int, Assignment] = {}  # founder whose new story ended → why
        # Who has an entry in which story by now.
        self._feeds = {(True, story): set(ids) for story, ids in known.feeds_of.items()}
        self._before = dict(known.story_of)  # entry → existing story
        self._members: dict[Place, list[int]] = {}
        for entry_id, story in known.story_of.items():
            self._members.setdefault((True, story), []).append(entry_id)

    def run(self, seekers: Sequence[Seeker]) -> list[Assignment]:
        for seeker in seekers:
            if seeker.story is not None:
                self._before[seeker.entry_id] = seeker.story
                self._member(seeker.entry_id, (True, seeker.story))
                if seeker.sketch is not None and seeker.siblings:
                    self._index.add(seeker.sketch)
        for seeker in seekers:
            self._refused.clear()
            assignment = self._beside_guests(seeker, self._place(seeker))
            self._placed[seeker.entry_id] = assignment
            self._arrive(seeker, assignment)
            for key in seeker.keys:
                if key in assignment.takes:
                    self._found[key] = assignment
                elif key not in self._known.stories:
                    self._found.setdefault(key, assignment)
            if seeker.sketch is not None:
                self._index.add(seeker.sketch)
        return [self._settled(one) for one in self._placed.values()]

    def _arrive(self, seeker: Seeker, assignment: Assignment) -> None:
        place = self._story_of(assignment)
        if assignment.founder == seeker.entry_id:
            self._unions.found(seeker.entry_id)
        if assignment.merges and seeker.story is not None:
            self._unions.end((True, seeker.story), place)
        if assignment.story is not None and assignment.rule is not JoinRule.OWN:
            self._arrived.add(assignment.story)
        if seeker.feed_id is not None:
            self._feeds.setdefault(place, set()).add(seeker.feed_id)
        self._member(seeker.entry_id, place)

    def _settled(self, one: Assignment) -> Assignment:
        """``one``, where its story is now that all have been placed."""
        place = self._story_of(one)
        if place == place_of(one):
            return one
        story, founder = parts_of(place)
        if one.founder != one.entry_id:
            return replace(one, story=story, founder=founder)
        # It founded a story that went into another, through a copy that came later.
        return replace(self._links[one.entry_id], story=story, founder=founder, leaves=one.leaves)

    def _member(self, entry_id: int, place: Place) -> None:
        members = self._members.setdefault(place, [])
        if entry_id not in members:
            members.append(entry_id)

    def _story_of(self, assignment: Assignment) -> Place:
        return self._unions.now(place_of(assignment))

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
        if match is None:
            return stays
        note = f"it changed: {match.verdict.note}"
        if match.verdict.same:
            if not self._holds_another(seeker, siblings):
                return stays
            note = _SEVERAL
        return Assignment(
            seeker.entry_id,
            None,
            seeker.entry_id,
            JoinRule.NEW,
            match.entry_id,
            match.verdict.overlap,
            note,
            leaves=True,
            # Its copies are looked for once all have left.
            recalls=(seeker.entry_id,) if note == _SEVERAL else (),
        )

    def _holds_another(self, seeker: Seeker, siblings: Sequence[int]) -> bool:
        """Whether all that ties the seeker to its siblings is a text that tells several stories.

        The first one stays in it, and when that tells several, all others leave.
        """
        first = min(siblings)
        if seeker.sketch is None or seeker.entry_id < first:
            return False
        copies = [m for m in self._index.verdicts(seeker.sketch, siblings) if m.verdict.same]
        return (
            self._holds_both(first, seeker.sketch)
            or self._tells_several(seeker.sketch)
            or all(self._holds_both(match.entry_id, seeker.sketch) for match in copies)
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
                joined = seeker.feed_id in self._feeds.get(self._story_of(place), ())
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
        matches = self._index.matches(seeker.sketch) if seeker.sketch is not None else []
        alone = Assignment(seeker.entry_id, None, seeker.entry_id, JoinRule.NEW)
        if seeker.sketch is None or not matches:
            return alone
        nearest = matches[0]
        refused, note = nearest, nearest.verdict.note
        recalls = self._parted_by(seeker.sketch, matches)
        copies = [match for match in matches if match.verdict.same]
        if copies and len(matches) > 1 and self._tells_several(seeker.sketch):
            copies, note = [], _SEVERAL
        for number, match in enumerate(copies):
            place = self._where(match)
            if self._holds_both(match.entry_id, seeker.sketch):
                refused, note = match, f"copied in a text that {_SEVERAL.removeprefix('it ')}"
                continue
            against = contradicting(self._index, seeker.sketch, self._asked(place, match))
            if against is not None:
                refused, note = against, f"a member of its story: {against.verdict.note}"
                continue
            unites = self._unite(seeker, place, match, copies[number + 1 :])
            story, founder = parts_of(self._unions.now(place))
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

    def _parted_by(self, sketch: Sketch, matches: Sequence[Match]) -> set[int]:
        """Members of stories of which a text turns out to tell that of ``sketch``, too."""
        found: set[int] = set()
        for match in matches:
            members = self._members.get(self._where(match), ())
            if len(members) > 1 and self._holds_both(match.entry_id, sketch):
                found.update(members)
        return found

    def _asked(self, place: Place, match: Match) -> list[int]:
        """The members of a story that may contradict: the latest, whose texts are known."""
        members = [i for i in self._members.get(place, ()) if i != match.entry_id]
        return members[-MOST_MEMBERS:]

    def _unite(
        self, seeker: Seeker, place: Place, match: Match, others: Sequence[Match]
    ) -> tuple[int, ...]:
        """Make the stories of other copies one with that at ``place``, where their members agree.

        Returns the existing ones that end.
        """
        ended = []
        for other in others:
            mine, theirs = self._unions.now(place), self._where(other)
            if theirs in {mine, (True, seeker.story)} or seeker.sketch is None:
                continue
            both = (
                [*self._asked(mine, match), match.entry_id],
                [*self._asked(theirs, other), other.entry_id],
            )
            if (
                self._holds_both(other.entry_id, seeker.sketch)
                or contradicting(self._index, seeker.sketch, both[1]) is not None
                or not agree(self._index, *both)
            ):
                continue
            gone = self._unions.unite(mine, theirs)
            if gone is None:
                continue
            if not gone[0]:
                self._link(gone[1], seeker, match if gone == mine else other)
            kept = self._unions.now(gone)
            self._members[kept] = [*self._members.get(kept, ()), *self._members.pop(gone, ())]
            self._feeds.setdefault(kept, set()).update(self._feeds.pop(gone, ()))
            if gone[0]:
                ended.append(gone[1])
            self._arrived.update(number for existing, number in (gone, kept) if existing)
        return tuple(ended)

    def _link(self, founder: int, seeker: Seeker, match: Match) -> None:
        """Remember why the story of ``founder`` is part of another: it is the seeker's copy, or a copy's."""
        verdict = match.verdict
        note = "a copy of both came" if match.entry_id == founder else "a copy of its copies came"
        self._links[founder] = Assignment(
            founder, None, None, JoinRule.NEAR, seeker.entry_id, verdict.overlap, note
        )

    def _tells_several(self, sketch: Sketch) -> bool:
        parts = (self._index.get(m.entry_id) for m in self._index.matches(sketch))
        return tells_several(self._index, sketch, [one for one in parts if one is not None])

    def _holds_both(self, entry_id: int, sketch: Sketch) -> bool:
        """Whether the entry's text tells the story of ``sketch`` and another one beside."""
        longer = self._index.get(entry_id)
        if longer is None or not may_hold_both(self._index, longer, sketch):
            return False
        place = self._members.get(self._place_now(entry_id), ())
        others = [
            m.entry_id
            for m in (
                *self._index.matches(longer),
                *self._index.verdicts(longer, place[-MOST_MEMBERS:]),
            )
            if m.entry_id not in {sketch.entry_id, entry_id}
        ]
        parts = (self._index.get(i) for i in dict.fromkeys(others))
        return tells_several(self._index, longer, [sketch, *(p for p in parts if p is not None)])

    def _where(self, match: Match) -> Place:
        return self._place_now(match.entry_id)

    def _place_now(self, entry_id: int) -> Place:
        placed = self._placed.get(entry_id)
        if placed is not None:
            return self._story_of(placed)
        return self._unions.now((True, self._before[entry_id]))

    def _now(self, story: int) -> tuple[int | None, int | None]:
        """The story, or the one (or its founder) that it became part of."""
        return parts_of(self._unions.now((True, story)))
