"""Marks of truncation at the end of a feed's text."""

from __future__ import annotations

import pytest

from aggregator.text.truncation import is_truncated


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The river rose and […]", True),
        ("The river rose and... »", True),
        ("The river rose. Weiterlesen", True),
        ("The river rose and […] The post The river appeared first on The Weir.", True),
        ("The river… rose.", False),
        ("", False),
    ],
)
def test_a_mark_at_the_end_says_that_the_rest_stands_elsewhere(text: str, *, cut: bool) -> None:
    assert is_truncated(text) is cut
