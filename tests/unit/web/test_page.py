"""The start page: what it says, in which order, and that nothing on it is taken for markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import html

from aggregator.model import FeedStatus, Status
from aggregator.privacy.public import Disclosure
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.page import feed_rows, render_page
from tests.support.published import all_told

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

GOOD = FeedStatus(
    key="https://good.example/feed",
    url="https://good.example/feed",
    title="Good",
    category="News",
    categories=("News", "Tech"),
    result="not_modified",
    last_poll=NOW - 3 * MINUTE,
    next_poll=NOW + 57 * MINUTE,
    entries=1234,
)
BAD = FeedStatus(
    key="https://bad.example/feed",
    url="https://bad.example/feed",
    title="Bad",
    result="failed",
    error="https://bad.example/feed: HTTP status 500",
    failures=4,
    last_poll=NOW - 26 * 60 * MINUTE,
    next_poll=NOW - MINUTE,
)
FRESH = FeedStatus(key="https://new.example/feed", url="https://new.example/feed", title="")
GONE = FeedStatus(
    key="https://gone.example/feed", url="https://gone.example/feed", title="Gone", result="gone"
)


def status_of(*feeds: FeedStatus) -> Status:
    bad = sum(one.failures > 0 or one.result in {"failed", "gone", "offline"} for one in feeds)
    fresh = sum(one.result == "" for one in feeds)
    return Status(
        feeds, 5000, 4000, 3000, 2, 1, 0, total=len(feeds), in_trouble=bad, unpolled=fresh
    )


def page_of(*feeds: FeedStatus, **changes: Any) -> html.HtmlElement:
    values: dict[str, Any] = {
        "title": "Morning paper",
        "base_url": "https://me.example/agg",
        "version": "1.2.3",
        "outputs": [
            OutputInfo("all", "Everything", "All of it"),
            OutputInfo("t", "", "", ("rss",)),
        ],
        "status": status_of(*feeds),
        "told": all_told(feeds),
        "now": NOW,
    }
    return html.document_fromstring(render_page(**{**values, **changes}))


def text_of(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def test_every_output_can_be_subscribed_and_discovered() -> None:
    page = page_of(GOOD)
    expected = [
        ("feeds/all.atom", "application/atom+xml"),
        ("feeds/all.rss", "application/rss+xml"),
        ("feeds/all.json", "application/feed+json"),
        ("feeds/t.rss", "application/rss+xml"),
    ]
    sources = "[@type='text/x-opml']"
    links = page.xpath("//head/link[@rel='alternate']")
    for found in (links, page.xpath("//a[@type][not(@type='text/x-opml')]")):
        assert [(link.get("href"), link.get("type")) for link in found] == expected
    assert page.xpath(f"//a{sources}/@href") == ["feeds/all.opml", "feeds/t.opml"]
    assert "https://me.example/agg/feeds/all.atom" in text_of(page)
    assert page.findtext(".//title") == "Morning paper"


def test_feeds_in_trouble_say_why() -> None:
    page = page_of(BAD, GONE, GOOD, FRESH)
    rows = page.xpath("//tbody/tr")
    names = [row.xpath("string(th/a)") for row in rows]
    assert names == ["Bad", "Gone", "Good", "https://new.example/feed"]
    first = text_of(rows[0])
    assert "HTTP status 500" in first
    assert "https://bad.example" not in first  # the row is about that feed
    assert "failing 4 times" in first
    assert "1 day ago" in first
    assert first.endswith("now")
    assert text_of(rows[1]).endswith("never")
    assert text_of(rows[2]) == "Good News Tech nothing new 1 234 3 minutes ago in 57 minutes"
    assert "not polled yet" in text_of(rows[3])
    assert "2 in trouble, 1 not polled yet, 1 well." in text_of(page)


def test_a_paused_feed_is_in_no_trouble() -> None:
    status = replace(status_of(GOOD), paused=1, total=2)
    status = replace(status, feeds=(replace(BAD, paused=True, error=None), GOOD))
    page = page_of(BAD, GOOD, status=status)
    row = page.xpath("//tbody/tr")[0]
    assert row.get("class") == "idle"
    assert text_of(row).startswith("Bad paused")
    assert text_of(row).endswith("paused")
    assert "1 paused, 1 well." in text_of(page)


def test_times_are_given_exactly_as_well() -> None:
    times = page_of(GOOD).xpath("//tbody//time")
    assert [(t.get("datetime"), t.get("title")) for t in times] == [
        ("2026-11-23T17:57:00Z", "23 November 2026, 17:57:00 UTC"),
        ("2026-11-23T18:57:00Z", "23 November 2026, 18:57:00 UTC"),
    ]


def test_totals() -> None:
    page = page_of(GOOD)
    totals = {d.findtext("dt"): d.findtext("dd") for d in page.xpath("//dl/div")}
    assert totals["stories"] == "4\u202f000"
    assert totals["pages failed"] == "1"


def test_the_page_is_of_use_without_status_feeds_or_outputs() -> None:
    assert "cannot be read at the moment" in text_of(page_of(status=None))
    assert page_of(status=None).xpath("//a[@href='feeds/all.atom']")
    assert "No feed is subscribed yet" in text_of(page_of())
    assert "No output is configured" in text_of(page_of(outputs=[]))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' autofocus onfocus='alert(1)",
        "{{ 7 * 7 }}{% raw %}",
        "</title></style><svg onload=alert(1)>",
    ],
)
def test_hostile_text_stays_text(text: str) -> None:
    feed = replace(BAD, title=text, category=text, error=text, result=text, url=f"https://e/{text}")
    page = page_of(
        feed, title=text, base_url=f"https://{text}", outputs=[OutputInfo("a", text, text)]
    )
    reference = page_of(replace(BAD, category="c", result="r"), outputs=[OutputInfo("a", "t", "d")])
    assert [element.tag for element in page.iter()] == [e.tag for e in reference.iter()]
    assert [sorted(e.attrib) for e in page.iter()] == [sorted(e.attrib) for e in reference.iter()]
    assert page.findtext(".//h1") == page.findtext(".//title") == text
    assert page.xpath("string(//tbody/tr/th/a)") == text
    assert page.xpath("//tbody/tr/th/a/@href") == [f"https://e/{text}"]


def test_no_script_no_inline_style_nothing_from_elsewhere() -> None:
    page = page_of(GOOD, BAD)
    assert not page.xpath("//script | //style | //@style | //@*[starts-with(name(), 'on')]")
    loaded = page.xpath("//img/@src | //link[@rel='stylesheet' or @rel='icon']/@href")
    assert set(loaded) == {"icon.svg", "style.css"}


def test_credentials_of_a_feed_are_not_shown() -> None:
    secret = "https://user:hunter2@bad.example/feed"
    page = page_of(replace(BAD, key=secret, url=secret, title="", error=None))
    assert "hunter2" not in html.tostring(page, encoding="unicode")
    assert page.xpath("//tbody//a/@href") == ["https://bad.example/feed"]


def test_a_private_feed_is_neither_shown_nor_counted_unless_it_may_be() -> None:
    secret = "https://pod.example/feed?token=hunter2hunter2"
    hidden = replace(BAD, key="pod", url=secret, title="Secret pod", error="hunter2hunter2 failed")
    status = replace(status_of(GOOD), feeds=(GOOD, hidden))  # had the store not left it out
    page = page_of(status=status, told=all_told([GOOD]), holds_back=True)
    shown = html.tostring(page, encoding="unicode")
    for word in ("hunter2", "pod.example", "Secret pod", "in trouble", "In store", "5 000"):
        assert word not in shown
    assert page.xpath("count(//tbody/tr)") == 1
    assert "1 feed gathered" in text_of(page)
    told = {**all_told([GOOD]), "pod": Disclosure(True, "", frozenset({"hunter2hunter2"}))}
    page = page_of(GOOD, hidden, told=told)
    shown = html.tostring(page, encoding="unicode")
    assert "hunter2" not in shown
    assert "Secret pod" in shown
    assert "In store" in shown
    assert "https://pod.example/" in page.xpath("//tbody//a/@href")
    unnamed = page_of(replace(hidden, title=secret), told=told)
    assert unnamed.xpath("string(//tbody//a)") == "pod.example"


def test_a_list_with_more_goes_on_where_the_page_ends() -> None:
    status = replace(status_of(GOOD), total=2, next="3.17")
    first = page_of(status=status, told=all_told([GOOD]))
    assert first.xpath("//nav/a/@href") == ["?after=3.17#feeds"]
    last = page_of(GOOD, is_first=False)
    assert last.xpath("//nav/a/@href") == ["./#feeds"]
    assert not page_of(GOOD).xpath("//nav")


def test_feeds_stand_in_the_order_in_which_they_come() -> None:
    feeds = [replace(BAD, key=f"{n}", title=f"{n}", failures=n) for n in (9, 2, 1)]
    assert [row.failures for row in feed_rows(feeds, all_told(feeds), NOW)] == [9, 2, 1]
