"""Which entries of a story are one item: by mode, in time, by category; and that ids stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import DedupeMode, Selection
from aggregator.publish.groups import Copy, Group, category_id, grouped

T = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def copy(number: int, exact: int | None = None, days: float = 0, *, visible: bool = True) -> Copy:
    """Entry ``number`` of the story that entry 1 founded; an exact copy of ``exact``."""
    seen = T + days * DAY
    return Copy(number, f"e{number}", f"e{exact or number}", "e1", f"f{number}", seen, visible)


# 1 and 2 are exact copies, 3 is near to them and 4 an exact copy of 3.
STORY = [copy(1), copy(2, 1, 1), copy(3, days=5), copy(4, 3, 6)]


def shown(copies: list[Copy], mode: DedupeMode, **fields: object) -> dict[str, tuple[int, ...]]:
    selection = Selection(10, None, {}, mode, **fields)  # type: ignore[arg-type]
    return {group.id: group.entry_ids for group in grouped(copies, selection)}


def test_what_is_one_item_depends_on_the_mode() -> None:
    assert shown(STORY, DedupeMode.NEAR) == {"e1": (1, 2, 3, 4)}
    assert shown(STORY, DedupeMode.EXACT) == {"e1": (1, 2), "e3": (3, 4)}
    assert shown(STORY, DedupeMode.OFF) == {"e1": (1,), "e2": (2,), "e3": (3,), "e4": (4,)}


def test_what_came_after_the_window_is_an_item_of_its_own() -> None:
    assert shown(STORY, DedupeMode.NEAR, window=4 * DAY) == {"e1": (1, 2, 3, 4)}
    assert shown(STORY, DedupeMode.NEAR, window=3 * DAY) == {"e1": (1, 2), "e3": (3, 4)}
    assert shown(STORY, DedupeMode.EXACT, window=DAY / 2) == {
        "e1": (1,),
        "e2": (2,),
        "e3": (3,),
        "e4": (4,),
    }


@pytest.mark.parametrize("mode", DedupeMode)
def test_the_window_of_an_output_does_not_depend_on_what_else_it_shows(mode: DedupeMode) -> None:
    hidden = [copy(1, visible=False), *STORY[1:]]
    everything, part = shown(STORY, mode, window=3 * DAY), shown(hidden, mode, window=3 * DAY)
    without = {i: tuple(e for e in ids if e != 1) for i, ids in everything.items()}
    assert part == {item: ids for item, ids in without.items() if ids}


def test_a_story_is_shown_once_in_each_category() -> None:
    categories = {"f1": ["News"], "f2": ["News"], "f3": ["Tech"]}
    found = shown(STORY, DedupeMode.NEAR, categories=categories)
    assert found == {
        category_id("e1", "News"): (1, 2),
        category_id("e1", "Tech"): (3,),
        "e1": (4,),
    }
    assert len(found) == 3
    assert all(item.startswith("urn:uuid:") for item in found if item != "e1")
    assert shown(STORY, DedupeMode.OFF, categories=categories).keys() == {"e1", "e2", "e3", "e4"}


def test_a_story_of_a_feed_in_several_categories_is_shown_in_each() -> None:
    one = {"f1": ["News"], "f2": ["News"], "f3": ["Tech"]}
    several = one | {"f2": ["News", "Tech"], "f4": ["Art"]}
    found = shown(STORY, DedupeMode.NEAR, categories=several)
    assert found == {
        category_id("e1", "News"): (1, 2),
        category_id("e1", "Tech"): (2, 3),
        category_id("e1", "Art"): (4,),
    }
    # The ids of what was there before stay.
    assert {*shown(STORY, DedupeMode.NEAR, categories=one)} - {*found} == {"e1"}
    assert shown(STORY, DedupeMode.OFF, categories=several).keys() == {"e1", "e2", "e3", "e4"}


def test_the_first_visible_entry_leads() -> None:
    assert Group("x", (3, 7)).leader == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans()), min_size=1, max_size=8
    ),
    st.sampled_from(DedupeMode),
    st.sampled_from([None, DAY, 5 * DAY]),
    st.dictionaries(
        st.integers(1, 8).map("f{}".format),
        st.lists(st.sampled_from(["News", "Tech", "Art"]), unique=True, min_size=1),
    ),
)
def test_every_visible_entry_is_in_one_item_of_each_category_and_no_id_is_given_twice(
    drawn: list[tuple[int, int, bool]],
    mode: DedupeMode,
    window: timedelta | None,
    categories: dict[str, list[str]],
) -> None:
    story: list[Copy] = []
    for i, (back, days, seen) in enumerate(drawn, 1):
        # It joined the copy ``back`` before it, whose item it has; none: it has its own.
        joined = story[-back].exact_id if 0 < back <= len(story) else f"e{i}"
        story.append(copy(i, int(joined[1:]), days, visible=seen))
    groups = grouped(story, Selection(10, None, {}, mode, window, categories))
    members = sorted(i for group in groups for i in group.entry_ids)
    times = {} if mode is DedupeMode.OFF else categories
    assert members == [
        one.entry_id for one in story if one.visible for _ in times.get(one.feed_key, [""])
    ]
    assert len({group.id for group in groups}) == len(groups)
