"""Packed times: to the minute what was put in, in 200 bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.feeds.packed_times import RECENT_TIMES, packed, recent_times, unpacked

# From the year 1 to 9999, as dates go.
times = st.lists(st.integers(-62_135_596_800, 253_402_300_799), max_size=90)
near = st.lists(st.integers(1_780_000_000, 1_796_000_000), max_size=90)


@given(times)
def test_the_newest_come_back_to_the_minute(given_times: list[int]) -> None:
    stored = packed(given_times)
    found = unpacked(stored)
    wanted = sorted((when // 60 * 60 for when in given_times), reverse=True)
    assert found == wanted[: len(found)]
    assert len(stored) <= 200
    assert bool(found) == bool(given_times)


@given(near)
def test_half_a_year_of_entries_fits_whole(given_times: list[int]) -> None:
    assert len(unpacked(packed(given_times))) == min(len(given_times), RECENT_TIMES)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(stored: bytes) -> None:
    assert all(isinstance(when, int) for when in unpacked(stored))


def test_times_of_the_release_before_count_too() -> None:
    assert recent_times(packed([600, 1200]), [1800]) == [1200, 600, 1800]
    assert recent_times(None, [1800]) == [1800]
