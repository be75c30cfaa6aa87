"""reading_minutes: how long a text takes."""

import pytest

from aggregator.words import reading_minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 0), ("…", 0), ("Rain.", 1), ("word " * 230, 1), ("word " * 1150, 5), ("橋" * 1500, 3)],
)
def test_reading_minutes(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes
