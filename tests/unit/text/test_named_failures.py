"""What went wrong with which feed."""

from __future__ import annotations

import pytest

from aggregator.text.named_failures import named_failure

URL = "https://a.example/feed"


@pytest.mark.parametrize(
    ("title", "error", "said"),
    [
        ("A\n b", "NotAFeed: it is a web page", f"A b ({URL}): NotAFeed: it is a web page"),
        ("A", f"{URL}: HTTP status 500", f"A ({URL}): HTTP status 500"),
        ("", f"{URL}: HTTP status 500", f"{URL}: HTTP status 500"),
        (URL, "TimedOut", f"{URL}: TimedOut"),
        ("A", "https://b.example/: no", f"A ({URL}): https://b.example/: no"),
    ],
)
def test_a_failure_names_the_feed_once(title: str, error: str, said: str) -> None:
    assert named_failure(title, URL, error) == said
