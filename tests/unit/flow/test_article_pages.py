"""When a page is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import (
    AddressRefused,
    BadBody,
    ConnectFailed,
    Gone,
    HttpStatus,
    InvalidUrl,
    NoArticle,
    Throttled,
    TimedOut,
    TooLarge,
    WorkerCrashed,
    WorkerMemory,
    WorkerTimeout,
)
from aggregator.flow.article_pages import article_retry

URL = "https://a.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)

PASSING = [
    ConnectFailed(URL, "refused"),
    TimedOut(URL, "30 s"),
    BadBody(URL, "cut"),
    HttpStatus(URL, 500),
    HttpStatus(URL, 403),
    Throttled(URL, 429),
    WorkerCrashed("died"),
    KeyError("ours"),
]
HOPELESS = [
    HttpStatus(URL, 404),
    Gone(URL, 410),
    InvalidUrl(URL, "not http"),
    AddressRefused(URL, "private"),
    TooLarge(URL, "11 MB"),
    NoArticle("a wall"),
    WorkerTimeout("20 s"),
    WorkerMemory("1 GB"),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_is_tried_again_up_to_the_limit(error: Exception) -> None:
    waits = [article_retry(error, attempts, 4, NOW, 0.5) for attempts in range(1, 6)]
    first, second, third, *last = waits
    assert first is not None
    assert second is not None
    assert third is not None
    assert NOW < first < second < third
    assert last == [None, None]


@pytest.mark.parametrize("error", HOPELESS, ids=repr)
def test_what_cannot_pass_is_given_up_at_once(error: Exception) -> None:
    assert article_retry(error, 1, 20, NOW, 0.5) is None


@given(st.integers(1, 19), st.floats(0, 1, exclude_max=True))
@settings(max_examples=50, deadline=None)
def test_every_wait_is_bounded(attempts: int, chance: float) -> None:
    retry = article_retry(TimedOut(URL, ""), attempts, 20, NOW, chance)
    assert retry is not None
    assert timedelta(minutes=5) <= retry - NOW < timedelta(days=365)
