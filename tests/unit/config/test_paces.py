"""What decides how often a stored feed is polled: operator, failures, hub, publisher, habits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.config.config import Config
from aggregator.config.paces import bounds_of, paced_feed
from aggregator.config.settings import FeedSettings, Settings
from aggregator.model import FeedPace, UpdateHints
from aggregator.schedule.expected_polls import PacedFeed

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
URL = "https://a.example/feed"


def paced(stored: dict[str, Any], **feed: Any) -> PacedFeed:
    own = FeedSettings.model_validate({"url": URL, **feed})
    config = Config(Settings(feeds=(own,)), feeds=(own,))
    return paced_feed(config, FeedPace(1, own.key, **stored), bounds_of(config), NOW)


def test_the_operators_word_stands_alone() -> None:
    hints = UpdateHints(min_interval=timedelta(days=2))
    assert paced({"hints": hints}, every="30m").every_s == 1800
    daily = paced({}, cron="0 7 * * *")
    assert sorted(daily.fires) == [day * 86_400 + 7 * 3600 for day in range(7)]
    assert paced({}, cron="0 7 1 1 *").every_s == 7 * 86_400  # not within a week
    assert len(paced({}, cron="* * * * *").fires) == 7 * 24 * 60


def test_what_fails_is_left_alone_for_longer() -> None:
    assert paced({"failures": 1}).every_s == 3600 * 1.5
    assert paced({"failures": 99}).every_s == pytest.approx((3600 + 7 * 86_400) / 2)
    assert paced({"failures": 1}, every="10m").every_s == 600 * 1.5


def test_publishers_and_hubs_are_floors() -> None:
    assert paced({"hints": UpdateHints(min_interval=timedelta(hours=6))}).floor_s == 6 * 3600
    assert paced({"hints": UpdateHints(min_interval=timedelta(days=99))}).floor_s == 7 * 86_400
    assert paced({"pushed_until": NOW + timedelta(days=3)}).floor_s == 86_400
    assert paced({"pushed_until": NOW - timedelta(days=3)}).floor_s == 0
    assert paced({"costly": True}).costly
