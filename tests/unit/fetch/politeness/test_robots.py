"""Pages and robots.txt: what a stranger writes there harms nobody, and what a refusal leads to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aggregator.errors import FetchError, RobotsRefused, RobotsUnreachable
from aggregator.fetch.politeness.robots import MAX_SIZE, Robots
from aggregator.flow.article_pages import article_retry
from aggregator.model import Request, Response

NOW = datetime(2026, 11, 2, tzinfo=UTC)
PAGE = URL("https://h.example/a/b?c=%2F&d=*$#x")


async def judged(body: bytes, target: URL = PAGE) -> bool:
    """Whether ``target`` may be asked for by this robots.txt."""

    async def give(request: Request) -> Response:
        return Response(request.url, 200, {}, body, len(body), timedelta())

    try:
        await Robots(give, lambda _host, gap: None).check(target)
    except RobotsRefused:
        return False
    return True


_LINES = st.sampled_from(
    [b"User-agent: *", b"user-agent:aggregator", b"Disallow: /a", b"Allow: /*b$", b"Crawl-delay: 9"]
)


@given(
    st.lists(st.binary(max_size=200) | _LINES, max_size=20), st.sampled_from([b"\n", b"\r", b""])
)
async def test_any_bytes_give_an_answer(lines: list[bytes], end: bytes) -> None:
    assert await judged(end.join(lines)) in {True, False}


@pytest.mark.parametrize(
    "body",
    [
        b"User-agent: *\nDisallow: /" + b"*a" * (MAX_SIZE // 2) + b"b$",
        b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*b$\n" * (MAX_SIZE // 30),
        b"".join(b"User-agent: b%d\nDisallow: /\n" % number for number in range(20_000)),
        b"\n" * MAX_SIZE,
    ],
)
async def test_hostile_files_are_answered(body: bytes) -> None:
    assert await judged(body, URL("https://h.example/" + "a" * 4000))


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"", True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /a", False),
        (b"User-agent: *\rDisallow: /a", False),
        (b"User-agent: *\nDisallow: /a\nAllow: /a/b", True),
        (b"User-agent: *\nDisallow: /a/b\nAllow: /a", False),
        (b"User-agent: *\nDisallow: /*?c=", False),
        (b"User-agent: *\nDisallow: /a$", True),
        (b"User-agent: AGGREGATOR\nDisallow: /", False),
        (b"User-agent: aggregator-image\nDisallow: /", True),
        (b"Disallow: /", True),
        (b"<html><body>User-agent: *</body></html>", True),
    ],
)
async def test_rules(body: bytes, allowed: bool) -> None:
    assert await judged(body) is allowed


@pytest.mark.parametrize(("kind", "again"), [(RobotsRefused, False), (RobotsUnreachable, True)])
def test_a_refusal_is_final_and_silence_is_not(kind: type[FetchError], again: bool) -> None:
    retry = article_retry(kind(str(PAGE), "no"), 1, 4, NOW, 0.5)
    assert (retry is not None) is again
