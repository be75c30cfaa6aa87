"""Who turns us away: when a whole host is left alone, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.errors import Gone, HttpStatus, Throttled
from aggregator.fetch.politeness.cooldown import FIRST, LONGEST, Refusals
from aggregator.model import RequestKind

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
URL = "https://a.example/feed"
HOST = "a.example"
FORBIDDEN = HttpStatus(URL, 403)
CHALLENGE = HttpStatus(URL, 503, {"cf-mitigated": "Challenge "})


def after(*errors: HttpStatus, kind: RequestKind = RequestKind.FEED) -> list[float | None]:
    refusals = Refusals()
    return [refusals.cooldown_after(HOST, kind, error, NOW) for error in errors]


def test_a_second_403_in_a_row_is_a_throttle_and_more_are_a_longer_one() -> None:
    rests = after(*[FORBIDDEN] * 30)
    assert rests[:4] == [None, FIRST, 2 * FIRST, 4 * FIRST]
    assert rests[-1] == LONGEST


@pytest.mark.parametrize("between", [HttpStatus(URL, 404), HttpStatus(URL, 500), Gone(URL, 410)])
def test_another_error_in_between_ends_the_row(between: HttpStatus) -> None:
    assert after(FORBIDDEN, between, FORBIDDEN) == [None, None, None]


def test_a_document_in_between_ends_the_row() -> None:
    refusals = Refusals()
    refusals.cooldown_after(HOST, RequestKind.FEED, FORBIDDEN, NOW)
    refusals.answered(HOST, RequestKind.FEED)
    assert refusals.cooldown_after(HOST, RequestKind.FEED, FORBIDDEN, NOW) is None


def test_pages_and_other_hosts_neither_count_nor_end_it() -> None:
    assert after(FORBIDDEN, FORBIDDEN, kind=RequestKind.PAGE) == [None, None]
    refusals = Refusals()
    refusals.cooldown_after(HOST, RequestKind.FEED, FORBIDDEN, NOW)
    refusals.answered(HOST, RequestKind.PAGE)
    assert refusals.cooldown_after("b.example", RequestKind.FEED, FORBIDDEN, NOW) is None
    assert refusals.cooldown_after(HOST, RequestKind.FEED, FORBIDDEN, NOW) == FIRST


@pytest.mark.parametrize("kind", [RequestKind.FEED, RequestKind.PAGE])
def test_a_challenge_is_a_throttle_at_once(kind: RequestKind) -> None:
    assert after(CHALLENGE, CHALLENGE, CHALLENGE, kind=kind) == [FIRST, FIRST, 2 * FIRST]


def test_what_the_answer_itself_says_is_obeyed() -> None:
    told = HttpStatus(URL, 403, {"retry-after": "7200"})
    assert after(told) == [7200]
    assert after(FORBIDDEN, HttpStatus(URL, 403, {"retry-after": "1"})) == [None, FIRST]
    assert after(Throttled(URL, 429, {"retry-after": "7"}), Throttled(URL, 429)) == [7, FIRST]


def test_memory_is_bounded() -> None:
    refusals = Refusals()
    for number in range(10_010):
        refusals.cooldown_after(f"{number}.example", RequestKind.FEED, FORBIDDEN, NOW)
    assert len(refusals) == 10_000
    assert refusals.cooldown_after("10009.example", RequestKind.FEED, FORBIDDEN, NOW) == FIRST
    assert refusals.cooldown_after("1.example", RequestKind.FEED, FORBIDDEN, NOW) is None
