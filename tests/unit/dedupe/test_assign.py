"""Which story an entry joins."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.assign import assign
from aggregator.dedupe.seekers import Assignment, Seeker
from aggregator.model import JoinRule, StoryKey


def key(value: str, *, others: bool = False) -> StoryKey:
    return StoryKey(JoinRule.URL, value, others)


def seeker(entry: int, *values: str, story: int | None = None, feed: int | None = None) -> Seeker:
    return Seeker(entry, tuple(key(value) for value in values), story, feed)


def test_an_unknown_entry_founds_a_story() -> None:
    assert assign([seeker(1, "x"), seeker(2)], {}) == [
        Assignment(1, None, 1, JoinRule.NEW),
        Assignment(2, None, 2, JoinRule.NEW),
    ]


def test_the_first_known_key_decides_and_is_the_reason() -> None:
    one = Seeker(
        1, (StoryKey(JoinRule.GUID, "g"), StoryKey(JoinRule.URL, "u"), StoryKey(JoinRule.TEXT, "t"))
    )
    known = {StoryKey(JoinRule.URL, "u"): 7, StoryKey(JoinRule.TEXT, "t"): 8}
    assert assign([one], known) == [Assignment(1, 7, None, JoinRule.URL)]


def test_later_entries_join_what_earlier_ones_founded() -> None:
    placed = assign([seeker(1, "x"), seeker(2, "x", "y"), seeker(3, "y")], {})
    assert [one.founder for one in placed] == [1, 1, 1]
    assert [one.rule for one in placed] == ["new", "url", "url"]


def test_every_key_of_an_entry_leads_to_its_story_in_the_same_batch() -> None:
    """As it does once the batch is written: where batches end must make no difference."""
    placed = assign([seeker(1, "x", "y"), seeker(2, "y")], {key("x"): 7})
    assert [(one.story, one.founder) for one in placed] == [(7, None), (7, None)]


def test_stories_are_never_merged_by_an_entry_between_them() -> None:
    placed = assign(
        [seeker(1, "x"), seeker(2, "y"), seeker(3, "x", "y"), seeker(4, "y"), seeker(5, "x")], {}
    )
    assert [one.founder for one in placed] == [1, 2, 1, 2, 1]
    known = {key("x"): 7, key("y"): 8}
    placed = assign([seeker(1, "y", "x"), seeker(2, "x")], known)
    assert [one.story for one in placed] == [8, 7]


def test_an_entry_with_a_story_stays_in_it_and_teaches_it_its_keys() -> None:
    one = replace(seeker(1, "x", "z", story=9), siblings=(8,))
    placed = assign([one, seeker(2, "x"), seeker(3, "z")], {key("x"): 7})
    assert placed == [
        Assignment(1, 9, None, JoinRule.OWN),
        Assignment(2, 7, None, JoinRule.URL),
        Assignment(3, 9, None, JoinRule.URL, joined_to=1),
    ]


def test_who_is_alone_in_a_story_joins_another_and_ends_its_own() -> None:
    placed = assign(
        [seeker(1, "x", "y", story=9), seeker(2, "y"), seeker(3, "z")],
        {key("x"): 7, key("y"): 9, key("z"): 9},
    )
    assert placed == [
        Assignment(1, 7, None, JoinRule.URL, merges=True),
        Assignment(2, 7, None, JoinRule.URL),
        Assignment(3, 7, None, JoinRule.URL),
    ]


def test_who_has_company_or_is_pinned_joins_no_other_story() -> None:
    known = {key("x"): 7, key("y"): 9}
    for one in (
        replace(seeker(1, "x", story=9), siblings=(8,)),
        replace(seeker(1, "x", story=9), pinned=True),
    ):
        assert assign([one], known) == [Assignment(1, 9, None, JoinRule.OWN)]
    newcomer, alone = assign([seeker(2, "y"), seeker(1, "x", story=9)], known)
    assert (newcomer.story, alone) == (9, Assignment(1, 9, None, JoinRule.OWN))


def test_two_that_are_alone_and_change_places_are_one_story() -> None:
    known = {key("x"): 7, key("y"): 9}
    first, second = assign([seeker(1, "y", story=7), seeker(2, "x", story=9)], known)
    assert first == Assignment(1, 9, None, JoinRule.URL, merges=True)
    assert second == Assignment(2, 9, None, JoinRule.OWN)


def test_a_story_may_end_in_one_that_is_new() -> None:
    placed = assign([seeker(2, "n"), seeker(3, "n", story=9), seeker(4, "y")], {key("y"): 9})
    assert [(one.story, one.founder, one.merges) for one in placed] == [
        (None, 2, False),
        (None, 2, True),
        (None, 2, False),
    ]


def test_a_key_for_other_feeds_passes_over_stories_of_the_same_feed() -> None:
    others = (key("page", others=True),)
    known = {others[0]: 7}
    same, other = Seeker(1, others, feed_id=1), Seeker(2, others, feed_id=2)
    assert assign([same], known, {7: {1}}) == [Assignment(1, None, 1, JoinRule.NEW)]
    assert assign([other], known, {7: {1}}) == [Assignment(2, 7, None, JoinRule.URL)]
    assert assign([same], known, {7: {2}}) == [Assignment(1, 7, None, JoinRule.URL)]


def test_feeds_of_the_same_batch_count_too() -> None:
    page = (key("page", others=True),)
    placed = assign([Seeker(i, page, feed_id=f) for i, f in [(1, 1), (2, 1), (3, 2), (4, 2)]], {})
    assert [one.founder for one in placed] == [1, 2, 1, 4]


def test_a_passed_over_story_leaves_the_next_key_its_chance() -> None:
    keys = (key("page", others=True), key("title"))
    known = {keys[0]: 7, keys[1]: 8}
    assert assign([Seeker(1, keys, feed_id=1)], known, {7: [1], 8: [1]})[0].story == 8


_values = st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)
_seekers = st.lists(st.tuples(_values, st.integers(1, 3), st.booleans()), max_size=12)


@given(_seekers, st.dictionaries(st.sampled_from("abcdef"), st.integers(100, 103)))
def test_every_entry_gets_one_story_of_its_own_or_an_earlier_key(
    given_seekers: list[tuple[list[str], int, bool]], given_known: dict[str, int]
) -> None:
    seekers = [
        Seeker(i, tuple(key(v, others=others) for v in values), None, feed)
        for i, (values, feed, others) in enumerate(given_seekers)
    ]
    known = {
        key(value, others=o): story for value, story in given_known.items() for o in (False, True)
    }
    placed = assign(seekers, known)
    assert [one.entry_id for one in placed] == list(range(len(seekers)))
    for one, asked in zip(placed, seekers, strict=True):
        assert (one.story is None) != (one.founder is None)
        if one.founder is not None:
            assert one.founder <= one.entry_id
            assert placed[one.founder].founder == one.founder
        else:
            assert one.story in known.values()
        assert (one.rule == "new") == (one.founder == one.entry_id)
        if one.rule == "new" and not any(k.other_feeds_only for k in asked.keys):
            assert not any(k in known for k in asked.keys)


@given(_seekers, st.integers(0, 12))
def test_where_a_batch_ends_makes_no_difference(
    given_seekers: list[tuple[list[str], int, bool]], cut: int
) -> None:
    seekers = [
        Seeker(i, tuple(key(v, others=others) for v in values), None, feed)
        for i, (values, feed, others) in enumerate(given_seekers)
    ]

    def groups(batches: list[list[Seeker]]) -> list[int]:
        """The stories as a store would number them: by their founder's entry id."""
        known: dict[StoryKey, int] = {}
        feeds: dict[int, set[int]] = {}
        stories = []
        for batch in batches:
            for one, asked in zip(assign(batch, known, feeds), list(batch), strict=True):
                story = one.story if one.story is not None else one.founder
                assert story is not None
                stories.append((asked, story))
            for asked, story in stories:
                feeds.setdefault(story, set()).add(asked.feed_id or 0)
                for one_key in asked.keys:
                    known.setdefault(one_key, story)
        return [story for _, story in stories]

    assert groups([seekers[:cut], seekers[cut:]]) == groups([seekers])
