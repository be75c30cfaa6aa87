"""Digests of rows: the same in any order, and others for other rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.moving.rows import TABLES, key_as_text, key_from_text
from aggregator.store.moving.tally import Tally

_VALUES = st.one_of(
    st.none(),
    st.text(),
    st.binary(),
    st.integers(),
    st.floats(),
    st.datetimes(timezones=st.just(UTC)),
)
_ROWS = st.lists(st.lists(_VALUES, min_size=1, max_size=4).map(tuple), max_size=8)


@given(_ROWS, st.randoms())
def test_no_order_and_no_slice_changes_it(rows: list[tuple[object, ...]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    half = len(rows) // 2
    assert Tally().plus(rows) == Tally().plus(shuffled[:half]).plus(shuffled[half:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("1",), (1,)),
        ((None,), ("",)),
        ((b"a",), ("61",)),
        (("a", "b"), ("ab", "")),
        (("a\x1ft1:b",), ("a", "b")),
        ((1.0,), (1,)),
        ((datetime(2026, 1, 1, tzinfo=UTC),), (datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),)),
    ],
)
def test_other_values_have_another(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert Tally().plus([one]) != Tally().plus([other])


def test_one_moment_is_one_whatever_the_zone_and_a_truth_is_a_number() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    there = at.astimezone(timezone(timedelta(hours=5)))
    assert Tally().plus([(at, True)]) == Tally().plus([(there, 1)])


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError):
        Tally().plus([({},)])


def test_keys_are_kept_as_text() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    (table,) = (one for one in TABLES if one.name == "host_requests")
    assert key_from_text(table, key_as_text(("höst", at))) == ("höst", at)
