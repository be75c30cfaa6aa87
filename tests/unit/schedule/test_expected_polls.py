"""Expected polls: what the sums over a week say is what the cadence does."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.cadence import DAY, SPREAD, WEEK, Pace, Policy, _until_due
from aggregator.schedule.expected_polls import PacedFeed, expected_polls, stretch_for
from aggregator.schedule.habits import Habits, habits
from aggregator.schedule.triggers import Every
from tests.support.thorough import IS_THOROUGH

NOW = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(HOUR, DAY)


def histories(count: int, seed: int = 19) -> list[list[float]]:
    """Times of entries of feeds of every pace, most of which keep hours."""
    drawn = random.Random(seed)
    found = []
    for _ in range(count):
        rate = 2 * drawn.lognormvariate(0, 1.8)
        begins, span = drawn.random() * 24, min(64 / rate, 400)
        times: list[float] = []
        while len(times) < min(64, rate * 300 + 1):
            when = NOW.timestamp() - drawn.random() * span * 86_400
            is_day = (when % 86_400 / 3600 - begins) % 24 < 12
            if drawn.random() < (1 if is_day else 0.15):
                times.append(when)
        found.append(times)
    return found


def followed(history: list[float], policy: Policy, drawn: random.Random) -> float:
    """Polls an hour in a week of the cadence, of a feed that keeps its habits."""
    start = at = NOW + DAY * drawn.random()
    count = 0
    while at - start < WEEK:
        # The entries are those of NOW at every poll: a time of the same weekday and hour.
        found = _until_due(habits(history, NOW), at.timestamp(), policy)
        interval = min(max(timedelta(seconds=found), policy.min_interval), policy.max_interval)
        at += interval * (1 + SPREAD * drawn.random())
        count += 1
    return count / ((at - start) / HOUR)


@pytest.mark.parametrize("factor", [1.0, 6.0])
def test_it_is_what_the_cadence_does(factor: float) -> None:
    policy, drawn = POLICY.stretched(factor), random.Random(1)
    some = histories(60 if IS_THOROUGH else 20)
    paced = [PacedFeed(habits(one, NOW)) for one in some]
    expected = expected_polls(paced, policy).polls
    actual = np.array([followed(one, policy, drawn) for one in some])
    assert expected.sum() == pytest.approx(actual.sum(), rel=0.02)
    assert expected.tolist() == pytest.approx(actual.tolist(), rel=0.2, abs=0.01)


def test_a_feed_without_hours_is_polled_by_the_square_root_of_its_rate() -> None:
    rate = 0.5
    paced = PacedFeed(Habits(rate, (1.0,) * 48, (1.0,) * 7))
    found = expected_polls([paced], Policy(HOUR, 30 * DAY))
    interval = 3600 * (4 / rate) ** 0.45 * 1.05
    assert 3600 / found.polls[0] == pytest.approx(interval, rel=0.1)
    assert found.delays[0] == pytest.approx(interval / 2, rel=0.1)
    assert found.by_hour.sum() / 24 == pytest.approx(found.polls[0], rel=0.02)


def test_fixed_feeds_are_polled_as_they_are_told() -> None:
    known = habits([], NOW)
    fires = tuple(day * 86_400.0 + 7 * 3600 for day in range(7))
    found = expected_polls([PacedFeed(known, every_s=1800), PacedFeed(known, fires=fires)], POLICY)
    assert found.polls.tolist() == pytest.approx([2.0, 1 / 24])
    assert found.delays.tolist() == pytest.approx([900, 43_200])
    assert found.by_hour.tolist() == pytest.approx([2.0] * 7 + [3.0] + [2.0] * 16)


def test_floors_and_costly_feeds_are_asked_less() -> None:
    busy = habits([NOW.timestamp() - i * 600 for i in range(64)], NOW)
    plain, floored, costly = (
        PacedFeed(busy),
        PacedFeed(busy, floor_s=6 * 3600),
        PacedFeed(busy, costly=True),
    )
    rates = expected_polls([plain, floored, costly], POLICY).polls
    assert rates[0] == pytest.approx(1 / 1.05, rel=0.05)
    assert rates[1] == pytest.approx(rates[0] / 6, rel=0.05)
    assert rates[2] == pytest.approx(rates[0] / 2, rel=0.1)


def test_the_limit_is_kept_within_five_percent_by_all_feeds_together() -> None:
    count = 1000 if IS_THOROUGH else 200
    paced = [PacedFeed(habits(one, NOW)) for one in histories(count)]
    free = expected_polls(paced, POLICY)
    for most in (0.5 * count, 0.2 * count):
        factor = stretch_for(paced, POLICY, most)
        found = expected_polls(paced, POLICY.stretched(factor))
        if free.busiest <= most:
            assert factor == 1
            continue
        assert 0.95 * most <= found.busiest <= most
        # Nobody is left out, and who waits longer waited longer before; hours decide among neighbours.
        assert found.polls.min() >= 1 / (7 * 24)
        order = np.argsort(free.delays)
        slow, quick = order[-count // 4 :], order[: count // 4]
        assert found.delays[slow].mean() >= found.delays[quick].mean()
        before = free.delays[slow].mean() / free.delays[quick].mean()
        after = found.delays[slow].mean() / found.delays[quick].mean()
        assert before / 4 <= after <= before * 4


def test_fixed_feeds_stand_whatever_the_limit() -> None:
    known = habits([], NOW)
    every = [PacedFeed(known, every_s=600)] * 10
    free = [PacedFeed(habits(one, NOW)) for one in histories(20)]
    factor = stretch_for(every + free, POLICY, 61)
    found = expected_polls(every + free, POLICY.stretched(factor))
    assert found.polls[:10].tolist() == pytest.approx([6.0] * 10)
    assert found.busiest <= 61
    assert stretch_for(every, POLICY, 1) == 10_000  # as far as it goes


def test_a_sample_stands_for_all() -> None:
    paced = [PacedFeed(habits(one, NOW)) for one in histories(60)]
    sampled = stretch_for(paced, POLICY, 100, standing=4)
    found = expected_polls(paced * 4, POLICY.stretched(sampled)).busiest
    assert 0.85 * 100 <= found <= 100  # a little lower than by all of them


def test_an_operators_interval_is_never_stretched() -> None:
    pace = Pace(POLICY, DAY, Every(HOUR))
    assert pace.stretched(7).schedule is pace.schedule
    assert pace.stretched(1) is pace
    assert pace.stretched(3).bounds.max_interval == 3 * DAY
    assert pace.stretched(30).bounds.max_interval == WEEK
    assert Policy(HOUR, 3 * WEEK).stretched(2).max_interval == 3 * WEEK


@given(
    st.lists(st.lists(st.integers(0, 90 * 24 * 60), max_size=64), min_size=1, max_size=2),
    st.sampled_from([6 * HOUR, 3 * DAY]),
    st.sampled_from([6 * HOUR, DAY, 30 * DAY]),
    st.floats(0, 1e6),
)
def test_whatever_the_habits_numbers_come_out(
    ages: list[list[int]], shortest: timedelta, longest: timedelta, floor: float
) -> None:
    policy = Policy(min(shortest, longest), longest)
    feeds = [
        PacedFeed(habits([NOW.timestamp() - 60 * one for one in some], NOW), floor_s=floor)
        for some in ages
    ]
    found = expected_polls(feeds, policy)
    assert np.isfinite(found.polls).all()
    assert np.isfinite(found.delays).all()
    assert (found.polls > 0).all()
    assert (found.delays >= 0).all()
    slower = expected_polls(feeds, policy.stretched(4)).polls.sum()
    assert slower <= found.polls.sum() * 1.1
