"""Places of items: by date, by discovery, by when enough feeds told them, and most told first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.model import OutputOrder, Selection
from aggregator.select.placing import placed
from aggregator.select.ranking import MOST, TWICE, floor, is_past, lead
from tests.unit.select.test_decide import NOW, member

HOUR = timedelta(hours=1)


def test_twice_as_many_feeds_are_worth_the_same_again() -> None:
    assert [lead(n) for n in (0, 1, 2, 4, 8)] == [0 * HOUR, 0 * HOUR, TWICE, 2 * TWICE, 3 * TWICE]
    assert lead(3) < lead(4)
    assert lead(10_000) == lead(MOST)


def test_a_front_page_has_what_most_feeds_tell_now_first() -> None:
    front = Selection(10, order=OutputOrder.SOURCES)
    told = [replace(member(n, feed), story_sort_at=NOW) for n, feed in enumerate("abcd", start=1)]
    (big,) = placed(told, front)
    assert (big.sources, big.place) == (4, (NOW + 2 * TWICE, 1))
    (small,) = placed([replace(member(9), story=9, story_sort_at=NOW + 11 * HOUR)], front)
    assert small.place < big.place
    assert floor((NOW, 7), front) == (NOW + lead(MOST), 0)


def test_feeds_count_once_each() -> None:
    (one,) = placed([member(1), member(2)], Selection(10, min_sources=2))
    assert one.sources == 1


def test_what_several_feeds_must_tell_has_the_time_of_the_one_that_made_it_enough() -> None:
    told = [member(1), member(2), member(3, "b"), member(4, "c")]
    (one,) = placed(told, Selection(10, min_sources=2))
    assert one.place == (told[2].first_seen, 3)
    assert one.arrived == told[2].first_seen
    (one,) = placed(told, Selection(10, order=OutputOrder.DISCOVERED))
    assert one.place == (told[0].first_seen, 1)
    assert one.arrived == NOW  # its date: by that quotas go where a log begins


def test_a_window_ends_with_its_age_in_whole_hours() -> None:
    aged = Selection(10, max_age=24 * HOUR)
    assert aged.since is None
    now = aged.at(NOW + timedelta(minutes=59))
    assert now.since == NOW - 24 * HOUR
    assert not is_past((NOW - 24 * HOUR, 1), now)
    assert is_past((NOW - 25 * HOUR, 1), now)
    assert Selection(10).at(NOW) == Selection(10)
