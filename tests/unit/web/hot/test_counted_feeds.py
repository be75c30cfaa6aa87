"""Feeds that are answered before the framework are counted as those that it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

from aggregator.model import OutputFeed
from aggregator.publish.render import pack, render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.counting import ReaderCounts
from aggregator.web.daemon_view import OutputInfo, Site
from aggregator.web.hot.rendered_feeds import RenderedFeeds
from aggregator.web.hot.request_head import plain_request
from aggregator.web.policies import Policies

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
OUTPUT = OutputFeed("all", "All", "", "https://me.example", (), NOW)


def test_each_answer_is_counted_with_its_status_and_reader() -> None:
    snapshot, counts = Snapshot(), ReaderCounts()
    packed = pack("all", "atom", render(OUTPUT, "atom"), NOW)
    snapshot.publish(OUTPUT, [packed])
    info = OutputInfo("all", "All", "", ("atom",), (), ())
    site = cast(
        "Site",
        SimpleNamespace(
            revision=1, outputs=lambda: [info], base_url="https://me.example", title=""
        ),
    )
    policies = Policies(
        snapshot, site, pages=False, publish_interval=lambda: timedelta(0), now=lambda: NOW
    )
    feeds = RenderedFeeds(snapshot, site, policies, counts)
    for fields in ("", f"If-None-Match: {packed.etag}\r\n", f"If-None-Match: {packed.etag}\r\n"):
        asked = plain_request(
            f"GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\nUser-Agent: Feedly/1.0 (3 subscribers)\r\n{fields}\r\n".encode()
        )
        assert asked is not None
        assert feeds.answer(asked) is not None
    missing = plain_request(b"GET /feeds/none.atom HTTP/1.1\r\nHost: x\r\n\r\n")
    assert missing is not None
    assert feeds.answer(missing) is None
    found = {(one.output, one.kind, one.status): one.requests for one in counts.take()}
    assert found == {("all", "atom", 200): 1, ("all", "atom", 304): 2}
