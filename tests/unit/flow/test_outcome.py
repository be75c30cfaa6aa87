"""What the end of a poll means: pace, validators, address, blame."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import AggregatorError, Gone, HostOnCooldown, HttpStatus, TimedOut
from aggregator.flow.outcome import (
    PollFacts,
    failed,
    offline,
    postponed,
    pushed,
    unchanged,
    understood,
    validators_after,
)
from aggregator.model import (
    Address,
    ClaimedFeed,
    EntryDelta,
    Feed,
    HealthKind,
    Hop,
    Lease,
    Move,
    ParsedFeed,
    PollResult,
    Response,
    UpdateHints,
    Validators,
)
from aggregator.schedule.cadence import Pace, Policy
from aggregator.schedule.triggers import Every, Schedule

URL = "https://a.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = Feed(1, URL, URL, validators=Validators(URL, '"old"'), body_hash="old")


def facts(feed: Feed = FEED, schedule: Schedule | None = None, chance: float = 0) -> PollFacts:
    claimed = ClaimedFeed(
        feed, Lease(1, NOW), tuple(int((NOW - n * HOUR).timestamp()) for n in range(60))
    )
    return PollFacts(claimed, Pace(Policy(HOUR, DAY), 4 * HOUR, schedule), NOW, chance)


BROKE, BACK, MOVED = HealthKind.BROKE, HealthKind.BACK, HealthKind.MOVED


@pytest.mark.parametrize(
    ("failures", "error", "after", "health"),
    [
        (1, TimedOut(URL, ""), 3, ()),
        (2, TimedOut(URL, ""), 3, (BROKE,)),
        (7, TimedOut(URL, ""), 3, (BROKE,)),  # where it was told already, the store knows
        (0, Gone(URL, 410), 3, (BROKE,)),
        (7, TimedOut(URL, ""), 0, ()),  # switched off
    ],
)
def test_a_feed_is_broken_after_so_many_failures(
    failures: int, error: AggregatorError, after: int, health: tuple[HealthKind, ...]
) -> None:
    given = replace(facts(replace(FEED, failures=failures)), broken_after=after)
    assert failed(given, error).health == health
    down = failed(given, TimedOut(URL, ""), NOW - HOUR)
    assert (down.result, down.health) == (PollResult.OFFLINE, ())  # it is us


def test_an_answer_after_failures_is_a_feed_that_is_back_and_an_address_adopted_is_a_move() -> None:
    parsed = ParsedFeed("T")
    for count, health in ((0, ()), (1, (BACK,))):
        given = replace(facts(replace(FEED, failures=count)), broken_after=3)
        assert unchanged(given, response(304)).health == health
        assert understood(given, response(), parsed, EntryDelta(), "h").health == health
    away = replace(FEED, url="https://b.example/feed", failures=9, last_success=NOW - 8 * DAY)
    lost = failed(replace(facts(away), broken_after=3), TimedOut(URL, ""))
    assert lost.health == (BROKE, MOVED)  # the configured address is asked again


def response(status: int = 200, hops: tuple[Hop, ...] = (), **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, status, named, b"", 0, timedelta(0), hops)


def test_a_feed_that_a_hub_tells_of_is_polled_for_safety_only() -> None:
    pushed = replace(FEED, pushed_until=NOW + DAY)
    assert unchanged(facts(), response(304)).next_poll == NOW + HOUR
    assert unchanged(facts(pushed), response(304)).next_poll == NOW + 4 * HOUR


def test_redirects_can_ask_to_wait() -> None:
    hops = (Hop(URL, 302, URL, {"retry-after": "7200"}), Hop(URL, 302, URL, {"x": "y"}))
    assert unchanged(facts(), response(304, hops)).next_poll == NOW + 2 * HOUR
    floors = response(304, hops, cache_control="max-age=10800")
    assert unchanged(facts(), floors).next_poll == NOW + 3 * HOUR
    # A redirect may itself be kept for long; that says nothing of the feed.
    kept = (Hop(URL, 301, URL, {"cache-control": "max-age=604800"}),)
    assert unchanged(facts(), response(304, kept)).next_poll == NOW + HOUR


def test_the_operators_schedule_beats_hints_and_not_http() -> None:
    hinted = replace(FEED, hints=UpdateHints(DAY), next_poll=NOW)
    every = Every(HOUR / 2)
    given = facts(hinted, every)
    assert unchanged(given, response(304)).next_poll == every.next_after(NOW, NOW)
    later = unchanged(given, response(304, cache_control="max-age=7200"))
    assert later.next_poll == NOW + 2 * HOUR
    assert failed(given, TimedOut(URL, "")).next_poll == NOW + HOUR / 2
    assert failed(facts(hinted), TimedOut(URL, "")).next_poll == NOW + DAY


@pytest.mark.parametrize(
    ("status", "partial", "told", "etag", "body_hash", "whole"),
    [
        (200, False, True, '"new"', "new", True),
        (200, False, False, '"new"', "new", True),
        (200, True, True, '"new"', "new", False),
        (200, True, False, None, "", False),
        (226, False, True, '"new"', "", False),
    ],
)
def test_what_is_kept_of_a_document(
    status: int, partial: bool, told: bool, etag: str | None, body_hash: str, whole: bool
) -> None:
    length = {"content-length": "9"} if told else {}
    answer = replace(response(status), headers={"etag": '"new"', **length})
    outcome = understood(facts(), answer, ParsedFeed("t", partial=partial), EntryDelta(), "new")
    assert (outcome.validators and outcome.validators.etag) == etag
    assert (outcome.body_hash, outcome.whole) == (body_hash, whole)


def test_a_304_is_no_whole_document_and_the_same_bytes_are_one() -> None:
    assert not unchanged(facts(), response(304)).whole
    assert unchanged(facts(), response(200)).whole
    assert unchanged(facts(), response(304)).result is PollResult.NOT_MODIFIED
    assert unchanged(facts(), response(200)).result is PollResult.UNCHANGED
    assert failed(facts(), TimedOut(URL, ""), asked_whole=True).whole


def test_what_stays_as_it_was_is_not_written_again() -> None:
    same = unchanged(facts(), response(304, etag='"old"'))
    assert (same.validators, same.address, same.body_hash) == (None, None, None)
    bare = replace(FEED, validators=None)
    assert unchanged(facts(bare), response(200)).validators is None
    assert unchanged(facts(bare), response(200, etag="x")).validators == Validators(URL, "x")
    assert unchanged(facts(), response(200)).validators == Validators(URL)  # it gives none now
    moving = replace(FEED, move=Move("https://b.example/", 1, NOW))
    assert unchanged(facts(moving), response(304)).address == Address(URL)


def test_who_turns_us_away_is_left_alone_for_longer() -> None:
    refusal = HttpStatus(URL, 403)
    challenge = HttpStatus(URL, 503, {"cf-mitigated": "challenge"})
    again = replace(FEED, failures=1)
    assert failed(facts(), refusal).next_poll == NOW + HOUR
    assert failed(facts(again), refusal).next_poll == NOW + 6 * HOUR
    assert failed(facts(), challenge).next_poll == NOW + 6 * HOUR
    assert failed(facts(again), HttpStatus(URL, 404)).next_poll == NOW + HOUR


def test_a_failure_keeps_out_of_the_hours_to_skip() -> None:
    night = replace(FEED, hints=UpdateHints(skip_hours=frozenset({13, 14})))
    assert failed(facts(night), TimedOut(URL, "")).next_poll == NOW + 3 * HOUR


def test_the_configured_address_is_asked_again_soon() -> None:
    lost = replace(
        FEED,
        configured_url="https://key.example/",
        failures=9,
        last_success=NOW - timedelta(days=8),
    )
    outcome = failed(facts(lost, chance=0.99), TimedOut(URL, ""))
    assert outcome.address == Address("https://key.example/")
    assert outcome.next_poll < NOW + 2 * HOUR
    assert outcome.failures == 10


def test_gone_resting_and_offline_are_told_apart() -> None:
    assert failed(facts(), Gone(URL, 410)).result is PollResult.GONE
    rest = postponed(FEED.id, HostOnCooldown(URL, 429, {"retry-after": "60"}), NOW)
    assert (rest.result, rest.next_poll) == (PollResult.POSTPONED, NOW + timedelta(minutes=1))
    ours = offline(facts(replace(FEED, failures=3)), TimedOut(URL, ""), NOW)
    assert (ours.result, ours.failures) == (PollResult.OFFLINE, 3)
    assert ours.next_poll == NOW + timedelta(minutes=10)


def test_silence_counts_against_no_feed_while_our_own_network_is_down() -> None:
    silent, refused = TimedOut(URL, ""), HttpStatus(URL, 404)
    assert failed(facts(), silent).result is PollResult.FAILED
    assert failed(facts(), silent, NOW).result is PollResult.OFFLINE
    assert failed(facts(), refused, NOW).result is PollResult.FAILED


def test_what_was_pushed_puts_the_poll_back_where_it_was_planned() -> None:
    feed = replace(FEED, next_poll=NOW + HOUR)
    assert pushed(feed, EntryDelta(), NOW + DAY, NOW).next_poll == NOW + DAY
    assert pushed(feed, EntryDelta(), NOW, NOW).next_poll == NOW + HOUR
    assert pushed(FEED, EntryDelta(), NOW, NOW).result is PollResult.PUSHED


def test_a_304_keeps_the_validators_that_it_does_not_repeat() -> None:
    stored = Validators(URL, '"1"', "Mon")
    assert validators_after(stored, response(304)) == stored
    assert validators_after(stored, response(304, etag='"2"')) == Validators(URL, '"2"', "Mon")
    assert validators_after(stored, response(200)) == Validators(URL)
    assert validators_after(stored, response(226, etag='"3"')) == Validators(URL, '"3"', "Mon")
    other = replace(response(304), url="https://b.example/")
    assert validators_after(stored, other) == Validators("https://b.example/")
