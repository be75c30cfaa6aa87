"""Paces of many feeds, and the factor on which all processes agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from aggregator.app.poll_plans import make_plans
from aggregator.config.config import Config
from aggregator.config.settings import ScheduleSettings, Settings
from aggregator.flow.poll_budget import PollBudget
from aggregator.model import FeedPace, StoredStretch, UpdateHints, Validators
from aggregator.store.db.tables import feeds
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, new

SOME = [f"https://{host}.example/{n}" for host in "abc" for n in range(4)]


def limited(most: int, **schedule: timedelta) -> Config:
    return Config(Settings(schedule=ScheduleSettings(max_polls_per_hour=most, **schedule)))


async def polled(stored: Stored) -> None:
    """Twelve feeds, each with many entries of late."""
    await stored.subscribe(*SOME)
    for url in SOME:
        news = [new(f"{url} {i}", published=NOW - i * HOUR) for i in range(20)]
        await stored.poll(url, *news)


async def test_what_the_cadence_needs_to_know_is_read_by_pages(stored: Stored) -> None:
    await stored.subscribe(*SOME, "https://d.example/paused")
    hints = UpdateHints(min_interval=2 * HOUR)
    outcome = {"validators": Validators(SOME[0], "e", None)}
    await stored.poll(SOME[0], new("one", published=NOW - HOUR), **outcome)
    first = await stored.store.paces(0, 5)
    second = await stored.store.paces(first[-1].id, 100)
    found = [*first, *second]
    assert len(first) == 5
    assert [one.id for one in found] == sorted({one.id for one in found})
    assert len(found) == len(SOME) + 1
    assert await stored.store.paces(found[-1].id, 100) == []
    polled_one = next(one for one in found if one.recent)
    assert polled_one == FeedPace(
        polled_one.id, polled_one.key, polled_one.title, "a.example",
        recent=polled_one.recent, hints=polled_one.hints,
    )  # fmt: skip
    assert polled_one.hints in (UpdateHints(), hints)


async def test_a_sample_is_the_same_each_time_and_knows_how_many_there_are(stored: Stored) -> None:
    await stored.subscribe(*SOME)
    all_of_them = await stored.store.pace_sample(100)
    assert (all_of_them.total, len(all_of_them.feeds)) == (12, 12)
    some = await stored.store.pace_sample(3)
    assert (some.total, len(some.feeds)) == (12, 3)
    assert some == await stored.store.pace_sample(3)
    await stored.subscribe(*SOME[:2])
    assert (await stored.store.pace_sample(1)).total == 2


async def test_feeds_that_are_not_polled_are_no_part_of_a_sample(stored: Stored) -> None:
    await stored.subscribe(*SOME)
    with stored.database.engine.execution_options(writes=True).begin() as connection:
        for number, values in enumerate(({"paused": True}, {"gone": True}), 1):
            connection.execute(update(feeds).where(feeds.c.id % 6 == number).values(values))
        connection.execute(update(feeds).where(feeds.c.id == 7).values(gone=True))  # and paused
    for most in (100, 3):
        sample = await stored.store.pace_sample(most)
        assert (sample.total, len(sample.feeds)) == (8, min(8, most))


async def test_all_processes_plan_with_the_factor_that_one_of_them_found(stored: Stored) -> None:
    await polled(stored)
    config, now = limited(3), stored.clock.now()
    one, other = PollBudget(), PollBudget()
    await one.refresh(config, stored.store, now)
    assert one.stretch > 2
    await other.refresh(config, stored.store, now + MINUTE)
    assert other.stretch == pytest.approx(one.stretch, rel=1e-5)
    known = await stored.store.stretch()
    assert known is not None
    # Of two that find it old, one finds it anew.
    assert await stored.store.begin_stretch(known, now + HOUR)
    assert not await stored.store.begin_stretch(known, now + HOUR)
    await stored.store.set_stretch(replace(known, factor=1.5, at=now + HOUR))
    await other.refresh(config, stored.store, now + HOUR + MINUTE)
    assert other.stretch == 1.5
    # Other settings ask for another one at once, and none for none.
    await other.refresh(limited(6), stored.store, now + HOUR + MINUTE)
    assert 1 < other.stretch < one.stretch
    await other.refresh(limited(0), stored.store, now + HOUR)
    assert other.stretch == 1


async def test_the_first_of_all_finds_it_once(stored: Stored) -> None:
    await polled(stored)
    assert await stored.store.stretch() is None
    assert await stored.store.begin_stretch(None, NOW)
    assert not await stored.store.begin_stretch(None, NOW)
    await stored.store.set_stretch(StoredStretch(2.25, NOW, 7))
    assert await stored.store.stretch() == StoredStretch(2.25, NOW, 7)


async def test_a_plan_adds_up_all_feeds_and_says_what_settings_would_change(stored: Stored) -> None:
    await polled(stored)
    now, then = await make_plans(
        stored.store, [limited(0), limited(3, max_interval=2 * DAY)], 2, stored.clock.now()
    )
    assert (now.feeds, now.fixed, now.stretch, len(now.by_hour)) == (12, 0, 1.0, 24)
    assert sum(now.by_hour) / 24 == pytest.approx(now.polls, rel=0.03)
    assert (len(now.worst), len(now.hosts)) == (2, 2)
    assert [(one.feeds, one.host[1:]) for one in now.hosts] == [(4, ".example")] * 2
    assert now.hosts[0].polls == pytest.approx(now.polls / 3, rel=0.1)
    assert now.worst[0].delay >= now.worst[1].delay >= now.delay_of_feeds * 0.9
    assert then.stretch > 2
    assert 0.9 * 3 <= then.busiest <= 3
    assert then.delay_of_entries > 2 * now.delay_of_entries


async def test_a_plan_of_nothing_is_empty(stored: Stored) -> None:
    (plan,) = await make_plans(stored.store, [limited(5)], 2, NOW)
    assert (plan.feeds, plan.polls, plan.worst, plan.hosts) == (0, 0.0, (), ())
