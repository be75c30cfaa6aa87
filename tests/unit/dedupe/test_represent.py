"""best: which copy stands for a story."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.represent import best
from aggregator.model import StoryMember

START = datetime(2026, 11, 23, tzinfo=UTC)


def member(length: int, rank: int = 0, minutes: int = 0) -> StoryMember:
    return StoryMember(
        entry_id=1, text_length=length, first_seen=START + timedelta(minutes=minutes), rank=rank
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([member(100)], 0),
        ([member(100), member(900, minutes=5)], 1),
        ([member(1000), member(1090, minutes=5)], 0),  # a byline more is not more complete
        ([member(1090, minutes=5), member(1000)], 1),
        ([member(1000), member(1200, rank=9, minutes=5)], 1),  # completeness before rank
        ([member(1000, rank=2), member(950, rank=1, minutes=5)], 1),
        ([member(1000, rank=1), member(950, rank=1, minutes=-5)], 1),
        ([member(1000), member(1000)], 0),
        ([member(0, rank=1), member(0)], 1),
        ([member(0), member(50, rank=3)], 1),
    ],
)
def test_best(members: list[StoryMember], expected: int) -> None:
    assert best(members) == expected


def test_no_members() -> None:
    with pytest.raises(ValueError, match="at least one"):
        best([])


MEMBERS = st.lists(
    st.builds(member, st.integers(0, 3000), st.integers(0, 3), st.integers(0, 9)),
    min_size=1,
    max_size=8,
)


@given(MEMBERS, st.integers(0, 7))
def test_a_worse_and_later_copy_changes_nothing(members: list[StoryMember], at: int) -> None:
    chosen = members[best(members)]
    worse = member(min(m.text_length for m in members), rank=9, minutes=99)
    grown = [*members[:at], worse, *members[at:]]
    assert grown[best(grown)] == chosen or chosen.text_length == 0
