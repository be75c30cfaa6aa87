"""An error that comes at every tick is one line, and one when it is over."""

from __future__ import annotations

from collections.abc import Callable

from structlog.testing import capture_logs

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError


def ticks(count: int, *errors: str, seconds: float = 1) -> list[tuple[str, object]]:
    """What is said of so many ticks that fail with these errors in turn, and one that does not."""
    now = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    repeated = RepeatedErrors("cannot claim work", clock, kind="poll")
    with capture_logs() as said:
        for number in range(count):
            repeated.failed(StoreError(errors[number % len(errors)]))
            now[0] += seconds
        repeated.worked()
        repeated.worked()
    assert all(line["kind"] == "poll" for line in said)
    return [(line["event"], line.get("times") or line.get("failures")) for line in said]


def test_once_and_when_it_is_over() -> None:
    assert ticks(1000, "away") == [("cannot claim work", None), ("works again", 1000)]


def test_again_after_an_hour_with_the_count() -> None:
    assert ticks(4000, "away") == [
        ("cannot claim work", None),
        ("cannot claim work", 3601),
        ("works again", 4000),
    ]


def test_two_that_take_turns_are_a_line_a_minute() -> None:
    said = ticks(600, "away", "locked")
    assert 9 <= len(said) <= 12


def test_nothing_is_said_of_what_works() -> None:
    assert ticks(0) == []
