"""Times as people say them, on a page and in a column."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.text.durations import ago, in_words, short_ago

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "1 minute"),
        (-61, "1 minute"),
        (3599, "59 minutes"),
        (7200, "2 hours"),
        (86400 * 3 + 5, "3 days"),
    ],
)
def test_in_words(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words", "short"),
    [
        (0, "under a minute ago", "0s ago"),
        (-59.9, "under a minute ago", "59s ago"),
        (-3599, "59 minutes ago", "59m ago"),
        (-5400, "1 hour ago", "1h ago"),
        (5, "in under a minute", "in 5s"),
        (86400, "in 1 day", "in 1d"),
    ],
)
def test_a_page_and_a_column_say_the_same(seconds: float, words: str, short: str) -> None:
    moment = NOW + timedelta(seconds=seconds)
    assert (ago(moment, NOW), short_ago(moment, NOW)) == (words, short)


def test_what_never_was() -> None:
    assert ago(None, NOW) == short_ago(None, NOW) == "never"
