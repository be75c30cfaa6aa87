"""Arrivals: who is let into an output with quotas, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Quota, Selection
from aggregator.select.arrivals import Admission, Arrival, Door, admit
from aggregator.select.placing import Placed

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWO = Selection(10, quota=Quota(2, DAY))


def item(number: int, hours: float = 0, feed: int = 1) -> Placed:
    """Item ``number``, published so many hours ago."""
    at = NOW - hours * HOUR
    place = at, number
    return Placed(f"i{number}", number, number, None, "", place, (number,), 1, feed, at)


def let_in(
    *items: Placed,
    known: Mapping[str, Arrival] | None = None,
    standing: tuple[str, ...] = (),
    ended: Mapping[int, datetime] | None = None,
    entered: tuple[datetime, ...] = (),
    quiet: bool = False,
) -> Admission:
    door = Door(known or {}, standing, ended or {}, {1: list(entered)})
    return admit(items, door, TWO, NOW, quiet=quiet)


def ids(found: Admission) -> set[str]:
    return {one.item_id for one in found.items}


def test_of_what_comes_at_once_the_newest_are_let_in() -> None:
    found = let_in(item(1, 9), item(2, 3), item(3, 1), item(4, feed=2))
    assert ids(found) == {"i2", "i3", "i4"}
    assert found.surplus == {"i1"}
    assert {one.at for one in found.remember} == {NOW}


def test_the_time_slides() -> None:
    assert let_in(item(1), entered=(NOW - DAY + HOUR, NOW - HOUR)).surplus
    assert not let_in(item(1), entered=(NOW - DAY, NOW - HOUR)).surplus


def test_what_was_left_out_stays_out_and_what_is_in_stays_in() -> None:
    out = Arrival("i1", 1, 1, NOW - 9 * DAY, is_surplus=True)
    was_in = Arrival("i2", 2, 1, NOW - 9 * DAY)
    full = (NOW, NOW)
    found = let_in(item(1), item(2), item(3), known={"i1": out, "i2": was_in}, standing=("i3",))
    assert ids(found) == {"i2", "i3"}
    assert [one.item_id for one in found.remember] == ["i3"]
    assert ids(let_in(item(2), known={"i2": was_in}, entered=full)) == {"i2"}


def test_another_item_of_the_same_entry_takes_the_place_of_the_one_that_ends() -> None:
    full, before = (NOW, NOW), NOW - 3 * DAY
    out = Arrival("i1", 1, 1, NOW, is_surplus=True)
    assert ids(let_in(item(1), entered=full, ended={1: before})) == {"i1"}
    found = let_in(item(1), entered=full, ended={1: before}, known={"i1": out})
    assert found.remember == [Arrival("i1", 1, 1, before)]
    assert not let_in(item(1), entered=full, ended={7: before}).items


def test_what_nobody_is_told_of_counts_by_its_date() -> None:
    old = [item(n, 12 * n) for n in range(1, 7)]
    found = let_in(*old, quiet=True)
    assert ids(found) == {"i1", "i2", "i3", "i4", "i5", "i6"}
    close = [item(n, 8 * n) for n in range(1, 7)]
    assert let_in(*close, quiet=True).surplus == {"i3", "i6"}


def test_an_output_with_several_sources_sorts_by_arrival() -> None:
    door = Door({"i1": Arrival("i1", 1, 1, NOW - HOUR)}, ("i1",), {}, {})
    found = admit([item(1, 9), item(2, 8)], door, Selection(9, min_sources=2), NOW, quiet=False)
    assert [one.place for one in found.items] == [(NOW, 2), (NOW - HOUR, 1)]


@given(st.lists(st.floats(0, 200), max_size=30), st.integers(1, 4), st.booleans())
def test_no_feed_has_more_than_its_quota(hours: list[float], most: int, quiet: bool) -> None:
    items = [item(n, hour) for n, hour in enumerate(hours)]
    selection = Selection(10, quota=Quota(most, DAY))
    found = admit(items, Door({}, (), {}, {}), selection, NOW, quiet=quiet)
    times = sorted(one.at for one in found.remember if not one.is_surplus)
    for place, _ in enumerate(pairwise(times)):
        inside = [one for one in times if times[place] <= one < times[place] + DAY]
        assert len(inside) <= most
    assert len(found.items) + len(found.surplus) == len(items)
