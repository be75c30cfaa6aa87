"""The health feed's items: names, reasons, and nothing that its readers must not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import FeedName, HealthEvent, HealthKind, OutputFeed
from aggregator.privacy.public import Disclosure
from aggregator.publish.formats import FORMATS
from aggregator.publish.health_items import health_feed
from aggregator.publish.render import render
from tests.support.feed_rules import faults

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
OPEN = FeedName("https://a.example/feed", "https://a.example/feed", "A <b>&", "https://a.example/")
PAID = FeedName("paid", "https://p.example/feed/swordfish-and-more", "", None)
HIDDEN = FeedName("hidden", "https://h.example/feed", "Hidden", None)
TOLD = {
    OPEN.key: Disclosure(),
    PAID.key: Disclosure(private=True, secrets=frozenset({"swordfish-and-more"})),
}


def event(
    kind: HealthKind, feed: FeedName | None = OPEN, uid: str = "1", **fields: object
) -> HealthEvent:
    made = HealthEvent(f"urn:uuid:00000000-0000-4000-8000-00000000000{uid}", kind, NOW, feed)
    return replace(made, **fields)  # type: ignore[arg-type]


def made(*events: HealthEvent) -> OutputFeed:
    base = "https://me.example/r"
    return health_feed(events, TOLD.get, title="Mine", base_url=base, id_base=base)


def test_an_event_says_what_happened_to_whom_and_why() -> None:
    error = "https://a.example/feed: HTTP status 500 <x>"
    broke = event(HealthKind.BROKE, error=error, failures=3)
    back, move = event(HealthKind.BACK, uid="2"), event(HealthKind.MOVED, uid="3")
    move = replace(move, former_url=OPEN.url, url="https://b.example/feed")
    feed = made(broke, back, move)
    assert [one.title for one in feed.items] == ["A <b>& broke", "A <b>& is back", "A <b>& moved"]
    assert [one.content_html for one in feed.items] == [
        "<p>3 polls in a row failed: HTTP status 500 &lt;x&gt;</p>",
        "<p>It answers again.</p>",
        "<p>From https://a.example/feed to https://b.example/feed.</p>",
    ]
    assert [one.id for one in feed.items] == [broke.uid, back.uid, move.uid]
    assert feed.links["atom"] == "https://me.example/r/status.atom"
    assert feed.updated == NOW


def test_a_feed_that_may_not_be_told_of_is_nowhere() -> None:
    covers = (event(HealthKind.BROKE, HIDDEN), event(HealthKind.BROKE))
    summary = event(
        HealthKind.SUMMARY, None, day="2026-11-02", covers=covers, broken=(HIDDEN, OPEN)
    )
    feed = made(event(HealthKind.BROKE, HIDDEN, "2"), summary)
    (only,) = feed.items
    assert only.title == "Feeds on 2026-11-02: 1 broke, 1 broken now"
    assert made(replace(summary, covers=covers[:1])).items == ()  # nor is that something happened
    for kind in FORMATS:
        assert b"idden" not in render(feed, kind)
        assert b"h.example" not in render(feed, kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_of_a_private_feed_the_host_alone_is_told(kind: str) -> None:
    reason = f"{PAID.url}: no answer from https://p.example/feed/swordfish-and-more?x"
    moved = event(HealthKind.MOVED, PAID, "2", former_url=PAID.url, url=f"{PAID.url}/there")
    body = render(made(event(HealthKind.BROKE, PAID, error=reason, failures=4), moved), kind)
    assert b"swordfish" not in body
    assert b"p.example" in body


def test_a_summary_lists_each_kind_and_is_bounded() -> None:
    covers = tuple(event(HealthKind.BROKE, failures=3) for _ in range(60))
    summary = event(
        HealthKind.SUMMARY, None, day="2026-11-02", covers=(*covers, event(HealthKind.BACK))
    )
    (item,) = made(summary).items
    assert item.summary == "60 broke, 1 came back"
    assert item.content_html.count("<li>") == 52
    assert "<li>and 10 more</li>" in item.content_html


def test_the_same_events_are_the_same_bytes_and_none_are_a_feed_too() -> None:
    for kind in FORMATS:
        assert render(made(event(HealthKind.BACK)), kind) == render(
            made(event(HealthKind.BACK)), kind
        )
        assert b"Mine: state of the feeds" in render(made(), kind)


@given(title=st.text(max_size=40), error=st.text(max_size=60), is_secret=st.booleans())
def test_whatever_a_feed_is_called_the_health_feed_is_valid(
    title: str, error: str, *, is_secret: bool
) -> None:
    name = replace(OPEN, title=title, site_url=None if is_secret else OPEN.site_url)
    # Even the host is secret: no address is left to show.
    known = (
        Disclosure(private=True, secrets=frozenset({"a.example"})) if is_secret else Disclosure()
    )
    broke = event(HealthKind.BROKE, name, error=error, failures=3)
    moved = event(HealthKind.MOVED, name, "2", former_url=error, url=name.url)
    summary = event(
        HealthKind.SUMMARY, None, "3", day="2026-11-02", covers=(broke, moved), broken=(name,)
    )
    feed = health_feed(
        (summary, moved, broke),
        lambda _: known,
        title=title,
        base_url="https://me.example",
        id_base="x",
    )
    assert len(feed.items) == 3
    for kind in FORMATS:
        assert faults(render(feed, kind)) == []
