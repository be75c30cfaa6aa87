"""An outage of our own: when it is told, that one answer ends it, that what follows is spread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import (
    AddressRefused,
    BadBody,
    ConnectFailed,
    Gone,
    HostOnCooldown,
    HttpStatus,
    NameNotResolved,
    NameServersSilent,
    ParseError,
    StoreError,
    TimedOut,
    TlsFailed,
)
from aggregator.schedule.outage import (
    SPREAD,
    WINDOW,
    Network,
    Reach,
    Silence,
    hosts_of,
    needed,
    offline_pause,
    reach,
    spread,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://a.example/feed"
chances = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, Reach.ANSWERED),
        (HttpStatus(URL, 500), Reach.ANSWERED),
        (Gone(URL, 410), Reach.ANSWERED),
        (BadBody(URL, "cut"), Reach.ANSWERED),
        (ParseError("no feed"), Reach.ANSWERED),
        (NameNotResolved(URL, ""), Reach.SILENT),
        (NameServersSilent(URL, ""), Reach.UNRESOLVED),
        (ConnectFailed(URL, ""), Reach.SILENT),
        (TimedOut(URL, ""), Reach.SILENT),
        (HostOnCooldown(URL, 429), Reach.UNKNOWN),
        (AddressRefused(URL, ""), Reach.UNKNOWN),
        (TlsFailed(URL, ""), Reach.UNKNOWN),
        (StoreError("ours"), Reach.UNKNOWN),
    ],
)
def test_what_an_end_says_of_the_network(error: Exception | None, said: Reach) -> None:
    assert reach(error) is said


def test_hosts_are_told_apart_by_name() -> None:
    assert hosts_of([URL, "http://a.example/y", "https://b.example/"]) == 2


@pytest.mark.parametrize(
    ("hosts", "wanted"),
    [(0, 2), (1, 2), (2, 2), (3, 3), (10, 3), (20, 4), (100, 20), (250, 50), (10**6, 50)],
)
def test_how_many_hosts_have_to_be_silent(hosts: int, wanted: int) -> None:
    assert needed(hosts) == wanted


def silence(host: int, second: int = 0) -> Silence:
    return Silence(host, f"{host}.example", NOW + timedelta(seconds=second))


@given(st.integers(2, 400), st.lists(st.none() | st.integers(0, 30), max_size=80))
def test_an_outage_is_enough_silent_hosts_in_a_row(hosts: int, ends: list[int | None]) -> None:
    network, row = Network(), list[int]()
    for second, end in enumerate(ends):
        if end is None:
            network, row = network.heard(), []
        else:
            network = network.missed(silence(end, second)).judged(hosts, 0, NOW)
            row.append(end)
        assert network.down == (len(set(row)) >= needed(hosts))
        assert [one.feed_id for one in network.silent] == row
    if network.down:
        assert network.down_since == network.silent[0].at


def silent(*hosts: int) -> Network:
    network = Network()
    for host in hosts:
        network = network.missed(silence(host))
    return network


def test_what_is_under_way_may_still_prove_it_wrong() -> None:
    network = silent(1, 2, 3)
    assert network.suspects(3)
    assert not network.judged(3, 5, NOW).down
    assert network.judged(3, 0, NOW).down
    assert network.judged(3, 5, NOW + timedelta(minutes=1)).down
    assert not silent(1, 2).judged(3, 0, NOW).down


def test_one_host_alone_is_never_an_outage() -> None:
    network = silent(*[1] * 2 * WINDOW)
    assert not network.judged(1, 0, NOW).down
    assert len(network.silent) == WINDOW  # bounded, however long it lasts


def test_one_answer_ends_it_and_nothing_of_it_is_left() -> None:
    network = silent(1, 2, 3).judged(3, 0, NOW)
    assert network.down
    assert network.heard() == Network()


@given(st.timedeltas(timedelta(0), timedelta(days=400)), chances)
def test_a_feed_asked_in_vain_waits_about_an_interval(lasts: timedelta, chance: float) -> None:
    wait = offline_pause(NOW, NOW + lasts, HOUR, chance)
    assert min(HOUR, SPREAD) <= wait <= 1.5 * HOUR


def test_a_feed_is_asked_in_vain_no_more_often_than_it_is_polled() -> None:
    assert offline_pause(NOW, NOW + 10 * HOUR, HOUR, 0) == HOUR
    assert offline_pause(NOW, NOW, timedelta(minutes=2), 0) == timedelta(minutes=2)


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=60), st.sampled_from([60, 3600]))
def test_what_is_due_is_spread_evenly_in_its_order(feeds: list[int], seconds: int) -> None:
    interval = timedelta(seconds=seconds)
    times = spread(feeds, NOW, interval)
    assert sorted(times, key=lambda feed: times[feed]) == feeds
    offsets = [(times[feed] - NOW).total_seconds() for feed in feeds]
    length = min(interval, SPREAD).total_seconds()
    assert all(0 <= offset < length for offset in offsets)
    gaps = {round(b - a, 3) for a, b in pairwise(offsets)}
    assert all(gap == pytest.approx(length / len(feeds), abs=0.01) for gap in gaps)
