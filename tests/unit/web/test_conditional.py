"""Conditional requests and content codings, case by case (RFC 9110)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Coding, Rendered
from aggregator.web.conditional import (
    Choice,
    acceptable_codings,
    choose,
    etag_of,
    none_match_fails,
    unmodified_since,
)

BROTLI, ZSTD, GZIP, IDENTITY = Coding
MODIFIED = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
RENDERED = Rendered("all", "atom", "application/atom+xml", b"body", b"gzip", '"abc"', MODIFIED)
SAME = "Mon, 23 Nov 2026 18:00:05 GMT"
EARLIER = "Mon, 23 Nov 2026 18:00:04 GMT"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x" , W/"abc","y"', True),
        ("*", True),
        (" * ", True),
        ('"a,b", "abc"', True),
        ('"abcd"', False),
        ('"ABC"', False),
        ("abc", False),
        ('"x", *', False),
        ('"a,"abc",b"', False),
        ("", False),
        ('"', False),
        ('w/"abc"x', True),  # whatever is a tag counts, in a header that is no list of tags
    ],
)
def test_if_none_match(header: str, *, expected: bool) -> None:
    assert none_match_fails(header, '"abc"') is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (SAME, True),
        ("Mon, 23 Nov 2026 18:00:06 GMT", True),
        (EARLIER, False),
        ("Monday, 23-Nov-26 18:00:05 GMT", True),  # RFC 850
        ("Mon Nov 23 18:00:05 2026", True),  # asctime
        ("Mon, 23 Nov 2026 18:00:05 -0000", True),
        ("Mon, 23 Nov 2026 19:00:04 +0100", False),
        ("", False),
        ("yesterday", False),
        ("2026-11-23T18:00:05Z", False),
        ("Mon, 99 Nov 2026 18:00:05 GMT", False),
        ("Mon, 23 Nov 99999999999999 18:00:05 GMT", False),
    ],
)
def test_if_modified_since(header: str, *, expected: bool) -> None:
    assert unmodified_since(header, MODIFIED) is expected


def test_fractions_of_a_second_do_not_count() -> None:
    assert unmodified_since(SAME, MODIFIED.replace(microsecond=999_999))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (IDENTITY,)),
        ("", (IDENTITY,)),
        ("gzip", (GZIP, IDENTITY)),
        ("x-gzip", (GZIP, IDENTITY)),
        ("GZip, deflate, br", (GZIP, IDENTITY)),
        ("gzip;q=0.5", (GZIP, IDENTITY)),
        ("gzip ; q=0.5 , identity;q=1", (IDENTITY, GZIP)),
        ("gzip;q=1.0, identity; q=0.5", (GZIP, IDENTITY)),
        ("gzip;q=0", (IDENTITY,)),
        ("gzip;q=0.000, *", (IDENTITY,)),
        ("*", (GZIP, IDENTITY)),
        ("*;q=0", (IDENTITY,)),
        ("gzip, *;q=0", (GZIP,)),
        ("gzip, identity;q=0", (GZIP,)),
        ("identity;q=0", (IDENTITY,)),
        ("br, zstd", (IDENTITY,)),
        ("gzip;q=banana", (IDENTITY,)),
        ("gzip;q=2", (IDENTITY,)),
        (",,;q=1,", (IDENTITY,)),
    ],
)
def test_accept_encoding(header: str | None, expected: tuple[str, ...]) -> None:
    assert acceptable_codings(header, (GZIP, IDENTITY)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip, deflate, br, zstd", (BROTLI, ZSTD, GZIP, IDENTITY)),
        ("zstd;q=0.9, br;q=0.8, gzip", (GZIP, ZSTD, BROTLI, IDENTITY)),
        ("gzip, br", (BROTLI, GZIP, IDENTITY)),
        ("br, zstd;q=0", (BROTLI, IDENTITY)),
        ("*", (GZIP, BROTLI, ZSTD, IDENTITY)),
        ("br;q=0, *;q=0.5", (GZIP, ZSTD, IDENTITY)),
        ("zstd, *;q=0", (ZSTD,)),
        ("br, identity;q=0", (BROTLI,)),
        ("identity, br;q=0.5", (IDENTITY, BROTLI)),
        ("deflate, compress", (IDENTITY,)),
        ("identity;q=0", (IDENTITY,)),
    ],
)
def test_accept_encoding_of_all_that_is_made(header: str, expected: tuple[Coding, ...]) -> None:
    assert acceptable_codings(header) == expected


def test_the_tag_of_each_variant_that_a_client_takes_is_confirmed() -> None:
    made = replace(RENDERED, brotli=b"br", zstd=b"zstd")
    for coding in made.codings:
        etag = etag_of(made, coding)
        choice = choose(
            made,
            if_none_match=f'"other", W/{etag}',
            if_modified_since=None,
            accept_encoding="gzip, br, zstd",
        )
        assert choice == Choice(coding, etag, not_modified=True)
    assert len({etag_of(made, one) for one in made.codings}) == 4


@pytest.mark.parametrize(
    ("none_match", "since", "accept", "expected"),
    [
        pytest.param(None, None, None, (IDENTITY, '"abc"', False), id="plain"),
        pytest.param(None, None, "gzip", (GZIP, '"abc-gzip"', False), id="compressed"),
        pytest.param('"abc"', None, None, (IDENTITY, '"abc"', True), id="holds plain"),
        pytest.param('"abc-gzip"', None, "gzip", (GZIP, '"abc-gzip"', True), id="holds gzip"),
        pytest.param(
            '"abc"', None, "gzip", (IDENTITY, '"abc"', True), id="holds plain, wants gzip"
        ),
        pytest.param(
            '"abc-gzip"', None, None, (IDENTITY, '"abc"', False), id="holds gzip, cannot have it"
        ),
        pytest.param(
            '"abc"', None, "gzip, *;q=0", (GZIP, '"abc-gzip"', False), id="holds plain, refuses it"
        ),
        pytest.param('W/"abc-gzip"', None, "gzip", (GZIP, '"abc-gzip"', True), id="weakened"),
        pytest.param("*", None, "gzip", (GZIP, '"abc-gzip"', True), id="star"),
        pytest.param('"old"', None, "gzip", (GZIP, '"abc-gzip"', False), id="old tag"),
        pytest.param('"old"', SAME, None, (IDENTITY, '"abc"', False), id="the tag decides"),
        pytest.param('"abc"', EARLIER, None, (IDENTITY, '"abc"', True), id="the tag decides, too"),
        pytest.param(None, SAME, "gzip", (GZIP, '"abc-gzip"', True), id="date"),
        pytest.param(None, EARLIER, None, (IDENTITY, '"abc"', False), id="old date"),
        pytest.param(None, "nonsense", None, (IDENTITY, '"abc"', False), id="no date"),
    ],
)
def test_choose(
    none_match: str | None, since: str | None, accept: str | None, expected: tuple[str, str, bool]
) -> None:
    choice = choose(
        RENDERED, if_none_match=none_match, if_modified_since=since, accept_encoding=accept
    )
    assert (choice.coding, choice.etag, choice.not_modified) == expected


header_text = (
    st.none() | st.text('gzip"abcW/*;q=01.,- GMT:identy', max_size=40) | st.text(max_size=40)
)


@given(header_text, header_text, header_text)
def test_any_header_gets_an_answer(
    none_match: str | None, since: str | None, accept: str | None
) -> None:
    choice = choose(
        RENDERED, if_none_match=none_match, if_modified_since=since, accept_encoding=accept
    )
    assert (choice.coding, choice.etag) in {(IDENTITY, '"abc"'), (GZIP, '"abc-gzip"')}
