"""Pages and robots.txt: what a stranger writes there harms nobody, and what a refusal leads to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from yarl import URL

from aggregator.errors import FetchError, RobotsRefused, RobotsUnreachable
from aggregator.fetch.politeness.robots import MAX_SIZE, TOKEN, Robots
from aggregator.fetch.politeness.robots_bounds import (
    MAX_IN_RULE,
    MAX_WILDCARDS,
    bounded_rules,
)
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
    ("body", "allowed"),
    [
        # Past the bounds a rule refuses all that begins as it does.
        (b"User-agent: *\nDisallow: /" + b"*a" * (MAX_SIZE // 2) + b"b$", False),
        (b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*b$\n" * (MAX_SIZE // 30), False),
        (b"".join(b"User-agent: b%d\nDisallow: /\n" % number for number in range(20_000)), True),
        (b"\n" * MAX_SIZE, True),
    ],
)
async def test_hostile_files_are_answered(body: bytes, allowed: bool) -> None:
    assert await judged(body, URL("https://h.example/" + "a" * 4000)) is allowed


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


HOSTILE = {
    "many": "".join(f"Disallow: /*a*b*c{i}*d$\n" for i in range(20_000)),
    "deep": ("Disallow: /" + "*a" * 1_000 + "\n") * 250,
    "misspelt": "".join(f"Dissallow: /*a*b*c{i}*d$\r" for i in range(20_000)),
    "long": "Disallow: /" + "a" * 500_000,
    "indented": " Disallow : /*a*b*c*d # x\n" * 20_000,
}


@pytest.mark.parametrize("rules", HOSTILE.values(), ids=HOSTILE.keys())
def test_wildcards_of_a_file_are_bounded(rules: str) -> None:
    bounded = bounded_rules(f"User-agent: *\n{rules}")
    lines = bounded.splitlines()
    assert lines[0] == "User-agent: *"
    assert sum(line.count("*") for line in lines[1:]) <= MAX_WILDCARDS
    assert all(line.count("*") <= MAX_IN_RULE for line in lines)
    assert max(map(len, lines)) < 2_100
    assert bounded_rules(bounded) == bounded


@pytest.mark.parametrize("rules", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("url", ["https://a.example/", "https://a.example/" + "aabbc1d" * 30])
def test_a_bounded_file_is_never_milder(rules: str, url: str) -> None:
    text = f"User-agent: *\n{rules[:5_000]}\nAllow: /{'*' * 11}"
    if not Protego.parse(text.partition("Allow")[0]).can_fetch(url, TOKEN):
        assert not Protego.parse(bounded_rules(text)).can_fetch(url, TOKEN)


def test_ordinary_files_are_left_alone() -> None:
    text = "User-agent: *\nDisallow: /*?sort=*\nAllow: /a*b$ # c\n" * 400
    assert bounded_rules(text).splitlines() == text.splitlines()


@given(st.text(st.sampled_from("aA lowdis:*#$/\n\r%"), max_size=60))
def test_bounding_changes_no_small_file(text: str) -> None:
    if text.count("*") <= MAX_IN_RULE:
        assert bounded_rules(text) == text


@pytest.mark.parametrize(("size", "elsewhere"), [(100, False), (200_000, True)])
async def test_long_files_are_matched_off_the_event_loop(
    size: int, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    matched = Protego.can_fetch

    def can_fetch(self: Protego, url: str, agent: str) -> bool:
        threads.append(threading.get_ident())
        return bool(matched(self, url, agent))

    monkeypatch.setattr(Protego, "can_fetch", can_fetch)
    assert await judged(b"User-agent: *\nDisallow: /no\n" + b"#" * size)
    assert [thread != threading.get_ident() for thread in threads] == [elsewhere]
