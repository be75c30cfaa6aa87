"""What one process remembers of its network: whose silence counts, and who is forgiven."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.flow.network_watch import Attempt, NetworkWatch
from aggregator.model import PollResult
from aggregator.schedule.outage import Reach

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
URLS = [f"https://{n}.example/" for n in range(5)]
CONFIG = Config(Settings(), None, tuple(FeedSettings(url=url) for url in URLS))
NEVER_WELL = [
    Attempt(
        n,
        f"{n}.example",
        Reach.SILENT,
        was_well=False,
        failures=0,
        result=PollResult.FAILED,
        began=NOW,
    )
    for n in range(5)
]
WELL = [replace(attempt, was_well=True) for attempt in NEVER_WELL]


def missed(watch: NetworkWatch, attempts: list[Attempt], result: PollResult) -> list[int]:
    ended = [replace(attempt, result=result) for attempt in attempts]
    return [number for attempt in ended for number in watch.missed(attempt, CONFIG, NOW)]


def test_only_feeds_that_were_well_prove_an_outage() -> None:
    for attempts, proves in ((NEVER_WELL, False), (WELL, True)):
        watch = NetworkWatch()
        watch.heard()
        forgiven = missed(watch, attempts, PollResult.FAILED)
        assert watch.down is proves
        assert forgiven == ([0, 1, 2, 3, 4] if proves else [])


def test_before_anything_was_heard_new_feeds_count_and_failing_ones_do_not() -> None:
    watch = NetworkWatch()
    missed(watch, [replace(attempt, failures=1) for attempt in WELL], PollResult.FAILED)
    assert not watch.down
    missed(watch, NEVER_WELL, PollResult.FAILED)
    assert watch.down


def test_in_an_outage_only_what_was_counted_is_forgiven() -> None:
    watch = NetworkWatch()
    missed(watch, WELL, PollResult.FAILED)
    assert missed(watch, WELL[:1], PollResult.OFFLINE) == []
    assert missed(watch, WELL[:1], PollResult.FAILED) == [0]  # was under way when it was told


def test_it_is_only_suspected_while_something_is_under_way() -> None:
    watch = NetworkWatch()
    with watch.asking():
        assert missed(watch, WELL, PollResult.FAILED) == []
        assert not watch.down
        assert not watch.may_probe(NOW)  # nothing more is asked meanwhile
    assert watch.judge(CONFIG, NOW) == (0, 1, 2, 3, 4)
    assert watch.down


def test_attempts_are_a_minute_apart_except_in_a_single_run() -> None:
    watch = NetworkWatch()
    assert watch.may_probe(NOW)
    missed(watch, WELL, PollResult.FAILED)
    assert not watch.may_probe(NOW + timedelta(seconds=59))
    assert watch.may_probe(NOW + timedelta(seconds=60))
    assert not watch.may_probe(NOW + timedelta(seconds=61))
    watch.single_run = True
    assert watch.may_probe(NOW + timedelta(seconds=61))


def test_the_end_is_prepared_once() -> None:
    watch = NetworkWatch()
    assert not watch.begin_end()
    missed(watch, WELL, PollResult.FAILED)
    assert watch.begin_end()
    assert not watch.begin_end()
    watch.heard()
    assert not watch.down
    assert not watch.begin_end()
