"""why_worse: a later text of a page against the one that is stored."""

import pytest

from aggregator.extract.judging.better import why_worse


@pytest.mark.parametrize(
    ("stored", "stored_confidence", "new", "confidence", "worse"),
    [
        (5000, 0.9, 5200, 0.5, False),
        (5000, 0.9, 3100, 0.9, False),
        (5000, 0.9, 1000, 0.95, True),
        (5000, 0.9, 0, 1.0, True),
        (5000, 0.5, 1000, 0.9, False),  # the stored text was hardly believed
        (5000, None, 1000, 0.1, True),
        (150, 0.9, 60, 0.1, True),  # a brief notice, and less than that
        (150, 0.9, 140, 0.9, False),
        (5000, 0.9, 3500, 0.7, True),  # cut off, and the page says that it is not free
        (5000, 0.9, 3500, 0.85, False),
        (5000, 0.9, 4500, 0.7, False),
        (5000, 0.9, 9000, 0.1, True),  # another page by now
        (60, 0.95, 5000, 0.45, False),  # far more than a line
        (5000, 0.4, 9000, 0.2, False),
        (5000, None, 6000, 0.1, False),
        (0, None, 10, 0.1, False),
    ],
)
def test_worse(
    stored: int, stored_confidence: float | None, new: int, confidence: float, *, worse: bool
) -> None:
    assert bool(why_worse(stored, stored_confidence, new, confidence)) is worse
