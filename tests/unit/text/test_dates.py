"""Dates as feeds write them: every form, no invention, bounds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.date_habits import habits_of
from aggregator.parse.feed import parse_feed
from aggregator.text.dates import FIRST_YEAR, LAST_YEAR, parse_date

NOON = "2021-09-06 12:00:00"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mon, 06 Sep 2021 12:00:00 GMT", NOON),
        ("Mon, 6 Sep 2021 14:00 +0200", NOON),
        ("06 September 2021 12:00:00 Z", NOON),
        ("Mon, 06 Sep 21 12:00:00 UT", NOON),
        ("Mon,06 Sep 2021 12:00:00 GMT", NOON),
        ("Monday, 6 Sept. 2021 12:00:00 +0000 (UTC)", NOON),
        ("Mon, 06 Sep 2021 05:00:00 PDT", NOON),
        ("Mon, 06 Sep 2021 14:00:00 CEST", NOON),
        ("Mon, 06 Sep 2021 13:00:00 BST", NOON),
        ("Mon, 06 Sep 2021 22:00:00 AEST", NOON),
        ("Mon, 06 Sep 2021 17:30:00 IST", NOON),
        ("Mon, 06 Sep 2021 15:00:00 MSK", NOON),
        ("Mon, 06 Sep 2021 14:00:00 GMT+2", NOON),
        ("Mon, 06 Sep 2021 14:00:00 GMT+02:00", NOON),
        ("Mon, 06 Sep 2021 12:00:00 NOWHERE", NOON),
        ("Mon, 06 Sep 2021 12:00:00", NOON),
        ("2021-09-06T12:00:00Z", NOON),
        ("2021-09-06T12:00:00.123456789Z", NOON),
        ("2021-09-06T14:00:00+02:00", NOON),
        ("2021-09-06T06:30:00-0530", NOON),
        ("2021-09-06 12:00", NOON),
        ("2021-09-06T12:00", NOON),
        ("20210906T120000Z", NOON),
        ("20210906", "2021-09-06 00:00:00"),
        ("2021-09-06", "2021-09-06 00:00:00"),
        ("2026/11/2", "2026-11-02 00:00:00"),
        ("2021-szeptember-6T14:00+02:00", NOON),
        ("2004-július-13T9:15-05:00", "2004-07-13 14:15:00"),
        ("2021-Március-06", "2021-03-06 00:00:00"),
        ("2020/1/10 14:33:00", "2020-01-10 14:33:00"),
        ("2021.9.6 12:00", NOON),
        ("2021年9月6日", "2021-09-06 00:00:00"),
        ("2021年9月6日 12:00:00", NOON),
        ("1630929600", NOON),
        ("1630929600000", NOON),
        ("1630929600.5", NOON),
        ("September 6, 2021 12:00 PM", NOON),
        ("Sep 6th, 2021 at 12:00 pm", NOON),
        ("September 6, 2021", "2021-09-06 00:00:00"),
        ("Mon Sep  6 12:00:00 2021", NOON),
        ("Mon Sep 6 12:00:00 UTC 2021", NOON),
        ("6 septembre 2021 12:00", NOON),
        ("Mo, 06 Okt 2021 12:00:00 +0000", "2021-10-06 12:00:00"),
        ("6 de septiembre de 2021", "2021-09-06 00:00:00"),
        ("6 сентября 2021 12:00", NOON),
        ("  Mon, 06 Sep 2021\n 12:00:00 GMT ", NOON),
        ("2021-09-05T24:00:00Z", "2021-09-06 00:00:00"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31 23:59:59"),
        ("Fri, 31 Dec 1999 23:00:00 -0100", "2000-01-01 00:00:00"),
        ("12-Jan-2022 08:00", "2022-01-12 08:00:00"),
        ("6.9.2021", "2021-09-06 00:00:00"),
        ("06.09.2021 14:00:00 +0200", NOON),
        ("31. 12. 2021, 8:05", "2021-12-31 08:05:00"),
        ("2021년 9월 6일", "2021-09-06 00:00:00"),
        ("2021. 9. 6. 오후 1:05", "2021-09-06 13:05:00"),
        ("2021-09-06 오전 12:05:09", "2021-09-06 00:05:09"),
        ("2021年09月06日 12時30分", "2021-09-06 12:30:00"),
        ("2021年9月6日(月)12時30分05秒", "2021-09-06 12:30:05"),
        ("2021年9月6日 下午 1:05", "2021-09-06 13:05:00"),
        ("月, 06 9月 2021 21:00:00 +0900", NOON),
        ("Mon, 06 9월 2021 21:00:00 +0900", NOON),
        ("Mon, 06 Sep 2021 08:00:00 --0400", NOON),
        ("Mon, 06 Sep 2021 08:00:00 EDT (New York)", NOON),
        ("Mon Sep 06 2021 14:00:00 GMT+0200 (Central European Summer Time)", NOON),
        ("6 września 2021", "2021-09-06 00:00:00"),
        ("6. září 2021", "2021-09-06 00:00:00"),
        ("6 Eylül 2021", "2021-09-06 00:00:00"),
        ("6. marraskuuta 2021", "2021-11-06 00:00:00"),
        ("6 вересня 2021", "2021-09-06 00:00:00"),
        ("Δευ, 06 Σεπ 2021 12:00:00 GMT", NOON),
        ("2021-szeptember-6T12:00+00:00", NOON),
        ("6.9.21 12:00", NOON),
        ("06.09.21", "2021-09-06 00:00:00"),
        ("Mon Sep 06 2021 14:00:00 GMT+0200 (Mitteleuropäische Sommerzeit)", NOON),
        ("Mon Sep 06 2021 14:00:00 GMT+0200 (Asia/Tokyo)", NOON),
        ("Mon Sep 06 2021", "2021-09-06 00:00:00"),
        ("2021-09-06 14:00 Europe/Berlin", NOON),
        ("2021-12-06 13:00 Europe/Berlin", "2021-12-06 12:00:00"),
        ("2021-09-06T08:00:00[America/New_York]", NOON),
        ("2021-09-06 12:00:00 Nowhere/Atall", NOON),
        ("Mon, 06 Sep 2021 08:00:00 Eastern Daylight Time", NOON),
        ("Mon, 06 Sep 2021 14:00:00 Central European Summer Time", NOON),
        ("Mon, 06 Sep 2021 20:00:00 China Standard Time", NOON),
        ("Mon, 06 Sep 2021 12:00:00 Coordinated Universal Time", NOON),
    ],
)  # fmt: skip
def test_what_a_date_says(text: str, wanted: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "1", "12", "2021", "-1", "1e999", "now", "yesterday", "tag:e.org,2021:1",
        "Thu, 01 Jan 1970 00:00:00 GMT", "0", "1970-01-01", "0001-01-01T00:00:00Z", "0000-00-00",
        "Fri, 06 May 1983 09:00:00 CST", "9999-12-31", "31/31/2021", "2020-13-45", "2021-02-30",
        "Fri, 31 Feb 2021 00:00:00 GMT", "Mon, 06 Sep 2021 12:00:00 +9999", "2021-09-06T99:99:99Z",
        "99999-99-99T99:99:99Z", "9" * 100_000, "2021-W36", "12:00:00", "Monday", "September 2021",
        "6 Foo 2021 12:00", "2021-09", "١٢", "2021-W36-1", "2021-249", "6/9/2021", "6 listopada 2021",
        "06-09-2021 12:00", "1630929600000000", "2021년 9월", "06 13月 2021", "31.13.2021",
    ],
)  # fmt: skip
def test_no_date_is_invented(text: str | None) -> None:
    assert parse_date(text) is None


@given(
    st.one_of(
        st.text(max_size=60), st.from_regex(r"[0-9 :/TZ+,.-]{1,40}|\w{3}, \d+ \w{3} \d+.{0,20}")
    )
)
def test_any_text_gives_a_plausible_instant_or_nothing(text: str) -> None:
    when = parse_date(text)
    assert when is None or (when.tzinfo is UTC and FIRST_YEAR <= when.year <= LAST_YEAR)


@given(st.integers(700_000_000, 4_000_000_000))
def test_rfc_3339_is_read_exactly(seconds: int) -> None:
    when = datetime.fromtimestamp(seconds, UTC)
    assert parse_date(when.isoformat()) == when
    assert parse_date(f"{when:%a, %d %b %Y %H:%M:%S} GMT") == when


# ── a feed's own dates tell how it writes them ───────────────────────────────────────────────


@pytest.mark.parametrize(
    ("others", "text", "wanted"),
    [
        (["25/10/2026 10:00:00"], "05/10/2026 09:30:00", "2026-10-05 09:30:00"),
        (["10/25/2026, 10:00:00 AM"], "10/5/2026, 1:05:00 PM", "2026-10-05 13:05:00"),
        (["25-10-2026"], "05-10-2026", "2026-10-05 00:00:00"),
        (["04/10/2026"], "05/10/2026", None),
        (["25/10/2026", "10/25/2026"], "05/10/2026", None),
        (["25/10/2026"], "10/25/2026", None),
        (["25.10.2026", "25 Oct 2026"], "05/10/2026", None),
        # Dates before the Web, where there are several or others are near.
        (["Mon, 02 May 1983 09:00:00 GMT"], "Fri, 06 May 1983 09:00:00 GMT", "1983-05-06 09:00:00"),
        (["1994-02-01"], "1987-02-01", "1987-02-01 00:00:00"),
        (["2026-02-01"], "1983-05-06", None),
        (["1983-05-02", "1971-05-02"], "1970-01-01", None),
        (["1970-01-01", "1969-12-31"], "1983-05-06", None),
        (["0001-01-01", "1012-01-01", "1012-01-02"], "1012-01-03", None),
    ],
)
def test_a_feed_tells_how_it_writes_dates(others: list[str], text: str, wanted: str | None) -> None:
    read = parse_date(text, habits_of([*others, text]))
    assert read == (datetime.fromisoformat(wanted).replace(tzinfo=UTC) if wanted else None)


def _rss(*dates: str) -> bytes:
    items = "".join(
        f"<item><guid>{place}</guid><pubDate>{date}</pubDate></item>"
        for place, date in enumerate(dates)
    )
    return f"<rss><channel>{items}</channel></rss>".encode()


def test_an_item_means_the_same_beside_others_that_are_not_read_again() -> None:
    first = parse_feed(_rss("25/10/2026"), url="https://e.org/")
    known = {one.source_digest: one.identity for one in first.entries}
    assert list(known.values()) == ["0"]
    again = parse_feed(_rss("25/10/2026", "05/11/2026"), url="https://e.org/", known=known)
    assert again.unchanged == ("0",)
    assert [one.published for one in again.entries] == [datetime(2026, 11, 5, tzinfo=UTC)]


def test_json_feeds_have_habits_too() -> None:
    items = [{"id": str(n), "date_published": f"{n}/10/2026"} for n in (5, 25)]
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    read = parse_feed(json.dumps(document).encode(), url="https://e.org/").entries
    assert [one.published for one in read] == [datetime(2026, 10, n, tzinfo=UTC) for n in (5, 25)]


@given(st.lists(st.text(max_size=40) | st.from_regex(r"\d{1,2}/\d{1,2}/\d{4}.{0,9}"), max_size=9))
def test_whatever_a_feed_writes(texts: list[str]) -> None:
    habits = habits_of(texts)
    for text in texts:
        when = parse_date(text, habits)
        assert when is None or 1800 <= when.year <= LAST_YEAR
