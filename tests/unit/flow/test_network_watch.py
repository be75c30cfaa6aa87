"""What one process remembers of its network: whose silence counts, and who is forgiven."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.flow.network_watch import NetworkWatch
from aggregator.model import Feed, PollOutcome, PollResult

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
URLS = [f"https://{n}.example/" for n in range(5)]
CONFIG = Config(Settings(), None, tuple(FeedSettings(url=url) for url in URLS))
NEVER_POLLED = [Feed(n, url, url) for n, url in enumerate(URLS)]
WELL = [replace(feed, last_success=NOW) for feed in NEVER_POLLED]
FAILING = [replace(feed, last_error="x") for feed in WELL]


def missed(watch: NetworkWatch, feeds: list[Feed], result: PollResult) -> list[int]:
    return [
        number
        for feed in feeds
        for number in watch.missed(feed, PollOutcome(feed.id, result, NOW, NOW), CONFIG, NOW)
    ]


def test_only_feeds_that_were_well_prove_an_outage() -> None:
    for feeds, proves in ((NEVER_POLLED, False), (FAILING, False), (WELL, True)):
        watch = NetworkWatch()
        watch.heard()
        forgiven = missed(watch, feeds, PollResult.FAILED)
        assert watch.down is proves
        assert forgiven == ([0, 1, 2, 3, 4] if proves else [])


def test_before_anything_was_heard_new_feeds_count_and_failing_ones_do_not() -> None:
    watch = NetworkWatch()
    missed(watch, [replace(feed, failures=1) for feed in WELL], PollResult.FAILED)
    assert not watch.down
    missed(watch, NEVER_POLLED, PollResult.FAILED)
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
