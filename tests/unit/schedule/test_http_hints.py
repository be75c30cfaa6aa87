"""When a publisher wants to be asked again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.http_hints import floor, retry_after, throttled_for

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def date(**ahead: int) -> str:
    return (NOW + timedelta(**ahead)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=3600"}, 3600),
        ({"cache-control": "public, Max-Age = 60 , must-revalidate"}, 60),
        ({"cache-control": 'max-age="60"'}, 60),
        ({"cache-control": "max-age=3600", "age": "600"}, 3000),
        ({"cache-control": "max-age=3600", "age": "soon"}, 3600),
        ({"cache-control": "max-age=600", "expires": date(hours=5)}, 600),
        ({"cache-control": "s-maxage=9000, max-age=60"}, 60),
        ({"cache-control": "public", "expires": date(hours=1), "date": date()}, 3600),
        ({"expires": date(hours=1)}, 3600),
        ({"expires": date(hours=1), "age": "60"}, 3540),
        # The server's clock is a day ahead: what counts is the difference.
        ({"expires": date(days=1, hours=1), "date": date(days=1)}, 3600),
        ({"expires": date(hours=1), "date": "nonsense"}, 3600),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120.5 "}, 120),
        ({"retry-after": date(hours=30)}, 30 * 3600),
        ({"retry-after": "60", "cache-control": "max-age=600"}, 600),
        ({"retry-after": "600", "cache-control": "max-age=60"}, 600),
        ({"retry-after": "600", "cache-control": "no-store"}, 600),
        ({"x-ratelimit-reset": "90"}, 90),
        ({"x-ratelimit-reset": "90", "x-ratelimit-remaining": "0"}, 90),
        ({"x-ratelimit-reset": "90", "x-ratelimit-remaining": "0.0"}, 90),
        ({"x-ratelimit-reset": str(EPOCH + 90)}, 90),
        ({"x-ratelimit-reset": str((EPOCH + 90) * 1000)}, 90),
        ({"ratelimit-reset": "30", "ratelimit-remaining": "0"}, 30),
        ({"ratelimit": '"default";r=0;t=45'}, 45),
        ({"ratelimit": "limit=100, remaining=0, reset=45"}, 45),
        ({"ratelimit": "limit=100; remaining=0; reset=45"}, 45),
        ({"ratelimit": "default;r=0;t=45"}, 45),
        ({"ratelimit": '"burst";r=0;t=5, "day";r=9;t=86400'}, 5),
        ({"ratelimit": '"day";r=9;t=86400,"burst" ; r=0; t=5'.replace('" ;', '";')}, 5),
        ({"ratelimit": '"burst";r=0;t=5, "hour";r=0;t=600, "day";r=9;t=86400'}, 600),
        ({"ratelimit": '"a;t=9, \\"r=0";r=0;t=5;pk=:c2VjcmV0:;x=?1'}, 5),
        (
            {
                "ratelimit": '"burst";r=0, "day";r=9;t=86400',
                "ratelimit-policy": '"burst";q=10;w=60, "day";q=1000;w=86400',
            },
            60,
        ),
        ({"ratelimit": '"day";r=9;t=86400', "x-ratelimit-reset": "90"}, 90),
        ({"ratelimit": f'"hour";r=0;t={EPOCH + 90}'}, 90),
        ({"cache-control": "max-age=31536000"}, 7 * 86400),
        ({"retry-after": "99999999999999999"}, 7 * 86400),
        ({"cache-control": "max-age=604799"}, 604799),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 7 * 86400),
    ],
)
def test_what_is_asked_for_is_the_floor(headers: dict[str, str], seconds: int) -> None:
    assert floor(headers, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cache-control": ""},
        {"cache-control": "no-cache"},
        {"cache-control": "no-store, max-age=3600"},
        {"cache-control": "max-age=3600, no-cache"},
        {"cache-control": 'no-cache="set-cookie", max-age=60'},
        {"cache-control": "no-cache", "expires": date(hours=1)},
        {"cache-control": "max-age=0", "expires": date(hours=1)},
        {"cache-control": "max-age=-5"},
        {"cache-control": "max-age=3600", "age": "4000"},
        {"cache-control": "s-maxage=3600"},
        {"cache-control": "xmax-age=3600"},
        {"expires": "0"},
        {"expires": "-1"},
        {"expires": date(hours=-1)},
        {"expires": "Mon, 99 Foo 2026 25:61:61 GMT"},
        {"retry-after": "soon"},
        {"retry-after": date(hours=-1)},
        {"x-ratelimit-reset": "90", "x-ratelimit-remaining": "55"},
        {"x-ratelimit-reset": str(EPOCH - 90)},
        {"ratelimit": '"default";r=50;t=45'},
        {"ratelimit": "nonsense"},
        {"ratelimit": '"burst";r=3;t=5, "day";r=9;t=86400'},
        {"ratelimit": '"burst";t=5'},
        {"ratelimit": '"burst";r;t=5'},
        {"ratelimit": '"burst";r=0'},
        {"ratelimit": '"burst";r=0;t=-5'},
        {"ratelimit": '("a" "b");r=0;t=5'},
        {"ratelimit-policy": '"burst";q=0;w=60'},
    ],
)
def test_nothing_asked_for_is_no_floor(headers: dict[str, str]) -> None:
    assert floor(headers, NOW) is None


def test_old_date_formats_are_read() -> None:
    for value in ("Sunday, 01-Mar-26 13:00:00 GMT", "Sun Mar  1 13:00:00 2026"):
        assert retry_after({"retry-after": value}, NOW) == timedelta(hours=1)


def test_a_refusal_waits_for_retry_after_then_for_the_quota() -> None:
    quota = {"x-ratelimit-reset": "90"}
    assert throttled_for({**quota, "retry-after": "5"}, NOW) == timedelta(seconds=5)
    assert throttled_for(quota, NOW) == timedelta(seconds=90)
    assert throttled_for({"cache-control": "max-age=60"}, NOW) is None


_NAMES = st.sampled_from(
    [
        "cache-control",
        "expires",
        "date",
        "age",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "ratelimit-reset",
        "x-ratelimit-reset",
        "x-ratelimit-remaining",
    ]
)
# ASCII: to list all letters and digits there are takes a busy machine longer than Hypothesis waits.
_DATE_LIKE = re.compile(r"\w{3}, \d{1,4} \w{3} \d{1,6} \d\d:\d\d:\d\d [-+]?\w{1,5}", re.ASCII)
_VALUES = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.integers(min_value=0).map("max-age={}".format),
    st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.from_regex(_DATE_LIKE, fullmatch=True),
)


@given(st.dictionaries(_NAMES, _VALUES))
def test_any_headers_give_a_time_within_a_week_or_nothing(headers: dict[str, str]) -> None:
    at = floor(headers, NOW)
    assert at is None or NOW < at <= NOW + timedelta(days=7)


_FIELDS = st.one_of(
    st.binary(max_size=80),
    st.lists(
        st.sampled_from(
            [b'"a"', b"*", b";r=0", b";t=", b";w=9", b"5", b"-", b"1.5", b", ", b"(", b")", b"@9999999999999",
             b'%"%ff"', b":YQ=:", b"=", b"\\", b'"', b"\xff", b"?1", b"999999999999999"]
        )
    ).map(b"".join),
)  # fmt: skip


@given(_FIELDS, _FIELDS)
def test_any_bytes_of_the_rate_limit_fields_give_a_wait_or_none(
    field: bytes, policy: bytes
) -> None:
    for encoding, errors in (("utf-8", "surrogateescape"), ("latin-1", "strict")):
        headers = {
            "ratelimit": field.decode(encoding, errors),
            "ratelimit-policy": policy.decode(encoding, errors),
        }
        wait = throttled_for(headers, NOW)
        assert wait is None or timedelta(0) <= wait <= timedelta(days=14)
