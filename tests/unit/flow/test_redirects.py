"""The life of a feed's address: what is adopted, when, and what never is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.flow.redirects import address_after, address_after_failure, asks_whole
from aggregator.model import Address, Feed, Hop, Move, Response

URL, NEW = "https://a.example/feed", "https://b.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = Feed(1, "the key", URL, configured_url=URL)


def response(url: str = URL, *statuses: int, places: Sequence[str] = ()) -> Response:
    hops = tuple(
        Hop(URL, status, places[place] if places else url) for place, status in enumerate(statuses)
    )
    return Response(url, 200, {}, b"", 0, timedelta(0), hops)


def seen(feed: Feed, answers: Sequence[Response], step: timedelta) -> Feed:
    """``feed`` after ``answers``, one every ``step``."""
    for number, answer in enumerate(answers):
        address = address_after(feed, answer, NOW + number * step)
        if address is not None:
            feed = replace(feed, url=address.url, move=address.move)
    return feed


@pytest.mark.parametrize("status", [301, 308])
def test_a_move_is_adopted_after_three_sightings_over_two_days(status: int) -> None:
    moved = response(NEW, status)
    assert seen(FEED, [moved] * 2, 2 * DAY).url == URL
    assert seen(FEED, [moved] * 2, 2 * DAY).move == Move(NEW, 2, NOW)
    assert seen(FEED, [moved] * 40, timedelta(hours=1)).url == URL
    adopted = seen(FEED, [moved] * 3, DAY)
    assert (adopted.configured_url, adopted.url, adopted.move) == (URL, NEW, None)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_what_is_not_permanent_is_never_adopted(status: int) -> None:
    for statuses in ((status,), (301, status), (status, 301)):
        assert seen(FEED, [response(NEW, *statuses)] * 50, DAY) == FEED


def test_a_sighting_of_anything_else_begins_anew() -> None:
    moved, other = response(NEW, 301), response("https://c.example/feed", 301)
    for between in (other, response(), response(NEW, 302)):
        feed = seen(FEED, [moved, moved, between, moved, moved], 2 * DAY)
        assert feed.url == URL
        assert feed.move is not None
        assert (feed.move.target, feed.move.sightings) == (NEW, 2)


def test_a_chain_is_adopted_at_its_end() -> None:
    middle = "https://m.example/feed"
    feed = seen(FEED, [response(NEW, 301, 308, places=(middle, NEW))] * 3, DAY)
    assert feed.url == NEW


def test_an_upgrade_to_https_needs_less_and_a_downgrade_is_not_adopted() -> None:
    plain, secure = "http://a.example/feed", URL
    old = Feed(1, plain, plain)
    assert seen(old, [response(secure, 301)] * 2, DAY).url == secure
    assert seen(old, [response(secure, 301)] * 2, DAY / 2).url == plain
    assert seen(old, [response(NEW, 301)] * 2, DAY).url == plain  # another host
    assert seen(FEED, [response(plain, 301)] * 50, DAY) == FEED
    detour = response(NEW, 301, 301, places=(plain, NEW))
    assert seen(FEED, [detour] * 50, DAY) == FEED


@given(
    st.lists(
        st.tuples(
            st.sampled_from([(), (301,), (308,), (302,), (301, 307)]),
            st.sampled_from([NEW, "https://c.example/"]),
            st.timedeltas(timedelta(minutes=5), 3 * DAY),
        ),
        max_size=12,
    )
)
def test_nothing_is_adopted_without_three_sightings_in_a_row_over_two_days(
    polls: list[tuple[tuple[int, ...], str, timedelta]],
) -> None:
    feed, now, row = FEED, NOW, list[tuple[str, datetime]]()
    for statuses, target, later in polls:
        now += later
        answer = response(target, *statuses) if statuses else response(feed.url)
        permanent = bool(statuses) and set(statuses) <= {301, 308} and target != feed.url
        if not permanent or (row and row[0][0] != target):
            row.clear()
        if permanent:
            row.append((target, now))
        address = address_after(feed, answer, now) or Address(feed.url, feed.move)
        if address.url != feed.url:
            assert len(row) >= 3
            assert now - row[0][1] >= 2 * DAY
            row.clear()
        feed = replace(feed, url=address.url, move=address.move)


def test_an_adopted_address_that_fails_for_a_week_is_taken_back() -> None:
    adopted = replace(FEED, url=NEW, failures=5, last_success=NOW)
    assert address_after_failure(adopted, NOW + 6 * DAY) is None
    assert address_after_failure(adopted, NOW + 7 * DAY) == Address(URL)
    assert address_after_failure(replace(adopted, url=URL), NOW + 70 * DAY) is None
    # Not polled for long is not the same as failing for long.
    assert address_after_failure(replace(adopted, failures=0), NOW + 70 * DAY) is None


def test_a_whole_document_is_asked_for_monthly_at_most() -> None:
    feed = replace(FEED, last_full=NOW, polls_since_full=100)
    assert asks_whole(feed, NOW + 30 * DAY)
    assert not asks_whole(feed, NOW + 29 * DAY)
    assert not asks_whole(replace(feed, polls_since_full=99), NOW + 300 * DAY)
    assert not asks_whole(replace(feed, failures=1), NOW + 300 * DAY)
    assert not asks_whole(FEED, NOW)


def test_inside_the_operators_networks_no_other_host_is_adopted() -> None:
    near = "https://a.example/new"
    for target, adopted in ((NEW, URL), (near, near)):
        inside = replace(response(target, 301), inside=True)
        assert seen(FEED, [inside] * 3, DAY).url == adopted
