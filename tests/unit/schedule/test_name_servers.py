"""Dead name servers: told by when names failed and when one was answered, in whatever order that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.name_servers import GRACE, NameServers, Unresolved

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(hours=1)
NEEDED = 3


def unresolved(feed: int, ended: float = 0, took: float = 0) -> Unresolved:
    end = NOW + ended * SECOND
    return Unresolved(feed, f"{feed}.example", end - took * SECOND, end)


def after(*ends: Unresolved | datetime, seen: NameServers | None = None) -> NameServers:
    """The evidence after polls whose names failed, and times of answers; judged at each."""
    seen = seen or NameServers()
    for one in ends:
        if isinstance(one, datetime):
            seen = seen.judged(NEEDED, one).answered(one)
        else:
            seen = seen.missed(one).judged(NEEDED, one.ended)
    return seen


def test_enough_domains_without_an_answer_are_an_outage_from_the_first_on() -> None:
    seen = after(*map(unresolved, range(NEEDED)))
    assert seen.judged(NEEDED, NOW + GRACE - SECOND).down_since is None
    down = seen.judged(NEEDED, NOW + GRACE)
    assert down.down_since == NOW
    feeds, left = down.innocent()
    assert sorted(feeds) == [0, 1, 2]
    assert left.unresolved == ()
    assert not left.innocent()[0]
    assert after(*[unresolved(1)] * 9).judged(NEEDED, LATER).down_since is None


def test_an_answer_near_to_a_failure_makes_it_the_names_own() -> None:
    for near in (-GRACE + SECOND, 0 * SECOND, GRACE - SECOND):
        ends: list[Unresolved | datetime] = [*map(unresolved, range(9)), NOW + near]
        ends.sort(key=_when)
        assert after(*ends).judged(NEEDED, LATER).down_since is None


def test_an_answer_before_or_after_does_not() -> None:
    before = after(NOW - GRACE, *map(unresolved, range(9)))
    assert before.judged(NEEDED, LATER).down_since == NOW
    over = after(*map(unresolved, range(9))).judged(NEEDED, NOW + 2 * GRACE)
    back = over.answered(NOW + 2 * GRACE)
    assert (back.down_since, back.lasted_since, back.back_at) == (None, NOW, NOW + 2 * GRACE)


def test_who_failed_just_before_the_outage_was_told_is_innocent_too() -> None:
    ends: list[Unresolved | datetime] = [
        unresolved(10, -3.5),
        NOW - GRACE,
        unresolved(11, -2),
        *map(unresolved, range(3)),
    ]
    feeds, _ = after(*ends).judged(NEEDED, LATER).innocent()
    assert sorted(feeds) == [0, 1, 2, 10, 11]


def test_a_poll_that_began_in_an_outage_and_ended_after_it_met_it() -> None:
    down = after(*map(unresolved, range(9))).judged(NEEDED, LATER)
    assert down.to_blame_since(LATER, LATER) == NOW
    back = down.answered(LATER)
    assert back.to_blame_since(LATER - SECOND, LATER + SECOND) == LATER - SECOND
    assert back.to_blame_since(LATER + SECOND, LATER + 2 * SECOND) is None
    assert NameServers().to_blame_since(NOW, LATER) is None


def test_what_is_remembered_is_bounded() -> None:
    seen = NameServers()
    for number in range(5000):
        seen = seen.missed(unresolved(number))
    assert len(seen.unresolved) < 5000


def _when(one: Unresolved | datetime) -> datetime:
    return one if isinstance(one, datetime) else one.ended


@given(
    st.permutations(range(12)),
    st.sets(st.integers(0, 11)),
    st.floats(0, 2.9),
    st.booleans(),
)
def test_the_order_in_which_polls_of_a_batch_end_makes_no_difference(
    order: list[int], answered: set[int], lasts: float, all_before: bool
) -> None:
    """Of twelve names some are answered; they end one after the other within less than the grace."""
    seen = after(NOW - timedelta(hours=1)) if all_before else NameServers()
    for place, name in enumerate(order):
        end = NOW + lasts * SECOND * place / len(order)
        one = unresolved(name, lasts * place / len(order), lasts * place / len(order))
        seen = after(end if name in answered else one, seen=seen)
    seen = seen.judged(NEEDED, LATER)
    feeds, _ = seen.innocent()
    assert (seen.down_since is not None) is (not answered)
    assert set(feeds) == (set() if answered else set(order))


@pytest.mark.parametrize("took", [0, 1, 10])
def test_a_short_outage_is_told_whatever_a_lookup_takes(took: int) -> None:
    """Name servers are silent from second 0 to 15, with a poll every 50 ms."""
    ends: list[Unresolved | datetime] = []
    ends += [NOW - n * SECOND / 20 for n in range(20)]
    ends += [unresolved(n, n / 20 + took, took) for n in range(20 * (15 - took))]
    ends.append(NOW + 15.01 * SECOND)
    seen = after(*sorted(ends, key=_when))
    assert seen.lasted_since is not None
