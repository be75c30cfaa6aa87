"""The end of a poll that was asked for, as the database shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.app.poll_requests import FeedPoll, poll_end
from aggregator.model import AskedPoll, FeedStatus, PollResult

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEY = "https://a.example/"
BEFORE = FeedStatus(KEY, KEY, "A", last_poll=AT - timedelta(hours=1), entries=3, result="updated")
ASKED = FeedPoll(KEY, "A", KEY, AskedPoll.SOON)


def test_it_ends_with_a_later_poll() -> None:
    due = replace(BEFORE, next_poll=AT - timedelta(hours=1))
    assert poll_end(ASKED, BEFORE, due, AT) is None
    after = replace(due, last_poll=AT, entries=5, next_poll=AT + timedelta(hours=1))
    end = poll_end(ASKED, BEFORE, after, AT)
    assert end is not None
    assert (end.result, end.new_entries, end.next_poll) == (PollResult.UPDATED, 2, after.next_poll)
    gone = replace(after, result="gone", error="HTTP status 410", next_poll=None, entries=0)
    end = poll_end(ASKED, BEFORE, gone, AT)
    assert end is not None
    assert (end.result, end.error, end.new_entries) == (PollResult.GONE, "HTTP status 410", 0)


def test_it_ends_where_the_host_is_to_be_left_alone() -> None:
    later = replace(BEFORE, next_poll=AT + timedelta(minutes=5))
    end = poll_end(ASKED, BEFORE, later, AT)
    assert end is not None
    assert (end.result, end.next_poll) == (PollResult.POSTPONED, later.next_poll)
    under_way = replace(ASKED, state=AskedPoll.UNDER_WAY)
    assert poll_end(under_way, BEFORE, later, AT) is None  # a hub's delivery is taken in
