"""What publishers ask of a fetcher: a test for each of the eighteen lines, through the whole flow."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from sqlalchemy import update

from aggregator import __version__
from aggregator.model import PollResult
from aggregator.store.db.tables import feeds
from tests.support.patience import turns
from tests.support.polling import Answer, Site, ok, open_house, open_site, rss, said
from tests.support.servers import RawServer, reply, server_tls
from tests.support.storage import DAY, HOUR, MINUTE

WEEK = timedelta(weeks=1)
SECOND = timedelta(seconds=1)
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"


def conditional(body: bytes, etag: str = '"1"') -> Answer:
    """A well-behaved feed: 304 to who has it."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == etag:
            return said(304, ETag=etag)
        return ok(body, ETag=etag)

    return answer


# ── 1 to 4: conditional ──────────────────────────────────────────────────────────────────────


async def test_01_validators_are_sent_back_byte_for_byte(sqlite_url: str) -> None:
    etag, date = b'W/"a\xc3\xa9, \\x"', b"01.01.2025 at noon"
    answer = reply(body=rss("one")).replace(
        b"\r\n\r\n", b"\r\nETag: " + etag + b"\r\nLast-Modified: " + date + b"\r\n\r\n", 1
    )
    async with RawServer(answer) as server, open_house(sqlite_url, server.url + "/f") as house:
        await house.poll()
        await house.poll(DAY)
    first, second = server.requests
    assert b"If-" not in first
    assert b"If-None-Match: " + etag + b"\r\n" in second
    assert b"If-Modified-Since: " + date + b"\r\n" in second


async def test_01_no_date_is_invented(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(Date="Mon, 02 Nov 2026 12:00:00 GMT")
        await house.poll()
        await house.poll(DAY)
        assert site.fields("If-Modified-Since") == [None, None]


async def test_02_validators_belong_to_a_url(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers |= {
            "/f": said(302, Location="/a"),
            "/a": ok(ETag='"a"'),
            "/b": ok(ETag='"b"'),
        }
        await house.poll()
        await house.poll(DAY)
        site.answers["/f"] = said(302, Location="/b")
        await house.poll(DAY)
        asked = list(zip(site.paths, site.fields("If-None-Match"), strict=True))
    assert asked == [
        ("/f", None), ("/a", None),
        ("/f", None), ("/a", '"a"'),
        ("/f", None), ("/b", None),
    ]  # fmt: skip


async def test_03_validators_are_updated_by_every_200_and_304(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        for answer in (ok(ETag='"1"'), said(304, ETag='"2"'), ok(ETag='"3"'), said(304), ok()):
            site.answers["/f"] = answer
            await house.poll(DAY)
        assert site.fields("If-None-Match") == [None, '"1"', '"2"', '"3"', '"3"']
        assert await house.titles() == {"one"}


async def test_04_only_the_first_request_is_unconditional(sqlite_url: str) -> None:
    async with open_site() as site:
        site.answers["/f"] = conditional(rss("one"))
        url = site.url("/f")
        async with open_house(sqlite_url, url) as house:
            await house.poll()
            await house.poll(DAY)  # by hand
            pipeline = house.engine.pipeline
            house.engine.pipeline = replace(pipeline, config=replace(house.config))
            await house.subscribe(url)  # a reload
            await house.poll(DAY)
            await house.subscribe()  # removed …
            await house.subscribe(url)  # … and added again
            await house.poll(DAY)
            clock = house.clock
        async with open_house(sqlite_url, url, clock=clock) as house:  # a restart
            await house.poll(DAY)
            assert house.feed().polls == 5
        assert site.fields("If-None-Match") == [None, *['"1"'] * 4]


async def test_04_a_server_that_always_says_304_is_found_out_once_a_month(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(ETag='"1"')
        await house.poll()

        async def stubborn(request: web.Request) -> web.Response:
            return said(304) if "If-None-Match" in request.headers else ok(rss("two"), ETag='"2"')

        site.answers["/f"] = stubborn
        for _ in range(102):
            await house.poll(8 * HOUR)
        unconditional = [at for at, tag in enumerate(site.fields("If-None-Match")) if tag is None]
        assert unconditional == [0, 101]
        assert await house.titles() == {"one", "two"}


# ── 5 to 7: when ─────────────────────────────────────────────────────────────────────────────


async def test_05_no_feed_is_polled_twice_within_an_hour_unasked(sqlite_url: str) -> None:
    async with open_site() as site:
        site.answers["/f"] = ok(rss(*map(str, range(50))), ETag='"1"')
        async with open_house(sqlite_url, site.url("/f")) as house:
            await house.poll()
            assert HOUR <= house.wait() <= 1.1 * HOUR  # as busy as can be
            clock = house.clock
            clock.advance(house.wait() - SECOND)
        async with open_house(sqlite_url, site.url("/f"), clock=clock) as house:  # a restart
            await house.poll_due()
            assert len(site.asked) == 1
            house.clock.advance(2 * SECOND)
            await house.poll_due()
            assert len(site.asked) == 2


async def test_05_the_same_bytes_are_unchanged_and_cost_a_gentler_pace(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(rss(*map(str, range(50))))
        await house.poll()
        assert house.wait() >= 2 * HOUR
        await house.poll(DAY)
        assert house.feed().last_result == PollResult.UNCHANGED
        assert house.wait() >= 2 * HOUR


@pytest.mark.parametrize("status", [200, 304, 429, 503])
@pytest.mark.parametrize("field", ["Cache-Control", "Expires"])
async def test_06_freshness_is_a_floor(sqlite_url: str, status: int, field: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(ETag='"1"')
        await house.poll()
        later = house.clock.advance(DAY) + 50 * HOUR
        value = "max-age=180000" if field == "Cache-Control" else format_datetime(later, True)
        date = format_datetime(house.clock.now(), usegmt=True)
        site.answers["/f"] = said(
            status, rss("one") if status == 200 else b"", **{field: value, "Date": date}
        )
        await house.poll()
        assert house.wait() >= 50 * HOUR


@pytest.mark.parametrize(
    ("head", "hours"),
    [
        ("<ttl>3000</ttl>", 50),
        (
            f"<sy:updatePeriod xmlns:sy='{SYNDICATION}'>weekly</sy:updatePeriod>",
            24 * 7,
        ),
        ("<ttl>99999</ttl>", 24 * 7),  # clipped, generously
    ],
)
async def test_06_the_documents_interval_is_kept_after_a_304_too(
    sqlite_url: str, head: str, hours: int
) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = conditional(rss("one", head=head))
        await house.poll()
        assert house.wait() >= hours * HOUR
        await house.poll(8 * DAY)
        assert house.feed().last_result == PollResult.NOT_MODIFIED
        assert house.wait() >= hours * HOUR
        site.answers["/f"] = said(500)
        await house.poll(8 * DAY)
        assert house.wait() >= hours * HOUR


async def test_06_hours_and_days_to_skip_are_gmt_and_skipped(sqlite_url: str) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24) if hour != 4)
    days = "<skipDays><day>Tuesday</day><day>Wednesday</day></skipDays>"
    head = f"<skipHours>{hours}</skipHours>{days}"
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        for answer in (conditional(rss("one", head=head)),) * 2 + (said(500),):
            site.answers["/f"] = answer
            await house.poll()  # a Monday at noon
            when = house.feed().next_poll_at
            assert (when.weekday(), when.hour) == (3, 4)


@pytest.mark.parametrize("wait", ["180000", "date"])
@pytest.mark.parametrize("status", [429, 503, 302])
async def test_07_retry_after_is_obeyed(sqlite_url: str, status: int, wait: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/other"] = ok(ETag='"1"')
        if wait == "date":
            wait = format_datetime(house.clock.now() + 50 * HOUR, usegmt=True)
        site.answers["/f"] = said(status, Retry_After=wait, Location="/other")
        await house.poll()
        assert house.wait() >= 50 * HOUR - SECOND


@pytest.mark.parametrize(
    "fields",
    [
        {"X-RateLimit-Reset": "180000", "X-RateLimit-Remaining": "0"},
        {"RateLimit": '"default";r=0;t=180000'},
    ],
)
@pytest.mark.parametrize("status", [200, 429])
async def test_07_rate_limits_are_read(
    sqlite_url: str, status: int, fields: dict[str, str]
) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = said(status, rss("one"), **fields)
        await house.poll()
        assert house.wait() >= 50 * HOUR


async def test_07_a_repeated_403_is_a_throttle(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = said(403)
        await house.poll()
        assert house.wait() <= 2 * HOUR  # once may be a mistake
        await house.poll()
        assert house.wait() >= 6 * HOUR


async def test_07_a_403_of_one_feed_after_the_other_makes_the_host_rest(sqlite_url: str) -> None:
    async with open_site() as site:
        a, b, c, other = site.url("/a"), site.url("/b"), site.url("/c"), site.url("/d", host=2)
        site.answers |= {"/a": said(403), "/b": said(403), "/c": ok(), "/d": ok()}
        async with open_house(sqlite_url, a, b) as house:
            await house.poll()
            await house.subscribe(a, b, c, other)
            await house.poll_due()
            assert sorted(site.paths) == ["/a", "/b", "/d"]
            assert 4 * MINUTE <= house.wait(c) <= 6 * MINUTE
            assert (house.feed(c).polls, house.feed(c).failures) == (0, 0)


# ── 8 and 9: hosts, errors ───────────────────────────────────────────────────────────────────


async def test_08_a_host_is_asked_one_at_a_time_with_a_gap(sqlite_url: str) -> None:
    under_way, most, gaps, ended = 0, 0, list[float](), list[float]()
    loop = asyncio.get_running_loop()

    async def slow(_: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        gaps.extend(loop.time() - end for end in ended[-1:])
        await turns()
        under_way -= 1
        ended.append(loop.time())
        return ok()

    async with open_site() as site:
        urls = [site.url(f"/{number}") for number in range(5)]
        site.answers |= {f"/{number}": slow for number in range(5)}
        async with open_house(sqlite_url, *urls, host_gap=0.05) as house:
            await house.poll()
    assert (len(ended), most) == (5, 1)
    assert min(gaps) >= 0.04  # the client counts from the end of the body, which it sees later


async def test_08_a_429_makes_the_host_rest_for_all_its_feeds(sqlite_url: str) -> None:
    async with open_site() as site:
        a, b, other = site.url("/a"), site.url("/b"), site.url("/c", host=2)
        site.answers |= {"/a": said(429, Retry_After="7200"), "/b": ok(), "/c": ok()}
        async with open_house(sqlite_url, a) as house:
            await house.poll()
            await house.subscribe(a, b, other)
            await house.poll_due()
            assert site.paths == ["/a", "/c"]
            assert house.wait(b) >= 2 * HOUR - MINUTE
            assert (house.feed(b).polls, house.feed(b).failures) == (0, 0)


async def test_09_errors_back_off_to_a_week_show_and_end(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = said(500)
        waits = []
        for _ in range(20):
            await house.poll(house.wait())
            waits.append(house.wait())
        assert all(HOUR <= wait <= WEEK for wait in waits)
        assert len(set(waits)) == 20  # full jitter
        assert max(waits[10:]) > DAY
        (shown,) = (await house.status()).feeds
        assert shown.failures == 20
        assert "500" in (shown.error or "")
        site.answers["/f"] = ok(ETag='"1"')
        await house.poll(house.wait())
        assert (house.feed().failures, house.feed().last_error) == (0, None)


async def test_09_an_outage_of_our_own_counts_against_no_feed(sqlite_url: str) -> None:
    async with open_site() as site:
        site.answers["/f"] = ok(ETag='"1"')
        urls = [site.url("/f", host) for host in range(1, 6)]
        async with open_house(sqlite_url, *urls) as house:
            await house.poll()
            clock = house.clock
    async with open_house(sqlite_url, *urls, clock=clock) as house:  # nobody listens any more
        await house.poll(DAY)
        assert {house.feed(url).failures for url in urls} == {0}
        assert (await house.status()).outage_since is not None


# ── 10: the life of a URL ────────────────────────────────────────────────────────────────────


async def test_10_a_410_stops_and_says_so(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = said(410)
        await house.poll()
        house.clock.advance(365 * DAY)
        await house.poll_due()
        assert len(site.asked) == 1
        (shown,) = (await house.status()).feeds
        assert (shown.result, shown.next_poll) == ("gone", None)
        assert "remove the feed" in (shown.error or "")
        await house.poll()  # asked for by hand
        assert len(site.asked) == 2
        await house.subscribe()
        await house.subscribe(site.url("/f"))  # added again
        site.answers["/f"] = ok()
        await house.poll_due()
        assert (len(site.asked), house.feed().gone, house.feed().failures) == (3, False, 0)


@pytest.mark.parametrize("status", [301, 308])
async def test_10_a_permanent_move_is_adopted_after_days(sqlite_url: str, status: int) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers |= {
            "/f": said(status, Location="/new"),
            "/new": conditional(rss("one"), '"new"'),
        }
        for _ in range(3):
            await house.poll()
            await house.poll(DAY / 2)
            await house.poll(DAY / 2)
        row = house.feed()
        assert (row.key, row.url) == (site.url("/f"), site.url("/new"))
        del site.asked[:]
        await house.poll(DAY)
        assert (site.paths, site.fields("If-None-Match")) == (["/new"], ['"new"'])
        assert house.feed().last_result == PollResult.NOT_MODIFIED
        assert await house.titles() == {"one"}
        # The new address fails for long: the configured one is asked again.
        site.answers |= {"/f": ok(rss("one", "two")), "/new": said(404)}
        await house.poll(DAY)
        await house.poll(8 * DAY)
        await house.poll(DAY)
        assert (site.paths[-1], house.feed().url) == ("/f", site.url("/f"))
        assert await house.titles() == {"one", "two"}


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_10_another_redirect_is_never_adopted(sqlite_url: str, status: int) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers |= {"/f": said(status, Location="/new"), "/new": ok()}
        for _ in range(5):
            await house.poll(7 * DAY)
        assert house.feed().url == site.url("/f")


async def test_10_loops_and_more_than_five_hops_are_errors(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = said(301, Location="/f")
        await house.poll()
        assert "loop" in house.feed().last_error
        site.answers |= {f"/{n}": said(301, Location=f"/{n + 1}") for n in range(6)}
        site.answers |= {"/f": said(301, Location="/1"), "/6": ok()}
        await house.poll(DAY)
        assert "more than 5 redirects" in house.feed().last_error
        site.answers["/f"] = said(301, Location="/2")
        await house.poll(DAY)
        assert (house.feed().last_error, house.feed().failures) == (None, 0)


# ── 11 to 14: what is said ───────────────────────────────────────────────────────────────────


async def test_11_the_request_is_honest_and_modern(sqlite_url: str) -> None:
    async with (
        RawServer(reply(body=rss("one")), keep_alive=True) as server,
        open_house(
            sqlite_url, server.url + "/f", server.url + "/g", base_url="https://me.example"
        ) as house,
    ):
        await house.poll()
    assert (len(server.requests), server.connections) == (2, 1)
    head = server.requests[0].decode()
    assert f"User-Agent: aggregator/{__version__} (+https://me.example" in head
    assert all(
        kind in head for kind in ("application/atom+xml", "application/rss+xml", "feed+json")
    )
    assert "Accept-Encoding: gzip, deflate, br, zstd\r\n" in head


async def test_12_nothing_is_said_that_was_not_asked_for(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f?a=1")) as house:
        site.answers |= {
            "/f": said(302, Location="/new", Set_Cookie="id=1; Path=/"),
            "/new": ok(Set_Cookie="id=2; Path=/", ETag='"1"'),
        }
        await house.poll()
        await house.poll(DAY)
        assert (
            site.fields("Cookie") == [None, "id=1"] * 2
        )  # kept for one exchange, not for the next
        assert site.fields("Referer") == [None] * 4
        assert [request.query_string for request in site.asked] == ["a=1", ""] * 2


async def test_12_credentials_stay_with_their_origin(sqlite_url: str) -> None:
    async with open_site() as site:
        url = site.url("/f").replace("://", "://me:secret@")
        site.answers |= {"/f": said(302, Location=site.url("/g", host=2)), "/g": ok()}
        async with open_house(sqlite_url, url) as house:
            await house.poll()
            assert house.feed().failures == 0
        assert site.fields("Authorization") == ["Basic bWU6c2VjcmV0", None]


async def test_13_a_page_instead_of_a_feed_is_remembered_and_nothing_else_is_asked(
    sqlite_url: str,
) -> None:
    page = (
        b"<html><head><link rel='alternate' type='application/rss+xml' href='/feed'>"
        b"<link rel='icon' href='/icon.png'></head><body>Hello</body></html>"
    )
    async with open_site() as site, open_house(sqlite_url, site.url("/")) as house:
        site.answers |= {"/": said(200, page, Content_Type="text/html"), "/feed": ok()}
        await house.poll()
        assert site.url("/feed") in house.feed().last_error  # what to do is said, not done
        await house.poll_due()
        assert site.paths == ["/"]
        assert house.wait() >= HOUR


async def test_14_a_delta_is_asked_for_and_merged(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(rss("one", "two"), ETag='"1"')
        await house.poll()
        site.answers["/f"] = said(226, rss("three"), ETag='"2"', IM="feed")
        await house.poll(DAY)
        site.answers["/f"] = said(304)
        await house.poll(DAY)
        assert site.fields("A-IM") == [None, "feed", "feed"]
        assert site.fields("If-None-Match") == [None, '"1"', '"2"']
        assert await house.titles() == {"one", "two", "three"}
        known = await house.stored.store.known_entries(house.feed().id, [])
        assert {one.identity for one in known if one.listed} == {"one", "two", "three"}
        # The whole again: what it does not list has left.
        site.answers["/f"] = ok(rss("two", "three"), ETag='"3"')
        await house.poll(DAY)
        known = await house.stored.store.known_entries(house.feed().id, [])
        assert {one.identity for one in known if one.listed} == {"two", "three"}


# ── 16 to 18: pages, challenges, certificates ────────────────────────────────────────────────


def linked(site: Site, *numbers: int) -> bytes:
    items = "".join(
        f"<item><title>Story {n}</title><link>{site.url(f'/{n}')}</link>"
        f"<description>Short.</description></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


async def test_16_a_page_is_fetched_once_and_its_failure_costs_no_entry(sqlite_url: str) -> None:
    said_there = "of a long article, in which somebody tells what happened, where and to whom."
    text = "".join(f"<p>Paragraph {n} {said_there}</p>" for n in range(40))
    page = f"<html><body><article><h1>Story 1</h1>{text}</article></body></html>".encode()
    html = {"Content_Type": "text/html"}
    async with open_site() as site, open_house(sqlite_url, site.url("/f"), mode="always") as house:
        site.answers |= {"/f": ok(linked(site, 1, 2)), "/1": said(200, page, **html)}
        site.answers["/2"] = said(503)
        await house.poll()
        await house.poll(MINUTE)
        assert [site.paths.count(path) for path in ("/1", "/2")] == [1, 1]
        before = {item.title: item for item in await house.stored.items()}
        assert "Paragraph 39" in before["Story 1"].content_html
        assert before["Story 2"].content_html == "Short."
        site.answers["/2"] = said(200, page.replace(b"Story 1", b"Story 2"), **html)
        await house.poll(HOUR)
        after = {item.title: item for item in await house.stored.items()}
        assert after["Story 2"].id == before["Story 2"].id
        assert "Paragraph 39" in after["Story 2"].content_html
        site.answers["/2"] = said(500)
        await house.poll(30 * DAY)
        assert [site.paths.count(path) for path in ("/1", "/2")] == [1, 2]


async def test_16_a_page_that_never_comes_is_given_up(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f"), mode="always") as house:
        site.answers |= {"/f": ok(linked(site, 1)), "/1": said(500)}
        for _ in range(8):
            await house.poll(30 * DAY)
        assert site.paths.count("/1") == house.config.settings.extract.attempts
        assert await house.titles() == {"Story 1"}


async def test_17_a_challenge_is_reported_slows_us_and_is_not_evaded(sqlite_url: str) -> None:
    async with open_site() as site:
        async with open_house(sqlite_url, site.url("/f")) as house:
            site.answers["/f"] = said(403, b"<html>Just a moment</html>", cf_mitigated="challenge")
            await house.poll()
            assert "challenge" in house.feed().last_error
            assert house.wait() >= 6 * HOUR
            await house.subscribe(site.url("/f"), site.url("/g"))
            await house.poll_due()
            assert site.paths == ["/f"]  # the host rests for its other feeds, too
            clock = house.clock
        async with open_house(sqlite_url, site.url("/f"), clock=clock) as house:
            await house.poll(DAY)
    assert len(site.asked) == 2
    assert len(set(site.fields("User-Agent"))) == 1


async def test_18_a_wrong_certificate_is_an_error_and_no_downgrade(sqlite_url: str) -> None:
    async with RawServer(reply(body=rss("one")), tls=server_tls()) as server:
        async with open_house(sqlite_url, server.url + "/f") as house:
            await house.poll()
            assert "certificate" in house.feed().last_error
            assert house.feed().failures == 1
        assert server.requests == []


# ── what other parts build upon ──────────────────────────────────────────────────────────────


async def test_15_a_hub_is_discovered_and_polls_become_rare_while_it_tells(sqlite_url: str) -> None:
    links = "<https://hub.example/>; rel=hub, <https://site.example/f>; rel=self"
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(rss(*map(str, range(50))), Link=links, ETag='"1"')
        await house.poll()
        row = house.feed()
        assert (row.hub_url, row.topic_url) == ("https://hub.example/", "https://site.example/f")
        assert house.wait() <= 2 * HOUR
        with house.stored.database.engine.begin() as connection:
            connection.execute(update(feeds).values(pushed_until=house.clock.now() + 30 * DAY))
        site.answers["/f"] = said(304)
        await house.poll()
        assert house.wait() == house.config.settings.websub.safety_interval


async def test_16_pages_are_crawling_and_feeds_are_not(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f"), mode="always") as house:
        site.answers["/f"] = ok(linked(site, 1))
        site.answers["/robots.txt"] = said(200, b"User-agent: *\nDisallow: /\n")
        await house.poll()
        assert sorted(site.paths) == ["/f", "/robots.txt"]
        assert await house.titles() == {"Story 1"}


async def test_18_only_the_operator_can_waive_the_certificate_of_one_feed(sqlite_url: str) -> None:
    async with RawServer(reply(body=rss("one")), tls=server_tls()) as server:
        options = {"options": {"tls": "insecure"}}
        async with open_house(sqlite_url, server.url + "/f", feed=options) as house:
            await house.poll()
            assert house.feed().failures == 0
            assert await house.titles() == {"one"}
